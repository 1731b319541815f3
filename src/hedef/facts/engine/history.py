"""From change tables to what was known of each entity, seal by seal.

**Store**: every change with the sign by which it came to count or ceased to count (`known_no`, `sign`); the sum of the
signs up to a seal says whether a change counts there, so voids and undone batches need no special case further on.
**Epoch**: a seal at which an entity's known history changed. Tables are computed per (entity, epoch).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import polars as pl

from hedef.ledger.engine import BatchLine, dead
from hedef.records.engine.kinds import ALWAYS_US, KINDS, Field

STORE: dict[str, pl.DataType] = {
    "entity": pl.Int64(),
    "seal_no": pl.Int64(),
    "ord": pl.Int64(),
    "known_no": pl.Int64(),
    "sign": pl.Int32(),
    "act": pl.String(),
    "eff_us": pl.Int64(),
    "eff_day": pl.Date(),
    "mask": pl.Int64(),
    "void_seal": pl.Int64(),
    "void_ord": pl.Int64(),
}
_TYPES: dict[str, pl.DataType] = {"day": pl.Date(), "code": pl.String(), "text": pl.String(), "json": pl.String()}
_DAY_US = 86_400_000_000
_LAST_US = 253_402_300_799_999_999  # end of the year 9999
_IDENTITY = ["entity", "seal_no", "ord"]


def stored_fields(kind: str, wanted: Iterable[str] = ()) -> tuple[Field, ...]:
    """The fields of a kind that facts keep: tracked ones and `wanted` ones, never words."""
    keep = set(wanted)
    return tuple(one for one in KINDS[kind].fields if (one.tracked or one.name in keep) and not one.word)


def field_type(one: Field) -> pl.DataType:
    if one.type == "bool":
        return pl.Boolean()
    return _TYPES.get(one.type, pl.Int64())


def store_schema(fields: Iterable[Field]) -> dict[str, pl.DataType]:
    return {**STORE, **{one.name: field_type(one) for one in fields}}


def zones_text(zones: Sequence[tuple[date, str]]) -> str:
    """Zones of the company with the first day of each, as one text: `UTC` or `UTC 2027-01-01=Europe/Istanbul`."""
    parts: list[str] = []
    for start, zone in zones:
        if not parts:
            parts.append(zone)
        elif zone != parts[-1].rpartition("=")[2]:
            parts.append(f"{start.isoformat()}={zone}")
    return " ".join(parts)


def zones_of(text: str) -> list[tuple[date, str]]:
    """The zones of `zones_text`; the first counts since always."""
    first, *later = text.split()
    pairs = (part.partition("=") for part in later)
    return [(date.min, first), *((date.fromisoformat(start), zone) for start, _, zone in pairs)]


def day_of(instant: pl.Expr, zones: str) -> pl.Expr:
    """The company day of an instant (microseconds UTC); instants at the edge of time are held there.

    `zones` is a `zones_text`: a day belongs to the zone in force then, so a company that moves keeps its past days.
    """
    inside = pl.from_epoch(instant.clip(ALWAYS_US + _DAY_US, _LAST_US - _DAY_US), "us").dt.replace_time_zone("UTC")
    (_, first), *later = zones_of(zones)
    day = inside.dt.convert_time_zone(first).dt.date()
    for start, zone in later:
        there = inside.dt.convert_time_zone(zone).dt.date()
        before = pl.when(day >= start).then(start - timedelta(days=1)).otherwise(day)
        day = pl.when(there >= start).then(there).otherwise(before)
    early, late = instant < ALWAYS_US + _DAY_US, instant > _LAST_US - _DAY_US
    return pl.when(early).then(date.min).when(late).then(date.max).otherwise(day)


def day_start(day: pl.Expr, zones: str) -> pl.Expr:
    """The first instant of a company day (microseconds UTC); where midnight is skipped, the hour after it."""
    (_, first), *later = zones_of(zones)
    start = _midnight(day, first)
    for since, zone in later:
        start = pl.when(day >= since).then(_midnight(day, zone)).otherwise(start)
    return start


def _midnight(day: pl.Expr, zone: str) -> pl.Expr:
    local = day.cast(pl.Datetime("us"))
    at = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    after = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(at, after).dt.timestamp("us")


def read_changes(
    table: pl.DataFrame, *, seal_no: int, batch: int, seals: Mapping[int, int], fields: Sequence[Field], zone: str
) -> pl.DataFrame:
    """A decoded change table in the columns of the store, each row with sign 1 at its own seal.

    `seals` turns batch numbers into seal numbers (for voids).
    """
    have = set(table.columns)
    voided = table["void_batch"].drop_nulls().unique() if "void_batch" in have else ()
    seal_of = {one: seal_no if one == batch else seals.get(one) for one in voided}
    void_seal = pl.lit(None, pl.Int64)
    if seal_of:
        void_seal = pl.col("void_batch").replace_strict(seal_of, default=None, return_dtype=pl.Int64)
    void_ord = pl.col("void_ord") if "void_ord" in have else pl.lit(None, pl.Int64)
    day = day_of(pl.col("effective_us"), zone)
    return table.select(
        "entity",
        pl.lit(seal_no, pl.Int64).alias("seal_no"),
        "ord",
        pl.lit(seal_no, pl.Int64).alias("known_no"),
        pl.lit(1, pl.Int32).alias("sign"),
        "act",
        pl.col("effective_us").alias("eff_us"),
        day.alias("eff_day"),
        "mask",
        void_seal.alias("void_seal"),
        void_ord.cast(pl.Int64).alias("void_ord"),
        *(_field_column(one, have) for one in fields),
    )


def _field_column(one: Field, have: set[str]) -> pl.Expr:
    kind = field_type(one)
    return (pl.col(one.name).cast(kind) if one.name in have else pl.lit(None, kind)).alias(one.name)


class Former(Protocol):
    """Changes of one kind that were stored before."""

    def of_entities(self, entities: pl.Series) -> pl.DataFrame:
        """All stored rows of these entities."""

    def entities_of_seals(self, seals: Sequence[int]) -> pl.Series:
        """Entities that have changes of these seals."""


def signed_changes(new: pl.DataFrame, former: Former, batches: Sequence[BatchLine], *, after: int) -> pl.DataFrame:
    """The store rows that the seals after `after` add: `new` itself, and what voids and undo batches turn over.

    `new` are `read_changes` rows of one kind; `batches` those up to the newest seal in question that undo another one.
    """
    undoing = {one.seal_no for one in batches if one.seal_no > after and one.undoes is not None}
    voiding = set(new.filter(pl.col("act") == "void")["seal_no"])
    if not undoing and not voiding:
        return new
    turning = sorted(undoing | voiding)
    others = new.filter(~pl.col("seal_no").is_in(turning))
    return pl.concat([others, *(_turned_over(new, former, batches, seal_no) for seal_no in turning)])


def _turned_over(new: pl.DataFrame, former: Former, batches: Sequence[BatchLine], seal_no: int) -> pl.DataFrame:
    """Store rows of one seal that voids changes or undoes a batch."""
    before, now = dead(batches, seal_no - 1), dead(batches, seal_no)
    toggled = sorted(before ^ now)
    known = new.filter(pl.col("seal_no") <= seal_no)
    own = known.filter(pl.col("seal_no") == seal_no)
    entities = pl.concat(
        [
            own.filter(pl.col("act") == "void")["entity"],
            known.filter(pl.col("seal_no").is_in(toggled))["entity"],
            former.entities_of_seals(toggled),
        ]
    ).unique()
    history = pl.concat([former.of_entities(entities), known.filter(pl.col("entity").is_in(entities.implode()))])
    history = history.unique(_IDENTITY, keep="first", maintain_order=True)
    counted = history.with_columns(
        _counts(history, before, seal_no - 1).alias("_before"), _counts(history, now, seal_no).alias("_now")
    )
    change = (pl.col("_now").cast(pl.Int32) - pl.col("_before").cast(pl.Int32)).alias("sign")
    turned = counted.with_columns(change, pl.lit(seal_no, pl.Int64).alias("known_no"))
    turned = turned.filter((pl.col("sign") != 0) | (pl.col("seal_no") == seal_no)).select(new.columns)
    return pl.concat([own.filter(~pl.col("entity").is_in(entities.implode())), turned])


def _counts(history: pl.DataFrame, undone: frozenset[int], upto: int) -> pl.Series:
    """Whether each change counts: its batch lives and no living void names it (a void may be voided itself)."""
    base = (pl.col("seal_no") <= upto) & ~pl.col("seal_no").is_in(list(undone))
    voids = history.filter(base & (pl.col("act") == "void")).select("seal_no", "ord", "void_seal", "void_ord")
    dead: set[tuple[int, int]] = set()
    for seal_no, ord_, void_seal, void_ord in voids.sort("seal_no", "ord", descending=True).iter_rows():
        if (seal_no, ord_) not in dead:
            dead.add((void_seal, void_ord))
    gone = pl.DataFrame(list(dead), schema={"seal_no": pl.Int64, "ord": pl.Int64}, orient="row")
    marked = gone.with_columns(pl.lit(value=True).alias("_dead"))
    joined = history.join(marked, on=["seal_no", "ord"], how="left", maintain_order="left")
    return joined.select(base & pl.col("_dead").is_null()).to_series()


@dataclass(frozen=True)
class Epochs:
    """Known histories to compute. `changes`: living changes with `_entity`, `_epoch`, in order. `next_of`: for
    entities with several epochs each epoch (`_entity`, `_epoch`) and the one that replaces it (`_next`, null: none).
    Rows of an epoch at or before `after` were published before.
    """

    changes: pl.DataFrame
    next_of: pl.DataFrame
    after: int


_NEXT = {"_entity": pl.Int64(), "_epoch": pl.Int64(), "_next": pl.Int64()}
_ORDER = ["_entity", "_epoch", "eff_us", "seal_no", "ord"]


def epochs(new: pl.DataFrame, old: pl.DataFrame, *, after: int) -> Epochs:
    """The histories that the store rows `new` change; `old` are the former store rows of the same entities."""
    turned = new.filter((pl.col("sign") != 0) & (pl.col("act") != "void"))
    steps = turned.select(pl.col("entity").alias("_entity"), pl.col("known_no").alias("_epoch")).unique()
    if old.is_empty() and steps["_entity"].n_unique() == steps.height:
        changes = turned.with_columns(pl.col("entity").alias("_entity"), pl.col("known_no").alias("_epoch"))
        return Epochs(in_order(changes), pl.DataFrame(schema=_NEXT), after)
    known = old.select(pl.col("entity").alias("_entity")).unique()
    base = known.join(steps.select("_entity").unique(), on="_entity", how="semi")
    steps = pl.concat([steps, base.with_columns(pl.lit(after, pl.Int64).alias("_epoch"))]).sort("_entity", "_epoch")
    next_of = steps.with_columns(pl.col("_epoch").shift(-1).over("_entity").alias("_next"))
    rows = pl.concat([old, new]).filter(pl.col("act") != "void")
    return Epochs(in_order(_known_at(rows, steps)), next_of, after)


def _known_at(rows: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Each epoch's living changes: the rows whose signs up to the epoch add up to 1."""
    once = rows.unique(_IDENTITY, keep="first", maintain_order=True).with_columns(pl.col("entity").alias("_entity"))
    signs = rows.select(pl.col("entity").alias("_entity"), "seal_no", "ord", "known_no", "sign")
    living = (
        signs.join(steps, on="_entity")
        .filter(pl.col("known_no") <= pl.col("_epoch"))
        .group_by("_entity", "_epoch", "seal_no", "ord")
        .agg(pl.col("sign").sum())
        .filter(pl.col("sign") > 0)
        .drop("sign")
    )
    return living.join(once, on=["_entity", "seal_no", "ord"])


def in_order(changes: pl.DataFrame, order: Sequence[str] = _ORDER) -> pl.DataFrame:
    """Sorted by entity, epoch and the order of changes; a bulk import mostly is already."""
    later = pl.lit(value=False)
    for name in reversed(order):
        before, this = pl.col(name).shift(1), pl.col(name)
        later = (before < this) | ((before == this) & later)
    if changes.select(later.slice(1).all()).item():
        return changes
    return changes.sort(order)


def states(changes: pl.DataFrame, fields: Sequence[Field], kind: str, zone: str) -> pl.DataFrame:
    """The state of each entity after each of its changes: every field as it then stood, and `living`.

    Rows as in `changes` (sorted). Further columns: `_first` (first change of that history), `_last` (last one) and
    `_instant` (last one of its instant). A field's column holds what the last change that set it said; beside an
    instant `done_us` stands its company day `done_day`; `_zone` is the company's zone (`zones_text`).
    """
    first = (
        (pl.col("_entity") != pl.col("_entity").shift(1)) | (pl.col("_epoch") != pl.col("_epoch").shift(1))
    ).fill_null(value=True)
    rows = changes.with_columns(first.alias("_first"), pl.int_range(pl.len()).alias("_row"))
    last = pl.col("_first").shift(-1).fill_null(value=True)
    life = (
        pl.when(pl.col("act").is_in(["end", "merge"]))
        .then(False)
        .when((pl.col("act") == "revive") | pl.col("_first"))
        .then(True)
    )
    bits = KINDS[kind]
    return rows.with_columns(
        life.forward_fill().alias("living"),
        last.alias("_last"),
        (last | (pl.col("eff_us") != pl.col("eff_us").shift(-1))).fill_null(value=True).alias("_instant"),
        pl.lit(zone).alias("_zone"),
        *(_standing(rows, one.name, bits.bit(one.name)) for one in fields),
    ).with_columns(
        day_of(pl.col(one.name), zone).alias(f"{one.name.removesuffix('_us')}_day")
        for one in fields
        if one.type == "instant"
    )


def _standing(rows: pl.DataFrame, name: str, bit: int) -> pl.Expr:
    if rows[name].null_count() == rows.height:
        return pl.col(name)
    told = pl.when((pl.col("mask") & bit != 0) | pl.col("_first")).then(pl.col("_row")).forward_fill()
    return pl.col(name).gather(told).alias(name)
