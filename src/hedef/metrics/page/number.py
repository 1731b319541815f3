"""One metric for a page: its number, what it was before, its level by team or person, its course."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.kernel.calendar import Calendar, NoPeriod, Period
from hedef.kernel.errors import NotFound
from hedef.kernel.issue import Issue
from hedef.kernel.trust import Trust
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.show import week_issues
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.reasons import address, scope_name, why_url
from hedef.metrics.page.shown import Figure, figure_of
from hedef.metrics.queries import Evaluation, Setting, evaluate, scope_names, setting
from hedef.metrics.queries.documents import Recipe
from hedef.metrics.queries.evaluate import scope_key
from hedef.metrics.queries.show import compared_periods, definition_day, fingerprint, parent_cell, target_cell

COURSE = 12  # periods of the line


@dataclass(frozen=True, slots=True)
class Compared:
    """What the number is compared with (one of KNOWN), and the difference; of shares in points."""

    how: str
    period: str
    figure: Figure
    difference: Figure
    relative: Fraction | None
    url: str
    issues: tuple[Issue, ...] = ()


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
    definition: str
    changed: bool  # whether versions of the definition differ between the periods
    few: bool


FEW = 10  # below it a rate is grey and not ranked (visibility: drill)


def number(asked: Asked, *, level: str, definition: str = "own") -> Number:
    """The number of the asked scope; `definition` as `metrics.queries.show` takes it. NotFound for a metric or scope
    that is not there, or not for this viewer."""
    here = setting(as_of=asked.call.as_of_us, known_at=asked.call.known_no, currency=asked.currency, pinned=asked.pin)
    course, beside = _course(asked), _beside(asked)
    found = evaluate(
        asked.metric,
        periods=[asked.period, *beside.values(), *course],
        as_of=asked.call.as_of_us,
        by=scope_key(asked.scope, asked.by)[0],
        scopes=[asked.scope],
        known_at=asked.call.known_no,
        scope=asked.call.scope,
        at=here,
        defined_on=definition_day(definition, [asked.period, *beside.values()]),
    )
    if not found.cells:
        said = _("There is no number of “%(scope)s” for you.") % {"scope": asked.scope}
        raise NotFound(said, hint=_("Open your own line or a team that you lead."))
    cell, line = found.cells[0], found.cells[len(beside) + 1 :]
    return Number(
        recipe=_recipe_of(found, cell),
        cell=cell,
        figure=figure_of(cell.value, cell.unit, cell.currency),
        name=scope_name(asked.scope, scope_names([asked.scope])),
        compared=tuple(_all_compared(asked, found, dict(zip(beside, found.cells[1:], strict=False)))),
        course=tuple(figure_of(one.value, one.unit, one.currency).value for one in line),
        course_from=course[0].id,
        rows=_level(asked, here, level),
        level=level,
        issues=(*cell.issues, *found.issues),
        trust=found.trust,
        fingerprint=_fingerprint(found, cell),
        known_no=here.pin.known_no,
        definition=definition,
        changed=bool(found.issues) or definition != "own",
        few=cell.interval is not None and Fraction(cell.n) < FEW,
    )


def _recipe_of(found: Evaluation, cell: Cell) -> Recipe:
    return next(one for one in found.recipes if (one.document.id, one.version.version) == (cell.metric, cell.version))


def runs(asked: Asked) -> bool:
    """Whether the asked period is not over: what it holds so far is no match for a whole one before."""
    return asked.until is None and asked.call.as_of < asked.whole.end


def _beside(asked: Asked) -> dict[str, Period]:
    """The periods that the number is compared with, by how; the same days only while the period runs."""
    wanted = ("previous", "year_before", "same_days") if runs(asked) else ("previous", "year_before")
    found = compared_periods(asked.whole, wanted, as_of=asked.call.as_of)[1:]
    return {how: one for how, one in zip(wanted, found, strict=True) if one is not None}


def _all_compared(asked: Asked, found: Evaluation, others: dict[str, Cell]) -> Iterator[Compared]:
    cell = found.cells[0]
    for how, other in others.items():
        yield _compared(asked, cell, other, how)
    above = parent_cell(found, cell, asked.call.scope)
    if above is not None:
        yield _compared(asked, cell, above, "parent")
    target = target_cell(found, cell)
    if target.value is not None:
        yield _compared(asked, cell, target, "target")


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


def before(calendar: Calendar, period: Period) -> Period | None:
    """The period just before; none where the calendar begins."""
    return next(iter(_known(calendar.previous, of=period)), None)


def difference_of(cell: Cell, other: Cell | None) -> tuple[Fraction | None, Fraction | None]:
    """Difference and relative difference to another cell; a ratio has points only, a base of none or 0 no per cent."""
    if other is None or cell.value is None or other.value is None:
        return None, None
    difference = Fraction(cell.value) - Fraction(other.value)
    if not other.value or cell.unit == "ratio":
        return difference, None
    return difference, difference / abs(Fraction(other.value))


def _compared(asked: Asked, cell: Cell, other: Cell, how: str) -> Compared:
    difference, relative = difference_of(cell, other)
    query = {**asked.query, "period": other.period.id, "until": "", "scope": other.scope}
    if how == "same_days":
        query |= {"period": asked.calendar.previous(asked.whole).id, "until": other.period.end.isoformat()}
    return Compared(
        how=how,
        period=other.period.id,
        figure=figure_of(other.value, other.unit, other.currency),
        difference=figure_of(difference, cell.unit, cell.currency),
        relative=relative,
        url="" if how == "target" else address(f"/metrics/{asked.metric}/", **query),
        issues=week_issues(cell.period, other.period),
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
