"""A change made in one process: how long until every other process shows it. Two web servers, one writer."""

import json
import os
import secrets
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import board, dashboard
from benchmarks.report import Line
from benchmarks.serving import asked, hedef, serving_home

EDITS = 20
PATH = dashboard.PATHS["open_pipeline"]


def inside(home: Path, *words: str) -> dict[str, Any]:
    """The answer of `benchmarks.inside` in a process of its own on a home."""
    done = _started(home, *words)
    said, wrong = done.communicate()
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {wrong[-1500:]}")
    answer: dict[str, Any] = json.loads(said)
    return answer


def _started(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "HEDEF_HOME": str(home), "HEDEF_DATABASE_URL": ""}
    command = [sys.executable, "-m", "benchmarks.inside", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def measure(rows: int, folder: Path) -> list[Line]:
    """Seconds from the commit to the later of two answers that hold it; the sums are checked each time."""
    home = board.ready(rows, folder)
    token = hedef(home, "access", "token", "make", "bench", secrets.token_hex(4))["token"]
    waits: list[float] = []
    with serving_home(home) as first, serving_home(home) as second:
        value = Decimal(asked(first + PATH, token)[1]["value"])
        asked(second + PATH, token)
        for number in range(EDITS):
            writer = _started(home, "edit", str(100 * (number + 1)))
            assert writer.stdout is not None
            committed = json.loads(writer.stdout.readline())["committed"]  # asked while the writer still winds up
            value += number + 1
            waits.append(max(_until(base, token, value, committed) for base in (first, second)))
            writer.communicate()
    told = sorted(waits)
    return [
        Line("a changed deal in two other processes, median", told[len(told) // 2], None, None),
        Line(f"the same, slowest of {EDITS}", told[-1], None, None),
    ]


def _until(base: str, token: str, value: Decimal, committed: float) -> float:
    for _ in range(200):
        _, answer = asked(base + PATH, token)
        if Decimal(answer["value"]) == value:
            return time.time() - committed
    raise SystemExit(f"{base} never showed {value}")


def reading(rows: int, folder: Path) -> list[Line]:
    """Any date, and what the layer costs over the same SQL on bare DuckDB."""
    home = board.ready(rows, folder)
    lines = [Line(name, seconds, None, None) for name, seconds in inside(home, "dates").items()]
    found = inside(home, "layer")
    for name, seconds in found.items():
        label, _, who = name.partition(": ")
        lines.append(Line(name, seconds, None, 1.0 if who != "facts" else seconds / found[f"{label}: bare DuckDB"]))
    return lines
