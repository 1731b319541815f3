"""The sources' own ids: which entity they mean and the hash of the row they last said."""

from collections.abc import Iterator

import polars as pl

from hedef.intake.run.unwritten import Unwritten
from hedef.ledger.services import Source
from hedef.records.queries import key_pages, key_table, stored_ids

SCHEMA = {"key": pl.String, "entity": pl.Int64, "last_hash": pl.Int64, "gone_since": pl.Int64}


def history_of(kind: str) -> str:
    """The object under which rows of a history are known: `deal_history`."""
    return f"{kind}_history"


HISTORY = history_of("deal")


def known(
    source: Source, object_: str, unwritten: Unwritten | None = None, texts: pl.Series | None = None
) -> pl.DataFrame:
    """`key, entity, last_hash, gone_since` of the ids of a source for one object (only `texts` when given).

    Ids that a rehearsal would have written by now are among them.
    """
    kept = None if texts is None else stored_ids(source, object_, texts)
    found = pl.from_arrow(key_table(source, object_, None if kept is None else kept.to_list()))
    assert isinstance(found, pl.DataFrame)
    told = found.select(
        pl.col("ext_id").cast(pl.String).alias("key"),
        pl.col("entity").cast(pl.Int64),
        pl.col("row_hash").cast(pl.Int64).alias("last_hash"),
        pl.col("gone_since").cast(pl.Int64),
    )
    if texts is not None and kept is not None and kept is not texts:
        said = pl.DataFrame({"key": kept, "said": texts}).unique()
        told = told.join(said, on="key", how="inner").select(pl.col("said").alias("key"), *list(SCHEMA)[1:])
    planned = None if unwritten is None else unwritten.known(source.pk, object_)
    if planned is None:
        return told
    if texts is not None:
        planned = planned.join(pl.DataFrame({"key": texts}), on="key", how="semi")
    newer = planned.select(
        "key", "entity", pl.col("hash").alias("last_hash"), pl.lit(None, pl.Int64).alias("gone_since")
    )
    return pl.concat([told.join(newer, on="key", how="anti"), newer])


def as_stored(source: Source, object_: str, texts: pl.Series) -> pl.Series:
    """Ids of a file as they are kept: those of erased people are hashes."""
    return stored_ids(source, object_, texts)


def pages(source: Source, object_: str) -> Iterator[pl.DataFrame]:
    """All ids of a source for one object in the order of the ids, some ten thousand at a time: columns of `SCHEMA`."""
    for page in key_pages(source, object_):
        told = pl.from_arrow(page)
        assert isinstance(told, pl.DataFrame)
        yield told.select(
            pl.col("ext_id").cast(pl.String).alias("key"), "entity", pl.col("row_hash").alias("last_hash"), "gone_since"
        )
