"""Jobs that tests ask for: each writes one line a run into a file of the home."""

import os
import signal
import time

from django.conf import settings

from hedef.jobs import job, report
from hedef.kernel.errors import Refused


def note(name, text):
    with (settings.HEDEF.home / f"{name}.txt").open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


@job()
def write(name, text):
    note(name, text)
    return {"written": text}


@job()
def take_time(name, seconds):
    """Says that it began, goes on for a while, says that it ended."""
    note(name, "began")
    for done in range(seconds * 10):
        report("counting", done, seconds * 10)
        time.sleep(0.1)
    note(name, "ended")


@job()
def kill_the_worker(name):
    note(name, "began")
    os.kill(os.getpid(), signal.SIGKILL)


@job()
def fail_twice(name):
    note(name, "began")
    if len((settings.HEDEF.home / f"{name}.txt").read_text().splitlines()) < 3:
        raise OSError("the disk did not answer")
    note(name, "ended")


@job()
def be_refused(name):
    note(name, "began")
    raise Refused("It may not be.", hint="Ask somebody.")


@job(queue="system", quiet=True)
def tick():
    note("tick", time.strftime("%H:%M:%S"))
