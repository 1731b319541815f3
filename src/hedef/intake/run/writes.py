"""What a part of a file writes, as it was planned: change rows, keys, marks. Planned without a lock, written in chunks.

New records carry provisional numbers (-1, -2, ...) until their part is written. What they are is folded before the lock
of the first chunk: only numbers are left to be filled in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from hedef.ledger.services import LedgerBatch, Source, allocate
from hedef.records.services import NewRecords, apply_changes, fold_new, mark_gone, open_records, save_keys

APPLY, KEYS, GONE = "apply", "keys", "gone"
_NEW = 1 << 62  # new records come after all others, in the order of their numbers


@dataclass(frozen=True)
class Write:
    """One step: change rows of the kind `of`, or keys of the object `of`; `frame` has `entity`.

    `new`: the same change rows, of new records alone, folded; `base` is the number of the first of them.
    """

    act: str
    of: str
    frame: pl.DataFrame
    new: NewRecords | None = None
    base: int | None = None


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


def folded(writes: Writes) -> Writes:
    """The same steps; change rows of new records that no step before has opened are folded now, without a lock."""
    steps: list[Write] = []
    for one in writes.steps:
        earlier = [former.frame["entity"] for former in steps if former.act == APPLY and former.of == one.of]
        fold = one.act == APPLY and _are_new(one.frame) and not any(_share(one.frame, each) for each in earlier)
        steps.append(replace(one, new=fold_new(one.of, one.frame)) if fold else one)
    return Writes(steps, writes.opens)


def _share(frame: pl.DataFrame, entities: pl.Series) -> bool:
    return bool(frame["entity"].is_in(entities.implode()).any())


def _are_new(frame: pl.DataFrame) -> bool:
    newest = frame["entity"].max()
    void = "act" in frame.columns and bool((frame["act"] == "void").any())
    return isinstance(newest, int) and newest < 0 and not void


def numbered(writes: Writes, base: int) -> Writes:
    """The same steps with real numbers: `base` is the first of the new records."""
    real = pl.when(pl.col("entity") < 0).then(base - 1 - pl.col("entity")).otherwise(pl.col("entity"))
    steps = [
        replace(one, base=base)
        if one.new is not None
        else replace(one, frame=one.frame.with_columns(real.alias("entity")))
        for one in writes.steps
    ]
    return Writes(steps, 0)


def write(writes: Writes, *, batch: LedgerBatch, source: Source) -> None:
    """Write the steps inside the transaction that is open."""
    real = numbered(folded(writes), allocate(writes.opens)) if writes.opens else writes
    for step in real.steps:
        perform(step, batch=batch, source=source)


def perform(step: Write, *, batch: LedgerBatch, source: Source) -> None:
    """One step inside the transaction that is open."""
    if step.new is not None:
        assert step.base is not None
        open_records(batch=batch, new=step.new, base=step.base)
    elif step.act == APPLY:
        apply_changes(batch=batch, kind=step.of, rows=step.frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
    elif step.act == KEYS:
        told = step.frame.select(pl.col("key").alias("ext_id"), "entity", pl.col("hash").alias("row_hash"))
        keys = told.to_arrow(compat_level=pl.CompatLevel.oldest())
        save_keys(source=source, object=step.of, keys=keys, batch=batch)
    else:
        since = step.frame["since_us"][0]
        mark_gone(source=source, object=step.of, ext_ids=step.frame["key"].to_list(), since_us=since)


def _place() -> pl.Expr:
    """Where an entity stands among those of a part: known ones by number, then new ones as they will be numbered."""
    return pl.when(pl.col("entity") < 0).then(pl.lit(_NEW, pl.Int64) - pl.col("entity")).otherwise(pl.col("entity"))


def places_of(writes: Writes) -> pl.Series:
    """The place of every entity of the steps once, ascending: chunks are cut between them, all of one go together."""
    parts = [one.frame.select(_place().alias("entity")).to_series() for one in writes.steps if one.act != GONE]
    return pl.concat(parts).unique().sort() if parts else pl.Series("entity", [], dtype=pl.Int64)


def between(writes: Writes, after: int | None, upto: int | None) -> Iterator[Write]:
    """The part of each step that concerns the places after `after` up to `upto`; marks come with the last."""
    for one in writes.steps:
        if one.act == GONE:
            if upto is None:
                yield one
            continue
        found = one if after is None and upto is None else _cut(one, after, upto)
        if found.frame.height:
            yield found


def _cut(one: Write, after: int | None, upto: int | None) -> Write:
    if one.new is not None:
        new = one.new.between((after or 0) - _NEW, (2 * _NEW - 1 if upto is None else upto) - _NEW)
        return replace(one, new=new, frame=new.changes)
    here = pl.lit(value=True)
    if after is not None:
        here = here & (_place() > after)
    if upto is not None:
        here = here & (_place() <= upto)
    return replace(one, frame=one.frame.filter(here))
