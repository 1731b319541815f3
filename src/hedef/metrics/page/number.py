"""One metric for a page: its number, what it was before, its level by team or person, its course."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.kernel.calendar import NoPeriod, Period
from hedef.kernel.errors import NotFound
from hedef.kernel.issue import Issue
from hedef.kernel.trust import Trust
from hedef.metrics.engine.cells import Cell
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.reasons import address, scope_name, why_url
from hedef.metrics.page.shown import Figure, figure_of
from hedef.metrics.queries import Evaluation, Setting, evaluate, scope_names, setting
from hedef.metrics.queries.documents import Recipe
from hedef.metrics.queries.evaluate import scope_key
from hedef.metrics.queries.show import fingerprint

COURSE = 12  # periods of the line


@dataclass(frozen=True, slots=True)
class Compared:
    """The number of another period, and the difference; of shares in points."""

    period: str
    figure: Figure
    difference: Figure
    relative: Fraction | None
    url: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One team or person."""

    scope: str
    name: str
    figure: Figure
    before: Figure
    n: int | Fraction
    low: Fraction | None
    high: Fraction | None
    few: bool
    url: str


@dataclass(frozen=True)
class Number:
    """Everything that the page of a metric shows."""

    recipe: Recipe
    cell: Cell
    figure: Figure
    name: str
    compared: tuple[Compared, ...]
    course: tuple[Fraction | None, ...]
    course_from: str
    rows: tuple[LevelRow, ...]
    level: str
    issues: tuple[Issue, ...]
    trust: Trust
    fingerprint: str
    known_no: int


FEW = 10  # below it a rate is grey and not ranked (visibility: drill)


def number(asked: Asked, *, level: str) -> Number:
    """The number of the asked scope. NotFound for a metric or scope that is not there, or not for this viewer."""
    here = setting(as_of=asked.call.as_of_us, known_at=asked.call.known_no, currency=asked.currency, pinned=asked.pin)
    calendar = asked.calendar
    course = _course(asked)
    others = _known(calendar.previous, calendar.year_before, of=asked.whole)
    found = evaluate(
        asked.metric,
        periods=[asked.period, *others, *course],
        as_of=asked.call.as_of_us,
        by=scope_key(asked.scope, asked.by)[0],
        scopes=[asked.scope],
        known_at=asked.call.known_no,
        scope=asked.call.scope,
        at=here,
    )
    if not found.cells:
        said = _("There is no number of “%(scope)s” for you.") % {"scope": asked.scope}
        raise NotFound(said, hint=_("Open your own line or a team that you lead."))
    cell = found.cells[0]
    return Number(
        recipe=found.recipes[0],
        cell=cell,
        figure=figure_of(cell.value, cell.unit, cell.currency),
        name=scope_name(asked.scope, scope_names([asked.scope])),
        compared=tuple(_compared(asked, cell, other) for other in found.cells[1 : len(others) + 1]),
        course=tuple(figure_of(one.value, one.unit, one.currency).value for one in found.cells[len(others) + 1 :]),
        course_from=course[0].id,
        rows=_level(asked, here, level),
        level=level,
        issues=(*cell.issues, *found.issues),
        trust=found.trust,
        fingerprint=_fingerprint(found, cell),
        known_no=here.pin.known_no,
    )


def _fingerprint(found: Evaluation, cell: Cell) -> str:
    return fingerprint(Evaluation((cell,), found.setting, found.trust, found.recipes))


def _course(asked: Asked) -> list[Period]:
    found = [asked.whole]
    while len(found) < COURSE and (before := _known(asked.calendar.previous, of=found[0])):
        found = before + found
    return found


def _known(*ways: Callable[[Period], Period], of: Period) -> list[Period]:
    """The periods that the calendar has; a table begins somewhere, and a changed calendar has no year before."""
    found = []
    for way in ways:
        with suppress(NoPeriod):
            found.append(way(of))
    return found


def _compared(asked: Asked, cell: Cell, other: Cell) -> Compared:
    both = cell.value is not None and other.value is not None
    difference = Fraction(cell.value or 0) - Fraction(other.value or 0) if both else None
    relative = None
    if difference is not None and other.value and cell.unit != "ratio":
        relative = difference / abs(Fraction(other.value))
    query = {**asked.query, "period": other.period.id, "until": ""}
    return Compared(
        period=other.period.id,
        figure=figure_of(other.value, other.unit, other.currency),
        difference=figure_of(difference, cell.unit, cell.currency),
        relative=relative,
        url=address(f"/metrics/{asked.metric}/", **query),
    )


def _level(asked: Asked, here: Setting, level: str) -> tuple[LevelRow, ...]:
    """Every team (or person) that the viewer sees, in their order; people without any row are left out."""
    found = evaluate(
        asked.metric,
        periods=[asked.period, asked.calendar.previous(asked.whole)],
        as_of=asked.call.as_of_us,
        by=level,
        known_at=asked.call.known_no,
        scope=asked.call.scope,
        at=here,
    )
    pairs = [(found.cells[place], found.cells[place + 1]) for place in range(0, len(found.cells), 2)]
    pairs = [pair for pair in pairs if level == "team" or any(one.n for one in pair)]
    names = scope_names([cell.scope for cell, _ in pairs])
    return tuple(_row(asked, level, names, cell, before) for cell, before in pairs)


def _row(asked: Asked, level: str, names: dict[str, str], cell: Cell, before: Cell) -> LevelRow:
    by = level if cell.scope == "unassigned" else ""
    query = {**asked.query, "scope": cell.scope, "by": by}
    return LevelRow(
        scope=cell.scope,
        name=scope_name(cell.scope, names),
        figure=figure_of(cell.value, cell.unit, cell.currency),
        before=figure_of(before.value, before.unit, before.currency),
        n=cell.n,
        low=cell.interval.low if cell.interval else None,
        high=cell.interval.high if cell.interval else None,
        few=cell.interval is not None and Fraction(cell.n) < FEW,
        url=why_url(asked.metric, **query),
    )
