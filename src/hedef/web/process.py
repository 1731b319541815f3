"""One web process: whole garbage collections run between requests, and what every question needs is loaded early.

A whole collection of a process with all of Hedef's libraries takes 0.1 s, in which nobody is answered. Run by Python's
own counters it hits every fortieth request or so; here it waits for a moment without one.
"""

import atexit
import gc
import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

_YOUNG, _MIDDLE = 10_000, 10  # objects, and collections of the young ones, before the next generation's turn
_LATEST = 500  # collections of the middle generation after which a whole one no longer waits for a quiet moment
_DUE = 5  # the same, from which a quiet moment is used
_THOROUGH = 50  # collections
_QUIET_S = 1.0
_LOOK_S = 0.5

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Requests:
    """How many requests are being answered, and when the last one ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.running = 0
        self.last = time.monotonic()

    def begin(self) -> None:
        with self._lock:
            self.running += 1

    def end(self) -> None:
        with self._lock:
            self.running -= 1
            self.last = time.monotonic()

    def quiet(self) -> bool:
        return not self.running and time.monotonic() - self.last >= _QUIET_S


def watched(application: Application, requests: Requests) -> Application:
    """The application, with its requests counted."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        requests.begin()
        try:
            return application(environ, start_response)
        finally:
            requests.end()

    return answer


def collect_between(requests: Requests, warm: Callable[[], object]) -> threading.Thread:
    """A thread that runs `warm` once and then collects garbage in quiet moments."""
    gc.set_threshold(_YOUNG, _MIDDLE, _LATEST)
    over = threading.Event()

    def run() -> None:
        warm()
        collect(thorough=True)
        turns = itertools.count(1)
        while not over.wait(_LOOK_S):
            if due(requests):
                collect(thorough=next(turns) % _THOROUGH == 0)

    thread = threading.Thread(target=run, name="collector", daemon=True)
    thread.start()
    atexit.register(over.set)
    return thread


def due(requests: Requests) -> bool:
    """Whether there may be something to collect and nobody waits for an answer."""
    return gc.get_count()[2] >= _DUE and requests.quiet()


def collect(*, thorough: bool) -> None:
    """A whole collection. What lives through it is set apart and looked at again by the next thorough one only:
    modules, models and caches are nearly all there is, and nearly never garbage."""
    if thorough:
        gc.unfreeze()
    gc.collect()
    gc.freeze()
