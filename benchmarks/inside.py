"""Measured inside one process of a home: any date, the layer over raw DuckDB, an edit that others must see.

Run as a program of its own (HEDEF_HOME names the home): python -m benchmarks.inside dates|layer|edit ...
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

TIMES = 60
LAYER = {
    "open deals of each owner": "SELECT d.owner, sum(d.n) AS n, sum(d.amount_minor) AS minor FROM deal_delta d "
    "WHERE d.known_no <= :known_no AND d.eff_us <= :as_of_us AND d.status = 'open' GROUP BY d.owner "
    "HAVING sum(d.n) > 0 ORDER BY d.owner",
    "won by owner and month": "SELECT c.owner, k.month, sum(c.amount_minor) AS minor, sum(c.sign) AS n FROM closing c "
    "JOIN calendar k ON k.day = c.eff_day WHERE c.known_no <= :known_no AND c.outcome = 'won' "
    "GROUP BY c.owner, k.month ORDER BY c.owner, k.month",
    "visits of each stage": "SELECT v.stage, sum(v.sign) AS n, count(DISTINCT v.deal) AS deals FROM stage_visit v "
    "WHERE v.entered_us <= :as_of_us GROUP BY v.stage ORDER BY v.stage",
}
NOW_US = 1_795_478_400_000_000  # 2026-11-24


def _ready() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hedef.settings"
    import django

    django.setup()


def _median(ask: Callable[[], Any], times: int = TIMES) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def dates() -> dict[str, float]:
    """Median seconds of the open pipeline at random days, as known now and as known before the newest batch."""
    from hedef.facts.queries import pin
    from hedef.metrics.queries import evaluate

    dice = random.Random(5)
    days = [date(2024, 6, 1) + timedelta(days=dice.randrange(700)) for _ in range(TIMES)]
    newest = pin().known_no

    def at(day: date, known: int | None) -> None:
        evaluate("open_deals", periods=[str(day.year)], as_of=day, by="company", known_at=known)

    at(days[0], None)
    at(days[0], newest - 1)
    told = iter(days * 2)
    return {
        "any date, known now": _median(lambda: at(next(told), None)),
        "any date, known at an earlier seal": _median(lambda: at(next(told), newest - 1)),
    }


def layer() -> dict[str, float]:
    """Median seconds of questions through the facts and of the same SQL on a bare DuckDB over the same files."""
    import duckdb
    from django.conf import settings

    from hedef.facts.engine.questions import Question, bound, tables_of
    from hedef.facts.queries import ask, pin

    held = pin()
    params = {"known_no": held.known_no, "as_of_us": NOW_US}
    raw = duckdb.connect()
    for name in ("deal_delta", "closing", "stage_visit", "calendar"):
        files = [str(settings.HEDEF.facts_dir / one.path) for one in held.manifest.of(name)]
        if files:
            raw.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet({files})")
    found = {}
    for label, sql in LAYER.items():
        text = bound(sql)
        needed = {name: value for name, value in params.items() if f"${name}" in text}
        question = Question(f"bench/{label}", sql, tables=tuple(tables_of(sql)))
        ours = ask(question, pin=held, params=params).rows.to_pylist()
        theirs = raw.sql(text, params=needed).to_arrow_table().to_pylist()
        if ours != [{name: int(value) if name in ("n", "minor") and value is not None else value
                     for name, value in row.items()} for row in theirs]:  # fmt: skip
            raise SystemExit(f"{label}: not equal {ours[:2]} {theirs[:2]}")
        mine: list[float] = []
        bare: list[float] = []
        for _ in range(5):  # in turns, so that a busy machine hits both alike
            mine.append(_median(lambda question=question: ask(question, pin=held, params=params), 20))
            bare.append(_median(lambda text=text, needed=needed: raw.sql(text, params=needed).to_arrow_table(), 20))
        found[f"{label}: facts"], found[f"{label}: bare DuckDB"] = statistics.median(mine), statistics.median(bare)
    return found


def edit(number: int) -> dict[str, Any]:
    """Give the newest open deal another amount from this moment on; when it was committed.

    From this moment: what the import of an export without history says holds from the import on, not before.
    """
    from hedef.records.models import MODELS
    from hedef.records.services import change

    deal = MODELS["deal"].objects.filter(status="open").order_by("-entity")[0]
    before = deal.amount_minor or 0
    change(
        kind="deal",
        entity=deal.entity,
        fields={"amount_minor": before + number},
        effective_us=time.time_ns() // 1000,
        actor="bench",
    )
    return {"committed": time.time(), "more": number}


if __name__ == "__main__":
    _ready()
    told = {"dates": dates, "layer": layer}.get(sys.argv[1])
    print(json.dumps(told() if told else edit(int(sys.argv[2]))), flush=True)
