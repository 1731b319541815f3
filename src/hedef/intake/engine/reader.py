"""The process that opens files nobody has looked at: bounded in memory and time, without network, and expendable.

`python -m hedef.intake.engine.reader` takes one task on stdin (pickled by the caller, which trusts itself) and answers
with JSON on stdout. Nothing comes back but JSON, and files in the folder that the caller named.
"""

import contextlib
import json
import os
import pickle
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedef.intake.engine.room import is_full
from hedef.kernel.errors import HedefError, Refused, WrongUse

_ADDRESSES = 3 << 30  # libraries reserve far more addresses than they use memory
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ftplib.", "urllib.")


@dataclass(frozen=True)
class Bounds:
    """What the process may use. `disk_mb`: the largest file that it writes."""

    memory_mb: int = 1024
    seconds: int = 1800
    disk_mb: int = 4096


@dataclass(frozen=True)
class Task:
    """`what`: a name in `_WORK`; `arguments` go to it as they are."""

    what: str
    arguments: dict[str, Any]
    bounds: Bounds


def main() -> int:
    """Do one task; exit code 0 with an answer or a refusal as JSON, anything else is the death of the process."""
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301  from the process that started this one
    _leave_network()
    _bound(task.bounds)
    work = _work(task.what)
    sys.addaudithook(_watch)
    try:
        answer = {"answer": work(**task.arguments)}
    except HedefError as fault:
        answer = {"fault": {"class": type(fault).__name__, **fault.as_json()}}
    except MemoryError:
        answer = {"fault": {"class": "MemoryError"}}
    except Exception as fault:
        if not is_full(fault):
            raise
        answer = {"fault": {"class": "OSError"}}
    sys.stdout.write(json.dumps(answer))
    return 0


def _work(what: str) -> Any:
    if what == "stage":
        return _stage
    if what == "unfold":
        from hedef.intake.engine.formats.unfold import unfold

        return lambda **given: [one.as_json() for one in unfold(**given)]
    if what == "probe":
        return _probe
    raise ValueError(what)


def _probe(folder: Path) -> dict[str, str]:
    """What the process could do beside its task: nothing (asked by tests, and by who runs a new machine)."""
    import socket
    import subprocess

    def connect() -> None:
        socket.create_connection(("127.0.0.1", 9), timeout=1)

    def start() -> None:
        subprocess.run(["true"], cwd=folder, check=True)  # noqa: S607

    def tried(act: Callable[[], None]) -> str:
        try:
            act()
        except PermissionError:
            return "refused"
        return "done"

    return {"connect": tried(connect), "start": tried(start)}


def _stage(path: Path, sniffed: Any, folder: Path, row_limit: int) -> int:
    """Rows of a large text as parts in `folder`; their number."""
    from hedef.intake.engine.careful import TooLong
    from hedef.intake.engine.staging import TooManyRows, stage

    try:
        return stage(path, sniffed, folder, row_limit=row_limit)
    except TooManyRows as fault:
        hint = "Split the export, or raise HEDEF_ROW_LIMIT."
        raise WrongUse(f"{sniffed.file_name} has {fault}.", hint=hint, code="too_large") from fault
    except TooLong as fault:
        hint = "This is no table of lines. Export it again as CSV."
        raise Refused(f"{sniffed.file_name}: {fault}.", hint=hint, code="too_large") from fault


# --- bounds -----------------------------------------------------------------------------------------------------------


def _bound(bounds: Bounds) -> None:
    limits = (
        (resource.RLIMIT_AS, bounds.memory_mb * (1 << 20) + _ADDRESSES),
        (resource.RLIMIT_CPU, bounds.seconds),
        (resource.RLIMIT_FSIZE, bounds.disk_mb << 20),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    )
    for what, limit in limits:
        hard = resource.getrlimit(what)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, limit))


def _leave_network() -> None:
    """A network of its own without any card, where the system lets a user have one; the watch stands anyway."""
    with contextlib.suppress(OSError, AttributeError):
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)


def _watch(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"the reader may not do {event}")


if __name__ == "__main__":
    sys.exit(main())
