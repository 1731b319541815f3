"""New records in bulk: typed and folded before any lock is taken, then written slice by slice."""

from dataclasses import dataclass

import polars as pl
from django.db import connection

from hedef.ledger.services import LedgerBatch, append_block
from hedef.records.engine.combine import combine, prepare, to_arrow
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS
from hedef.records.services.naming import with_name_key
from hedef.records.tables import insert_rows


@dataclass(frozen=True, slots=True)
class NewRecords:
    """Changes of records that are not there yet; their entities are provisional numbers (-1, -2, ...).

    `changes`: the typed rows, those of one record together, records in the order -1, -2, ...; `state`: one row a
    record in the same order, `rows` of it counts the changes up to and with the record.
    """

    kind: str
    changes: pl.DataFrame
    state: pl.DataFrame

    def between(self, after: int, upto: int) -> "NewRecords":
        """The records whose number without its sign lies above `after`, up to and with `upto`."""
        numbers = -self.state["entity"]
        first, end = int((numbers <= after).sum()), int((numbers <= upto).sum())
        before = int(self.state["rows"][first - 1]) if first else 0
        rows = (int(self.state["rows"][end - 1]) if end else 0) - before
        cut = self.state.slice(first, max(0, end - first)).with_columns(pl.col("rows") - before)
        return NewRecords(self.kind, self.changes.slice(before, max(0, rows)), cut)


def fold_new(kind: str, rows: pl.DataFrame) -> NewRecords:
    """Type and fold changes of new records. `rows` as `apply_changes` takes them, all entities below 0, no void.

    Pure; ValueError for rows that break the contract of `apply_changes`.
    """
    of = KINDS[kind]
    changes = prepare(rows.sort("entity", descending=True, maintain_order=True), of, first_ord=0)
    state = combine(changes, of).sort("entity", descending=True)
    filled = [
        name for name in ("ended_us", *of.names) if name in state.columns and state[name].null_count() < len(state)
    ]
    lengths = changes["entity"].rle().struct.field("len").cast(pl.Int64)
    told = state.select("entity", "last_effective_us", *filled).with_columns(lengths.cum_sum().alias("rows"))
    return NewRecords(kind, changes.drop("ord"), with_name_key(of, told))


def open_records(*, batch: LedgerBatch, new: NewRecords, base: int) -> int:
    """Write new records to the ledger and to the records; `base` is the number of -1, the next ones follow upwards.

    Inside the transaction of `ledger.services.writing` or of a `chunk`. Answers how many changes.
    """
    assert connection.in_atomic_block, "changes and records are written in one transaction"
    if new.changes.is_empty():
        return 0
    of, first_ord = KINDS[new.kind], batch.rows
    real = (pl.lit(base - 1) - pl.col("entity")).alias("entity")
    here = pl.int_range(first_ord, first_ord + pl.len(), dtype=pl.Int64)
    follows = pl.col("entity") == pl.col("entity").shift(1)
    linked = new.changes.with_columns(
        real,
        here.alias("ord"),
        pl.when(follows).then(here - 1).alias("prev_ord"),
        pl.when(follows).then(pl.lit(batch.pk, pl.Int64)).alias("prev_batch"),
    )
    append_block(batch, to_arrow(linked, of), new.kind, of.words, of.names)
    last = pl.col("rows") - 1 + first_ord
    rows = new.state.with_columns(real, last.alias("last_ord"), pl.lit(batch.pk, pl.Int64).alias("last_batch"))
    insert_rows(MODELS[new.kind], rows.drop("rows"))
    return linked.height
