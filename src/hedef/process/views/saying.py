"""The history of a deal in words: what each field was and became, and who said it from where."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hedef.access.queries import list_users
from hedef.facts.queries import calendar
from hedef.process.queries.deal import DealPage, Said
from hedef.process.schema import ProcessDocument
from hedef.process.views.shown import CATEGORIES, FIELDS, ROLES, STATUS, language, major, reason_name, stage_name, word
from hedef.records import queries as records
from hedef.web import numbers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REFS = {"account": "account", "owner": "person", "contact": "contact"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a change as people read it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as people read it."""

    said: Said
    effective: str
    known: datetime | None
    who: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Reader:
    """Turns values of a deal's fields into words: names of those it refers to, and the process for its stages."""

    document: ProcessDocument | None
    currency: str | None
    names: Mapping[str, Mapping[int, str]]

    def say(self, name: str, value: Any, currency: str | None = None) -> str:
        """A value in the reader's language; an en dash where there is none."""
        if value is None or value == "":
            return numbers.MISSING
        if name in _REFS:
            return self.names.get(_REFS[name], {}).get(value, str(value))
        if name in {"amount_minor", "recurring_minor"}:
            of = currency or self.currency or ""
            return numbers.money(major(value, of), of, language())
        return self._plain(name, value)

    def _plain(self, name: str, value: Any) -> str:
        match name:
            case "close_on":
                return numbers.day(value if isinstance(value, date) else date.fromisoformat(value), language())
            case "created_us" | "closed_us":
                return moment(value)
            case "stage":
                return stage_name(self.document, value)
            case "process":
                return word(self.document.name) if self.document and self.document.id == value else str(value)
            case "lost_reason":
                return reason_name(self.document, value)
            case "status" | "category":
                return str((STATUS if name == "status" else CATEGORIES).get(value, value))
            case "probability_bp":
                return share(value)
            case "exit_checks" | "exit_words" | "extra":
                return pairs_text(value)
            case "splits":
                return ", ".join(f"{who} {share}" for who, share, _role in self.splits(value)) or numbers.MISSING
        return str(value)

    def splits(self, text: str) -> list[tuple[str, str, str]]:
        """(person, share, role) of every split."""
        people = self.names.get("person", {})
        return [
            (people.get(one["person"], ""), share(one.get("share_bp")), str(ROLES.get(one.get("role", ""), "")))
            for one in split_rows(text)
        ]


def share(basis_points: int | None) -> str:
    """Basis points as per cent."""
    return numbers.percent(None if basis_points is None else Fraction(basis_points, 10_000), language(), places=0)


def pairs_text(text: str) -> str:
    """What a JSON field says by name, in one line: `need: yes, size: waived`."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if not isinstance(found, dict):
        return text
    told = [f"{name.rpartition('.')[2]}: {_plain_value(value)}" for name, value in found.items()]
    return ", ".join(told) or numbers.MISSING


def _plain_value(value: Any) -> str:
    """The answer of a criterion with its evidence or sentence, or a plain value."""
    if not isinstance(value, dict):
        return str(value)
    words = {"yes": _("yes"), "no": _("no"), "waived": _("waived")}
    result = value.get("result")
    told = [words.get(result, str(result))] if result else []
    return " ".join([*told, *(str(value[name]) for name in ("evidence", "sentence") if value.get(name))])


def split_rows(text: str | None) -> list[dict[str, Any]]:
    """Splits as rows; none where there are none or they cannot be read."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    rows = found if isinstance(found, list) else []
    return [one for one in rows if isinstance(one, dict) and isinstance(one.get("person"), int)]


def reader_of(found: DealPage) -> Reader:
    """A reader with the names of everybody and everything that the deal ever referred to."""
    values: dict[str, set[int]] = {kind: set() for kind in _REFS.values()}
    for name, value in _values(found):
        if name in _REFS and isinstance(value, int):
            values[_REFS[name]].add(value)
        elif name == "splits" and isinstance(value, str):
            values["person"] |= {one["person"] for one in split_rows(value)}
    names = {kind: records.names(entities, kind=kind) if entities else {} for kind, entities in values.items()}
    return Reader(found.document, found.fields["currency"], names)


def _values(found: DealPage) -> Iterable[tuple[str, Any]]:
    yield from found.fields.items()
    for said in found.history:
        for name, before, after in said.fields:
            yield name, before
            yield name, after


def entries(found: DealPage, reader: Reader) -> list[Entry]:
    """The history in words, newest truth first."""
    people = actor_names()
    return [
        Entry(said, _since(said), said.known_at, people.get(said.actor, said.actor), _lines(said, reader))
        for said in found.history
    ]


def actor_names() -> dict[str, str]:
    """Names of those who sign in, by username."""
    return {user.username: user.name for user in list_users()} | {"local": _("the owner of the data folder")}


def _lines(said: Said, reader: Reader) -> tuple[Line, ...]:
    told = {name: (before, after) for name, before, after in said.fields}
    was, now = told.get("currency", (None, None))
    return tuple(
        Line(str(FIELDS.get(name, name)), reader.say(name, before, was), reader.say(name, after, now))
        for name, (before, after) in told.items()
    )


def _since(said: Said) -> str:
    match said.precision:
        case "always":
            return _("always")
        case "day":
            return numbers.day(calendar().day_of(said.effective_us), language())
    return moment(said.effective_us)


def moment(us: int) -> str:
    """An instant in the company's zone."""
    try:
        return numbers.moment(_EPOCH + timedelta(microseconds=us), settings.HEDEF.time_zone, language())
    except (OverflowError, ValueError):
        return _("always")
