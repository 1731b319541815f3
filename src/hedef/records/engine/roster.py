"""Laws of memberships, managers and splits: what may not stand beside each other. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from hedef.kernel.ids import spell
from hedef.kernel.issue import Issue
from hedef.kernel.ranges import Range

WHOLE_BP = 10_000


class Stay(NamedTuple):
    """A membership: half-open days, none is open; `share_bp` none is all of the person."""

    entity: int
    person: int
    team: int
    start: date | None
    end: date | None
    primary: bool = True
    share_bp: int | None = None

    @property
    def days(self) -> Range:
        return Range(self.start, self.end)


class Line(NamedTuple):
    """A solid line from a person to a manager; half-open days."""

    person: int
    manager: int
    start: date | None
    end: date | None


def membership_issues(stays: Sequence[Stay]) -> list[Issue]:
    """`overlap_membership`: twice in one team on one day, two primary teams on one day, more than all of a person."""
    found: list[Issue] = []
    by_person: dict[int, list[Stay]] = {}
    for stay in stays:
        by_person.setdefault(stay.person, []).append(stay)
    for person, own in by_person.items():
        found += [issue for place, one in enumerate(own) for other in own[:place] if (issue := _clash(other, one))]
        found += _too_much(person, own)
    return found


def _clash(one: Stay, other: Stay) -> Issue | None:
    both = one.days.intersect(other.days)
    if both is None:
        return None
    who = spell("person", one.person)
    if one.team == other.team:
        message = f"{who} would be twice in {spell('team', one.team)}{_when(both)}"
        return _issue(message, one.person, "End one of the two memberships.")
    if one.primary and other.primary:
        teams = f"{spell('team', one.team)} and {spell('team', other.team)}"
        message = f"{who} would have two main teams{_when(both)}: {teams}"
        return _issue(message, one.person, "Leave one of them the main team, or move the person.")
    return None


def _too_much(person: int, own: Sequence[Stay]) -> list[Issue]:
    """Shares count where somebody wrote them; a membership without a share says nothing of how much."""
    shared = [one for one in own if one.share_bp is not None]
    for day in sorted({one.start or date.min for one in shared}):
        total = sum(one.share_bp or 0 for one in shared if one.days.covers(day))
        if total > WHOLE_BP:
            when = "" if day == date.min else f" on {day}"
            message = f"the shares of {spell('person', person)} add up to {total / 100:g} %{when}"
            return [_issue(message, person, "Shares of one person are at most 100 % on any day.", level="warning")]
    return []


def _when(days: Range) -> str:
    first = "" if days.start is None else f" from {days.start}"
    return first + ("" if days.end is None else f" until {days.end}")


def _issue(message: str, person: int, hint: str, *, level: str = "error") -> Issue:
    kept: Any = level
    return Issue("overlap_membership", kept, message, object=spell("person", person), hint=hint)


def manager_circle(lines: Iterable[Line], new: Line) -> list[int]:
    """The people of the circle that `new` would close on some day, from the person up; empty when there is none."""
    known = [one for one in lines if _meet(one, new)]
    days = {new.start or date.min, *(one.start or date.min for one in known)}
    for day in sorted(days):
        if not Range(new.start, new.end).covers(day):
            continue
        above = {one.person: one.manager for one in known if Range(one.start, one.end).covers(day)}
        circle = _walk({**above, new.person: new.manager}, new.person)
        if circle:
            return circle
    return []


def _meet(one: Line, other: Line) -> bool:
    return one.person != other.person and Range(one.start, one.end).overlaps(Range(other.start, other.end))


def _walk(above: Mapping[int, int], start: int) -> list[int]:
    way, one = [start], above.get(start)
    while one is not None and one not in way:
        way.append(one)
        one = above.get(one)
    return way if one == start else []


def split_issues(splits: Sequence[Mapping[str, Any]]) -> list[Issue]:
    """`split_sum` where the revenue shares of a deal are not 100 %; overlays are free. No splits: the owner has all."""
    shares = [int(one["share_bp"]) for one in splits if (one.get("kind") or "revenue") == "revenue"]
    if not splits or sum(shares) == WHOLE_BP:
        return []
    parts = " + ".join(f"{share / 100:g}" for share in shares) or "none"
    message = f"the revenue shares are {parts}: {sum(shares) / 100:g} %, not 100 %"
    return [Issue("split_sum", "error", message, hint="Give the difference to one of them; overlays may be any share.")]
