"""Import jobs as rows: made when a file comes in, kept with every chunk, ended with its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from hedef.intake.answer import ImportAnswer
from hedef.intake.models import ImportJob
from hedef.intake.run.chunks import Progress
from hedef.intake.run.opening import Opened
from hedef.intake.run.order import Order
from hedef.kernel.errors import HedefError, NeedsDecision
from hedef.kernel.instants import to_us
from hedef.ledger.queries import head
from hedef.settings import now

State = ImportJob.State


def made(order: Order, opened: Opened, *, started_us: int, exported_us: int, call: int | None = None) -> ImportJob:
    """A new job that runs. `call`: number of the first job of the same call."""
    job = ImportJob(
        actor=order.actor,
        source=opened.source_name,
        object=opened.object,
        vendor=opened.vendor,
        file_name=opened.sheet.file.name,
        file_sha256=opened.sheet.file.sha256,
        file_bytes=opened.sheet.file.bytes,
        mapping_version=opened.version,
        rows_total=opened.rows,
        options={"decide": dict(order.decide), "plan": order.plan, "yes": order.yes, "scope": order.scope},
        order=order.as_json(),
        call=call,
        fixes=order.fixes,
        exported_us=exported_us,
        started_us=started_us,
        heartbeat_us=started_us,
    )
    job.save()
    if call is None:
        job.call = job.pk
        job.save(update_fields=["call"])
    return job


def keep_progress(job: ImportJob, progress: Progress, step: str) -> None:
    """How far the import is, inside the chunk that brought it there."""
    whole = progress.whole
    job.step = step[:16]
    changed: dict[str, Any] = {"step": job.step, "heartbeat_us": to_us(now()), "batch": job.batch}
    if whole:
        changed |= {"rows_done": whole["rows_done"], "issues": _issues(whole)}
    ImportJob.objects.filter(pk=job.pk).update(progress=progress.as_json(), **changed)


def _issues(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Findings so far, as the page shows them while the import runs."""
    return [{name: one[name] for name in ("code", "level", "count", "field")} for one in whole["tally"].values()]


def done(job: ImportJob, answer: ImportAnswer, *, notes: Mapping[str, Any], unresolved: bool) -> None:
    told = answer.as_json()
    job.state, job.step = State.DONE, "trust"
    job.rows_done = job.rows_total
    job.decisions, job.issues, job.answer = told["decisions"], told["issues"], told
    job.batch = None if answer.batch is None else int(answer.batch.removeprefix("B-"))
    job.seal_no, job.head_seal = answer.seal_no, head().seal_no
    job.unresolved = unresolved
    job.rejects_file = answer.rejects_file or ""
    job.options = {**job.options, "notes": dict(notes)}
    job.progress = None
    job.ended_us = to_us(now())
    job.save()


def stopped(jobs: Sequence[ImportJob], fault: HedefError) -> None:
    """Jobs whose call came to a question or a refusal: nothing of them was written."""
    named = {str(one.get("file")) for one in fault.decisions}
    asking = isinstance(fault, NeedsDecision)
    for job in jobs:
        if asking and named and job.file_name not in named:
            job.delete()
            continue
        job.state = State.ASKING if asking else State.FAILED
        job.step = "decide" if asking else "check"
        job.decisions = [one for one in fault.decisions if one.get("file") == job.file_name]
        job.error, job.progress, job.batch = fault.as_json(), None, None
        job.ended_us = to_us(now())
        job.save()


def interrupted(source: str) -> list[ImportJob]:
    """Jobs of a source that nobody works on: to be asked by who holds the source's lock."""
    return list(ImportJob.objects.filter(source=source, state=State.RUNNING).order_by("pk"))
