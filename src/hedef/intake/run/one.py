"""One file in one batch: references, plan, changes, seal, trust."""

import hashlib
import json
import resource
import time
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from django.conf import settings

from hedef.intake.answer import Counts, ImportAnswer
from hedef.intake.checks import Measured, trust_of
from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Decision
from hedef.intake.importables import Given, importable
from hedef.intake.run import deals, ends, frames, generic, histories, memory, rejects, report, writer
from hedef.intake.run.call import Call, FileRun, open_questions
from hedef.intake.run.sheet import Sheet
from hedef.intake.schema import Mapping as MappingModel
from hedef.intake.trust import measuring
from hedef.intake.trust.measures import Measures
from hedef.kernel.errors import NeedsDecision, WrongUse
from hedef.kernel.trust import UNKNOWN
from hedef.ledger.services import Source, writing
from hedef.records.engine.kinds import KINDS

# the order in which references need the files of one call
RANK = {
    "stage_list": 0,
    "field_list": 0,
    "activity_type_list": 0,
    "territory": 1,
    "person": 2,
    "team": 3,
    "membership": 4,
    "manager_line": 4,
    "territory_hold": 5,
    "account": 6,
    "product": 7,
    "price": 8,
    "contact": 9,
    "deal": 10,
    "deal_line": 11,
    "deal_history": 12,
    "lead": 13,
    "activity": 14,
    "order": 15,
    "order_line": 16,
    "target_line": 17,
}
_HISTORIES = ("whole_row_history", "key_value_log")


def object_of(mapping: MappingModel) -> str:
    """The object under which a file counts: histories of deals beside the deals themselves."""
    return "deal_history" if mapping.reader in _HISTORIES else str(mapping.object)


@dataclass
class Outcome:
    """What an import left: its answer, the open questions, and what the job keeps."""

    answer: ImportAnswer
    notes: dict[str, Any]
    unresolved: bool
    measures: list[Measured] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Former:
    """The import of the same object before: its export time, and whether it could not find everybody it names."""

    exported_us: int | None = None
    unresolved: bool = False


def import_sheet(call: Call, sheet: Sheet, source: Source, *, exported_us: int, former: Former) -> Outcome:
    """Write one file in one batch. NeedsDecision when a person must choose; the caller takes everything back."""
    began = time.monotonic()
    object_ = object_of(sheet.bound.mapping)
    batch_of: dict[str, Any] = {
        "source": source,
        "object": object_,
        "file_name": sheet.file.name,
        "file_sha256": sheet.file.sha256,
        "mapping_version": mapping_version(sheet.bound.mapping),
    }
    with writing(kind="import", actor=call.actor, **batch_of) as batch:
        file = FileRun(call, sheet, source, batch, exported_us, former.exported_us, former.unresolved)
        file.findings.append(sheet.typed.findings)
        file.rejected.update(sheet.typed.rejected_rows().to_list())
        file.decisions += [*sheet.decided.decisions, *report.defaults(file)]
        call.report("plan", 0, sheet.table.rows)
        written = _write(file, object_)
        stop_on_questions(file)
        planned = time.monotonic()
        counts = _counts(file, written)
        batch.counts = {"rows_read": counts.rows_read, "created": counts.created, "updated": counts.updated}
        batch.counts |= {"unchanged": counts.unchanged, "rejected": counts.rejected}
    totals, difference = report.totals(file, written)
    measured = _measuring(file, object_, counts, written, difference)
    measures = measured.finish()
    sealed = batch.seal_no is not None
    trust = trust_of(measures, source.name, object_) if sealed else UNKNOWN
    if sealed:
        _keep_trust(file, object_, measured)
    findings = file.all_findings()
    name = _rejects(file, findings)
    call.report("apply", sheet.table.rows, sheet.table.rows)
    applied = round(file.apply_ms)
    ms = {"plan": _ms(began, planned) - applied, "apply": applied, "seal": _ms(planned, time.monotonic())}
    answer = ImportAnswer(
        file=sheet.file_json(),
        batch=f"B-{batch.pk}" if sealed else None,
        seal_no=batch.seal_no,
        source=source.name,
        object=object_,
        vendor={"name": sheet.detection.vendor, "score": f"{sheet.detection.score:.2f}"},
        counts=counts,
        gone=file.gone,
        ended=int(file.notes.pop("ended", 0)),
        changes=batch.rows,
        also=tuple({"object": of, **told} for of, told in file.also.items()),
        decisions=tuple(one.as_json() for one in file.decisions),
        issues=report.issues(file, findings),
        totals=totals,
        rejects_file=name,
        plan=call.plan,
        trust=trust,
        ms=ms,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )
    kept = {name: file.notes[name] for name in memory.KEPT if name in file.notes}
    return Outcome(answer, kept, file.unresolved, measures)


def _ms(start: float, end: float) -> int:
    return round((end - start) * 1000)


def mapping_version(mapping: MappingModel) -> str:
    """Which reading a batch used: its name and a digest of its content."""
    digest = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()[:12]
    return f"{mapping.vendor}/{mapping.shape}:{digest}"


def stop_on_questions(file: FileRun) -> None:
    """NeedsDecision with every open question of the file."""
    questions = open_questions(file.decisions)
    if questions:
        raise ask_person(file.sheet.file.name, [one.as_json() for one in questions])


def ask_person(name: str, questions: list[dict[str, Any]]) -> NeedsDecision:
    first = questions[0]
    text = first.get("message") or f'"{first["column"]}" must be decided.'
    options = " or ".join(str(one) for one in first.get("options") or ())
    hint = f'Answer with --decide "{first["column"]}=VALUE"' + (f" ({options})." if options else ".")
    return NeedsDecision(f"{name}: {text}", hint=hint, decisions=[{"file": name, **one} for one in questions])


# --- objects ----------------------------------------------------------------------------------------------------------


def _write(file: FileRun, object_: str) -> writer.Written:
    mapping = file.sheet.bound.mapping
    if mapping.reader == "stage_list":
        return _keep_stages(file)
    if mapping.reader == "options":
        return _keep_options(file)
    if mapping.reader == "whole_row_history":
        return histories.write_whole_rows(file)
    if mapping.reader == "key_value_log":
        return histories.write_log(file)
    higher = importable(object_)
    if object_ not in RANK or object_ == "target_line" or higher is not None:
        return _hand_up(file, object_)
    rank = RANK.get(object_, 99)
    before = [at for at, part in enumerate(file.sheet.bound.also) if RANK.get(part.object, 99) <= rank]
    for at in before:
        _write_part(file, at)
    written = _write_main(file, object_)
    for at in range(len(file.sheet.bound.also)):
        if at not in before:
            _write_part(file, at)
    return written


def _write_main(file: FileRun, object_: str) -> writer.Written:
    """The main records of a file; deleted ones end, and a full export tells which are gone."""
    deleted = ends.deleted_rows(file)
    file.set_aside.update(deleted["row"].to_list())
    written = _write_records(file, object_)
    ended = ends.end_deleted(file, KINDS[object_], deleted)
    if written.changed_entities.height:
        ends.revive(file, KINDS[object_], written.changed_entities)
    if file.call.options.get("scope", file.mapping.scope) == "full":
        file.gone = ends.gone_from_full_export(file, object_)
    return replace(written, updated=pl.concat([written.updated, ended]).unique(maintain_order=True))


def _write_records(file: FileRun, object_: str) -> writer.Written:
    if object_ == "deal":
        return deals.write(file)
    kind, typed = KINDS[object_], file.sheet.typed
    base = frames.base_frame(file, kind, typed.fields, file.sheet.bound.fields, typed.key)
    frame = _with_flags(file, base.frame)
    day = frames.day_only(typed.fields, "created_at")
    return generic.write(file, kind, frame, base.names, created_day=day, texts=base.texts)


def _with_flags(file: FileRun, frame: pl.DataFrame) -> pl.DataFrame:
    done = file.sheet.typed.fields.get("done")
    return frame if done is None else frame.with_columns(done.values.alias("done"))


def _write_part(file: FileRun, at: int) -> None:
    """Another record of the same rows; it counts under `also`, once a key."""
    part, columns = file.sheet.bound.also[at], file.sheet.typed.also[at]
    if not _agreed(file, at):
        return
    kind = KINDS[part.object]
    base = frames.base_frame(file, kind, columns, part.fields, columns["key"].values)
    day = frames.day_only(columns, "created_at")
    written = generic.write(file, kind, base.frame, base.names, created_day=day, texts=base.texts)
    again = written.unchanged.filter(~written.unchanged.is_in(written.repeated.implode()))
    file.count_also(part.object, len(written.created), len(written.updated), len(again))


def _agreed(file: FileRun, at: int) -> bool:
    """A reading that a person confirms first, such as which team a role names."""
    part = file.sheet.bound.also[at]
    supposed = [one for many in part.fields.values() for one in many if one.spec.confirm]
    if not supposed:
        return True
    column = f"{supposed[0].label}: {part.name}"
    known = next((one for one in file.decisions if one.column == column), None)
    if known is not None:
        return known.value != "no"
    values = file.sheet.typed.also[at][supposed[0].name].values.drop_nulls().unique(maintain_order=True)
    shown = ", ".join(values.head(5).to_list())
    question = Decision(
        column,
        "column",
        None,
        dict.fromkeys(values.head(20), 0),
        None,
        ("yes", "no"),
        f'Column "{supposed[0].label}" is read as {part.object} ({shown}). Is that right?',
    )
    return file.ask(question, suggested="yes") != "no"


def _keep_stages(file: FileRun) -> writer.Written:
    """A list of stages: what the source's stage ids mean. The process is made when deals first need it."""
    fields = file.sheet.typed.fields
    told = pl.DataFrame({"id": fields["id"].values, "name": fields["name"].values}).drop_nulls()
    labels = dict(told.iter_rows())
    before = memory.recall(file, memory.STAGES) or {}
    memory.keep(file, memory.STAGES, {**before, **labels})
    return _told(file, changed=[key not in before or before[key] != value for key, value in labels.items()])


def _keep_options(file: FileRun) -> writer.Written:
    """Option lists of fields: what their ids mean."""
    fields = file.sheet.typed.fields
    texts = fields["options"].values if "options" in fields else pl.Series([None] * len(fields["id"].values))
    found: dict[str, dict[str, str]] = {}
    for key, text in zip(fields["id"].values, texts, strict=True):
        if key is not None and text is not None and (labels := _labels(text)):
            found[fold(key)] = labels
    before = memory.recall(file, memory.OPTIONS) or {}
    memory.keep(file, memory.OPTIONS, {**before, **found})
    changed = [
        key is not None and fold(key) in found and before.get(fold(key)) != found[fold(key)]
        for key in fields["id"].values
    ]
    return _told(file, changed=changed)


def _labels(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return {str(one["id"]): str(one["label"]) for one in told if isinstance(one, dict) and {"id", "label"} <= set(one)}


def _told(file: FileRun, *, changed: list[bool]) -> writer.Written:
    """Lists make no records: all their rows stand unchanged in the ledger."""
    del changed
    rows = pl.int_range(1, file.sheet.table.rows + 1, dtype=pl.Int64, eager=True)
    return nothing_written(rows.filter(~rows.is_in(sorted(file.rejected))) if file.rejected else rows)


def nothing_written(unchanged: pl.Series) -> writer.Written:
    none = pl.Series([], dtype=pl.Int64)
    keyed = pl.DataFrame(schema={"row": pl.Int64, "key": pl.String})
    fields = pl.DataFrame(schema={"row": pl.Int64, "field": pl.String})
    entities = pl.DataFrame(schema={"key": pl.String, "entity": pl.Int64})
    return writer.Written(none, none, unchanged, 0, none, entities, keyed, none, fields, fields)


def _hand_up(file: FileRun, object_: str) -> writer.Written:
    """Rows of a higher room: it takes them under its plan; without a plan they are rejected."""
    rows = pl.int_range(1, file.sheet.table.rows + 1, dtype=pl.Int64, eager=True)
    higher = importable(object_)
    needs_plan = higher is None or higher.needs_plan
    if needs_plan and file.call.plan is None:
        hint = "Name the plan they belong to: --plan ID (or hedef targets import FILE --plan ID)."
        file.note("plan_missing", "error", pl.DataFrame({"row": rows}), hint=hint)
        return nothing_written(rows.clear())
    if higher is None:
        raise WrongUse(f"{file.sheet.file.name}: nobody here takes rows of {object_}.", code="unknown_object")
    frame = _handed(file, rows)
    taken = higher.take(Given(file.kept(frame), file.batch, file.call.actor, file.call.plan, dict(file.call.options)))
    for one in taken.rejected:
        told = pl.DataFrame({"row": [one.row], "value": [one.value]}, schema={"row": pl.Int64, "value": pl.String})
        file.note(one.code, "error", told, field_name=one.field, hint=one.hint)
    done = nothing_written(pl.Series(taken.unchanged, dtype=pl.Int64))
    made = {"created": pl.Series(taken.created, dtype=pl.Int64), "updated": pl.Series(taken.updated, dtype=pl.Int64)}
    return writer.Written(**{**{name: getattr(done, name) for name in done.__dataclass_fields__}, **made})


def _handed(file: FileRun, rows: pl.Series) -> pl.DataFrame:
    typed, bound = file.sheet.typed, file.sheet.bound
    columns: dict[str, pl.Series] = {"row": rows, "key": typed.key}
    for name, alternatives in bound.fields.items():
        if alternatives[0].spec.type in frames.REFERENCES:
            columns[name] = frames.reference(file, name, typed.fields, alternatives)
        elif name in typed.fields:
            columns[name] = typed.fields[name].values
            if typed.fields[name].currency is not None:
                columns[f"{name}_currency"] = typed.fields[name].currency  # type: ignore[assignment]
    return pl.DataFrame(columns)


# --- afterwards -------------------------------------------------------------------------------------------------------


def _counts(file: FileRun, written: writer.Written) -> Counts:
    """rows_read = created + updated + unchanged + rejected; a row counts once."""
    rows, rejected = file.sheet.table.rows, len(file.rejected)
    gone = pl.Series(sorted(file.rejected), dtype=pl.Int64)

    def number(told: pl.Series) -> int:
        return len(told.filter(~told.is_in(gone.implode()))) if rejected else len(told)

    created, updated = number(written.created), number(written.updated)
    return Counts(created, updated, rows - rejected - created - updated, rejected)


def _measuring(file: FileRun, object_: str, counts: Counts, written: writer.Written, difference: int) -> Measures:
    """What the checks of the trust gate say of the file."""
    whole = file.call.options.get("scope", file.mapping.scope) == "full"
    found = measuring.measures_for(file.source.name, object_, whole=whole)
    named, lost = report.references(file)
    planned = pl.DataFrame(schema={"row": pl.Int64})
    rows = counts.rows_read
    found.add(measuring.part_of(file, rows=rows, repeated=written.repeated, named=named, lost=lost, frame=planned))
    found.reconciled(difference)
    if (held := file.notes.pop("gone_held", None)) is not None:
        found.held(held["gone"], held["known"])
    if (told := file.notes.pop("history", None)) is not None:
        found.replayed(told["right"], told["deals"])
    return found


def _keep_trust(file: FileRun, object_: str, found: Measures) -> None:
    assert file.batch.seal_no is not None
    profile = None if file.call.options.get("fixes") else found.profile  # mended rows are no export of their own
    measuring.keep(
        found.finish(),
        profile,
        source=file.source.name,
        object_=object_,
        batch=file.batch.pk,
        seal_no=file.batch.seal_no,
        file_name=file.sheet.file.name,
    )


def _rejects(file: FileRun, findings: pl.DataFrame) -> str | None:
    if not file.rejected:
        return None
    sealed = file.batch.seal_no is not None
    name = f"rejects-B-{file.batch.pk}.csv" if sealed else f"rejects-{file.sheet.file.sha256[:12]}.csv"
    if file.call.options.get("dry_run"):
        return None
    return rejects.write(file.sheet, findings, file.rejected, folder=settings.HEDEF.rejects_dir, name=name)
