"""The company's calendar: periods of days, working time and the edges of a day as instants.

**Fiscal years** are named by the calendar year in which they end (or start, `year_named_by`): with `fiscal_start=7` the
year `2017` runs from 2016-07-01 to 2017-06-30, and `2017-Q1` starts on 2016-07-01. Halves and quarters are fiscal;
months (`2017-07`) are calendar months, fiscal months (`FY2017-P07`) count from the fiscal start; weeks are ISO weeks,
named by the ISO year. With weeks `4-4-5` all fiscal periods are whole weeks, and a week is a week of the fiscal year. A
table says its periods one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import Literal, cast

from hedef.kernel.instants import HourNote, local_us, to_datetime, to_us, zone_of
from hedef.kernel.money import exponent
from hedef.kernel.periods import Period, PeriodKind, read_name
from hedef.kernel.shapes import (
    DAY,
    MonthShape,
    NamedBy,
    NoPeriod,
    Shape,
    TableRow,
    TableShape,
    WeekShape,
    YearEnd,
    iso_weeks,
    rank,
    table_faults,
)
from hedef.kernel.working import half_days

__all__ = ["Calendar", "NoPeriod", "Period", "PeriodKind", "TableRow", "in_turn"]

type Weeks = Literal["iso", "4-4-5", "4-5-4", "5-4-4"]

_DAY_US = 86_400_000_000
_PATTERNS: dict[str, tuple[int, int, int]] = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Country of the holidays, zone of the days, shape of the fiscal year, base currency.

    Working time is counted in half-days: a full working day is 2, the day of a half holiday 1, weekends and public
    holidays 0. With `half_holidays=False` half holidays are full working days.

    `before` is the calendar that counted until the day before `since`: its periods keep their days, and one that the
    change cuts ends or begins there. Less than a week that is left of this calendar's own year at `since` joins the
    first periods of the year that follows: a year of weeks may follow a year of months without a year of three days.
    """

    id: str = "company"
    country: str = "US"
    time_zone: str = "UTC"
    fiscal_start: int = 1
    half_holidays: bool = True
    weeks: Weeks = "iso"
    base_currency: str = "USD"
    week_starts: int = 1  # ISO weekday of the first day of a fiscal week
    year_end: YearEnd = "nearest"
    year_named_by: NamedBy = "end"
    long_month: int = 12  # fiscal month that takes week 53
    table: tuple[TableRow, ...] = ()
    since: date | None = None
    before: "Calendar | None" = None
    _shape: Shape = field(init=False, repr=False, compare=False)
    _settled: date = field(init=False, repr=False, compare=False)  # first day of the first year of its own

    def __post_init__(self) -> None:
        zone_of(self.time_zone)
        exponent(self.base_currency)
        if not 1 <= self.fiscal_start <= 12:
            raise ValueError(f"the fiscal year starts in month 1 to 12, not {self.fiscal_start}")
        if self.weeks != "iso" and self.weeks not in _PATTERNS:
            raise ValueError(f'weeks are one of iso, {", ".join(_PATTERNS)}, not "{self.weeks}"')
        if not 1 <= self.week_starts <= 7:
            raise ValueError(f"a week starts on day 1 (Monday) to 7 (Sunday), not {self.week_starts}")
        if not 1 <= self.long_month <= 12:
            raise ValueError(f"week 53 belongs to fiscal month 1 to 12, not {self.long_month}")
        if faults := table_faults(self.table):
            raise ValueError(faults[0][1])
        if (self.since is None) != (self.before is None):
            raise ValueError("a calendar that follows another says since when, and which")
        object.__setattr__(self, "_shape", self._shape_of_years())
        object.__setattr__(self, "_settled", self._first_own_day())

    def _first_own_day(self) -> date:
        if self.since is None:
            return date.min
        try:
            year = self._shape.period_of(self.since, "year")
        except ValueError:
            return self.since
        left = (year.end - self.since).days + 1
        return year.end + DAY if year.start < self.since and left < 7 and year.end < date.max else self.since

    def _shape_of_years(self) -> Shape:
        years: Shape = MonthShape(self.fiscal_start, self.year_named_by)
        if self.weeks != "iso":
            years = WeekShape(
                _PATTERNS[self.weeks],
                self.fiscal_start,
                self.week_starts,
                self.year_end,
                self.year_named_by,
                self.long_month,
            )
        return TableShape(self.table, years) if self.table else years

    # --- periods

    @property
    def month_kind(self) -> PeriodKind:
        """The kind of month that fills quarters: calendar months, or the fiscal months of a year of weeks."""
        if self.weeks != "iso" and not self.table:
            return "fiscal_month"
        shape = self._shape
        kinds = shape.kinds() if isinstance(shape, TableShape) else set()
        return "fiscal_month" if "fiscal_month" in kinds and "month" not in kinds else "month"

    def month_kind_on(self, day: date) -> PeriodKind:
        """`month_kind` of the calendar that is in force on a day: a new shape moves no month before it."""
        if self.before is not None and day < cast("date", self.since):
            return self.before.month_kind_on(day)
        return self.month_kind

    def period(self, text: str) -> Period:
        """The period named `2017-Q3`, `Q3 2017`, `3Ç2017`, `Temmuz 2017`, `2017-W27`, `FY2017-P07`, ..., or by its id
        in the calendar's table.

        ValueError with the known spellings, or for a week 53 that the year does not have.
        """
        found = self._listed(text)
        return found if found is not None else self._numbered(*read_name(text))

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        """The period of a kind in which `day` lies. ValueError where the calendar's table ends before it."""
        if self.before is not None and day < cast("date", self.since):
            return self._until_change(self.before.period_of(day, kind))
        return self._from_change(self._shape.period_of(day, kind))

    def parts(self, period: Period, kind: PeriodKind) -> list[Period]:
        """Periods of a smaller or equal kind that share days with `period`, in order.

        What fills the period exactly depends on the shape of the year (`months`); others stick out at its edges.
        ValueError when `kind` is longer than the period.
        """
        if rank(kind) > rank(period.kind):
            raise ValueError(f"a {period.kind} such as {period.id} has no parts of kind {kind}")
        found = [self.period_of(period.start, kind)]
        while found[-1].end < period.end:
            found.append(self.next(found[-1]))
        return found

    def months(self, period: Period) -> list[Period]:
        """The months that fill the period: calendar months or those of the fiscal year, cut at its edges if need be."""
        kind = self.month_kind_on(period.start)
        found = self.parts(period, kind) if rank(kind) <= rank(period.kind) else [period]
        return [_cut(one, period.start, period.end) for one in found]

    def previous(self, period: Period) -> Period:
        """The period of the same kind just before."""
        return self.period_of(_shift(period.start, -1), period.kind)

    def next(self, period: Period) -> Period:
        """The period of the same kind just after."""
        return self.period_of(_shift(period.end, 1), period.kind)

    def year_before(self, period: Period) -> Period:
        """The period at the same place of the year before; week 53 compares with the last week of that year.

        ValueError where a change of the calendar lies between the two, so that they are not alike.
        """
        if self.before is not None and period.end < cast("date", self.since):
            return self.before.year_before(period)
        shape = self._shape
        found = shape.year_before(period) if isinstance(shape, TableShape) else self._a_year_lower(period)
        if self.before is None or self.since is None or found.start >= self._settled:
            return self._from_change(found)
        if self.period_of(found.end, found.kind) != found:
            raise NoPeriod(f"the calendar changed on {self.since}: {period.id} has nothing like it in the year before")
        return found

    def _a_year_lower(self, period: Period) -> Period:
        kind, year, number = read_name(period.id)
        if kind == "week" and number == 53:
            shape = self._shape
            number = shape.weeks_in(year - 1) if isinstance(shape, WeekShape) else iso_weeks(year - 1)
        return self._shape.period(kind, year - 1, number)

    def _listed(self, text: str) -> Period | None:
        """The period with this id in the table, or in the table of a calendar before."""
        shape = self._shape
        own = shape.named(text) if isinstance(shape, TableShape) else None
        if own is not None and (self.since is None or own.end >= self._settled):
            return self._from_change(own)
        former = self.before._listed(text) if self.before is not None else None
        return self._until_change(former) if former is not None and former.start < cast("date", self.since) else None

    def _numbered(self, kind: PeriodKind, year: int, number: int) -> Period:
        if self.before is None or self.since is None:
            return self._shape.period(kind, year, number)
        try:
            own = self._shape.period(kind, year, number)
        except ValueError:
            own = None
        if own is not None and own.end >= self._settled:
            return self._from_change(own)
        former = self.before._numbered(kind, year, number)
        if former.start >= self.since:
            raise NoPeriod(f"there is no {former.id}: the calendar changed on {self.since}")
        return self._until_change(former)

    def _until_change(self, period: Period) -> Period:
        """A period of the calendar before; one that the change cuts ends the day before."""
        since = cast("date", self.since)
        return period if period.end < since or self._goes_on(period) else replace(period, end=since - DAY)

    def _from_change(self, period: Period) -> Period:
        """A period of this calendar; one that the change cuts begins with it and takes the days before its own year."""
        if self.since is None or period.start > self._settled or self._goes_on(period):
            return period
        if period.end < self._settled:
            period = self._shape.period_of(self._settled, period.kind)
        return replace(period, start=self.since) if period.start <= self._settled else period

    def _goes_on(self, period: Period) -> bool:
        """Whether the calendars before and after the change know the same period across it."""
        since = cast("date", self.since)
        try:
            before = cast("Calendar", self.before).period_of(since - DAY, period.kind)
            return before == self._shape.period_of(since, period.kind)
        except ValueError:
            return False

    # --- working time

    def in_country(self, country: str | None) -> "Calendar":
        """The same calendar with the holidays of another country (none: of its own)."""
        if country is None or country == self.country:
            return self
        before = None if self.before is None else self.before.in_country(country)
        return replace(self, country=country, before=before)

    def working_half_days(self, start: date, end: date) -> int:
        """Half-days of work from `start` to `end`, both included; 0 when `end` lies before `start`."""
        if self.before is None or self.since is None or start >= self.since:
            return half_days(self.country, self.half_holidays, start, end)
        until = self.before.working_half_days(start, min(end, self.since - DAY))
        return until + half_days(self.country, self.half_holidays, self.since, end)

    def half_days_of(self, day: date) -> int:
        """2 for a working day, 1 for a half holiday, 0 for a weekend or a public holiday."""
        return self.working_half_days(day, day)

    # --- edges of days

    def start_us(self, day: date) -> int:
        """First instant of a day in the company's zone (also where midnight does not exist)."""
        moment = datetime(day.year, day.month, day.day, tzinfo=zone_of(self.zone_on(day)))
        return to_us(moment)

    def zone_on(self, day: date) -> str:
        """The company's zone on a day: one that moved keeps the days of its past."""
        if self.before is None or self.since is None or day >= self.since:
            return self.time_zone
        return self.before.zone_on(day)

    def end_us(self, day: date) -> int:
        """Last microsecond of a day in the company's zone: what "as of that day" means."""
        if day == date.max:
            return self.start_us(day) + _DAY_US - 1
        return self.start_us(_shift(day, 1)) - 1

    def day_of(self, us: int) -> date:
        """The day of an instant in the company's zone; instants outside the years 1 to 9999 are held at the edge."""
        try:
            there = to_datetime(us).astimezone(zone_of(self.time_zone)).date()
        except (ValueError, OverflowError):
            return date.min if us < 0 else date.max
        if self.before is None or self.since is None or there >= self.since:
            return there
        return min(self.before.day_of(us), self.since - DAY)

    def local_us(self, naive: datetime, zone: str | None = None) -> tuple[int, HourNote | None]:
        """Instant of a wall-clock time in `zone` (none: the company's); see `instants.local_us`."""
        return local_us(naive, zone or self.zone_on(naive.date()))


def in_turn(spans: Sequence[tuple[date, Calendar]]) -> Calendar:
    """One calendar of several that follow each other: each with the first day on which it counts, in order.

    ValueError for none.
    """
    if not spans:
        raise ValueError("there is no calendar")
    found = spans[0][1]
    for start, calendar in spans[1:]:
        found = replace(calendar, since=start, before=found)
    return found


def _cut(period: Period, start: date, end: date) -> Period:
    if period.start >= start and period.end <= end:
        return period
    return replace(period, start=max(period.start, start), end=min(period.end, end))


def _shift(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as fault:
        raise ValueError(f"{day} lies at the edge of the years {MINYEAR} to {MAXYEAR}") from fault
