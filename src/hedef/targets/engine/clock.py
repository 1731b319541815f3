"""How much of a period is over, for whom (T10), and how much of it a person carries (T5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from hedef.kernel.calendar import Calendar, Period
from hedef.targets.engine.phasing import Phasing, weights
from hedef.targets.engine.presence import ALWAYS, FIRST, LAST, Stay, Stays

type Method = Literal["working", "calendar", "seasonal"]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """Elapsed shares up to and including `as_of`; answers are kept, because most people share theirs.

    `method` says how days inside a month weigh: working half-days, calendar days, or the seasonal curve for whole
    periods with the working days of a person's own days.
    """

    calendar: Calendar
    as_of: date
    phasing: Phasing
    method: Method = "working"
    _kept: dict[object, Fraction] = field(default_factory=dict, repr=False, compare=False)
    _abroad: dict[str, "Clock"] = field(default_factory=dict, repr=False, compare=False)

    def of(self, country: str | None) -> "Clock":
        """The clock of somebody in a country (none: the company's): its holidays, its working days (T4)."""
        if country is None or country == self.calendar.country:
            return self
        found = self._abroad.get(country)
        if found is None:
            calendar = self.calendar.in_country(country)
            found = self._abroad[country] = Clock(calendar, self.as_of, self.phasing, self.method)
        return found

    def carried(self, period: Period, stays: Stays = ALWAYS) -> Fraction:
        """Share of the period's working days that the stays carry, ramp included: 1 for who is simply there."""
        return self._keep(("carried", period, _days(stays)), lambda: self._weighed(period, stays, LAST, "working"))

    def elapsed(self, period: Period, stays: Stays = ALWAYS) -> Fraction:
        """Share of what the stays carry that should be there by `as_of`; 0 for who carries nothing."""
        return self._keep(("elapsed", period, _days(stays)), lambda: self._elapsed(period, stays))

    def days_left(self, period: Period, stays: Stays = ALWAYS) -> Fraction:
        """Working days after `as_of` until the end of the period on which the stays are there."""

        def count() -> Fraction:
            start = max(period.start, self.as_of + ONE_DAY)
            present = [Stay(max(stay.start, start), stay.end) for stay in stays if stay.factor > 0]
            halves = sum(self._length(period, stay.start, stay.end, "working") for stay in present)
            return Fraction(halves, 2)

        return self._keep(("left", period, _days(stays)), count)

    def _keep(self, key: object, compute: Callable[[], Fraction]) -> Fraction:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = compute()
        return found

    def _elapsed(self, period: Period, stays: Stays) -> Fraction:
        if self.as_of < period.start:
            return Fraction(0)
        if self.as_of >= period.end:
            return Fraction(1)
        season = self.phasing.season
        simply_there = len(stays) == 1 and _days(stays) == _days(ALWAYS)
        parts = self.parts(period)
        if self.method == "seasonal" and season is not None and len(season.shares) == len(parts) and simply_there:
            return season.now
        shares = weights(self.calendar, period, parts, self.phasing)
        after = self.as_of + ONE_DAY
        measure: Method = "calendar" if self.method == "calendar" else "working"
        whole = done = Fraction(0)
        for share, part in zip(shares, parts, strict=True):
            whole += share * self._weighed(part, stays, LAST, measure)
            done += share * self._weighed(part, stays, after, measure)
        return done / whole if whole else Fraction(0)

    def parts(self, period: Period) -> Sequence[Period]:
        """The sub-periods that "full sub-periods before" counts: months, or the period itself when it is short."""
        if period.kind not in {"quarter", "half", "year"}:
            return [period]
        return self.calendar.months(period) or [period]

    def _weighed(self, period: Period, stays: Stays, until: date, measure: Method) -> Fraction:
        """Share of the period's days before `until` that the stays carry."""
        whole = self._length(period, FIRST, LAST, measure)
        if whole == 0:  # a period without any working day counts by calendar days
            measure = "calendar"
            whole = self._length(period, FIRST, LAST, measure)
        carried = Fraction(0)
        for stay in stays:
            carried += stay.factor * self._length(period, stay.start, min(stay.end, until), measure)
        return carried / whole

    def _length(self, period: Period, start: date, end: date, measure: Method) -> int:
        """Working half-days (or calendar days) of the period from `start` up to, not including, `end`."""
        first = max(period.start, start)
        last = period.end if end > period.end else end - ONE_DAY
        if first > last:
            return 0
        if measure == "calendar":
            return (last - first).days + 1
        return self.calendar.working_half_days(first, last)


def _days(stays: Stays) -> tuple[tuple[date, date, Fraction], ...]:
    """What decides a share: days and factors, not the team."""
    return tuple((stay.start, stay.end, stay.factor) for stay in stays)
