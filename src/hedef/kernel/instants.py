"""Instants: integer microseconds since 1970-01-01T00:00:00Z, and their one spelling in text."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

type HourNote = Literal["ambiguous", "missing"]

# "since always": 0001-01-01T00:00:00Z; nothing is told of anything before it
ALWAYS_US = -62_135_596_800_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds of an aware datetime; ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone, so it is no instant")
    return (moment - EPOCH) // _MICROSECOND


def to_datetime(us: int) -> datetime:
    """The instant as an aware datetime in UTC; ValueError outside the years 1 to 9999."""
    try:
        return EPOCH + timedelta(microseconds=us)
    except OverflowError as fault:
        raise ValueError(f"{us} microseconds lie outside the years 1 to 9999") from fault


def iso(us: int) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`; parts of a second are cut off. What lies before the year 1 is told as its beginning."""
    return to_datetime(max(us, ALWAYS_US)).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def from_iso(text: str) -> int:
    """Microseconds of `2017-08-31T23:59:59Z` or of a time with an offset. ValueError without a zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise ValueError(f'"{text}" is no instant such as 2017-08-31T23:59:59Z') from fault
    if moment.tzinfo is None:
        raise ValueError(f'"{text}" names no time zone; write it as 2017-08-31T23:59:59Z or with an offset like +03:00')
    return to_us(moment)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone `Europe/Istanbul`; ValueError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ValueError(f'"{name}" is no time zone such as UTC or Europe/Istanbul') from fault


def local_us(naive: datetime, zone: str) -> tuple[int, HourNote | None]:
    """Instant of a wall-clock time in `zone`, with a note where the clock was turned.

    `ambiguous`: the hour comes twice, the first one is meant. `missing`: the hour does not exist, the time is read as
    if the clock had not been turned yet (02:30 becomes the instant shown as 03:30).
    """
    place = zone_of(zone)
    first = naive.replace(tzinfo=place, fold=0)
    before, after = first.utcoffset(), naive.replace(tzinfo=place, fold=1).utcoffset()
    note: HourNote | None = None
    if before != after:
        note = "ambiguous" if before and after and before > after else "missing"
    return to_us(first), note
