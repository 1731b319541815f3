"""Sums of a scan brought to people, teams, the company or another dimension, period by period.

Grains are what one SQL scan returns: sums per owner, slice and currency. Everything above them is addition, so the
parts of a level always equal the level above; rows without an owner or team are the row `unassigned`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from hedef.metrics.engine.org import Org
from hedef.metrics.engine.slices import Slices

type Key = tuple[str, int | str | None]  # ("team", 2), ("company", None); ("person", None) is `unassigned` of people


class Grain(NamedTuple):
    """Sums of one group of rows. `value` is set for quantiles only: then `n` rows have exactly this value."""

    owner: int | None
    place: int  # slice of a flow, or index of the day of a stock
    currency: str | None
    dimension: str | int | None
    amount: int  # minor units, counts, or shares in basis points
    n: int
    missing: int
    value: int | str | None = None
    rate_day: date | None = None  # the day whose rate converts the amount, where it is the row's own


class DayMoney(NamedTuple):
    """A currency with the day whose rate converts it."""

    currency: str | None
    day: date


type Money = str | DayMoney | None


@dataclass(slots=True)
class Total:
    """What a scope has in a period: sums per currency, rows, rows without an amount, rows per value.

    `steps` says over how many days a state is averaged; sums and counts are then those of all of them.
    """

    sums: dict[Money, int] = field(default_factory=lambda: defaultdict(int))
    n: int = 0
    missing: int = 0
    values: dict[int | str, int] = field(default_factory=lambda: defaultdict(int))
    steps: int = 1

    def add(self, grain: Grain) -> None:
        self.n += grain.n
        self.missing += grain.missing
        if grain.value is None:
            if grain.amount or grain.n != grain.missing:
                currency = grain.currency
                self.sums[currency if grain.rate_day is None else DayMoney(currency, grain.rate_day)] += grain.amount
        else:
            self.values[grain.value] += grain.n


type Totals = dict[Key, list[Total]]


def flow_totals(
    grains: Iterable[Grain],
    slices: Slices | None,
    bys: Sequence[str],
    org: Org,
    periods: int,
    *,
    on: date | None = None,
) -> Totals:
    """Totals of events: the team of a row is the owner's on the row's own day, or `on` a day. One list entry a
    period."""
    totals = _empty(periods)
    if slices is None:
        return totals
    belongs: dict[int, list[int]] = defaultdict(list)
    for period, places in enumerate(slices.of_period):
        for place in places:
            belongs[place].append(period)
    keys = _Keys(bys, org)
    for grain in grains:
        for key in keys.of(grain, on or slices.day(grain.place)):
            for period in belongs[grain.place]:
                totals[key][period].add(grain)
    return totals


def state_totals(grains: Iterable[Grain], day: date, bys: Sequence[str], org: Org) -> Totals:
    """Totals of the rows of one period, all of one day's teams."""
    totals = _empty(1)
    keys = _Keys(bys, org)
    for grain in grains:
        for key in keys.of(grain, day):
            totals[key][0].add(grain)
    return totals


def averaged_totals(
    grains: Sequence[Grain], days: Sequence[Sequence[date]], bys: Sequence[str], org: Org, *, on: date | None = None
) -> Totals:
    """Totals of a state over the day ends of each period; `steps` says how many there are."""
    every = sorted({day for period in days for day in period})
    daily = stock_totals(grains, every, bys, org, len(every), on=on)
    place = {day: number for number, day in enumerate(every)}
    totals = _empty(len(days))
    for key, told in daily.items():
        for number, period in enumerate(days):
            total = totals[key][number]
            total.steps = max(1, len(period))
            for day in period:
                merge(total, told[place[day]])
    return totals


def merge(total: Total, other: Total) -> None:
    """Add another total; values of a histogram too."""
    total.n += other.n
    total.missing += other.missing
    for currency, amount in other.sums.items():
        total.sums[currency] += amount
    for value, n in other.values.items():
        total.values[value] += n


def stock_totals(
    grains: Iterable[Grain],
    days: Sequence[date | None],
    bys: Sequence[str],
    org: Org,
    periods: int,
    *,
    on: date | None = None,
) -> Totals:
    """Totals of a state: changes up to each day are summed, the team of an owner is the one of that day.

    `grain.place` is the index of the first of the distinct, rising days at or after the change.
    """
    totals = _empty(periods)
    keys = _Keys(bys, org)
    ordered = sorted(grains, key=lambda grain: grain.place)
    wanted = sorted({day for day in days if day is not None})
    for period, day in enumerate(days):
        if day is None:
            continue
        last = wanted.index(day)
        for grain in ordered:
            if grain.place > last:
                break
            for key in keys.of(grain, on or day):
                totals[key][period].add(grain)
    return totals


def _empty(periods: int) -> Totals:
    return defaultdict(lambda: [Total() for _ in range(periods)])


class _Keys:
    """The rows of a board to which a grain belongs, remembered per owner and day."""

    def __init__(self, bys: Sequence[str], org: Org) -> None:
        self.bys = tuple(bys)
        self.org = org
        self._known: dict[tuple[int | None, date], tuple[Key, ...]] = {}
        self._dimensions = tuple(by for by in bys if by not in {"company", "team", "person"})

    def of(self, grain: Grain, day: date) -> tuple[Key, ...]:
        found = self._known.get((grain.owner, day))
        if found is None:
            found = self._known[grain.owner, day] = tuple(self._org_keys(grain.owner, day))
        if self._dimensions:
            return (*found, *((by, grain.dimension) for by in self._dimensions))
        return found

    def _org_keys(self, owner: int | None, day: date) -> Iterable[Key]:
        if "company" in self.bys:
            yield ("company", None)
        if "person" in self.bys:
            yield ("person", owner)
        if "team" in self.bys:
            chain = self.org.chain(self.org.team_of(owner, day))
            yield from (("team", team) for team in chain) if chain else iter([("team", None)])
