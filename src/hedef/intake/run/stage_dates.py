"""One date column a stage: when a deal entered each, beside what the row says of it now."""

import polars as pl

from hedef.intake.engine import history
from hedef.intake.engine.shapes import BoundField
from hedef.intake.run import keys, own_process, stages, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.keys import HISTORY
from hedef.intake.run.processes import slug
from hedef.intake.schema import FieldMap
from hedef.records.engine.kinds import KINDS

DEAL = KINDS["deal"]
_BITS = DEAL.bit("stage") | DEAL.bit("status")


def entries(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """`deal, row, at_us, stage, category, mask` of every filled stage date, in the order of the ledger."""
    told = file.sheet.bound.history
    nothing = pl.DataFrame(
        schema={"deal": pl.String, "row": pl.Int64, "at_us": pl.Int64, "stage": pl.String, "mask": pl.Int64}
    ).with_columns(pl.lit(None, dtype=pl.String).alias("category"))
    if told is None or not told.stages:
        return nothing
    parts = [nothing]
    for process_id in frame["process"].drop_nulls().unique(maintain_order=True):
        of, origin = stages.in_force(file, process_id), own_process.origin(file, process_id)
        if of is None:
            continue
        rows = frame.filter(pl.col("process") == process_id).select(pl.col("key").alias("deal"), "row")
        columns: list[tuple[str, str]] = []
        for one in told.stages:
            stage = of.stage_of(one.stage)
            if one.entered and stage is not None and (one.process is None or slug(one.process) == origin):
                rows = rows.join(_dates(file, one.column), on="row", how="left", maintain_order="left")
                columns.append((one.column, stage))
        order = {stage.id: place for place, stage in enumerate(of.stages)}
        columns.sort(key=lambda pair: order[pair[1]])
        long = history.stage_dates(rows, columns, _BITS).with_columns(
            pl.col("stage").replace_strict(order, default=None, return_dtype=pl.Int64).alias("place")
        )
        categories = {stage.id: stage.category for stage in of.stages}
        parts.append(
            long.with_columns(
                pl.col("stage").replace_strict(categories, default=None, return_dtype=pl.String).alias("category")
            )
        )
    return file.kept(pl.concat(parts, how="diagonal_relaxed"))


def _dates(file: FileRun, column: str) -> pl.DataFrame:
    read = file.column(BoundField(column, FieldMap(type="instant"), (column,)))
    if column not in file.read:
        file.read.add(column)
        file.take_findings(read)
    return pl.DataFrame({"row": file.numbers, column: read.values})


def prepare(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `stage_known` (the dates end in the stage of the row) and `dated_us`, the time of that stage.

    A stage entered before the creation moves the creation back, with a finding.
    """
    dated = entries(file, frame)
    if dated.is_empty():
        return frame.with_columns(
            pl.lit(value=False).alias("stage_known"), pl.lit(None, dtype=pl.Int64).alias("dated_us")
        )
    ends = dated.group_by("row").agg(
        pl.col("at_us").min().alias("__first"),
        pl.col("at_us").last().alias("dated_us"),
        pl.col("stage").last().alias("__last"),
    )
    frame = frame.join(ends, on="row", how="left", maintain_order="left")
    known = (pl.col("__last") == pl.col("stage")).fill_null(value=False)
    frame = frame.with_columns(known.alias("stage_known"))
    if "created_us" in frame.columns:
        early = frame.filter(pl.col("__first") < pl.col("created_us"))
        hint = "The creation moves to the first stage date."
        file.note("stage_before_create", "warning", early, field_name="created_at", hint=hint)
        frame = frame.with_columns(pl.min_horizontal("created_us", "__first").alias("created_us"))
    _note_order(file, dated)
    wrong = frame.filter(pl.col("__last").is_not_null() & ~pl.col("stage_known"))
    file.note(
        "history_disagrees",
        "warning",
        wrong.with_columns(pl.col("stage").alias("value")),
        field_name="stage",
        hint="The stage dates end in another stage than the row; the row counts. Export every stage date column.",
    )
    told = frame.filter(pl.col("__last").is_not_null()).height
    file.whole.add_history(told, told - wrong.height)
    return frame.drop("__first", "__last")


def _note_order(file: FileRun, dated: pl.DataFrame) -> None:
    """Deals whose dates lead back to a stage that stands before another one they had."""
    back = dated.filter(pl.col("place") < pl.col("place").shift(1).over("row"))
    told = back.unique("row", keep="first", maintain_order=True).with_columns(pl.col("stage").alias("value"))
    hint = "Each stage counts from its date. Correct the dates in the source if the order is wrong."
    file.note("stage_order", "info", told, field_name="stage", hint=hint)


def write(file: FileRun, written: writer.Written, dated: pl.DataFrame) -> None:
    """Stage changes of the deals of a part; dates that were told before change nothing."""
    if dated.is_empty():
        return
    rows = dated.join(written.entities, left_on="deal", right_on="key", how="inner", maintain_order="left")
    rows = rows.with_columns(pl.concat_str("deal", "stage", separator="|").alias("key"), pl.col("at_us").alias("hash"))
    known = keys.known(file.source, HISTORY, file.call.unwritten, rows["key"]).select("key", "last_hash")
    fresh = rows.join(known, on="key", how="left", maintain_order="left").filter(
        pl.col("hash").ne_missing(pl.col("last_hash"))
    )
    told = fresh.select(
        "entity",
        pl.col("at_us").alias("effective_us"),
        pl.lit("instant").alias("precision"),
        "mask",
        pl.col("row").alias("file_row"),
        "stage",
        pl.col("category").alias("status"),
    )
    file.writes.apply("deal", told)
    file.writes.put_keys(HISTORY, fresh.unique("key", keep="last", maintain_order=True))
