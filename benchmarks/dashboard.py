"""Six questions of a dashboard on a million deals over HTTP, beside the same as plain SQL on two databases."""

import os
import secrets
import sqlite3
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import board, dashboard_peer
from benchmarks.report import Line
from benchmarks.serving import asked, hedef, serving, serving_home

TIMES = 40
TODAY = datetime.now(UTC).date()  # the deals of the home are known from their import on
QUARTER = f"{TODAY.year}-Q{(TODAY.month + 2) // 3}"
NOW = f"as_of={TODAY}"
PATHS = {
    "open_pipeline": f"/api/v1/metrics/open_pipeline?period={QUARTER}&{NOW}",
    "open_deals": f"/api/v1/metrics/open_deals?by=team&period={QUARTER}&{NOW}",
    "won_value": f"/api/v1/metrics/won_value?by=person&period=2025-Q2&{NOW}",
    "win_rate": f"/api/v1/metrics/win_rate?by=team&period=2025-Q2&{NOW}",
    "new_deals": f"/api/v1/metrics/new_deals?by=team&period=2025-Q2&{NOW}",
    "average_deal": f"/api/v1/metrics/average_deal?period=2025&{NOW}",
}


def measure(rows: int, folder: Path) -> list[Line]:
    """p95 of six questions, asked in turn; every answer is compared with the peer's before a time counts."""
    home = board.ready(rows, folder)
    token = hedef(home, "access", "token", "make", "bench", secrets.token_hex(4))["token"]
    lines: list[Line] = []
    peers = {}
    for name, address in _peers(home, folder).items():
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1"]
        command += ["--blocking-threads", "4", "--no-access-log", "--log-level", "warning"]
        with serving([*command, "benchmarks.dashboard_peer:application"], {"HEDEF_PEER": address}) as base:
            peers[name] = _timed(lambda one, base=base: asked(f"{base}/{one}"))
    with serving_home(home) as base:
        ours = _timed(lambda one: asked(base + PATHS[one], token))
    for name, (answers, _) in peers.items():
        for one in PATHS:
            _equal(name, one, ours[0][one], answers[one])
    for one in PATHS:
        mine = ours[1][one]
        for name, (_, times) in peers.items():
            lines.append(Line(f"{one}: {name}, p95 of {TIMES}", _p95(times[one]), None, 1.0))
        best = min(_p95(times[one]) for _, times in peers.values())
        lines.append(Line(f"{one}: hedef, median", statistics.median(mine), None, None))
        lines.append(
            Line(f"{one}: hedef, p95 of {TIMES} (beside the faster peer)", _p95(mine), None, _p95(mine) / best)
        )
    every = [time for times in ours[1].values() for time in times]
    lines.append(Line("hedef, all six, p95", _p95(every), None, None))
    for name, (_, times) in peers.items():
        lines.append(Line(f"{name}, all six, p95", _p95([one for told in times.values() for one in told]), None, None))
    return lines


def _timed(ask: Callable[[str], tuple[float, Any]]) -> tuple[dict[str, Any], dict[str, list[float]]]:
    answers = {one: ask(one)[1] for one in PATHS}
    times: dict[str, list[float]] = {one: [] for one in PATHS}
    for _ in range(TIMES):
        for one in PATHS:
            times[one].append(ask(one)[0])
    return answers, times


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95) - 1]


def _peers(home: Path, folder: Path) -> dict[str, str]:
    """The deals of the home in a SQLite file of their own, and in PostgreSQL where one is at hand."""
    with sqlite3.connect(next(home.glob("*.sqlite3"))) as source:
        deals = source.execute("SELECT entity, owner, status, amount_minor, created_us, closed_us FROM deal").fetchall()
        members = source.execute(
            "SELECT person, team FROM membership WHERE role = 'rep' GROUP BY person HAVING count(*) = 1"
        ).fetchall()
    file = folder / f"peer-{len(deals)}.sqlite3"
    addresses = {"SQLite": str(file)}
    if not file.exists():
        _fill(dashboard_peer.connect(str(file)), deals, members, mark="?")
    if server := os.environ.get("HEDEF_DATABASE_URL", ""):
        addresses["PostgreSQL"] = server
        _fill(dashboard_peer.connect(server), deals, members, mark="%s")
    else:
        print("PostgreSQL is left out: run it as scripts/with_postgres.sh .venv/bin/python -m benchmarks dashboard")
    return addresses


def _fill(connection: Any, deals: list[Any], members: list[Any], *, mark: str) -> None:
    cursor = connection.cursor()
    for table in ("deal", "member"):
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for text in dashboard_peer.TABLES:
        cursor.execute(text)
    if mark == "?":
        cursor.executemany("INSERT INTO deal VALUES (?, ?, ?, ?, ?, ?)", deals)
    else:
        with cursor.copy("COPY deal FROM STDIN") as copy:
            for row in deals:
                copy.write_row(row)
    cursor.executemany(f"INSERT INTO member VALUES ({mark}, {mark})", members)
    for text in (*dashboard_peer.INDEXES, "ANALYZE"):
        cursor.execute(text)
    if mark == "?":
        connection.commit()
        connection.close()


def _equal(peer: str, question: str, ours: dict[str, Any], theirs: list[list[int]]) -> None:
    mine, other = _figures(ours), sorted(_told(question, row) for row in theirs)
    if mine != other:
        raise SystemExit(f"{question} beside {peer}: not equal\n  {mine[:5]}\n  {other[:5]}")


def _figures(answer: dict[str, Any]) -> list[Decimal]:
    """The numbers of an answer; of teams only those that have members of their own, as the peer has no tree."""
    cells = [one for one in answer.get("rows") or [answer] if not str(one["name"]).startswith("Region")]
    values = [one["value"] for one in cells if one["value"] not in (None, 0, "0.00") and one["scope"] != "unassigned"]
    return sorted(Decimal(str(one)) for one in values)


def _told(question: str, row: list[int]) -> Decimal:
    _, first, second = row
    if question == "win_rate":
        return (Decimal(first) / second).quantize(Decimal("0.0001"), rounding="ROUND_HALF_UP")
    if question == "average_deal":
        return (Decimal(first) / second / 100).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    return Decimal(first) / 100 if question in ("open_pipeline", "won_value") else Decimal(first)
