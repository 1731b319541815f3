"""Deals of a snapshot: their process and stage, when they were made, closed and changed."""

from collections.abc import Mapping

import polars as pl

from hedef.intake.engine import timing
from hedef.intake.engine.shapes import Column
from hedef.intake.run import compare, frames, keys, memory, stage_dates, stages, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.columns import place_of
from hedef.intake.run.keys import HISTORY
from hedef.intake.run.processes import DECIDED
from hedef.intake.run.said import state_of
from hedef.intake.trust.measuring import seen
from hedef.records.engine.kinds import KINDS
from hedef.records.queries import keyed

DEAL = KINDS["deal"]
FIELDS = "fields"  # the note of the fields that a file speaks of


def write(file: FileRun, *, fresh: bool = False) -> tuple[pl.DataFrame, writer.Written]:
    """Plan the deals of a part; answers them as they were compared, too."""
    frame, names = _frame(file)
    frame = _checked(file, frame)
    compare.with_checks(file, DEAL, frame)
    file.planned = seen(frame, DEAL.name)
    kept = file.kept(frame).filter(pl.col("key").is_not_null())
    file.whole.notes[FIELDS] = names
    untouched = covered(file, kept)
    written = writer.write(file, rows_of(file, kept, names, untouched, fresh=fresh))
    file.note_written(written)
    stage_dates.write(file, written, stage_dates.entries(file, kept))
    if untouched and file.mapping.reader != "stage_dates":
        _compare_with_history(file, kept.join(written.entities, on="key", how="left"), untouched)
    return kept, written


def changed_rows(file: FileRun, frame: pl.DataFrame) -> writer.Rows:
    """Deals that say something else than before; `frame` as `write` left it, with entity and hash."""
    return rows_of(file, frame, file.whole.notes[FIELDS], covered(file, frame))


def _names(file: FileRun, base: list[str], frame: pl.DataFrame) -> list[str]:
    """Fields of a deal that the file speaks of; the same for every part of it."""
    wanted = {*base, "process", "status", "closed_us"} | ({"stage"} if "stage" in frame.columns else set())
    history = file.sheet.bound.history
    if "created_at" in file.sheet.typed.fields or (history is not None and history.stages):
        wanted.add("created_us")
    elif "created_us" in wanted:
        wanted.discard("created_us")
    return [name for name in DEAL.names if name in wanted]


def rows_of(
    file: FileRun, frame: pl.DataFrame, names: list[str], untouched: Mapping[str, pl.Series], *, fresh: bool = False
) -> writer.Rows:
    nothing_said = _silent_creations(frame)
    return writer.Rows(
        DEAL,
        "deal",
        frame,
        names,
        creates=lambda new, fields: timing.first_rows(new, fields, exported_us=file.exported_us, decided=DECIDED),
        updates=lambda changed, fields: _updates(file, changed, fields),
        untouched={**untouched, **nothing_said},
        adopts=True,
        fresh=fresh,
    )


def _silent_creations(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """A blank creation takes no known one away."""
    if "entity" not in frame.columns:
        return {}
    blank = frame.filter(pl.col("created_us").is_null())["entity"]
    return {"created_us": blank} if len(blank) else {}


def _updates(file: FileRun, changed: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    """Changes by their own times; owners and accounts that could not be found before hold since the creation."""
    owned, rest = _owned(file, changed, fields)
    late = rest.clear()
    if file.former_unresolved:
        late, rest = timing.found_late(rest, {name: fields[name] for name in _FOUND_LATE if name in fields})
        at = pl.coalesce("made_us", "closing_us", "last_us")
        late = late.with_columns(at.alias("effective_us"), pl.lit("day").alias("precision"))
    told = timing.update_rows(rest, fields, exported_us=file.exported_us, former_us=file.former_us, decided=DECIDED)
    return pl.concat([late, owned, told], how="diagonal_relaxed")


def _owned(file: FileRun, changed: pl.DataFrame, fields: Mapping[str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Changed owners whose time the vendor tells, apart from what else changed in their rows."""
    if "owner" not in fields or "owner_us" not in changed.columns:
        return changed.clear(), changed
    bit = pl.lit(fields["owner"], dtype=pl.Int64)
    since = pl.col("owner_us").is_between(file.former_us or 0, file.exported_us).fill_null(value=False)
    here = since & (pl.col("mask") & bit != 0)
    owned = changed.filter(here).with_columns(
        bit.alias("mask"),
        pl.max_horizontal("owner_us", "last_us").alias("effective_us"),
        pl.lit("instant").alias("precision"),
    )
    rest = changed.with_columns(pl.when(here).then(pl.col("mask") - bit).otherwise(pl.col("mask")).alias("mask"))
    return owned, rest.filter(pl.col("mask") != 0)


_FOUND_LATE = ("owner", "account", "contact")


def _frame(file: FileRun) -> tuple[pl.DataFrame, list[str]]:
    typed, bound = file.sheet.typed, file.sheet.bound
    base = frames.base_frame(file, DEAL, typed.fields, bound.fields, typed.key)
    frame = base.frame
    frames.without_key(file, frame)
    if "created_us" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("created_us"))
    if "owner" in typed.times:
        frame = frame.with_columns(typed.times["owner"].values.alias("owner_us"))
    frame = stages.with_stage(file, frame)
    frame = stage_dates.prepare(file, frame)
    frame = _when(file, frame)
    frame = _days(file, frame, typed.fields)
    closing = timing.closing_us(frame, zone=file.call.zone, exported_us=file.exported_us)
    dated = pl.when("stage_known").then("dated_us")
    frame = frame.with_columns(pl.coalesce(dated, closing).alias("closing_us"))
    decided = pl.col("status").is_in(list(DECIDED))
    frame = frame.with_columns(
        (pl.col("closed_us").is_null() & pl.col("close_on").is_not_null() & ~pl.col("stage_known")).alias(
            "closes_by_day"
        ),
        pl.when(decided).then("closing_us").alias("closed_us"),
        pl.when(decided).then("closing_us").alias("closing_us"),
        pl.col("status").alias("status_now"),
        pl.col("created_us").alias("made_us"),
    )
    return frame, _names(file, base.names, frame)


def _when(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """Fields that count only in some states of a deal, and zeros that mean "no amount"."""
    for name, alternatives in file.sheet.bound.fields.items():
        place = place_of(DEAL, name)
        spec = alternatives[0].spec
        if place is None or place not in frame.columns:
            continue
        if spec.when and len(alternatives) == 1:
            frame = frame.with_columns(pl.when(_in_state(spec.when)).then(pl.col(place)).alias(place))
        if spec.blank_when_zero:
            zero = _in_state(spec.blank_when_zero) & (pl.col(place) == 0)
            file.note("lost_with_amount_zero", "info", frame.filter(zero), field_name=name, hint="Read as no amount.")
            frame = frame.with_columns(pl.when(~zero.fill_null(value=False)).then(pl.col(place)).alias(place))
    return frame


def _in_state(state: str) -> pl.Expr:
    if state == "closed":
        return pl.col("status").is_in(list(DECIDED))
    if state == "open":
        return ~pl.col("status").is_in(list(DECIDED))
    return pl.col("status") == state


def _days(file: FileRun, frame: pl.DataFrame, fields: Mapping[str, Column]) -> pl.DataFrame:
    """Days without a time: a deal is made at the start of its day and closes at the end of it."""
    height, zone = frame.height, file.call.zone
    day_only = frames.day_only(fields, "created_at")
    created_day = day_only if day_only is not None else pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    frame = frame.with_columns(created_day.alias("created_day"))
    if "closed_us" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("closed_us"))
    closed_day = frames.day_only(fields, "closed_at")
    if "close_on" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Date).alias("close_on"))
    day = pl.from_epoch("closed_us", time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    decided = pl.col("status").is_in(list(DECIDED))
    frame = frame.with_columns(
        pl.when(decided & day.is_not_null()).then(day).otherwise(pl.col("close_on")).alias("close_on")
    )
    if closed_day is not None:
        frame = frame.with_columns(pl.when(closed_day).then(None).otherwise(pl.col("closed_us")).alias("closed_us"))
    return frame


def _checked(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """Findings that leave the row in: closed before it was made, won for nothing."""
    made = timing.day_end_us("close_on", file.call.zone) < pl.col("created_us")
    decided = pl.col("status").is_in(list(DECIDED))
    early = file.kept(frame).filter(decided & made).with_columns(pl.col("close_on").cast(pl.String).alias("value"))
    file.note(
        "close_before_create",
        "warning",
        early,
        field_name="close_on",
        hint="Counted as closed when it was made. Correct one of the two dates.",
    )
    if "amount_minor" in frame.columns:
        nothing = pl.col("amount_minor").is_null() | (pl.col("amount_minor") == 0)
        for_nothing = file.kept(frame).filter((pl.col("status") == "won") & nothing)
        file.note("won_without_amount", "warning", for_nothing, field_name="amount", hint="Add its amount.")
    return frame


def covered(file: FileRun, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Fields that follow a history of this source, with the deals it covers."""
    if file.mapping.reader == "stage_dates":
        known = frame.filter("stage_known")["key"]
        known = keys.known(file.source, "deal", file.call.unwritten, known)["entity"]
        return {"stage": known, "status": known} if len(known) else {}
    fields = memory.recall(file, memory.HISTORY_FIELDS)
    deals = histories_of(file, frame) if fields else pl.Series([], dtype=pl.Int64)
    if deals.is_empty():
        return {}
    return dict.fromkeys(fields, deals)


def histories_of(file: FileRun, frame: pl.DataFrame) -> pl.Series:
    """Those deals of a part that a history of this source covers."""
    known = keys.known(file.source, "deal", file.call.unwritten, frame["key"].unique())["entity"].to_list()
    return pl.Series("entity", sorted(keyed(file.source, HISTORY, known)), dtype=pl.Int64)


def _compare_with_history(file: FileRun, frame: pl.DataFrame, untouched: Mapping[str, pl.Series]) -> None:
    """The last state of the history must be what the snapshot says."""
    if "stage" not in untouched:
        return
    deals = frame.filter(pl.col("entity").is_in(untouched["stage"].implode()))
    if deals.is_empty():
        return
    now = state_of(DEAL, deals["entity"]).select("entity", pl.col("stage").alias("replayed"))
    both = deals.join(now, on="entity", how="left")
    wrong = both.filter(pl.col("stage").ne_missing(pl.col("replayed"))).with_columns(pl.col("stage").alias("value"))
    file.whole.add_history(both.height, both.height - wrong.height)
    file.note(
        "history_disagrees",
        "warning",
        wrong,
        field_name="stage",
        hint="The history ends in another stage; the history counts. Export both files at the same time.",
    )
