"""The sources' own ids: which entity they mean and the hash of the row they last said."""

import polars as pl

from hedef.ledger.services import LedgerBatch, Source
from hedef.records.queries import key_table
from hedef.records.services import save_keys

HISTORY = "deal_history"  # object of the keys of history rows


def known(source: Source, object_: str) -> pl.DataFrame:
    """`key, entity, last_hash` of all ids of a source for one object."""
    found = pl.from_arrow(key_table(source, object_))
    assert isinstance(found, pl.DataFrame)
    return found.select(
        pl.col("ext_id").cast(pl.String).alias("key"),
        pl.col("entity").cast(pl.Int64),
        pl.col("row_hash").cast(pl.Int64).alias("last_hash"),
    )


def put(source: Source, object_: str, rows: pl.DataFrame, *, batch: LedgerBatch) -> None:
    """Write `key, entity, hash` of rows that are new or say something new."""
    if rows.is_empty():
        return
    told = rows.select(pl.col("key").alias("ext_id"), "entity", pl.col("hash").alias("row_hash"))
    table = told.to_arrow(compat_level=pl.CompatLevel.oldest())
    save_keys(source=source, object=object_, keys=table, batch=batch)
