"""Names of periods: how people write them, and what each spelling means before a calendar gives it its days."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from hedef.kernel.words import search_key

type PeriodKind = Literal["year", "half", "quarter", "month", "week", "fiscal_month"]

EXAMPLES = "2017, 2017-H1, 2017-Q3, 2017-07, 2017-W27 or FY2017-P07"

_MONTHS = (
    ("january", "ocak"),
    ("february", "şubat", "subat"),
    ("march", "mart"),
    ("april", "nisan"),
    ("may", "mayıs"),
    ("june", "haziran"),
    ("july", "temmuz"),
    ("august", "ağustos", "agustos"),
    ("september", "eylül", "eylul"),
    ("october", "ekim"),
    ("november", "kasım"),
    ("december", "aralık"),
)
_MONTH_NUMBER = {
    key: number
    for number, names in enumerate(_MONTHS, 1)
    for name in names
    for key in (search_key(name), search_key(name)[:3])
}
_LETTERS: dict[str, tuple[PeriodKind, int]] = {
    "h": ("half", 2),
    "q": ("quarter", 4),
    "ç": ("quarter", 4),
    "c": ("quarter", 4),
    "w": ("week", 53),
}
_YEAR = r"(?P<year>[1-9]\d{3})"
_PART = r"(?P<letter>[hqçcw])"
_NUMBER = r"(?P<number>\d{1,2})"
_SHAPES = [
    re.compile(shape)
    for shape in (
        rf"(?:fy ?)?{_YEAR}",
        rf"{_YEAR}[- ]?{_PART}{_NUMBER}",  # 2017-Q3
        rf"{_PART}{_NUMBER}[- ]?{_YEAR}",  # Q3 2017
        rf"{_NUMBER}\.? ?{_PART}[- ]?{_YEAR}",  # 3Ç2017
        rf"{_YEAR}-(?P<month>\d{{2}})",
        rf"(?P<name>[^\W\d]+)[- ]?{_YEAR}",  # Temmuz 2017
        rf"{_YEAR}[- ]?(?P<name>[^\W\d]+)",
        rf"fy ?{_YEAR}[- ]?p(?P<fiscal>\d{{1,2}})",
    )
]


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days of one calendar, first and last day included."""

    id: str
    kind: PeriodKind
    start: date
    end: date

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.end - self.start).days + 1

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "start": self.start.isoformat(), "end": self.end.isoformat()}


_SPELLED: dict[PeriodKind, str] = {
    "year": "{0:04d}",
    "half": "{0:04d}-H{1}",
    "quarter": "{0:04d}-Q{1}",
    "month": "{0:04d}-{1:02d}",
    "fiscal_month": "FY{0:04d}-P{1:02d}",
    "week": "{0:04d}-W{1:02d}",
}


def canonical_id(kind: PeriodKind, year: int, number: int) -> str:
    """`2017`, `2017-H1`, `2017-Q3`, `2017-07`, `FY2017-P07`, `2017-W27`: what `read_name` reads back."""
    return _SPELLED[kind].format(year, number)


def read_name(text: str) -> tuple[PeriodKind, int, int]:
    """Kind, year and number within the year of a written period; the number of a year is 1.

    ValueError with the known spellings for anything else.
    """
    key = search_key(text)
    for shape in _SHAPES:
        found = shape.fullmatch(key)
        meaning = found and _meaning(found.groupdict())
        if meaning:
            return meaning
    raise ValueError(f'"{text}" is no period; write it as {EXAMPLES}')


def _meaning(parts: dict[str, str | None]) -> tuple[PeriodKind, int, int] | None:
    year = int(parts["year"] or 0)
    if letter := parts.get("letter"):
        kind, most = _LETTERS[letter]
        return _within(kind, year, int(parts["number"] or 0), most)
    if month := parts.get("month"):
        return _within("month", year, int(month), 12)
    if fiscal := parts.get("fiscal"):
        return _within("fiscal_month", year, int(fiscal), 12)
    if name := parts.get("name"):
        return _within("month", year, _MONTH_NUMBER.get(name, 0), 12)
    return "year", year, 1


def _within(kind: PeriodKind, year: int, number: int, most: int) -> tuple[PeriodKind, int, int] | None:
    return (kind, year, number) if 1 <= number <= most else None
