"""What a rehearsal comes to: checks of the files, and the totals of all deals as they would stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from hedef.intake.models import TrustState
from hedef.intake.run.said import state_of
from hedef.intake.run.unwritten import Unwritten
from hedef.records.engine.kinds import KINDS
from hedef.records.queries import sums
from hedef.records.services import foreseen

type Sums = Mapping[tuple[object, ...], tuple[int, int]]
"""(status, currency) of living deals -> sum of their amounts in minor units, number of deals."""

DEAL = KINDS["deal"]


@dataclass(frozen=True)
class Foreseen:
    """`before` and `after` are the same where no deal changes. `unwritten`: what the files would bring."""

    checks: Sequence[TrustState]
    before: Sums
    after: Sums
    unwritten: Unwritten = field(default_factory=Unwritten)


def totals() -> Sums:
    """All living deals as they stand."""
    return sums("deal", "amount_minor", by=("status", "currency"))


def foresee(checks: Sequence[TrustState], planned: Sequence[pl.DataFrame]) -> Foreseen:
    """`planned`: change rows of deals in the order of recording, new ones below zero."""
    before = totals()
    if not planned:
        return Foreseen(checks, before, before)
    then = foreseen(DEAL, pl.concat(planned, how="diagonal_relaxed"))
    now = state_of(DEAL, then.filter(pl.col("entity") > 0)["entity"])
    return Foreseen(checks, before, _moved(before, _summed(now), _summed(then)))


def _summed(rows: pl.DataFrame) -> dict[tuple[object, ...], tuple[int, int]]:
    missing = [pl.lit(None).alias(name) for name in ("status", "currency", "amount_minor") if name not in rows.columns]
    living = rows.with_columns(missing).filter(pl.col("ended_us").is_null())
    by = living.group_by("status", "currency").agg(pl.col("amount_minor").sum(), pl.len().alias("count"))
    return {(status, currency): (amount or 0, count) for status, currency, amount, count in by.iter_rows()}


def _moved(before: Sums, out: Sums, new: Sums) -> Sums:
    places, nothing = {*before, *out, *new}, (0, 0)
    found = {
        place: tuple(
            was - less + more
            for was, less, more in zip(
                before.get(place, nothing), out.get(place, nothing), new.get(place, nothing), strict=True
            )
        )
        for place in places
    }
    return {place: (amount, count) for place, (amount, count) in found.items()}
