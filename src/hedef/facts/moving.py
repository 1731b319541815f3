"""Which numbers move when a batch is taken back: the next absorption rehearsed in memory, summed up by number.

What a facts table would add for an undo is exactly how far its sums move, so the list is right by construction. It is
made in slices of entities, so a batch of a million rows needs no more memory than a small one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from hedef.facts.absorb import Build, Stored, store_name
from hedef.facts.calendars import company_calendar
from hedef.facts.engine import history
from hedef.facts.services import absorb
from hedef.facts.store import home_store
from hedef.kernel.calendar import Calendar
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_us
from hedef.ledger.acts import Moved
from hedef.ledger.browsing import kinds_of_seals
from hedef.ledger.engine import BatchLine, dead
from hedef.ledger.queries import undo_lines
from hedef.ledger.services import LedgerBatch
from hedef.settings import now

_SLICE = 100_000  # entities rehearsed at once

type _Key = tuple[str, str, str | None]  # number, of what, currency


@dataclass
class _Sums:
    """Signed sums of what the tables would add."""

    as_of_us: int
    calendar: Calendar
    count: Counter[_Key] = field(default_factory=Counter)
    amount: Counter[_Key] = field(default_factory=Counter)

    def add(self, number: str, of: str, currency: str | None, count: int, amount: int | None) -> None:
        key = (number, of, currency)
        self.count[key] += count
        self.amount[key] += amount or 0

    def quarter(self, day: date | None) -> str:
        """The fiscal quarter of a day; empty without a day."""
        return "" if day is None else self.calendar.period_of(day, "quarter").id

    def moved(self) -> tuple[Moved, ...]:
        """What is left of them, by number and what it is of."""
        left = [key for key in self.count if self.count[key] or self.amount[key]]
        keys = sorted(left, key=lambda key: tuple(map(str, key)))
        return tuple(
            Moved(number, of, self.count[number, of, currency], _money(self.amount, number, of, currency), currency)
            for number, of, currency in keys
        )


def _money(amounts: Counter[_Key], number: str, of: str, currency: str | None) -> int | None:
    return None if number in _COUNTED else amounts[number, of, currency]


def moved(batch: LedgerBatch) -> Sequence[Moved]:
    """Every number that moves when the sealed batch is taken back, after minus before.

    `open_pipeline` (by currency), `pipeline_of` (owner), `deals_in_stage`, `won` and `lost` (fiscal quarter), `orders`
    (fiscal quarter), `activities` (kind), and `rows` of every other table whose number of rows changes.
    """
    manifest = absorb()
    if batch.seal_no is None or batch.seal_no > manifest.watermark:
        return ()
    build = _Rehearsal(home_store(), manifest.folder, manifest, manifest.time_zone)
    build.take_back(batch.seal_no)
    return build.sums.moved()


class _Rehearsal(Build):
    """A version of the facts whose new rows are summed up instead of written."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sums = _Sums(to_us(now()), company_calendar())

    def take_back(self, seal_no: int) -> None:
        """Add what an undo of that seal, sealed next, would make known."""
        after = self.base.watermark
        after_undo = [*undo_lines(after), BatchLine(after + 1, seal_no)]
        toggled = sorted(dead(after_undo[:-1]) ^ dead(after_undo))
        for kind in sorted(kinds_of_seals(toggled).intersection(self.fields)):
            fields = self.fields[kind]
            stored = Stored(self.store, self.segments.get(store_name(kind), ()), fields)
            for part in _parts(stored.entities_of_seals(toggled)):
                new = history.signed_changes(stored.empty, _Only(stored, part), after_undo, after=after)
                if not new.is_empty():
                    new = new.sort("entity", "known_no", "eff_us", "seal_no", "ord")
                    self._derive(kind, new, stored, after)

    def add(self, table: str, rows: pl.DataFrame, *, sign: str, key: str) -> None:  # noqa: ARG002 - of `Build`
        if not rows.is_empty():
            _SUMMED.get(table, _rows)(self.sums, table, rows.with_columns(pl.col(sign).alias("_sign")))


def _parts(entities: pl.Series) -> Iterator[pl.Series]:
    every = entities.sort()
    return (every.slice(start, _SLICE) for start in range(0, len(every), _SLICE))


@dataclass(frozen=True, slots=True)
class _Only:
    """Stored changes of some entities (`engine.history.Former`)."""

    stored: Stored
    entities: pl.Series

    def of_entities(self, entities: pl.Series) -> pl.DataFrame:
        return self.stored.of_entities(entities)

    def entities_of_seals(self, seals: Sequence[int]) -> pl.Series:  # noqa: ARG002 - asked for those seals already
        return self.entities


# --- sums by table ----------------------------------------------------------------------------------------------------


def _pipeline(sums: _Sums, _table: str, rows: pl.DataFrame) -> None:
    """The pipeline as it stands now: what becomes true later does not count yet."""
    standing = rows.filter((pl.col("eff_us") <= sums.as_of_us) & pl.col("status").is_in(["open", "hold"]))
    totals = standing.group_by("process", "stage", "owner", "currency").agg(pl.col("_sign", "amount_minor").sum())
    for process, stage, owner, currency, count, amount in totals.iter_rows():
        sums.add("open_pipeline", currency or "", currency, count, amount)
        sums.add("pipeline_of", "" if owner is None else spell("person", owner), currency, count, amount)
        sums.add("deals_in_stage", f"{process or ''}/{stage or ''}", None, count, None)


def _closings(sums: _Sums, _table: str, rows: pl.DataFrame) -> None:
    closed = rows.filter(pl.col("eff_us") <= sums.as_of_us)
    signed = closed.with_columns(pl.col("amount_minor") * pl.col("_sign"))
    totals = signed.group_by("eff_day", "outcome", "currency").agg(pl.col("_sign", "amount_minor").sum())
    for day, outcome, currency, count, amount in totals.iter_rows():
        sums.add(outcome, sums.quarter(day), currency, count, amount)


def _orders(sums: _Sums, _table: str, rows: pl.DataFrame) -> None:
    signed = rows.with_columns(pl.col("amount_minor") * pl.col("_sign"))
    totals = signed.group_by("day", "currency").agg(pl.col("_sign", "amount_minor").sum())
    for day, currency, count, amount in totals.iter_rows():
        sums.add("orders", sums.quarter(day), currency, count, amount)


def _activities(sums: _Sums, _table: str, rows: pl.DataFrame) -> None:
    for kind, count in rows.group_by("kind").agg(pl.col("_sign").sum()).iter_rows():
        sums.add("activities", kind or "", None, count, None)


def _rows(sums: _Sums, table: str, rows: pl.DataFrame) -> None:
    sums.add("rows", table, None, int(rows["_sign"].sum()), None)


def _nothing(_sums: _Sums, _table: str, _rows: pl.DataFrame) -> None:
    """Tables whose rows are said by another one."""


_COUNTED = {"deals_in_stage", "activities", "rows"}
_SUMMED: dict[str, Callable[[_Sums, str, pl.DataFrame], None]] = {
    "deal_delta": _pipeline,
    "closing": _closings,
    "order_header": _orders,
    "activity": _activities,
    "credit_split": _nothing,
    "closing_split": _nothing,
    "stage_visit": _nothing,
}
