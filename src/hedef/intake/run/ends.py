"""Records that a source deleted, that came back, or that its full export no longer holds."""

import polars as pl

from hedef.intake.run.call import FileRun
from hedef.intake.run.said import state_of
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.queries import key_table
from hedef.records.services import apply_changes, mark_gone, save_keys

HELD_SHARE, HELD_NUMBER = 5, 1000  # per cent and number of gone records above which nothing is ended


def deleted_rows(file: FileRun) -> pl.DataFrame:
    """`row, key, at_us` of rows that the vendor marks as deleted."""
    typed = file.sheet.typed
    nothing = pl.DataFrame(schema={"row": pl.Int64, "key": pl.String, "at_us": pl.Int64})
    if typed.deleted is None or not typed.deleted.values.fill_null(value=False).any():
        return nothing
    rows = pl.int_range(1, len(typed.key) + 1, dtype=pl.Int64, eager=True)
    modified = typed.modified_at.values if typed.modified_at is not None else None
    frame = pl.DataFrame({"row": rows, "key": typed.key, "deleted": typed.deleted.values})
    at = pl.lit(file.exported_us) if modified is None else modified.fill_null(file.exported_us).alias("at_us")
    told = frame.with_columns(at.alias("at_us")).filter(pl.col("deleted") & pl.col("key").is_not_null())
    return told.select("row", "key", "at_us")


def end_deleted(file: FileRun, kind: Kind, deleted: pl.DataFrame) -> pl.Series:
    """End the living records of deleted rows; answers the rows that ended one."""
    if deleted.is_empty():
        return deleted["row"]
    known = _keys(file, kind.name).join(deleted, on="key", how="inner")
    told = known.join(_living(kind, known["entity"]), on="entity", how="inner")
    if told.is_empty():
        return told["row"]
    _end(file, kind, told.with_columns(pl.max_horizontal("at_us", "last_effective_us").alias("at_us")))
    _forget_rows(file, kind.name, told)
    return told["row"]


def _living(kind: Kind, entities: pl.Series) -> pl.DataFrame:
    return state_of(kind, entities).filter(pl.col("ended_us").is_null()).select("entity", "last_effective_us")


def _keys(file: FileRun, object_: str) -> pl.DataFrame:
    found = pl.from_arrow(key_table(file.source, object_))
    assert isinstance(found, pl.DataFrame)
    return found.select(pl.col("ext_id").cast(pl.String).alias("key"), "entity", "gone_since")


def _end(file: FileRun, kind: Kind, rows: pl.DataFrame) -> None:
    told = rows.select(
        "entity", pl.lit("end").alias("act"), pl.col("at_us").alias("effective_us"), pl.lit(0).alias("mask")
    )
    table = told.to_arrow(compat_level=pl.CompatLevel.oldest())
    file.changes += apply_changes(batch=file.batch, kind=kind.name, rows=table)
    file.notes["ended"] = int(file.notes.get("ended", 0)) + rows.height


def _forget_rows(file: FileRun, object_: str, rows: pl.DataFrame) -> None:
    """A record that comes back is compared with what its source said of it, never taken as unchanged."""
    told = rows.select(pl.col("key").alias("ext_id"), "entity", pl.lit(0, dtype=pl.Int64).alias("row_hash"))
    table = told.to_arrow(compat_level=pl.CompatLevel.oldest())
    save_keys(source=file.source, object=object_, keys=table, batch=file.batch)


def revive(file: FileRun, kind: Kind, entities: pl.DataFrame) -> None:
    """Records that are in the file again live again."""
    ended = state_of(kind, entities["entity"]).filter(pl.col("ended_us").is_not_null())
    if ended.is_empty():
        return
    told = ended.select(
        "entity",
        pl.lit("revive").alias("act"),
        pl.max_horizontal(pl.lit(file.exported_us), pl.col("last_effective_us")).alias("effective_us"),
        pl.lit(0).alias("mask"),
    )
    table = told.to_arrow(compat_level=pl.CompatLevel.oldest())
    file.changes += apply_changes(batch=file.batch, kind=kind.name, rows=table)


def gone_from_full_export(file: FileRun, object_: str) -> int:
    """Records that a full export no longer holds: marked the first time, ended the second; answers how many.

    More than 5 per cent or 1,000 of them are held: nothing ends, and the trust of the source says so.
    """
    kind, known = KINDS[object_], _keys(file, object_)
    gone = known.join(pl.DataFrame({"key": file.sheet.typed.key}).drop_nulls(), on="key", how="anti")
    gone = gone.join(_living(kind, gone["entity"]), on="entity", how="inner")
    if gone.is_empty():
        return 0
    if gone.height > HELD_NUMBER or gone.height * 100 > known.height * HELD_SHARE:
        file.notes["gone_held"] = {"gone": gone.height, "known": known.height}
        hint = f"{gone.height} of {known.height} known records are not in this full export: nothing was ended."
        file.note("gone_too_many", "warning", pl.DataFrame({"row": [None]}, schema={"row": pl.Int64}), hint=hint)
        return gone.height
    again = gone.filter(pl.col("gone_since").is_not_null())
    if again.height:
        at = pl.max_horizontal(pl.lit(file.exported_us), pl.col("last_effective_us"))
        _end(file, kind, again.with_columns(at.alias("at_us")))
        _forget_rows(file, object_, again)
    first = gone.filter(pl.col("gone_since").is_null())["key"].to_list()
    mark_gone(source=file.source, object=object_, ext_ids=first, since_us=file.exported_us)
    hint = f"{gone.height} known records are not in this full export; the next one that misses them ends them."
    file.note("gone", "info", pl.DataFrame({"row": [None]}, schema={"row": pl.Int64}), hint=hint)
    return gone.height
