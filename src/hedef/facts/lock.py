"""One absorber at a time: a file lock in the facts folder, or an advisory lock where PostgreSQL serves machines."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from hedef.facts.store import Store

_PAUSE_S = 0.01
_ADVISORY = 0x4845444546  # "HEDEF"


@contextmanager
def absorbing(store: Store, *, timeout_s: float | None) -> Iterator[bool]:
    """Lends the lock; False when it was not free within `timeout_s` (none: wait as long as it takes)."""
    lent = _advisory(timeout_s) if connection.vendor == "postgresql" else _file(store.root, timeout_s)
    with lent as got:
        yield got


@contextmanager
def _file(folder: Path, timeout_s: float | None) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "absorb.lock").open("ab") as file:
        yield _tried(lambda: _flock(file.fileno()), timeout_s)  # closing the file gives the lock back


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory(timeout_s: float | None) -> Iterator[bool]:
    """Inside a transaction the lock lasts as long as it: a failed one could not give a session's lock back."""
    scope = "xact_" if connection.in_atomic_block else ""
    with connection.cursor() as cursor:

        def take() -> bool:
            cursor.execute(f"SELECT pg_try_advisory_{scope}lock(%s)", [_ADVISORY])
            return bool(cursor.fetchone()[0])

        got = _tried(take, timeout_s)
        try:
            yield got
        finally:
            if got and not scope:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY])


def _tried(take: Callable[[], bool], timeout_s: float | None) -> bool:
    until = None if timeout_s is None else time.monotonic() + timeout_s
    while not take():
        if until is not None and time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_S)
    return True
