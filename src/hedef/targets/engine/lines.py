"""From the lines a plan has to the period a board asks for: given, summed, or phased down (T4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from hedef.kernel.calendar import Calendar, Period, PeriodKind
from hedef.kernel.money import largest_remainder
from hedef.targets.engine.phasing import Phasing, weights
from hedef.targets.engine.presence import FIRST, LAST

type Span = tuple[date, date]
type Book = Mapping[Span, int]  # the lines of one scope: first and last day -> value
type How = Literal["given", "summed", "phased", "partly_summed", "none"]

LONGER: dict[str, tuple[PeriodKind, ...]] = {
    "week": ("month", "fiscal_month", "quarter", "half", "year"),
    "month": ("quarter", "half", "year"),
    "fiscal_month": ("quarter", "half", "year"),
    "quarter": ("half", "year"),
    "half": ("year",),
    "year": (),
}
SHORTER: dict[str, tuple[PeriodKind, ...]] = {
    "year": ("half", "quarter", "month", "fiscal_month"),
    "half": ("quarter", "month", "fiscal_month"),
    "quarter": ("month", "fiscal_month"),
}


@dataclass(frozen=True, slots=True)
class Edition:
    """The lines of one version of a plan, by scope, and the days it speaks for (`end` not included; T8)."""

    version: int
    books: Mapping[str, Book]
    start: date = FIRST
    end: date = LAST


@dataclass(frozen=True, slots=True)
class Piece:
    """A value with the period over whose days it is spread, counting from `start` up to, not including, `end`."""

    period: Period
    value: int
    start: date = FIRST
    end: date = LAST


@dataclass(frozen=True, slots=True)
class Derived:
    """The pieces that make a scope's target of a period, and how they were found."""

    pieces: tuple[Piece, ...] = ()
    how: How = "none"


NOTHING = Derived()


@dataclass(frozen=True)
class Deriver:
    """Answers of one calendar and phasing."""

    calendar: Calendar
    phasing: Phasing

    def derive(self, book: Book, period: Period) -> Derived:
        """The line itself, else all shorter ones summed, else the next longer one phased down, else what there is."""
        own = book.get((period.start, period.end))
        if own is not None:
            return Derived((Piece(period, own),), "given")
        if not book:
            return NOTHING
        shorter, whole = self._shorter(book, period)
        if shorter and whole:
            return Derived(tuple(shorter), "summed")
        longer = self._longer(book, period)
        if longer is not None:
            return Derived((Piece(period, longer),), "phased")
        return Derived(tuple(shorter), "partly_summed") if shorter else NOTHING

    def level(self, book: Book, period: Period) -> Derived:
        """A level target: the line itself, else the nearest longer one repeated; never divided (T1)."""
        for one in (period, *self._around(period)):
            value = book.get((one.start, one.end))
            if value is not None:
                return Derived((Piece(period, value),), "given" if one is period else "phased")
        return NOTHING

    def _around(self, period: Period) -> list[Period]:
        found = (self.calendar.period_of(period.start, kind) for kind in LONGER.get(period.kind, ()))
        return [one for one in found if one.start <= period.start and one.end >= period.end]

    def _shorter(self, book: Book, period: Period) -> tuple[list[Piece], bool]:
        """Pieces inside the period, the longest first choice, and whether they cover all of it."""
        best: list[Piece] = []
        if not any(period.start <= start and end <= period.end for start, end in book):
            return self._weeks(book, period)
        for kind in SHORTER.get(period.kind, ()):
            pieces, whole = self._parts(book, self.calendar.parts(period, kind))
            if pieces and whole:
                return pieces, True
            best = max(best, pieces, key=len)
        weeks, whole = self._weeks(book, period)
        return (weeks, True) if whole else (best or weeks, False)

    def _parts(self, book: Book, parts: Sequence[Period]) -> tuple[list[Piece], bool]:
        pieces: list[Piece] = []
        whole = True
        for part in parts:
            own = book.get((part.start, part.end))
            inner, complete = ([Piece(part, own)], True) if own is not None else self._shorter(book, part)
            pieces += inner
            whole = whole and complete and bool(inner)
        return pieces, whole

    def _weeks(self, book: Book, period: Period) -> tuple[list[Piece], bool]:
        """Weekly lines; a week that crosses the period's edge gives it the share of its working days."""
        if period.kind == "week" or not any((end - start).days == 6 for start, end in book):
            return [], False
        pieces: list[Piece] = []
        whole = True
        week = self.calendar.period_of(period.start, "week")
        while week.start <= period.end:
            value = book.get((week.start, week.end))
            if value is None:
                whole = False
            else:
                inside = _clipped(week, period)
                pieces.append(Piece(inside, self._crossing(week, inside, value)))
            week = self.calendar.next(week)
        return pieces, whole

    def _crossing(self, week: Period, inside: Period, value: int) -> int:
        """The part of a weekly value that lies `inside`; the other part is exactly the rest."""
        if (inside.start, inside.end) == (week.start, week.end):
            return value
        half = self.calendar.working_half_days
        total = half(week.start, week.end)
        if total == 0:
            return value if inside.start == week.start else 0
        before = Fraction(half(week.start, inside.end), total)
        start = before - Fraction(half(inside.start, inside.end), total)
        return _up_to(value, before) - _up_to(value, start)

    def _longer(self, book: Book, period: Period) -> int | None:
        if period.kind == "week":
            return self._week_of_longer(book, period)
        for container in self._around(period):
            value = book.get((container.start, container.end))
            if value is not None:
                months = self.months(value, container)
                return sum(part for month, part in months if period.start <= month.start and month.end <= period.end)
        return None

    def _week_of_longer(self, book: Book, week: Period) -> int | None:
        """Each month of the week gives it what the working days of its own weeks say (T4)."""
        total, found = 0, False
        for day in dict.fromkeys((week.start, week.end)):
            month = self.calendar.period_of(day, self.calendar.month_kind_on(day))
            value = book.get((month.start, month.end))
            if value is None:
                value = self._longer(book, month)
            if value is not None and (not found or month.start > week.start):
                total, found = total + self._week_of_month(value, month, week), True
        return total if found else None

    def _week_of_month(self, value: int, month: Period, week: Period) -> int:
        weeks: list[Period] = []
        one = self.calendar.period_of(month.start, "week")
        while one.start <= month.end:
            weeks.append(_clipped(one, month))
            one = self.calendar.next(one)
        parts = largest_remainder(value, weights(self.calendar, month, weeks, Phasing("working")))
        return sum(
            part for one, part in zip(weeks, parts, strict=True) if week.start <= one.start and one.end <= week.end
        )

    def months(self, value: int, whole: Period) -> list[tuple[Period, int]]:
        """The line month by month; longer parts of it are sums of these, so all levels agree to the cent."""
        months = self.calendar.months(whole)
        if self.phasing.by == "manual":
            for kind in ("half", "quarter"):
                parts = self.calendar.parts(whole, kind) if kind in SHORTER.get(whole.kind, ()) else []
                if parts and all(part.id in self.phasing.manual for part in parts):
                    inner = replace(self, phasing=Phasing("working"))
                    return [pair for part in parts for pair in inner.months(self.phasing.manual[part.id], part)]
        return list(
            zip(months, largest_remainder(value, weights(self.calendar, whole, months, self.phasing)), strict=True)
        )


def _clipped(period: Period, to: Period) -> Period:
    return replace(period, start=max(period.start, to.start), end=min(period.end, to.end))


def _up_to(value: int, share: Fraction) -> int:
    scaled = value * share
    return scaled.numerator // scaled.denominator
