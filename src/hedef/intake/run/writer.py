"""Rows of one kind become changes: compared with what their source last said, timed, applied, their keys kept."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from hedef.intake.engine import plan
from hedef.intake.run import keys, said
from hedef.intake.run.columns import bits, typed
from hedef.ledger.services import LedgerBatch, Source
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.services import allocate, apply_changes

type Timed = Callable[[pl.DataFrame, Mapping[str, int]], pl.DataFrame]


@dataclass(frozen=True)
class Rows:
    """Rows of one kind in a file: `row`, `key`, `modified_us`, fields of the kind, and what their times need.

    `fields` are the columns that the file speaks of. `creates` and `updates` give new and changed rows their times:
    frames in with entity, mask and fields, change rows out (entity, row, effective_us, precision, mask, fields).
    `untouched`: field -> entities whose field follows a history file. `late` fills references between rows of the
    file once `entity` is there. `adopts`: entities that only a history has named so far are treated as new.
    """

    kind: Kind
    object: str
    frame: pl.DataFrame
    fields: Sequence[str]
    creates: Timed
    updates: Timed
    untouched: Mapping[str, pl.Series] = field(default_factory=dict)
    late: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    adopts: bool = False


@dataclass(frozen=True)
class Written:
    """What became of the rows: their numbers in the file by verdict, and the entity of every key."""

    created: pl.Series
    updated: pl.Series
    unchanged: pl.Series
    changes: int
    opened: pl.Series  # entities that are new
    entities: pl.DataFrame  # key, entity: every key of the file
    replaced: pl.DataFrame  # row, key: rows that a newer row of the same key replaced
    repeated: pl.Series  # rows whose key another row of the file has
    kept_local: pl.DataFrame  # row, field
    overrode: pl.DataFrame
    changed_entities: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"entity": pl.Int64}))
    apply_ms: float = 0.0


def write(rows: Rows, *, source: Source, batch: LedgerBatch) -> Written:
    """Plan and apply the rows inside the open batch. Rows whose content the source has said before change nothing."""
    planned, settled = _planned(rows, source)
    opened = planned.filter(pl.col("verdict") == plan.CREATE)
    changed = planned.filter(pl.col("verdict") == plan.UPDATE)
    adopted = changed.filter(pl.col("last_hash").is_null() & pl.lit(rows.adopts))
    changed = changed.join(adopted.select("row"), on="row", how="anti", maintain_order="left")
    compared = _compare(rows, changed, source)
    began = time.monotonic()
    flags = bits(rows.kind, rows.fields)
    made = 0
    for first_said in (opened, adopted):
        if first_said.height:
            made += _apply(batch, rows, _without_untouched(rows.creates(first_said, flags), rows.untouched, flags))
    if compared.changes.height:
        made += _apply(batch, rows, rows.updates(compared.changes, flags))
    told = planned.filter(pl.col("verdict") != plan.UNCHANGED).select("key", "entity", "hash")
    keys.put(source, rows.object, told, batch=batch)
    updated = pl.concat([compared.changes["row"], adopted["row"]])
    touched = pl.concat([opened["row"], updated])
    same = planned.filter(~pl.col("row").is_in(touched.implode()))["row"]
    return Written(
        created=opened["row"],
        updated=updated,
        unchanged=pl.concat([same, settled.equal_copies["row"], settled.replaced["row"]]),
        changes=made,
        opened=opened["entity"],
        entities=planned.select("key", "entity"),
        replaced=settled.replaced.select("row", "key"),
        repeated=pl.concat([settled.equal_copies["row"], settled.replaced["row"]]),
        kept_local=compared.kept_local,
        overrode=compared.overrode,
        changed_entities=changed.select("entity"),
        apply_ms=(time.monotonic() - began) * 1000,
    )


def _planned(rows: Rows, source: Source) -> tuple[pl.DataFrame, plan.Duplicates]:
    """Rows with their entity and verdict. New keys get a number first, so that rows can name each other."""
    given = typed(rows.kind, rows.frame, rows.fields)
    given = given.with_columns(plan.row_hash(given, list(rows.fields)).alias("hash"))
    settled = plan.settle_duplicates(given)
    known = keys.known(source, rows.object)
    joined = settled.kept.join(known, on="key", how="left", maintain_order="left")
    new = joined["entity"].null_count()
    first = allocate(new) if new else 0
    number = pl.col("entity").is_null().cum_sum().cast(pl.Int64) + (first - 1)
    joined = joined.with_columns(
        pl.col("entity").is_null().alias("__new"), pl.coalesce("entity", number).alias("entity")
    )
    if rows.late is not None:
        joined = typed(rows.kind, rows.late(joined), rows.fields)
        joined = joined.with_columns(plan.row_hash(joined, list(rows.fields)).alias("hash"))
    verdict = (
        pl.when("__new")
        .then(pl.lit(plan.CREATE))
        .when(pl.col("hash").eq_missing(pl.col("last_hash")))
        .then(pl.lit(plan.UNCHANGED))
        .otherwise(pl.lit(plan.UPDATE))
    )
    return joined.with_columns(verdict.alias("verdict")).drop("__new"), settled


def _without_untouched(
    changes: pl.DataFrame, untouched: Mapping[str, pl.Series], flags: Mapping[str, int]
) -> pl.DataFrame:
    """Take the fields that follow a history out of the masks of the deals it covers."""
    mask = pl.col("mask")
    for name, entities in untouched.items():
        covered = pl.col("entity").is_in(entities.implode())
        mask = pl.when(covered).then(mask & ~pl.lit(flags.get(name, 0), dtype=pl.Int64)).otherwise(mask)
    return changes.with_columns(mask.alias("mask")).filter(pl.col("mask") != 0)


def _compare(rows: Rows, changed: pl.DataFrame, source: Source) -> plan.Compared:
    flags = bits(rows.kind, rows.fields)
    if changed.is_empty():
        nothing = pl.DataFrame(schema={"row": pl.Int64, "field": pl.String})
        return plan.Compared(changed.with_columns(pl.lit(0, dtype=pl.Int64).alias("mask")), nothing, nothing)
    entities = changed["entity"]
    spoken = plan.last_said(said.changes_of_source(source, rows.kind, entities), flags)
    ours = said.state_of(rows.kind, entities)
    changed = changed.join(ours.select("entity", pl.col("last_effective_us").alias("last_us")), on="entity", how="left")
    return plan.compare(changed, spoken, ours, flags, source_wins=source.precedence >= 0, untouched=rows.untouched)


def _apply(batch: LedgerBatch, rows: Rows, changes: pl.DataFrame) -> int:
    """Change rows in the order of their times; columns that are no part of a change are left behind."""
    standard = ("entity", "act", "effective_us", "not_before_us", "precision", "mask", "void_batch", "void_ord")
    kept = [name for name in (*standard, *rows.kind.names) if name in changes.columns]
    told = changes.sort("effective_us", "row", maintain_order=True).select(*kept, pl.col("row").alias("file_row"))
    return apply_changes(batch=batch, kind=rows.kind.name, rows=told.to_arrow(compat_level=pl.CompatLevel.oldest()))


def kind_of(name: str) -> Kind:
    return KINDS[name]
