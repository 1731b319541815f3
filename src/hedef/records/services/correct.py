"""Corrections: another value at the same moment, another moment for the same change, or no change at all."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.ledger.acts import Number, Written
from hedef.ledger.engine import Change, in_order
from hedef.ledger.queries import history, living
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.engine.combine import arrow_type
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.services.apply import apply_changes
from hedef.records.services.edits import locked_row, typed_fields
from hedef.records.services.reasons import given_reason

type _Row = dict[str, Any]


def correct(
    *,
    kind: str,
    entity: int,
    actor: str,
    reason: str,
    fields: Mapping[str, object] | None = None,
    change: Number | None = None,
    effective_us: int | None = None,
) -> Written:
    """One batch of kind `correct`. What was known before stays reproducible by its seal.

    With `fields` alone each gets its value at the moment of the change that last set it. `change` (batch, ord) names
    the change that was wrong: `fields` are its right values; with `effective_us` it is taken back and made anew at
    that moment, with its own values where `fields` says nothing. WrongUse for a field that the change did not set and
    for a correction that changes nothing; NotFound for an unknown record or change; Refused for a change that counts
    no more, that a later one at the same moment has overtaken, and for merges (split them).
    """
    why, of = given_reason(reason), KINDS[kind]
    told = typed_fields(of, fields or {})
    with writing(kind="correct", actor=actor, reason=why, object=kind) as batch:
        locked_row(kind, entity)
        counting = in_order(history(entity), living=living())
        rows = _rows(of, entity, counting, told, change, effective_us)
        _tell(batch, of, entity, rows)
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def void(*, kind: str, entity: int, change: Number, actor: str, reason: str) -> Written:
    """Take one change of a record back (`change`: batch, ord), also a void. NotFound and Refused as in `correct`."""
    why = given_reason(reason)
    with writing(kind="correct", actor=actor, reason=why, object=kind) as batch:
        locked_row(kind, entity)
        target = _counting(kind, entity, change, [*_voids(entity), *in_order(history(entity), living=living())])
        _tell(batch, KINDS[kind], entity, [_void_row(target)])
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def _voids(entity: int) -> Sequence[Change]:
    """The voids of an entity that count."""
    alive_now = living()
    every = [one for one in history(entity) if one.seal_no in alive_now]
    dead = {one.void_of for one in every if one.void_of is not None}
    return [one for one in every if one.act == "void" and one.number not in dead]


def _rows(
    of: Kind,
    entity: int,
    counting: Sequence[Change],
    told: Mapping[str, object],
    change: Number | None,
    effective_us: int | None,
) -> list[_Row]:
    if change is None:
        if not told or effective_us is not None:
            raise WrongUse(
                "A correction names the values that are right, or the change whose moment was wrong.",
                hint="hedef ledger show --entity lists the changes with their numbers.",
            )
        return _newest(of, counting, told)
    target = _counting(of.name, entity, change, counting)
    if effective_us is not None and (effective_us != target.effective_us or not told):
        if effective_us == target.effective_us:
            raise WrongUse("That is the moment of the change already.")
        again = {"act": target.act, "effective_us": effective_us, "into": target.into}
        return [_void_row(target), {**again, "fields": {**_known(of, target.fields), **told}}]
    return [_at_its_moment(of, target, counting, told)]


def _known(of: Kind, fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name in of.names}


def _newest(of: Kind, counting: Sequence[Change], told: Mapping[str, object]) -> list[_Row]:
    """Each field at the moment of the change that last set it, one row a moment."""
    rows: dict[int, _Row] = {}
    for name, value in told.items():
        last = next((one for one in reversed(counting) if name in one.fields), None)
        if last is None:
            raise WrongUse(f"The field {name} was never set: there is nothing to correct.", hint="Edit the record.")
        if last.fields[name] != value:
            row = rows.setdefault(last.effective_us, {"effective_us": last.effective_us, "fields": {}})
            row["fields"][name] = value
            row["precision"] = last.precision
    if not rows:
        raise WrongUse(f"The {of.name} says so already: nothing would change.")
    return [rows[at] for at in sorted(rows)]


def _at_its_moment(of: Kind, target: Change, counting: Sequence[Change], told: Mapping[str, object]) -> _Row:
    if not told:
        raise WrongUse("A correction names the values that are right.")
    strange = [name for name in told if name not in target.fields]
    if strange:
        raise WrongUse(f"That change did not set {', '.join(strange)}.", hint=f"It set {', '.join(target.fields)}.")
    after = counting[counting.index(target) + 1 :]
    over = next((one for one in after if one.effective_us == target.effective_us and told.keys() & one.fields), None)
    if over is not None:
        raise Refused(
            f"A later change at the same moment (B-{over.batch}:{over.ord}) says something else of the same field.",
            hint="Correct that one.",
        )
    if all(target.fields[name] == value for name, value in told.items()):
        raise WrongUse(f"The {of.name} says so already: nothing would change.")
    return {"effective_us": target.effective_us, "fields": dict(told), "precision": target.precision}


def _counting(kind: str, entity: int, change: Number, counting: Sequence[Change]) -> Change:
    """The change that is named, if it counts."""
    found = next((one for one in counting if (one.batch, one.ord) == tuple(change)), None)
    if found is None:
        known = any((one.batch, one.ord) == tuple(change) for one in history(entity))
        name = f"B-{change[0]}:{change[1]}"
        if not known:
            raise NotFound(f"{spell(kind, entity)} has no change {name}.")
        raise Refused(f"The change {name} counts no more: it was taken back already.")
    if found.act == "merge":
        raise Refused(f"{spell(kind, entity)} is part of another record by that change.", hint="Split the two.")
    return found


def _void_row(target: Change) -> _Row:
    where = {"void_batch": target.batch, "void_ord": target.ord}
    return {"act": "void", "effective_us": target.effective_us, "fields": {}, **where}


def _tell(batch: LedgerBatch, of: Kind, entity: int, rows: Sequence[_Row]) -> None:
    names = [name for name in of.names if any(name in row["fields"] for row in rows)]
    numbers = ("effective_us", "into", "void_batch", "void_ord")
    columns: dict[str, Any] = {name: pa.array([row.get(name) for row in rows], pa.int64()) for name in numbers}
    columns |= {
        "entity": pa.array([entity] * len(rows), pa.int64()),
        "act": pa.array([row.get("act", "set") for row in rows], pa.string()),
        "precision": pa.array([row.get("precision", "instant") for row in rows], pa.string()),
        "mask": pa.array([sum(of.bit(name) for name in row["fields"]) for row in rows], pa.int64()),
    }
    columns |= {name: pa.array([row["fields"].get(name) for row in rows], arrow_type(of, name)) for name in names}
    apply_changes(batch=batch, kind=of.name, rows=pa.table(columns))
