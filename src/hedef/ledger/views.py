"""Pages of the ledger: the newest batches, and one batch with what it changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import parse, spell
from hedef.kernel.instants import from_iso, to_datetime
from hedef.kernel.money import exponent, is_currency
from hedef.kernel.scope import Scope
from hedef.ledger import answers
from hedef.ledger.telling import FieldWords, field_words, kind_words, names_seen
from hedef.web import numbers
from hedef.web.pages import Call, page, show

_LAST = 1000
_BATCHES = 50
_CHANGES = 50
_LONG = 120
_MISSING = numbers.MISSING


@page(right="read_data")
def batches(request: HttpRequest, call: Call) -> HttpResponse:
    """The newest batches: what one act wrote, by whom and why."""
    known = answers.newest_batches(last=_LAST, known_no=call.known_no)
    rows = Paginator([_row(one) for one in known], _BATCHES).get_page(request.GET.get("page"))
    return show(request, "ledger/batches.html", {"batches": rows})


@page(right="read_data")
def batch(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """One batch: its header in the chain, and its changes with the values before and after."""
    first, no = _first(request.GET.get("first", "0")), answers.batch_number(number)
    found = _row(answers.one_batch(no))
    told = answers.batch_changes(no, scope=call.scope, first=first, limit=_CHANGES)
    context = {
        "batch": found,
        "changes": _shown(told, call.scope),
        "first": first + 1,
        "last": min(first + _CHANGES, found["changes"]),
        "before": max(first - _CHANGES, 0) if first else None,
        "after": first + _CHANGES if first + _CHANGES < found["changes"] else None,
    }
    return show(request, "ledger/batch.html", context)


def _first(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise WrongUse(_("“%(text)s” is no place in a batch.") % {"text": text})
    return int(text)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    recorded = one["recorded_at"]
    return {**one, "recorded": None if recorded is None else to_datetime(from_iso(recorded))}


# --- changes in words -------------------------------------------------------------------------------------------------

type _Told = tuple[dict[str, Any], Mapping[str, object]]


def _shown(told: Sequence[_Told], scope: Scope) -> list[dict[str, Any]]:
    """Changes as lines: what one row of a file says of one record at one moment stands together."""
    names = _names(told, scope)
    lines = []
    for _key, group in groupby(told, key=lambda pair: _together(pair[0])):
        parts = list(group)
        one = parts[0][0]
        entity = parse(one["entity"])[1]
        fields = [field for json, beside in parts for field in _fields(json, beside, names)]
        lines.append(
            {
                **one,
                "kind_words": kind_words(one["kind"]),
                "name": names.get((one["kind"], entity), ""),
                "url": _url(one["kind"], one["entity"]),
                "fields": [field for field in fields if field["moved"]],
                "same": [field["label"] for field in fields if not field["moved"]],
            }
        )
    return lines


def _together(json: Mapping[str, Any]) -> tuple[Any, ...]:
    place = json["change"] if json["act"] != "set" else None
    return (json["entity"], json["act"], json["effective_at"], json["file_row"], json["counts"], place)


def _names(told: Sequence[_Told], scope: Scope) -> dict[tuple[str, int], str]:
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
    text = str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _moment(us: int, language: str) -> str:
    try:
        return numbers.moment(to_datetime(us), settings.HEDEF.time_zone, language)
    except (ValueError, OverflowError):  # before the year 1 in the company's zone: since always
        return _("always")


def _url(kind: str, entity: str) -> str | None:
    """The page of a record, where a room has one."""
    if kind != "deal":
        return None
    try:
        return reverse("process:deal", args=[parse(entity)[1]])
    except NoReverseMatch:
        return None
