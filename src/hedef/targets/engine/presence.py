"""Who carries a target on which days: join, leave and move (T5), ramp (T6), change in mid-period (T8)."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from hedef.kernel.working import half_days

ONE = Fraction(1)
FIRST, LAST = date.min, date.max


@dataclass(frozen=True, slots=True)
class Stay:
    """Days `start` up to, not including, `end`, that count with `factor`; `team` is where they are spent."""

    start: date = FIRST
    end: date = LAST
    factor: Fraction = ONE
    team: int | None = None
    vacant: bool = False


type Stays = tuple[Stay, ...]

ALWAYS: Stays = (Stay(),)


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """How joiners, leavers and newcomers carry a line: the `people` part of a target plan."""

    joiner: str = "prorate"  # prorate | full | none
    leaver: str = "team_keeps"  # team_keeps | share_out
    ramp: tuple[Fraction, ...] = ()
    absence: str = "keep"  # keep | prorate


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the targets need them: employment (`left` is the last day) and primary teams as half-open ranges."""

    person: int
    joined: date | None = None
    left: date | None = None
    teams: tuple[tuple[int, date | None, date | None], ...] = ()  # (team, from, to), half-open
    absences: tuple[tuple[date | None, date | None, Fraction], ...] = ()  # (from, to, share away)
    times: tuple[tuple[date | None, date | None, Fraction], ...] = ()  # (from, to, share of full time worked)
    country: str | None = None  # whose holidays the person has; none: the company's


@lru_cache(maxsize=512)
def with_holidays(country: str | None) -> str | None:
    """The country, where its holidays are known; else none: the company's holidays count (T4)."""
    if not country:
        return None
    code = country.strip().upper()
    try:
        half_days(code, True, date(2026, 1, 1), date(2026, 1, 1))
    except ValueError:
        return None
    return code


def vacancy(member: Member, stays: Stays, start: date) -> Stay:
    """The days after a leaver's last one, in the team that keeps the rest of the line."""
    if stays:
        return Stay(stays[-1].end, LAST, team=stays[-1].team, vacant=True)
    teams = sorted(member.teams, key=lambda one: (one[1] or FIRST, one[0]))
    return Stay(start, LAST, team=teams[-1][0] if teams else None, vacant=True)


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def present(member: Member, *, start: date, end: date, rules: PeopleRules) -> Stays:
    """Stays of a person inside `start` to `end` (both included), cut where team, ramp or absence change.

    A joiner under `none` carries nothing in the period of joining, under `full` all of it; a person without any
    dates is there always. Who is simply there has one stay without edges, so that shares can be shared.
    """
    simple = simply_there(member, start, end, rules)
    if simple is not None:
        return simple
    after = end + timedelta(days=1)
    joined, gone = _employed(member)
    carries_from = joined
    if joined is not None and start < joined <= end and rules.joiner != "prorate":
        if rules.joiner == "none":
            return ()
        carries_from = None
    stays: list[Stay] = [Stay(max(carries_from or FIRST, start), min(gone or LAST, after))]
    if rules.ramp and joined is not None:
        stays = _cut(stays, ramp_steps(joined, rules.ramp))
    if rules.absence == "prorate" and member.absences:
        for begin, until, away in member.absences:
            stays = _scale(stays, begin or FIRST, until or LAST, ONE - away)
    for begin, until, share in member.times:  # half-time counts as its share
        stays = _scale(stays, begin or FIRST, until or LAST, share)
    stays = [placed for stay in stays for placed in _placed(stay, member.teams)]
    stays = [stay for stay in stays if stay.start < stay.end]
    if len({stay.team for stay in stays}) <= 1 and _whole(stays, start, after):
        return (Stay(team=stays[0].team),)
    return tuple(stays)


def simply_there(member: Member, start: date, end: date, rules: PeopleRules) -> Stays | None:
    """The short way for most people: nothing about them changes in the period."""
    if member.left is not None or member.absences or member.times or len(member.teams) > 1:
        return None
    if member.joined is not None and (rules.ramp or member.joined > start):
        return None
    if not member.teams:
        return ALWAYS
    team, begin, until = member.teams[0]
    if (begin is not None and begin > start) or (until is not None and until <= end):
        return None
    if rules.ramp and begin is not None and member.joined is None:
        return None
    return (Stay(team=team),)


def _whole(stays: Sequence[Stay], start: date, after: date) -> bool:
    """True when the stays cover every day with full factor."""
    if not stays or any(stay.factor != 1 for stay in stays):
        return False
    ordered = sorted(stays, key=lambda stay: stay.start)
    joined_up = all(left.end == right.start for left, right in pairwise(ordered))
    return joined_up and ordered[0].start <= start and ordered[-1].end >= after


def _employed(member: Member) -> tuple[date | None, date | None]:
    """First day and the day after the last one; without own dates they follow from the memberships."""
    joined = member.joined
    gone = None if member.left is None else member.left + timedelta(days=1)
    if joined is None and member.teams:
        starts = [begin for _, begin, _ in member.teams]
        joined = None if None in starts else min(begin for begin in starts if begin is not None)
    if gone is None and member.teams:
        ends = [until for _, _, until in member.teams]
        gone = None if None in ends else max(until for until in ends if until is not None)
    return joined, gone


def ramp_steps(joined: date, ramp: Sequence[Fraction]) -> list[Stay]:
    """Month of service by month of service, each with its factor; after the last one the whole line."""
    steps = [
        Stay(add_months(joined, number), add_months(joined, number + 1), factor) for number, factor in enumerate(ramp)
    ]
    # days before joining carry the first factor: they only count where the plan gives joiners the full line
    return [Stay(FIRST, joined, ramp[0]), *steps, Stay(add_months(joined, len(ramp)), LAST)]


def _cut(stays: Iterable[Stay], steps: Iterable[Stay]) -> list[Stay]:
    steps = list(steps)
    return [
        Stay(max(stay.start, step.start), min(stay.end, step.end), stay.factor * step.factor, stay.team)
        for stay in stays
        for step in steps
        if max(stay.start, step.start) < min(stay.end, step.end)
    ]


def _scale(stays: Iterable[Stay], start: date, end: date, factor: Fraction) -> list[Stay]:
    return _cut(stays, [Stay(FIRST, start), Stay(start, end, factor), Stay(end, LAST)])


def _placed(stay: Stay, teams: Sequence[tuple[int, date | None, date | None]]) -> list[Stay]:
    """The stay cut by team; days in no team stay as days without one."""
    found: list[Stay] = []
    at = stay.start
    for team, begin, until in sorted(teams, key=lambda one: (one[1] or FIRST, one[0])):
        left, right = max(begin or FIRST, at), min(until or LAST, stay.end)
        if left >= right:
            continue
        if at < left:
            found.append(Stay(at, left, stay.factor))
        found.append(Stay(left, right, stay.factor, team))
        at = right
    if at < stay.end:
        found.append(Stay(at, stay.end, stay.factor))
    return found


def within(stays: Stays, start: date, end: date) -> Stays:
    """The stays cut to `start` up to, not including, `end`."""
    if start == FIRST and end == LAST:
        return stays
    return tuple(
        replace(stay, start=max(stay.start, start), end=min(stay.end, end))
        for stay in stays
        if max(stay.start, start) < min(stay.end, end)
    )
