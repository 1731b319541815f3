"""Changes read from the ledger's blocks on their way into the facts: in memory while few, else in scratch files.

They are handed on in ranges of entities, so that folding a ledger of any size needs the memory of one range.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

_IN_MEMORY = 50_000  # changes
_FEW = 50  # changes
_RANGE = 25_000  # changes of a range, each counted once for every seal of its entity


@dataclass
class Incoming:
    """New changes of each kind, in columns of the store (`engine.history`); `scratch` is an empty folder."""

    scratch: Path
    frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    files: dict[str, list[tuple[Path, int, int]]] = field(default_factory=dict)  # with their span of entities
    voids: set[str] = field(default_factory=set)  # kinds of which a change is voided
    held: int = 0

    def add(self, kind: str, rows: pl.DataFrame) -> None:
        """Take the rows of one block."""
        if (rows["act"] == "void").any():
            self.voids.add(kind)
        self.frames.setdefault(kind, []).append(rows)
        self.held += rows.height
        if self.held > _IN_MEMORY:
            self._set_aside()

    def _set_aside(self) -> None:
        for kind, frames in self.frames.items():
            for rows in frames:
                path = self.scratch / f"{kind}-{len(self.files.get(kind, ()))}.parquet"
                rows.write_parquet(path, compression="lz4", row_group_size=50_000)
                low, high = rows["entity"].min(), rows["entity"].max()
                self.files.setdefault(kind, []).append((path, low, high))  # type: ignore[arg-type]  # never empty
        self.frames, self.held = {}, 0

    def kinds(self) -> set[str]:
        return {*self.frames, *self.files}

    def few(self, kind: str) -> pl.DataFrame | None:
        """All new changes of a kind where they are but a handful."""
        frames = self.frames.get(kind, ())
        few = kind not in self.files and sum(rows.height for rows in frames) <= _FEW
        return pl.concat(frames) if few and frames else None

    def ranges(self, kind: str, more: pl.Series) -> list[tuple[int, int]]:
        """Spans of entities, first and last, that together hold all new changes and the entities `more`."""
        found = [rows.select("entity", "seal_no") for rows in self.frames.get(kind, ())]
        found += [pl.read_parquet(path, columns=["entity", "seal_no"]) for path, *_ in self.files.get(kind, ())]
        found.append(pl.DataFrame({"entity": more, "seal_no": more}, schema={"entity": pl.Int64, "seal_no": pl.Int64}))
        weights = _weights(pl.concat(found))
        if weights.is_empty():
            return []
        total = weights.sort("entity").with_columns(before=pl.col("weight").cum_sum() - pl.col("weight"))
        spans = total.group_by(pl.col("before") // _RANGE, maintain_order=True).agg(
            low=pl.col("entity").min(), high=pl.col("entity").max()
        )
        return list(spans.select("low", "high").iter_rows())

    def rows(self, kind: str, low: int, high: int) -> Iterator[pl.DataFrame]:
        """The new changes of the entities from `low` to `high`."""
        inside = pl.col("entity").is_between(low, high)
        yield from (rows.filter(inside) for rows in self.frames.get(kind, ()))
        near = [path for path, first, last in self.files.get(kind, ()) if first <= high and low <= last]
        if near:
            yield pl.scan_parquet(near).filter(inside).collect()


def _weights(rows: pl.DataFrame) -> pl.DataFrame:
    """Changes of each entity times its seals; of one import, in one seal, without a group of a million entities."""
    if rows["seal_no"].n_unique() == 1:
        runs = rows["entity"].sort().rle().struct.unnest()
        return runs.select(entity="value", weight="len")
    return rows.group_by("entity").agg(weight=pl.len() * pl.col("seal_no").n_unique())


def in_turn(rows: pl.DataFrame, after: int, upto: int) -> Iterator[tuple[int, int, pl.DataFrame]]:
    """The changes in runs of seals (after, upto]: one, but several where an entity was changed in very many seals."""
    seals = sorted(rows["seal_no"].unique())
    weight = rows.height * len(seals) if rows["entity"].n_unique() == 1 else 0
    if weight <= 2 * _RANGE:
        yield after, upto, rows
        return
    size = max(len(seals) * _RANGE // weight, 1)
    for place in range(0, len(seals), size):
        last = upto if place + size >= len(seals) else seals[place + size - 1]
        yield after, last, rows.filter(pl.col("seal_no").is_between(after + 1, last))
        after = last
