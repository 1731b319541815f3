"""Checks of metric documents with their cases: of the library, of the versions in force, or of a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hedef.facts.queries import calendar
from hedef.kernel.errors import WrongUse
from hedef.kernel.issue import Issue
from hedef.metrics.engine.cases import Case, own_cases, run_cases
from hedef.metrics.engine.checks import check_metric
from hedef.metrics.queries.documents import metric_in_force, metrics_in_force
from hedef.metrics.schema import MetricDocument
from hedef.metrics.shipped import read_cases, read_metric, shipped_cases, shipped_metrics


@dataclass(frozen=True)
class Checked:
    """What the check of one document found, and how many cases ran."""

    document: MetricDocument
    cases: int
    issues: tuple[Issue, ...]


def check_file(path: Path, *, day: date) -> Checked:
    """Rules and cases of a document in a file, its cases in the file that it names beside it."""
    if not path.is_file():
        raise WrongUse(f"There is no file {path}.")
    document = read_metric(path.read_text(encoding="utf-8"), path.name)
    others = {one.id: one.document for one in metrics_in_force(day)}
    cases = own_cases(document) or (read_cases(path.parent / document.cases_file) if document.cases_file else [])
    return _checked(document, others, cases)


def check_metrics(name: str | None = None, *, day: date) -> list[Checked]:
    """Rules and cases of every metric in force on a day, or of one; cases are known of the library's own versions."""
    found = metrics_in_force(day) if name is None else [metric_in_force(name, day=day)]
    others = {one.id: one.document for one in metrics_in_force(day)}
    return [_checked(one.document, others, _library_cases(one.document)) for one in found]


def _library_cases(document: MetricDocument) -> list[Case] | None:
    """Cases of a version that ships with Hedef or that carries them; none where they stand beside a file elsewhere."""
    if (own := own_cases(document)) is not None:
        return own
    shipped = shipped_metrics().get(document.id)
    same = shipped is not None and shipped.model_copy(update={"version": document.version}) == document
    return shipped_cases(document) if same else None


def _checked(document: MetricDocument, others: Mapping[str, MetricDocument], cases: list[Case] | None) -> Checked:
    issues = check_metric(document, others, cases)
    if cases and not any(issue.level == "error" for issue in issues):
        issues += run_cases(document, others, cases, calendar())
    return Checked(document, len(cases or ()), tuple(issues))
