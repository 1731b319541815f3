"""Rows known now minus rows known before, with the sign and the seal at which that became known."""

import polars as pl

from hedef.facts.engine.history import Epochs
from hedef.facts.engine.tables import KNOWN, Table


def signed_rows(table: Table, rows: pl.DataFrame, known: Epochs) -> pl.DataFrame:
    """What the epochs add to `table`: `rows` are its derived rows per (`_entity`, `_epoch`).

    A row of an epoch counts from that seal on and is taken back at the entity's next epoch; what both say cancels out.
    """
    if rows.is_empty():
        return pl.DataFrame(schema=table.polars_schema)
    rows = rows.select("_entity", "_epoch", table.sign, *table.columns)
    if known.next_of.is_empty():
        return _multiplied(table, rows.rename({"_epoch": KNOWN}))
    later = rows.join(known.next_of, on=["_entity", "_epoch"], how="left", maintain_order="left")
    added = later.filter(pl.col("_epoch") > known.after).with_columns(pl.col("_epoch").alias(KNOWN))
    gone = later.filter(pl.col("_next").is_not_null()).with_columns(pl.col("_next").alias(KNOWN), -pl.col(table.sign))
    columns = [KNOWN, *table.columns]
    wanted = [*columns, table.sign]
    both = pl.concat([added.select(wanted), gone.select(wanted)])
    summed = both.group_by(columns, maintain_order=True).agg(pl.col(table.sign).sum())
    return _multiplied(table, _one_by_one(summed.filter(pl.col(table.sign) != 0), table.sign))


def _one_by_one(rows: pl.DataFrame, sign: str) -> pl.DataFrame:
    """A sign of 2 becomes two rows of 1: every row counts one thing."""
    if rows.is_empty() or rows[sign].abs().max() == 1:
        return rows
    times = rows[sign].abs()
    place = pl.int_range(pl.len()).repeat_by(times).explode()
    return rows.with_columns(pl.col(sign).sign())[rows.select(place).to_series()]


def _multiplied(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    return table.shaped(rows.with_columns(pl.col(name) * pl.col(table.sign) for name in table.measures))
