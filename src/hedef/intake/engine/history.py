"""Readers of history: whole rows, key and value, one date column a stage, ranges. Pure: polars frames in and out.

A history frame has `deal` text (the source's id of the deal), `at_us` int64, `row` int64 (place in the file), maybe
`id` text (id of the history row), and fields named as in `records.engine.kinds`. What leaves has `mask` as well, in
the order in which the ledger shall count it: same instant, then the source's own sequence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

type Rule = Literal["file", "reversed", "id_down", "id_up"]
RULES: tuple[Rule, ...] = ("file", "id_down", "id_up", "reversed")
ENOUGH = 99  # per cent of deals whose replayed last state must be the current one, else ask


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """The rule for rows of one instant, and how many deals end in their current state under it (null: no file)."""

    rule: Rule
    right: int | None
    deals: int | None
    scores: Mapping[str, int]

    @property
    def sure(self) -> bool:
        """True as well where every rule ends alike: then the order of an instant is no question."""
        if len(set(self.scores.values())) <= 1:
            return True
        return self.right is None or self.deals is None or self.right * 100 >= self.deals * ENOUGH


def in_order(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Rows by instant and, within one instant, by the rule. Ids are compared by the number they end with."""
    if rule in ("id_up", "id_down") and "id" in rows.columns:
        number = pl.col("id").str.extract(r"(\d+)\D*$").cast(pl.Int64, strict=False)
        keyed = rows.with_columns(number.alias("__number"))
        down = rule == "id_down"
        ordered = keyed.sort(
            "at_us", "__number", "id", descending=[False, down, down], nulls_last=True, maintain_order=True
        )
        return ordered.drop("__number")
    return rows.sort("at_us", "row", descending=[False, rule == "reversed"], maintain_order=True)


def choose_order(rows: pl.DataFrame, current: pl.DataFrame | None, *, field: str = "stage") -> OrderChoice:
    """The rule whose last `field` agrees with the current-state file for most deals; ties: the order of `RULES`.

    current: `deal`, `field`. Without it, or when no deal is in both, the file's own order counts.
    """
    if current is None or not current.height:
        return OrderChoice("file", None, None, {})
    scores: dict[str, int] = {}
    deals = 0
    for rule in RULES:
        if rule.startswith("id") and "id" not in rows.columns:
            continue
        last = in_order(rows, rule).group_by("deal").agg(pl.col(field).last())
        both = last.join(current.select("deal", pl.col(field).alias("now")), on="deal", how="inner")
        deals = both.height
        scores[rule] = both.filter(pl.col(field).eq_missing(pl.col("now"))).height
    if not deals:
        return OrderChoice("file", None, None, {})
    best = max(scores, key=lambda rule: (scores[rule], -RULES.index(rule)))
    return OrderChoice(best, scores[best], deals, scores)  # type: ignore[arg-type]


def together(choices: Iterable[OrderChoice]) -> OrderChoice:
    """The choice for a history whose parts were judged one by one: deals and scores add up."""
    scores: dict[str, int] = {}
    deals = 0
    for one in choices:
        deals += one.deals or 0
        for rule, right in one.scores.items():
            scores[rule] = scores.get(rule, 0) + right
    if not deals:
        return OrderChoice("file", None, None, {})
    best = max(scores, key=lambda rule: (scores[rule], -RULES.index(rule)))
    return OrderChoice(best, scores[best], deals, scores)  # type: ignore[arg-type]


def differences(ordered: pl.DataFrame, fields: Mapping[str, int]) -> pl.DataFrame:
    """Whole rows become changes: `mask` has a field's bit where it differs from the deal's row before.

    The first row of a deal sets what it holds. A value that vanishes is set to null. Rows with mask 0 say nothing new.
    """
    first = pl.col("deal").is_first_distinct()
    bits = []
    for name, bit in fields.items():
        before = pl.col(name).shift(1).over("deal")
        differs = pl.when(first).then(pl.col(name).is_not_null()).otherwise(pl.col(name).ne_missing(before))
        bits.append(pl.when(differs).then(pl.lit(bit, dtype=pl.Int64)).otherwise(0))
    return ordered.with_columns(pl.sum_horizontal(bits).cast(pl.Int64).alias("mask"), first.alias("first"))


def stage_dates(rows: pl.DataFrame, columns: Sequence[tuple[str, str]], bit: int) -> pl.DataFrame:
    """One instant column a stage -> one change a filled cell. `columns`: (column, stage) in the order of the process.

    Two stages entered at one instant keep the order of the process.
    """
    parts = [
        rows.filter(pl.col(column).is_not_null()).select(
            "deal", "row", pl.col(column).alias("at_us"), pl.lit(stage).alias("stage"), pl.lit(place).alias("__place")
        )
        for place, (column, stage) in enumerate(columns)
    ]
    if not parts:
        return pl.DataFrame(schema={"deal": pl.String, "row": pl.Int64, "at_us": pl.Int64, "stage": pl.String})
    long = pl.concat(parts).sort("at_us", "__place", "row").drop("__place")
    return long.with_columns(pl.lit(bit, dtype=pl.Int64).alias("mask"))


def overlaps(rows: pl.DataFrame, who: str) -> pl.DataFrame:
    """Rows whose range begins before the former range of the same `who` has ended (`from_day`, `to_day` half-open)."""
    ordered = rows.sort(who, "from_day", nulls_last=False)
    before = pl.col("to_day").shift(1).over(who)
    not_first = pl.col(who).is_first_distinct().not_()
    open_before = before.is_null() & not_first
    return ordered.filter(open_before | (not_first & (pl.col("from_day") < before)))
