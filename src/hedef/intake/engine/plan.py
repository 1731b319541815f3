"""What a file changes, compared with what its source last said. Pure: polars frames in, frames out.

A frame of rows has `row` int64 (place in the file, from 1), `key` text (the source's own id), `hash` int64 (of
the typed row), `modified_us` int64 or null, and one column a field, named as in `records.engine.kinds`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

CREATE, UPDATE, UNCHANGED = "create", "update", "unchanged"


@dataclass(frozen=True, slots=True)
class Duplicates:
    """`kept` has one row a key; equal copies and replaced rows are counted as unchanged by the caller."""

    kept: pl.DataFrame
    equal_copies: pl.DataFrame
    replaced: pl.DataFrame


def row_hash(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """int64 a row over `columns` in the order of their names, so that the order of a file's columns plays no part.

    The hash may differ between versions of polars: then rows are compared field by field, which costs time only.
    """
    if not columns:
        return pl.repeat(0, frame.height, dtype=pl.Int64, eager=True)
    ordered = frame.select(sorted(columns))
    return ordered.hash_rows(11).reinterpret(signed=True).alias("hash")


def settle_duplicates(rows: pl.DataFrame) -> Duplicates:
    """One row a key: the newest `modified_us`, else the last in the file. Order of the rest is kept."""
    if rows["key"].n_unique() == rows.height:
        return Duplicates(rows, rows.clear(), rows.clear())
    ranked = rows.sort("modified_us", "row", nulls_last=False, maintain_order=True)
    winner = ranked.group_by("key", maintain_order=True).agg(
        pl.col("row").last().alias("winner"), pl.col("hash").last().alias("winner_hash")
    )
    marked = rows.join(winner, on="key", how="left", maintain_order="left")
    lost = marked.filter(pl.col("row") != pl.col("winner"))
    same = pl.col("hash") == pl.col("winner_hash")
    return Duplicates(
        kept=marked.filter(pl.col("row") == pl.col("winner")).drop("winner", "winner_hash"),
        equal_copies=lost.filter(same).drop("winner", "winner_hash"),
        replaced=lost.filter(~same).drop("winner", "winner_hash"),
    )


def judged(joined: pl.DataFrame) -> pl.DataFrame:
    """Adds `verdict`: create (no `entity`), unchanged, or update (`hash` differs from `last_hash`, or that is null)."""
    verdict = (
        pl.when(pl.col("entity").is_null())
        .then(pl.lit(CREATE))
        .when(pl.col("hash").eq_missing(pl.col("last_hash")))
        .then(pl.lit(UNCHANGED))
        .otherwise(pl.lit(UPDATE))
    )
    return joined.with_columns(verdict.alias("verdict"))


def last_said(changes: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    """The last value a source gave to each field of each entity; null where it never spoke of it.

    changes: `entity`, `mask` and the field columns, in the order in which they were recorded.
    fields: name of a field -> its bit.
    """
    spoken = [
        pl.col(name).filter(pl.col("mask") & pl.lit(bit, dtype=pl.Int64) != 0).last().alias(name)
        if name in changes.columns
        else pl.lit(None).alias(name)
        for name, bit in fields.items()
    ]
    return changes.group_by("entity", maintain_order=True).agg(*spoken)


@dataclass(frozen=True, slots=True)
class Compared:
    """`changes`: entity, row, mask and the fields to set, only rows that set something.

    `kept_local` and `overrode`: row, field of values changed on both sides.
    """

    changes: pl.DataFrame
    kept_local: pl.DataFrame
    overrode: pl.DataFrame


def compare(
    rows: pl.DataFrame,
    said: pl.DataFrame,
    ours: pl.DataFrame,
    fields: Mapping[str, int],
    *,
    source_wins: bool,
    untouched: Mapping[str, pl.Series] | None = None,
) -> Compared:
    """Field by field: what the source changed since it last spoke, unless Hedef changed it too.

    rows: `entity`, `row` and the fields; said, ours: `entity` and the fields. Where several keys of the source mean one
    record, `speaker` of the rows is the `entity` of `said` (without the column: their entity). untouched: field ->
    entities whose field takes its values from elsewhere (a history file), so that this file is only compared with them.
    """
    names = list(fields)
    spoken = _suffixed(said, names, "__said").rename({"entity": "speaker"})
    base = rows if "speaker" in rows.columns else rows.with_columns(pl.col("entity").alias("speaker"))
    base = base.join(spoken, on="speaker", how="left", maintain_order="left")
    base = base.join(_suffixed(ours, names, "__ours"), on="entity", how="left", maintain_order="left")
    for name in names:
        base = base.with_columns(_moved(base, name, (untouched or {}).get(name)))
    local = [_local_edit(name) for name in names]
    base = base.with_columns(*local)
    sets = [
        (pl.col(f"{name}__moved") & (pl.lit(source_wins) | ~pl.col(f"{name}__local"))).alias(f"{name}__set")
        for name in names
    ]
    base = base.with_columns(*sets)
    mask = pl.sum_horizontal(
        pl.when(pl.col(f"{name}__set")).then(pl.lit(bit, dtype=pl.Int64)).otherwise(0) for name, bit in fields.items()
    )
    changes = base.with_columns(mask.alias("mask")).filter(pl.col("mask") != 0)
    values = [pl.when(pl.col(f"{name}__set")).then(pl.col(name)).alias(name) for name in names]
    both = [(name, base.filter(pl.col(f"{name}__moved") & pl.col(f"{name}__local"))) for name in names]
    listed = [found.select("row", pl.lit(name).alias("field")) for name, found in both if found.height]
    conflicts = pl.concat(listed) if listed else pl.DataFrame(schema={"row": pl.Int64, "field": pl.String})
    nothing = conflicts.clear()
    return Compared(
        changes=changes.with_columns(*values),
        kept_local=nothing if source_wins else conflicts,
        overrode=conflicts if source_wins else nothing,
    )


def _suffixed(frame: pl.DataFrame, names: Sequence[str], suffix: str) -> pl.DataFrame:
    columns = [(pl.col(name) if name in frame.columns else pl.lit(None)).alias(f"{name}{suffix}") for name in names]
    return frame.select("entity", *columns)


def _moved(base: pl.DataFrame, name: str, untouched: pl.Series | None) -> pl.Expr:
    """The source says something else than it last said, and Hedef does not hold the new value already."""
    said, ours = f"{name}__said", f"{name}__ours"
    new = pl.col(name)
    moved = _differs(base, name, said, new) & _differs(base, name, ours, new)
    if untouched is not None:
        moved = moved & ~pl.col("entity").is_in(untouched.implode())
    return moved.alias(f"{name}__moved")


def _differs(base: pl.DataFrame, name: str, other: str, new: pl.Expr) -> pl.Expr:
    if base.schema[other] == pl.Null:
        return new.is_not_null()
    return new.ne_missing(pl.col(other).cast(base.schema[name]))


def _local_edit(name: str) -> pl.Expr:
    return pl.col(f"{name}__ours").ne_missing(pl.col(f"{name}__said")).alias(f"{name}__local")


def mask_of_values(fields: Mapping[str, int], *, always: Sequence[str] = ()) -> pl.Expr:
    """Mask of a row that sets every field with a value, and the fields of `always` even to null."""
    parts = [
        pl.lit(bit, dtype=pl.Int64)
        if name in always
        else pl.when(pl.col(name).is_not_null()).then(pl.lit(bit, dtype=pl.Int64)).otherwise(0)
        for name, bit in fields.items()
    ]
    return pl.sum_horizontal(parts).cast(pl.Int64) if parts else pl.lit(0, dtype=pl.Int64)
