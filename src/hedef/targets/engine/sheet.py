"""A sheet of targets: long (one value a row) or wide (periods as columns), read into scope, period and value."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import median_low
from typing import Literal

from hedef.intake.engine.headers import fold
from hedef.intake.engine.values.amounts import Amount, mark_proof, parse_amount
from hedef.intake.engine.values.clean import Trouble
from hedef.kernel.calendar import Calendar, NoPeriod, Period, PeriodKind
from hedef.targets.engine.units import to_steps

type Mark = Literal[".", ","]

# folded names of columns, the most telling first; a person is looked for by id before name
_KNOWN: dict[str, tuple[str, ...]] = {
    "scope": ("scope", "kapsam"),
    "person": (
        "userid user personid person employeeid employeeno ownerid owner salesagent salespersonid salesperson agent "
        "rep repid businessentityid email useremail owneremail kişi kisi kişiid temsilci eposta username ownername"
    ).split(),  # type: ignore[dict-item]
    "team": ("team", "teamid", "region", "ekip", "takım", "takim"),
    "period": ("period", "periodid", "dönem", "donem", "quarter", "çeyrek", "month", "ay", "year", "yıl"),
    "start": ("startdate", "start", "periodstart", "quotadate", "from", "date", "başlangıç", "tarih"),
    "grain": ("grain", "periodtype", "interval", "sıklık"),
    "value": (
        "quotaamount",
        "salesquota",
        "target",
        "targetvalue",
        "targetamount",
        "quota",
        "amount",
        "value",
        "hedef",
        "kota",
        "tutar",
    ),
    "metric": ("metric", "metricid", "kpi", "ölçüt", "olcut"),
    "currency": ("currency", "currencyisocode", "parabirimi"),
    "floor": ("floor", "alteşik", "taban"),
    "stretch": ("stretch", "stretchgoal", "üsthedef"),
}
FIELDS = tuple(_KNOWN)


@dataclass(frozen=True)
class Columns:
    """Which header holds what; `periods` are the value columns of a wide sheet."""

    named: Mapping[str, str]
    periods: Mapping[str, Period] = field(default_factory=dict)

    @property
    def wide(self) -> bool:
        return bool(self.periods)

    @property
    def who(self) -> str | None:
        return next((self.named[name] for name in ("scope", "person", "team") if name in self.named), None)

    def missing(self) -> list[str]:
        """What a sheet of targets cannot be read without."""
        absent = [] if self.who or "company" in self.named else ["person, team or scope"]
        if not self.wide:
            absent += [] if "period" in self.named or "start" in self.named else ["period or start date"]
            absent += [] if "value" in self.named else ["value"]
        return absent


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that is no line: `row` counts data rows from 1."""

    row: int
    code: str
    column: str | None
    value: str | None
    hint: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value read: who in the file's own words, and by which column; value in smallest steps."""

    row: int
    by: str  # scope, person, team
    who: str
    period: Period
    value: int
    floor: int | None = None
    stretch: int | None = None


@dataclass(frozen=True)
class Sheet:
    """Everything read. A row with a fault yields no cell at all; `sums` holds what its values add up to even so."""

    cells: tuple[Cell, ...]
    wrong: tuple[Wrong, ...]
    rounded: int = 0
    sums: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts become values: the calendar of the periods, unit, declared decimal mark, grain of start dates."""

    calendar: Calendar
    unit: str
    currency: str | None
    decimal: Mark | None = None
    grain: PeriodKind | None = None
    metric: str = ""


def find_columns(header: Sequence[str], calendar: Calendar, chosen: Mapping[str, str]) -> Columns:
    """Columns by their names; `chosen` (field -> header) wins. Columns named like periods make the sheet wide."""
    named = dict(chosen)
    taken = set(named.values())
    by_fold = {fold(name): name for name in reversed(header) if name not in taken}
    for what, names in _KNOWN.items():
        found = next((by_fold[fold(name)] for name in names if fold(name) in by_fold), None)
        if what not in named and found is not None and found not in named.values():
            named[what] = found
    periods = {} if "value" in chosen else dict(_period_columns(header, calendar, set(chosen.values())))
    if periods:
        named = {what: name for what, name in named.items() if what not in {"value", "period", "start"}}
    return Columns(named, periods)


def _period_columns(header: Sequence[str], calendar: Calendar, taken: set[str]) -> Iterator[tuple[str, Period]]:
    for name in header:
        if name in taken:
            continue
        try:
            yield name, calendar.period(name)
        except ValueError:
            continue


def decimal_of(texts: Sequence[str]) -> tuple[Mark | None, bool, dict[str, int]]:
    """The decimal mark that the column proves, whether one is needed at all, and how many cells prove which.

    Both kinds of proof, or only cells that read both ways (`1.234`): none, and it must be declared.
    """
    proof = Counter(found for text in set(texts) if (found := mark_proof(text)) is not None)
    counts = {mark: proof[mark] for mark in (".", ",", "either") if proof[mark]}
    sure: list[Mark] = [mark for mark in (".", ",") if proof[mark]]
    if len(sure) == 1:
        return sure[0], True, counts
    return None, bool(counts), counts


def grain_of(days: Sequence[date]) -> PeriodKind | None:
    """The kind of period that start dates are apart: by the middle gap between them."""
    ordered = sorted(set(days))
    if len(ordered) < 2:
        return None
    gap = median_low([(right - left).days for left, right in pairwise(ordered)])
    kinds: tuple[tuple[int, int, PeriodKind], ...] = (
        (6, 8, "week"),
        (25, 35, "month"),
        (80, 100, "quarter"),
        (170, 195, "half"),
        (350, 380, "year"),
    )
    return next((kind for low, high, kind in kinds if low <= gap <= high), None)


def value_texts(rows: Sequence[Sequence[str]], header: Sequence[str], columns: Columns) -> list[str]:
    """Every text that is a value: of one column, or of all period columns of a wide sheet."""
    names = list(columns.periods) or [columns.named["value"]]
    places = [header.index(name) for name in names]
    return [row[place] for row in rows for place in places if row[place].strip()]


def start_days(rows: Sequence[Sequence[str]], header: Sequence[str], columns: Columns) -> list[date]:
    """The start dates that are dates."""
    if "start" not in columns.named or "period" in columns.named:
        return []
    place = header.index(columns.named["start"])
    return [day for row in rows if (day := read_day(row[place])) is not None]


def read_day(text: str) -> date | None:
    """An ISO day, with or without a midnight behind it; other orders are not guessed."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def read_sheet(rows: Sequence[Sequence[str]], header: Sequence[str], columns: Columns, reading: Reading) -> Sheet:
    """Cells and faults of all rows. Rows of another metric than the plan's are faults."""
    place = {what: header.index(name) for what, name in columns.named.items() if name in header}
    wide = [(name, header.index(name), period) for name, period in columns.periods.items()]
    cells: list[Cell] = []
    wrong: list[Wrong] = []
    state = _Reader(columns, place, wide, reading, {})
    for number, row in enumerate(rows, start=1):
        found, faults = state.read(number, row)
        if faults:
            wrong += faults
        else:
            cells += found
    return Sheet(tuple(cells), tuple(wrong), state.rounded, state.sums)


@dataclass
class _Reader:
    columns: Columns
    place: Mapping[str, int]
    wide: Sequence[tuple[str, int, Period]]
    reading: Reading
    kept: dict[tuple[str, str], Period | str]  # texts of periods are few: read each once
    amounts: dict[str, tuple[int, bool] | Trouble] = field(default_factory=dict)  # and those of round values, too
    rounded: int = 0
    sums: dict[int, int] = field(default_factory=dict)

    def read(self, number: int, row: Sequence[str]) -> tuple[list[Cell], list[Wrong]]:
        wrong: list[Wrong] = []
        by, who = self._who(row)
        if not who and by != "company":
            name = self.columns.who
            wrong.append(Wrong(number, "required_missing", name, "", "Say whose target this is, or `company`."))
        metric = self._text(row, "metric")
        if metric and self.reading.metric and metric.partition("@")[0] != self.reading.metric:
            hint = f"The plan is about {self.reading.metric}; give {metric} a plan of its own."
            wrong.append(Wrong(number, "other_metric", self.columns.named["metric"], metric, hint))
        code = self._text(row, "currency").upper()
        if code and self.reading.currency and code != self.reading.currency:
            hint = f"The plan is in {self.reading.currency}; give {code} a plan of its own."
            wrong.append(Wrong(number, "currency_conflict", self.columns.named["currency"], code, hint))
        values = self._wide(number, row, wrong) if self.wide else self._long(number, row, wrong)
        floor, stretch = (self._optional(number, row, what, wrong) for what in ("floor", "stretch"))
        return [Cell(number, by, who, period, value, floor, stretch) for period, value in values], wrong

    def _text(self, row: Sequence[str], what: str) -> str:
        return row[self.place[what]].strip() if what in self.place else ""

    def _who(self, row: Sequence[str]) -> tuple[str, str]:
        for what in ("scope", "person", "team"):
            if text := self._text(row, what):
                return what, text
        return "none", ""

    def _long(self, number: int, row: Sequence[str], wrong: list[Wrong]) -> list[tuple[Period, int]]:
        period = self._period(number, row, wrong)
        value = self._value(number, self.columns.named["value"], row[self.place["value"]], wrong)
        self.sums[number] = value or 0
        return [] if period is None or value is None else [(period, value)]

    def _wide(self, number: int, row: Sequence[str], wrong: list[Wrong]) -> list[tuple[Period, int]]:
        found = []
        for name, place, period in self.wide:
            if row[place].strip() and (value := self._value(number, name, row[place], wrong)) is not None:
                found.append((period, value))
        self.sums[number] = sum(value for _, value in found)
        return found

    def _optional(self, number: int, row: Sequence[str], what: str, wrong: list[Wrong]) -> int | None:
        text = self._text(row, what)
        return self._value(number, self.columns.named[what], text, wrong) if text else None

    def _value(self, number: int, column: str, text: str, wrong: list[Wrong]) -> int | None:
        if not text.strip():
            hint = "Write the value; 0 is a target too, a blank is none."
            wrong.append(Wrong(number, "required_missing", column, text, hint))
            return None
        read = self.amounts.get(text)
        if read is None:
            read = self.amounts[text] = self._amount(text)
        if isinstance(read, Trouble):
            wrong.append(Wrong(number, read.code, column, text, read.hint))
            return None
        steps, rounded = read
        self.rounded += rounded
        return steps

    def _amount(self, text: str) -> tuple[int, bool] | Trouble:
        read = parse_amount(text, self.reading.decimal, money=self.reading.unit == "money")
        if not isinstance(read, Amount):
            return read
        return to_steps(read.number, self.reading.unit, self.reading.currency)

    def _period(self, number: int, row: Sequence[str], wrong: list[Wrong]) -> Period | None:
        what = "period" if "period" in self.place else "start"
        text, grain = self._text(row, what), self._text(row, "grain")
        if (text, grain) not in self.kept:
            self.kept[text, grain] = self._read_period(what, text, grain)
        found = self.kept[text, grain]
        if isinstance(found, Period):
            return found
        code, _, hint = found.partition("|")
        wrong.append(Wrong(number, code, self.columns.named[what], text, hint))
        return None

    def _read_period(self, what: str, text: str, grain: str) -> Period | str:
        day = read_day(text) if what == "start" or len(text) >= 10 else None
        if day is not None:
            return start_period(day, self._kind(grain), self.reading.calendar)
        try:
            return self.reading.calendar.period(text)
        except ValueError as fault:
            return f"bad_period|{str(fault)[0].upper()}{str(fault)[1:]}."

    def _kind(self, grain: str) -> PeriodKind | None:
        return _GRAINS.get(grain.casefold()) or self.reading.grain


_GRAINS: dict[str, PeriodKind] = {
    "month": "month", "monthly": "month", "m": "month", "ay": "month", "aylık": "month",
    "quarter": "quarter", "quarterly": "quarter", "q": "quarter", "çeyrek": "quarter", "çeyreklik": "quarter",
    "year": "year", "yearly": "year", "annual": "year", "y": "year", "yıl": "year", "yıllık": "year",
    "half": "half", "week": "week", "weekly": "week", "w": "week", "hafta": "week",
}  # fmt: skip


def start_period(day: date, kind: PeriodKind | None, calendar: Calendar) -> Period | str:
    """The period that starts on `day`; else a code and a hint with the nearest start: a date is never moved."""
    if kind is None:
        return "grain_missing|Say what begins on this date: add a column grain, or --grain month, quarter or year."
    kinds = dict.fromkeys((kind, calendar.month_kind_on(day))) if kind == "month" else (kind,)
    try:
        found = [calendar.period_of(day, one) for one in kinds]
        for period in found:
            if period.start == day:  # also the last one of a table, after which there is none
                return period
        after = calendar.next(found[-1])
    except NoPeriod as fault:
        return f"bad_period|{fault}. {fault.hint}"
    nearest = min((period.start, after.start), key=lambda start: (abs((start - day).days), start))
    days = (nearest - day).days
    away = f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"
    return (
        f"date_not_a_period_start|No {kind} starts on {day}; the nearest start is {nearest}, {away}. "
        "Dates are never moved: correct the cell, or name the period."
    )
