"""Entities folded again from their whole history: late changes, voids, rebuild."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from hedef.ledger.engine import PENDING, fold
from hedef.ledger.queries import Last, Tables, blocks_of, history, living, seals
from hedef.records.engine.combine import combine, living_rows, never_lived, polars_type
from hedef.records.engine.kinds import ALWAYS_US, Kind

WALKED = 32  # up to here each history is walked; above, all blocks of the kind are read once


def refolded(kind: Kind, places: pl.DataFrame) -> pl.DataFrame:
    """Record rows of the entities in `places` (entity, last_batch, last_ord: their newest change), from the ledger.

    Rows of batches still open count as the newest. An entity without a living change gets `ended_us = ALWAYS_US`.
    """
    if places.height <= WALKED:
        return _walked(kind, places)
    return _scanned(kind, places)


def _walked(kind: Kind, places: pl.DataFrame) -> pl.DataFrame:
    alive_now = living()
    rows: list[dict[str, object]] = []
    tables: Tables = {}
    for entity, batch, ord_ in places.select("entity", "last_batch", "last_ord").iter_rows():
        state = fold(history(entity, last=Last(kind.name, batch, ord_), tables=tables), living=alive_now)
        told = {"entity": entity, "last_batch": batch, "last_ord": ord_}
        if state is None:
            rows.append({**told, "ended_us": ALWAYS_US, "last_effective_us": ALWAYS_US})
        else:
            end = {"ended_us": state.ended_us, "last_effective_us": state.last_effective_us}
            rows.append({**told, **end, **state.fields})
    schema = dict.fromkeys(("entity", "last_batch", "last_ord", "ended_us", "last_effective_us"), pl.Int64())
    return pl.DataFrame(rows, schema={**schema, **{name: polars_type(kind, name) for name in kind.names}})


def _scanned(kind: Kind, places: pl.DataFrame) -> pl.DataFrame:
    wanted = places["entity"]
    parts = list(block_frames(kind, wanted))
    return folded_frame(kind, pl.concat(parts, how="diagonal"), places)


def folded_frame(kind: Kind, changes: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Fold all changes (with `seal_no, void_seal`) of the entities in `places` to record rows."""
    state = combine(living_rows(changes, living()), kind)
    gone = places.join(state, on="entity", how="anti")["entity"]
    whole = pl.concat([state, never_lived(gone)], how="diagonal")
    return whole.join(places.select("entity", "last_batch", "last_ord"), on="entity", maintain_order="left")


def block_frames(kind: Kind, entities: pl.Series | None = None) -> Iterator[pl.DataFrame]:
    """All changes of a kind (of `entities` only), one frame a block, with `seal_no, batch, void_seal`; words are read.

    Blocks of batches that are still open in this transaction come with the seal number PENDING.
    """
    known = seals()
    wanted = None if entities is None else pa.array(entities.to_list(), pa.int64())
    for batch, table in blocks_of(kind.name):
        if wanted is not None:
            table = table.filter(pc.is_in(table.column("entity"), value_set=wanted))
        if table.num_rows:
            yield _with_seals(pl.from_arrow(table), batch, known)


def _with_seals(frame: pl.DataFrame | pl.Series, batch: int, known: dict[int, int]) -> pl.DataFrame:
    assert isinstance(frame, pl.DataFrame)
    seal = known.get(batch, PENDING)
    void = pl.col("void_batch") if "void_batch" in frame.columns else pl.lit(None, pl.Int64)
    return frame.with_columns(
        seal_no=pl.lit(seal, pl.Int64),
        batch=pl.lit(batch, pl.Int64),
        void_seal=void.replace_strict(known, default=PENDING, return_dtype=pl.Int64) if known else void,
    )
