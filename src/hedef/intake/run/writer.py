"""Rows of one kind become changes: compared with what their source last said, timed, their keys kept.

New rows are planned with the part of the file they stand in. Rows that say something else than before wait
(`Planned.changed`) and are compared in lots: what a source said is read once a lot, not once a part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from hedef.intake.engine import plan
from hedef.intake.engine.custom import FIELD
from hedef.intake.run import keys, own_fields, said
from hedef.intake.run.call import FileRun
from hedef.intake.run.columns import bits, typed
from hedef.records.engine.kinds import Kind

type Timed = Callable[[pl.DataFrame, Mapping[str, int]], pl.DataFrame]


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: `row`, `key`, `modified_us`, fields of the kind, and what their times need.

    `fields` are the columns that the file speaks of. `creates` and `updates` give new and changed rows their times:
    frames in with entity, mask and fields, change rows out (entity, row, effective_us, precision, mask, fields).
    `untouched`: field -> entities whose field follows a history file. `own`: field -> column with the words of a
    reference to another row of the file; it is filled when all rows are there. `adopts`: entities that only a history
    has named so far are treated as new. `fresh`: the source has no key of this object yet.
    """

    kind: Kind
    object: str
    frame: pl.DataFrame
    fields: Sequence[str]
    creates: Timed
    updates: Timed
    untouched: Mapping[str, pl.Series] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    adopts: bool = False
    fresh: bool = False


def nothing_of(**columns: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=columns)


@dataclass(frozen=True)
class Written:
    """What became of the rows: their numbers in the file by verdict, and the entity of every key."""

    created: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))
    updated: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))
    entities: pl.DataFrame = field(default_factory=lambda: nothing_of(key=pl.String, entity=pl.Int64))
    replaced: pl.DataFrame = field(default_factory=lambda: nothing_of(row=pl.Int64, key=pl.String))
    repeated: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))
    changed: pl.DataFrame = field(default_factory=pl.DataFrame)  # rows that wait to be compared
    kept_local: pl.DataFrame = field(default_factory=lambda: nothing_of(row=pl.Int64, field=pl.String))
    overrode: pl.DataFrame = field(default_factory=lambda: nothing_of(row=pl.Int64, field=pl.String))


def settle(rows: Rows) -> plan.Duplicates:
    """One row a key, each with its `hash`: what the source says, references to the own file in words."""
    given = typed(rows.kind, rows.frame, rows.fields)
    hashed = [*(name for name in rows.fields if name not in rows.own), *rows.own.values()]
    given = given.with_columns(plan.row_hash(given, hashed).alias("hash"))
    return plan.settle_duplicates(given)


def write(file: FileRun, rows: Rows, settled: plan.Duplicates | None = None) -> Written:
    """Plan the rows of a part. Rows whose content the source has said before change nothing."""
    settled = settle(rows) if settled is None else settled
    planned = _planned(file, rows, settled.kept)
    flags = bits(rows.kind, rows.fields)
    opened = planned.filter(pl.col("verdict") == plan.CREATE)
    changed = planned.filter(pl.col("verdict") == plan.UPDATE)
    adopted = changed.filter(pl.col("last_hash").is_null() & pl.lit(rows.adopts))
    changed = changed.join(adopted.select("row"), on="row", how="anti", maintain_order="left")
    for first_said in (opened, adopted):
        if first_said.height:
            created = _without_untouched(rows.creates(first_said, flags), rows.untouched, flags)
            apply_rows(file, rows.kind, created)
    file.writes.put_keys(rows.object, pl.concat([opened, adopted]).select("key", "entity", "hash"))
    return Written(
        created=opened["row"],
        updated=adopted["row"],
        entities=planned.select("key", "entity"),
        replaced=settled.replaced.select("row", "key"),
        repeated=pl.concat([settled.equal_copies["row"], settled.replaced["row"]]),
        changed=changed,
    )


def write_changed(file: FileRun, rows: Rows) -> Written:
    """Plan rows of known records that say something else than their source last said. `frame` has entity and hash."""
    compared = _compare(file, rows, rows.frame)
    if compared.changes.height:
        apply_rows(file, rows.kind, rows.updates(compared.changes, bits(rows.kind, rows.fields)))
    file.writes.put_keys(rows.object, rows.frame.select("key", "entity", "hash"))
    return Written(
        updated=compared.changes["row"],
        entities=rows.frame.select("key", "entity"),
        kept_local=compared.kept_local,
        overrode=compared.overrode,
    )


def _planned(file: FileRun, rows: Rows, kept: pl.DataFrame) -> pl.DataFrame:
    """Rows with their entity and verdict; new keys get a provisional number."""
    if rows.fresh:
        joined = kept.with_columns(
            pl.lit(None, dtype=pl.Int64).alias("entity"), pl.lit(None, dtype=pl.Int64).alias("last_hash")
        )
    else:
        known = keys.known(file.source, rows.object, file.call.unwritten, kept["key"])
        joined = kept.join(known.drop("gone_since"), on="key", how="left", maintain_order="left")
    new = joined["entity"].null_count()
    first = file.writes.allocate(new) if new else 0
    number = pl.lit(first + 1) - pl.col("entity").is_null().cum_sum().cast(pl.Int64)
    return plan.judged(joined).with_columns(pl.coalesce("entity", number).alias("entity"))


def _without_untouched(
    changes: pl.DataFrame, untouched: Mapping[str, pl.Series], flags: Mapping[str, int]
) -> pl.DataFrame:
    """Take the fields that follow a history out of the masks of the deals it covers."""
    if not untouched:
        return changes
    mask = pl.col("mask")
    for name, entities in untouched.items():
        covered = pl.col("entity").is_in(entities.implode())
        mask = pl.when(covered).then(mask & ~pl.lit(flags.get(name, 0), dtype=pl.Int64)).otherwise(mask)
    return changes.with_columns(mask.alias("mask")).filter(pl.col("mask") != 0)


def _compare(file: FileRun, rows: Rows, changed: pl.DataFrame) -> plan.Compared:
    flags = bits(rows.kind, rows.fields)
    changed, told = said.by_key(file, rows.kind, changed)
    spoken = plan.last_said(told, flags)
    ours = said.state_of(rows.kind, changed["entity"])
    changed = changed.join(ours.select("entity", pl.col("last_effective_us").alias("last_us")), on="entity", how="left")
    untouched = {**rows.untouched, **_waiting(rows, changed)}
    wins = file.source.precedence >= 0
    if FIELD in rows.fields:
        own = own_fields.names_in(file, rows.kind)
        changed, spoken = own_fields.together(changed, spoken, ours, own, source_wins=wins)
    return plan.compare(changed, spoken, ours, flags, source_wins=wins, untouched=untouched)


def _waiting(rows: Rows, changed: pl.DataFrame) -> dict[str, pl.Series]:
    """References to rows of the same file are compared when all of them are there."""
    return {name: changed.filter(pl.col(text).is_not_null())["entity"] for name, text in rows.own.items()}


def apply_rows(file: FileRun, kind: Kind, changes: pl.DataFrame) -> None:
    """Change rows in the order of their times; columns that are no part of a change are left behind."""
    standard = (
        "entity",
        "act",
        "effective_us",
        "not_before_us",
        "precision",
        "mask",
        "void_batch",
        "void_ord",
        "said_as",
    )
    kept = [name for name in (*standard, *kind.names) if name in changes.columns]
    told = changes.sort("effective_us", "row", maintain_order=True).select(*kept, pl.col("row").alias("file_row"))
    file.writes.apply(kind.name, told)
