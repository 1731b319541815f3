"""One million deals through the whole import, on SQLite and PostgreSQL, beside Django's `bulk_create`."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.report import Line


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended: wall and CPU seconds (with its own children), peak memory in MB, its output."""

    seconds: float
    cpu: float
    peak: int
    out: str


def _run(command: list[str], home: Path, database: str) -> Ran:
    env = {**os.environ, "HEDEF_HOME": str(home), "HEDEF_DATABASE_URL": database, "HEDEF_SECRET_KEY": "bench"}
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        if os.waitstatus_to_exitcode(status) not in {0, 1}:
            raise SystemExit(f"{' '.join(command[:6])} … ended with {status}:\n{err.read()[-2000:]}")
        return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, out.read())


def _hedef(home: Path, database: str, *files: Path | str) -> tuple[Ran, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "hedef.cli", "--home", str(home), "import", *map(str, files)]
    ran = _run([*command, "--source", "crm", "--yes", "--json"], home, database)
    answer = json.loads(ran.out)
    return ran, answer.get("files", [answer])


def measure(database: str, rows: int, folder: Path) -> list[Line]:
    """Lines of one database: peer, first import, same file again, same content in other order."""
    name = "PostgreSQL" if database else "SQLite"
    names = ("User", "Account", "Opportunity", "Turned", "Changed")
    users, accounts, deals, turned, later = (folder / f"{one}.csv" for one in names)
    if not later.exists():
        _in_own_process(_write_files, rows, folder)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(dir=folder) as peer_home, tempfile.TemporaryDirectory(dir=folder) as home:
        peer_db, our_db = _databases(database)
        command = [sys.executable, "-m", "benchmarks.bulk_create_peer", str(users), str(accounts), str(deals)]
        ran = _run(command, Path(peer_home), peer_db)
        peer = json.loads(ran.out)
        _add(lines, Line(f"{name}: Django bulk_create (csv, models)", peer["seconds"], ran.peak, 1.0))
        _add(lines, Line(f"{name}: Django bulk_create, CPU of the process", peer["cpu"], None, 1.0))
        _hedef(Path(home), our_db, users, accounts)
        files = {"first import": deals, "same file again": deals, "same content, other order": turned}
        for label, file in {**files, "2 % changed, 0.5 % new": later}.items():
            ran, answers = _hedef(Path(home), our_db, file)
            if label == "first import":
                _check_equal(answers[0], peer)
            _check_changes(label, answers[0], rows)
            _add(lines, Line(f"{name}: hedef import, {label}", ran.seconds, ran.peak, ran.seconds / peer["seconds"]))
            _add(lines, Line(f"{name}: CPU of the process, {label}", ran.cpu, None, ran.cpu / peer["cpu"]))
            if (lock := answers[0]["ms"].get("longest_lock")) is not None:
                _add(lines, Line(f"{name}: longest write lock, {label}", lock / 1000, None, None))
    return lines


def _write_files(rows: int, folder: Path) -> None:
    data.write_users(folder / "User.csv")
    data.write_accounts(folder / "Account.csv")
    frame = data.deals(rows)
    frame.write_csv(folder / "Opportunity.csv", line_terminator="\r\n")
    frame.reverse().write_csv(folder / "Turned.csv", line_terminator="\r\n")
    data.changed(frame).write_csv(folder / "Changed.csv", line_terminator="\r\n")


def _in_own_process(make: Callable[[int, Path], None], rows: int, folder: Path) -> None:
    """The files are made elsewhere: the peak of a started program begins at what the process holds that starts it."""
    process = multiprocessing.get_context("spawn").Process(target=make, args=(rows, folder))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the files of the benchmark could not be made")


def _write_long(rows: int, folder: Path) -> None:
    data.write_users(folder / "User.csv")
    data.write_accounts(folder / "Account.csv")
    data.write_deals(folder / f"Long-{rows}.csv", rows)


def long_file(rows: int, folder: Path) -> list[Line]:
    """One file of many rows, planned and checked to the end (a dry run): its memory must not follow its length."""
    users, accounts, deals = (folder / f"{one}.csv" for one in ("User", "Account", f"Long-{rows}"))
    if not deals.exists():
        _in_own_process(_write_long, rows, folder)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(dir=folder) as home:
        _hedef(Path(home), "", users, accounts)
        ran, answers = _hedef(Path(home), "", deals, "--dry-run")
        if answers[0]["rows_read"] != rows or answers[0]["created"] != rows:
            raise SystemExit(f"not equal: {answers[0]['rows_read']}, {answers[0]['created']} of {rows}")
        peak = max(ran.peak, answers[0]["peak_mb"])
        _add(lines, Line(f"SQLite: {rows:,} rows in one file, dry run", ran.seconds, peak, None))
        _add(lines, Line("SQLite: CPU of the process", ran.cpu, None, None))
    return lines


def _check_changes(label: str, answer: dict[str, Any], rows: int) -> None:
    expected = {"first import": (rows, 0), "2 % changed, 0.5 % new": (rows // 200, rows // 50)}
    if (answer["created"], answer["updated"]) != expected.get(label, (0, 0)):
        raise SystemExit(f"{label}: {answer['created']} created, {answer['updated']} updated")


def _add(lines: list[Line], line: Line) -> None:
    """Keep a line, and say it at once: the whole takes minutes."""
    lines.append(line)
    ratio = "" if line.ratio is None else f", {line.ratio:.3f} x"
    print(f"  … {line.what}: {line.seconds:.2f} s, {line.peak_mb} MB{ratio}", file=sys.stderr, flush=True)


def _databases(url: str) -> tuple[str, str]:
    """Two empty databases on the server of `url`; SQLite has one in each home."""
    if not url:
        return "", ""
    made = []
    import psycopg

    host = url.partition("host=")[2]
    with psycopg.connect(host=host, user="hedef", dbname="postgres", autocommit=True) as connection:
        for name in ("bench_peer", "bench_hedef"):
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name}")
            made.append(f"postgres://hedef@/{name}?host={host}")
    return made[0], made[1]


def _check_equal(answer: dict[str, Any], peer: dict[str, Any]) -> None:
    sealed = sum(int(Decimal(total["sealed"]) * 100) for total in answer["totals"])
    if (answer["created"], sealed) != (peer["rows"], peer["amount_minor"]):
        raise SystemExit(f"not equal: {answer['created']} rows, {sealed} beside {peer['rows']}, {peer['amount_minor']}")
