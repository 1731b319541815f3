"""What a source has said so far, read from the ledger, and what the records hold now."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from hedef.intake.run.columns import dtype_of
from hedef.ledger.queries import batches, blocks_after, living
from hedef.ledger.services import Source
from hedef.records.engine.kinds import Kind
from hedef.records.queries import columns_of


def changes_of_source(source: Source, kind: Kind, entities: pl.Series, *, words: bool = True) -> pl.DataFrame:
    """Living change rows of a source for some entities, in the order of recording.

    Columns: batch, ord, act, entity, effective_us, precision, mask, void_batch, void_ord and the fields of the kind.
    """
    alive = living()
    wanted = pl.DataFrame({"entity": entities.unique()})
    parts = [_empty(kind)]
    of_source = [(one.pk, one.seal_no) for one in batches(last=None) if one.source_id == source.pk]
    for number, seal in reversed(of_source):
        if seal not in alive:
            continue
        for block in blocks_after(seal - 1, seal, kinds={kind.name}, words=words):
            table = pl.from_arrow(block.table)
            assert isinstance(table, pl.DataFrame)
            found = table.join(wanted, on="entity", how="semi", maintain_order="left")
            if found.height:
                parts.append(found.with_columns(pl.lit(number, dtype=pl.Int64).alias("batch")))
    every = pl.concat(parts, how="diagonal_relaxed")
    gone = every.filter(pl.col("act") == "void").select(
        pl.col("void_batch").alias("batch"), pl.col("void_ord").alias("ord")
    )
    if gone.is_empty():
        return every
    return every.filter(pl.col("act") != "void").join(gone, on=["batch", "ord"], how="anti", maintain_order="left")


def _empty(kind: Kind) -> pl.DataFrame:
    numbers = ("batch", "ord", "entity", "effective_us", "mask", "void_batch", "void_ord")
    schema: dict[str, pl.DataType] = dict.fromkeys(numbers, pl.Int64())
    schema |= {"act": pl.String(), "precision": pl.String()}
    return pl.DataFrame(schema=schema | {one.name: dtype_of(one) for one in kind.fields})


def state_of(kind: Kind, entities: pl.Series) -> pl.DataFrame:
    """Current record rows of some entities, ended ones too: entity, last_effective_us, ended_us and the fields."""
    names = ["entity", "last_effective_us", "ended_us", *kind.names]
    told = columns_of(kind.name, names, entities=entities.unique().to_list())
    columns = list(zip(*told, strict=True)) or [()] * len(names)
    return pl.DataFrame([_series(kind, name, values) for name, values in zip(names, columns, strict=True)])


def _series(kind: Kind, name: str, values: Sequence[Any]) -> pl.Series:
    if name not in kind.names:
        return pl.Series(name, values, dtype=pl.Int64)
    of = dtype_of(kind.get(name))
    if of == pl.Date and any(isinstance(value, str) for value in values):
        return pl.Series(name, values, dtype=pl.String).str.to_date()
    if of == pl.Boolean:
        values = [None if value is None else bool(value) for value in values]
    return pl.Series(name, values, dtype=of)
