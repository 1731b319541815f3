"""A job while it runs: it is counted, it says how far it is, and what stopped it is kept in a sentence."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError
from django.tasks import Task, TaskContext, task
from django.utils import timezone

from hedef.jobs.registry import Stopped
from hedef.kernel.errors import HedefError

BEAT_S = 10.0  # a running job is heard of at least this often
SHOWN_S = 1.0  # its progress is written at most this often

_ACCIDENTS = ("interrupted", "fault")  # codes of errors in words that no person can help
_log = logging.getLogger("hedef.jobs")


@dataclass
class Running:
    """The job that this thread works on. `quiet`: kept only when it has something to tell."""

    id: str
    path: str
    arguments: dict[str, Any]
    quiet: bool
    step: str = ""
    done: int = 0
    total: int | None = None
    dirty: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    beats: bool = False
    written: float = 0.0


_current: ContextVar[Running | None] = ContextVar("hedef_job", default=None)


def job(*, queue: str = "default", quiet: bool = False) -> "Callable[[Callable[..., Any]], Task[..., Any]]":
    """See `hedef.jobs.job`."""

    def wrap(function: Callable[..., Any]) -> "Task[..., Any]":
        @wraps(function)
        def run(context: "TaskContext[..., Any]", **ids: Any) -> Any:
            running = Running(context.task_result.id, f"{function.__module__}.{function.__qualname__}", ids, quiet)
            return _run(running, function)

        del run.__wrapped__  # the context is an argument of `run`, not of the function
        return task(takes_context=True, queue_name=queue)(run)

    return wrap


def report(step: str, done: int = 0, total: int | None = None) -> None:
    """See `hedef.jobs.report`."""
    running = _current.get()
    if running is None:
        return
    if running.stop.is_set():
        raise Stopped
    running.step, running.done, running.total, running.dirty = step, done, total, True
    if not running.beats and time.monotonic() - running.written >= SHOWN_S:
        _write(running)
        if running.stop.is_set():
            raise Stopped


def _run(running: Running, function: Callable[..., Any]) -> Any:
    if not _begin(running):
        return None
    token = _current.set(running)
    try:
        with _beating(running):
            result = function(**running.arguments)
    except Stopped:
        _end(running, state="stopped")
        return None
    except Exception as fault:
        _fail(running, fault)
        raise
    finally:
        _current.reset(token)
    _end(running, state="done", result=result)
    return result


# --- what is remembered -----------------------------------------------------------------------------------------------


def _begin(running: Running) -> bool:
    """Count the run before its work; false where a person stopped the job while it waited."""
    from hedef.jobs.models import JobRun

    now = timezone.now()
    if running.quiet:
        return True
    row, _made = JobRun.objects.get_or_create(id=running.id, defaults=_first(running))
    if row.state == JobRun.State.STOPPED:
        return False
    row.state, row.attempts, row.step, row.done, row.total = JobRun.State.RUNNING, row.attempts + 1, "", 0, None
    row.started_at, row.beat_at, row.ended_at = now, now, None
    row.save()
    return True


def _first(running: Running) -> dict[str, Any]:
    return {"task": running.path, "arguments": running.arguments, "created_at": timezone.now()}


def _end(running: Running, *, state: str, result: Any = None) -> None:
    from hedef.jobs.models import JobRun

    now = timezone.now()
    told = {"state": state, "result": result, "error": None, "ended_at": now, "beat_at": now, "stop_asked": False}
    told |= {"step": running.step, "done": running.done, "total": running.total}
    JobRun.objects.filter(id=running.id).update(**told)


def _fail(running: Running, fault: Exception) -> None:
    """The failure in a sentence; whether the job is repeated is the sweep's to say."""
    from hedef.jobs.models import JobRun

    final = isinstance(fault, HedefError) and fault.error_code not in _ACCIDENTS
    if not final:
        _log.exception("job %s failed", running.path)
    if running.quiet:
        JobRun.objects.get_or_create(id=running.id, defaults=_first(running))
    now = timezone.now()
    state = JobRun.State.FAILED if final else JobRun.State.AGAIN
    told = {"state": state, "final": final, "error": _told(fault), "beat_at": now, "ended_at": now}
    told |= {"step": running.step, "done": running.done, "total": running.total, "stop_asked": False}
    JobRun.objects.filter(id=running.id).update(**told)


def _told(fault: Exception) -> dict[str, Any]:
    if isinstance(fault, HedefError):
        return fault.as_json()
    text = f"{type(fault).__name__}: {fault}".strip(": ")
    return {"schema": "hedef.error/1", "code": "fault", "message": text, "hint": None, "issues": [], "decisions": []}


# --- the heartbeat ----------------------------------------------------------------------------------------------------


@contextmanager
def _beating(running: Running) -> Iterator[None]:
    """Progress and a heartbeat are written from a thread of their own, whose connection sees no open transaction.

    Without a worker (the job runs where it was asked for) the job's own connection writes.
    """
    from hedef.jobs import queue

    if running.quiet or not queue.durable():
        yield
        return
    running.beats = True
    thread = threading.Thread(target=_beat, args=(running,), name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        running.over.set()
        thread.join(timeout=5)


def _beat(running: Running) -> None:
    while not running.over.wait(SHOWN_S):
        try:
            close_old_connections()
            _write(running)
        except DatabaseError as fault:  # the writer before us took long; the next beat says it
            _log.info("heartbeat of %s: %s", running.id, fault)
    connection.close()


def _write(running: Running) -> None:
    from hedef.jobs.models import JobRun

    row = JobRun.objects.filter(id=running.id)
    if row.values_list("stop_asked", flat=True).first():
        running.stop.set()
    moment = time.monotonic()
    if running.dirty or moment - running.written >= BEAT_S:
        running.dirty, running.written = False, moment
        row.update(step=running.step[:200], done=running.done, total=running.total, beat_at=timezone.now())
