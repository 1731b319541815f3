"""python -m benchmarks [PART]... [--rows N] [--events N]: measure what the issue names, beside the peers it names."""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import board, dashboard, imports, scoreboard, seen, targets, weeks
from benchmarks.report import show

PARTS = ("imports", "long", "board", "scoreboard", "targets", "dashboard", "reading", "seen", "weeks")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", default=[], help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="deals of the import and the board")
    parser.add_argument("--events", type=int, default=10_000_000, help="change events of the weeks")
    parser.add_argument("--long", type=int, default=10_000_000, help="rows of the long file")
    parser.add_argument("--folder", type=Path, default=None, help="keep the made files here")
    asked = parser.parse_args()
    what = asked.what or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="hedef-bench-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if "imports" in what:
            lines = imports.measure("", asked.rows, folder)
            server = os.environ.get("HEDEF_DATABASE_URL", "")
            if server:
                lines += imports.measure(server, asked.rows, folder)
            else:
                print("PostgreSQL is left out: run it as scripts/with_postgres.sh .venv/bin/python -m benchmarks")
            show(f"Import: {asked.rows:,} deals", lines)
        if "long" in what:
            show(f"Long: {asked.long:,} rows in one file", imports.long_file(asked.long, folder))
        if "board" in what:
            show(f"Board: 300 people on {asked.rows:,} deals over HTTP", board.measure(asked.rows, folder))
        if "scoreboard" in what:
            show(f"Scoreboard: eight metrics on {asked.rows:,} deals over HTTP", scoreboard.measure(asked.rows, folder))
        if "targets" in what:
            show("Targets: 120,000 lines from one file", targets.measure(folder))
        if "dashboard" in what:
            show(f"Dashboard: six questions on {asked.rows:,} deals over HTTP", dashboard.measure(asked.rows, folder))
        if "reading" in what:
            show(f"Reading: any date, and the layer, on {asked.rows:,} deals", seen.reading(asked.rows, folder))
        if "seen" in what:
            show(f"Seen: a change in every process, on {asked.rows:,} deals", seen.measure(asked.rows, folder))
        if "weeks" in what:
            show(f"Weeks: 104 weeks of pipeline from {asked.events:,} change events", weeks.measure(asked.events))


if __name__ == "__main__":
    main()
