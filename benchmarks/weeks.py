"""Open pipeline at the end of 104 weeks, from millions of change events: signed deltas beside the two usual ways.

All three read the same Parquet events in the same process and must give the same 104 sums before a time counts.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
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


def events(count: int) -> pl.DataFrame:
    """`count` change sets of about `count / 10` deals: an opening, amounts and stages, for many a closing."""
    dice = np.random.default_rng(23)
    deal = np.sort(dice.integers(0, max(count // 10, 1), count))
    first = np.ones(count, bool)
    first[1:] = deal[1:] != deal[:-1]
    place = np.arange(count) - np.maximum.accumulate(np.where(first, np.arange(count), 0))
    opened = dice.integers(0, 640, count)[np.maximum.accumulate(np.where(first, np.arange(count), 0))]
    eff = START_US + (opened + place * dice.integers(4, 16, count)).astype(np.int64) * DAY_US + 36_000_000_000
    eff = np.maximum.accumulate(eff + deal.astype(np.int64) * 10**17) - deal.astype(np.int64) * 10**17
    last = np.ones(count, bool)
    last[:-1] = first[1:]
    status = np.where(last & (dice.random(count) < 0.8), np.where(dice.random(count) < 0.3, "won", "lost"), "open")
    cents = dice.integers(50_000, 9_000_000, count)
    return pl.DataFrame({"deal": deal, "ord": np.arange(count), "eff_us": eff, "status": status, "amount": cents})


def deltas(rows: pl.DataFrame) -> pl.DataFrame:
    """The events through the house's own derivation of `deal_delta`."""
    kind = KINDS["deal"]
    fields = stored_fields("deal")
    given = {"status": pl.col("status"), "amount_minor": pl.col("amount"), "currency": pl.lit("EUR")}
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


OURS = """
WITH weeks AS (SELECT unnest($ends) AS week_us),
moved AS (
  SELECT (SELECT min(week_us) FROM weeks WHERE week_us >= d.day_us) AS week_us, d.amount
  FROM (SELECT eff_us AS day_us, sum(n * amount_minor) AS amount FROM deltas WHERE status = 'open' GROUP BY eff_us) d
)
SELECT w.week_us, (SELECT coalesce(sum(amount), 0) FROM moved m WHERE m.week_us <= w.week_us) FROM weeks w ORDER BY 1
"""
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
    ends = [START_US + (week + 1) * 7 * DAY_US - 1 for week in range(WEEKS)]
    with tempfile.TemporaryDirectory(prefix="hedef-weeks-") as folder:
        raw, signed = Path(folder) / "events.parquet", Path(folder) / "deltas.parquet"
        rows = events(count).unique(["deal", "eff_us"], keep="last", maintain_order=True)
        rows.write_parquet(raw)
        start = time.perf_counter()
        made = deltas(rows)
        made.select("deal", "eff_us", "status", "n", "amount_minor").sort("eff_us").write_parquet(signed)
        absorbed = time.perf_counter() - start
        del rows, made
        con = duckdb.connect(config={"threads": 2})
        con.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{raw}')")
        con.execute(f"CREATE VIEW deltas AS SELECT * FROM read_parquet('{signed}')")
        ours, ours_s = _timed(lambda: [int(one) for _, one in con.execute(OURS, {"ends": ends}).fetchall()], 5)
        asof, asof_s = _timed(lambda: [int(one) for _, one in con.execute(ASOF, {"ends": ends}).fetchall()], 1)
        if ours != asof:
            raise SystemExit(f"not equal: {ours[:3]} {asof[:3]}")
        if ours != (alone := _alone(signed, ends))[0]:
            raise SystemExit(f"not equal: {ours[:3]} {alone[0][:3]}")
        naive, naive_s = _timed(lambda: [int(con.execute(NAIVE, {"end": end}).fetchall()[0][0]) for end in ends], 1)
        if ours != naive:
            raise SystemExit(f"not equal: {ours[:3]} {naive[:3]}")
    return [
        Line("DuckDB ASOF join", asof_s, None, 1.0),
        Line("naive loop, one query a week", naive_s, None, naive_s / asof_s),
        Line("hedef: sums of signed deltas (memory: in a process of its own)", ours_s, alone[1], ours_s / asof_s),
        Line("hedef: once, deriving the deltas", absorbed, None, None),
    ]


def _alone(signed: Path, ends: list[int]) -> tuple[list[int], int]:
    """The sums once more in a fresh process, and its peak in MB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(summed, str(signed), ends).result()


def summed(signed: str, ends: list[int]) -> tuple[list[int], int]:
    con = duckdb.connect(config={"threads": 2})
    con.execute(f"CREATE VIEW deltas AS SELECT * FROM read_parquet('{signed}')")
    found = [int(one) for _, one in con.execute(OURS, {"ends": ends}).fetchall()]
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(ask: Callable[[], list[int]], times: int) -> tuple[list[int], float]:
    found, best = [], []
    for _ in range(times):
        start = time.perf_counter()
        found = ask()
        best.append(time.perf_counter() - start)
    return found, sorted(best)[len(best) // 2]
