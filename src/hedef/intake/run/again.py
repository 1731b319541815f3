"""Ids that a source gave to something new: the ended record begins again, with what the file says of it alone."""

from dataclasses import replace

import polars as pl

from hedef.intake.run import writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.columns import bits, dtype_of
from hedef.intake.run.said import state_of


def write_changed(file: FileRun, rows: writer.Rows) -> tuple[writer.Written, pl.DataFrame]:
    """Plan rows of known records that say something else than before; those that were made after their record had
    ended are second lives. Answers the rows that go on with their record, too.
    """
    begun = _made_after_the_end(rows)
    if begun.is_empty():
        return writer.write_changed(file, rows), rows.frame
    _begin(file, replace(rows, frame=begun))
    going_on = rows.frame.filter(~pl.col("row").is_in(begun["row"].implode()))
    written = writer.write_changed(file, replace(rows, frame=going_on)) if going_on.height else writer.Written()
    named = begun.select("row", pl.col("key").alias("value"))
    file.note("id_reused", "warning", named, field_name="key", hint="Counted as a second life of the same record.")
    entities = rows.frame.select("key", "entity")
    return replace(written, updated=pl.concat([written.updated, begun["row"]]), entities=entities), going_on


def _made_after_the_end(rows: writer.Rows) -> pl.DataFrame:
    """Rows whose record has ended and whose own creation is later. Records that follow a history tell that there."""
    frame = rows.frame
    if "created_us" not in frame.columns or frame["created_us"].null_count() == frame.height:
        return frame.clear()
    ended = state_of(rows.kind, frame["entity"]).filter(pl.col("ended_us").is_not_null())
    told = frame.join(ended.select("entity", "ended_us"), on="entity", how="inner", maintain_order="left")
    for entities in rows.untouched.values():
        told = told.filter(~pl.col("entity").is_in(entities.implode()))
    return told.filter(pl.col("created_us") > pl.col("ended_us")).drop("ended_us")


def _begin(file: FileRun, rows: writer.Rows) -> None:
    """As if the rows were new; the first change of each revives its record and sets every field, most of them blank."""
    flags = bits(rows.kind, rows.fields)
    made = rows.creates(rows.frame, flags).sort("effective_us", "row", maintain_order=True)
    made = made.with_row_index("place")
    first = made.unique("entity", keep="first", maintain_order=True)
    later = made.filter(~pl.col("place").is_in(first["place"].implode()))
    spoken = [
        pl.when(pl.col("mask") & pl.lit(flags[name], dtype=pl.Int64) != 0).then(pl.col(name)).alias(name)
        if name in flags and name in first.columns
        else pl.lit(None, dtype=dtype_of(rows.kind.get(name))).alias(name)
        for name in rows.kind.names
    ]
    whole = pl.lit((1 << len(rows.kind.names)) - 1, dtype=pl.Int64).alias("mask")
    first = first.with_columns(*spoken).with_columns(whole, pl.lit("revive").alias("act"))
    later = later.with_columns(pl.lit("set").alias("act"))
    writer.apply_rows(file, rows.kind, pl.concat([first, later], how="diagonal_relaxed"))
    file.writes.put_keys(rows.object, rows.frame.select("key", "entity", "hash"))
