"""Working time of a country, counted in half-days and kept by year."""

from datetime import date
from functools import lru_cache

FULL_DAY = 2


def half_days(country: str, half_holidays: bool, start: date, end: date) -> int:
    """Half-days of work from `start` to `end`, both included; 0 when `end` lies before `start`.

    ValueError for a country without known holidays.
    """
    if end < start:
        return 0
    whole_years = sum(_half_days_to(country, half_holidays, year)[-1] for year in range(start.year, end.year))
    until = _half_days_to(country, half_holidays, end.year)[_ordinal(end)]
    return whole_years + until - _half_days_to(country, half_holidays, start.year)[_ordinal(start) - 1]


def _ordinal(day: date) -> int:
    return (day - date(day.year, 1, 1)).days + 1


@lru_cache(maxsize=1024)
def _half_days_to(country: str, half_holidays: bool, year: int) -> tuple[int, ...]:
    """Working half-days of the first n days of a year at place n."""
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
        counted.append(counted[-1] + (FULL_DAY - (one in halves) if public.is_working_day(one) else 0))
    return tuple(counted)
