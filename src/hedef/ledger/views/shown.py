"""Changes and values in the reader's words: names for numbers of records, money in major units, days and moments."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from json import dumps, loads
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hedef.kernel.ids import parse, spell
from hedef.kernel.instants import from_iso, iso, to_datetime
from hedef.kernel.money import exponent, is_currency
from hedef.kernel.scope import Scope
from hedef.ledger.telling import FieldWords, field_words, kind_words, names_seen
from hedef.web import numbers

_LONG = 120
_MISSING = numbers.MISSING

type Told = tuple[dict[str, Any], Mapping[str, object]]


def with_moment(one: dict[str, Any]) -> dict[str, Any]:
    """A batch as JSON with the moment of its recording as one that a page can show."""
    recorded = one["recorded_at"]
    return {**one, "recorded": None if recorded is None else to_datetime(from_iso(recorded))}


def shown(told: Sequence[Told], scope: Scope, *, together: bool = True) -> list[dict[str, Any]]:
    """Changes as lines; `together`: what one row of a file says of one record at one moment stands on one line."""
    names = _names(told, scope)
    lines = []
    for _key, group in groupby(told, key=lambda pair: _together(pair[0]) if together else pair[0]["change"]):
        parts = list(group)
        one = parts[0][0]
        entity = parse(one["entity"])[1]
        fields = [field for json, beside in parts for field in _fields(json, beside, names)]
        lines.append(
            {
                **one,
                "kind_words": kind_words(one["kind"]),
                "name": names.get((one["kind"], entity), ""),
                "url": record_url(one["kind"], one["entity"]),
                "fields": [field for field in fields if field["moved"]],
                "same": [field["label"] for field in fields if not field["moved"]],
            }
        )
    return lines


def _together(json: Mapping[str, Any]) -> tuple[Any, ...]:
    place = json["change"] if json["act"] != "set" else None
    return (json["entity"], json["act"], json["effective_at"], json["file_row"], json["counts"], place)


def standing(kind: str, fields: Mapping[str, object], currency: object, scope: Scope) -> list[dict[str, Any]]:
    """The fields of a record as they stand: label and value, in the order of the kind; empty ones are left out."""
    filled = {name: value for name, value in fields.items() if value is not None}
    wanted: dict[str, set[int]] = {}
    for name, value in filled.items():
        if (refers := field_words(kind, name).refers) and isinstance(value, int):
            wanted.setdefault(refers, set()).add(value)
    names = {(of, one): name for of, some in wanted.items() for one, name in names_seen(of, some, scope).items()}
    lines = []
    for name, value in filled.items():
        words = field_words(kind, name)
        plain = value.isoformat() if isinstance(value, date) else value
        lines.append({"label": words.label, "value": _value(plain, words, str(currency or ""), names)})
    return lines


def written(kind: str, field: str, value: Any, currency: str) -> tuple[str, str]:
    """A value as a person writes it in a form: the name of the input and its text."""
    words = field_words(kind, field)
    if words.type == "money" and is_currency(currency):
        return field.removesuffix("_minor"), "" if value is None else _major(value, exponent(currency))
    if value is None:
        return field, ""
    match words.type:
        case "ref":
            return field, spell(words.refers or "", value)
        case "instant":
            return field, iso(value)
        case "bool":
            return field, "yes" if value else "no"
    return field, str(value)


def _major(minor: int, places: int) -> str:
    whole, rest = divmod(abs(minor), 10**places)
    text = f"{whole}.{rest:0{places}d}" if places else str(whole)
    return f"-{text}" if minor < 0 else text


def _names(told: Sequence[Told], scope: Scope) -> dict[tuple[str, int], str]:
    """Names of the changed records and of those that their fields name, where the scope sees them."""
    wanted: dict[str, set[int]] = {}
    for json, _beside in told:
        wanted.setdefault(json["kind"], set()).add(parse(json["entity"])[1])
        for field in json["fields"]:
            words = field_words(json["kind"], field["field"])
            if words.refers:
                values = {field["before"], field["after"]} - {None}
                wanted.setdefault(words.refers, set()).update(values)
    found = {kind: names_seen(kind, entities, scope) for kind, entities in wanted.items()}
    return {(kind, entity): name for kind, names in found.items() for entity, name in names.items()}


def _fields(
    json: Mapping[str, Any], beside: Mapping[str, object], names: Mapping[tuple[str, int], str]
) -> list[dict[str, Any]]:
    currency = beside.get("currency") or beside.get("revenue_currency")
    lines = []
    for field in json["fields"]:
        words = field_words(json["kind"], field["field"])
        before, after = (_value(field[when], words, str(currency or ""), names) for when in ("before", "after"))
        lines.append(
            {
                "label": words.label,
                "before": before if field["before"] is not None else None,
                "after": after,
                "moved": field["before"] != field["after"],
            }
        )
    return lines


def _value(value: Any, words: FieldWords, currency: str, names: Mapping[tuple[str, int], str]) -> str:
    """A value in the reader's language: names for numbers of records, money in major units, days and moments."""
    if value is None:
        return _MISSING
    language = get_language() or "en"
    match words.type:
        case "ref":
            return names.get((words.refers or "", value)) or spell(words.refers or "", value)
        case "money" if is_currency(currency):
            return numbers.money(Fraction(value, 10 ** exponent(currency)), currency, language)
        case "bp":
            return numbers.percent(Fraction(value, 10_000), language)
        case "day":
            return numbers.day(date.fromisoformat(str(value)), language)
        case "instant":
            return _moment(value, language)
        case "bool":
            return _("yes") if value else _("no")
    text = _of_json(str(value)) if str(value)[:1] in ("{", "[") else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _of_json(text: str) -> str:
    """A value with parts as people read it: `kind: metric, id: won_value`; long parts are left out."""
    try:
        told = loads(text)
    except ValueError:
        return text
    parts = told.items() if isinstance(told, dict) else [("", one) for one in told]
    lines = [f"{name}: {one}" if name else _of_json(dumps(one)) for name, one in parts if _is_short(one, name)]
    return ", ".join(lines) or "…"


def _is_short(one: object, name: str) -> bool:
    return not isinstance(one, dict | list) if name else True


def _moment(us: int, language: str) -> str:
    try:
        return numbers.moment(to_datetime(us), settings.HEDEF.time_zone, language)
    except (ValueError, OverflowError):  # before the year 1 in the company's zone: since always
        return _("always")


def record_url(kind: str, entity: str) -> str | None:
    """The page of a record: its own where a room has one, else its history."""
    if kind == "deal":
        try:
            return reverse("process:deal", args=[parse(entity)[1]])
        except NoReverseMatch:
            pass
    return reverse("ledger:entity", args=[entity])
