"""The calendar table: one row a day with its periods and working time. SQL joins it and never computes a period."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from hedef.kernel.calendar import Calendar, PeriodKind

FIRST, LAST = date(1990, 1, 1), date(2045, 12, 31)
_KINDS: tuple[PeriodKind, ...] = ("week", "month", "fiscal_month", "quarter", "half", "year")
type Spans = tuple[tuple[date, Calendar], ...]


def calendar_rows(spans: Spans) -> pl.DataFrame:
    """Days FIRST to LAST. `spans`: calendars with the first day on which each is in force, in order; none: no rows.

    `work_halves` is 2, 1 or 0 (`kernel.calendar`); `halves_until` and `days_until` count the half-days and the days
    with work from FIRST up to and including the day; `week`, `month`, ... name the periods, `week_index`, ... number
    them from 0.
    """
    parts = [_rows_of(Calendar()).clear()]
    ends = [*(start for start, _ in spans[1:]), None]
    for (start, calendar), end in zip(spans, ends[: len(spans)], strict=True):
        rows = _rows_of(calendar).filter(pl.col("day") >= start)
        parts.append(rows if end is None else rows.filter(pl.col("day") < end))
    days = pl.concat(parts)
    return days.with_columns(
        halves_until=pl.col("work_halves").cum_sum(), days_until=(pl.col("work_halves") > 0).cast(pl.Int32).cum_sum()
    )


@lru_cache(maxsize=8)
def _rows_of(calendar: Calendar) -> pl.DataFrame:
    length = (LAST - FIRST).days + 1
    days = [FIRST + timedelta(days=place) for place in range(length)]
    columns: dict[str, Sequence[object]] = {
        "day": days,
        "day_no": [day.toordinal() - date(1970, 1, 1).toordinal() for day in days],
        "weekday": [day.isoweekday() for day in days],
        "work_halves": [calendar.half_days_of(day) for day in days],
    }
    for kind in _KINDS:
        columns[kind], columns[f"{kind}_index"] = _periods(calendar, kind, length)
    return pl.DataFrame(columns)


def _periods(calendar: Calendar, kind: PeriodKind, length: int) -> tuple[list[str], list[int]]:
    names: list[str] = []
    indexes: list[int] = []
    period, index = calendar.period_of(FIRST, kind), 0
    while len(names) < length:
        count = min((period.end - FIRST).days + 1, length) - len(names)
        names += [period.id] * count
        indexes += [index] * count
        period, index = calendar.next(period), index + 1
    return names, indexes
