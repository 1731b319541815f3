"""What runs by the clock: each room names its own schedules when Django starts."""

from dataclasses import dataclass


class Stopped(Exception):
    """A person stopped the job; what it had begun is taken back by who was doing it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`task` (path of a task) is begun at the moments of `cron`: five fields, or six with seconds in front."""

    key: str
    task: str
    cron: str
    queue: str


_schedules: dict[str, Schedule] = {}


def schedule(key: str, *, task: str, cron: str, queue: str = "default") -> None:
    """Have a task begun by the clock. `queue`: `system` for what takes no time, so that long jobs never hold it up."""
    _schedules[key] = Schedule(key, task, cron, queue)


def schedules() -> dict[str, Schedule]:
    """Every schedule by its key."""
    return dict(_schedules)
