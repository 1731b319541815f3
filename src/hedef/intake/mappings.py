"""Mapping documents from files."""

from pathlib import Path

from pydantic import ValidationError

from hedef.intake.schema import Mapping
from hedef.kernel.errors import InvalidDocument, NotFound
from hedef.kernel.issue import Issue, Source
from hedef.kernel.yaml_source import read_yaml


def read_mapping(path: Path | str) -> Mapping:
    """A mapping in YAML. NotFound, or InvalidDocument with every fault and its place."""
    file = Path(path)
    if not file.is_file():
        raise NotFound(f"There is no mapping file {file}.", hint="--mapping takes the path of a YAML file.")
    data, locate = read_yaml(file.read_text(encoding="utf-8"), file.name)
    try:
        return Mapping.model_validate(data)
    except ValidationError as fault:
        issues = []
        for error in fault.errors(include_url=False):
            line, _ = locate(tuple(error["loc"]))
            place = " / ".join(str(part) for part in error["loc"])
            issues.append(Issue("invalid_value", "error", f"{place}: {error['msg']}", Source(file.name, line, place)))
        raise InvalidDocument(f"{file.name} is no mapping that can be used.", issues=issues) from fault
