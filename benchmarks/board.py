"""The board of 300 people on a million deals, asked over HTTP as a program would ask it."""

import contextlib
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.report import Line

ASKED = "period=2025-Q2&as_of=2025-05-31"


def _hedef(home: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "hedef.cli", "--home", str(home), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(
            f"hedef {' '.join(words[:3])} ended with {done.returncode}:\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextlib.contextmanager
def _served(home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "hedef.cli", "--home", str(home), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _ask(url: str, token: str) -> tuple[float, dict[str, Any]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        content = json.load(answer)
    return time.perf_counter() - start, content


def measure(rows: int, folder: Path) -> list[Line]:
    home = folder / "board-home"
    if not (home / "ready").exists():
        files = [folder / "sales_teams.csv", *data.write_lists(folder), folder / "sales_pipeline.csv"]
        data.write_roster(files[0])
        data.write_pipeline(files[-1], rows)
        _hedef(home, "import", *map(str, files), "--yes")
        split = ["--period", "2025-Q2", "--metric", "won_value", "--total", "90000000.00", "--levels", "team,person"]
        _hedef(home, "targets", "split", "--plan", "bench", *split, "--weights", "equal", "--round-to", "1.00")
        _hedef(home, "targets", "publish", "--plan", "bench")
        user = ["--name", "Bench", "--role", "operations", "--no-password"]
        _hedef(home, "access", "user", "add", "bench", *user)
        (home / "ready").touch()
    token = _hedef(home, "access", "token", "make", "bench", secrets.token_hex(4))
    lines = []
    with _served(home) as base:
        for label, path in (
            ("board by team", f"/api/v1/targets/scoreboard?{ASKED}&by=team"),
            ("board by person (300 people)", f"/api/v1/targets/scoreboard?{ASKED}&by=person"),
            ("one metric, the quarter", "/api/v1/metrics/win_rate?period=2025-Q2&as_of=2025-06-30"),
        ):
            first, _ = _ask(base + path, token["token"])
            times = sorted(_ask(base + path, token["token"])[0] for _ in range(40))
            lines.append(Line(f"{label}: first answer", first, None, None))
            lines.append(Line(f"{label}: median of 40", statistics.median(times), None, None))
            lines.append(Line(f"{label}: p95 of 40", times[37], None, None))
    return lines
