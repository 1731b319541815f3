"""The company's calendar: periods of days, working time and the edges of a day as instants.

**Fiscal years** are named by the calendar year in which they end: with `fiscal_start=7` the year `2017` runs from
2016-07-01 to 2017-06-30, and `2017-Q1` starts on 2016-07-01. Halves and quarters are fiscal; months (`2017-07`) are
calendar months, fiscal months (`FY2017-P07`) count from the fiscal start; weeks are ISO weeks, named by the ISO year.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from hedef.kernel.instants import HourNote, local_us, to_datetime, to_us, zone_of
from hedef.kernel.money import exponent
from hedef.kernel.periods import Period, PeriodKind, read_name

__all__ = ["Calendar", "Period", "PeriodKind"]

_DAY = timedelta(days=1)
_DAY_US = 86_400_000_000
_RANK: dict[PeriodKind, int] = {"week": 0, "month": 1, "fiscal_month": 1, "quarter": 2, "half": 3, "year": 4}
_MONTHS_IN: dict[PeriodKind, int] = {"fiscal_month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Country of the holidays, zone of the days, first month of the fiscal year, base currency.

    Working time is counted in half-days: a full working day is 2, the day of a half holiday 1, weekends and public
    holidays 0. With `half_holidays=False` half holidays are full working days.
    """

    id: str = "company"
    country: str = "US"
    time_zone: str = "UTC"
    fiscal_start: int = 1
    half_holidays: bool = True
    weeks: Literal["iso"] = "iso"
    base_currency: str = "USD"

    def __post_init__(self) -> None:
        zone_of(self.time_zone)
        exponent(self.base_currency)
        if not 1 <= self.fiscal_start <= 12:
            raise ValueError(f"the fiscal year starts in month 1 to 12, not {self.fiscal_start}")
        if self.weeks != "iso":
            raise ValueError(f'weeks are "iso", not "{self.weeks}"')

    # --- periods

    def period(self, text: str) -> Period:
        """The period named `2017-Q3`, `Q3 2017`, `3Ç2017`, `Temmuz 2017`, `2017-W27`, `FY2017-P07`, ...

        ValueError with the known spellings, or for a week 53 that the year does not have.
        """
        return self._numbered(*read_name(text))

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        """The period of a kind in which `day` lies."""
        if kind == "week":
            year, week, _ = day.isocalendar()
            return self._numbered(kind, year, week)
        if kind == "month":
            return self._numbered(kind, day.year, day.month)
        months = (day.month - self.fiscal_start) % 12
        return self._numbered(kind, self.fiscal_year(day), months // _months_in(kind) + 1)

    def parts(self, period: Period, kind: PeriodKind) -> list[Period]:
        """Periods of a smaller or equal kind that share days with `period`, in order.

        Months, quarters and halves fill the period exactly; the weeks at its edges may stick out of it.
        ValueError when `kind` is longer than the period.
        """
        if _rank(kind) > _rank(period.kind):
            raise ValueError(f"a {period.kind} such as {period.id} has no parts of kind {kind}")
        found = [self.period_of(period.start, kind)]
        while found[-1].end < period.end:
            found.append(self.next(found[-1]))
        return found

    def previous(self, period: Period) -> Period:
        """The period of the same kind just before."""
        return self.period_of(_shift(period.start, -1), period.kind)

    def next(self, period: Period) -> Period:
        """The period of the same kind just after."""
        return self.period_of(_shift(period.end, 1), period.kind)

    def year_before(self, period: Period) -> Period:
        """The period at the same place of the year before; week 53 compares with the last week of that year."""
        kind, year, number = read_name(period.id)
        if kind == "week" and number == 53:
            number = _weeks_of(year - 1)
        return self._numbered(kind, year - 1, number)

    def fiscal_year(self, day: date) -> int:
        """The fiscal year of a day: the calendar year in which it ends."""
        return day.year + (self.fiscal_start > 1 and day.month >= self.fiscal_start)

    def _numbered(self, kind: PeriodKind, year: int, number: int) -> Period:
        return _SPANS[kind](self.fiscal_start, year, number)

    # --- working time

    def working_half_days(self, start: date, end: date) -> int:
        """Half-days of work from `start` to `end`, both included; 0 when `end` lies before `start`."""
        if end < start:
            return 0
        whole_years = sum(self._half_days(year)[-1] for year in range(start.year, end.year))
        return whole_years + self._half_days(end.year)[_ordinal(end)] - self._half_days(start.year)[_ordinal(start) - 1]

    def half_days_of(self, day: date) -> int:
        """2 for a working day, 1 for a half holiday, 0 for a weekend or a public holiday."""
        return self.working_half_days(day, day)

    def _half_days(self, year: int) -> tuple[int, ...]:
        return _half_days_to(self.country, self.half_holidays, year)

    # --- edges of days

    def start_us(self, day: date) -> int:
        """First instant of a day in the company's zone (also where midnight does not exist)."""
        moment = datetime(day.year, day.month, day.day, tzinfo=zone_of(self.time_zone))
        return to_us(moment)

    def end_us(self, day: date) -> int:
        """Last microsecond of a day in the company's zone: what "as of that day" means."""
        if day == date.max:
            return self.start_us(day) + _DAY_US - 1
        return self.start_us(_shift(day, 1)) - 1

    def day_of(self, us: int) -> date:
        """The day of an instant in the company's zone; instants outside the years 1 to 9999 are held at the edge."""
        try:
            return to_datetime(us).astimezone(zone_of(self.time_zone)).date()
        except (ValueError, OverflowError):
            return date.min if us < 0 else date.max

    def local_us(self, naive: datetime, zone: str | None = None) -> tuple[int, HourNote | None]:
        """Instant of a wall-clock time in `zone` (none: the company's); see `instants.local_us`."""
        return local_us(naive, zone or self.time_zone)


def _rank(kind: PeriodKind) -> int:
    if kind not in _RANK:
        raise ValueError(f'"{kind}" is no kind of period; known: {", ".join(_RANK)}')
    return _RANK[kind]


def _months_in(kind: PeriodKind) -> int:
    _rank(kind)
    return _MONTHS_IN[kind]


def _shift(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as fault:
        raise ValueError(f"{day} lies at the edge of the years {MINYEAR} to {MAXYEAR}") from fault


def _month_start(year: int, month: int) -> date | None:
    """First day of a month counted on from January of `year`; `month` may exceed 12. None outside years 1 to 9999."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1) if MINYEAR <= year <= MAXYEAR else None


def _months(period_id: str, kind: PeriodKind, year: int, first: int, count: int) -> Period:
    """Periods at the edge of time are cut off there: exports write 9999-12-31 for "never"."""
    start, after = _month_start(year, first), _month_start(year, first + count)
    return Period(period_id, kind, start or date.min, after - _DAY if after else date.max)


def _fiscal(kind: PeriodKind, spelling: str) -> Callable[[int, int, int], Period]:
    count = _MONTHS_IN[kind]

    def span(fiscal_start: int, year: int, number: int) -> Period:
        first_year = year - (fiscal_start > 1)
        name = spelling.format(year=year, number=number)
        return _months(name, kind, first_year, fiscal_start + (number - 1) * count, count)

    return span


def _month(_: int, year: int, number: int) -> Period:
    return _months(f"{year:04d}-{number:02d}", "month", year, number, 1)


def _week(_: int, year: int, number: int) -> Period:
    if number > _weeks_of(year):
        raise ValueError(f"the ISO year {year} has {_weeks_of(year)} weeks, so there is no {year:04d}-W{number}")
    start = date.fromisocalendar(year, number, 1)
    end = start + timedelta(days=6) if (date.max - start).days >= 6 else date.max
    return Period(f"{year:04d}-W{number:02d}", "week", start, end)


_SPANS: dict[PeriodKind, Callable[[int, int, int], Period]] = {
    "year": _fiscal("year", "{year:04d}"),
    "half": _fiscal("half", "{year:04d}-H{number}"),
    "quarter": _fiscal("quarter", "{year:04d}-Q{number}"),
    "fiscal_month": _fiscal("fiscal_month", "FY{year:04d}-P{number:02d}"),
    "month": _month,
    "week": _week,
}


def _weeks_of(year: int) -> int:
    return date(year, 12, 28).isocalendar().week  # 28 December always lies in the last ISO week


def _ordinal(day: date) -> int:
    return (day - date(day.year, 1, 1)).days + 1


@lru_cache(maxsize=512)
def _half_days_to(country: str, half_holidays: bool, year: int) -> tuple[int, ...]:
    """Working half-days of the first n days of a year at place n. ValueError for an unknown country."""
    import holidays  # 280 ms, and only needed once a working day is counted

    try:
        public = holidays.country_holidays(country, years=year, categories=("public",))
    except NotImplementedError as fault:
        raise ValueError(f'no holidays are known for the country "{country}"; write a code such as US or TR') from fault
    halves = set()
    if half_holidays and "half_day" in public.supported_categories:
        halves = set(holidays.country_holidays(country, years=year, categories=("half_day",)))
    counted, day, days = [0], date(year, 1, 1), 365 + (_ordinal(date(year, 12, 31)) == 366)
    for place in range(days):
        one = date.fromordinal(day.toordinal() + place)
        counted.append(counted[-1] + (2 - (one in halves) if public.is_working_day(one) else 0))
    return tuple(counted)
