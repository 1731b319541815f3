"""Exchange rates as people write them: one rate, or lines pasted from a sheet. Exact: two integers, never a float."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hedef.kernel.issue import Issue, Source
from hedef.kernel.money import is_currency

RATE_SETS = ("daily", "month_end", "budget")
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,12})?")
_TURKISH_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MARKS = ("\t", ";", "|")
_HEADER = frozenset("day date tarih gün base quote rate kur set".split())


@dataclass(frozen=True, slots=True)
class RateLine:
    """One unit of `base` is `rate` units of `quote` on `day` (none: since always)."""

    base: str
    quote: str
    day: date | None
    rate: Fraction


def read_rate(text: str) -> Fraction:
    """`34.1250`, `34,1250` or `273/8`. ValueError with a sentence for anything else, or for 0."""
    plain = text.strip()
    parts = plain.split("/")
    if len(parts) == 2 and all(part.strip().isdigit() for part in parts) and int(parts[1]):
        found = Fraction(int(parts[0]), int(parts[1]))
    elif _NUMBER.fullmatch(plain):
        found = Fraction(plain.replace(",", "."))
    else:
        raise ValueError(f'"{text}" is no rate; write 34.1250 or 34,1250 without marks between thousands')
    if found <= 0:
        raise ValueError("a rate is above 0")
    if max(found.numerator, found.denominator) >= 1 << 62:
        raise ValueError(f'"{text}" has too many digits')
    return found


def read_day(text: str) -> date:
    """`2026-11-17` or `17.11.2026`; other orders are not guessed. ValueError with a sentence."""
    plain = text.strip()
    turkish = _TURKISH_DAY.fullmatch(plain)
    try:
        if turkish:
            return date(int(turkish[3]), int(turkish[2]), int(turkish[1]))
        return date.fromisoformat(plain)
    except ValueError as fault:
        raise ValueError(f'"{text}" is no day of the calendar; write 2026-11-17 or 17.11.2026') from fault


def read_lines(text: str, *, file: str | None = None) -> tuple[list[RateLine], list[Issue]]:
    """Lines `day base quote rate`, parted by tabs, semicolons, `|` or spaces; a header line is passed over.

    A line that cannot be read is an issue with its number (`bad_date, bad_number, currency_missing, ragged_row`); the
    same pair and day twice with another rate is one too (`duplicate_in_file`).
    """
    found: dict[tuple[str, str, date | None], RateLine] = {}
    issues: list[Issue] = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = _cells(line)
        if not cells or (number == 1 and _HEADER & {cell.casefold() for cell in cells}):
            continue
        try:
            one = _line(cells)
            before = found.setdefault((one.base, one.quote, one.day), one)
            if before.rate != one.rate:
                raise _Fault("duplicate_in_file", f"{one.base} {one.quote} {one.day} stands twice with other rates")
        except _Fault as fault:
            where = Source(file, number, None)
            issues.append(Issue(fault.code, "error", f"line {number}: {fault}", source=where, hint=_HINT))
    return list(found.values()), issues


_HINT = "Write each line as: 2026-11-17 EUR TRY 47,25 (day, one unit of, in units of, rate)."


class _Fault(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _cells(line: str) -> list[str]:
    mark = next((mark for mark in _MARKS if mark in line), None)
    return [cell.strip() for cell in (line.split(mark) if mark else line.split())] if line.strip() else []


def _line(cells: Iterable[str]) -> RateLine:
    told = list(cells)
    if len(told) != 4:
        raise _Fault("ragged_row", f"it has {len(told)} parts, not 4")
    day, base, quote, rate = told
    for code in (base, quote):
        if not is_currency(code.upper()):
            raise _Fault("currency_missing", f'"{code}" is no currency')
    if base.upper() == quote.upper():
        raise _Fault("currency_conflict", f"{base.upper()} stands on both sides")
    try:
        when = read_day(day)
    except ValueError as fault:
        raise _Fault("bad_date", str(fault)) from fault
    try:
        return RateLine(base.upper(), quote.upper(), when, read_rate(rate))
    except ValueError as fault:
        raise _Fault("bad_number", str(fault)) from fault
