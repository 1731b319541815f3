"""After a kill: which jobs a new call goes on with, which are finished first, which are taken back."""

from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from hedef.intake.models import ImportJob
from hedef.intake.run import job as jobs
from hedef.intake.run.opening import Opened
from hedef.intake.run.order import Order
from hedef.intake.run.spool import Spool
from hedef.kernel.instants import to_us
from hedef.ledger import queries as ledger
from hedef.records.services import abandon as abandon_batch
from hedef.settings import now

State = ImportJob.State

type Mark = tuple[str, str, str, str]


def mark_of(opened: Opened) -> Mark:
    """What makes two imports the same: the object, the bytes and how they are read."""
    return opened.source_name, opened.object, opened.sheet.file.sha256, opened.version


def _mark(job: ImportJob) -> Mark:
    return job.source, job.object, job.file_sha256, job.mapping_version


def folder_of(job: ImportJob) -> Path:
    """Where plans and rejected rows of a running job lie."""
    folder: Path = settings.HEDEF.home / "jobs" / str(job)
    return folder


def left_behind(order: Order, known: Sequence[Opened], finish: Callable[[Order], None]) -> dict[Mark, ImportJob]:
    """Jobs of a killed call that this order goes on with; what else was left behind in its sources is taken back.

    A call whose seals have begun cannot be taken back any more: `finish` goes on with it first. Jobs of the call of
    this order that had come to their end are among those found: they are told, not done again.
    """
    wanted = {mark_of(opened) for opened in known}
    told = order.as_json()
    found: dict[Mark, ImportJob] = {}
    for source in dict.fromkeys(opened.source_name for opened in known):
        for job in jobs.interrupted(source):
            if _mark(job) in wanted and _same_call(job.order, told):
                found[_mark(job)] = job
            else:
                _settle(job, finish)
    for call in {job.call for job in found.values()}:
        for job in ImportJob.objects.filter(call=call, state=State.DONE):
            found.setdefault(_mark(job), job)
    return found


def _settle(job: ImportJob, finish: Callable[[Order], None]) -> None:
    job.refresh_from_db()
    if job.state != State.RUNNING:
        return  # finished with another job of its call
    if can_be_finished(job):
        finish(order_of(job))
    else:
        give_up(job, "interrupted, and another import of the source came")


def order_of(job: ImportJob) -> Order:
    """The order of the whole call that a job belongs to."""
    first = ImportJob.objects.filter(call=job.call).order_by("pk").first() or job
    assert first.order is not None
    return Order.from_json(first.order)


def can_be_finished(job: ImportJob) -> bool:
    """Whether the call of a job has begun to seal, which comes after its last row, and all its files are still there:
    all of it or nothing can only mean all of it.
    """
    call = list(ImportJob.objects.filter(call=job.call))
    begun = any(one.state == State.DONE or _is_sealed(one) for one in call)
    return begun and job.order is not None and all(path.is_file() for path in order_of(job).files)


def _is_sealed(job: ImportJob) -> bool:
    return job.batch is not None and ledger.batch(job.batch).seal_no is not None


def _same_call(before: object, now_told: dict[str, object]) -> bool:
    if not isinstance(before, dict):
        return False
    left, right = ({**one, "files": [], "names": {}, "actor": ""} for one in (before, now_told))
    return left == right


def take_back(job: ImportJob, reason: str) -> None:
    """Everything that a job has written so far is taken back, records and keys."""
    if job.batch is not None:
        batch = ledger.batch(job.batch)
        if batch.state == "open" or (batch.state == "abandoned" and "changes_taken_back" in batch.counts):
            abandon_batch(batch, reason=reason)
    Spool(folder_of(job)).clear()


def give_up(job: ImportJob, reason: str) -> None:
    """Take an interrupted job back; it stays in the list as abandoned. One that is sealed stays, and says so."""
    take_back(job, reason)
    job.state, job.progress = State.ABANDONED, None
    job.error = {"error": "abandoned", "message": reason}
    if _is_sealed(job):
        job.state = State.FAILED
        message = f"{reason}; its records were sealed already and stay, its checks were not made."
        job.error = {"error": "abandoned", "message": message, "hint": f"hedef ledger undo B-{job.batch}"}
    job.ended_us = to_us(now())
    job.save()
