"""Records that a source deleted, that came back, or that its full export no longer holds."""

import polars as pl

from hedef.intake.run import keys
from hedef.intake.run.call import FileRun
from hedef.intake.run.said import state_of
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.erased_keys import PREFIX as ERASED
from hedef.records.queries import columns_of

HELD_SHARE, HELD_NUMBER = 5, 1000  # per cent and number of gone records above which nothing is ended


def deleted_rows(file: FileRun) -> pl.DataFrame:
    """`row, key, at_us` of rows that the vendor marks as deleted."""
    typed = file.sheet.typed
    nothing = pl.DataFrame(schema={"row": pl.Int64, "key": pl.String, "at_us": pl.Int64})
    if typed.deleted is None or not typed.deleted.values.fill_null(value=False).any():
        return nothing
    modified = typed.modified_at.values if typed.modified_at is not None else None
    frame = pl.DataFrame({"row": file.numbers, "key": typed.key, "deleted": typed.deleted.values})
    at = pl.lit(file.exported_us) if modified is None else modified.fill_null(file.exported_us).alias("at_us")
    told = frame.with_columns(at.alias("at_us")).filter(pl.col("deleted") & pl.col("key").is_not_null())
    return told.select("row", "key", "at_us")


def end_deleted(file: FileRun, kind: Kind, deleted: pl.DataFrame) -> pl.Series:
    """End the living records of deleted rows; answers the rows that ended one."""
    if deleted.is_empty():
        return deleted["row"]
    known = keys.known(file.source, kind.name, file.call.unwritten, deleted["key"].unique())
    told = known.join(deleted, on="key", how="inner")
    told = told.join(_living(kind, told["entity"]), on="entity", how="inner").unique("entity", maintain_order=True)
    if told.is_empty():
        return told["row"]
    _end(file, kind, told.with_columns(pl.max_horizontal("at_us", "last_effective_us").alias("at_us")))
    return told["row"]


def _living(kind: Kind, entities: pl.Series) -> pl.DataFrame:
    return state_of(kind, entities).filter(pl.col("ended_us").is_null()).select("entity", "last_effective_us")


def _end(file: FileRun, kind: Kind, rows: pl.DataFrame) -> None:
    """End records; one that comes back is compared with what its source said of it, never taken as unchanged."""
    told = rows.select(
        "entity", pl.lit("end").alias("act"), pl.col("at_us").alias("effective_us"), pl.lit(0).alias("mask")
    )
    file.writes.apply(kind.name, told)
    file.writes.put_keys(kind.name, rows.select("key", "entity", pl.lit(0, dtype=pl.Int64).alias("hash")))
    file.whole.ended += rows.height


def revive(file: FileRun, kind: Kind, entities: pl.Series) -> pl.Series:
    """Records that are in the file again live again; answers those that had ended."""
    ended = state_of(kind, entities).filter(pl.col("ended_us").is_not_null())
    told = ended.select(
        "entity",
        pl.lit("revive").alias("act"),
        pl.max_horizontal(pl.lit(file.exported_us), pl.col("last_effective_us")).alias("effective_us"),
        pl.lit(0).alias("mask"),
    )
    file.writes.apply(kind.name, told)
    return ended["entity"]


def missing(file: FileRun, object_: str) -> tuple[pl.DataFrame, int]:
    """Living records that the file does not hold (key, entity, gone_since, last_effective_us), and how many live.

    Keys are compared by page: neither all known ones nor the words of the file's own are held at once.
    """
    kind, known, found = KINDS[object_], 0, []
    there = [pl.Series("entity", [], dtype=pl.Int64)]  # a merged record is in the file under its other key
    here = pl.DataFrame({"hashed": file.parts.sheet.key_hashes.drop_nulls().unique()})
    for page in keys.pages(file.source, object_):
        known += _number_living(kind, page["entity"])
        hashed = page.with_columns(pl.col("key").hash().alias("hashed"))
        gone = hashed.join(here, on="hashed", how="anti")
        if gone.height < hashed.height:
            there.append(hashed.join(here, on="hashed", how="semi")["entity"])
        gone = gone.filter(~pl.col("key").str.starts_with(ERASED))  # whether the file holds it, only its words tell
        if gone.height:
            found.append(gone.join(_living(kind, gone["entity"]), on="entity", how="inner").drop("hashed"))
    told = [one for one in found if one.height]
    schema = {**keys.SCHEMA, "last_effective_us": pl.Int64}
    gone = pl.concat(told) if told else pl.DataFrame(schema=schema)
    return gone.filter(~pl.col("entity").is_in(pl.concat(there).implode())), known


def _number_living(kind: Kind, entities: pl.Series) -> int:
    told = columns_of(kind.name, ["entity", "ended_us"], entities=entities.unique().to_list())
    return sum(ended is None for _, ended in told)


def settle_missing(file: FileRun, object_: str, gone: pl.DataFrame, known: int) -> None:
    """Records that a full export no longer holds: marked the first time, ended the second.

    More than 5 per cent or 1,000 of them are held: nothing ends, and the trust of the source says so. A person who
    confirms (`--confirm-gone`) ends them at once.
    """
    file.whole.gone = gone.height
    if gone.is_empty():
        return
    confirmed = bool(file.call.options.get("confirm_gone"))
    nowhere = pl.DataFrame({"row": [None]}, schema={"row": pl.Int64})
    if not confirmed and (gone.height > HELD_NUMBER or gone.height * 100 > known * HELD_SHARE):
        file.whole.notes["gone_held"] = {"gone": gone.height, "known": known}
        hint = f"{gone.height} of {known} known records are not in this full export: nothing was ended. "
        file.note(
            "gone_too_many", "warning", nowhere, hint=hint + "Import it again with --confirm-gone if they are gone."
        )
        return
    again = gone if confirmed else gone.filter(pl.col("gone_since").is_not_null())
    if again.height:
        at = pl.max_horizontal(pl.lit(file.exported_us), pl.col("last_effective_us"))
        _end(file, KINDS[object_], again.with_columns(at.alias("at_us")))
    first = gone.filter(~pl.col("key").is_in(again["key"].implode()))
    file.writes.mark_gone(object_, first["key"], file.exported_us)
    file.note("gone", "info", nowhere, hint=" ".join(_told(first.height, again.height)))


def _told(first: int, ended: int) -> list[str]:
    """What became of the missing records, a sentence each."""
    marked = f"{first} known records are not in this full export; the next one that misses them ends them."
    return [*([marked] if first else []), *([f"{ended} known records were ended."] if ended else [])]
