"""The scoreboard of one metric and period: every scope's target, actual and pace, in tree order, parents first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from hedef.kernel.calendar import Period
from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.kernel.org import OrgTree
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Edition
from hedef.targets.engine.people import Carried
from hedef.targets.engine.presence import Member, PeopleRules
from hedef.targets.engine.rollup import COMPANY, Targets, find_targets, over_assignment, person_scope, team_scope
from hedef.targets.engine.standing import BANDS, Band, Direction, Number, Standing, stand

type By = Literal["company", "team", "person", "tree"]
UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What a plan says about reading its lines."""

    people: PeopleRules = field(default_factory=PeopleRules)
    bands: tuple[Band, ...] = BANDS
    direction: Direction = "up"
    additive: bool = True
    warn: tuple[Fraction, Fraction] = (Fraction(0), Fraction(15, 100))  # over-assignment without a warning


@dataclass(frozen=True)
class BoardFacts:
    """What a board is made of. `editions`: versions in force, oldest first; `original`: the one the period began with.

    `members`: everybody who may carry a line; `carriers`: those expected to have one on the day (reps);
    `absent`: away on the day; `actuals`: scope -> value in the smallest unit, none where the metric has none;
    `bounds`: scope -> floor and stretch, the edges of a band target.
    """

    editions: tuple[Edition, ...]
    tree: OrgTree
    members: Mapping[int, Member]
    actuals: Mapping[str, Number | None]
    original: Edition | None = None
    carriers: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    bounds: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One scope. `standing` is exact; faces round. `team` to `status` only for people."""

    scope: str
    parent: str | None
    standing: Standing
    original: int | None = None
    assigned: int | None = None
    over_assignment: Fraction | None = None
    people: int | None = None
    notes: tuple[str, ...] = ()
    carried: Carried | None = None
    team: str | None = None
    team_attainment: Fraction | None = None
    team_pace: Fraction | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    rows: tuple[Row, ...]
    total: Row
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class _Desk:
    """What every row needs."""

    period: Period
    facts: BoardFacts
    rules: PlanRules
    clock: Clock
    targets: Targets
    originals: Mapping[str, Carried]

    @property
    def over(self) -> bool:
        return self.clock.as_of >= self.period.end


def board(*, period: Period, by: By, facts: BoardFacts, rules: PlanRules, clock: Clock) -> Board:
    """Rows of the wanted level and the company's row as total; `tree` is teams, each followed by its own people.

    Issues: `no_target`, `zero_target`, `over_assignment`, `partial_lines`, and those of the org tree.
    """
    targets = _targets(period, facts.editions, facts, rules, clock)
    originals = targets.found
    if facts.original is not None and facts.original.version != facts.editions[-1].version:
        originals = _targets(period, (facts.original,), facts, rules, clock).found
    desk = _Desk(period, facts, rules, clock, targets, originals)
    total = _group_row(desk, COMPANY, None, len(facts.carriers))
    teams = {team: _team_row(desk, team) for team in facts.tree.teams_in_order()}
    rows = list(teams.values())
    if by == "person":
        rows = [_person_row(desk, person, teams) for person in _people_in_order(desk)]
    if by == "tree":
        rows = list(_tree_rows(desk, teams))
    if by == "company":
        rows = []
    else:
        rows += _unassigned(desk)
    issues = (*facts.tree.issues, *targets.issues, *_check(desk, [total, *rows]))
    return Board(tuple(rows), total, issues)


def _targets(
    period: Period, editions: tuple[Edition, ...], facts: BoardFacts, rules: PlanRules, clock: Clock
) -> Targets:
    return find_targets(
        period=period,
        editions=editions,
        tree=facts.tree,
        members=facts.members,
        rules=rules.people,
        clock=clock,
        additive=rules.additive,
    )


def _standing(desk: _Desk, scope: str) -> Standing:
    carried = desk.targets.found.get(scope)
    low, high = desk.facts.bounds.get(scope, (None, None))
    clock = desk.clock if carried is None else desk.clock.of(carried.country)
    return stand(
        target=None if carried is None else carried.target,
        actual=desk.facts.actuals.get(scope),
        expected=carried.expected if carried is not None and desk.rules.additive else None,
        days_left=clock.days_left(desk.period) if carried is None else clock.days_left(desk.period, carried.stays),
        over=desk.over,
        direction=desk.rules.direction,
        bands=desk.rules.bands,
        low=low,
        high=high,
    )


def _group_row(desk: _Desk, scope: str, parent: str | None, people: int) -> Row:
    assigned = desk.targets.assigned.get(scope)
    standing = _standing(desk, scope)
    carried = desk.targets.found.get(scope)
    return Row(
        scope=scope,
        parent=parent,
        standing=standing,
        original=_original(desk, scope),
        assigned=assigned,
        over_assignment=over_assignment(assigned, None if carried is None else carried.target),
        people=people,
        notes=_notes(desk, scope),
        carried=carried,
    )


def _team_row(desk: _Desk, team: int) -> Row:
    path = desk.facts.tree.path(team)
    parent = team_scope(path[1]) if len(path) > 1 else COMPANY
    people = desk.facts.carriers.intersection(desk.facts.tree.members(team, deep=True))
    return _group_row(desk, team_scope(team), parent, len(people))


def _person_row(desk: _Desk, person: int, teams: Mapping[int, Row]) -> Row:
    scope = person_scope(person)
    team = desk.facts.tree.team_of(person)
    above = None if team is None else teams.get(team)
    return Row(
        scope=scope,
        parent=COMPANY if team is None else team_scope(team),
        standing=_standing(desk, scope),
        original=_original(desk, scope),
        notes=_notes(desk, scope),
        carried=desk.targets.found.get(scope),
        team=None if team is None else team_scope(team),
        team_attainment=None if above is None else above.standing.attainment,
        team_pace=None if above is None else above.standing.pace,
        status=_status(desk, person),
    )


def _tree_rows(desk: _Desk, teams: Mapping[int, Row]) -> Iterator[Row]:
    """Every team in tree order, its own people below it; people without a team stand last."""
    people = [_person_row(desk, person, teams) for person in _people_in_order(desk)]
    for row in teams.values():
        yield row
        yield from (one for one in people if one.parent == row.scope)
    yield from (one for one in people if one.parent == COMPANY)


def _people_in_order(desk: _Desk) -> Iterator[int]:
    """Carriers, people with a line, and people with an actual: by team in tree order, then by number; no team last."""
    tree, facts = desk.facts.tree, desk.facts
    wanted = set(facts.carriers)
    wanted.update(int(scope[9:]) for scope in desk.targets.found if scope.startswith("person:"))
    wanted.update(int(scope[9:]) for scope, value in facts.actuals.items() if scope.startswith("person:") and value)
    for team in tree.teams_in_order():
        yield from sorted(person for person in tree.members(team) if person in wanted and tree.team_of(person) == team)
    yield from sorted(person for person in wanted if tree.team_of(person) not in tree.parents)


def _unassigned(desk: _Desk) -> list[Row]:
    """Actuals without owner or team, so that the rows always add up to the company."""
    actual = desk.facts.actuals.get(UNASSIGNED)
    return [Row(UNASSIGNED, COMPANY, Standing(None, actual))] if actual else []


def _original(desk: _Desk, scope: str) -> int | None:
    found = desk.originals.get(scope)
    return None if found is None else found.target


def _notes(desk: _Desk, scope: str) -> tuple[str, ...]:
    """Words of a closed list: summed phased partly_summed rolled_up repeated joined left moved ramp changed."""
    carried = desk.targets.found.get(scope)
    if carried is None:
        return ()
    how = () if carried.how == "given" else (carried.how,)
    before = _original(desk, scope)
    changed = ("changed",) if before is not None and before != carried.target else ()
    return (*how, *carried.notes, *changed)


def _status(desk: _Desk, person: int) -> str:
    """normal | ramp | moved | left | absent, on the day the board looks at."""
    member = desk.facts.members.get(person)
    day = min(desk.clock.as_of, desk.period.end)
    if member is not None and member.left is not None and member.left < day:
        return "left"
    if person in desk.facts.absent:
        return "absent"
    carried = desk.targets.found.get(person_scope(person))
    if carried is None:
        return "normal"
    stays = [stay for stay in carried.stays if stay.start <= day]
    if stays and stays[-1].end <= day:
        return "left"
    if len({stay.team for stay in stays}) > 1:
        return "moved"
    return "ramp" if stays and stays[-1].factor < 1 else "normal"


_ROUNDING = Fraction(1, 2000)  # lines that are phased to cents may differ by them: shown as 0.0 %, and no finding


def _check(desk: _Desk, rows: list[Row]) -> Iterator[Issue]:
    with_lines = any(scope.startswith("person:") for scope in desk.targets.found)
    for row in rows:
        name = row.scope.rpartition(":")[2]
        if row.standing.target == 0:
            yield Issue("zero_target", "warning", f"{row.scope} has a target of 0: no attainment.", object=name)
        low, high = desk.rules.warn
        if row.over_assignment is not None and not low - _ROUNDING <= row.over_assignment <= high + _ROUNDING:
            yield _over_assigned(row, name, desk)
        if row.status is not None and row.standing.target is None and with_lines:
            yield Issue(
                "no_target",
                "warning",
                f"{row.scope} has no target for {desk.period.id}.",
                object=name,
                hint="Give a line with `hedef targets import` or split the team's target again.",
            )


def _over_assigned(row: Row, name: str, desk: _Desk) -> Issue:
    share = row.over_assignment or Fraction(0)
    low, high = desk.rules.warn
    return Issue(
        "over_assignment",
        "warning",
        f"The lines below {row.scope} differ from its own by {_percent(share)} "
        f"(wanted: {_percent(low)} to {_percent(high)}).",
        object=name,
        hint="Change the team's line or its people's; neither overwrites the other.",
    )


def _percent(share: Fraction) -> str:
    return f"{fraction_text(share * 100, 1)} %"
