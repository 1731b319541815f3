"""The list of all metrics: this period beside the one before, their course, and what is not measured yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound
from hedef.kernel.issue import Issue
from hedef.kernel.trust import Trust
from hedef.metrics.engine.cells import Cell
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.groups import GROUPS, Group, group_of
from hedef.metrics.page.number import FEW, before, difference_of, runs
from hedef.metrics.page.reasons import address, why_url
from hedef.metrics.page.shown import Figure, figure_of, in_words
from hedef.metrics.queries import Setting, evaluate, metrics_in_force, setting
from hedef.metrics.queries.documents import Recipe
from hedef.metrics.queries.evaluate import scope_key, unpublished
from hedef.metrics.queries.show import compared_periods

COURSE = 6  # periods of a line, the shown one included where it is over

Tone = Literal["better", "worse", "same", ""]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One metric: its number, the difference to the period before (to the same days of it while the shown one runs),
    and its course, oldest first: a period that runs is no point of it."""

    id: str
    name: str
    version: int
    direction: str
    figure: Figure
    n: int | Fraction
    few: bool
    difference: Figure
    relative: Fraction | None
    tone: Tone
    course: tuple[Fraction | None, ...]
    issues: tuple[Issue, ...]
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A metric whose facts nobody publishes in this home; `needs` maps tables to rooms."""

    id: str
    name: str
    tables: tuple[str, ...]
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its rows."""

    group: Group
    rows: tuple[ListRow, ...]


@dataclass(frozen=True)
class Listing:
    """Everything that the list shows."""

    sections: tuple[Section, ...]
    unmeasured: tuple[Unmeasured, ...]
    trust: Trust
    setting: Setting
    count: int


def listing(asked: Asked, *, course: bool) -> Listing:
    """All metrics in force on the period's last day for one scope, from one evaluation. Every period is computed by the
    versions of that day. `course` adds the periods of the lines. NotFound for a scope that the viewer may not see."""
    here = setting(as_of=asked.call.as_of_us, known_at=asked.call.known_no, currency=asked.currency, pinned=asked.pin)
    beside = _beside(asked)
    course_of = _periods(asked, COURSE if course else 2)
    periods = [*beside, *course_of]
    names = [one.id for one in metrics_in_force(asked.period.end, known_no=asked.call.known_no)]
    found = evaluate(
        names,
        periods=periods,
        as_of=asked.call.as_of_us,
        by=scope_key(asked.scope, asked.by)[0],
        scopes=[asked.scope],
        known_at=asked.call.known_no,
        scope=asked.call.scope,
        at=here,
        defined_on=asked.period.end,
    )
    if names and not found.cells:
        raise NotFound(f'There is no "{asked.scope}" for you.', hint="Open your own line or a team that you lead.")
    made = {one.document.id: one for one in found.recipes}
    cells = {name: found.cells[place : place + len(periods)] for place, name in _places(names, len(periods))}
    lacking = {name: _needs(made[name]) for name in names}
    rows = {name: _row(asked, made[name], cells[name], len(beside)) for name in names if not lacking[name]}
    return Listing(
        sections=_sections(made, rows),
        unmeasured=tuple(_unmeasured(made[name], needs) for name, needs in lacking.items() if needs),
        trust=found.trust,
        setting=here,
        count=len(rows),
    )


def _periods(asked: Asked, count: int) -> list[Period]:
    """Oldest first, the asked one last; fewer where the calendar begins."""
    found = [asked.period]
    while len(found) < count and (one := before(asked.calendar, found[0] if len(found) > 1 else asked.whole)):
        found.insert(0, one)
    return found


def _beside(asked: Asked) -> list[Period]:
    """The same days of the period before, while the asked one runs; none before its first working day."""
    if not runs(asked):
        return []
    (found,) = compared_periods(asked.whole, ("same_days",), as_of=asked.call.as_of)[1:]
    return [] if found is None else [found]


def _places(names: Sequence[str], step: int) -> list[tuple[int, str]]:
    return [(place * step, name) for place, name in enumerate(names)]


def _needs(recipe: Recipe) -> dict[str, str]:
    found: dict[str, str] = {}
    for leaf in recipe.leaves:
        for one in leaf.own:
            found |= unpublished(one.table)
    return found


def _unmeasured(recipe: Recipe, needs: Mapping[str, str]) -> Unmeasured:
    name = in_words(recipe.document.name)
    return Unmeasured(recipe.document.id, name, tuple(sorted(needs)), tuple(sorted(set(needs.values()))))


def _sections(made: Mapping[str, Recipe], rows: Mapping[str, ListRow]) -> tuple[Section, ...]:
    of = {name: group_of(made[name]) for name in rows}
    found = (Section(one, tuple(rows[name] for name in rows if of[name] == one.id)) for one in GROUPS)
    return tuple(one for one in found if one.rows)


def _row(asked: Asked, recipe: Recipe, cells: Sequence[Cell], beside: int) -> ListRow:
    """`beside`: how many of the first cells are no part of the course."""
    cell, whole = cells[-1], cells[beside:]
    going = runs(asked)
    earlier = (cells[0] if beside else None) if going else (whole[-2] if len(whole) > 1 else None)
    document = recipe.document
    difference, relative = difference_of(cell, earlier)
    return ListRow(
        id=document.id,
        name=in_words(document.name),
        version=recipe.version.version,
        direction=document.direction,
        figure=figure_of(cell.value, cell.unit, cell.currency),
        n=cell.n,
        few=cell.interval is not None and Fraction(cell.n) < FEW,
        difference=figure_of(difference, cell.unit, cell.currency),
        relative=relative,
        tone=tone_of(difference, document.direction),
        course=tuple(figure_of(one.value, one.unit, one.currency).value for one in (whole[:-1] if going else whole)),
        issues=cell.issues,
        url=address(f"/metrics/{document.id}/", **asked.query),
        why=why_url(document.id, **asked.query),
    )


def tone_of(difference: Fraction | None, direction: str) -> Tone:
    """Whether a difference is wanted; of a band nobody can say by its sign."""
    if difference is None or direction == "band":
        return ""
    if difference == 0:
        return "same"
    return "better" if (difference > 0) == (direction == "up") else "worse"
