"""Records as JSON and as commands write them: `hedef.record/1`, `hedef.records/1` (contracts section 4).

Outside a field has the name that people say: `amount` in major units with its currency, `created_at` as an instant,
`share` as a fraction, `owner` as `P-17`.
"""

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.kernel.instants import iso
from hedef.kernel.money import format_minor, fraction_text, is_currency
from hedef.kernel.scope import Scope
from hedef.records import queries, services
from hedef.records.days import start_us
from hedef.records.engine.kinds import ALWAYS_US, KINDS, Kind

_MOST = 500


class Call(Protocol):
    """What the faces bring: who asks, as of when, knowing what (`hedef.call`)."""

    as_of_text: str | None

    @property
    def actor(self) -> Any: ...
    @property
    def calendar(self) -> Any: ...
    @property
    def now_us(self) -> int: ...
    @property
    def as_of_us(self) -> int: ...
    @property
    def known_no(self) -> int | None: ...
    def start_us(self, text: str, name: str) -> int: ...


_SUFFIXES = {"_minor": "", "_us": "_at", "_bp": "", "_e4": ""}


def outward(name: str) -> str:
    """What a field is called outside: `amount`, `created_at`, `share`, `quantity`."""
    for suffix, outside in _SUFFIXES.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix) + outside
    return name


def kind_given(kind: str) -> Kind:
    """The kind of an address or command; NotFound with the known ones."""
    if kind not in KINDS:
        raise NotFound(f'There is no kind of record "{kind[:40]}".', hint=f"Kinds: {', '.join(sorted(KINDS))}.")
    return KINDS[kind]


def number_given(kind: str, text: str, scope: Scope) -> int:
    """The record that `P-17`, a handle, e-mail or name means; NotFound where it is not there or not in scope."""
    kind_given(kind)
    entity = queries.resolve(kind, text)
    if entity not in queries.seen(kind, [entity], scope):
        raise NotFound(f'There is no {kind} "{text[:60]}".')
    return entity


def list_json(kind: str, *, scope: Scope, text: str = "", limit: int = 100, after: str | None = None) -> dict[str, Any]:
    """Living records of a kind in scope, by number; `next` is the last id, to go on after it, or none at the end."""
    kind_given(kind)
    if not 1 <= limit <= _MOST:
        raise WrongUse(f"limit lies between 1 and {_MOST}, not at {limit}.")
    found = queries.list_rows(kind, scope=scope, text=text).order_by("entity")
    if after is not None:
        try:
            found = found.filter(entity__gt=parse(after)[1])
        except ValueError as fault:
            raise WrongUse(f'after: "{after[:40]}" is no id.') from fault
    rows = list(found.values()[: limit + 1])
    shown = [row_json(kind, row) for row in rows[:limit]]
    return {"kind": kind, "records": shown, "next": shown[-1]["id"] if len(rows) > limit else None}


def row_json(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One row with every field of its kind."""
    head = {"id": spell(kind, row["entity"]), "kind": kind, "ended_at": _instant(row.get("ended_us"))}
    return head | {outward(one.name): _field(kind, one.name, row) for one in KINDS[kind].fields}


def one_json(kind: str, entity: int, call: Call) -> dict[str, Any]:
    """One record as of the call: folded from its history where a day or seal is asked for. NotFound before it was."""
    if call.as_of_text or call.known_no is not None:
        found = queries.state(entity, kind=kind, as_of_us=call.as_of_us, known_no=call.known_no)
        if found is None:
            raise NotFound(f"Nothing is known of {spell(kind, entity)} as of then.")
        return {"record": row_json(kind, found), "last": None}
    (row,) = queries.rows(kind, entities=[entity], ended=True)
    return {"record": row_json(kind, row), "last": f"{row['last_batch']}:{row['last_ord']}"}


def _field(kind: str, name: str, row: Mapping[str, Any]) -> Any:
    value, field = row.get(name), KINDS[kind].get(name)
    if value is None:
        return None
    if field.type == "ref":
        return spell(field.refers or "", value)
    if name.endswith("_minor"):
        currency = row.get("currency") or row.get("revenue_currency") or ""
        return format_minor(value, currency) if is_currency(currency) else None
    if field.type == "instant":
        return _instant(value)
    if field.type == "bp" or name.endswith("_e4"):
        return fraction_text(Fraction(value, 10_000))
    if field.type == "json":
        return json.loads(value) if isinstance(value, str) else value
    return value.isoformat() if field.type == "day" and not isinstance(value, str) else value


def _instant(us: int | None) -> str | None:
    return None if us is None or us <= ALWAYS_US else iso(us)


# --- writes -----------------------------------------------------------------------------------------------------------


def create_json(kind: str, told: Mapping[str, Any], call: Call, *, reason: str, since: str | None) -> dict[str, Any]:
    """A new record of these fields from `since` on (a day or instant; none: always for what has no time, else now)."""
    of = kind_given(kind)
    fields = {name: value for name, value in typed(kind, 0, told).items() if value is not None}
    if not fields:
        raise WrongUse(f"A new {kind} needs at least one field.", hint=f"Fields: {', '.join(map(outward, of.names))}.")
    entity = services.create(
        kind=kind, fields=fields, effective_us=_since(of, fields, since, call), actor=call.actor.name, reason=reason
    )
    return one_json(kind, entity, call)


def _since(of: Kind, fields: Mapping[str, Any], since: str | None, call: Call) -> int:
    if since:
        return _moment(since, call)
    if of.range:
        return start_us(fields.get("from_day"))
    return ALWAYS_US if of.timeless else call.now_us


def change_json(
    kind: str,
    entity: int,
    told: Mapping[str, Any],
    call: Call,
    *,
    reason: str,
    since: str | None = None,
    based_on: str | None = None,
) -> dict[str, Any]:
    """Set fields from `since` on (none: now). Refused when one of them was changed after `based_on` (`B:ord`)."""
    if not told:
        raise WrongUse("Say which fields change.")
    (row,) = queries.rows(kind, entities=[entity], ended=True)
    services.change(
        kind=kind,
        entity=entity,
        fields=typed(kind, entity, told),
        effective_us=_moment(since, call) if since else max(call.now_us, row["last_effective_us"]),
        based_on=_place(based_on),
        actor=call.actor.name,
        reason=reason,
    )
    return one_json(kind, entity, call)


def end_json(kind: str, entity: int, call: Call, *, reason: str, on: str | None = None) -> dict[str, Any]:
    """A record ends at an instant, or before a day (none: now); a range ends with that day as its `to_day`."""
    if KINDS[kind].range and kind in services.RANGES:
        if not on:
            raise WrongUse("Say the first day on which it counts no more.", hint="on: 2026-11-17")
        day = call.calendar.day_of(_moment(on, call))
        services.end_range(kind=kind, entity=entity, on=day, actor=call.actor.name, reason=reason)
    else:
        (row,) = queries.rows(kind, entities=[entity], ended=True)
        at = _moment(on, call) if on else max(call.now_us, row["last_effective_us"])
        services.end(kind=kind, entity=entity, effective_us=at, actor=call.actor.name, reason=reason)
    return one_json(kind, entity, call)


def _moment(text: str, call: Call) -> int:
    return call.start_us(text, "the moment")


def _place(text: str | None) -> tuple[int, int] | None:
    if not text:
        return None
    batch, colon, place = text.partition(":")
    if not (colon and batch.isascii() and batch.isdigit() and place.isdigit()):
        raise WrongUse(f'based_on: "{text[:40]}" is no change such as 412:3.', hint="It is `last` of the record.")
    return int(batch), int(place)


def typed(kind: str, entity: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """Values as people and programs write them in the types of the kind; WrongUse names what cannot be read."""
    of = kind_given(kind)
    inward = {outward(name): name for name in of.names}
    texts: dict[str, str] = {}
    for name, value in told.items():
        own = inward.get(name, name)
        if own not in of.names:
            hint = f"Its fields: {', '.join(inward)}."
            raise WrongUse(f"A {kind} has no field {name[:60]}.", hint=hint)
        texts[name if own.endswith("_minor") else own] = _text(of, own, value)
    return dict(services.read_fields(kind, entity, texts))


def _text(of: Kind, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        raise WrongUse(f"{outward(name)}: write {value} as text, so that it stays exact.")
    if isinstance(value, dict | list):
        return json.dumps(value)
    if of.get(name).type == "bp" or name.endswith("_e4"):
        return _ten_thousandths(outward(name), str(value))
    return str(value)


def _ten_thousandths(name: str, text: str) -> str:
    try:
        scaled = Fraction(text.strip()) * 10_000
    except (ValueError, ZeroDivisionError) as fault:
        raise WrongUse(f'{name}: "{text[:40]}" is no number such as 0.5000.') from fault
    if scaled.denominator != 1:
        raise WrongUse(f"{name}: {text[:40]} has more than four decimals.")
    return str(scaled)


def pairs(words: Iterable[str]) -> dict[str, Any]:
    """`name=value` of a command; an empty value is none."""
    found: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise WrongUse(f'"{word[:60]}" is no field: write name=value.', hint='name="Holly Ray" owner=P-17')
        found[name.strip()] = value if value else None
    return found
