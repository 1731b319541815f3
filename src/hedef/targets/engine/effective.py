"""Effective targets (T15): what a person carries of a line, in the smallest periods, with and without the ramp."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hedef.kernel.calendar import Period
from hedef.kernel.money import largest_remainder
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Deriver, Edition
from hedef.targets.engine.people import Carried, carry, carry_person, derive_all
from hedef.targets.engine.presence import ALWAYS, FIRST, LAST, Member, PeopleRules, simply_there


@dataclass(frozen=True, slots=True)
class Effective:
    """One scope in one smallest period and team (none: the scope has none), in smallest steps of the unit.

    `full` is the line, `prorated` what of it the days carry (joiners, leavers, moves, absence, part time), `effective`
    that after the ramp. Over the teams of a person each of them adds up to the person's.
    """

    period: str
    team: int | None
    full: int
    prorated: int
    effective: int


def effective_rows(
    *,
    scope: str,
    member: Member | None,
    line: Period,
    parts: Sequence[Period],
    editions: Sequence[Edition],
    rules: PeopleRules,
    clock: Clock,
    additive: bool,
) -> list[Effective]:
    """The line of a scope over `parts`; sums over them are what a board of the line's own period shows.

    A level target is repeated for each part, never divided (T1).
    """
    simple = _simply(scope, member, line, parts, editions, rules) if additive else None
    if simple is not None:
        return [simple]
    clock = clock if member is None else clock.of(member.country)
    deriver = Deriver(clock.calendar, clock.phasing)
    whole = _both(scope, member, line, editions, rules, clock, deriver, additive)
    if whole is None:
        return []
    if not additive:
        return [Effective(part.id, None, whole[0].full, whole[1].target, whole[0].target) for part in parts]
    cells = [(part, _both(scope, member, part, editions, rules, clock, deriver, additive)) for part in parts]
    found = [(part, both) for part, both in cells if both is not None]
    weights = [abs(both[0].full) for _, both in found]
    fulls = largest_remainder(whole[0].full, weights if any(weights) else [1] * len(found)) if found else []
    rows: list[Effective] = []
    for (part, both), full in zip(found, fulls, strict=True):
        teams = list(dict.fromkeys((*both[1].by_team, *both[0].by_team))) or [None]
        shares = [abs(both[1].by_team.get(team, (0, 0))[0]) for team in teams]
        cut = largest_remainder(full, shares if any(shares) else [1] * len(teams))
        rows += [
            Effective(part.id, team, own, _of(both[1], team), _of(both[0], team))
            for team, own in zip(teams, cut, strict=True)
        ]
    return _summing(rows, whole)


def _simply(
    scope: str,
    member: Member | None,
    line: Period,
    parts: Sequence[Period],
    editions: Sequence[Edition],
    rules: PeopleRules,
) -> Effective | None:
    """The short way for most lines: the smallest period itself, one version, somebody who is simply there."""
    stays = None if member is None else simply_there(member, line.start, line.end, rules)
    if stays is None or len(editions) != 1 or [one.id for one in parts] != [line.id]:
        return None
    only = editions[0]
    value = only.books.get(scope, {}).get((line.start, line.end)) if (only.start, only.end) == (FIRST, LAST) else None
    return None if value is None else Effective(line.id, stays[0].team, value, value, value)


type _Both = tuple[Carried, Carried]  # with the ramp, and without it


def _both(
    scope: str,
    member: Member | None,
    period: Period,
    editions: Sequence[Edition],
    rules: PeopleRules,
    clock: Clock,
    deriver: Deriver,
    additive: bool,
) -> _Both | None:
    pieces, how = derive_all(scope, period, editions, deriver, additive=additive)
    if not pieces:
        return None
    if member is None:
        carried = carry(pieces, how, ALWAYS, clock)
        return carried, carried
    with_ramp = carry_person(member, pieces, how, period=period, rules=rules, clock=clock)
    if not rules.ramp:
        return with_ramp, with_ramp
    flat = replace(rules, ramp=())
    return with_ramp, carry_person(member, pieces, how, period=period, rules=flat, clock=clock)


def _of(carried: Carried, team: int | None) -> int:
    return carried.by_team.get(team, (0, 0))[0]


def _summing(rows: list[Effective], whole: _Both) -> list[Effective]:
    """Cents that rounding part by part lost or won, put where the parts are: sums are those of the whole line."""
    prorated = _fitted([row.prorated for row in rows], whole[1].target)
    effective = _fitted([row.effective for row in rows], whole[0].target)
    return [
        replace(row, prorated=one, effective=other) for row, one, other in zip(rows, prorated, effective, strict=True)
    ]


def _fitted(values: list[int], total: int) -> list[int]:
    """The values, largest remainder where they miss the total by rounding; untouched where they miss it by more."""
    missing = total - sum(values)
    if missing == 0 or abs(missing) > len(values) or not any(values):
        return values
    step = 1 if missing > 0 else -1
    order = sorted((place for place, value in enumerate(values) if value), key=lambda place: -abs(values[place]))
    found = list(values)
    for number in range(abs(missing)):
        found[order[number % len(order)]] += step
    return found
