"""Who belonged where: the primary team of a person on a day, and the teams above it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class Member(NamedTuple):
    """A primary membership, half-open; an open end is none."""

    person: int
    team: int
    from_day: date | None
    to_day: date | None


@dataclass(frozen=True)
class Org:
    """Memberships and the team tree as known at one seal."""

    members: tuple[Member, ...]
    parents: Mapping[int, int | None]
    _starts: dict[int, tuple[list[date], list[Member]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_person: dict[int, list[Member]] = defaultdict(list)
        for member in self.members:
            by_person[member.person].append(member)
        starts = {}
        for person, found in by_person.items():
            found.sort(key=lambda one: (one.from_day or date.min, one.team))
            starts[person] = ([one.from_day or date.min for one in found], found)
        object.__setattr__(self, "_starts", starts)

    def team_of(self, person: int | None, day: date) -> int | None:
        """Primary team of a person on a day; where two overlap, the one that began last."""
        if person is None or person not in self._starts:
            return None
        starts, members = self._starts[person]
        for place in range(bisect_right(starts, day) - 1, -1, -1):
            to_day = members[place].to_day
            if to_day is None or day < to_day:
                return members[place].team
        return None

    def chain(self, team: int | None) -> tuple[int, ...]:
        """The team and every team above it, nearest first; a cycle is walked once."""
        found: list[int] = []
        while team is not None and team not in found:
            found.append(team)
            team = self.parents.get(team)
        return tuple(found)

    def changes(self) -> set[date]:
        """Days from which somebody's team is another one."""
        return {day for member in self.members for day in (member.from_day, member.to_day) if day is not None}

    def movers(self, first: date, last: date) -> set[int]:
        """People who change team after `first`, up to and including `last`."""
        return {
            member.person
            for member in self.members
            if any(day is not None and first < day <= last for day in (member.from_day, member.to_day))
        }

    def below(self, team: int) -> frozenset[int]:
        """The team and all its sub-teams."""
        return frozenset(one for one in {*self.parents, team} if team in self.chain(one))


def org_of(members: Iterable[Member], parents: Mapping[int, int | None]) -> Org:
    """An Org from plain rows."""
    return Org(tuple(members), dict(parents))
