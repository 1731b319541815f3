"""The org tree as of one day: teams under teams, people in teams, managers above people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hedef.kernel.ids import spell
from hedef.kernel.issue import Issue

MANAGER = "manager"


class Membership(NamedTuple):
    """A person in a team on the tree's day; `share_bp` is the part of the person (10,000 = all of them)."""

    person: int
    team: int
    role: str = "rep"
    share_bp: int = 10_000
    primary: bool = True


class Led(NamedTuple):
    """Whom a person leads, directly or through others; never the person alone."""

    teams: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True)
class OrgTree:
    """Made by `OrgTree.build`; answers keep the order of the given rows.

    Broken rows never stop it: a cycle is cut above its first member in row order, a parent that is not among the
    teams is left out, and each is told in `issues` (`team_cycle`, `manager_cycle`, `unknown_parent`,
    `two_primary_teams`).
    """

    parents: Mapping[int, int | None]
    memberships: tuple[Membership, ...]
    managers: Mapping[int, int | None]
    issues: tuple[Issue, ...]
    _children: dict[int | None, list[int]] = field(init=False, repr=False, compare=False)
    _in_team: dict[int, list[Membership]] = field(init=False, repr=False, compare=False)
    _of_person: dict[int, list[Membership]] = field(init=False, repr=False, compare=False)
    _reports: dict[int | None, list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        in_team, of_person = defaultdict(list), defaultdict(list)
        for row in self.memberships:
            in_team[row.team].append(row)
            of_person[row.person].append(row)
        object.__setattr__(self, "_children", _below(self.parents))
        object.__setattr__(self, "_reports", _below(self.managers))
        object.__setattr__(self, "_in_team", dict(in_team))
        object.__setattr__(self, "_of_person", dict(of_person))

    @classmethod
    def build(
        cls,
        *,
        teams: Iterable[tuple[int, int | None]],
        memberships: Iterable[tuple[int, int, str, int, bool]] = (),
        managers: Iterable[tuple[int, int]] = (),
    ) -> "OrgTree":
        """From rows `(team, parent)`, `(person, team, role, share_bp, primary)` and `(person, manager)` of one day."""
        issues: list[Issue] = []
        parents = _cut_cycles(_known_parents(dict(teams), issues), "team", issues)
        lines = _cut_cycles(dict(managers), "person", issues)
        rows = tuple(Membership(*row) for row in memberships)
        issues.extend(_two_primaries(rows))
        return cls(parents=parents, memberships=rows, managers=lines, issues=tuple(issues))

    def children(self, team: int | None) -> list[int]:
        """Teams right below `team`; of none: the roots."""
        return list(self._children.get(team, ()))

    def path(self, team: int) -> list[int]:
        """`team`, its parent and so on up to the root."""
        found = [team]
        while (parent := self.parents.get(found[-1])) is not None:
            found.append(parent)
        return found

    def below(self, team: int) -> list[int]:
        """`team` and every team under it, parents before children."""
        return _walk(self._children, team)

    def teams_in_order(self) -> list[int]:
        """All teams, each right before its children."""
        return [team for root in self.children(None) for team in self.below(root)]

    def members(self, team: int, deep: bool = False) -> list[int]:
        """People of a team, with `deep` of every team under it too; each once."""
        teams = self.below(team) if deep else [team]
        return list(dict.fromkeys(row.person for one in teams for row in self._in_team.get(one, ())))

    def memberships_of(self, person: int) -> list[Membership]:
        return list(self._of_person.get(person, ()))

    def team_of(self, person: int) -> int | None:
        """The primary team, else the first one; none for a person in no team."""
        rows = self._of_person.get(person, ())
        return next((row.team for row in rows if row.primary), rows[0].team if rows else None)

    def manager_of(self, person: int) -> int | None:
        return self.managers.get(person)

    def led_by(self, person: int) -> Led:
        """Teams in which the person or someone reporting to them is manager, all teams under those, and their people.

        People who report to the person, directly or through others, are led as well, whatever their team.
        """
        chain = _walk(self._reports, person)
        heads = [row.team for one in chain for row in self._of_person.get(one, ()) if row.role == MANAGER]
        teams = frozenset(team for head in heads for team in self.below(head))
        people = {row.person for team in teams for row in self._in_team.get(team, ())}
        return Led(teams, frozenset(people.union(chain) - {person}))


def _below(lines: Mapping[int, int | None]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    for one, above in lines.items():
        found[above].append(one)
    return dict(found)


def _walk(below: Mapping[int | None, list[int]], start: int) -> list[int]:
    found, waiting = [], [start]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(reversed(below.get(found[-1], ())))
    return found


def _known_parents(parents: dict[int, int | None], issues: list[Issue]) -> dict[int, int | None]:
    for team, parent in parents.items():
        if parent is not None and parent not in parents:
            parents[team] = None
            message = f"{spell('team', team)} stands under {spell('team', parent)}, which is no team on this day"
            issues.append(_issue("unknown_parent", message, spell("team", team), "Give it another parent or none."))
    return parents


def _cut_cycles(lines: dict[int, int | None], kind: str, issues: list[Issue]) -> dict[int, int | None]:
    """The lines without those that close a circle. Linear: every line is walked once."""
    clean: set[int] = set()
    for start in list(lines):
        way: list[int] = []
        one: int | None = start
        while one is not None and one not in clean and one not in way:
            way.append(one)
            one = lines.get(one)
        if one is not None and one not in clean:
            circle = way[way.index(one) :]
            first = min(circle, key=list(lines).index)
            lines[first] = None
            issues.append(_circle(kind, circle, first))
        clean.update(way)
    return lines


def _circle(kind: str, circle: list[int], first: int) -> Issue:
    names = " -> ".join(spell(kind, one) for one in [*circle, circle[0]])
    code = "team_cycle" if kind == "team" else "manager_cycle"
    word = "above" if kind == "team" else "the manager of"
    message = f"{names} is a circle: nobody can be {word} themselves. The line above {spell(kind, first)} is left out"
    return _issue(code, message, spell(kind, first), "Correct one of these lines.", "error")


def _two_primaries(rows: Iterable[Membership]) -> list[Issue]:
    primary: dict[int, int] = {}
    issues = []
    for row in rows:
        if row.primary and primary.setdefault(row.person, row.team) != row.team:
            teams = f"{spell('team', primary[row.person])} and {spell('team', row.team)}"
            person = spell("person", row.person)
            message = f"{person} has two primary teams on this day, {teams}; the first one counts"
            issues.append(_issue("two_primary_teams", message, person, "Leave one membership primary."))
    return issues


def _issue(code: str, message: str, about: str, hint: str, level: str = "warning") -> Issue:
    return Issue(code, "error" if level == "error" else "warning", message, object=about, hint=hint)
