"""The one door of changes: ledger blocks and record state in the same transaction."""

import polars as pl
import pyarrow as pa
from django.db import connection

from hedef.kernel.errors import Refused
from hedef.ledger.erasing import kept_out
from hedef.ledger.queries import seals
from hedef.ledger.services import LedgerBatch, append_block
from hedef.records.engine.combine import ENDED, bits_of, combine, link, prepare, to_arrow
from hedef.records.engine.kinds import ALWAYS_US, KINDS, Kind
from hedef.records.models import MODELS
from hedef.records.services.naming import with_name_key
from hedef.records.services.refold import refolded
from hedef.records.tables import insert_rows, standing, update_rows


def apply_changes(*, batch: LedgerBatch, kind: str, rows: pa.Table) -> int:
    """Write changes of one kind to the ledger and to the records; answers how many.

    `rows`: entity int64, effective_us int64; act string (`set` without word), mask int64 (bit i = field i of the
    kind; without it every field column that is there), not_before_us, precision, void_batch and void_ord, into,
    file_row; field columns (ref, int, bp, instant int64; day date32; code, text, json string; bool). The order of
    the rows is the order of recording. New entities come from `allocate`.

    Runs inside the transaction of `ledger.services.writing` or of a `chunk`. A change earlier than the entity's newest
    one, and a void, fold the entity again from its history. Another batch may be open with changes of the same
    entities: `seal` brings them in order. ValueError for rows that break this contract; Refused for a void of a
    change that is not sealed.
    """
    assert connection.in_atomic_block, "changes and records are written in one transaction"
    if not rows.num_rows:
        return 0
    of = KINDS[kind]
    changes = prepare(rows, of, first_ord=batch.rows)
    before = standing(MODELS[kind], changes["entity"])
    _refuse_unsealed(changes, batch)
    changes = link(without_erased(changes, of), before, batch=batch.pk)
    append_block(batch, to_arrow(changes, of), kind, of.words, of.names)
    _project(batch, of, changes, before)
    return changes.height


def without_erased(changes: pl.DataFrame, of: Kind) -> pl.DataFrame:
    """No word of somebody who asked to be erased is written again, whatever a source still says."""
    words = [name for name in of.names if name in of.words and name in changes.columns]
    gone = kept_out() if words else frozenset()
    if not gone or not changes["entity"].is_in(list(gone)).any():
        return changes
    theirs = pl.col("entity").is_in(list(gone))
    bits = sum(of.bit(name) for name in words)
    return changes.with_columns(
        *(pl.when(~theirs).then(pl.col(name)).alias(name) for name in words),
        pl.when(theirs).then(pl.col("mask") & ~pl.lit(bits, pl.Int64)).otherwise(pl.col("mask")).alias("mask"),
    )


def _refuse_unsealed(changes: pl.DataFrame, batch: LedgerBatch) -> None:
    """A change that may yet be abandoned, or sealed later than its void, cannot be voided."""
    if "void_batch" not in changes.columns or changes["void_batch"].null_count() == changes.height:
        return
    known = seals()
    voided = {one for one in changes["void_batch"].unique() if one is not None}
    others = sorted(one for one in voided - {batch.pk} if one not in known)
    if others:
        half = ", ".join(f"B-{number}" for number in others)
        raise Refused(f"Only sealed changes can be taken back; {half} is not sealed.")


def _project(batch: LedgerBatch, of: Kind, changes: pl.DataFrame, before: pl.DataFrame) -> None:
    last = (
        changes.group_by("entity").agg(
            last_ord=pl.col("ord").max(), first_us=pl.col("effective_us").min(), void=(pl.col("act") == "void").any()
        )
        if _repeats(changes) or not before.is_empty() or (changes["act"] == "void").any()
        else None
    )
    if last is None:  # only new entities, one row each: the usual bulk import
        state = combine(changes, of).with_columns(last_ord=changes["ord"])
        _insert(batch, of, state)
        return
    told = last.join(before.select("entity", "last_effective_us", "ended_us"), on="entity", how="left")
    late = pl.col("first_us") < pl.col("last_effective_us")
    taken_back = pl.col("ended_us") == ALWAYS_US
    again = told.filter(pl.col("void") | late.fill_null(False) | taken_back.fill_null(False))
    straight = changes.join(again, on="entity", how="anti", maintain_order="left")
    state = combine(straight, of).join(last.select("entity", "last_ord"), on="entity", maintain_order="left")
    fresh = state.join(before, on="entity", how="anti", maintain_order="left")
    _insert(batch, of, fresh)
    _update(batch, of, state.join(before.select("entity"), on="entity", how="semi", maintain_order="left"))
    if not again.is_empty():
        places = again.select("entity", last_batch=pl.lit(batch.pk, pl.Int64), last_ord=pl.col("last_ord"))
        overwrite(of, refolded(of, places, own=batch.pk), new_too=True)


def _repeats(changes: pl.DataFrame) -> bool:
    return changes["entity"].n_unique() < changes.height


def _insert(batch: LedgerBatch, of: Kind, state: pl.DataFrame) -> None:
    if state.is_empty():
        return
    filled = [
        name for name in ("ended_us", *of.names) if name in state.columns and state[name].null_count() < len(state)
    ]
    rows = state.select("entity", "last_ord", "last_effective_us", *filled)
    insert_rows(MODELS[of.name], with_name_key(of, rows.with_columns(last_batch=pl.lit(batch.pk, pl.Int64))))


def _update(batch: LedgerBatch, of: Kind, state: pl.DataFrame) -> None:
    """Overwrite only what is part of the changes: one statement for each set of fields."""
    for (mask,), rows in state.partition_by("mask", as_dict=True, maintain_order=True).items():
        touched = [*bits_of(mask & ~ENDED, of), *(["ended_us"] if mask & ENDED else [])]
        told = rows.select("entity", "last_ord", "last_effective_us", *touched)
        update_rows(MODELS[of.name], with_name_key(of, told.with_columns(last_batch=pl.lit(batch.pk, pl.Int64))))


def overwrite(of: Kind, rows: pl.DataFrame, *, new_too: bool = False) -> None:
    """Write whole record rows (entity, last_batch, last_ord, last_effective_us, ended_us, fields).

    Rows that are there are overwritten, not deleted: whoever waits for the lock of one must find it again. With
    `new_too` those that are not there are inserted.
    """
    whole = with_name_key(of, rows)
    if not new_too:
        update_rows(MODELS[of.name], whole)
        return
    there = standing(MODELS[of.name], rows["entity"]).select("entity")
    update_rows(MODELS[of.name], whole.join(there, on="entity", how="semi"))
    insert_rows(MODELS[of.name], whole.join(there, on="entity", how="anti"))
