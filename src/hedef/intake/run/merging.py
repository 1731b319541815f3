"""Records that became one in their source: the file names them, and they become one here too, once it is sealed."""

import polars as pl

from hedef.intake.run import keys
from hedef.intake.run.call import FileRun
from hedef.intake.run.said import state_of
from hedef.kernel.errors import HedefError
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.services import merge
from hedef.records.services.merge import MERGEABLE

MERGES = "merges"  # the note of pairs: key of the record that is no more, key of the one it became part of
_PARTS = r"[;,\s]+"


def set_aside(file: FileRun, kind: Kind) -> pl.Series:
    """Rows of records that are part of another one now: they are no records of their own. Their pairs are noted."""
    typed = file.sheet.typed
    pairs: list[list[str]] = file.whole.notes.setdefault(MERGES, [])
    gone = pl.Series("row", [], dtype=pl.Int64)
    if kind.name not in MERGEABLE:
        return gone
    if typed.merged_into is not None:
        told = file.rows(typed.key).with_columns(typed.merged_into.values.alias("into"))
        told = told.filter(pl.col("into").is_not_null() & (pl.col("into") != pl.col("value")))
        gone = told["row"]
        pairs += [list(pair) for pair in told.select("value", "into").drop_nulls().iter_rows()]
        _tell(file, told)
    if typed.merged is not None:
        told = file.rows(typed.merged.values).with_columns(typed.key.alias("into")).drop_nulls()
        split = told.with_columns(pl.col("value").str.replace_all(_PARTS, ";").str.split(";")).explode("value")
        split = split.filter((pl.col("value") != "") & (pl.col("value") != pl.col("into")))
        pairs += [list(pair) for pair in split.select("value", "into").iter_rows()]
        _tell(file, split)
    return gone


def _tell(file: FileRun, rows: pl.DataFrame) -> None:
    hint = "The source has made them one record; they are one here too, and hedef ledger undo parts them again."
    file.note("merged", "info", rows.unique("row", maintain_order=True), field_name="key", hint=hint)


def carry_out(file: FileRun) -> int:
    """Merge what the sealed file says is one record; answers how many. What is one already changes nothing."""
    pairs = file.whole.notes.pop(MERGES, [])
    kind = KINDS.get(file.parts.sheet.object)
    if kind is None or not pairs or file.call.plans:
        return 0
    asked = pl.Series([key for pair in pairs for key in pair], dtype=pl.String).unique()
    known = keys.known(file.source, kind.name, file.call.unwritten, asked)
    entity = dict(known.select("key", "entity").iter_rows())
    if not entity:
        return 0
    alive, done = set(state_of(kind, known["entity"]).filter(pl.col("ended_us").is_null())["entity"]), 0
    for loser_key, survivor_key in pairs:
        loser, survivor = entity.get(loser_key), entity.get(survivor_key)
        if loser is None or survivor is None or loser == survivor or not {loser, survivor} <= alive:
            continue
        done += _merged(file, kind, loser, survivor)
        alive.discard(loser)
    return done


def _merged(file: FileRun, kind: Kind, loser: int, survivor: int) -> bool:
    reason = f"one record in {file.source.name} ({file.parts.sheet.file.name})"
    at = max(file.exported_us, 0)
    try:
        merge(kind=kind.name, loser=loser, survivor=survivor, actor=file.call.actor, reason=reason, effective_us=at)
    except HedefError as fault:  # a deal of a closed payout, say: the records stay apart, and the answer says why
        nowhere = pl.DataFrame({"row": [None]}, schema={"row": pl.Int64})
        file.clear()
        file.note("merged", "warning", nowhere, field_name="key", hint=f"Not merged: {fault}")
        file.whole.add_findings(file.all_findings())
        return False
    return True
