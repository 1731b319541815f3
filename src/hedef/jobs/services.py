"""The verbs of jobs: have one done, repeat it, stop it, and the sweep that repeats what failed by accident."""

from datetime import timedelta
from typing import Any

from django.tasks import Task
from django.utils import timezone
from django.utils.translation import gettext as _

from hedef.jobs import queries, queue
from hedef.jobs.models import JobRun
from hedef.kernel.errors import Refused

RUNS = 3  # a job that failed this often by accident waits for a person
GAP_S = 2  # seconds before the second run; doubled before each further one
_KEPT = timedelta(days=30)
_LOST = {
    "schema": "hedef.error/1",
    "code": "worker_lost",
    "message": "The worker ended before the job did (killed, out of memory, or the machine stopped).",
    "hint": "Look at memory and disk, then repeat it: hedef jobs retry ID",
}


def enqueue(task: "Task[..., Any]", *, actor: str = "", **ids: object) -> str:
    """Have a job done by a worker; answers its task id. `ids`: JSON values only."""
    with queue.together():
        result = task.enqueue(**ids)
        known = {"task": task.module_path, "arguments": ids, "created_at": timezone.now()}
        JobRun.objects.get_or_create(id=str(result.id), defaults={**known, "actor": actor})
        JobRun.objects.filter(id=str(result.id), actor="").update(actor=actor)
    return str(result.id)


def retry(id: str) -> JobRun:  # noqa: A002 - the word of the path
    """Begin a failed job again, with three new runs. Refused unless it has failed."""
    row = queries.run(id)
    if row.state != JobRun.State.FAILED:
        raise Refused(
            _("%(job)s has not failed; it cannot be repeated.") % {"job": row}, hint=_("The list shows its state.")
        )
    with queue.together():
        told = {"state": JobRun.State.WAITING, "failures": 0, "final": False, "error": None, "ended_at": None}
        JobRun.objects.filter(id=row.id).update(**told)
        if not queue.repeat_now(row.id):
            raise Refused(
                _("%(job)s is no longer in the queue.") % {"job": row}, hint=_("Start what it did from its own page.")
            )
    return queries.run(row.id)


def stop(id: str) -> JobRun:  # noqa: A002 - the word of the path
    """Stop a job: one that waits is not begun, one that runs ends at its next step. Refused when it is over."""
    row = queries.run(id)
    if row.state in (JobRun.State.DONE, JobRun.State.STOPPED):
        raise Refused(_("%(job)s is over; there is nothing to stop.") % {"job": row})
    with queue.together():
        if row.state == JobRun.State.RUNNING and not queue.forget(row.id):
            JobRun.objects.filter(id=row.id).update(stop_asked=True)
        else:
            if row.state != JobRun.State.RUNNING:
                queue.forget(row.id)
            told = {"state": JobRun.State.STOPPED, "ended_at": timezone.now(), "stop_asked": False}
            JobRun.objects.filter(id=row.id).update(**told)
    return queries.run(row.id)


def sweep() -> int:
    """Repeat what failed by accident, after 2, 4, ... seconds, up to three runs; answers how many are repeated."""
    settled = (JobRun.State.FAILED, JobRun.State.STOPPED)
    repeated = 0
    for failure in queue.failures():
        made = {"task": failure.task, "arguments": failure.arguments, "created_at": failure.failed_at}
        row, new = JobRun.objects.get_or_create(id=failure.id, defaults=made)
        if not new and row.state in settled and not (row.state == JobRun.State.FAILED and row.failures == 0):
            continue
        repeated += _settle(row, failure)
    JobRun.objects.filter(created_at__lt=timezone.now() - _KEPT, ended_at__isnull=False).delete()
    return repeated


def _settle(row: JobRun, failure: queue.Failure) -> bool:
    now = timezone.now()
    row.failures += 1
    if failure.lost:
        row.error = _LOST
    elif row.error is None:
        row.error = {"schema": "hedef.error/1", "code": "fault", "message": failure.message, "hint": None}
    again = not row.final and not row.stop_asked and row.failures < RUNS
    if again:
        row.state = JobRun.State.AGAIN
    else:
        row.state = JobRun.State.STOPPED if row.stop_asked else JobRun.State.FAILED
    row.ended_at, row.stop_asked = now, False
    with queue.together():
        row.save(update_fields=["failures", "error", "state", "ended_at", "stop_asked"])
        if again:
            queue.repeat_later(row.id, now + timedelta(seconds=GAP_S * 2 ** (row.failures - 1)))
    return again
