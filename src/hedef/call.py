"""One question or order that a person or program brings: who asks, as of when, knowing what.

The command line, the API and the pages each make a `Call`; queries and services get its plain values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from hedef.kernel.errors import WrongUse

if TYPE_CHECKING:
    from hedef.access.queries import Actor
    from hedef.kernel.calendar import Calendar
    from hedef.kernel.scope import Scope

FIRST_YEAR, LAST_YEAR = 1001, 9998  # a period of every day between them has neighbours that a date can hold
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Call:
    """`now` is the home's clock, read once by the face. `username` none with no `actor` given: the folder's owner."""

    now: datetime
    username: str | None = None
    as_of_text: str | None = None
    known_at_text: str | None = None

    option: ClassVar[str] = ""  # what a face puts before the names of its options in messages

    @cached_property
    def actor(self) -> "Actor":
        """Who acts; `actor.name` goes to the ledger, `actor.must("right")` closes a door."""
        from hedef.access.queries import resolve_actor

        return resolve_actor(self.username)

    @cached_property
    def scope(self) -> "Scope":
        """What the actor sees on the day of `as_of`."""
        return self.actor.scope(self.as_of)

    @cached_property
    def calendar(self) -> "Calendar":
        """The company's calendar."""
        from hedef.facts.queries import calendar

        return calendar()

    @cached_property
    def now_us(self) -> int:
        return microseconds(self.now)

    @cached_property
    def as_of_us(self) -> int:
        """The instant of `as_of`: a day means its end in the company's zone; not given, it is now."""
        if not self.as_of_text:
            return self.now_us
        read = read_moment(self.as_of_text, f"{self.option}as{self._join}of")
        return microseconds(read) if isinstance(read, datetime) else self.calendar.end_us(read)

    @cached_property
    def as_of(self) -> date:
        """The day of `as_of_us` in the company's zone."""
        return self.calendar.day_of(self.as_of_us)

    def start_us(self, text: str, name: str) -> int:
        """The instant that a day begins in the company's zone, or the instant itself; WrongUse names `name`."""
        read = read_moment(text, name)
        return microseconds(read) if isinstance(read, datetime) else self.calendar.start_us(read)

    @cached_property
    def known_no(self) -> int | None:
        """The seal number of `known_at` (a number, or an instant or day that is looked up); none is the newest."""
        if not self.known_at_text:
            return None
        if self.known_at_text.isdigit():
            return int(self.known_at_text)
        from hedef.ledger.queries import seal_at

        read = read_moment(self.known_at_text, f"{self.option}known{self._join}at")
        return seal_at(read if isinstance(read, datetime) else instant(self.calendar.end_us(read)))

    def framed(self, schema: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """`body` as an answer about what is kept in the ledger: with the keys that every answer carries.

        No number is computed in it, so its trust is `unknown`; its fingerprint is the newest head of the ledger.
        """
        from hedef.kernel.trust import UNKNOWN
        from hedef.ledger.queries import head

        digest = head().digest
        mark = f"sha256:{digest}" if digest else None
        last: dict[str, Any] = {"issues": [], "trust": UNKNOWN.as_json(), "fingerprint": mark}
        first = {"schema": schema, "as_of": self.as_of.isoformat(), "known_at": self.known_no}
        return {**first, **{key: value for key, value in body.items() if key not in last}, **last, **_kept(body, last)}

    @property
    def _join(self) -> str:
        return "-" if self.option else "_"


def _kept(body: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in keys if key in body}


def microseconds(moment: datetime) -> int:
    """An aware instant as microseconds UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """Microseconds UTC as an aware instant."""
    return _EPOCH + timedelta(microseconds=us)


def read_moment(text: str, name: str) -> date | datetime:
    """A day (`2026-11-17`) or an aware instant (`2026-11-17T18:00:00Z`); WrongUse says which option is wrong."""
    found = _read(text.strip())
    if found is None:
        raise WrongUse(
            f'{name}: "{text}" is neither a day nor an instant.',
            hint="Write 2026-11-17, or 2026-11-17T18:00:00Z with its zone.",
        )
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise WrongUse(f'{name}: "{text}" lies outside the years {FIRST_YEAR} to {LAST_YEAR}.')
    return found


def _read(text: str) -> date | datetime | None:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)
