"""Three shapes of a fiscal year: months, whole weeks (4-4-5 and its sisters), and a table that says each period.

All three answer the same two questions: the days of the n-th period of a kind in a year, and the period of a day.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from itertools import pairwise
from typing import Literal, Protocol

from hedef.kernel.errors import WrongUse
from hedef.kernel.periods import Period, PeriodKind, canonical_id, read_name
from hedef.kernel.words import search_key

type Pattern = Literal["4-4-5", "4-5-4", "5-4-4"]
type YearEnd = Literal["nearest", "last"]
type NamedBy = Literal["end", "start"]

DAY = timedelta(days=1)
RANK: dict[PeriodKind, int] = {"week": 0, "month": 1, "fiscal_month": 1, "quarter": 2, "half": 3, "year": 4}
_MONTHS_IN: dict[PeriodKind, int] = {"month": 1, "fiscal_month": 1, "quarter": 3, "half": 6, "year": 12}
_LONGER_TABLE = "Add the periods in a new version of the calendar."
_LAST_DAY = date.max.toordinal()


class NoPeriod(WrongUse, ValueError):
    """A day or name for which the calendar's table says nothing, or nothing alike."""


class Shape(Protocol):
    """What a calendar asks of the shape of its years."""

    def period(self, kind: PeriodKind, year: int, number: int) -> Period:
        """ValueError for a period that the year does not have."""

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        """ValueError for a day that no period of a table covers."""


def rank(kind: PeriodKind) -> int:
    """Order by length; ValueError for what is no kind."""
    if kind not in RANK:
        raise ValueError(f'"{kind}" is no kind of period; known: {", ".join(RANK)}')
    return RANK[kind]


# --- years of months


@dataclass(frozen=True, slots=True)
class MonthShape:
    """Fiscal periods are whole calendar months from `fiscal_start` on; weeks are ISO weeks."""

    fiscal_start: int = 1
    named_by: NamedBy = "end"

    def period(self, kind: PeriodKind, year: int, number: int) -> Period:
        rank(kind)
        if kind == "week":
            return _iso_week(year, number)
        if kind == "month":
            return _months(kind, year, number, year, number, 1)
        count = _MONTHS_IN[kind]
        first_year = year - (self.fiscal_start > 1 and self.named_by == "end")
        return _months(kind, year, number, first_year, self.fiscal_start + (number - 1) * count, count)

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        rank(kind)
        if kind == "week":
            year, week, _ = day.isocalendar()
            return _iso_week(year, week)
        if kind == "month":
            return self.period(kind, day.year, day.month)
        months = (day.month - self.fiscal_start) % 12
        return self.period(kind, self.year_of(day), months // _MONTHS_IN[kind] + 1)

    def year_of(self, day: date) -> int:
        """The number that names the fiscal year of a day."""
        if self.fiscal_start == 1:
            return day.year
        ends_later = day.month >= self.fiscal_start
        return day.year + ends_later - (self.named_by == "start")


def _month_start(year: int, month: int) -> date | None:
    """First day of a month counted on from January of `year`; `month` may exceed 12. None outside years 1 to 9999."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1) if MINYEAR <= year <= MAXYEAR else None


def _months(kind: PeriodKind, year: int, number: int, first_year: int, first: int, count: int) -> Period:
    """Periods at the edge of time are cut off there: exports write 9999-12-31 for "never"."""
    start, after = _month_start(first_year, first), _month_start(first_year, first + count)
    name = canonical_id(kind, year, number)
    return Period(name, kind, start or date.min, after - DAY if after else date.max)


def _iso_week(year: int, number: int) -> Period:
    if number > iso_weeks(year):
        raise ValueError(f"the ISO year {year} has {iso_weeks(year)} weeks, so there is no {year:04d}-W{number}")
    start = date.fromisocalendar(year, number, 1)
    end = start + timedelta(days=6) if (date.max - start).days >= 6 else date.max
    return Period(canonical_id("week", year, number), "week", start, end)


def iso_weeks(year: int) -> int:
    """52 or 53."""
    return date(year, 12, 28).isocalendar().week  # 28 December always lies in the last ISO week


# --- years of weeks


@dataclass(frozen=True, slots=True)
class WeekShape:
    """A year of 52 or 53 whole weeks; each quarter has 13, in fiscal months of 4, 4 and 5 (or another `pattern`).

    The year ends on the last day of a week: the one `nearest` to the end of the month before `fiscal_start`, or the
    `last` one in that month. In a year of 53 weeks the fiscal month `long_month` has one more, and with it its quarter
    and half. Calendar months stay as they are.
    """

    pattern: tuple[int, int, int]
    fiscal_start: int = 1
    week_starts: int = 1
    year_end: YearEnd = "nearest"
    named_by: NamedBy = "end"
    long_month: int = 12

    def period(self, kind: PeriodKind, year: int, number: int) -> Period:
        rank(kind)
        if kind == "month":
            return _months(kind, year, number, year, number, 1)
        first, last = self._weeks(kind, number, self.weeks_in(year))
        if number < 1 or first > self.weeks_in(year):
            name = canonical_id(kind, year, number)
            raise ValueError(f"the fiscal year {year} has {self.weeks_in(year)} weeks, so there is no {name}")
        start = self._end(year - 1) + 1
        return Period(canonical_id(kind, year, number), kind, _day(start + 7 * (first - 1)), _day(start + 7 * last - 1))

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        rank(kind)
        if kind == "month":
            return self.period(kind, day.year, day.month)
        year = self.year_of(day)
        week = (day.toordinal() - self._end(year - 1) - 1) // 7 + 1
        for number in range(1, self._most(kind, year) + 1):
            first, last = self._weeks(kind, number, self.weeks_in(year))
            if first <= week <= last:
                return self.period(kind, year, number)
        raise ValueError(f"{day} lies in no {kind}")  # not reached: the periods fill the year

    def year_of(self, day: date) -> int:
        """The number that names the fiscal year of a day."""
        year = day.year
        while day.toordinal() > self._end(year):
            year += 1
        while day.toordinal() <= self._end(year - 1):
            year -= 1
        return year

    def weeks_in(self, year: int) -> int:
        """52 or 53."""
        return round((self._end(year) - self._end(year - 1)) / 7)

    def _most(self, kind: PeriodKind, year: int) -> int:
        counts: dict[PeriodKind, int] = {"year": 1, "half": 2, "quarter": 4, "fiscal_month": 12}
        return counts.get(kind, self.weeks_in(year))

    def _weeks(self, kind: PeriodKind, number: int, weeks: int) -> tuple[int, int]:
        """First and last week of the n-th period of a year with so many weeks; beyond the year for one it has not."""
        if kind == "week":
            return number, number
        lengths = list(self.pattern * 4)
        lengths[self.long_month - 1] += weeks - sum(lengths)
        months = _MONTHS_IN[kind]
        first = sum(lengths[: (number - 1) * months]) + 1
        return first, sum(lengths[: number * months])

    def _end(self, year: int) -> int:
        """Ordinal of the last day of a fiscal year."""
        shown = year + (self.named_by == "start" and self.fiscal_start > 1)
        if shown < MINYEAR:
            return 7 * (shown - MINYEAR) * 52
        if shown > MAXYEAR:
            return _LAST_DAY + 7 * 52 * (shown - MAXYEAR)
        after = _month_start(shown, self.fiscal_start if self.fiscal_start > 1 else 13)
        anchor = after - DAY if after else date.max
        over = (anchor.isoweekday() - (self.week_starts - 1)) % 7  # days since the last day of a week
        return anchor.toordinal() - over + (7 if self.year_end == "nearest" and over > 3 else 0)


def _day(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, 1), _LAST_DAY))


# --- years of a table


@dataclass(frozen=True, slots=True)
class TableRow:
    """One period of a table and the longer one that it is part of."""

    period: Period
    parent: str | None = None


@dataclass(frozen=True)
class TableShape:
    """The periods of a table; kinds that it does not name are those of `others`."""

    rows: tuple[TableRow, ...]
    others: Shape
    _by_kind: dict[PeriodKind, list[Period]] = field(init=False, repr=False, compare=False)
    _by_id: dict[str, TableRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_kind: dict[PeriodKind, list[Period]] = {}
        for row in sorted(self.rows, key=lambda row: row.period.start):
            by_kind.setdefault(row.period.kind, []).append(row.period)
        object.__setattr__(self, "_by_kind", by_kind)
        object.__setattr__(self, "_by_id", {search_key(row.period.id): row for row in self.rows})

    def named(self, text: str) -> Period | None:
        """The period whose id this is."""
        row = self._by_id.get(search_key(text))
        return None if row is None else row.period

    def period(self, kind: PeriodKind, year: int, number: int) -> Period:
        name = canonical_id(kind, year, number)
        if kind not in self._by_kind:
            return self.others.period(kind, year, number)
        found = self.named(name)
        if found is None or found.kind != kind:
            known = self._by_kind[kind]
            span = f"it goes from {known[0].id} to {known[-1].id}"
            raise NoPeriod(f"the calendar's table has no {kind} {name}; {span}", hint=_LONGER_TABLE)
        return found

    def period_of(self, day: date, kind: PeriodKind) -> Period:
        rank(kind)
        known = self._by_kind.get(kind)
        if known is None:
            return self.others.period_of(day, kind)
        place = bisect_right(known, day, key=lambda one: one.start) - 1
        if place < 0 or day > known[place].end:
            span = f"{known[0].start} to {known[-1].end}"
            raise NoPeriod(f"the calendar's table has no {kind} on {day}: it speaks for {span}", hint=_LONGER_TABLE)
        return known[place]

    def kinds(self) -> set[PeriodKind]:
        """Kinds that the table names."""
        return set(self._by_kind)

    def year_before(self, period: Period) -> Period:
        """The same place in the longer period before; without a parent the one that is named a year lower."""
        row = self._by_id.get(search_key(period.id))
        parent = self.named(row.parent) if row and row.parent else None
        if parent is not None:
            siblings = self._children(parent)
            former = self.period_of(parent.start - DAY, parent.kind)
            place = siblings.index(period.id)
            older = self._children(former)
            if place < len(older):
                return self._by_id[search_key(older[place])].period
        kind, year, number = read_name(period.id)
        return self.period(kind, year - 1, number)

    def _children(self, parent: Period) -> list[str]:
        rows = [row.period for row in self.rows if row.parent == parent.id]
        return [one.id for one in sorted(rows, key=lambda one: one.start)]


def table_faults(rows: Sequence[TableRow]) -> list[tuple[int, str]]:
    """What is wrong with a table: the place of the row and a sentence. Empty when it can be used."""
    faults = [(place, fault) for place, row in enumerate(rows) if (fault := _row_fault(row, rows[:place]))]
    if faults:
        return faults
    return [*_gaps(rows), *_parents(rows)]


def _row_fault(row: TableRow, before: Sequence[TableRow]) -> str | None:
    one = row.period
    if one.end < one.start:
        return f"{one.id} ends on {one.end}, before it starts on {one.start}"
    if any(search_key(one.id) == search_key(other.period.id) for other in before):
        return f"{one.id} stands twice in the table"
    try:
        named = read_name(one.id)
    except ValueError:
        return None
    if named[0] != one.kind:
        return f"{one.id} is the name of a {named[0]}, but the table says {one.kind}"
    if canonical_id(*named) != one.id:
        return f"write {canonical_id(*named)} instead of {one.id}"
    return None


def _gaps(rows: Sequence[TableRow]) -> list[tuple[int, str]]:
    faults = []
    for kind in RANK:
        same = sorted(
            (row.period.start, place, row.period) for place, row in enumerate(rows) if row.period.kind == kind
        )
        for (_, _, left), (_, place, right) in pairwise(same):
            if right.start <= left.end:
                faults.append((place, f"{right.id} starts on {right.start}, but {left.id} ends only on {left.end}"))
            elif right.start > left.end + DAY:
                between = f"{left.end + DAY} to {right.start - DAY}"
                faults.append((place, f"between {left.id} and {right.id} the days {between} are in no {kind}"))
    return faults


def _parents(rows: Sequence[TableRow]) -> list[tuple[int, str]]:
    known = {row.period.id: row.period for row in rows}
    faults: list[tuple[int, str]] = []
    children: dict[tuple[str, PeriodKind], list[tuple[date, date, int]]] = {}
    for place, row in enumerate(rows):
        one, parent = row.period, known.get(row.parent or "")
        if row.parent is None:
            continue
        if parent is None:
            faults.append((place, f"{one.id} stands in {row.parent}, which is not in the table"))
        elif rank(parent.kind) <= rank(one.kind):
            faults.append((place, f"{one.id} is a {one.kind} and cannot be part of {parent.id}, a {parent.kind}"))
        elif one.start < parent.start or one.end > parent.end:
            faults.append((place, f"{one.id} sticks out of {parent.id}, which runs {parent.start} to {parent.end}"))
        else:
            children.setdefault((parent.id, one.kind), []).append((one.start, one.end, place))
    for (name, kind), spans in children.items():
        first, last = min(spans), max(spans)
        if first[0] != known[name].start or last[1] != known[name].end:
            faults.append((first[2], f"the {kind} periods of {name} do not fill it: they run {first[0]} to {last[1]}"))
    return faults
