"""The calendar table: one row a day with its periods and working time. SQL joins it and never computes a period."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from hedef.kernel.calendar import Calendar, Period, PeriodKind

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
KINDS: tuple[PeriodKind, ...] = ("week", "month", "fiscal_month", "quarter", "half", "year")
_DAY = timedelta(days=1)
_LENGTH = (LAST - FIRST).days + 1


def calendar_rows(calendar: Calendar | None) -> pl.DataFrame:
    """Days FIRST to LAST of a calendar and those before it (`kernel.calendar.in_turn`); none: no rows.

    `work_halves` is 2, 1 or 0 (`kernel.calendar`); `halves_until` and `days_until` count the half-days and the days
    with work from FIRST up to and including the day; `week`, `month`, ... name the periods, `week_index`, ... number
    them from 0, through all versions. A day that a table calendar does not cover has none. `iso_week` is there whatever
    the weeks of the company are.
    """
    return _rows_of(Calendar()).clear() if calendar is None else _rows_of(calendar)


@lru_cache(maxsize=4)
def _rows_of(calendar: Calendar) -> pl.DataFrame:
    days = [FIRST + timedelta(days=place) for place in range(_LENGTH)]
    columns: dict[str, Sequence[object]] = {
        "day": days,
        "day_no": [day.toordinal() - date(1970, 1, 1).toordinal() for day in days],
        "weekday": [day.isoweekday() for day in days],
        "work_halves": [calendar.half_days_of(day) for day in days],
    }
    columns["iso_week"], columns["iso_week_index"] = _columns(Calendar(), "week")
    for kind in KINDS:
        columns[kind], columns[f"{kind}_index"] = _columns(calendar, kind)
    types = {name: pl.String if name in {*KINDS, "iso_week"} else pl.Int64 for name in columns if name != "day"}
    halves = pl.col("work_halves")
    return pl.DataFrame(columns, schema_overrides=types).with_columns(
        halves_until=halves.cum_sum(), days_until=(halves > 0).cast(pl.Int32).cum_sum()
    )


def _columns(calendar: Calendar, kind: PeriodKind) -> tuple[list[str | None], list[int | None]]:
    """Name and number of the period of each day."""
    names: list[str | None] = []
    indexes: list[int | None] = []
    day, index = FIRST, 0
    while day <= LAST:
        period = _period_of(calendar, day, kind)
        if period is None:
            names.append(None)
            indexes.append(None)
            day += _DAY
            continue
        count = (min(period.end, LAST) - day).days + 1
        names += [period.id] * count
        indexes += [index] * count
        day, index = day + count * _DAY, index + 1
    return names, indexes


def _period_of(calendar: Calendar, day: date, kind: PeriodKind) -> Period | None:
    try:
        return calendar.period_of(day, kind)
    except ValueError:  # a table says nothing of this day
        return None
