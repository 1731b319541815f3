"""The life of a web process between requests."""

import gc
import threading
import weakref

import pytest

from hedef.web import process
from hedef.web.process import Requests, collect, collect_between, due, watched


@pytest.fixture
def thresholds():
    """Python's own counters again after the test, and nothing set apart."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Ring:
    def __init__(self) -> None:
        self.me = self


def test_a_request_is_counted_until_it_is_answered_or_fails():
    requests = Requests()
    seen = []

    def application(environ, start_response):
        seen.append(requests.running)
        if environ["fails"]:
            raise ValueError("broken")
        return [b"fine"]

    answer = watched(application, requests)
    assert answer({"fails": False}, print) == [b"fine"]
    with pytest.raises(ValueError, match="broken"):
        answer({"fails": True}, print)
    assert (seen, requests.running) == ([1, 1], 0)


def test_garbage_waits_while_somebody_is_answered_and_a_moment_longer(monkeypatch):
    monkeypatch.setattr(process, "_DUE", 0)
    monkeypatch.setattr(process, "_QUIET_S", 0.0)
    requests = Requests()
    requests.begin()
    assert not due(requests)
    requests.end()
    assert due(requests)
    monkeypatch.setattr(process, "_QUIET_S", 60.0)
    assert not due(requests)
    monkeypatch.setattr(process, "_QUIET_S", 0.0)
    monkeypatch.setattr(process, "_DUE", 1_000_000)
    assert not due(requests)


def test_what_was_set_apart_and_became_garbage_goes_with_a_thorough_collection(thresholds):
    ring = Ring()
    gone = weakref.ref(ring)
    collect(thorough=False)
    del ring
    collect(thorough=False)
    assert gone() is not None
    collect(thorough=True)
    assert gone() is None


def test_a_process_is_warmed_up_once_and_then_collects_by_itself(monkeypatch, thresholds):
    monkeypatch.setattr(process, "_DUE", 0)
    monkeypatch.setattr(process, "_QUIET_S", 0.0)
    monkeypatch.setattr(process, "_LOOK_S", 0.01)
    warmed, collected, ends = [], threading.Semaphore(0), []
    monkeypatch.setattr(process, "collect", lambda *, thorough: collected.release())
    monkeypatch.setattr(process.atexit, "register", ends.append)
    thread = collect_between(Requests(), lambda: warmed.append(1))
    assert all(collected.acquire(timeout=5) for _ in range(3))
    ends[0]()
    thread.join(5)
    assert not thread.is_alive()
    assert warmed == [1]
