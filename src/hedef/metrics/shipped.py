"""The metrics that ship with Hedef: documents, their cases, and the questions that need more than one table."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from hedef.kernel.definition import validate
from hedef.kernel.errors import InvalidDocument
from hedef.kernel.yaml_source import read_yaml
from hedef.metrics.engine.cases import Case
from hedef.metrics.engine.tables import TABLES
from hedef.metrics.schema import MetricDocument

LIBRARY = Path(str(files("hedef.metrics"))) / "library"
_SQL = files("hedef.metrics") / "sql"


@cache
def shipped_metrics() -> Mapping[str, MetricDocument]:
    """Version 1 of every metric of the library, by id. InvalidDocument names file, line and column."""
    found = {}
    for file in sorted(LIBRARY.glob("*.yaml")):
        if not file.name.endswith(".cases.yaml"):
            document = read_metric(file.read_text(encoding="utf-8"), file.name)
            found[document.id] = document
    return found


def read_metric(text: str, file: str) -> MetricDocument:
    """A metric document from its YAML text."""
    data, locate = read_yaml(text, file)
    document, issues = validate(MetricDocument, data, locate, file)
    if document is None:
        raise InvalidDocument(f"{file} is no metric document.", issues=issues)
    return document


def read_cases(file: Path) -> list[Case]:
    """The cases of a document from the file beside it; an empty list where there is none."""
    if not file.is_file():
        return []
    data, _ = read_yaml(file.read_text(encoding="utf-8"), file.name)
    return [Case.model_validate(case) for case in data or []]


def shipped_cases(document: MetricDocument) -> list[Case]:
    """The cases of a metric of the library."""
    return read_cases(LIBRARY / (document.cases_file or f"{document.id}.cases.yaml"))


@cache
def questions() -> Mapping[str, str]:
    """SQL text of every table of the metrics room, by its name."""
    return {name: (_SQL / f"{name}.sql").read_text(encoding="utf-8") for name, table in TABLES.items() if table.file}
