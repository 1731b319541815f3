"""The board of eight metrics over HTTP: 300 people and 10,000 people, and how soon a changed deal is on it."""

import secrets
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.report import Line
from benchmarks.serving import asked, hedef, serving_home

METRICS = "won_value,new_pipeline,win_rate,open_pipeline,cycle_time,average_deal,won_deals,open_deals"
ASKED = f"period=2025-Q2&as_of=2025-05-31&by=person&metrics={METRICS}"
TIMES = 40
CHANGES = 5


def ready(rows: int, folder: Path, people: int) -> Path:
    """A home with `rows` deals of `people` reps, their quarter's targets and a user; made once in a folder."""
    home = folder / f"scoreboard-home-{people}"
    if not (home / "ready").exists():
        made = folder / f"scoreboard-{people}"
        made.mkdir(parents=True, exist_ok=True)
        files = [made / "sales_teams.csv", *data.write_lists(made), made / "sales_pipeline.csv"]
        data.write_roster(files[0], people)
        data.write_pipeline(files[-1], rows, people)
        hedef(home, "import", *map(str, files), "--yes")
        split = ["--period", "2025-Q2", "--metric", "won_value", "--total", "90000000.00", "--levels", "team,person"]
        hedef(home, "targets", "split", "--plan", "bench", *split, "--weights", "equal", "--round-to", "1.00")
        hedef(home, "targets", "publish", "--plan", "bench")
        hedef(home, "access", "user", "add", "bench", "--name", "Bench", "--role", "operations", "--no-password")
        (home / "ready").touch()
    return home


def measure(rows: int, folder: Path) -> list[Line]:
    """For 300 people with `rows` deals and 10,000 with as many: first answer, p95 of the next ones, after a change."""
    return [line for people in (300, 10_000) for line in _board(ready(rows, folder, people), people)]


def _board(home: Path, people: int) -> list[Line]:
    token = hedef(home, "access", "token", "make", "bench", secrets.token_hex(4))["token"]
    label = f"{people:,} people x 8 metrics"
    with serving_home(home) as base:
        path = f"{base}/api/v1/targets/scoreboard?{ASKED}"
        first, answer = asked(path, token)
        _whole(answer, people)
        times = sorted(asked(path, token)[0] for _ in range(TIMES))
        changed = [_after_a_change(base, path, token) for _ in range(CHANGES)]
    return [
        Line(f"{label}: first answer", first, None, None),
        Line(f"{label}: median of {TIMES}", statistics.median(times), None, None),
        Line(f"{label}: p95 of {TIMES}", times[int(TIMES * 0.95) - 1], None, None),
        Line(f"{label}: a changed deal on the board, slowest of {CHANGES}", max(changed), None, None),
    ]


def _whole(answer: dict[str, Any], people: int) -> None:
    """Every person has every metric; a fast answer that left something out would not count."""
    rows = [one for one in answer["rows"] if one["scope"].startswith("person:")]
    if len(rows) < people or any(len(one["values"]) != 8 for one in rows):
        raise SystemExit(f"{len(rows)} rows of {people} people, or a metric is missing")


def _after_a_change(base: str, path: str, token: str) -> float:
    """Seconds from sending another amount of a won deal until the board that holds it has been read."""
    rows = asked(f"{base}/api/v1/metrics/won_value/rows?period=2025-Q2&as_of=2025-05-31&scope=company", token)[1]
    deal = rows["rows"][secrets.randbelow(min(len(rows["rows"]), 50))]["subject"]
    before = asked(path, token)[1]["total"]["actual"]
    start = time.perf_counter()
    amount = f"{secrets.randbelow(9_000) + 1_000}.00"
    body = {"fields": {"amount": amount}, "since": "2025-05-30", "reason": "benchmark"}
    asked(f"{base}/api/v1/records/deal/{deal}", token, body, "PATCH")
    while asked(path, token)[1]["total"]["actual"] == before:
        if time.perf_counter() - start > 30:
            raise SystemExit("the changed deal is not on the board after 30 seconds")
    return time.perf_counter() - start
