"""Single edits: one change in a batch of its own, or in an open one."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any

import pyarrow as pa

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.ledger.engine import STANDARD, fold
from hedef.ledger.erasing import kept_out
from hedef.ledger.queries import all_open, history, living, orders
from hedef.ledger.services import LedgerBatch, allocate, writing
from hedef.records.engine.combine import arrow_type
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.engine.roster import split_issues
from hedef.records.models import MODELS
from hedef.records.queries.merged import merges
from hedef.records.services.apply import apply_changes

type Number = tuple[int, int]


def create(
    *,
    kind: str,
    fields: Mapping[str, object],
    effective_us: int,
    actor: str,
    reason: str = "",
    precision: str = "instant",
    batch: LedgerBatch | None = None,
) -> int:
    """A new entity with these fields; answers its number. With `batch` the change joins that open batch."""
    with _batch(batch, actor=actor, reason=reason, kind=kind) as one:
        entity = allocate(1)
        told = typed_fields(KINDS[kind], fields)
        _apply(one, kind, entity, told, {"effective_us": effective_us, "precision": precision})
    return entity


def change(
    *,
    kind: str,
    entity: int,
    fields: Mapping[str, object],
    effective_us: int,
    actor: str,
    reason: str = "",
    based_on: Number | None = None,
    batch: LedgerBatch | None = None,
) -> Number:
    """Set fields of one entity; answers the number (batch, ord) of its newest change.

    Fields that already stand so are left out; if none is left nothing is written. `based_on` is the newest change the
    editor had seen: when one of the same fields was changed since, the edit is Refused with both values (nothing is
    merged unseen). NotFound for an unknown entity.
    """
    of = KINDS[kind]
    told = typed_fields(of, fields)
    _refuse_erased(of, entity, told)
    with _batch(batch, actor=actor, reason=reason, kind=kind) as one:
        row = locked_row(kind, entity)
        last = (row.last_batch, row.last_ord)
        if based_on is not None and tuple(based_on) != last:
            _refuse_conflict(kind, entity, told, based_on)
        if effective_us >= row.last_effective_us:
            sealed = _without_open(of, entity, one)
            stands = {name: getattr(row, name) for name in told}
            told = {name: to for name, to in told.items() if not stands[name] == to == sealed.get(name, stands[name])}
        if not told:
            return last
        return _apply(one, kind, entity, told, {"effective_us": effective_us})


def end(
    *,
    kind: str,
    entity: int,
    effective_us: int,
    actor: str,
    reason: str = "",
    batch: LedgerBatch | None = None,
) -> Number:
    """The entity ends at that instant; what it was before stays. Answers the number of the change."""
    with _batch(batch, actor=actor, reason=reason, kind=kind) as one:
        locked_row(kind, entity)
        return _apply(one, kind, entity, {}, {"effective_us": effective_us, "act": "end"})


def revive(
    *,
    kind: str,
    entity: int,
    effective_us: int,
    actor: str,
    reason: str = "",
    batch: LedgerBatch | None = None,
) -> Number:
    """Clear an end from that instant on. Answers the number of the change. Refused for a merged record: split it."""
    with _batch(batch, actor=actor, reason=reason, kind=kind) as one:
        locked_row(kind, entity)
        _refuse_merged(kind, entity)
        return _apply(one, kind, entity, {}, {"effective_us": effective_us, "act": "revive"})


def begin_again(
    *,
    kind: str,
    entity: int,
    fields: Mapping[str, object],
    effective_us: int,
    actor: str,
    reason: str = "",
    batch: LedgerBatch | None = None,
) -> Number:
    """A second life: a source gave the id of an ended record to something new (`id_reused`).

    The record lives from that instant on with these fields alone; what it was before stays. Answers the number of the
    change. Refused for one that has not ended, and for a merged one.
    """
    of = KINDS[kind]
    told = {**dict.fromkeys(of.names), **typed_fields(of, fields)}
    with _batch(batch, actor=actor, reason=reason, kind=kind) as one:
        if locked_row(kind, entity).ended_us is None:
            raise Refused(f"{spell(kind, entity)} has not ended: it cannot begin again.")
        _refuse_merged(kind, entity)
        return _apply(one, kind, entity, told, {"effective_us": effective_us, "act": "revive"})


def _refuse_merged(kind: str, entity: int) -> None:
    if any(one.loser == entity for one in merges()):
        raise Refused(
            f"{spell(kind, entity)} is part of another record.", hint=f"hedef ledger split {spell(kind, entity)}"
        )


def _batch(given: LedgerBatch | None, *, actor: str, reason: str, kind: str) -> AbstractContextManager[LedgerBatch]:
    return nullcontext(given) if given else writing(kind="edit", actor=actor, reason=reason, object=kind)


def _refuse_erased(of: Kind, entity: int, told: Mapping[str, Any]) -> None:
    words = [name for name in told if name in of.words and told[name] is not None]
    if words and entity in kept_out():
        raise Refused(
            f"The words of {spell(of.name, entity)} were erased for good: {', '.join(words)} is not taken again.",
            hint="Make a new record if this person agrees to it.",
        )


def locked_row(kind: str, entity: int) -> Any:
    """The row of an entity, held until the transaction ends. NotFound for an unknown one."""
    row = MODELS[kind].objects.select_for_update().filter(entity=entity).first()
    if row is None:
        raise NotFound(f"There is no {kind} {spell(kind, entity)}.")
    return row


def _without_open(of: Kind, entity: int, batch: LedgerBatch) -> dict[str, object]:
    """Fields of the entity by sealed changes alone, where another batch is open: what it wrote may yet be abandoned.

    Nothing where no other batch is open, which is nearly always.
    """
    if not all_open() - {batch.pk}:
        return {}
    known = fold(history(entity), living=living())
    return {name: None if known is None else known.fields.get(name) for name in of.names}


def typed_fields(of: Kind, fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields as they are stored. WrongUse for a field that the kind has not, and for a value of another type."""
    strange = [name for name in fields if name not in of.names]
    if strange:
        raise WrongUse(f"A {of.name} has no field {', '.join(strange)}.", hint=f"Its fields: {', '.join(of.names)}.")
    told = {name: _value(of, name, value) for name, value in fields.items()}
    if of.name == "deal" and told.get("splits"):
        _check_splits(str(told["splits"]))
    return told


def _check_splits(splits: str) -> None:
    """Refused (`split_sum`) where the revenue shares of a deal are not 100 %."""
    issues = split_issues(json.loads(splits))
    if issues:
        message = issues[0].message
        raise Refused(f"{message[0].upper()}{message[1:]}.", hint=issues[0].hint, issues=issues, code=issues[0].code)


def _value(of: Kind, name: str, value: object) -> object:
    if of.get(name).type == "json" and value is not None and not isinstance(value, str):
        return canonical_json(value)
    kinds: dict[str, type] = {"day": date, "bool": bool, "code": str, "text": str, "json": str}
    wanted = kinds.get(of.get(name).type, int)
    if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise WrongUse(f'{of.name}, field {name}: "{value}" is no {of.get(name).type}.')
    return value


def canonical_json(value: object) -> str:
    """The one spelling of a json field: sorted keys, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _apply(batch: LedgerBatch, kind: str, entity: int, fields: Mapping[str, Any], row: Mapping[str, Any]) -> Number:
    of = KINDS[kind]
    columns = {"entity": pa.array([entity], pa.int64())}
    columns |= {name: pa.array([value], STANDARD[name]) for name, value in row.items()}
    columns |= {name: pa.array([value], arrow_type(of, name)) for name, value in fields.items()}
    apply_changes(batch=batch, kind=kind, rows=pa.table(columns))
    return batch.pk, batch.rows - 1


def _refuse_conflict(kind: str, entity: int, told: Mapping[str, Any], based_on: Number) -> None:
    changes = history(entity, known=orders())
    numbers: list[tuple[int | None, int]] = [(one.batch, one.ord) for one in changes]
    seen = numbers.index((based_on[0], based_on[1])) if tuple(based_on) in numbers else -1
    theirs: dict[str, object] = {}
    for one in changes[seen + 1 :]:
        theirs |= {name: value for name, value in one.fields.items() if name in told and value != told[name]}
    if not theirs:
        return
    name, value = next(iter(theirs.items()))
    raise Refused(
        f"{spell(kind, entity)} was changed meanwhile: {name} is now {value!r}, yours is {told[name]!r}.",
        hint="Look at the newest version and make the change again if it is still right.",
        code="conflict",
        decisions=[{"field": one, "theirs": at, "yours": told[one]} for one, at in theirs.items()],
    )
