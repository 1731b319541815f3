"""A whole call carried out: in one transaction where its files are small, else in chunks that can be interrupted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from hedef.allocator import give_back
from hedef.facts import services as facts_services
from hedef.intake import queries
from hedef.intake.answer import ImportAnswer, ImportAnswers, IssueCount
from hedef.intake.engine.room import is_full
from hedef.intake.models import ImportJob, TrustState
from hedef.intake.run import job as jobs
from hedef.intake.run import killed, lock, merging, one
from hedef.intake.run.answers import refuse_unasked
from hedef.intake.run.call import Call, Report, silent
from hedef.intake.run.chunks import Progress
from hedef.intake.run.foreseen import foresee
from hedef.intake.run.opening import Opened, exported_of, keep_mapping, open_file, recognise_files, told_of
from hedef.intake.run.opening import folder_of as folder_of_file
from hedef.intake.run.order import Order
from hedef.intake.run.reader import no_room
from hedef.intake.run.sheet import NoSheet, Sheet, refuse_unknown_answers
from hedef.intake.run.spool import Spool
from hedef.intake.run.steps import is_handed
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import HedefError, NeedsDecision, Refused, WrongUse
from hedef.kernel.instants import to_us
from hedef.kernel.trust import worst_trust
from hedef.ledger import queries as ledger
from hedef.ledger.services import Source
from hedef.ledger.services import source as source_named
from hedef.settings import now

State = ImportJob.State


def carry_out(order: Order, calendar: Calendar, report: Report) -> ImportAnswers:
    """Recognise, read, ask, write. Imports of one source wait for each other; a rehearsal waits for nobody."""
    known = [file for path in order.files for file in recognise_files(order, path)]
    refuse_unknown_answers(order.decide, [file.sheet.sniffed.header for file in known])
    if order.control and len(known) > 1:
        raise WrongUse("Control totals belong to one file.", hint="Import the files one by one, each with its totals.")
    known.sort(key=lambda file: one.RANK.get(file.object, 50) if file.object else 99)
    if order.dry_run:
        return _rehearsed(order, known, calendar, report)
    sources = [file.source_name for file in known]
    with lock.holding(sources, lambda name: report(f"waiting for another import of {name}", 0, None)):
        return _carried_out(order, known, calendar, report)


def _finish(order: Order, calendar: Calendar, report: Report) -> None:
    """Go on with a killed call whose seals have begun, while the lock of one of its sources is held."""
    known = [file for path in order.files for file in recognise_files(order, path)]
    known.sort(key=lambda file: one.RANK.get(file.object, 50) if file.object else 99)
    with lock.holding([file.source_name for file in known], _refuse_to_wait):
        _carried_out(order, known, calendar, report)


def _refuse_to_wait(source: str) -> None:
    """Who waits for a lock while it holds another one could wait for ever."""
    raise Refused(
        f"An import of {source} that must be finished first is held up by another one.",
        hint="Import the file again when that one is done.",
    )


@dataclass
class _File:
    """A file of the call with its job, while it is written in chunks."""

    opened: Opened
    job: ImportJob | None = None
    run: one.Import | None = None
    progress: Progress = field(default_factory=Progress)
    sealed: bool = False


def _carried_out(order: Order, known: Sequence[Opened], calendar: Calendar, report: Report) -> ImportAnswers:
    found = killed.left_behind(order, known, lambda first: _finish(first, calendar, report))
    moment = min((job.started_us for job in found.values()), default=to_us(now()))
    opened = [_opened(order, file, calendar, found) for file in known]
    _refuse_unasked(order, opened)
    call = _call(order, calendar, report, moment)
    files = [_File(file, found.get(killed.mark_of(file))) for file in opened]
    try:
        _stop_on_asked(opened)
        if not found and _fits_one_transaction(order, opened):
            with _nothing_when_full(opened), transaction.atomic():
                answers = [_at_once(order, call, file) for file in opened]
        else:
            answers = _in_chunks(order, call, files)
    except HedefError as fault:
        _remember(order, files, call, fault)
        if isinstance(fault, NeedsDecision):
            raise _every_question(order, opened, calendar, fault) from fault
        raise
    if any(answer.batch for answer in answers):
        report("facts", 0, None)
        if sum(file.rows for file in opened) > order.part_rows:
            del call, files, opened  # the last parts of the files go before the facts are made
            _make_room()
        facts_services.absorb()
    return ImportAnswers(tuple(answers))


def _opened(order: Order, known: Opened, calendar: Calendar, found: Mapping[killed.Mark, ImportJob]) -> Opened:
    """The file read; one that the killed call had come to the end of is told as it was."""
    job = found.get(killed.mark_of(known))
    if job is not None and job.state == State.DONE:
        return replace(known, before=told_of(known, job))
    return open_file(order, known, calendar)


@contextmanager
def _nothing_when_full(opened: Sequence[Opened]) -> Iterator[None]:
    """A full disk takes back what one transaction has written, and is said as what it is."""
    try:
        yield
    except (OSError, DatabaseError) as fault:
        if not is_full(fault):
            raise
        raise no_room(", ".join(file.sheet.file.name for file in opened)) from fault


def _refuse_unasked(order: Order, opened: Sequence[Opened]) -> None:
    """Mended rows keep the answers of the import they came from: not all of them are needed again."""
    if order.fixes is None:
        refuse_unasked(order.decide, [file.sheet for file in opened])


def _make_room() -> None:
    """Pages that SQLite keeps of the tables just written, and freed memory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA shrink_memory")
    give_back()


def _call(order: Order, calendar: Calendar, report: Report, moment: int, *, plans: bool = False) -> Call:
    return Call(
        actor=order.actor,
        now_us=moment,
        zone=calendar.time_zone,
        currency=calendar.base_currency,
        decide=order.decide,
        yes=order.yes,
        spellings_open=order.spellings_open,
        plan=order.plan,
        options=order.options(),
        report=report,
        plans=plans,
    )


def _stop_on_asked(opened: Sequence[Opened]) -> None:
    questions = [
        {"file": file.sheet.file.name, **asked.as_json()}
        for file in opened
        if isinstance(file.sheet, Sheet)
        for asked in file.sheet.asked
    ]
    if questions:
        raise one.ask_person(questions)


def _every_question(order: Order, opened: Sequence[Opened], calendar: Calendar, first: NeedsDecision) -> NeedsDecision:
    """The open questions of all files of the call, not only of the one that stopped it."""
    call = _call(order, calendar, silent, to_us(now()), plans=True)
    found: list[dict[str, Any]] = []
    for file in opened:
        if file.before is not None or not isinstance(file.sheet, Sheet):
            continue
        if file.sheet.asked:
            found += [{"file": file.sheet.file.name, **asked.as_json()} for asked in file.sheet.asked]
            continue
        found += one.questions(_begun(order, call, file, exported_us=exported_of(order, file, call)))
    return one.ask_person(found) if len(found) > len(first.decisions) else first


def _fits_one_transaction(order: Order, opened: Sequence[Opened]) -> bool:
    """Small calls, and rows of higher rooms, which come all or not at all."""
    return sum(file.rows for file in opened) <= order.part_rows or _has_handed(opened)


def _has_handed(opened: Sequence[Opened]) -> bool:
    """Whether a higher room writes rows of the call itself: they cannot be planned here."""
    return any(is_handed(file.object) for file in opened if isinstance(file.sheet, Sheet) and _writes_rows(file))


def _writes_rows(file: Opened) -> bool:
    return file.mapping is not None and file.mapping.reader not in (
        "stage_list",
        "options",
        "whole_row_history",
        "key_value_log",
    )


def _former(order: Order, opened: Opened) -> one.Former:
    former = queries.last_job(opened.source_name, opened.object)
    if former is None or order.fixes is not None:
        return one.Former()
    return one.Former(former.exported_us, former.unresolved)


def _begun(order: Order, call: Call, opened: Opened, *, exported_us: int, folder: Path | None = None) -> one.Import:
    assert isinstance(opened.sheet, Sheet)
    zone = opened.sheet.bound.mapping.time_zone or call.zone
    source = _source(call, opened, zone)
    former = _former(order, opened)
    return one.begin(
        call, opened.sheet, source, exported_us=exported_us, former=former, part_rows=order.part_rows, folder=folder
    )


def _source(call: Call, opened: Opened, zone: str) -> Source:
    """The source of a file; a rehearsal makes none."""
    if call.plans:
        there = ledger.source_there(opened.source_name)
        return there or Source(pk=0, name=opened.source_name, vendor=opened.vendor, time_zone=zone)
    return source_named(opened.source_name, vendor=opened.vendor, time_zone=zone)


# --- at once ----------------------------------------------------------------------------------------------------------


def _at_once(order: Order, call: Call, opened: Opened) -> ImportAnswer:
    """One file inside the transaction of the call."""
    if opened.before is not None or isinstance(opened.sheet, NoSheet):
        return _without_rows(order, call, opened)
    exported_us = exported_of(order, opened, call)
    job = jobs.made(order, opened, started_us=call.now_us, exported_us=exported_us)
    run = _begun(order, call, opened, exported_us=exported_us)
    one.write_at_once(run)
    return _ended(order, opened, job, run)


def _ended(order: Order, opened: Opened, job: ImportJob, run: one.Import) -> ImportAnswer:
    merging.carry_out(run.file)
    outcome = one.finish(run)
    keep_mapping(order, opened)
    answer = replace(outcome.answer, job=str(job), ms={"read": opened.read_ms, **outcome.answer.ms})
    if answer.nothing_changed and answer.batch is None:
        known = queries.trust_of(opened.source_name, opened.object)
        answer = replace(answer, trust=worst_trust([known, *([answer.trust] if answer.trust.reasons else [])]))
    jobs.done(job, answer, notes=outcome.notes, unresolved=outcome.unresolved)
    return answer


def _without_rows(order: Order, call: Call, opened: Opened) -> ImportAnswer:
    """A file without records answers with its findings, one that was told before with what was told."""
    if opened.before is not None:
        last = queries.last_job(opened.source_name, opened.object)
        exported_us = call.now_us if last is None else last.exported_us or call.now_us
        answer, unresolved = opened.before, last is not None and last.unresolved
    else:
        exported_us, unresolved, answer = call.now_us, False, _nothing(opened)
    job = jobs.made(order, opened, started_us=call.now_us, exported_us=exported_us)
    answer = replace(answer, job=str(job))
    jobs.done(job, answer, notes={}, unresolved=unresolved)
    return answer


def _nothing(opened: Opened) -> ImportAnswer:
    sheet = opened.sheet
    assert isinstance(sheet, NoSheet)
    issues = tuple(IssueCount(told.code, told.level, 1, None, None, told.hint or told.message) for told in sheet.issues)
    vendor = None
    if sheet.detection is not None:
        vendor = {"name": sheet.detection.vendor, "score": f"{sheet.detection.score:.2f}"}
    return ImportAnswer(file=sheet.file_json(), source=opened.source_name, vendor=vendor, issues=issues)


# --- in chunks --------------------------------------------------------------------------------------------------------


def _in_chunks(order: Order, call: Call, files: Sequence[_File]) -> list[ImportAnswer]:
    """Every file in chunks of its own batch; all batches stay open until the last file is written, then are sealed.

    So a question or refusal in the last file leaves nothing of the first.
    """
    number = next((file.job.call for file in files if file.job is not None), None)
    for file in files:
        number = _take(order, call, file, number)
    with _kept_when_interrupted(files):
        for file in files:
            if file.run is not None and not file.sealed:
                _written(call, file)
        for file in files:
            if file.run is not None and not file.sealed:
                one.close(file.run)
        return [_closed(order, call, file) for file in files]


def _take(order: Order, call: Call, file: _File, number: int | None) -> int | None:
    """The job of a file, new or left behind by a call that was killed. Answers the number of the call."""
    opened = file.opened
    if opened.before is not None or isinstance(opened.sheet, NoSheet):
        return number
    if file.job is None:
        exported_us = exported_of(order, opened, call)
        file.job = jobs.made(order, opened, started_us=call.now_us, exported_us=exported_us, call=number)
    elif not file.job.rows_total:
        file.job.rows_total = opened.rows
        file.job.save(update_fields=["rows_total"])
    assert file.job.exported_us is not None
    folder = killed.folder_of(file.job)
    file.run = _begun(order, call, opened, exported_us=file.job.exported_us, folder=folder)
    if file.job.batch is not None and file.job.progress is not None:
        told = file.job.progress
        file.progress = Progress(told["step"], told["at"], told["after"], told["base"])
        batch = ledger.batch(file.job.batch)
        one.take_up(file.run, batch, told["whole"] or file.run.file.whole.as_json())
        file.sealed = batch.state != "open"
    return file.job.call


def _written(call: Call, file: _File) -> None:
    assert file.run is not None
    assert file.job is not None
    job, run = file.job, file.run
    if run.file.batch is None:
        one.ask(run)
        with transaction.atomic():
            job.batch = one.open_for(run).pk
            job.save(update_fields=["batch"])
            jobs.keep_progress(job, Progress(whole=run.file.whole.as_json()), "plan")
    one.write_in_chunks(run, lambda progress, step: jobs.keep_progress(job, progress, step), file.progress)
    call.report("plan", run.file.whole.rows_done, run.file.parts.sheet.rows)


def _closed(order: Order, call: Call, file: _File) -> ImportAnswer:
    if file.job is not None and file.job.state == State.DONE:
        assert file.opened.before is not None
        return file.opened.before
    if file.run is None or file.job is None:
        return _without_rows(order, call, file.opened)
    with transaction.atomic():
        answer = _ended(order, file.opened, file.job, file.run)
    file.run.file.spool.clear()
    Spool(folder_of_file(file.opened)).clear()
    return answer


@contextmanager
def _kept_when_interrupted(files: Sequence[_File]) -> Iterator[None]:
    """A full disk or a lost database stops an import, it does not undo it: what is written waits for the rest."""
    try:
        yield
    except (OSError, DatabaseError) as fault:
        first = next((file.job for file in files if file.job is not None), None)
        raise Interrupted(
            f"The import stopped in the middle: {str(fault).strip() or type(fault).__name__}.",
            hint=f"Nothing is lost. Make room, then go on with: hedef import --resume {first}",
        ) from fault


class Interrupted(Refused):
    """An import that waits to be resumed."""

    code = "interrupted"


def _remember(order: Order, files: Sequence[_File], call: Call, fault: HedefError) -> None:
    """The attempt stays visible, nothing else of it does; an interrupted one stays as it is."""
    if isinstance(fault, Interrupted):
        return
    made = []
    for file in reversed(files):
        if file.job is not None and file.job.state == State.DONE:
            continue
        if file.job is None:
            file.job = jobs.made(order, file.opened, started_us=call.now_us, exported_us=call.now_us)
        killed.take_back(file.job, "stopped by a question or a refusal")
        made.append(file.job)
    jobs.stopped(list(reversed(made)), fault)


# --- rehearsals -------------------------------------------------------------------------------------------------------


def _rehearsed(order: Order, known: Sequence[Opened], calendar: Calendar, report: Report) -> ImportAnswers:
    """What an import would do, by planning alone; rows of higher rooms in a transaction that is rolled back."""
    opened = [open_file(order, file, calendar) for file in known]
    _refuse_unasked(order, opened)
    try:
        return _rehearsed_all(order, opened, calendar, report)
    except NeedsDecision as fault:
        raise _every_question(order, opened, calendar, fault) from fault


def _rehearsed_all(order: Order, opened: Sequence[Opened], calendar: Calendar, report: Report) -> ImportAnswers:
    _stop_on_asked(opened)
    if _has_handed(opened):
        call = _call(order, calendar, report, to_us(now()))
        with transaction.atomic():
            answers = [_at_once(order, call, file) for file in opened]
            transaction.set_rollback(True)
        return ImportAnswers(tuple(_as_dry(answer) for answer in answers))
    call = _call(order, calendar, report, to_us(now()), plans=True)
    few = sum(file.rows for file in opened) <= order.part_rows
    call.unwritten.deals = [] if few and order.look is not None else None
    checks: list[TrustState] = []
    answers = [_only_planned(order, call, file, checks) for file in opened]
    if order.look is not None:
        order.look(replace(foresee(checks, call.unwritten.deals or []), unwritten=call.unwritten))
    return ImportAnswers(tuple(_as_dry(answer) for answer in answers))


def _only_planned(order: Order, call: Call, opened: Opened, checks: list[TrustState]) -> ImportAnswer:
    if opened.before is not None:
        return opened.before
    if isinstance(opened.sheet, NoSheet):
        return _nothing(opened)
    run = _begun(order, call, opened, exported_us=exported_of(order, opened, call))
    one.rehearse(run)
    outcome = one.finish(run)
    checks += outcome.checks
    answer = outcome.answer
    return replace(answer, ms={"read": opened.read_ms, **answer.ms})


def _as_dry(answer: ImportAnswer) -> ImportAnswer:
    return replace(answer, dry_run=True, batch=None, seal_no=None, job=None, rejects_file=None)
