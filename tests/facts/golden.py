"""Every answer of a home as text, for comparing engines and time zones: python -m tests.facts.golden (HEDEF_HOME)."""

import hashlib
import json
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

PERIOD = "2026-Q3"
ROOMS = Path(__file__).parents[2] / "src" / "hedef"
JULY, OCTOBER = date(2026, 7, 1), date(2026, 10, 1)
PARAMS = {
    "as_of_us": 1_794_949_199_999_999,
    "as_of_day": date(2026, 11, 17),
    "from_us": 1_782_853_199_999_999,  # when the third quarter began
    "at_us": 1_790_801_999_999_999,  # and ended
    "at_day": date(2026, 9, 30),
    "from_day": JULY,
    "to_day": date(2026, 12, 31),
    "until_day": OCTOBER,
    "end_day": OCTOBER,
    "everything": 1,
    "owners": [1],
    "process": "new-business",
    "within_days": 90,
    "since_us": 0,
    "first_order": 20,
    "second_order": 30,
    **dict.fromkeys(("stage", "criterion", "result"), ""),
}
TRIAL = {"stage": "propose", "from_day": date(2026, 1, 1)}
LENT = {
    "windows": [(0, date(2026, 1, 1), date(2027, 1, 1)), (1, JULY, date(2026, 8, 1))],
    "forecast_value": [
        (1, 1, JULY, 30, "EUR", 12_345),
        (2, None, JULY, 60, "EUR", None),
        (3, 1, OCTOBER, 30, "EUR", 9),
    ],
    "customer_risk": [(1, JULY, None, "red"), (2, JULY, OCTOBER, "green")],
    "pay_entry": [(1, JULY, "commission", "EUR", 5_000), (None, OCTOBER, "bonus", "EUR", -7)],
}
TYPES = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "VARCHAR": pa.string()}
PUBLISHED = ("stage", "stage_rate", "exit_check", "target_line", "target_effective")


def questions() -> list[str]:
    """Every question file of every room."""
    files = sorted(ROOMS.glob("*/sql/*.sql"))
    return [f"{one.parents[1].name}/{one.stem}" for one in files if not one.stem.startswith("view_")]


def asked() -> dict[str, Any]:
    """The rows of every question file, for the deals that the home has, and of every table that a room publishes."""
    from hedef.facts.queries import Question, ask, pin
    from hedef.facts.registry import question_schema

    held = pin()
    deals = [
        row["deal"] for row in ask(Question("all", "SELECT deal FROM deal_now ORDER BY deal"), pin=held).as_dicts()
    ]
    given = {**PARAMS, "deals": deals, "deal": deals[0], "stages": ["propose"]}
    found: dict[str, Any] = {}
    for name in questions():
        text = (ROOMS / name.split("/")[0] / "sql" / f"{name.split('/')[1]}.sql").read_text()
        more = TRIAL if "/trial_" in name else {}
        rows = ask(name, params=given | more, inputs=lent(text), pin=held).as_dicts()
        found[name] = told(rows, ordered="\nORDER BY" in text)
    for table in PUBLISHED:
        columns = ", ".join(f"t.{name}" for name in question_schema()[table])
        rows = ask(Question(table, f"SELECT {columns} FROM {table} t"), pin=held).as_dicts()
        found[f"table {table}"] = told(rows, ordered=False)
    return found


def lent(text: str) -> dict[str, pa.Table]:
    """The tables that a question takes from its caller, by its head: `-- inputs: name(column TYPE, ...)`."""
    found = {}
    for head in re.findall(r"-- inputs: (.+)", text):
        for name, inside in re.findall(r"(\w+)\(([^)]*)\)", head):
            schema = pa.schema([(word.split()[0], TYPES[word.split()[1]]) for word in inside.split(",")])
            columns = zip(*LENT[name], strict=True)
            found[name] = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    return found


def told(rows: list[dict[str, Any]], *, ordered: bool) -> list[str]:
    lines = [json.dumps(row, default=str, sort_keys=True) for row in rows]
    return lines if ordered else sorted(lines)


def answers(day: date) -> dict[str, Any]:
    """Each number of the metric library, the boards and the processes as they stand on a day."""
    from hedef.metrics import queries as metrics
    from hedef.process import queries as process
    from hedef.targets import queries as targets

    found: dict[str, Any] = {}
    names = [one["metric"] for one in metrics.documents_json(day, known_no=None)]
    cells = metrics.evaluate(names, periods=[PERIOD], as_of=day, by=["company", "team"])
    found |= {name: [repr(one) for one in cells if one.metric == name] for name in names}
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

    every = asked() | answers(HEDEF.today or date(2026, 11, 17))
    lines = {name: hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest() for name, one in every.items()}
    json.dump(lines, sys.stdout)


if __name__ == "__main__":
    main()
