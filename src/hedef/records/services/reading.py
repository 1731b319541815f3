"""Values that a person writes, as texts, in the types of a kind."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.instants import from_iso
from hedef.kernel.money import exponent, is_currency
from hedef.records.engine.kinds import KINDS, Field, Kind
from hedef.records.models import MODELS
from hedef.records.queries.people import resolve

_YES, _NO = {"yes", "true", "1", "evet"}, {"no", "false", "0", "hayır"}


def read_fields(kind: str, entity: int, texts: Mapping[str, str]) -> dict[str, object]:
    """Typed fields of a record from texts; an empty text is no value.

    `amount` is in major units of the record's currency (or of the one that `texts` names), `amount_minor` in minor
    ones; what refers to a record is its id, handle, e-mail or name; days and instants are ISO. WrongUse for a field
    that the kind has not and for a text that cannot be read.
    """
    of = KINDS[kind]
    found: dict[str, object] = {}
    for name, text in texts.items():
        field = name if name in of.names else f"{name}_minor"
        if field not in of.names:
            raise WrongUse(f"A {kind} has no field {name}.", hint=f"Its fields: {', '.join(of.names)}.")
        if field != name:
            found[field] = _money(of, entity, texts, name, text)
        else:
            found[field] = _read(of, of.get(name), text)
    return found


def _read(of: Kind, field: Field, text: str) -> object:
    if not text.strip():
        return None
    if field.type == "ref":
        return resolve(field.refers or "", text)
    try:
        return _READERS.get(field.type, str)(text.strip())
    except (ValueError, KeyError) as fault:
        raise WrongUse(
            f'{of.name}, field {field.name}: "{text}" is no {field.type}.', hint=_EXAMPLES.get(field.type)
        ) from fault


def _bool(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError(text)


_READERS: dict[str, Callable[[str], object]] = {
    "int": int,
    "bp": int,
    "day": date.fromisoformat,
    "instant": from_iso,
    "bool": _bool,
    "json": json.loads,
}
_EXAMPLES = {
    "int": "Write a whole number.",
    "bp": "Write basis points: 6500 is 65 per cent.",
    "day": "Write 2026-11-17.",
    "instant": "Write 2026-11-17T18:00:00Z.",
    "bool": "Write yes or no.",
    "json": "Write JSON.",
}


def _money(of: Kind, entity: int, texts: Mapping[str, str], name: str, text: str) -> int | None:
    if not text.strip():
        return None
    column = "revenue_currency" if name == "revenue" else "currency"
    currency = texts.get(column)
    if currency is None and column in of.names:
        row = MODELS[of.name].objects.filter(entity=entity).values_list(column, flat=True)
        if not row:
            raise NotFound(f"There is no {of.name} {entity}.")
        currency = row[0]
    if currency is None or not is_currency(currency):
        raise WrongUse(f"{name} needs a currency: the record names none.", hint="Give it too: currency=EUR")
    try:
        minor = Decimal(text.strip()).scaleb(exponent(currency))
    except InvalidOperation as fault:
        raise WrongUse(f'{name}: "{text}" is no amount.', hint="Write 1200.50") from fault
    if minor != minor.to_integral_value():
        raise WrongUse(f"{name}: {text} has more decimals than {currency} has.")
    return int(minor)
