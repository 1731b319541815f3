"""Which version of a metric counts for which period."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from hedef.definitions.engine import choose
from hedef.definitions.queries import Version, list_in_force, versions
from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound
from hedef.kernel.issue import Issue
from hedef.metrics.engine.scans import Measure, measure_of
from hedef.metrics.schema import MetricDocument

KIND = "metric"
type Read = Callable[[str], list[Version]]


@dataclass(frozen=True)
class Recipe:
    """A metric of one version with the sums it is made of: one, or numerator and denominator of a ratio."""

    version: Version
    document: MetricDocument
    parts: tuple[MetricDocument, ...]
    measures: tuple[Measure, ...]
    part_versions: tuple[Version, ...] = ()


def metrics_in_force(day: date | None = None, *, known_no: int | None = None) -> list[Version]:
    """The version in force of every metric on a day (none: the home's today), by id."""
    return list_in_force(KIND, day=day, known_no=known_no)


def metric_in_force(metric: str, *, day: date, known_no: int | None = None) -> Version:
    """The version of a metric in force on a day. NotFound with the known ids otherwise."""
    return _in_force(metric, day, known_no, lambda name: versions(KIND, name, known_no=known_no))


def recipes(metric: str, periods: Sequence[Period], *, known_no: int | None = None) -> list[Recipe]:
    """The recipe for each period: by the versions in force on its last day. Each document is read once."""
    read = cache(lambda name: versions(KIND, name, known_no=known_no))
    return [_recipe(metric, period.end, known_no, read) for period in periods]


def definition_issues(found: Sequence[Recipe]) -> list[Issue]:
    """`definition_changed` when periods of one question are computed by different versions."""
    spelled = list(dict.fromkeys(one.version.reference for one in found))
    if len(spelled) < 2:
        return []
    message = f"The periods are computed by {' and '.join(spelled)}: they may not mean the same."
    return [Issue("definition_changed", "warning", message, object=spelled[-1])]


def _recipe(metric: str, day: date, known_no: int | None, read: Read) -> Recipe:
    version = _in_force(metric, day, known_no, read)
    document: MetricDocument = version.document
    if document.calc != "ratio":
        return Recipe(version, document, (document,), (measure_of(document),))
    names = (document.numerator or "", document.denominator or "")
    part_versions = tuple(_in_force(name, day, known_no, read) for name in names)
    parts = tuple(one.document for one in part_versions)
    credit = document.credit if "credit" in document.model_fields_set else None
    measures = tuple(measure_of(part, credit) for part in parts)
    return Recipe(version, document, parts, measures, part_versions)


def _in_force(metric: str, day: date, known_no: int | None, read: Read) -> Version:
    found = choose(read(metric), day)
    if found is None:
        known = ", ".join(one.id for one in list_in_force(KIND, day=day, known_no=known_no))
        raise NotFound(f'There is no metric "{metric}" in force on {day}.', hint=f"Known: {known or 'none'}.")
    return found
