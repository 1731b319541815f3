"""The queue behind `django.tasks`: the only file that knows dj-queue. Another backend is another such file."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hedef.jobs.registry import schedules

_BACKEND = "dj_queue.backend.DjQueueBackend"


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that ended badly. `lost`: its worker ended before it did."""

    id: str
    task: str
    arguments: dict[str, Any]
    lost: bool
    message: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works on jobs, and when it was last heard of."""

    name: str
    queues: tuple[str, ...]
    beat_at: datetime
    alive: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """When a schedule runs next and ran last; none before a worker has read it, or before it ran."""

    next_at: datetime | None
    last_at: datetime | None


def durable() -> bool:
    """True where jobs wait for a worker; false where they run at once in the call that asks for them."""
    return bool(settings.TASKS["default"]["BACKEND"] == _BACKEND)


def together() -> AbstractContextManager[Any]:
    """What joins a job and what is remembered of it in one transaction."""
    return transaction.atomic() if durable() else nullcontext()


def _options() -> dict[str, Any]:
    options: dict[str, Any] = settings.TASKS["default"]["OPTIONS"]
    return options


# --- failures ---------------------------------------------------------------------------------------------------------


def failures() -> Iterator[Failure]:
    """Failed jobs that nobody has decided to repeat."""
    if not durable():
        return
    from dj_queue.models import FailedExecution

    for one in FailedExecution.objects.filter(retry_at=None).select_related("job").order_by("id"):
        yield Failure(
            id=str(one.job_id),
            task=one.job.task_path,
            arguments=dict(one.job.payload.get("kwargs", {})),
            lost=one.exception_class.startswith("dj_queue.exceptions.Process"),
            message=one.message,
            failed_at=one.created_at,
        )


def repeat_later(id: str, at: datetime) -> None:  # noqa: A002 - the word of the path
    """A failed job is begun again at a moment."""
    from dj_queue.api import schedule_failed_job_retry

    schedule_failed_job_retry(id, retry_at=at)


def repeat_now(id: str) -> bool:  # noqa: A002 - the word of the path
    """A failed job is begun again; false where the queue holds no such failure."""
    if not durable():
        return False
    from dj_queue.api import retry_failed_job
    from dj_queue.models import FailedExecution

    try:
        retry_failed_job(id)
    except FailedExecution.DoesNotExist:
        return False
    return True


def forget(id: str) -> bool:  # noqa: A002 - the word of the path
    """A job that waits or failed leaves the queue; false while a worker has it."""
    if not durable():
        return False
    from dj_queue import api

    ids = [UUID(id)]
    ways = (api.discard_ready_jobs, api.discard_scheduled_jobs, api.discard_blocked_jobs, api.discard_failed_jobs)
    return any(way(job_ids=ids) for way in ways)


# --- who works, and by which clock ------------------------------------------------------------------------------------


def workers() -> list[Worker]:
    """Every worker that is registered, the living ones first."""
    if not durable():
        return []
    from dj_queue.models import Process

    bound = timezone.now() - timedelta(seconds=_options()["process_alive_threshold"])
    rows = Process.objects.filter(kind="Worker").order_by("-last_heartbeat_at", "id")
    return [
        Worker(one.name, tuple(one.metadata.get("queues", ())), one.last_heartbeat_at, one.last_heartbeat_at > bound)
        for one in rows
    ]


def clocks() -> dict[str, Clock]:
    """Key of a schedule -> its next and last run, as far as a worker has read it."""
    if not durable():
        return {}
    from dj_queue.models import RecurringExecution, RecurringTask
    from django.db.models import Max

    last = dict(RecurringExecution.objects.values_list("task_key").annotate(last=Max("run_at")))
    return {one.key: Clock(one.next_run_at, last.get(one.key)) for one in RecurringTask.objects.all()}


def run_worker(*, until_input_ends: bool = False) -> None:
    """Work on jobs until this process is told to stop (SIGTERM or SIGINT); what runs is brought to its end first.

    `until_input_ends`: it also stops when its standard input is closed, so it never outlives who started it.
    """
    from dj_queue import hooks
    from dj_queue.runtime.supervisor import ForkSupervisor

    _options()["recurring"] = {
        one.key: {"task_path": one.task, "schedule": one.cron, "queue_name": one.queue} for one in schedules().values()
    }
    for begin in (hooks.on_worker_start, hooks.on_dispatcher_start, hooks.on_scheduler_start):
        begin(partial(_end_with_parent, os.getpid()))
    if until_input_ends:
        threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    ForkSupervisor.from_backend_config().run()  # type: ignore[no-untyped-call]


def _end_with_input() -> None:
    # past sys.stdin: its lock, held by this thread, would abort the interpreter when it or a forked worker ends
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_parent(parent: int, _process: object) -> None:
    """Linux tells a process of a worker when the worker itself was killed; elsewhere it ends with its next claim."""
    if sys.platform == "linux":
        parent_death = 1
        ctypes.CDLL(None).prctl(parent_death, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed before we could ask
            os.kill(os.getpid(), signal.SIGTERM)
