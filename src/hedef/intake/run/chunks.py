"""A file's steps carried out: in the transaction that is open, in chunks of their own, or only rehearsed.

A chunk is one transaction of at most `LONGEST_MS`; how many rows that is, is measured. With each of them the job keeps
how far it is, so that a killed import goes on from there. A part is planned once: a plan that takes several chunks lies
beside the database until its last chunk is written.
"""

import gc
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import OperationalError, connection

from hedef.intake.run.call import FileRun
from hedef.intake.run.steps import Step
from hedef.intake.run.whole import Whole
from hedef.intake.run.writes import APPLY, Write, Writes, between, folded, numbered, perform, places_of, write
from hedef.kernel.errors import Refused
from hedef.ledger.services import allocate, chunk

LONGEST_MS = 200.0
_AIM = 0.6  # of it: a busy machine has slow moments
_CROWDED = 1.5  # of the time that a chunk works: more waiting than that makes the next one no smaller
FIRST_ROWS, FEWEST_ROWS, MOST_ROWS = 20_000, 6_000, 90_000
TRIES = 6  # of a chunk that gave way to another writer
_PAUSE_S = 0.05  # before the second try; each one after it waits twice as long
_GAVE_WAY = ("40001", "40P01")  # serialization failure, deadlock
_CHECKPOINT_PAGES = 8_000  # of SQLite's log: with many chunks a page is written once, not once a chunk
_PLAN = "plan.json"


@dataclass(frozen=True)
class Progress:
    """How far an import is: step, part, the last place of the part that is written and its first new number."""

    step: int = 0
    at: int = 0
    after: int | None = None
    base: int | None = None
    whole: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"step": self.step, "at": self.at, "after": self.after, "base": self.base, "whole": self.whole}


type Keep = Callable[[Progress, str], None]


def write_at_once(file: FileRun, steps: Sequence[Step]) -> None:
    """Plan and write every step inside the transaction that is open."""
    assert file.batch is not None
    for step in steps:
        at, more = 0, True
        while more:
            more = step.plan(file, at)
            write(file.writes, batch=file.batch, source=file.source)
            at += 1
        file.forget()


def rehearse(file: FileRun, steps: Sequence[Step]) -> int:
    """Plan every step; what would be written is only remembered. Answers how many changes there would be."""
    changes = 0
    for step in steps:
        at, more = 0, True
        while more:
            more = step.plan(file, at)
            file.call.unwritten.take(file.source.pk or 0, file.writes)
            changes += sum(one.frame.height for one in file.writes.steps if one.act == APPLY)
            file.call.report("plan", file.whole.rows_done, file.parts.sheet.rows)
            at += 1
        file.forget()
    return changes


@dataclass
class Chunked:
    """The writer of one file in chunks. `keep` stores the progress inside the chunk that it belongs to."""

    file: FileRun
    steps: Sequence[Step]
    keep: Keep
    progress: Progress = field(default_factory=Progress)
    rows: int = FIRST_ROWS
    longest_ms: float = 0.0

    def run(self) -> None:
        """All that is left to be written."""
        with _many_chunks():
            self._run()

    def _run(self) -> None:
        while self.progress.step < len(self.steps):
            step = self.steps[self.progress.step]
            writes, whole, more = self._planned(step)
            follows = Progress(self.progress.step, self.progress.at + 1) if more else Progress(self.progress.step + 1)
            self._write(writes, replace(follows, whole=whole), step.name)
            if not more:
                self.file.forget()
            self.file.call.report(step.name, self.file.whole.rows_done, self.file.parts.sheet.rows)

    def _planned(self, step: Step) -> tuple[Writes, dict[str, Any], bool]:
        if self.progress.after is not None:
            return self._kept_plan()
        more = step.plan(self.file, self.progress.at)
        whole = self.file.whole.as_json()
        writes = self.file.writes
        if writes.rows > self.rows:
            self._keep_plan(writes, whole, more=more)
        return writes, whole, more

    def _keep_plan(self, writes: Writes, whole: dict[str, Any], *, more: bool) -> None:
        for place, one in enumerate(writes.steps):
            self.file.spool.put(f"plan-{place:02d}", one.frame)
        told = {"step": self.progress.step, "at": self.progress.at, "opens": writes.opens, "more": more, "whole": whole}
        told["writes"] = [[one.act, one.of] for one in writes.steps]
        self.file.spool.put_bytes(_PLAN, json.dumps(told).encode())

    def _kept_plan(self) -> tuple[Writes, dict[str, Any], bool]:
        data = self.file.spool.get_bytes(_PLAN)
        told = json.loads(data) if data is not None else {}
        if (told.get("step"), told.get("at")) != (self.progress.step, self.progress.at):
            raise _lost(self.file)
        steps = []
        for place, (act, of) in enumerate(told["writes"]):
            frame = self.file.spool.get(f"plan-{place:02d}")
            if frame is None:
                raise _lost(self.file)
            steps.append(Write(act, of, frame))
        self.file.whole = Whole.from_json(told["whole"])
        return Writes(steps, told["opens"]), told["whole"], told["more"]

    def _write(self, writes: Writes, follows: Progress, name: str) -> None:
        """The steps of a part in as many chunks as their time asks for; all rows of one entity in the same."""
        assert self.file.batch is not None
        writes, entities = folded(writes), places_of(writes)
        weight = max(1.0, writes.rows / max(1, len(entities)))
        done = 0 if self.progress.after is None else int((entities <= self.progress.after).sum())
        while True:
            upto = min(len(entities), done + max(1, int(self.rows / weight)))
            last = upto >= len(entities)
            after = None if last else int(entities[upto - 1])
            steps = list(between(writes, self.progress.after, after))
            self._chunk(steps, writes.opens, partial(self._progress, follows, after), name)
            if last:
                return
            done = upto

    def _progress(self, follows: Progress, after: int | None, base: int | None) -> Progress:
        return follows if after is None else replace(self.progress, after=after, base=base)

    def _chunk(self, steps: Sequence[Write], opens: int, then: Callable[[int | None], Progress], name: str) -> None:
        """One transaction; one that gave way to another writer is tried again, a few times."""
        assert self.file.batch is not None
        for attempt in range(1, TRIES + 1):
            worked = time.thread_time()
            try:
                with chunk(self.file.batch) as timed:
                    base = self.progress.base
                    if base is None and opens:
                        base = allocate(opens)
                    for one in numbered(Writes(list(steps)), base or 0).steps:
                        perform(one, batch=self.file.batch, source=self.file.source)
                    kept = then(base)
                    self.keep(kept, name)
            except OperationalError as fault:
                if attempt == TRIES or not gave_way(fault):
                    raise
                time.sleep(_PAUSE_S * 2 ** (attempt - 1))
                continue
            self.progress = kept
            self._measure(timed.ms, (time.thread_time() - worked) * 1000, sum(one.frame.height for one in steps))
            return

    def _measure(self, ms: float, worked_ms: float, rows: int) -> None:
        """Rows of the next chunk: towards what fits, never less than half of before. Small chunks cost more in all.

        On SQLite the work is done here: a clock that runs on while others have the processor says little of the chunk.
        """
        self.longest_ms = max(self.longest_ms, ms)
        self.file.whole.apply_ms += ms
        if rows < FEWEST_ROWS or ms <= 0:
            return
        counts = min(ms, _CROWDED * worked_ms) if connection.vendor == "sqlite" else ms
        fits = rows * LONGEST_MS * _AIM / max(counts, 1.0)
        self.rows = int(min(MOST_ROWS, max(FEWEST_ROWS, 0.5 * self.rows + 0.5 * min(fits, 2.0 * self.rows))))


def _lost(file: FileRun) -> Refused:
    return Refused(
        f"The plan of {file.sheet.file.name} that lay beside the database is gone: the import cannot go on.",
        hint="Take back what was written with hedef import --abandon JOB, then import the file again.",
    )


def gave_way(fault: OperationalError) -> bool:
    """Whether a transaction failed only because another one was at the same rows: the same again may succeed."""
    cause = fault.__cause__
    if getattr(cause, "sqlstate", None) in _GAVE_WAY:
        return True
    return str(getattr(cause, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


@contextmanager
def _many_chunks() -> Iterator[None]:
    """Less often what costs most when millions of rows go through a process: collecting garbage, emptying the log."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    _checkpoint_after(_CHECKPOINT_PAGES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        _checkpoint_after(1_000)


def _checkpoint_after(pages: int) -> None:
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint={int(pages)}")
