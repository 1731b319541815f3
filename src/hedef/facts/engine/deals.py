"""Deals: pipeline deltas, visits of stages, closings and credit, each a pure function of one deal's known history."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import polars as pl

from hedef.kernel.money import largest_remainder, round_half_away

SPLIT = pl.col("splits").is_not_null().cast(pl.Int32).alias("split")
_DIMS = ("process", "stage", "status", "owner", "category", "close_on", "currency", "probability_bp")
_KEY = ["_entity", "_epoch"]


def _instants(states: pl.DataFrame) -> pl.DataFrame:
    """The last state of each instant: what stood there in between is no delta."""
    return states.filter(pl.col("_instant")).with_columns(_first=_first())


def _first() -> pl.Expr:
    """Whether a history begins here (rows of one history stand together)."""
    return pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in _KEY)


def _ever(states: pl.DataFrame, name: str) -> bool:
    """Whether any history ever says something for this field (mostly nothing has to be computed)."""
    return states[name].null_count() < states.height


def _former(name: str) -> pl.Expr:
    return pl.when(~pl.col("_first")).then(pl.col(name).shift(1))


def _changed(names: Sequence[str]) -> pl.Expr:
    """Whether any of the columns differs from the row before (the first row of a history differs)."""
    return pl.any_horizontal(pl.col("_first"), *(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names))


def _steps(rows: pl.DataFrame, there: str, names: Sequence[str], *, sign: str) -> pl.DataFrame:
    """-1 with the former values and +1 with the new ones wherever `there` or one of `names` changes.

    `rows` are sorted states with `_first`; `there` says whether the thing exists. Result: `_entity`, `_epoch`,
    `eff_us`, `eff_day`, the sign column, `names`.
    """
    marked = rows.with_columns(_gone=_former(there).fill_null(value=False), _changed=_changed([there, *names]))
    when = [*_KEY, "eff_us", "eff_day"]
    came = marked.filter(pl.col("_changed") & pl.col(there)).select(*when, pl.lit(1, pl.Int32).alias(sign), *names)
    former = marked.select(*when, "_changed", "_gone", *(pl.col(name).shift(1) for name in names))
    went = former.filter(pl.col("_changed") & pl.col("_gone"))
    return pl.concat([came, went.select(*when, pl.lit(-1, pl.Int32).alias(sign), *names)])


def deal_delta(states: pl.DataFrame) -> pl.DataFrame:
    """+1 where a deal begins to stand so, -1 where it ceases to; the sum up to an instant is the pipeline there."""
    rows = _instants(states).with_columns(SPLIT)
    steps = _steps(rows, "living", [*_DIMS, "amount_minor", "split"], sign="n")
    return steps.with_columns(pl.col("_entity").alias("deal"))


def credit_split(states: pl.DataFrame) -> pl.DataFrame:
    """`deal_delta` of the deals that have splits, one row per person and role with exact shares of the amount."""
    if not _ever(states, "splits"):
        return pl.DataFrame()
    rows = _of_split_deals(_instants(states), "living")
    steps = _steps(rows, "_there", [*_DIMS, "amount_minor", "splits"], sign="n")
    return _shared(steps).with_columns(pl.col("_entity").alias("deal"))


def deal_now(states: pl.DataFrame) -> pl.DataFrame:
    """One row per living deal: its state after all its known changes."""
    rows = states.filter(pl.col("_last") & pl.col("living"))
    return rows.with_columns(SPLIT, pl.col("_entity").alias("deal"), pl.lit(1, pl.Int32).alias("sign"))


_CLOSING = ("outcome", "currency", "amount_minor", "close_on", "reason", "process", "owner")


def _closings(states: pl.DataFrame) -> pl.DataFrame:
    """States with `_there` (closed), `outcome`, `reason`, and owner and process as they were when it was closed.

    Who held the deal when it was won or lost keeps the closing, also when the deal is handed over or corrected later.
    """
    rows = _instants(states)
    closed = pl.col("living") & pl.col("status").is_in(["won", "lost"]).fill_null(value=False)
    rows = rows.with_columns(
        _there=closed,
        outcome=pl.when(closed).then(pl.col("status")),
        reason=pl.when(closed & (pl.col("status") == "lost")).then(pl.col("lost_reason")),
    )
    rows = rows.with_columns(_begin=closed & (_changed(["outcome"]) | ~_former("_there").fill_null(value=False)))
    begun = pl.when(pl.col("_begin")).then(pl.int_range(pl.len())).forward_fill()
    return rows.with_columns(pl.col(name).gather(begun.fill_null(0)).alias(name) for name in ("owner", "process"))


def closing(states: pl.DataFrame) -> pl.DataFrame:
    """+1 where a deal becomes won or lost; -1 with the same values where that is withdrawn (S8): a reopening, an end,
    or another amount, currency, date, reason or outcome while it is closed."""
    if not states["status"].is_in(["won", "lost"]).any():
        return pl.DataFrame()
    rows = _closings(states).with_columns(SPLIT)
    return _steps(rows, "_there", [*_CLOSING, "split"], sign="sign").with_columns(pl.col("_entity").alias("deal"))


def closing_split(states: pl.DataFrame) -> pl.DataFrame:
    """`closing` of the deals that have splits, one row per person and role with exact shares of the amount."""
    if not _ever(states, "splits"):
        return pl.DataFrame()
    rows = _of_split_deals(_closings(states), "_there")
    steps = _steps(rows, "_there", [*_CLOSING, "splits"], sign="sign")
    return _shared(steps).with_columns(pl.col("_entity").alias("deal"))


def _of_split_deals(rows: pl.DataFrame, there: str) -> pl.DataFrame:
    """Histories that ever have splits; `_there` is true while they have some."""
    some = rows.filter(pl.col("splits").is_not_null()).select("_entity").unique()
    kept = rows.join(some, on="_entity", how="semi", maintain_order="left")
    return kept.with_columns(_there=pl.col(there) & pl.col("splits").is_not_null())


def _shared(rows: pl.DataFrame) -> pl.DataFrame:
    """Each row once per member of its split: person, role, kind, share_bp and the member's part of the amount."""
    schema = {
        "_row": pl.Int64,
        "person": pl.Int64,
        "role": pl.String,
        "kind": pl.String,
        "share_bp": pl.Int64,
        "amount_minor": pl.Int64,
    }
    parts = [
        (place, *member, part)
        for place, (text, amount) in enumerate(rows.select("splits", "amount_minor").iter_rows())
        for member, part in zip(members(text), shares(text, amount), strict=True)
    ]
    found = pl.DataFrame(parts, schema=schema, orient="row")
    numbered = rows.drop("splits", "amount_minor").with_columns(_row=pl.int_range(pl.len()))
    return numbered.join(found, on="_row", maintain_order="left").drop("_row")


@cache
def members(splits: str) -> tuple[tuple[int, str | None, str, int], ...]:
    """Person, role, kind (`revenue` or `overlay`) and share_bp of each member of a split, as the deal lists them."""
    return tuple(
        (one["person"], one.get("role"), one.get("kind") or "revenue", one["share_bp"]) for one in json.loads(splits)
    )


def shares(splits: str, amount: int | None) -> list[int | None]:
    """The members' parts of an amount. Revenue parts add up to it (largest remainder); overlay stands beside it."""
    listed = members(splits)
    if amount is None:
        return [None] * len(listed)
    revenue = [one[3] for one in listed if one[2] != "overlay"]
    parts = iter(largest_remainder(amount, revenue) if any(revenue) else [0] * len(revenue))
    return [_overlay(amount, one[3]) if one[2] == "overlay" else next(parts) for one in listed]


def _overlay(amount: int, share_bp: int) -> int:
    return round_half_away(Fraction(amount * share_bp, 10_000))


def stage_visit(states: pl.DataFrame) -> pl.DataFrame:
    """One row per unbroken stay in a stage (S1-S4, S10), the current one with `left_us` null.

    `visit_no` counts the visits of a deal, `entry_no` those in the same stage. `left_to` is the next stage, `moved`
    when the deal changed its process, `ended` when the deal ended, null while it stays (or stands in no stage).
    """
    rows = states.with_columns(_there=pl.col("living") & pl.col("stage").is_not_null())
    runs = _numbered(rows.filter(_changed(["_there", "living", "stage", "process"])), "_run")
    final = (pl.col("_run").shift(-1) == 1).fill_null(value=True)
    following = {name: pl.when(~final).then(pl.col(name).shift(-1)) for name in ("eff_us", "eff_day", *_LEFT)}
    runs = runs.with_columns(
        left_us=following["eff_us"], left_day=following["eff_day"], left_to=_left_to(following, final)
    )
    visits = _numbered(_entries(runs).filter(pl.col("_there")), "visit_no")
    return visits.with_columns(
        pl.col("_entity").alias("deal"),
        pl.col("eff_us").alias("entered_us"),
        pl.col("eff_day").alias("entered_day"),
        pl.lit(1, pl.Int32).alias("sign"),
    )


_LEFT = ("living", "process", "stage")


def _left_to(following: Mapping[str, pl.Expr], final: pl.Expr) -> pl.Expr:
    return (
        pl.when(final)
        .then(None)
        .when(~following["living"])
        .then(pl.lit("ended"))
        .when(following["process"].ne_missing(pl.col("process")))
        .then(pl.lit("moved"))
        .otherwise(following["stage"])
    )


def _numbered(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows with their number from 1 within each history (rows of one history stand together)."""
    place = pl.int_range(pl.len())
    return rows.with_columns((place - pl.when(_first()).then(place).forward_fill() + 1).alias(name))


def _entries(runs: pl.DataFrame) -> pl.DataFrame:
    """`entry_no`: how many times the history has entered that stage. Only three runs or more can enter one twice."""
    many = runs.filter(pl.col("_run") == 3).select(_KEY)
    if many.is_empty():
        return runs.with_columns(entry_no=pl.lit(1))
    again = runs.join(many, on=_KEY, how="semi", maintain_order="left")
    again = again.with_columns(entry_no=pl.int_range(1, pl.len() + 1).over([*_KEY, "_there", "process", "stage"]))
    counted = again.select(*_KEY, "_run", "entry_no")
    joined = runs.join(counted, on=[*_KEY, "_run"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("entry_no").fill_null(1))
