"""Time cut into slices in which nobody changes team, so that one scan serves every period and every team."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hedef.kernel.calendar import Calendar, Period
from hedef.metrics.schema import Keep


@dataclass(frozen=True, slots=True)
class Slices:
    """Days `cuts[i] .. cuts[i + 1]` (half-open) are slice i; `of_period[j]` are the slices of period j.

    `edges` are the slices at which a period begins or ends: who never changes team needs no finer ones.
    """

    cuts: tuple[date, ...]
    of_period: tuple[range, ...]
    edges: tuple[int, ...] = ()

    def day(self, place: int) -> date:
        """First day of a slice: whoever belongs to a team on it belongs to it for the whole slice."""
        return self.cuts[place]

    def place_of(self, day: date) -> int:
        """The slice in which a day lies (the day must lie in the hull of the periods)."""
        return bisect_right(self.cuts, day) - 1


def slice_periods(periods: Sequence[Period], as_of: date, changes: Iterable[date]) -> Slices | None:
    """Slices of the days of `periods` up to and including `as_of`; none when no period has begun.

    `changes` are days from which somebody's team is another one. Cost: one cut per distinct day.
    """
    spans = [(period.start, min(period.end, as_of) + timedelta(days=1)) for period in periods]
    begun = [(start, end) for start, end in spans if start < end]
    if not begun:
        return None
    first, last = min(start for start, _ in begun), max(end for _, end in begun)
    bounds = {day for span in begun for day in span}
    ordered = tuple(sorted(bounds | {day for day in changes if first < day < last}))
    place = {day: index for index, day in enumerate(ordered)}
    return Slices(
        ordered,
        tuple(range(place[start], place[end]) if start < end else range(0) for start, end in spans),
        tuple(sorted(place[day] for day in bounds if day != last)),
    )


def stock_days(periods: Sequence[Period], as_of: date) -> tuple[date | None, ...]:
    """The day at whose end each period's state is read: its last day, or `as_of` while it runs; none before it."""
    return tuple(min(period.end, as_of) if period.start <= as_of else None for period in periods)


def kept_days(periods: Sequence[Period], as_of: date, keep: Keep) -> tuple[tuple[date, ...], ...]:
    """The days at whose end each period's state is read: its last one, the one before its first, or every one of its
    own up to `as_of`; none of a period that has not begun."""
    if keep == "last":
        return tuple(() if day is None else (day,) for day in stock_days(periods, as_of))
    begun = [period.start <= as_of for period in periods]
    if keep == "first":
        days = [period.start - timedelta(days=1) for period in periods]
        return tuple((day,) if has else () for day, has in zip(days, begun, strict=True))
    return tuple(
        tuple(period.start + timedelta(days=n) for n in range((min(period.end, as_of) - period.start).days + 1))
        for period in periods
    )


def same_days(period: Period, before: Period, day: date, calendar: Calendar) -> date | None:
    """The day of the period before on which as many working half-days were gone as in `period` on `day`.

    None before the first working day; the last day when the period is over.
    """
    if day >= period.end:
        return before.end
    wanted = calendar.working_half_days(period.start, day) if day >= period.start else 0
    if wanted == 0:
        return None
    low, high = before.start, before.end
    if calendar.working_half_days(low, high) <= wanted:
        return before.end
    while low < high:
        middle = low + (high - low) // 2
        if calendar.working_half_days(before.start, middle) >= wanted:
            high = middle
        else:
            low = middle + timedelta(1)
    return low
