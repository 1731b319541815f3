"""Entities folded again from their whole history: late changes, voids, rebuild."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from hedef.ledger.engine import PENDING, fold
from hedef.ledger.queries import Last, Tables, blocks_of, history, living, orders
from hedef.records.engine.combine import combine, living_rows, never_lived, polars_type, prepare
from hedef.records.engine.kinds import ALWAYS_US, Kind

WALKED = 32  # up to here each history is walked; above, all blocks of the kind are read once


def refolded(kind: Kind, places: pl.DataFrame, own: int | None = None) -> pl.DataFrame:
    """Record rows of the entities in `places` (entity, last_batch, last_ord: their newest change), from the ledger.

    Changes of batches still open count, after all sealed ones and those of the batch `own` last; changes of abandoned
    ones do not. An entity without a living change gets `ended_us = ALWAYS_US`. Every field is a column of the answer.
    """
    known = orders(own)
    if places.height <= WALKED:
        return _walked(kind, places, known)
    parts = list(block_frames(kind, known, Wanted(places["entity"])))
    return folded_frame(kind, pl.concat(parts, how="diagonal") if parts else None, places)


def _walked(kind: Kind, places: pl.DataFrame, known: Mapping[int, int]) -> pl.DataFrame:
    alive_now = living()
    rows: list[dict[str, object]] = []
    tables: Tables = {}
    for entity, batch, ord_ in places.select("entity", "last_batch", "last_ord").iter_rows():
        changes = history(entity, last=Last(kind.name, batch, ord_), tables=tables, known=known)
        state = fold(changes, living=alive_now)
        told = {"entity": entity, "last_batch": batch, "last_ord": ord_}
        if state is None:
            rows.append({**told, "ended_us": ALWAYS_US, "last_effective_us": ALWAYS_US})
        else:
            end = {"ended_us": state.ended_us, "last_effective_us": state.last_effective_us}
            rows.append({**told, **end, **state.fields})
    return pl.DataFrame(rows, schema=row_schema(kind))


def row_schema(kind: Kind) -> dict[str, pl.DataType]:
    """Columns of a whole record row."""
    numbers = ("entity", "last_batch", "last_ord", "ended_us", "last_effective_us")
    return {**dict.fromkeys(numbers, pl.Int64()), **{name: polars_type(kind, name) for name in kind.names}}


def folded_frame(kind: Kind, changes: pl.DataFrame | None, places: pl.DataFrame) -> pl.DataFrame:
    """Fold all changes (with `seal_no, void_seal`) of the entities in `places` to whole record rows."""
    schema = row_schema(kind)
    none = pl.DataFrame(schema={"entity": pl.Int64})
    state = none if changes is None else combine(living_rows(changes, living()), kind)
    gone = places.join(state, on="entity", how="anti")["entity"]
    whole = pl.concat([state, never_lived(gone)], how="diagonal")
    told = whole.join(places.select("entity", "last_batch", "last_ord"), on="entity", maintain_order="left")
    missing = (pl.lit(None, of).alias(name) for name, of in schema.items() if name not in told.columns)
    return told.with_columns(missing).select(list(schema))


def foreseen(kind: Kind, planned: pl.DataFrame) -> pl.DataFrame:
    """The records of changes that are only planned, as they would stand after them; nothing is written.

    `planned`: rows as `apply_changes` takes them, in the order of recording; records that do not exist yet carry
    numbers below zero. Columns: entity, ended_us, last_effective_us and the fields that any change names.
    """
    known, own = orders(None), -1
    last = max(PENDING, *known.values()) + 1 if known else PENDING
    changes = prepare(planned.to_arrow(compat_level=pl.CompatLevel.oldest()), kind, first_ord=1)
    parts = [_with_seals(changes, own, {**known, own: last})]
    there = changes.filter(pl.col("entity") > 0)["entity"].unique()
    before = list(block_frames(kind, known, Wanted(there))) if len(there) else []
    return combine(living_rows(pl.concat([*before, *parts], how="diagonal_relaxed"), living()), kind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities are read: these, or those of a range (both ends are in it); `places`: the blocks that hold any."""

    entities: pl.Series | None = None
    first: int = 0
    last: int = 0
    places: frozenset[tuple[int, int]] | None = None

    def of(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Whether each value is wanted."""
        if self.entities is not None:
            return pc.is_in(column, value_set=self.entities.to_arrow().cast(pa.int64()))
        return pc.and_(pc.greater_equal(column, self.first), pc.less_equal(column, self.last))


def block_frames(kind: Kind, known: Mapping[int, int], wanted: Wanted | None = None) -> Iterator[pl.DataFrame]:
    """All changes of a kind (those that are `wanted` only), one frame a block, with `seal_no, batch, void_seal`.

    Words are read. `known` as `ledger.queries.orders` gives it.
    """
    for batch, table in blocks_of(kind.name, None if wanted is None else wanted.places):
        if batch not in known:
            continue
        if wanted is not None:
            table = table.filter(wanted.of(table.column("entity")))
        if table.num_rows:
            yield _with_seals(pl.from_arrow(table), batch, known)


def _with_seals(frame: pl.DataFrame | pl.Series, batch: int, known: Mapping[int, int]) -> pl.DataFrame:
    assert isinstance(frame, pl.DataFrame)
    void = frame["void_batch"] if "void_batch" in frame.columns else pl.Series([], dtype=pl.Int64)
    voided = {number: known.get(number) for number in void.drop_nulls().unique()}
    seal = pl.col("void_batch").replace_strict(voided, default=None, return_dtype=pl.Int64) if voided else None
    return frame.with_columns(
        seal_no=pl.lit(known[batch], pl.Int64),
        batch=pl.lit(batch, pl.Int64),
        void_seal=pl.lit(None, pl.Int64) if seal is None else seal,
    )


def link_frame(batch: int, table: pa.Table) -> pl.DataFrame:
    """The links of a change table: entity, batch, ord, prev_batch, prev_ord (null: no change before)."""
    kept = pl.DataFrame(table.select([name for name in _LINKS if name in table.column_names]))
    missing = (pl.lit(None).alias(name) for name in _LINKS if name not in kept.columns)
    typed = kept.with_columns(missing).with_columns(pl.col(_LINKS).cast(pl.Int64))
    return typed.select("entity", pl.lit(batch, pl.Int64).alias("batch"), "ord", "prev_batch", "prev_ord")


_LINKS = ("entity", "ord", "prev_batch", "prev_ord")
