"""Targets of 10,000 people for twelve months: 120,000 lines from one file, wall and CPU seconds of the program."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import data
from benchmarks.report import Line
from benchmarks.serving import hedef

PEOPLE, MONTHS = 10_000, 12


def measure(folder: Path, people: int = PEOPLE) -> list[Line]:
    """The first import of the file, and a second one in which one line of each hundred says another value."""
    roster, first, later = (folder / f"{name}-{people}.csv" for name in ("sales_teams", "Quota", "Changed"))
    data.write_roster(roster, people)
    names = [row["sales_agent"] for row in _rows(roster)]
    _write(first, names, every=0)
    _write(later, names, every=100)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(dir=folder) as made:
        home = Path(made)
        hedef(home, "import", str(roster), "--yes")
        for label, file in (("first import", first), ("1 % changed", later)):
            seconds, cpu, peak = _import(home, file, people)
            lines += [
                Line(f"{people * MONTHS:,} target lines: {label}", seconds, peak, None),
                Line(f"{people * MONTHS:,} target lines: {label}, CPU", cpu, None, None),
            ]
    return lines


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _write(file: Path, names: list[str], every: int) -> None:
    """One row a person and month; of each `every` rows one says another value (0: none)."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["person", "period", "value"])
        for number, name in enumerate(names):
            for month in range(1, MONTHS + 1):
                other = 1 if every and (number * MONTHS + month) % every == 0 else 0
                writer.writerow([name, f"2025-{month:02d}", f"{10_000 + number % 97 + month + other}.25"])


def _import(home: Path, file: Path, people: int) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak MB of `hedef targets import`."""
    command = [sys.executable, "-m", "hedef.cli", "--home", str(home), "targets", "import", str(file)]
    command += ["--plan", "bench", "--currency", "USD", "--json"]
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env={**os.environ, "HEDEF_DATABASE_URL": ""})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        told = out.read()
    if os.waitstatus_to_exitcode(status) != 0 or json.loads(told)["rows_read"] != people * MONTHS:
        raise SystemExit(f"the import of targets failed:\n{told[-800:]}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024
