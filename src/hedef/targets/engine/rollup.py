"""Targets of every scope of a period: own lines, and where there are none the sum of what lies below (T3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from hedef.kernel.calendar import Period
from hedef.kernel.ids import parse, spell
from hedef.kernel.issue import Issue
from hedef.kernel.org import OrgTree
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Deriver, Edition, Span
from hedef.targets.engine.people import Carried, Shape, carry, carry_person, carry_simply, derive_all, shape_of
from hedef.targets.engine.presence import ALWAYS, FIRST, LAST, Member, PeopleRules, Stays, simply_there

COMPANY = "company"
ZERO = Fraction(0)


@dataclass(frozen=True)
class Targets:
    """`found`: scope -> target; `assigned`: company and teams -> sum of people's lines (else of the teams below)."""

    found: Mapping[str, Carried]
    assigned: Mapping[str, int]
    issues: tuple[Issue, ...] = ()


@dataclass
class _Work:
    period: Period
    editions: Sequence[Edition]
    tree: OrgTree
    clock: Clock
    additive: bool
    derivers: dict[str | None, Deriver] = field(default_factory=dict)  # by country
    found: dict[str, Carried] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    shapes: dict[tuple[str | None, tuple[Span, ...]], Shape | None] = field(default_factory=dict)
    people: dict[int | None, tuple[int, Fraction]] = field(default_factory=dict)  # per team: what its people carry
    vacant: dict[int | None, tuple[int, Fraction]] = field(default_factory=dict)

    def deriver(self, country: str | None) -> Deriver:
        """Lines are phased by the working days of the person's own country (T4)."""
        if country not in self.derivers:
            clock = self.clock.of(country)
            self.derivers[country] = Deriver(clock.calendar, clock.phasing)
        return self.derivers[country]


def team_scope(team: int) -> str:
    return f"team:{spell('team', team)}"


def person_scope(person: int) -> str:
    return f"person:{spell('person', person)}"


def entity_of(scope: str) -> int:
    """The number in `team:T-2` or `person:P-17`."""
    return parse(scope.partition(":")[2])[1]


def find_targets(
    *,
    period: Period,
    editions: Sequence[Edition],
    tree: OrgTree,
    members: Mapping[int, Member],
    rules: PeopleRules,
    clock: Clock,
    additive: bool = True,
) -> Targets:
    """All targets of a period. A level target (not additive) is never summed: it is repeated from above (T1)."""
    work = _Work(period, editions, tree, clock, additive)
    for scope in sorted({scope for edition in editions for scope in edition.books}):
        is_person = scope.startswith("person:")
        number = int(scope[9:]) if is_person else 0
        member = (members.get(number) or Member(number)) if is_person else None
        carried = _simply(work, scope, member, rules) or _carefully(work, scope, member, rules)
        if carried is None:
            continue
        if carried.how == "partly_summed":
            work.issues.append(_partial(scope, period))
        if is_person:
            _person(work, scope, carried)
        else:
            work.found[scope] = carried
    _above(work) if additive else _repeat(work, members)
    return Targets(work.found, work.assigned, tuple(work.issues))


def _simply(work: _Work, scope: str, member: Member | None, rules: PeopleRules) -> Carried | None:
    """The short way: one version, whole lines, nobody comes or goes. None where that is not so."""
    first = work.editions[0]
    if not work.additive or len(work.editions) > 1 or (first.start, first.end) != (FIRST, LAST):
        return None
    stays: Stays | None = ALWAYS
    if member is not None:
        stays = simply_there(member, work.period.start, work.period.end, rules)
    if stays is None:
        return None
    book = first.books[scope]
    country = None if member is None else member.country
    key = (country, tuple(book))
    if key not in work.shapes:
        work.shapes[key] = shape_of(book, work.period, work.deriver(country), work.clock.of(country))
    shape = work.shapes[key]
    return None if shape is None else carry_simply(book, shape, stays, country)


def _carefully(work: _Work, scope: str, member: Member | None, rules: PeopleRules) -> Carried | None:
    country = None if member is None else member.country
    deriver, clock = work.deriver(country), work.clock.of(country)
    pieces, how = derive_all(scope, work.period, work.editions, deriver, additive=work.additive)
    if not pieces:
        return None
    if member is None:
        return carry(pieces, how, ALWAYS, clock)
    return carry_person(member, pieces, how, period=work.period, rules=rules, clock=clock)


def _person(work: _Work, scope: str, carried: Carried) -> None:
    work.found[scope] = carried
    for sums, parts in ((work.people, carried.by_team), (work.vacant, carried.vacant)):
        for team, (value, expected) in parts.items():
            known = team if team in work.tree.parents else None
            had = sums.get(known, (0, ZERO))
            sums[known] = (had[0] + value, had[1] + expected)


def _above(work: _Work) -> None:
    """From the leaves up: every team, then the company."""
    for team in reversed(work.tree.teams_in_order()):
        _group(work, team_scope(team), team, work.tree.children(team))
    _group(work, COMPANY, None, work.tree.children(None))


def _group(work: _Work, scope: str, team: int | None, children: Sequence[int]) -> None:
    own_people = [sums[team] for sums in (work.people, work.vacant) if team in sums]
    below = [work.found[team_scope(child)] for child in children if team_scope(child) in work.found]
    _assign(work, scope, team, children, below)
    if scope in work.found or not (own_people or below):
        return
    target = sum(value for value, _ in own_people) + sum(one.target for one in below)
    expected = sum((exact for _, exact in own_people), ZERO) + sum((one.expected for one in below), ZERO)
    work.found[scope] = Carried(target, target, expected, "rolled_up")


def _assign(work: _Work, scope: str, team: int | None, children: Sequence[int], below: Sequence[Carried]) -> None:
    """People's lines deep; where nobody below has one, the lines of the teams below."""
    deep = [child for child in children if _has_people(work, child)]
    if team in work.people or deep:
        direct = work.people.get(team, (0, ZERO))[0]
        work.assigned[scope] = direct + sum(work.assigned[team_scope(child)] for child in deep)
    elif below:
        work.assigned[scope] = sum(one.target for one in below)


def _has_people(work: _Work, team: int) -> bool:
    return any(one in work.people for one in work.tree.below(team))


def _repeat(work: _Work, members: Mapping[int, Member]) -> None:
    """A level target of the company holds for each team, a team's for each of its teams and people."""
    above = work.found.get(COMPANY)
    for team in work.tree.teams_in_order():
        parent = work.tree.path(team)[1:2]
        higher = work.found.get(team_scope(parent[0])) if parent else above
        if team_scope(team) not in work.found and higher is not None:
            work.found[team_scope(team)] = replace(higher, how="repeated")
    for person in members:
        team_of = work.tree.team_of(person)
        higher = above if team_of is None else work.found.get(team_scope(team_of))
        if person_scope(person) not in work.found and higher is not None and team_of is not None:
            work.found[person_scope(person)] = replace(higher, how="repeated")


def over_assignment(assigned: int | None, target: int | None) -> Fraction | None:
    """`(people - team) / team`; none without either or with a target of 0."""
    if assigned is None or not target:
        return None
    return Fraction(assigned - target, target)


def _partial(scope: str, period: Period) -> Issue:
    return Issue(
        "partial_lines",
        "warning",
        f"The lines of {scope} cover only a part of {period.id}; the board shows the sum of what is there.",
        object=scope.rpartition(":")[2],
        hint=f"Add the missing lines, or one line for {period.id}.",
    )
