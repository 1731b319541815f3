"""The stage columns of a deal file: pipelines become processes, labels become stages, stages give the status."""

from collections.abc import Mapping, Sequence

import polars as pl

from hedef.intake.engine.shapes import Decision
from hedef.intake.run import memory, own_process, processes, record_types
from hedef.intake.run.call import FileRun
from hedef.intake.run.processes import DECIDED, Process, Start, category_of, slug
from hedef.records.engine.names import normalise

SOLE = "sales"


def with_stage(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `process`, `status`, `stage` where the file has one, `first_stage` and `stage_us`.

    A label that no process knows rejects its row with the nearest three names.
    """
    labelled = _labelled(file, frame)
    known = settle(file, labelled)
    there = pl.when(pl.col("process").is_in(list(known))).then("process").alias("process")
    frame = _resolved(file, labelled.with_columns(there), known)
    frame = _status(file, frame, known)
    return _times(file, frame, known)


def resolved(file: FileRun, labelled: pl.DataFrame) -> pl.DataFrame:
    """Adds `stage` and `stage_category` to rows with `process`, `pipeline` and `label`.

    Unknown labels reject their rows.
    """
    labelled = chosen(file, labelled)
    return _resolved(file, labelled, settle(file, labelled))


def chosen(file: FileRun, labelled: pl.DataFrame) -> pl.DataFrame:
    """Rows with `process` and `label` in the processes that this source has for its deals; see `own_process`."""
    for process_id in labelled["process"].drop_nulls().unique(maintain_order=True):
        if (of := in_force(file, process_id)) is not None:
            labels = labelled.filter(pl.col("process") == process_id)["label"].drop_nulls().unique(maintain_order=True)
            own_process.choose(file, of, labels.to_list(), values_of(file))
    used = own_process.chosen(file)
    return labelled.with_columns(pl.col("process").replace(used)) if used else labelled


def known_process(file: FileRun) -> Process | None:
    """The process of rows whose file names none, when it is there."""
    return in_force(file, sole_process(file))


def in_force(file: FileRun, process_id: str) -> Process | None:
    """The process as it stands, or as this rehearsal would make it."""
    planned: Process | None = file.call.unwritten.processes.get(process_id)
    return processes.in_force(process_id) if planned is None else planned


def _labelled(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    fields = file.sheet.typed.fields
    nothing = pl.Series([None] * frame.height, dtype=pl.String)
    name = record_types.pipeline_field(file)
    pipeline = fields[name].values if name in fields else nothing
    label = fields["stage"].values if "stage" in fields else nothing
    labelled = with_process(file, frame.with_columns(pipeline.alias("pipeline"), label.alias("label")))
    if (of := record_types.of_deals(file)) is not None:
        labelled = labelled.with_columns(of.alias("of")).with_columns(pl.coalesce("of", "process").alias("process"))
        return labelled.drop("of")
    return chosen(file, labelled)


def with_process(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `process` to rows with `pipeline` and `label`."""
    sole = sole_process(file)
    name = record_types.pipeline_field(file)
    apart = file.mapping.processes == "each" or record_types.apart(file, frame, values_of(file))
    if name not in file.sheet.bound.fields or not apart:
        return frame.with_columns(pl.lit(sole).alias("process"))
    ids = file.sheet.bound.fields[name][0].spec.values  # the vendor's own names of pipelines
    frame = frame.with_columns(pl.col("pipeline").replace(dict(ids))) if ids else frame
    names = {text: slug(text) for text in frame["pipeline"].drop_nulls().unique()}
    return frame.with_columns(
        pl.col("pipeline").replace_strict(names, default=sole, return_dtype=pl.String).alias("process")
    )


def sole_process(file: FileRun) -> str:
    """The process of rows whose file names none."""
    stage = file.sheet.bound.fields.get("stage")
    if stage and stage[0].spec.process:
        return own_process.meant(file, str(stage[0].spec.process))
    return own_process.meant(file, next(iter(file.mapping.process_start), SOLE))


def values_of(file: FileRun) -> Mapping[str, str]:
    """Labels and ids that the mapping or a stage list of the source give to stages."""
    stage = file.sheet.bound.fields.get("stage")
    given = dict(stage[0].spec.values) if stage else {}
    history = file.sheet.bound.history
    for entry in (history.entries if history is not None else {}).values():
        given |= entry.values if entry.type == "stage" else {}
    return {**(memory.recall(file, memory.STAGES) or {}), **given}


def settle(file: FileRun, labelled: pl.DataFrame) -> dict[str, Process]:
    """The processes that the file names; those that do not exist yet are made, and the decision is listed."""
    found: dict[str, Process] = {}
    for process_id in labelled["process"].drop_nulls().unique(maintain_order=True):
        known = in_force(file, process_id)
        named = not labelled.filter(pl.col("process") == process_id)["label"].drop_nulls().is_empty()
        if known is None and named:
            known = _first_version(file, process_id, labelled)
        if known is not None:
            found[process_id] = known
    return found


def _first_version(file: FileRun, process_id: str, labelled: pl.DataFrame) -> Process:
    rows = labelled.filter(pl.col("process") == process_id)
    labels = rows["label"].drop_nulls().unique(maintain_order=True).to_list()
    origin = own_process.origin(file, process_id)
    dated = _dated_stages(file, origin)
    labels = [*dated, *(label for label in labels if normalise(label) not in map(normalise, dated))]
    name = next(iter(rows["pipeline"].drop_nulls().to_list()), None)
    name = origin.replace("-", " ").capitalize() if name in (None, process_id, origin) else name
    name = name if origin == process_id else f"{name} ({file.source.name})"
    start, names, by, column = _start(file, process_id, labels)
    body = processes.document(process_id, str(name), start, names, owner=file.call.actor)
    if file.call.plans:
        made = file.call.unwritten.processes[process_id] = processes.read(process_id, body)
    else:
        made = processes.make(body, actor=file.call.actor)
    own_process.keep(file, process_id, process_id)
    if column is not None:
        file.tell(column, "process", f"{process_id}: {processes.spelled(start)}", by=by)
    return made


def _start(file: FileRun, process_id: str, labels: Sequence[str]) -> tuple[Start, dict[str, str], str, str | None]:
    """Stages in order with their categories, their names, what decided it and the column."""
    stage = file.sheet.bound.fields.get("stage")
    column = stage[0].label if stage else f"process {process_id}"
    if (said := file.call.decide.get(process_id) or file.call.decide.get(column)) is not None and ">" in said:
        told = processes.from_text(said)
        return *_slugs(told), "person", column
    origin = own_process.origin(file, process_id)
    start = shipped_start(file, origin)
    if start and record_types.own_list(file, origin) and not _fits(start, values_of(file), labels):
        start = []  # a record type apart has stages of its own: the vendor's list would turn them down
    if not start and (listed := memory.recall(file, memory.STAGES)):
        told = [(label, category_of(label)) for label in dict.fromkeys(listed.values())]
        return *_slugs(_closing_last(told)), "evidence", column
    if labels and all(label.isdigit() for label in labels):
        told = [(f"Stage {label}", "open") for label in sorted(labels, key=int)]
        return *_numbered(told), "evidence", column
    if start and _fits(start, values_of(file), labels):
        return start, _names(start, values_of(file)), "mapping", column
    if _dated_stages(file, origin):
        return *_slugs(_closing_last([(label, category_of(label)) for label in labels])), "evidence", column
    if start and (not labels or _known_share(start, values_of(file), labels) * 2 >= len(labels)):
        return start, _names(start, values_of(file)), "mapping", column
    return *_slugs(_asked(file, process_id, column, labels)), "person", column


def shipped_start(file: FileRun, process_id: str) -> Start:
    """The stages that the mapping knows for a process; a single list serves every pipeline of its vendor."""
    given = file.mapping.process_start
    if process_id in given:
        return [tuple(pair) for pair in given[process_id]]
    if len(given) == 1 and file.mapping.processes != "one":
        return [tuple(pair) for pair in next(iter(given.values()))]
    return []


def _known_share(start: Start, values: Mapping[str, str], labels: Sequence[str]) -> int:
    known = {normalise(stage) for stage, _ in start} | {normalise(label) for label in values}
    return sum(normalise(label) in known for label in labels)


def _fits(start: Start, values: Mapping[str, str], labels: Sequence[str]) -> bool:
    return _known_share(start, values, labels) == len(labels)


def _names(start: Start, values: Mapping[str, str]) -> dict[str, str]:
    """The label under which the vendor shows a stage: the first one that the mapping lists for it."""
    names: dict[str, str] = {}
    for label, stage in values.items():
        names.setdefault(stage, label)
    return {stage: names[stage] for stage, _ in start if stage in names}


def _slugs(told: Sequence[tuple[str, str]]) -> tuple[Start, dict[str, str]]:
    return [(slug(label), category) for label, category in told], {slug(label): label for label, _ in told}


def _numbered(told: Sequence[tuple[str, str]]) -> tuple[Start, dict[str, str]]:
    """Stages that the file knows only by number follow each other by number; a stage list would give their names."""
    start = [(label.removeprefix("Stage "), category) for label, category in told]
    ends = [("won", "won"), ("lost", "lost")]
    return [*start, *ends], {label.removeprefix("Stage "): label for label, _ in told}


def _closing_last(told: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Open stages first, then won, then lost; a process has both ends."""
    rank = {"open": 0, "hold": 0, "won": 1, "lost": 2}
    have = {category for _, category in told}
    added = [(name, category) for name, category in (("Won", "won"), ("Lost", "lost")) if category not in have]
    return sorted([*told, *added], key=lambda pair: rank[pair[1]])


def _dated_stages(file: FileRun, process_id: str) -> list[str]:
    """Labels of the stage date columns of a process, in the order of the file."""
    history = file.sheet.bound.history
    if history is None:
        return []
    of = [one for one in history.stages if one.entered and (one.process is None or slug(one.process) == process_id)]
    return list(dict.fromkeys(one.stage for one in of))


def _asked(file: FileRun, process_id: str, column: str, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Nothing in the file tells the order of its stages: with one open stage it is plain, else a person says it."""
    told = [(label, category_of(label)) for label in labels]
    if sum(category == "open" for _, category in told) <= 1:
        if not any(category == "open" for _, category in told):
            told = [("Open", "open"), *told]
        return _closing_last(told)
    guess = processes.spelled(_closing_last(told))
    question = Decision(
        column,
        "process",
        None,
        dict.fromkeys(labels, 0),
        None,
        (guess,),
        f'Column "{column}": in which order do the stages of the process {process_id} follow each other? '
        f'Answer with --decide "{process_id}=First > Second > Won (won) > Lost (lost)".',
    )
    file.whole.decisions.append(question)
    return _closing_last(told)


def _resolved(file: FileRun, frame: pl.DataFrame, known: Mapping[str, Process]) -> pl.DataFrame:
    pairs = frame.select("process", "label").drop_nulls().unique(maintain_order=True)
    told, unknown = processes.resolve_stages(pairs, known, values_of(file))
    frame = frame.join(told, on=["process", "label"], how="left", maintain_order="left")
    if unknown:
        _reject_unknown(file, frame, unknown, known)
    return frame


def _reject_unknown(
    file: FileRun, frame: pl.DataFrame, unknown: Sequence[tuple[str, str]], known: Mapping[str, Process]
) -> None:
    column = _stage_column(file)
    for process_id, label in unknown:
        near = ", ".join(f'"{name}"' for name in known[process_id].nearest(label))
        rows = frame.filter((pl.col("process") == process_id) & (pl.col("label") == label))
        hint = f"The process {process_id} has no such stage. Nearest: {near}. Correct it, or add the stage."
        file.note(
            "unknown_stage",
            "error",
            rows.with_columns(pl.col("label").alias("value")),
            field_name="stage",
            column=column,
            hint=hint,
        )


def _stage_column(file: FileRun) -> str | None:
    """The column in which stages stand; the values of a log stand in one column for all its fields."""
    stage, history = file.sheet.bound.fields.get("stage"), file.sheet.bound.history
    return stage[0].label if stage else history.value if history is not None else None


def _status(file: FileRun, frame: pl.DataFrame, known: Mapping[str, Process]) -> pl.DataFrame:
    """Status follows from the stage; a file whose stages are all open tells it in a column of its own."""
    fields = file.sheet.typed.fields
    told = fields["status"].values.str.to_lowercase() if "status" in fields else None
    if told is None:
        return frame.with_columns(pl.col("stage_category").fill_null("open").alias("status"))
    frame = frame.with_columns(told.alias("told"))
    closes = pl.col("told").is_in(list(DECIDED)) & pl.col("stage_category").fill_null("open").is_in(["open", "hold"])
    for process_id, of in known.items():
        here = closes & (pl.col("process") == process_id)
        for category in DECIDED:
            stage = of.first(category)
            frame = frame.with_columns(
                pl.when(here & (pl.col("told") == category))
                .then(pl.lit(stage))
                .otherwise(pl.col("stage"))
                .alias("stage")
            )
    status = pl.when(closes).then("told").otherwise(pl.coalesce("stage_category", "told", pl.lit("open")))
    return frame.with_columns(status.alias("status")).drop("told")


def _times(file: FileRun, frame: pl.DataFrame, known: Mapping[str, Process]) -> pl.DataFrame:
    """`stage_us`: since when the vendor says it stands there; `first_stage`: where it stood when it was made."""
    typed = file.sheet.typed
    nothing = pl.lit(None, dtype=pl.Int64)
    since = typed.times["stage"].values if "stage" in typed.times else None
    frame = frame.with_columns(nothing.alias("stage_us") if since is None else since.alias("stage_us"))
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("first_stage"))
    if "created_us" not in frame.columns:
        return frame
    for stage, column in typed.stage_times.items():
        known_stage = next((found for of in known.values() if (found := of.stage_of(stage))), None)
        if known_stage is not None:
            at_once = column.values.alias("__at")
            frame = frame.with_columns(at_once)
            first = pl.col("first_stage").is_null() & (pl.col("__at") == pl.col("created_us"))
            frame = frame.with_columns(
                pl.when(first).then(pl.lit(known_stage)).otherwise(pl.col("first_stage")).alias("first_stage")
            ).drop("__at")
    return frame
