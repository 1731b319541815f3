"""A file's steps carried out: in the transaction that is open, in chunks of their own, or only rehearsed.

A chunk is one transaction of at most `LONGEST_MS`; how many rows that is, is measured. With each of them the job keeps
how far it is, so that a killed import goes on from there. A part is planned once: a plan that takes several chunks lies
beside the database until its last chunk is written.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hedef.intake.run.call import FileRun
from hedef.intake.run.steps import Step
from hedef.intake.run.whole import Whole
from hedef.intake.run.writes import APPLY, Write, Writes, between, folded, numbered, perform, places_of, write
from hedef.kernel.errors import Refused
from hedef.ledger.services import allocate, chunk

LONGEST_MS = 200.0
_AIM = 0.7  # of it: a busy machine has slow moments
FIRST_ROWS, FEWEST_ROWS, MOST_ROWS = 20_000, 6_000, 90_000
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
            boundary = None if last else int(entities[upto - 1])
            with chunk(self.file.batch) as timed:
                base = self.progress.base
                if base is None and writes.opens:
                    base = allocate(writes.opens)
                steps = list(between(writes, self.progress.after, boundary))
                for one in numbered(Writes(steps), base or 0).steps:
                    perform(one, batch=self.file.batch, source=self.file.source)
                kept = follows if last else replace(self.progress, after=boundary, base=base)
                self.keep(kept, name)
            self.progress = kept
            self._measure(timed.ms, sum(one.frame.height for one in steps))
            if last:
                return
            done = upto

    def _measure(self, ms: float, rows: int) -> None:
        """Rows of the next chunk: towards what fits, never less than half of before. Small chunks cost more in all."""
        self.longest_ms = max(self.longest_ms, ms)
        self.file.whole.apply_ms += ms
        if rows < FEWEST_ROWS or ms <= 0:
            return
        fits = rows * LONGEST_MS * _AIM / ms
        self.rows = int(min(MOST_ROWS, max(FEWEST_ROWS, 0.5 * self.rows + 0.5 * min(fits, 2.0 * self.rows))))


def _lost(file: FileRun) -> Refused:
    return Refused(
        f"The plan of {file.sheet.file.name} that lay beside the database is gone: the import cannot go on.",
        hint="Take back what was written with hedef import --abandon JOB, then import the file again.",
    )
