"""References to rows of the same file, such as the parent of an account: filled when all rows are there.

They are found by the source's id, else by a name that only one record bears; rows that name nobody are read again by
the next import.
"""

import polars as pl

from hedef.intake.engine import plan
from hedef.intake.run import generic, keys, said, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.closing import close_part
from hedef.intake.run.columns import bits
from hedef.records.engine.kinds import Kind

WAITING = "waiting"
LOT_ROWS = 25_000
_KEPT = ("row", "key", "modified_us", "created_us", "created_day", "from_day")


def put(file: FileRun, step: str, piece: str, frame: pl.DataFrame, *, new: bool) -> None:
    """Keep the rows of a frame that name a row of their own file. `counted`: the row counts as created or updated."""
    texts = [name for name in frame.columns if name.endswith("__text")]
    if not texts or frame.is_empty():
        return
    told = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in texts))
    if told.is_empty():
        return
    counted = pl.lit(value=True) if "counted" not in told.columns else pl.col("counted")
    kept = told.select(
        *(name for name in _KEPT if name in told.columns), *texts, pl.lit(new).alias("new"), counted.alias("counted")
    )
    name = f"{WAITING}-{step}-{piece}"
    file.spool.put(name, kept)
    file.whole.pieces[name] = kept.height


def lots(file: FileRun, beginning: str) -> list[list[str]]:
    """Pieces whose names begin so, in the order of their names, in lots of about `LOT_ROWS` rows."""
    found: list[list[str]] = []
    rows = LOT_ROWS
    for name, height in sorted(file.whole.pieces.items()):
        if not name.startswith(beginning):
            continue
        if rows >= LOT_ROWS:
            found.append([])
            rows = 0
        found[-1].append(name)
        rows += height
    return found


def plan_lot(file: FileRun, at: int, kind: Kind, step: str) -> bool:
    """Fill the references of one lot and plan what that changes."""
    of = lots(file, f"{WAITING}-{step}-")
    file.clear()
    if not of:
        return False
    pieces = [frame for name in of[at] if (frame := file.spool.get(name)) is not None]
    frame = pl.concat(pieces, how="diagonal_relaxed")
    known = keys.known(file.source, kind.name, file.call.unwritten, frame["key"])
    frame = frame.join(known.select("key", "entity"), on="key", how="inner", maintain_order="left")
    texts = [name for name in frame.columns if name.endswith("__text")]
    names = [name.removesuffix("__text") for name in texts]
    for name in names:
        frame = _filled(file, kind, frame, name)
    flags = bits(kind, names)
    frame, told = said.by_key(file, kind, frame)
    spoken = plan.last_said(told, flags)
    ours = said.state_of(kind, frame["entity"])
    frame = frame.join(ours.select("entity", pl.col("last_effective_us").alias("last_us")), on="entity", how="left")
    blank = {name: frame.filter(pl.col(generic.own_column(name)).is_null())["entity"] for name in names}
    wins = file.source.precedence >= 0
    compared = plan.compare(frame, _typed(spoken, names), ours, flags, source_wins=wins, untouched=blank)
    timed = generic.with_times(file, kind, compared.changes)
    first = timed.filter("new").with_columns(
        pl.col("at_us").alias("effective_us"), pl.col("at_precision").alias("precision")
    )
    later = generic.updates(file, kind)(timed.filter(~pl.col("new")), flags)
    writer.apply_rows(file, kind, pl.concat([first, later], how="diagonal_relaxed"))
    file.whole.updated += compared.changes.filter(~pl.col("counted")).height if step == "main" else 0
    _read_again(file, kind, frame, names)
    file.note_written(writer.Written(kept_local=compared.kept_local, overrode=compared.overrode))
    close_part(file, f"{WAITING}-{step}", at)
    return at + 1 < len(of)


def _typed(spoken: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return spoken.with_columns(pl.col(name).cast(pl.Int64) for name in names if name in spoken.columns)


def _filled(file: FileRun, kind: Kind, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    text = generic.own_column(name)
    frame = frame.with_columns(file.book(kind.name).resolve(frame[text]).entities.alias(name))
    lost = frame.filter(pl.col(text).is_not_null() & pl.col(name).is_null())
    file.whole.unresolved |= bool(lost.height)
    hint = f"There is no such {kind.name} in this file or before it."
    told = lost.select("row", pl.col(text).alias("value"))
    file.note(f"unknown_{kind.name}", "warning", told, field_name=name, hint=hint)
    return frame


def _read_again(file: FileRun, kind: Kind, frame: pl.DataFrame, names: list[str]) -> None:
    """Rows that name nobody known are compared again when the file comes again."""
    lost = pl.any_horizontal(pl.col(generic.own_column(name)).is_not_null() & pl.col(name).is_null() for name in names)
    told = frame.filter(lost).select("key", "entity", pl.lit(None, dtype=pl.Int64).alias("hash"))
    file.writes.put_keys(kind.name, told.unique("key", maintain_order=True))
