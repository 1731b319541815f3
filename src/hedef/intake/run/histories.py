"""History files of deals and contacts: their rows take over from what a snapshot could only assume."""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from hedef.intake.engine import history, plan
from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import BoundField, Column, Condition, Decision
from hedef.intake.run import compare, frames, keys, memory, said, stages, writer
from hedef.intake.run.call import FileRun
from hedef.intake.run.columns import bits, columns_of, dtype_of
from hedef.intake.run.deals import DEAL
from hedef.intake.run.keys import history_of
from hedef.intake.run.parts import Lots, Parts, groups
from hedef.intake.run.processes import DECIDED
from hedef.intake.run.sheet import Sheet
from hedef.intake.schema import FieldMap
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.queries import keyed

RULE, EVENTS = "rule", "events"  # what all parts of a history share
_RULES: dict[str, history.Rule] = {
    "file_order": "file",
    "reversed": "reversed",
    "id_up": "id_up",
    "id_down": "id_down",
}


def kind_of(file: FileRun) -> Kind:
    """The kind of the records whose history the file holds."""
    return KINDS[str(file.mapping.object)]


def deal_parts(file: FileRun) -> Parts | Lots:
    """The file in parts that hold all rows of a deal together, in the order of the file."""
    sheet, size = file.parts.sheet, file.parts.size
    if sheet.rows <= size and sheet.part_count == 1:
        return file.parts
    if file.lots is None and sheet.part_count > 1:
        file.lots = Parts(sheet.by_key(), size)
    if file.lots is None:
        told = sheet.bound.history
        assert told is not None
        assert told.entity is not None
        deals = sheet.column(BoundField("deal", FieldMap(type="id"), (told.entity,))).values
        rows = pl.DataFrame({"row": sheet.table.row_numbers, "key": deals.fill_null("")})
        first = rows.group_by("key").agg(pl.col("row").min().alias("first"))
        ordered = rows.join(first, on="key").sort("first", "row").select("row", "key")
        file.lots = Lots(sheet, tuple(groups(ordered, size)))
    return file.lots


def write_whole_rows(file: FileRun) -> writer.Written:
    """Rows that repeat the whole deal: only their differences become changes, in the order that the source means."""
    frame, fields = whole_rows(file)
    ordered = history.in_order(file.kept(frame), _RULES[file.whole.notes[RULE]])
    compare.with_former(file, ordered)
    return _write(file, history.differences(ordered, fields), fields)


def whole_rows(file: FileRun) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows of a part with `deal`, `at_us`, `id` and the fields that they repeat; and these fields' bits."""
    typed = file.sheet.typed
    base = frames.base_frame(file, DEAL, typed.fields, file.sheet.bound.fields, typed.key)
    frame = stages.with_stage(file, base.frame)
    frame = frame.with_columns(_deal_keys(file).alias("deal"), _moments(file).alias("at_us"))
    frame = frame.with_columns(pl.col("key").alias("id"))
    names = [*base.names, "stage", "status"] if "stage" in frame.columns else base.names
    return frame, bits(DEAL, [name for name in names if name in DEAL.names])


def _deal_keys(file: FileRun) -> pl.Series:
    told = file.sheet.bound.history
    assert told is not None
    assert told.entity is not None
    spec = BoundField("deal", FieldMap(type="id"), (told.entity,))
    column = file.column(spec)
    blank = file.rows(column.values).filter(pl.col("value").is_null())
    of = kind_of(file).name
    hint = f"Name the {of} of this row."
    file.note("key_missing", "error", blank, field_name=of, column=told.entity, hint=hint)
    return column.values


def _moments(file: FileRun) -> pl.Series:
    told = file.sheet.bound.history
    assert told is not None
    assert told.effective is not None
    column = file.column(told.effective)
    file.take_findings(column)
    blank = file.rows(column.values).filter(pl.col("value").is_null() & ~pl.col("row").is_in(list(file.rejected)))
    file.note("required_missing", "error", blank, column=told.effective.label, hint="A change needs its time.")
    return column.values


def choose_rule(file: FileRun, parts: Iterable[Sheet]) -> None:
    """The order of rows of one instant: the one under which most deals end as the current-state file says.

    `parts` hold all rows of a deal together; how each rule fares adds up over them. The rule is kept in the notes.
    """
    told = file.sheet.bound.history
    column = told.effective.label if told is not None and told.effective is not None else "time"
    before = file.source.same_instant_order or memory.recall(file, memory.SAME_INSTANT)
    if before in _RULES:
        file.tell(column, "same_instant", before, by="mapping")
        file.whole.notes[RULE] = before
        return
    chosen = history.together(_choice(file, part) for part in parts)
    names = {rule: name for name, rule in _RULES.items()}
    file.whole.notes[RULE] = names[chosen.rule]
    if chosen.right is None or chosen.deals is None:
        return
    proof = {names[rule]: score for rule, score in chosen.scores.items()}  # type: ignore[index]
    file.whole.add_history(chosen.deals, chosen.right)
    if chosen.sure:
        file.tell(column, "same_instant", names[chosen.rule], by="evidence", proof=proof)
        memory.keep(file, memory.SAME_INSTANT, names[chosen.rule])
        return
    question = f'Column "{column}": no order of rows with the same time ends in the current stages. Which one counts?'
    answer = file.ask(Decision(column, "same_instant", None, proof, None, tuple(_RULES), question), suggested=None)
    if answer in _RULES:
        memory.keep(file, memory.SAME_INSTANT, answer)
        file.whole.notes[RULE] = answer


def _choice(file: FileRun, part: Sheet) -> history.OrderChoice:
    file.turn(part, counted=False)
    rows = file.kept(whole_rows(file)[0])
    if "stage" not in rows.columns or not rows.height:
        return history.OrderChoice("file", None, None, {})
    known = keys.known(file.source, "deal", file.call.unwritten, rows["deal"].drop_nulls().unique())
    known = known.select(pl.col("key").alias("deal"), "entity")
    now = said.state_of(DEAL, known["entity"]).select("entity", "stage") if known.height else None
    current = known.join(now, on="entity").filter(pl.col("stage").is_not_null()) if now is not None else None
    return history.choose_order(rows.select("deal", "at_us", "row", "id", "stage"), current)


# --- key and value ----------------------------------------------------------------------------------------------------


def write_log(file: FileRun) -> writer.Written:
    """A log of changed fields: each row sets one field; one event makes the deal, one may close it."""
    told = file.sheet.bound.history
    assert told is not None
    assert told.entity is not None
    assert told.field is not None
    frame = file.rows(_deal_keys(file)).rename({"value": "deal"})
    frame = frame.with_columns(_moments(file).alias("at_us"), _events(file).alias("event"))
    frame, columns = _values(file, frame)
    frame = _with_lives(file, frame)
    kind = kind_of(file)
    frame = _closings(file, frame, closing_events(file)) if kind is DEAL else _without_closings(frame)
    names = [name for name in kind.names if name in frame.columns and name in columns]
    fields = bits(kind, names)
    rows = file.kept(frame).sort("at_us", "row")
    if kind is DEAL:
        compare.with_old_values(file, rows)
    rows = _only_news(rows, fields)
    return _write(file, rows, fields)


def _values(file: FileRun, frame: pl.DataFrame) -> tuple[pl.DataFrame, set[str]]:
    """One typed column a field; `mask` parts come later, from `sets` (the names of the fields a row sets)."""
    told = file.sheet.bound.history
    assert told is not None
    assert told.field is not None
    assert told.value is not None
    columns: set[str] = set()
    sets = pl.lit(None, dtype=pl.String)
    for event, spec in _fields_set(file):
        column = memory.with_options(file, event, file.column(spec))
        file.take_findings(column)
        frame, placed = _placed(file, frame, spec.name, spec, column)
        if placed is not None:
            columns.add(placed)
            sets = pl.when(pl.col("event") == event).then(pl.lit(placed)).otherwise(sets)
    return frame.with_columns(sets.alias("sets")), columns | {"status", "stage", "closed_us", "close_on", "created_us"}


def _fields_set(file: FileRun) -> list[tuple[str, BoundField]]:
    """The events of the file that set a field, each with its reading of the column of values."""
    told = file.sheet.bound.history
    assert told is not None
    assert told.field is not None
    assert told.value is not None
    found = []
    for event, entry in told.entries.items():
        if meant := [text for text in events_of(file) if fold(text) == event]:
            only = Condition(told.field, "|".join(re.escape(text.strip()) for text in meant))
            found.append((event, BoundField(entry.field, entry, (told.value,), conditions=(only,))))
    return found


def _placed(
    file: FileRun, frame: pl.DataFrame, name: str, spec: BoundField, column: Column
) -> tuple[pl.DataFrame, str | None]:
    if spec.spec.type == "stage":
        return _log_stages(file, frame, column), "stage"
    if spec.spec.type in frames.REFERENCES:
        return frame.with_columns(frames.reference(file, name, {name: column}, (spec,)).alias(name)), name
    found = columns_of(kind_of(file), {name: column})
    if not found:
        return frame, None
    return frame.with_columns(series.alias(place) for place, series in found.items()), next(iter(found))


def _log_stages(file: FileRun, frame: pl.DataFrame, column: Column) -> pl.DataFrame:
    return stages.resolved(file, _labelled(file, frame, column.values)).drop("label", "pipeline")


def ask(file: FileRun) -> None:
    """Questions of a log: which events close a deal, whom and what stages the values name."""
    told = file.sheet.bound.history
    assert told is not None
    if kind_of(file) is DEAL:
        closing_events(file)
        _settle_stages(file)
    for part in deal_parts(file).each():
        file.turn(part, counted=False)
        frame = file.rows(_deal_keys(file)).rename({"value": "deal"})
        frame = frame.with_columns(_moments(file).alias("at_us"), _events(file).alias("event"))
        _values(file, frame)


def _settle_stages(file: FileRun) -> None:
    """The process of the deals, from the stages that the whole log names: its first part alone may name a few."""
    found = [pl.Series([], dtype=pl.String)]
    for part in file.parts.each():
        file.turn(part, counted=False)
        of_stage = ((event, spec) for event, spec in _fields_set(file) if spec.spec.type == "stage")
        for event, spec in of_stage:
            found.append(
                memory.with_options(file, event, file.column(spec)).values.drop_nulls().unique(maintain_order=True)
            )
    labels = pl.concat(found).unique(maintain_order=True)
    stages.settle(file, stages.chosen(file, _labelled(file, pl.DataFrame({"label": labels}), labels)))


def _labelled(file: FileRun, frame: pl.DataFrame, labels: pl.Series) -> pl.DataFrame:
    process = pl.lit(stages.sole_process(file)).alias("process")
    return frame.with_columns(labels.alias("label"), pl.lit(None, dtype=pl.String).alias("pipeline"), process)


def _events(file: FileRun) -> pl.Series:
    told = file.sheet.bound.history
    assert told is not None
    assert told.field is not None
    words = {text: fold(text) for text in events_of(file)}
    return file.sheet.table.frame[told.field].replace_strict(words, default=None, return_dtype=pl.String)


def events_of(file: FileRun) -> list[str]:
    """The different texts of the field column over the whole file, in the order they first stand there."""
    if EVENTS not in file.whole.notes:
        told = file.sheet.bound.history
        assert told is not None
        assert told.field is not None
        counted: dict[str, int] = {}
        for part in file.parts.each():
            for text, number in part.table.frame[told.field].value_counts(sort=False).iter_rows():
                counted[text] = counted.get(text, 0) + number
        file.whole.notes[EVENTS] = dict(sorted(counted.items()))
    return list(file.whole.notes[EVENTS])


def closing_events(file: FileRun) -> dict[str, str]:
    """Events that close a deal; where the mapping only supposes it, a person says yes."""
    told = file.sheet.bound.history
    assert told is not None
    assert told.field is not None
    seen = {fold(text): text for text in events_of(file)}
    closes: dict[str, str] = {}
    for event, status in told.closes.items():
        if event not in seen or "status" in seen:
            continue
        spoken = seen[event]
        number = sum(many for text, many in file.whole.notes[EVENTS].items() if fold(text) == event)
        question = f'Column "{told.field}": does an event "{event}" close the deal as {status}?'
        asked = Decision(told.field, "lost_by", None, {spoken: number}, None, (spoken, "none"), question)
        answer = file.ask(asked, suggested=spoken)
        if answer is not None and fold(answer) == event:
            closes[event] = status
    return closes


def _with_lives(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """`life`: a second creation of the same id begins the deal anew."""
    told = file.sheet.bound.history
    opens = fold(told.created_event) if told is not None and told.created_event else ""
    ordered = frame.sort("at_us", "row")
    is_opening = (pl.col("event") == opens).fill_null(value=False)
    ordered = ordered.with_columns(is_opening.alias("opens"))
    again = ordered.filter("opens")
    repeated = again.filter(~pl.struct("deal", "at_us").is_first_distinct())["row"]
    ordered = ordered.with_columns(
        (pl.col("opens") & ~pl.col("row").is_in(repeated.implode())).alias("opens")
    ).with_columns(pl.col("opens").cast(pl.Int64).cum_sum().over("deal").alias("life"))
    reused = ordered.filter(pl.col("opens") & (pl.col("life") > 1)).with_columns(pl.col("deal").alias("value"))
    file.note("id_reused", "warning", reused, field_name="deal", hint="Kept as a second life of the same deal.")
    return ordered


def _closings(file: FileRun, frame: pl.DataFrame, closes: Mapping[str, str]) -> pl.DataFrame:
    """Adds what an event means beyond its own field: a new life is open, a closing ends it."""
    for name in ("status", "stage", "closed_us", "close_on", "created_us", "stage_category"):
        if name not in frame.columns:
            kept = pl.String() if name == "stage_category" else dtype_of(DEAL.get(name))
            frame = frame.with_columns(pl.lit(None, dtype=kept).alias(name))
    of = stages.known_process(file)
    told = (pl.col("sets") == "status").fill_null(value=False)
    day = (
        pl.from_epoch("at_us", time_unit="us")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(file.call.zone)
        .dt.date()
    )
    frame = frame.with_columns(
        pl.when("opens")
        .then(pl.lit("open"))
        .when(told)
        .then(pl.col("status"))
        .otherwise(pl.col("stage_category"))
        .alias("status"),
        pl.when("opens").then(pl.coalesce("created_us", "at_us")).alias("created_us"),
    )
    ends = [(pl.col("event") == event, status) for event, status in closes.items()]
    ends += [(told & (pl.col("status") == status), status) for status in DECIDED]
    for here, status in ends:
        last = None if of is None else of.first(status)
        frame = frame.with_columns(
            pl.when(here).then(pl.lit(status)).otherwise(pl.col("status")).alias("status"),
            pl.when(here).then(pl.lit(last)).otherwise(pl.col("stage")).alias("stage"),
            pl.when(here).then("at_us").otherwise(pl.col("closed_us")).alias("closed_us"),
            pl.when(here).then(day).otherwise(pl.col("close_on")).alias("close_on"),
        )
    closing = pl.col("event").is_in(list(closes)) | (told & pl.col("status").is_in(list(DECIDED)))
    return frame.with_columns(closing.alias("closes"))


def _without_closings(frame: pl.DataFrame) -> pl.DataFrame:
    """Records without a pipeline never close; the event that makes one says when."""
    made = pl.col("created_us") if "created_us" in frame.columns else pl.lit(None, dtype=pl.Int64)
    return frame.with_columns(
        pl.when("opens").then(pl.coalesce(made, "at_us")).alias("created_us"), pl.lit(value=False).alias("closes")
    )


def _only_news(rows: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    """`mask` of each row: its own field, what its event means, and for a new life the old values taken away."""
    own = pl.lit(0, dtype=pl.Int64)
    for name, bit in fields.items():
        own = pl.when(pl.col("sets") == name).then(pl.lit(bit, dtype=pl.Int64)).otherwise(own)
    status = fields.get("status", 0)
    closing = status | fields.get("stage", 0) | fields.get("closed_us", 0) | fields.get("close_on", 0)
    staged = pl.when(pl.col("sets") == "stage").then(pl.lit(status, dtype=pl.Int64)).otherwise(0)
    opening = pl.lit(status | fields.get("created_us", 0), dtype=pl.Int64)
    anew = pl.lit(sum(bit for name, bit in fields.items() if name not in ("owner", "created_us")), dtype=pl.Int64)
    mask = (
        pl.when(pl.col("opens") & (pl.col("life") > 1))
        .then(anew | opening)
        .when("opens")
        .then(opening)
        .when("closes")
        .then(own | closing)
        .otherwise(own | staged)
    )
    rows = rows.with_columns(mask.alias("mask"))
    same = pl.lit(value=False)
    for name in fields:
        value = pl.when(pl.col("sets") == name).then(pl.col(name).cast(pl.String))
        same = same | (
            (pl.col("sets") == name) & (value == value.forward_fill().shift(1).over("deal", "life")) & ~pl.col("closes")
        ).fill_null(value=False)
    return rows.with_columns(
        pl.when(same | (pl.col("event").eq_missing(pl.lit("")))).then(0).otherwise(pl.col("mask")).alias("mask"),
        pl.col("opens").alias("first"),
    )


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(file: FileRun, rows: pl.DataFrame, fields: Mapping[str, int]) -> writer.Written:
    """rows: in the order of the ledger; deal, at_us, row, key or none, mask, first, the fields."""
    kind = kind_of(file)
    rows = _with_keys(rows, fields)
    known = keys.known(file.source, history_of(kind.name), file.call.unwritten, rows["key"].unique())
    judged = rows.join(known.select("key", "last_hash"), on="key", how="left", maintain_order="left")
    fresh = pl.col("hash").ne_missing(pl.col("last_hash"))
    after_fresh = fresh.shift(1).over("deal").fill_null(value=False)
    judged = judged.with_columns(fresh.alias("fresh"), ((fresh | after_fresh) & (pl.col("mask") != 0)).alias("writes"))
    judged, opened = _entities(file, judged)
    told = judged.filter("writes")
    if judged["fresh"].any():
        _replace_assumed(file, judged, fields)
    _apply(file, _opening_fields(file, told, opened), fields)
    news = judged.filter("fresh").select("key", "entity", "hash").unique("key", keep="last", maintain_order=True)
    file.writes.put_keys(history_of(kind.name), news)
    if kind is DEAL:
        memory.keep_history_fields(file, list(fields))
    created = judged.filter(pl.col("first") & pl.col("entity").is_in(opened.implode()) & pl.col("fresh")).unique(
        "deal", keep="first", maintain_order=True
    )["row"]
    updated = told.filter(pl.col("fresh") & ~pl.col("row").is_in(created.implode()))["row"]
    entities = judged.select(pl.col("deal").alias("key"), "entity").unique("key")
    return writer.Written(created=created, updated=updated, entities=entities)


def _with_keys(rows: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    """Rows without an id of their own are known by deal, time, what they say and the how-manieth of these."""
    hashed = rows.with_columns(plan.row_hash(rows, ["deal", "at_us", *fields]).alias("hash"))
    if "key" in rows.columns and not rows["key"].null_count():
        return hashed
    event = pl.col("event") if "event" in rows.columns else pl.lit("")
    spoken = pl.concat_str("deal", pl.col("at_us"), event, pl.col("hash"), separator="|", ignore_nulls=True)
    keyed = hashed.with_columns(spoken.alias("key"))
    count = pl.int_range(pl.len()).over("key")
    return keyed.with_columns((pl.col("key") + "|" + count.cast(pl.String)).alias("key"))


def _entities(file: FileRun, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Adds `entity`; deals that no file has named yet are opened here. Returns these too."""
    name = kind_of(file).name
    known = keys.known(file.source, name, file.call.unwritten, rows["deal"].drop_nulls().unique())
    rows = rows.join(known.select(pl.col("key").alias("deal"), "entity"), on="deal", how="left", maintain_order="left")
    new = rows.filter(pl.col("entity").is_null())["deal"].unique(maintain_order=True)
    if not len(new):
        return rows, pl.Series("entity", [], dtype=pl.Int64)
    first = file.writes.allocate(len(new))
    numbers = pl.Series("made", range(first, first - len(new), -1), dtype=pl.Int64)
    made = pl.DataFrame({"deal": new, "made": numbers})
    nothing = pl.lit(None, dtype=pl.Int64).alias("hash")
    file.writes.put_keys(name, made.select(pl.col("deal").alias("key"), pl.col("made").alias("entity"), nothing))
    rows = rows.join(made, on="deal", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("entity", "made").alias("entity")).drop("made"), made["made"]


def _opening_fields(file: FileRun, rows: pl.DataFrame, opened: pl.Series) -> pl.DataFrame:
    """The first row of a deal that the history opens also says when it was made, and in which process."""
    first = pl.col("entity").is_in(opened.implode()) & pl.col("entity").is_first_distinct()
    rows, kind = rows.with_columns(first.alias("__first")), kind_of(file)
    if "created_us" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("created_us"))
    if kind is DEAL and "process" not in rows.columns:
        rows = rows.with_columns(pl.lit(stages.sole_process(file)).alias("process"))
    created = pl.when("__first").then(pl.coalesce("created_us", "at_us")).otherwise(pl.col("created_us"))
    always = ("created_us", "process") if kind is DEAL else ("created_us",)
    adds = pl.lit(sum(map(kind.bit, always)), dtype=pl.Int64)
    mask = pl.when("__first").then(pl.col("mask") | adds).otherwise(pl.col("mask"))
    return rows.with_columns(created.alias("created_us"), mask.alias("mask")).drop("__first")


def _apply(file: FileRun, rows: pl.DataFrame, fields: Mapping[str, int]) -> None:
    kind = kind_of(file)
    names = [
        name for name in kind.names if name in rows.columns and (name in fields or name in ("created_us", "process"))
    ]
    told = rows.select(
        "entity",
        pl.col("at_us").alias("effective_us"),
        pl.lit("instant").alias("precision"),
        "mask",
        pl.col("row").alias("file_row"),
        *(pl.when(_has(kind, name)).then(pl.col(name).cast(dtype_of(kind.get(name)))).alias(name) for name in names),
    )
    file.writes.apply(kind.name, told)


def _has(kind: Kind, name: str) -> pl.Expr:
    return pl.col("mask") & pl.lit(kind.bit(name), dtype=pl.Int64) != 0


def _replace_assumed(file: FileRun, rows: pl.DataFrame, fields: Mapping[str, int]) -> None:
    """Take back what the snapshot only assumed of these fields, and say the rest of those rows again.

    Only deals that the history did not cover before: afterwards the snapshot no longer speaks of these fields.
    """
    kind = kind_of(file)
    here = rows.filter(pl.col("entity") > 0)["entity"].unique()
    before = keyed(file.source, history_of(kind.name), here.to_list())
    new = here.filter(~here.is_in(list(before)))
    if not len(new):
        return
    assumed = said.changes_of_source(file, kind, new)
    covered = sum(fields.values())
    touched = assumed.filter(pl.col("mask") & pl.lit(covered, dtype=pl.Int64) != 0)
    if touched.is_empty():
        return
    voids = touched.select(
        "entity",
        pl.lit("void").alias("act"),
        "effective_us",
        "precision",
        pl.lit(0, dtype=pl.Int64).alias("mask"),
        pl.col("batch").alias("void_batch"),
        pl.col("ord").alias("void_ord"),
    )
    is_creation = pl.col("mask") & pl.lit(kind.bit("created_us"), dtype=pl.Int64) != 0
    opened = kind.bit("status") if kind is DEAL else kind.bit("created_us")  # without a field no record begins
    rest = pl.col("mask") & pl.lit(~covered, dtype=pl.Int64)
    opening = pl.when(is_creation).then(rest | (pl.col("mask") & pl.lit(opened, dtype=pl.Int64))).otherwise(rest)
    again = touched.with_columns(opening.alias("mask"), pl.lit("set").alias("act")).filter(pl.col("mask") != 0)
    again = again.select(
        "entity",
        "act",
        "effective_us",
        "precision",
        "mask",
        *(pl.when(_has(kind, name)).then(pl.col(name)).alias(name) for name in kind.names),
    )
    told = pl.concat([voids, again], how="diagonal")
    file.writes.apply(kind.name, told)
