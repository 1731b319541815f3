"""Reads of jobs: what waits, runs, failed; who works; what runs by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hedef.jobs import queue
from hedef.jobs.models import JobRun
from hedef.jobs.registry import Schedule, schedules
from hedef.kernel.errors import NotFound
from hedef.kernel.instants import iso, to_us

LIVE = (JobRun.State.WAITING, JobRun.State.RUNNING, JobRun.State.AGAIN)


def run(id: str) -> JobRun:  # noqa: A002 - the word of the path
    """The job with this id, or the only one whose id begins so; NotFound otherwise."""
    found = list(JobRun.objects.filter(id__startswith=id)[:2]) if len(id) >= 4 else []
    if len(found) != 1:
        raise NotFound(_("There is no job %(id)s.") % {"id": id}, hint=_("hedef jobs list shows the newest ones."))
    return found[0]


def runs(*, last: int = 50, states: Sequence[str] = (), tasks: Sequence[str] = ()) -> list[JobRun]:
    """The newest jobs, newest first."""
    rows = JobRun.objects.all()
    rows = rows.filter(state__in=states) if states else rows
    return list((rows.filter(task__in=tasks) if tasks else rows)[:last])


def find(task: str, *, live: bool = True, **arguments: object) -> JobRun | None:
    """The newest job of a task with these arguments; `live`: only one that is not over."""
    rows = JobRun.objects.filter(task=task, **{f"arguments__{name}": value for name, value in arguments.items()})
    return (rows.filter(state__in=LIVE) if live else rows).first()


def working() -> bool:
    """True when somebody will do a job that is enqueued now."""
    return not queue.durable() or any(one.alive for one in queue.workers())


@dataclass(frozen=True, slots=True)
class Timed:
    """A schedule with its clock."""

    schedule: Schedule
    next_at: datetime | None
    last_at: datetime | None


def timed() -> list[Timed]:
    """Every schedule, by key."""
    clocks = queue.clocks()
    none = queue.Clock(None, None)
    found = [(one, clocks.get(key, none)) for key, one in sorted(schedules().items())]
    return [Timed(one, clock.next_at, clock.last_at) for one, clock in found]


def run_json(one: JobRun) -> dict[str, Any]:
    """A job as programs read it."""
    return {
        "id": one.id,
        "name": one.name,
        "state": one.state,
        "step": one.step or None,
        "done": one.done,
        "total": one.total,
        "attempts": one.attempts,
        "actor": one.actor or None,
        "arguments": one.arguments,
        "created_at": _iso(one.created_at),
        "started_at": _iso(one.started_at),
        "beat_at": _iso(one.beat_at),
        "ended_at": _iso(one.ended_at),
        "error": one.error,
        "result": one.result,
    }


def answer(found: Sequence[JobRun]) -> dict[str, Any]:
    """`hedef.jobs/1`: jobs, workers and schedules."""
    return {
        "schema": "hedef.jobs/1",
        "as_of": None,
        "known_at": None,
        "jobs": [run_json(one) for one in found],
        "workers": [
            {"name": one.name, "queues": list(one.queues), "beat_at": _iso(one.beat_at), "alive": one.alive}
            for one in queue.workers()
        ],
        "schedules": [
            {
                "key": one.schedule.key,
                "cron": one.schedule.cron,
                "next_at": _iso(one.next_at),
                "last_at": _iso(one.last_at),
            }
            for one in timed()
        ],
        "issues": [],
        "trust": None,
        "fingerprint": None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(to_us(moment))
