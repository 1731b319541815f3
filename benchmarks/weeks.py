"""Open pipeline at the end of 104 weeks, from millions of change events: the metric beside the two usual ways.

All three rest on the same events and must give the same 104 sums before a time counts.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from benchmarks.report import Line
from hedef.facts.engine.deals import deal_delta
from hedef.facts.engine.history import states, stored_fields
from hedef.records.engine.kinds import KINDS

DAY_US = 86_400_000_000
START_US = 1_704_067_200_000_000  # 2024-01-01
WEEKS = 104
DEALS = 100_000  # whose changes are derived together

type Told = tuple[list[int], float]


def events(count: int) -> pl.DataFrame:
    """`count` change sets of about `count / 10` deals: an opening, amounts and stages, for many a closing."""
    dice = np.random.default_rng(23)
    deal = np.sort(dice.integers(0, max(count // 10, 1), count))
    first = np.ones(count, bool)
    first[1:] = deal[1:] != deal[:-1]
    begin = np.maximum.accumulate(np.where(first, np.arange(count), 0))  # where the deal's events begin
    days = np.cumsum(dice.integers(4, 16, count))
    opened = dice.integers(0, 640, count)[begin]
    eff = START_US + (opened + days - days[begin]).astype(np.int64) * DAY_US + 36_000_000_000
    last = np.ones(count, bool)
    last[:-1] = first[1:]
    status = np.where(last & (dice.random(count) < 0.8), np.where(dice.random(count) < 0.3, "won", "lost"), "open")
    cents = dice.integers(50_000, 9_000_000, count)
    return pl.DataFrame({"deal": deal, "ord": np.arange(count), "eff_us": eff, "status": status, "amount": cents})


def deltas(rows: pl.DataFrame) -> pl.DataFrame:
    """The events through the house's own derivation of `deal_delta`."""
    kind = KINDS["deal"]
    fields = stored_fields("deal")
    given = {"status": pl.col("status"), "amount_minor": pl.col("amount"), "currency": pl.lit("USD")}
    mask = sum(kind.bit(name) for name in given)
    changes = rows.select(
        pl.col("deal").alias("entity"),
        pl.col("deal").alias("_entity"),
        pl.lit(1, pl.Int64).alias("_epoch"),
        pl.lit(1, pl.Int64).alias("seal_no"),
        "ord",
        pl.lit("set").alias("act"),
        "eff_us",
        pl.from_epoch(pl.col("eff_us"), "us").dt.date().alias("eff_day"),
        pl.lit(mask, pl.Int64).alias("mask"),
        *(given.get(one.name, pl.lit(None, _type(one.type))).alias(one.name) for one in fields),
    )
    return deal_delta(states(changes, fields, "deal", "UTC"))


def _type(name: str) -> Any:
    return {"day": pl.Date(), "code": pl.String(), "text": pl.String(), "json": pl.String()}.get(name, pl.Int64())


ASOF = """
SELECT w.week_us, coalesce(sum(e.amount) FILTER (e.status = 'open'), 0)
FROM (SELECT unnest($ends) AS week_us) w CROSS JOIN (SELECT DISTINCT deal FROM events) d
ASOF JOIN events e ON e.deal = d.deal AND e.eff_us <= w.week_us GROUP BY 1 ORDER BY 1
"""
NAIVE = """
SELECT coalesce(sum(amount) FILTER (status = 'open'), 0) FROM (
  SELECT deal, arg_max(amount, ord) AS amount, arg_max(status, ord) AS status
  FROM events WHERE eff_us <= $end GROUP BY deal)
"""


def measure(count: int) -> list[Line]:
    """Each way in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory(prefix="hedef-weeks-") as folder:
        home, raw = str(Path(folder) / "home"), str(Path(folder) / "events.parquet")
        (_, absorbed), _ = _alone(absorb, home, raw, count)
        (ours, ours_s), ours_mb = _alone(hedef, home)
        (asof, asof_s), asof_mb = _alone(peer, raw, "asof")
        (naive, naive_s), naive_mb = _alone(peer, raw, "naive")
    for told in (asof, naive):
        if ours != told:
            raise SystemExit(f"not equal: {ours[:3]} {told[:3]}")
    return [
        Line("DuckDB ASOF join", asof_s, asof_mb, 1.0),
        Line("naive loop, one query a week", naive_s, naive_mb, naive_s / asof_s),
        Line("hedef: the metric open_pipeline of 104 weeks", ours_s, ours_mb, ours_s / asof_s),
        Line("hedef: once, deriving and writing the deltas", absorbed, None, None),
    ]


def absorb(home: str, raw: str, count: int) -> Told:
    """A home whose facts are the deltas of the events; seconds of deriving and writing them, and no sums."""
    opened(home)
    from hedef.facts import segments, services
    from hedef.facts.registry import tables
    from hedef.facts.store import home_store

    rows = events(count).unique(["deal", "eff_us"], keep="last", maintain_order=True)
    rows.write_parquet(raw)
    base, table, found = services.absorb(), tables()["deal_delta"], []
    start = time.perf_counter()
    for part in _slices(rows):
        signed = pl.col("amount_minor") * pl.col("n")
        made = deltas(part).with_columns(signed, known_no=pl.lit(base.watermark, pl.Int64)).sort("eff_us")
        one = segments.write_segment(home_store(), base.folder, "deal_delta", table.shaped(made), sign="n", key="deal")
        found.append(one)
    segments.publish_manifest(home_store(), replace(base, version=base.version + 1, segments=(*base.segments, *found)))
    return [], time.perf_counter() - start


def _slices(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The events of so many deals at a time."""
    for first in range(0, rows["deal"].max() + 1, DEALS):  # type: ignore[operator]  # an integer
        yield rows.filter(pl.col("deal").is_between(first, first + DEALS - 1))


def hedef(home: str) -> Told:
    """The sums as any page would ask them, the facts opened before; no answer is kept from one time to the next."""
    opened(home)
    from hedef.facts.answers import Answers
    from hedef.facts.duck import database
    from hedef.facts.store import home_store
    from hedef.metrics.queries import evaluate

    database(home_store()).answers = Answers(most=0)
    first = date(2024, 1, 1)
    weeks = [f"{year}-W{week:02}" for year, week, _ in ((first + timedelta(7 * n)).isocalendar() for n in range(WEEKS))]
    ask = partial(evaluate, "open_pipeline", periods=weeks, as_of=date(2026, 6, 30))
    ask()
    return _timed(lambda: [int(cell.value) for cell in ask()], 5)


def peer(raw: str, way: str) -> Told:
    ends = [START_US + (week + 1) * 7 * DAY_US - 1 for week in range(WEEKS)]
    con = duckdb.connect(config={"threads": 2})
    con.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{raw}')")
    if way == "asof":
        return _timed(lambda: [int(one) for _, one in con.execute(ASOF, {"ends": ends}).fetchall()], 1)
    return _timed(lambda: [int(con.execute(NAIVE, {"end": end}).fetchall()[0][0]) for end in ends], 1)


def opened(home: str) -> None:
    from hedef.cli_support import open_home

    os.environ.pop("HEDEF_DATABASE_URL", None)
    open_home(Path(home))


def _alone[**P](work: Callable[P, Told], *given: P.args, **named: P.kwargs) -> tuple[Told, int]:
    """What some work tells in a fresh process, and the peak of that process in MB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        told = pool.submit(work, *given, **named).result()
        return told, pool.submit(peak_mb).result()


def peak_mb() -> int:
    """The most that this process has held (`ru_maxrss` of a started program begins at what its parent held)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def _timed(ask: Callable[[], list[int]], times: int) -> Told:
    """The answer, and the middle of some times in seconds."""
    found, took = [], []
    for _ in range(times):
        start = time.perf_counter()
        found = ask()
        took.append(time.perf_counter() - start)
    return found, sorted(took)[len(took) // 2]
