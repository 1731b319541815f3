"""The verbs as the faces call them: texts in, the shape `hedef.ledger/1` out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.instants import from_iso
from hedef.kernel.money import exponent, is_currency
from hedef.kernel.scope import Scope
from hedef.ledger.acts import Erased, Moved, Number, Undone, Written, acts
from hedef.ledger.answers import answer, batch_changes, batch_number, entity_of, one_batch
from hedef.ledger.browsing import numbers_of
from hedef.ledger.queries import seen


def undo(
    batch: str,
    *,
    actor: str,
    reason: str,
    dry_run: bool = False,
    after_publication: bool = False,
    second: str | None = None,
) -> dict[str, Any]:
    """Take a batch back, or say what that would do. NotFound and Refused as `records.services.undo_batch`."""
    told = acts().undo_batch(
        batch_number(batch),
        actor=actor,
        reason=reason,
        dry_run=dry_run,
        after_publication=after_publication,
        second=second,
    )
    return _answer("undo", undone_json(told), told.batch)


def erase(entity: str, *, actor: str, reason: str, dry_run: bool = False) -> dict[str, Any]:
    """Blank the words of a person, contact or lead."""
    told = acts().erase(entity_of(entity), actor=actor, reason=reason, dry_run=dry_run)
    return _answer("erase", _erased_json(told), told.batch)


def erase_again(*, actor: str) -> dict[str, Any]:
    """Erase once more everybody who was erased before, as after a restored backup."""
    told = acts().erase_again(actor=actor)
    return _answer("erase_again", {"erased": [_erased_json(one) for one in told]})


def retain(*, on: datetime, actor: str, dry_run: bool = False) -> dict[str, Any]:
    """Blank the words whose time is over, or count them."""
    told = acts().apply_retention(on=on, actor=actor, dry_run=dry_run)
    batches = [f"B-{one}" for one in told.batches]
    return _answer("retention", {"records": dict(told.records), "batches": batches})


def correct(
    entity: str,
    *,
    scope: Scope,
    actor: str,
    reason: str,
    texts: Mapping[str, str],
    change: str | None = None,
    at: str | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Right values, or the right moment, of what was recorded of an entity; or (`dry_run`) what that would write."""
    number, kind = _seen(entity, scope)
    act = partial(
        acts().correct,
        kind=kind,
        entity=number,
        actor=actor,
        reason=reason or (_REHEARSED if dry_run else ""),
        fields=acts().read_fields(kind, number, texts),
        change=None if change is None else change_number(change),
        effective_us=None if at is None else _instant(at),
    )
    return _rehearsal("correct", act, scope) if dry_run else _written("correct", act())


def void(entity: str, *, scope: Scope, actor: str, reason: str, change: str) -> dict[str, Any]:
    """Take one change of an entity back."""
    number, kind = _seen(entity, scope)
    told = acts().void(kind=kind, entity=number, change=change_number(change), actor=actor, reason=reason)
    return _written("void", told)


def merge(
    loser: str,
    survivor: str,
    *,
    scope: Scope,
    actor: str,
    reason: str,
    take: Sequence[str] = (),
    dry_run: bool = False,
) -> dict[str, Any]:
    """One record becomes part of another; or (`dry_run`) what that would write."""
    (one, kind), (two, other) = _seen(loser, scope), _seen(survivor, scope)
    if kind != other:
        raise WrongUse(f"{loser} is a {kind}, {survivor} a {other}: only records of one kind are merged.")
    why = reason or (_REHEARSED if dry_run else "")
    act = partial(acts().merge, kind=kind, loser=one, survivor=two, actor=actor, reason=why, fields=take)
    return _rehearsal("merge", act, scope) if dry_run else _written("merge", act())


def split(loser: str, *, scope: Scope, actor: str, reason: str) -> dict[str, Any]:
    """A merged record is one of its own again."""
    told = acts().split(loser=_seen(loser, scope)[0], actor=actor, reason=reason)
    return _answer("split", undone_json(told), told.batch)


def _seen(entity: str, scope: Scope) -> tuple[int, str]:
    """The number and kind of an entity in scope; one outside it is not there."""
    number = entity_of(entity)
    kind = acts().kind_of(number)
    if kind is None or number not in seen(kind, [number], scope):
        raise NotFound(f"There is no entity {entity}.", hint="Write its id as D-10482 or P-17.")
    return number, kind


def change_number(text: str) -> Number:
    """A change as answers print it (`412:3`: seal and place), or as `B-412:3`, by batch and place."""
    place, colon, ord_ = text.strip().upper().rpartition(":")
    digits = place.removeprefix("B-")
    if not colon or not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in (digits, ord_)):
        raise WrongUse(f'"{text}" is no change such as 412:3.', hint="hedef ledger show --entity lists them.")
    if place.startswith("B-"):
        return int(digits), int(ord_)
    found = numbers_of([int(digits)])
    if not found:
        raise NotFound(f"There is no seal {digits}.")
    return found[0], int(ord_)


def _instant(text: str) -> int:
    try:
        return from_iso(text)
    except ValueError as fault:
        raise WrongUse(f'"{text}" is no instant.', hint="Write 2026-11-17T18:00:00Z.") from fault


# --- answers ----------------------------------------------------------------------------------------------------------


def _answer(verb: str, told: dict[str, Any], batch: int | None = None) -> dict[str, Any]:
    rows = [] if batch is None else [one_batch(batch)]
    return answer(batches=rows, act={"verb": verb, "batch": None if batch is None else f"B-{batch}", **told})


_REHEARSED = "rehearsed"
_SHOWN = 200  # changes that a rehearsal names


def _rehearsal(verb: str, act: Callable[[], Written], scope: Scope) -> dict[str, Any]:
    """What a verb would write, with the values before and after: it is done, read, and rolled back."""
    with transaction.atomic():
        told = act()
        changes = [json for json, _beside in batch_changes(told.batch, scope=scope, first=0, limit=_SHOWN)]
        transaction.set_rollback(True)
    of = dict.fromkeys(("batch", "seal_no"))
    return answer(changes=changes, act={"verb": verb, **of, "changes": told.changes})


def _written(verb: str, told: Written) -> dict[str, Any]:
    return _answer(verb, {"seal_no": told.seal_no, "changes": told.changes}, told.batch)


def undone_json(told: Undone) -> dict[str, Any]:
    """What an undo did or would do."""
    return {
        "undoes": f"B-{told.undoes}",
        "seal_no": told.seal_no,
        "entities": [
            {"kind": one.kind, "count": one.count, "first": [spell(one.kind, number) for number in one.first]}
            for one in told.touched
        ],
        "later": told.later,
        "moves": [moved_json(one) for one in told.moved],
        "publications": [
            {"what": one.what, "reference": one.reference, "known_at": one.known_no} for one in told.resting
        ],
        "refused": told.refused,
    }


def moved_json(one: Moved) -> dict[str, Any]:
    """A number that moves; its amount as a decimal string in major units."""
    return {
        "number": one.number,
        "of": one.of,
        "count": one.count,
        "amount": None if one.amount_minor is None else _major(one.amount_minor, one.currency),
        "currency": one.currency,
    }


def _major(minor: int, currency: str | None) -> str:
    places = exponent(currency) if currency is not None and is_currency(currency) else 2
    whole, rest = divmod(abs(minor), 10**places)
    text = f"{whole}.{rest:0{places}d}" if places else str(whole)
    return f"-{text}" if minor < 0 else text


def _erased_json(told: Erased) -> dict[str, Any]:
    return {
        "entity": spell(told.kind, told.entity),
        "seal_no": told.seal_no,
        "entities": len(told.entities),
        "changes": told.changes,
        "blocks": told.blocks,
        "spellings": told.spellings,
        "files": told.files,
    }
