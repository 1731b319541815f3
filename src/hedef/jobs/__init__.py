"""Jobs: work that goes on behind a page, survives its worker, and says how far it is.

Every room may use this module, and it knows none of them: a room's `tasks.py` marks its functions with `job` and names
what runs by the clock with `schedule`; services enqueue them. Everything goes through `django.tasks`; only `queue.py`
knows which queue stands behind it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hedef.jobs.registry import Schedule, Stopped, schedule

if TYPE_CHECKING:
    from django.tasks import Task

    from hedef.jobs.models import JobRun

__all__ = ["Schedule", "Stopped", "enqueue", "job", "progress", "report", "schedule"]


def job(*, queue: str = "default", quiet: bool = False) -> "Callable[[Callable[..., Any]], Task[..., Any]]":
    """Make a function of ids a job of a worker; what it returns (JSON) is kept as its result.

    A HedefError of the function is a matter for a person and is not repeated; every other failure, and the death of
    the worker, is repeated up to three runs: the function has to bear a second one. `quiet` jobs leave no trace
    unless they fail.
    """
    from hedef.jobs import work

    return work.job(queue=queue, quiet=quiet)


def report(step: str, done: int = 0, total: int | None = None) -> None:
    """Say how far the running job is; nothing happens outside of a job. Stopped when a person stopped it."""
    from hedef.jobs import work

    work.report(step, done, total)


def enqueue(task: "Task[..., Any]", *, actor: str = "", **ids: object) -> str:
    """Have a job done by a worker; answers its task id. A transaction that is rolled back leaves no job."""
    from hedef.jobs import services

    return services.enqueue(task, actor=actor, **ids)


def progress(id: str) -> "JobRun":  # noqa: A002 - the word of the path
    """How far a job is; NotFound where there is none."""
    from hedef.jobs import queries

    return queries.run(id)
