"""The text of one date or time -> its parts. The slow, careful twin of the vectorised reading in `times`."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from hedef.intake.engine.values.clean import Trouble
from hedef.kernel.money import round_half_away

type Order = Literal["d/m", "m/d"]

DAY_US = 86_400_000_000
_EXCEL_ZERO = date(1899, 12, 30)
_EPOCH = date(1970, 1, 1)

_YMD = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[ \-/.]+([^\W\d_]{3,9})\.?,?[ \-/.]*[, ]?(\d{4}|\d{2})", re.IGNORECASE
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SPLIT = re.compile(r"(?P<day>.*?\d{2})(?:T| |, *)(?P<time>\d{1,2}:\d{2}.*)", re.IGNORECASE)
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(am|pm|a\.m\.|p\.m\.)? ?(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"^[^\W\d_]{3,9}\.?, (?=\d)")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january oca ocak", "feb february şub şubat", "mar march mart", "apr april nis nisan",
            "may mayıs", "jun june haz haziran", "jul july tem temmuz", "aug august ağu ağustos",
            "sep sept september eyl eylül", "oct october eki ekim", "nov november kas kasım", "dec december ara aralık",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """`naive_us` = microseconds of the wall clock since 1970 (no zone); `offset` in minutes where the text has one."""

    naive_us: int
    offset: int | None = None
    day_only: bool = False


def parse_moment(text: str, order: Order | None, *, serial: bool = False) -> Moment | Trouble:
    """One date, with or without a time of day. `serial` allows Excel day numbers 20,000 to 80,000."""
    plain = _WEEKDAY.sub("", text)
    if serial and _SERIAL.fullmatch(plain):
        return _from_serial(plain)
    split = _SPLIT.fullmatch(plain)
    day = _parse_day((split["day"] if split else plain).strip(" ,"), order)
    if isinstance(day, Trouble):
        return day
    if split is None:
        return Moment(day * DAY_US, None, day_only=True)
    clock = _parse_clock(split["time"].strip())
    if clock is None:
        return Trouble("bad_date", "error", "The time of day is not readable. Write it as 14:30:00 or 2:30 PM.")
    micro, offset = clock
    return Moment(day * DAY_US + micro, offset)


def _from_serial(text: str) -> Moment | Trouble:
    number = Decimal(text)
    if not 20_000 <= number <= 80_000:
        return Trouble("bad_date", "error", "Excel day numbers lie between 20000 and 80000. Format the cells as dates.")
    whole = int(number)
    day = (_EXCEL_ZERO - _EPOCH).days + whole
    seconds = round_half_away((number - whole) * 86_400)  # Excel keeps times to about a tenth of a second
    return Moment(day * DAY_US + seconds * 1_000_000, None, day_only=number == whole)


def _parse_day(text: str, order: Order | None) -> int | Trouble:
    """Days since 1970."""
    if found := _YMD.fullmatch(text):
        return _day(int(found[1]), int(found[3]), int(found[4]), None)
    if found := _COMPACT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]), None)
    if found := NUMERIC.fullmatch(text):
        return _numeric_day(int(found[1]), int(found[3]), _year(found[4]), order)
    if found := _DAY_MONTH.fullmatch(text):
        return _named_day(found[2], found[1], found[3])
    if found := _MONTH_DAY.fullmatch(text):
        return _named_day(found[1], found[2], found[3])
    return Trouble("bad_date", "error", "This is no date. Write it as 2026-10-31, or map the column with another type.")


def _numeric_day(first: int, second: int, year: int, order: Order | None) -> int | Trouble:
    if order is None:
        if first == second or not _some_day(year, first, second):
            return _day(year, first, second, None)
        hint = "Nothing in the file says whether the day or the month comes first. Choose the date order of the column."
        return Trouble("undecided_date_order", "error", hint)
    return _day(year, second, first, order) if order == "d/m" else _day(year, first, second, order)


def _some_day(year: int, first: int, second: int) -> bool:
    """Whether either order makes a day: 31/11/2026 is none, whichever comes first."""
    return not all(isinstance(_day(year, *pair, None), Trouble) for pair in ((first, second), (second, first)))


def _named_day(month: str, day: str, year: str) -> int | Trouble:
    number = _MONTHS.get(month.casefold().replace("i̇", "i"))
    if number is None:
        return Trouble("bad_date", "error", f'"{month}" is no month name in English or Turkish.')
    return _day(_year(year), number, int(day), None)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year <= 68 else 1900)


_WORDS = {"d/m": "day/month/year", "m/d": "month/day/year"}


def _day(year: int, month: int, day: int, order: Order | None) -> int | Trouble:
    try:
        return (date(year, month, day) - _EPOCH).days
    except ValueError:
        how = f" (this column reads as {_WORDS[order]})" if order else ""
        cure = "Fix the cell, or map the column with another date order." if order else "Fix the cell."
        return Trouble("bad_date", "error", f"There is no such day{how}. {cure}")


def _parse_clock(text: str) -> tuple[int, int | None] | None:
    """Microseconds of the day (24:00 = the end of it) and the offset in minutes."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[5] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    micro = int((found[4] or "0")[:6].ljust(6, "0"))
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro, offset_minutes(found[6])


def offset_minutes(text: str | None) -> int | None:
    """`Z` is 0, `+0300` and `+03:00` are 180; none without an offset."""
    if not text:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if text[0] == "-" else minutes
