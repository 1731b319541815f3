"""Recurring revenue: monthly amounts that begin and end, of contracts and of won deals."""

import polars as pl

from hedef.facts.engine.history import day_start

_KEY = ["_entity", "_epoch"]


def contract_recurring(states: pl.DataFrame) -> pl.DataFrame:
    """+1 on the day from which an account pays a contract's monthly amount, -1 on the day from which no longer.

    The terms first known reach back to the contract's own start; later ones count from their change. `ends_on` is the
    last day that is paid for; without it the contract goes on.
    """
    rows = _with_next(states)
    own, later = pl.coalesce("starts_on", "eff_day"), pl.max_horizontal("starts_on", "eff_day")
    begins = pl.when(pl.col("_begins")).then(own).otherwise(later)
    ends = pl.min_horizontal(pl.col("ends_on").dt.offset_by("1d"), "_next_day")
    runs = rows.with_columns(_from=begins, _until=ends, _paid=pl.col("living"), contract=pl.col("_entity"))
    return _steps(runs, states, ["contract", "account", "deal", "currency", "monthly_minor"])


def deal_recurring(states: pl.DataFrame) -> pl.DataFrame:
    """The same of a won deal: `recurring_minor` a month from the day it was won, for `recurring_months` (none: on)."""
    if states["recurring_minor"].null_count() == states.height:
        return pl.DataFrame()
    won = pl.col("living") & (pl.col("status") == "won").fill_null(value=False)
    rows = _with_next(states).with_columns(_paid=won)
    enters = pl.col("_paid") & (pl.col("_begins") | ~pl.col("_paid").shift(1))
    rows = rows.with_columns(_won_on=pl.when(enters).then(pl.col("eff_day")).forward_fill())
    term = pl.col("_won_on").dt.offset_by(pl.concat_str(pl.col("recurring_months").fill_null(0), pl.lit("mo")))
    term = pl.when(pl.col("recurring_months").is_not_null()).then(term)
    runs = rows.with_columns(
        _from=pl.col("eff_day"),
        _until=pl.min_horizontal(term, "_next_day"),
        monthly_minor=pl.col("recurring_minor"),
        deal=pl.col("_entity"),
    )
    return _steps(runs, states, ["account", "deal", "currency", "monthly_minor"])


def _with_next(states: pl.DataFrame) -> pl.DataFrame:
    """The states that end an instant, each with the day of the next one (`_next_day`) and whether a history begins."""
    rows = states.filter(pl.col("_instant"))
    begins = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in _KEY)
    rows = rows.with_columns(_begins=begins)
    last = pl.col("_begins").shift(-1).fill_null(value=True)
    return rows.with_columns(_next_day=pl.when(~last).then(pl.col("eff_day").shift(-1)))


def _steps(runs: pl.DataFrame, states: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """+1 at `_from` and -1 at `_until` of each run that pays; what ends and begins alike on one day cancels out."""
    amount = pl.col("monthly_minor")
    paid = runs.filter(pl.col("_paid") & amount.is_not_null() & (amount != 0) & pl.col("_from").is_not_null()).filter(
        pl.col("_until").is_null() | (pl.col("_from") < pl.col("_until"))
    )
    came = paid.select(*_KEY, pl.col("_from").alias("eff_day"), *names, pl.lit(1, pl.Int32).alias("sign"))
    left = paid.filter(pl.col("_until").is_not_null())
    went = left.select(*_KEY, pl.col("_until").alias("eff_day"), *names, pl.lit(-1, pl.Int32).alias("sign"))
    both = pl.concat([came, went])
    if both.is_empty():
        return pl.DataFrame()
    summed = both.group_by(*_KEY, "eff_day", *names, maintain_order=True).agg(pl.col("sign").sum())
    zone = str(states["_zone"][0])
    return summed.filter(pl.col("sign") != 0).with_columns(day_start(pl.col("eff_day"), zone).alias("eff_us"))
