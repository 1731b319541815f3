"""The verbs of intake: import files, look at what would change, offer objects of higher rooms."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hedef.facts import queries as facts
from hedef.facts import services as facts_services
from hedef.intake import documents, queries
from hedef.intake.answer import Counts, ImportAnswer, ImportAnswers, IssueCount
from hedef.intake.engine.shapes import Decision
from hedef.intake.importables import Given, Importable, Rejected, Taken, register
from hedef.intake.mappings import read_mapping
from hedef.intake.models import ImportJob
from hedef.intake.run.call import Call, Report, silent
from hedef.intake.run.one import RANK, Former, ask_person, import_sheet, mapping_version, object_of
from hedef.intake.run.sheet import NoSheet, Received, Recognised, Sheet, open_sheet, receive, recognise
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import HedefError, NeedsDecision, WrongUse
from hedef.kernel.instants import to_us
from hedef.ledger.queries import head
from hedef.ledger.services import source as source_named
from hedef.settings import now

__all__ = ["Given", "Importable", "Rejected", "Taken", "preview", "register", "run_import"]

_FAR_YEARS = 10
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_]?(\d{2})[-_]?(\d{2})(?!\d)")


@dataclass(frozen=True)
class Order:
    """What a person asked for, before anything is read."""

    files: Sequence[Path]
    actor: str
    names: Mapping[str, str]
    source: str | None
    object: str | None
    mapping: MappingModel | None
    decide: Mapping[str, str]
    plan: str | None
    exported_us: int | None
    scope: str | None
    dry_run: bool
    yes: bool
    fixes: int | None
    mappings: Mapping[str, MappingModel] = field(default_factory=dict)
    look: Callable[[], None] | None = None

    def mapping_of(self, path: Path) -> MappingModel | None:
        return self.mappings.get(str(path)) or self.mapping


@dataclass(frozen=True)
class _Opened:
    """A file of the call: read, or (`before`) told from the last import of the very same file."""

    sheet: Sheet | NoSheet | Recognised
    source_name: str
    vendor: str
    object: str
    before: ImportAnswer | None = None
    read_ms: int = 0

    @property
    def mapping(self) -> MappingModel | None:
        if isinstance(self.sheet, Sheet):
            return self.sheet.bound.mapping
        return self.sheet.mapping if isinstance(self.sheet, Recognised) else None

    @property
    def version(self) -> str:
        return "" if self.mapping is None else mapping_version(self.mapping)


def run_import(
    *,
    files: Sequence[Path | str],
    actor: str,
    names: Mapping[str, str] | None = None,
    source: str | None = None,
    object: str | None = None,  # noqa: A002 - the word of the command
    mapping: MappingModel | Path | str | None = None,
    decide: Mapping[str, str] | None = None,
    plan: str | None = None,
    exported_at: datetime | date | None = None,
    scope: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    fixes: int | str | None = None,
    progress: Report | None = None,
    mappings: Mapping[str, MappingModel] | None = None,
    look: Callable[[], None] | None = None,
) -> ImportAnswers:
    """Import files into the ledger, in the order that their references need.

    `names`: path -> what the person called the file. `decide`: column or question -> answer. `fixes`: the batch whose
    rejects are imported again. `yes` accepts suggestions of 0.9 and more. With `dry_run` nothing stays written, and
    `look` is called while it is. `mappings`: path -> mapping of that file alone, before `mapping`.
    NeedsDecision lists what a person must choose; then nothing was written. WrongUse and Refused say why a file is
    not read. Every file is one batch; either all files of a call are written or none.
    """
    calendar = facts.calendar()
    order = Order(
        files=[Path(one) for one in files],
        actor=actor,
        names=dict(names or {}),
        source=source,
        object=object,
        mapping=read_mapping(mapping) if isinstance(mapping, Path | str) else mapping,
        decide=dict(decide or {}),
        plan=plan,
        exported_us=_exported(exported_at, calendar),
        scope=scope,
        dry_run=dry_run,
        yes=yes,
        fixes=None if fixes is None else int(str(fixes).removeprefix("B-")),
        mappings=dict(mappings or {}),
        look=look,
    )
    if not order.files:
        raise WrongUse("No file was given.", hint="hedef import FILE...")
    return _run(_like_before(order), calendar, progress or silent)


def preview(**arguments: Any) -> ImportAnswers:
    """What an import would do; the arguments of `run_import`. Nothing stays written."""
    return run_import(**{**arguments, "dry_run": True})


def _exported(given: datetime | date | None, calendar: Calendar) -> int | None:
    if isinstance(given, datetime):
        return to_us(given)
    return None if given is None else min(calendar.end_us(given), to_us(now()))


def _like_before(order: Order) -> Order:
    """Fixed rejects belong to the import they came from: same source, object, answers and export time."""
    if order.fixes is None:
        return order
    former = queries.job_of_batch(order.fixes)
    return replace(
        order,
        source=order.source or former.source,
        decide={**(former.options.get("decide") or {}), **order.decide},
        plan=order.plan or former.options.get("plan"),
        exported_us=order.exported_us or former.exported_us,
    )


def _run(order: Order, calendar: Calendar, report: Report) -> ImportAnswers:
    moment = to_us(now())
    opened = [_open(order, path, calendar) for path in order.files]
    opened.sort(key=lambda one: RANK.get(one.object, 50) if one.object else 99)
    questions = [
        {"file": one.sheet.file.name, **asked.as_json()}
        for one in opened
        if isinstance(one.sheet, Sheet)
        for asked in one.sheet.asked
    ]
    if questions:
        fault = ask_person(str(questions[0]["file"]), questions)
        _remember_failure(order, opened, moment, fault)
        raise fault
    call = Call(
        actor=order.actor,
        now_us=moment,
        zone=calendar.time_zone,
        currency=calendar.base_currency,
        decide=order.decide,
        yes=order.yes,
        plan=order.plan,
        options=_said(order),
        report=report,
    )
    try:
        with transaction.atomic():
            answers = [_import_one(order, call, one) for one in opened]
            if order.dry_run:
                if order.look is not None:
                    order.look()
                transaction.set_rollback(True)
    except HedefError as fault:
        _remember_failure(order, opened, moment, fault)
        raise
    if order.dry_run:
        return ImportAnswers(tuple(_as_dry(one) for one in answers))
    if any(one.batch for one in answers):
        report("facts", 0, None)
        facts_services.absorb()
    return ImportAnswers(tuple(answers))


def _said(order: Order) -> dict[str, Any]:
    told: dict[str, Any] = {"dry_run": order.dry_run}
    told |= {"source": order.source} if order.source else {}
    told |= {"scope": order.scope} if order.scope else {}
    told |= {"fixes": order.fixes} if order.fixes else {}
    told |= {"exported_at": order.exported_us} if order.exported_us else {}
    return told


def _as_dry(answer: ImportAnswer) -> ImportAnswer:
    return replace(answer, dry_run=True, batch=None, seal_no=None, job=None, rejects_file=None)


# --- one file ---------------------------------------------------------------------------------------------------------


def _open(order: Order, path: Path, calendar: Calendar) -> _Opened:
    limits, began = settings.HEDEF, time.monotonic()
    file = receive(path, order.names.get(str(path)), limit_bytes=limits.upload_limit_mb * 1024 * 1024)
    known = recognise(file, object_=order.object, mapping=order.mapping_of(path), kept=partial(_kept_mapping, order))
    vendor = "files"
    if known.mapping is not None:
        vendor = known.mapping.vendor
    elif known.detection is not None and known.detection.vendor:
        vendor = known.detection.vendor
    object_ = "" if known.mapping is None else object_of(known.mapping)
    opened = _Opened(known, order.source or vendor, vendor, object_)
    if (before := _said_before(order, opened, known)) is not None:
        return replace(opened, before=before)
    sheet = open_sheet(
        known,
        decide=order.decide,
        saved=_saved_decisions(opened.source_name, object_),
        zone=calendar.time_zone,
        currency=calendar.base_currency,
        far_after=now().date() + timedelta(days=365 * _FAR_YEARS),
        row_limit=limits.row_limit,
    )
    return replace(opened, sheet=sheet, read_ms=round((time.monotonic() - began) * 1000))


def _kept_mapping(order: Order, vendor: str | None, header: tuple[str, ...]) -> MappingModel | None:
    """The mapping that a person gave for this source before."""
    return documents.saved(order.source or vendor or "files", order.object, header)


def _keep_mapping(order: Order, opened: _Opened) -> None:
    """A mapping that was given with this import is kept for the next one, without fields that the file has not."""
    if not isinstance(opened.sheet, Sheet) or (given := order.mapping_of(opened.sheet.file.path)) is None:
        return
    missing = set(opened.sheet.bound.missing)
    fields = {name: specs for name, specs in given.fields.items() if name not in missing}
    kept = given.model_copy(update={"fields": fields})
    documents.save(kept, source=opened.source_name, object_=given.object, actor=order.actor)


def _saved_decisions(source: str, object_: str) -> list[Decision]:
    """Answers that a person or a file gave for this object of the source before."""
    done = ImportJob.objects.filter(source=source, object=object_, state=ImportJob.State.DONE)
    jobs = done.order_by("-id")[:3]
    return [
        Decision(one["column"], one["what"], one["value"], by="mapping")
        for job in jobs
        for one in job.decisions
        if one.get("value") and one.get("what") in ("date_order", "decimal_mark", "scale")
    ]


def _import_one(order: Order, call: Call, opened: _Opened) -> ImportAnswer:
    sheet = opened.sheet
    if isinstance(sheet, NoSheet):
        return _nothing(order, call, opened, sheet)
    if opened.before is not None:
        return _as_before(order, call, opened, opened.before)
    assert isinstance(sheet, Sheet)
    mapping, object_ = sheet.bound.mapping, opened.object
    source = source_named(opened.source_name, vendor=opened.vendor, time_zone=mapping.time_zone or call.zone)
    former = queries.last_job(source.name, object_)
    exported_us = order.exported_us or _named_day(mapping, sheet.file, call) or call.now_us
    job = _job(order, call, opened, exported_us)
    before = Former()
    if former is not None and order.fixes is None:
        before = Former(former.exported_us, former.unresolved)
    outcome = import_sheet(call, sheet, source, exported_us=exported_us, former=before)
    _keep_mapping(order, opened)
    answer = replace(outcome.answer, job=str(job), ms={"read": opened.read_ms, **outcome.answer.ms})
    if answer.nothing_changed and answer.batch is None:
        answer = replace(answer, trust=queries.trust_of(source.name, object_))
    _finish(job, answer, notes=outcome.notes, unresolved=outcome.unresolved)
    return answer


def _as_before(order: Order, call: Call, opened: _Opened, before: ImportAnswer) -> ImportAnswer:
    last = queries.last_job(opened.source_name, opened.object)
    job = _job(order, call, opened, call.now_us if last is None else last.exported_us or call.now_us)
    answer = replace(before, job=str(job))
    _finish(job, answer, notes={}, unresolved=last is not None and last.unresolved)
    return answer


def _named_day(mapping: MappingModel, file: Received, call: Call) -> int | None:
    """The export day in the name of a file, where the mapping says that it stands there."""
    if mapping.exported_at != "from_file_name" or (found := _DAY_IN_NAME.search(file.name)) is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return min(Calendar(time_zone=call.zone).end_us(day), call.now_us)


def _said_before(order: Order, opened: _Opened, known: Recognised) -> ImportAnswer | None:
    """The very same file again, with the same answers and nothing of that source since: told from the last import."""
    last = queries.last_job(opened.source_name, opened.object) if opened.object else None
    if last is None or last.answer is None or order.fixes is not None:
        return None
    if (last.file_sha256, last.mapping_version) != (known.file.sha256, opened.version):
        return None
    if (last.options.get("decide") or {}) != dict(order.decide) or last.options.get("plan") != order.plan:
        return None
    if last.unresolved and (last.head_seal != head().seal_no or len(order.files) > 1):
        return None  # what it could not find may be there now
    told = last.answer
    counts = Counts(0, 0, told["rows_read"] - told["rejected"], told["rejected"])
    issues = tuple(IssueCount(**one) for one in told["issues"])
    return ImportAnswer(
        file={**told["file"], "name": known.file.name},
        source=opened.source_name,
        object=opened.object,
        vendor=told["vendor"],
        counts=counts,
        also=tuple(
            {**one, "created": 0, "updated": 0, "unchanged": sum(one[n] for n in ("created", "updated", "unchanged"))}
            for one in told["also"]
        ),
        decisions=tuple(told["decisions"]),
        issues=issues,
        totals=tuple(told["totals"]),
        rejects_file=told["rejects_file"],
        plan=told["plan"],
        trust=queries.trust_of(opened.source_name, opened.object),
    )


def _nothing(order: Order, call: Call, opened: _Opened, sheet: NoSheet) -> ImportAnswer:
    """A file without records answers with its findings."""
    issues = tuple(IssueCount(one.code, one.level, 1, None, None, one.hint or one.message) for one in sheet.issues)
    vendor = None
    if sheet.detection is not None:
        vendor = {"name": sheet.detection.vendor, "score": f"{sheet.detection.score:.2f}"}
    answer = ImportAnswer(file=sheet.file_json(), source=opened.source_name, vendor=vendor, issues=issues)
    job = _job(order, call, opened, call.now_us)
    answer = replace(answer, job=str(job))
    _finish(job, answer, notes={}, unresolved=False)
    return answer


# --- jobs -------------------------------------------------------------------------------------------------------------


def _job(order: Order, call: Call, opened: _Opened, exported_us: int) -> ImportJob:
    sheet = opened.sheet
    job = ImportJob(
        actor=order.actor,
        source=opened.source_name,
        object=opened.object,
        vendor=opened.vendor,
        file_name=sheet.file.name,
        file_sha256=sheet.file.sha256,
        file_bytes=sheet.file.bytes,
        mapping_version=opened.version,
        rows_total=sheet.table.rows if isinstance(sheet, Sheet) else 0,
        options={"decide": dict(order.decide), "plan": order.plan, "yes": order.yes},
        fixes=order.fixes,
        exported_us=exported_us,
        started_us=call.now_us,
    )
    job.save()
    return job


def _finish(job: ImportJob, answer: ImportAnswer, *, notes: Mapping[str, Any], unresolved: bool) -> None:
    told = answer.as_json()
    job.state, job.step = ImportJob.State.DONE, "trust"
    job.rows_done = job.rows_total
    job.decisions, job.issues, job.answer = told["decisions"], told["issues"], told
    job.batch = None if answer.batch is None else int(answer.batch.removeprefix("B-"))
    job.seal_no, job.head_seal = answer.seal_no, head().seal_no
    job.unresolved = unresolved
    job.rejects_file = answer.rejects_file or ""
    job.options = {**job.options, "notes": dict(notes)}
    job.ended_us = to_us(now())
    job.save()


def _remember_failure(order: Order, opened: Sequence[_Opened], moment: int, fault: HedefError) -> None:
    """The attempt stays visible; nothing else of it does."""
    if order.dry_run:
        return
    asking = isinstance(fault, NeedsDecision)
    named = {str(one.get("file")) for one in fault.decisions}
    for one in opened:
        if named and one.sheet.file.name not in named:
            continue
        ImportJob.objects.create(
            state=ImportJob.State.ASKING if asking else ImportJob.State.FAILED,
            step="decide" if asking else "check",
            actor=order.actor,
            source=one.source_name,
            object=one.object,
            vendor=one.vendor,
            file_name=one.sheet.file.name,
            file_sha256=one.sheet.file.sha256,
            file_bytes=one.sheet.file.bytes,
            decisions=[told for told in fault.decisions if told.get("file") == one.sheet.file.name],
            error=fault.as_json(),
            started_us=moment,
            ended_us=moment,
        )
