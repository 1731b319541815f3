"""What a part of a file writes, as it was planned: change rows, keys, marks. Planned without a lock, written in chunks.

New records carry provisional numbers (-1, -2, ...) until their part is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from hedef.ledger.services import LedgerBatch, Source, allocate
from hedef.records.services import apply_changes, mark_gone, save_keys

APPLY, KEYS, GONE = "apply", "keys", "gone"


@dataclass(frozen=True)
class Write:
    """One step: change rows of the kind `of`, or keys of the object `of`; `frame` has `entity`."""

    act: str
    of: str
    frame: pl.DataFrame


@dataclass
class Writes:
    """The steps of one part in their order, and how many new records it opens."""

    steps: list[Write] = field(default_factory=list)
    opens: int = 0

    def allocate(self, n: int) -> int:
        """The first of `n` provisional numbers; the next ones follow downwards."""
        first = -1 - self.opens
        self.opens += n
        return first

    def apply(self, kind: str, rows: pl.DataFrame) -> int:
        """Change rows in the order of recording; answers how many."""
        if rows.height:
            self.steps.append(Write(APPLY, kind, rows))
        return rows.height

    def put_keys(self, object_: str, rows: pl.DataFrame) -> None:
        """`key, entity, hash` of rows that are new or say something new."""
        if rows.height:
            self.steps.append(Write(KEYS, object_, rows.select("key", "entity", "hash")))

    def mark_gone(self, object_: str, keys: pl.Series, since_us: int) -> None:
        if len(keys):
            rows = pl.DataFrame({"key": keys, "entity": pl.repeat(0, len(keys), dtype=pl.Int64, eager=True)})
            self.steps.append(Write(GONE, object_, rows.with_columns(pl.lit(since_us).alias("since_us"))))

    @property
    def rows(self) -> int:
        return sum(one.frame.height for one in self.steps)


def numbered(writes: Writes, base: int) -> Writes:
    """The same steps with real numbers: `base` is the first of the new records."""
    real = pl.when(pl.col("entity") < 0).then(base - 1 - pl.col("entity")).otherwise(pl.col("entity"))
    steps = [Write(one.act, one.of, one.frame.with_columns(real.alias("entity"))) for one in writes.steps]
    return Writes(steps, 0)


def write(writes: Writes, *, batch: LedgerBatch, source: Source) -> None:
    """Write the steps inside the transaction that is open."""
    real = numbered(writes, allocate(writes.opens)) if writes.opens else writes
    for step in real.steps:
        perform(step, batch=batch, source=source)


def perform(step: Write, *, batch: LedgerBatch, source: Source) -> None:
    """One step inside the transaction that is open."""
    if step.act == APPLY:
        apply_changes(batch=batch, kind=step.of, rows=step.frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
    elif step.act == KEYS:
        told = step.frame.select(pl.col("key").alias("ext_id"), "entity", pl.col("hash").alias("row_hash"))
        keys = told.to_arrow(compat_level=pl.CompatLevel.oldest())
        save_keys(source=source, object=step.of, keys=keys, batch=batch)
    else:
        since = step.frame["since_us"][0]
        mark_gone(source=source, object=step.of, ext_ids=step.frame["key"].to_list(), since_us=since)


def entities_of(writes: Writes) -> pl.Series:
    """Every entity of the steps once, ascending: chunks are cut between them, so that all of one goes together."""
    parts = [one.frame["entity"] for one in writes.steps if one.act != GONE]
    return pl.concat(parts).unique().sort() if parts else pl.Series("entity", [], dtype=pl.Int64)


def between(writes: Writes, after: int | None, upto: int | None) -> Iterator[Write]:
    """The part of each step that concerns the entities after `after` up to `upto`; marks come with the last."""
    for one in writes.steps:
        if one.act == GONE:
            if upto is None:
                yield one
            continue
        here = pl.lit(value=True)
        if after is not None:
            here = here & (pl.col("entity") > after)
        if upto is not None:
            here = here & (pl.col("entity") <= upto)
        frame = one.frame.filter(here)
        if frame.height:
            yield Write(one.act, one.of, frame)
