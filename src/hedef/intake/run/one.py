"""One file in one batch: begun, carried out, sealed, measured, answered."""

import hashlib
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from hedef.intake.answer import Counts, ImportAnswer
from hedef.intake.checks import trust_of
from hedef.intake.engine.parts import PART_ROWS
from hedef.intake.models import TrustState
from hedef.intake.run import asking, chunks, control, memory, reconcile, report, steps
from hedef.intake.run.call import Call, FileRun, open_questions
from hedef.intake.run.closing import MONEY_OF, write_rejects
from hedef.intake.run.keys import history_of
from hedef.intake.run.parts import Parts
from hedef.intake.run.sheet import Sheet
from hedef.intake.run.spool import Spool
from hedef.intake.run.whole import Whole
from hedef.intake.schema import Mapping as MappingModel
from hedef.intake.trust import measuring
from hedef.kernel.errors import HedefError, NeedsDecision
from hedef.kernel.trust import UNKNOWN, Trust
from hedef.ledger.services import LedgerBatch, Source, abandon_batch, allocate, open_batch, seal_batch
from hedef.records.services import seal

RANK = steps.RANK
_HISTORIES = ("whole_row_history", "key_value_log")


def object_of(mapping: MappingModel) -> str:
    """The object under which a file counts: histories of deals and contacts beside these themselves."""
    return history_of(str(mapping.object)) if mapping.reader in _HISTORIES else str(mapping.object)


@dataclass
class Outcome:
    """What an import left: its answer, the open questions, and what the job keeps."""

    answer: ImportAnswer
    notes: dict[str, Any]
    unresolved: bool
    checks: tuple[TrustState, ...] = ()  # of a rehearsal; an import keeps its own


@dataclass(frozen=True, slots=True)
class Former:
    """The import of the same object before: its export time, and whether it could not find everybody it names."""

    exported_us: int | None = None
    unresolved: bool = False


@dataclass
class Import:
    """One file on its way in."""

    file: FileRun
    object: str
    ms: dict[str, int] = field(default_factory=dict)
    planned: int = 0  # changes that a rehearsal would write

    @property
    def name(self) -> str:
        return self.file.parts.sheet.file.name

    def steps(self) -> list[steps.Step]:
        return steps.steps_of(self.file, self.object)


def begin(
    call: Call,
    sheet: Sheet,
    source: Source,
    *,
    exported_us: int,
    former: Former,
    part_rows: int = PART_ROWS,
    folder: Path | None = None,
) -> Import:
    """A file that nothing was done with yet. `folder`: where what a later step needs lies beside the database."""
    file = FileRun(
        call,
        Parts(sheet, part_rows),
        sheet,
        source,
        None,
        exported_us,
        former.exported_us,
        former.unresolved,
        spool=Spool(folder),
    )
    object_ = object_of(sheet.bound.mapping)
    full = call.options.get("scope", file.mapping.scope) == "full"
    file.measures = measuring.measures_for(source.name, object_, whole=full)
    file.whole.decisions = [*sheet.decided.decisions, *report.defaults(file)]
    return Import(file, object_)


def take_up(one: Import, batch: LedgerBatch, whole: dict[str, Any]) -> None:
    """Go on with a file whose import was interrupted."""
    file = one.file
    file.batch, file.whole = batch, Whole.from_json(whole)
    if file.whole.trust:
        file.measures.restore(file.whole.trust)
    for name in memory.KEPT:
        if name in file.whole.notes:
            memory.keep(file, name, file.whole.notes[name])
    file.call.opened.append(batch.pk)


def open_for(one: Import) -> LedgerBatch:
    """Open the batch of a file; to be called inside a transaction."""
    file, sheet = one.file, one.file.parts.sheet
    batch = open_batch(
        kind="import",
        actor=file.call.actor,
        source=file.source,
        object=one.object,
        file_name=sheet.file.name,
        file_sha256=sheet.file.sha256,
        mapping_version=mapping_version(sheet.bound.mapping),
    )
    file.batch = batch
    file.whole.floor = allocate(0)
    file.call.opened.append(batch.pk)
    return batch


def ask(one: Import) -> None:
    """Every question of the file before anything of it is written. NeedsDecision lists them."""
    asking.ask_first(one.file, one.object)
    stop_on_questions(one.file)


def write_at_once(one: Import) -> None:
    """The whole file inside the transaction that is open, sealed too."""
    began = time.monotonic()
    file = one.file
    open_for(one)
    file.call.report("plan", 0, file.parts.sheet.rows)
    asking.ask_first(file, one.object)
    chunks.write_at_once(file, one.steps())
    stop_on_questions(file)
    one.ms |= {"plan": _ms(began), "apply": 0}
    close(one, in_transaction=True)


def rehearse(one: Import) -> None:
    """The whole file without writing anything. NeedsDecision when a person must choose."""
    began = time.monotonic()
    asking.ask_first(one.file, one.object)
    stop_on_questions(one.file)
    one.planned = chunks.rehearse(one.file, one.steps())
    stop_on_questions(one.file)
    one.ms |= {"plan": _ms(began), "apply": 0}


def questions(one: Import) -> list[dict[str, Any]]:
    """Every open question of a file, by a rehearsal that goes on as far as it can without their answers."""
    try:
        asking.ask_first(one.file, one.object)
        if not steps.is_handed(one.object):
            chunks.rehearse(one.file, one.steps())
    except HedefError:
        pass  # what needs the answers first; it is told when they are there
    return [{"file": one.name, **asked.as_json()} for asked in open_questions(one.file.whole.decisions)]


def write_in_chunks(one: Import, keep: Callable[[chunks.Progress, str], None], progress: chunks.Progress) -> None:
    """What is left of the file, one transaction a chunk. A question that still comes up stops it."""
    began = time.monotonic()

    def keep_unless_asked(now: chunks.Progress, step: str) -> None:
        stop_on_questions(one.file)
        keep(now, step)

    writer = chunks.Chunked(one.file, one.steps(), keep_unless_asked, progress)
    writer.run()
    applied = round(one.file.whole.apply_ms)
    one.ms |= {"plan": max(0, _ms(began) - applied), "apply": applied, "longest_lock": round(writer.longest_ms)}


def close(one: Import, *, in_transaction: bool = False) -> None:
    """Seal the batch of a file; a file that changed nothing is recorded as an attempt."""
    began = time.monotonic()
    file = one.file
    assert file.batch is not None
    counts = counts_of(file)
    told = {"rows_read": counts.rows_read, "created": counts.created, "updated": counts.updated}
    with_rest = told | {"unchanged": counts.unchanged, "rejected": counts.rejected}
    if not in_transaction:
        seal(file.batch, counts=with_rest)
    elif file.batch.rows:
        seal_batch(file.batch, counts=with_rest)
    else:
        abandon_batch(file.batch)
    if file.batch.pk in file.call.opened:
        file.call.opened.remove(file.batch.pk)
    one.ms["seal"] = _ms(began)


def finish(one: Import) -> Outcome:
    """What became of the file: totals, checks, rejects, the answer."""
    file, sheet = one.file, one.file.parts.sheet
    sealed = file.batch is not None and file.batch.seal_no is not None
    totals, difference = report.totals(file)
    groups = reconcile.differences(file, MONEY_OF.get(sheet.object))
    wrong = control.differing(file, MONEY_OF.get(sheet.object))
    _measured(file, difference, groups, wrong)
    with transaction.atomic():
        trust = _keep_trust(file, one.object) if sealed else _of_control(file, one.object) if wrong else UNKNOWN
    checks: tuple[TrustState, ...] = ()
    if one.planned:
        trust, checks = _foreseen_trust(file, one.object)
    name = None if file.call.options.get("dry_run") else write_rejects(file, _rejects_name(file))
    file.call.report("apply", sheet.rows, sheet.rows)
    answer = ImportAnswer(
        file=sheet.file_json(),
        batch=f"B-{file.batch.pk}" if sealed and file.batch is not None else None,
        seal_no=file.batch.seal_no if file.batch is not None else None,
        source=file.source.name,
        object=one.object,
        vendor={"name": sheet.detection.vendor, "score": f"{sheet.detection.score:.2f}"},
        counts=counts_of(file),
        gone=file.whole.gone,
        ended=file.whole.ended,
        changes=file.whole.changes,
        also=tuple({"object": of, **told} for of, told in file.whole.also.items()),
        decisions=tuple(one.as_json() for one in file.whole.decisions),
        issues=(*report.issues(file), *report.differences(groups), *(one.issue for one in wrong)),
        totals=totals,
        rejects_file=name,
        plan=file.call.plan,
        trust=trust,
        ms=dict(one.ms),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )
    kept = {name: file.whole.notes[name] for name in memory.KEPT if name in file.whole.notes}
    kept["columns"] = list(sheet.content.header)  # what an export back writes above its columns
    return Outcome(answer, kept, file.whole.unresolved, checks)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def mapping_version(mapping: MappingModel) -> str:
    """Which reading a batch used: its name and a digest of its content."""
    digest = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()[:12]
    return f"{mapping.vendor}/{mapping.shape}:{digest}"


def stop_on_questions(file: FileRun) -> None:
    """NeedsDecision with every open question of the file."""
    questions = open_questions(file.whole.decisions)
    if questions:
        name = file.sheet.file.name
        raise ask_person([{"file": name, **one.as_json()} for one in questions])


def ask_person(questions: Sequence[Mapping[str, Any]]) -> NeedsDecision:
    """The questions with the words that answer each of them on the command line."""
    (text, how), *others = [_asked(one) for one in questions]
    lines = [f"Answer with {how}", *(f"{more}\n    Answer with {by}" for more, by in others)]
    return NeedsDecision(text, hint="\n  ".join(lines), decisions=[dict(one) for one in questions])


def _asked(one: Mapping[str, Any]) -> tuple[str, str]:
    text = one.get("message") or f'"{one["column"]}" must be decided.'
    answers = [f'--decide "{one["column"]}={value}"' for value in one.get("options") or ("VALUE",)]
    return f"{one['file']}: {text}", " or ".join(answers)


def counts_of(file: FileRun) -> Counts:
    """rows_read = created + updated + unchanged + rejected; a row counts once."""
    rows, whole = file.parts.sheet.rows, file.whole
    return Counts(whole.created, whole.updated, rows - whole.rejected - whole.created - whole.updated, whole.rejected)


def _measured(
    file: FileRun, difference: int, groups: Sequence[reconcile.Difference], wrong: Sequence[control.Control]
) -> None:
    worst = f"group:{groups[0].name}" if groups else ""
    file.measures.reconciled(max(difference, sum(one.size for one in groups)), what=worst)
    for one in wrong:
        file.measures.reconciled(one.off, what=f"control:{one.what}")
    if (held := file.whole.notes.get("gone_held")) is not None:
        file.measures.held(held["gone"], held["known"])
    if (told := file.whole.notes.get("history")) is not None:
        file.measures.replayed(told["right"], told["deals"])


def _of_control(file: FileRun, object_: str) -> Any:
    """A control total that differs blocks the answer of a file that changed nothing, too."""
    measures = [one for one in file.measures.finish() if one.what.startswith("control:")]
    return trust_of(measures, file.source.name, object_) if measures else UNKNOWN


def _keep_trust(file: FileRun, object_: str) -> Any:
    assert file.batch is not None
    assert file.batch.seal_no is not None
    measures = file.measures.finish()
    profile = None if file.call.options.get("fixes") else file.measures.profile  # mended rows are no export
    measuring.keep(
        measures,
        profile,
        source=file.source.name,
        object_=object_,
        batch=file.batch.pk,
        seal_no=file.batch.seal_no,
        file_name=file.sheet.file.name,
    )
    return trust_of(measures, file.source.name, object_)


def _foreseen_trust(file: FileRun, object_: str) -> tuple[Trust, tuple[TrustState, ...]]:
    """What the checks would say, kept nowhere."""
    measures = file.measures.finish()
    source, name = file.source.name, file.sheet.file.name
    states = tuple(
        measuring.state_of(one, source=source, object_=object_, batch=None, seal_no=0, file_name=name)
        for one in measures
    )
    return trust_of(measures, source, object_), states


def _rejects_name(file: FileRun) -> str:
    sealed = file.batch is not None and file.batch.seal_no is not None
    if sealed and file.batch is not None:
        return f"rejects-B-{file.batch.pk}.csv"
    return f"rejects-{file.sheet.file.sha256[:12]}.csv"
