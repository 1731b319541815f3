"""Lines of a plan's version as the ledger holds them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Count, Sum

from hedef.definitions import queries as definitions
from hedef.definitions.queries import Version
from hedef.kernel.calendar import Calendar, Period, PeriodKind
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.lines import LONGER, Book
from hedef.targets.engine.rollup import person_scope, team_scope
from hedef.targets.models import TargetLine

KIND = "target-plan"
_COLUMNS = ("entity", "scope_kind", "team", "person", "period", "value", "origin", "parent", "floor", "stretch")


def scope_of(kind: str | None, team: int | None, person: int | None) -> str:
    """`company`, `team:T-2` or `person:P-17`."""
    if kind == "team" and team is not None:
        return team_scope(team)
    if kind == "person" and person is not None:
        return person_scope(person)
    return "company"


def _of(plan: str, version: int) -> Any:
    return TargetLine.objects.filter(plan=plan, plan_version=version, ended_us__isnull=True)


def holder(plan: str, version: int) -> int:
    """The version whose written lines a version has: its own, else those that its document names by their digest
    (an undo), else those of the approved version before it (a changed document keeps its lines)."""
    if _of(plan, version).exists():
        return version
    known = {one.version: one for one in definitions.versions(KIND, plan)}
    named = known[version].body.get("lines") if version in known else None
    others = [one for one in reversed(known.values()) if one.version != version and _of(plan, one.version).exists()]
    same = [one for one in others if named is not None and one.body.get("lines") == named]
    before = [one for one in others if named is None and one.approver and one.version < version]
    return next((one.version for one in (*same, *before)), version)


def line_rows(plan: str, version: int) -> list[dict[str, Any]]:
    """Every line of a version: the columns of the record and `scope`, in the order in which they were written."""
    rows = _of(plan, holder(plan, version)).order_by("entity")
    return [{**row, "scope": scope_of(row["scope_kind"], row["team"], row["person"])} for row in rows.values(*_COLUMNS)]


def sums_by_level(plan: str, version: int) -> list[tuple[str, str, int, int]]:
    """Period, level (company, team, person), sum of the values and number of lines, in the order of their names."""
    rows = _of(plan, holder(plan, version)).values_list("period", "scope_kind")
    found = rows.annotate(total=Sum("value"), lines=Count("pk")).order_by("period", "scope_kind")
    return sorted((period, kind or "company", int(total), lines) for period, kind, total, lines in found)


def given_lines(plan: str, version: int) -> list[GivenLine]:
    """The lines of a version as they can be carried into the next one."""
    rows = line_rows(plan, version)
    keys = {row["entity"]: (row["scope"], row["period"]) for row in rows}
    return [
        GivenLine(
            scope=row["scope"],
            period=row["period"],
            value=row["value"],
            origin=row["origin"],
            parent=keys.get(row["parent"]),
            floor=row["floor"],
            stretch=row["stretch"],
        )
        for row in rows
    ]


def related_periods(period: Period, calendar: Calendar) -> list[Period]:
    """The period itself, those around it, and those inside it: all whose lines can make its target."""
    found = [period]
    for kind in LONGER.get(period.kind, ()):
        around = [calendar.period_of(day, kind) for day in (period.start, period.end)]
        found += around
    for kind in _SHORT:
        if kind != period.kind and _shorter(kind, period.kind):
            found += calendar.parts(period, kind)
    return list({(one.start, one.end, one.id): one for one in found}.values())


_SHORT: tuple[PeriodKind, ...] = ("half", "quarter", "month", "fiscal_month", "week")


def _shorter(kind: str, than: str) -> bool:
    return kind not in LONGER or than in LONGER[kind]


def books(plan: str, version: int, periods: Iterable[Period]) -> tuple[dict[str, Book], dict[str, Any]]:
    """Lines of these periods: scope -> first and last day -> value; and scope -> floor and stretch of the same."""
    spans = {one.id: (one.start, one.end) for one in periods}
    lines = _of(plan, holder(plan, version)).filter(period__in=list(spans))
    rows = lines.values_list("scope_kind", "team", "person", "period", "value", "floor", "stretch")
    found: dict[str, dict[Any, int]] = {}
    bounds: dict[str, Any] = {}
    for kind, team, person, period, value, floor, stretch in rows:
        scope = scope_of(kind, team, person)
        found.setdefault(scope, {})[spans[period]] = value
        if floor is not None or stretch is not None:
            bounds[scope] = (floor, stretch)
    return dict(found), bounds


def kept_books(version: Version, periods: tuple[Period, ...]) -> tuple[dict[str, Book], dict[str, Any]]:
    """As `books`, kept for the next board: the lines of an approved version never change, and its hash names them."""
    at = holder(version.id, version.version)
    kept = version.hash if at == version.version else definitions.get(KIND, version.id, at).hash
    found: tuple[dict[str, Book], dict[str, Any]] = _kept_books(kept, version.id, at, periods)
    return found


@lru_cache(maxsize=16)
def _kept_books(_hash: str, plan: str, version: int, periods: tuple[Period, ...]) -> Any:
    return books(plan, version, periods)


def periods_with_lines(plan: str, version: int) -> Sequence[str]:
    """Names of the periods that have lines."""
    names = _of(plan, holder(plan, version)).order_by("period").values_list("period", flat=True)
    return list(names.distinct())


def has_lines(plan: str, version: int, periods: Iterable[str]) -> bool:
    """Whether one of the periods has a line."""
    return bool(_of(plan, holder(plan, version)).filter(period__in=list(periods)).exists())


def line_entities(plan: str, version: int) -> list[int]:
    """Numbers of the lines that were written for this very version."""
    return list(_of(plan, version).order_by("entity").values_list("entity", flat=True))
