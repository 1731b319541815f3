"""Imports of one source wait for each other; those of different sources run side by side.

A lock is held by a process and freed when it ends, however it ends: a file lock in the home, and on PostgreSQL an
advisory lock of the connection, so that several machines wait for each other too.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from django.conf import settings
from django.db import connection

_PAUSE_S = 0.2
_held: set[str] = set()  # of this process: a lock is taken once


@contextmanager
def holding(sources: Iterable[str], waits: Callable[[str], None]) -> Iterator[None]:
    """Hold the locks of some sources; `waits` is told of each that somebody else holds."""
    with ExitStack() as held:
        for source in sorted(set(sources)):
            if source not in _held:
                held.enter_context(_one(source, waits))
        yield


@contextmanager
def _one(source: str, waits: Callable[[str], None]) -> Iterator[None]:
    folder = settings.HEDEF.home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(source.encode()).hexdigest()
    with (folder / f"import-{digest[:16]}").open("a") as file:
        _patiently(lambda: _take(file), source, waits)
        _held.add(source)
        try:
            with _on_server(int(digest[:15], 16), source, waits):
                yield
        finally:
            _held.discard(source)


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _on_server(number: int, source: str, waits: Callable[[str], None]) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    _patiently(lambda: bool(_ask("SELECT pg_try_advisory_lock(%s)", number)), source, waits)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", number)


def _ask(sql: str, number: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, [number])
        return cursor.fetchone()[0]


def _patiently(take: Callable[[], bool], source: str, waits: Callable[[str], None]) -> None:
    told = False
    while not take():
        if not told:
            waits(source)
            told = True
        time.sleep(_PAUSE_S)
