"""Every answer of a home as text, for comparing engines and time zones: python -m tests.facts.golden (HEDEF_HOME)."""

import hashlib
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

LEVELS = (["company"], ["team"], ["person"], ["region"])
PERIODS = ("2026-Q3",)
ROOMS = Path(__file__).parents[2] / "src" / "hedef"
PARAMS = {
    "as_of_us": 1_794_949_199_999_999,
    "as_of_day": date(2026, 11, 17),
    "from_day": date(2026, 7, 1),
    "to_day": date(2026, 12, 31),
    "end_day": date(2027, 1, 1),
    "everything": 1,
    "owners": [1],
    "process": "new-business",
    "within_days": 90,
    "since_us": 0,
    **dict.fromkeys(("stage", "criterion", "result"), ""),
}


def questions() -> list[str]:
    """Every question file of every room."""
    files = sorted(ROOMS.glob("*/sql/*.sql"))
    return [f"{one.parents[1].name}/{one.stem}" for one in files if not one.stem.startswith("view_")]


def asked() -> dict[str, Any]:
    """The rows of every question file, for the deals that the home has."""
    from hedef.facts.queries import Question, ask, pin

    held = pin()
    deals = [
        row["deal"] for row in ask(Question("all", "SELECT deal FROM deal_now ORDER BY deal"), pin=held).as_dicts()
    ]
    given = {**PARAMS, "deals": deals, "deal": deals[0], "stages": ["propose"]}
    windows = pa.table(
        {
            "no": pa.array([0, 1], pa.int32()),
            "from_day": pa.array([date(2026, 1, 1), date(2026, 7, 1)], pa.date32()),
            "to_day": pa.array([date(2027, 1, 1), date(2026, 8, 1)], pa.date32()),
        }
    )
    found: dict[str, Any] = {}
    for name in questions():
        text = (ROOMS / name.split("/")[0] / "sql" / f"{name.split('/')[1]}.sql").read_text()
        lent = {"windows": windows} if "-- inputs: windows(" in text else {}
        rows = ask(name, params=given, inputs=lent, pin=held).as_dicts()
        ordered = "ORDER BY" in text
        told = [json.dumps(row, default=str, sort_keys=True) for row in rows]
        found[name] = told if ordered else sorted(told)
    return found


def answers(day: date) -> dict[str, Any]:
    """Each number of the metric library, the boards and the processes as they stand on a day."""
    from hedef.kernel.errors import HedefError
    from hedef.metrics import queries as metrics
    from hedef.process import queries as process
    from hedef.targets import queries as targets

    found: dict[str, Any] = {}
    for one in metrics.documents_json(day, known_no=None):
        for level in LEVELS:
            for period in PERIODS:
                name = f"{one['metric']} by {level[0]} in {period}"
                try:
                    told = metrics.evaluate(one["metric"], periods=[period], as_of=day, by=level)
                    found[name] = metrics.cells_json(told)
                except HedefError as fault:
                    found[name] = str(fault)
    for by in ("team", "person"):
        found[f"board by {by}"] = targets.scoreboard(period="2026-Q4", as_of=day, by=by).as_json()
    for name in process.in_force(day):
        found[f"process {name}"] = process.show(name, as_of=day)
    return found


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hedef.settings"
    import django

    django.setup()
    from hedef.settings import HEDEF

    told = asked() | answers(HEDEF.today or date(2026, 11, 17))
    lines = {name: hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest() for name, one in told.items()}
    json.dump(lines, sys.stdout)


if __name__ == "__main__":
    main()
