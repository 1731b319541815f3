"""The board of 300 people on a million deals, asked over HTTP as a program would ask it."""

import secrets
import statistics
from pathlib import Path

from benchmarks import data
from benchmarks.report import Line
from benchmarks.serving import asked, hedef, serving_home

ASKED = "period=2025-Q2&as_of=2025-05-31"


def ready(rows: int, folder: Path) -> Path:
    """A home with `rows` deals of 300 people and their quarter's targets; made once in a folder."""
    home = folder / "board-home"
    if not (home / "ready").exists():
        files = [folder / "sales_teams.csv", *data.write_lists(folder), folder / "sales_pipeline.csv"]
        data.write_roster(files[0])
        data.write_pipeline(files[-1], rows)
        hedef(home, "import", *map(str, files), "--yes")
        split = ["--period", "2025-Q2", "--metric", "won_value", "--total", "90000000.00", "--levels", "team,person"]
        hedef(home, "targets", "split", "--plan", "bench", *split, "--weights", "equal", "--round-to", "1.00")
        hedef(home, "targets", "publish", "--plan", "bench")
        user = ["--name", "Bench", "--role", "operations", "--no-password"]
        hedef(home, "access", "user", "add", "bench", *user)
        (home / "ready").touch()
    return home


def measure(rows: int, folder: Path) -> list[Line]:
    home = ready(rows, folder)
    token = hedef(home, "access", "token", "make", "bench", secrets.token_hex(4))
    lines = []
    with serving_home(home) as base:
        for label, path in (
            ("board by team", f"/api/v1/targets/scoreboard?{ASKED}&by=team"),
            ("board by person (300 people)", f"/api/v1/targets/scoreboard?{ASKED}&by=person"),
            ("one metric, the quarter", "/api/v1/metrics/win_rate?period=2025-Q2&as_of=2025-06-30"),
        ):
            first, _ = asked(base + path, token["token"])
            times = sorted(asked(base + path, token["token"])[0] for _ in range(40))
            lines.append(Line(f"{label}: first answer", first, None, None))
            lines.append(Line(f"{label}: median of 40", statistics.median(times), None, None))
            lines.append(Line(f"{label}: p95 of 40", times[37], None, None))
    return lines
