"""The board as rows of a table: company, teams and people, each with its history and what stands below it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.kernel.calendar import Period
from hedef.kernel.ids import parse
from hedef.kernel.org import MANAGER
from hedef.metrics.page.shown import figure_of, same_days, span, weeks_to
from hedef.records.queries import names as names_of
from hedef.records.queries import team_tree
from hedef.targets.engine.board import Row
from hedef.targets.engine.standing import Number, Standing
from hedef.targets.engine.units import from_steps
from hedef.targets.page.asked import Asked
from hedef.targets.queries import Scoreboard
from hedef.targets.queries.kept import Evaluated, evaluated


@dataclass(frozen=True)
class Past:
    """What every scope did in the last twelve weeks, and in the period before up to the same day."""

    weeks: Mapping[str, tuple[Fraction | None, ...]]
    before: Mapping[str, Fraction | None]
    until: date | None
    period: Period | None
    evaluation: Evaluated | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; values in the metric's unit. `due`: share of the target that should be there today."""

    scope: str
    kind: str
    name: str
    level: int
    manager: str
    target: Fraction | None
    was: Fraction | None
    actual: Fraction | None
    attainment: Fraction | None
    due: Fraction | None
    points: Fraction | None
    pace: Fraction | None
    gap: Fraction | None
    needed: Fraction | None
    expected: Fraction | None
    projection: Fraction | None
    band: str | None
    before: Fraction | None
    weeks: tuple[Fraction | None, ...]
    parent: bool
    opened: bool
    notes: tuple[str, ...]
    status: str | None
    team: str = ""
    team_attainment: Fraction | None = None
    team_pace: Fraction | None = None
    team_points: Fraction | None = None
    team_band: str | None = None
    acknowledged: int | None = None
    people: int | None = None

    @property
    def id(self) -> str:
        """The scope as an HTML id."""
        return self.scope.replace(":", "-")

    @property
    def behind(self) -> Fraction | None:
        """How much is short of what should be there today."""
        return None if self.gap is None else -self.gap

    @property
    def left(self) -> Fraction | None:
        """What of the target is still missing."""
        if self.target is None or self.actual is None:
            return None
        return max(self.target - self.actual, Fraction(0))

    @property
    def opens(self) -> bool:
        """Whether a click shows the deals behind it."""
        return self.kind in {"person", "team", "unassigned"}


def past_of(asked: Asked, board: Scoreboard) -> Past:
    """One question for all scopes: twelve weeks and the period that the board stands beside."""
    calendar, period, before = asked.calendar, board.asked.period, asked.versus
    until = None if before is None else same_days(period, before, asked.as_of, calendar)
    weeks = weeks_to(min(asked.as_of, period.end))
    past = [] if before is None else [span(before.start, until or before.start)]
    found = evaluated(
        board.metric.id,
        by=("company", "team", "person"),
        periods=[*weeks, *past],
        as_of=asked.as_of_us,
        known_at=asked.call.known_no,
        scope=asked.seen,
        currency=board.currency,
        pinned=asked.pin,
    )
    course: dict[str, list[Fraction | None]] = {}
    for cell in found.cells:
        course.setdefault(cell.scope, []).append(figure_of(cell.value, cell.unit, cell.currency).value)
    return Past(
        weeks={scope: tuple(values[: len(weeks)]) for scope, values in course.items()},
        before={scope: values[len(weeks)] if until else None for scope, values in course.items()},
        until=until,
        period=before,
        evaluation=found,
    )


def lines_of(asked: Asked, board: Scoreboard, past: Past) -> list[Line]:
    """Rows from the company down as the viewer sees them; one root team that is the whole company stands for it."""
    rows = [board.total] if asked.call.scope.company_total else []
    rows += [row for row in board.rows if not _gone(row)]
    parents = {row.scope: row.parent for row in rows}
    standings = {row.scope: row.standing for row in rows}
    rows = _without_double(rows)
    shown = {row.scope for row in rows}
    managers = _managers(asked) if asked.by == "tree" else {}
    chains = {row.scope: _chain(row.scope, parents, shown) for row in rows}
    have_below = {chain[0] for chain in chains.values() if chain}
    return [
        replace(
            line_of(asked, board, past, row, standings.get(row.team or "")),
            level=len(chains[row.scope]) + 1,
            manager=managers.get(row.scope, ""),
            parent=row.scope in have_below,
        )
        for row in rows
    ]


def people_of(lines: list[Line]) -> list[Line]:
    """People only, the one furthest ahead of pace first."""
    people = [line for line in lines if line.kind == "person"]
    return sorted(people, key=lambda line: (line.points is None, -(line.points or 0), line.name))


def _gone(row: Row) -> bool:
    """Who left before the period and carries nothing in it."""
    return row.status == "left" and not row.standing.target and not row.standing.actual


def _without_double(rows: list[Row]) -> list[Row]:
    """A single root team with the company's own target and actual needs no second row."""
    tops = [row for row in rows if row.parent == "company" and row.scope.startswith("team:")]
    company = next((row.standing for row in rows if row.scope == "company"), None)
    if len(tops) != 1 or company is None:
        return rows
    same = tops[0].standing.actual == company.actual and _same(tops[0].standing.target, company.target)
    return [row for row in rows if row is not tops[0]] if same else rows


def _same(one: Number | None, other: Number | None) -> bool:
    """Equal but for what phasing rounds."""
    if one is None or other is None:
        return one is other
    return abs(Fraction(one) - Fraction(other)) * 1000 <= abs(Fraction(other))


def _chain(scope: str, parents: Mapping[str, str | None], shown: set[str]) -> list[str]:
    """The rows above that are shown, the nearest first."""
    found, above = [], parents.get(scope)
    while above is not None:
        found += [above] if above in shown else []
        above = parents.get(above)
    return found


def _managers(asked: Asked) -> dict[str, str]:
    """Team -> its manager, where the viewer may see that person."""
    scope = asked.seen
    tree = team_tree(min(asked.as_of, asked.period.end))
    leading = {
        row.team: row.person
        for row in tree.memberships
        if row.role == MANAGER and (scope.everything or scope.sees_person(row.person))
    }
    names = names_of(leading.values(), kind="person") if leading else {}
    return {f"team:T-{team}": names[person] for team, person in leading.items()}


def line_of(asked: Asked, board: Scoreboard, past: Past, row: Row, team: Standing | None = None) -> Line:
    """One row as a line of the first level; `team` is the standing of a person's team."""
    standing = row.standing

    def major(value: Number | None) -> Fraction | None:
        return None if value is None else from_steps(value, board.metric.unit, board.currency)

    changed = row.original is not None and row.original != standing.target
    due = None
    if standing.expected is not None and standing.target:
        due = standing.expected / Fraction(standing.target)
    kind = row.scope.partition(":")[0]
    return Line(
        scope=row.scope,
        kind=kind,
        name=line_name(board, row.scope),
        level=1,
        manager="",
        target=major(standing.target),
        was=major(row.original) if changed else None,
        actual=major(standing.actual),
        attainment=standing.attainment,
        due=due,
        points=standing.points_to_pace,
        pace=standing.pace,
        gap=major(standing.gap),
        needed=major(standing.needed_per_day),
        expected=major(standing.expected),
        projection=major(standing.projection),
        band=standing.band,
        before=past.before.get(row.scope),
        weeks=past.weeks.get(row.scope, ()),
        parent=False,
        opened=row.scope in asked.opened,
        notes=row.notes,
        status=row.status,
        team="" if row.team is None else line_name(board, row.team),
        team_attainment=row.team_attainment,
        team_pace=row.team_pace,
        team_points=None if team is None else team.points_to_pace,
        team_band=None if team is None else team.band,
        people=row.people,
        acknowledged=board.acknowledged.get(row.scope),
    )


def line_name(board: Scoreboard, scope: str) -> str:
    """What a person calls the row."""
    if scope == "company":
        return _("Company")
    if scope == "unassigned":
        return _("No owner or team")
    return board.names.get(scope, scope.partition(":")[2])


def entity(scope: str) -> int:
    """The number of a team or person."""
    return parse(scope.partition(":")[2])[1]
