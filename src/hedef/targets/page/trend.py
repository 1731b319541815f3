"""The line to date of the focus: what is there, what should be there, and the period before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils import dateformat

from hedef.kernel.calendar import Period
from hedef.metrics.page.shown import figure_of, span
from hedef.metrics.queries.evaluate import scope_key
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.presence import ALWAYS, Stays
from hedef.targets.page.asked import Asked
from hedef.targets.page.tree import Line
from hedef.targets.queries import Scoreboard
from hedef.targets.queries.kept import evaluated

POINTS = 14  # marks of a line; between two of them it is drawn straight
type Mark = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Trend:
    """Marks as (place in the period from 0 to 1, value); `ticks` are days of the axis."""

    actual: tuple[Mark, ...]
    pace: tuple[Mark, ...]
    before: tuple[Mark, ...]
    ticks: tuple[tuple[Fraction, str], ...]
    period: str
    period_before: str


def trend(asked: Asked, metric: str, currency: str | None, line: Line | None) -> Trend:
    """Sums of the first days of both periods, at a dozen places each."""
    period, before = asked.period, asked.versus
    past_start = (before or period).start
    now_days = [day for day in _days(period) if day < asked.as_of and day < period.end]
    if asked.as_of >= period.start:
        now_days.append(min(asked.as_of, period.end))
    past_days = [] if before is None else list(_days(before))
    found = evaluated(
        metric,
        by=scope_key(asked.focus, "person")[0],
        scopes=[asked.focus],
        periods=[
            *(span(period.start, day) for day in now_days),
            *(span(past_start, day) for day in past_days),
        ],
        as_of=asked.as_of_us,
        known_at=asked.call.known_no,
        scope=asked.seen,
        currency=currency,
        pinned=asked.pin,
    )
    values = [figure_of(cell.value, cell.unit, cell.currency).value for cell in found.cells]
    start = (Fraction(0), Fraction(0))
    actual = [(_place(period, day), value) for day, value in zip(now_days, values, strict=False) if value is not None]
    past = [
        (_place(before or period, day), value)
        for day, value in zip(past_days, values[len(now_days) :], strict=False)
        if value is not None
    ]
    return Trend(
        actual=(start, *actual) if actual else (),
        pace=_pace(asked.board, line) if asked.board is not None and line is not None else (),
        before=(start, *past) if past else (),
        ticks=_ticks(period),
        period=period.id,
        period_before="" if before is None else before.id,
    )


def _length(period: Period) -> int:
    return (period.end - period.start).days + 1


def _days(period: Period) -> Iterator[date]:
    """About a dozen days, the last one of the period at the end."""
    step = max(-(-_length(period) // POINTS), 1)
    day = period.start + timedelta(step - 1)
    while day < period.end:
        yield day
        day += timedelta(step)
    yield period.end


def _place(period: Period, day: date) -> Fraction:
    """How far a day's end lies in the period, from 0 to 1."""
    return Fraction((day - period.start).days + 1, _length(period))


def _pace(board: Scoreboard, line: Line) -> tuple[Mark, ...]:
    """Where the focus should be at the end of each day: the target by the share that is gone."""
    if line.target is None or line.expected is None:
        return ()
    carried = board.row(line.scope).carried
    stays, country = (ALWAYS, None) if carried is None else (carried.stays, carried.country)
    period = board.asked.period
    marks = [(Fraction(0), Fraction(0))]
    for day in _pace_days(board, period):
        share = _share(board, day, stays, country)
        marks.append((_place(period, day), line.target * share))
    return tuple(marks)


def _pace_days(board: Scoreboard, period: Period) -> list[date]:
    """Days of the marks; a seasonal curve is known at the ends of its months and on the board's own day."""
    if board.clock.method != "seasonal":
        return sorted(
            {*_days(period), *([board.asked.as_of] if period.start <= board.asked.as_of <= period.end else [])}
        )
    ends = {part.end for part in board.clock.parts(period)}
    return sorted(ends | ({board.asked.as_of} if period.start <= board.asked.as_of <= period.end else set()))


def _share(board: Scoreboard, day: date, stays: Stays, country: str | None) -> Fraction:
    period, season = board.asked.period, board.clock.phasing.season
    if board.clock.method == "seasonal" and season is not None and day != board.asked.as_of:
        months = board.clock.parts(period)
        return sum((share for share, part in zip(season.shares, months, strict=False) if part.end <= day), Fraction(0))
    clock = Clock(board.clock.calendar, day, board.clock.phasing, board.clock.method)
    return clock.of(country).elapsed(period, stays)


def _ticks(period: Period) -> tuple[tuple[Fraction, str], ...]:
    """Names of months, days or weekdays, at most five."""
    if period.kind in {"year", "half", "quarter"}:
        every = 3 if period.kind == "year" else 2 if period.kind == "half" else 1
        days = [day for day in _all_days(period) if day.day == 1][::every]
        return tuple((_start(period, day), dateformat.format(day, "M")) for day in days)
    if period.kind == "week":
        return tuple((_start(period, day), dateformat.format(day, "D")) for day in _all_days(period)[::2])
    days = _all_days(period)[::7]
    return tuple(
        (_start(period, day), dateformat.format(day, "j" if number else "j M")) for number, day in enumerate(days)
    )


def _all_days(period: Period) -> list[date]:
    return [period.start + timedelta(number) for number in range(_length(period))]


def _start(period: Period, day: date) -> Fraction:
    return Fraction((day - period.start).days, _length(period))
