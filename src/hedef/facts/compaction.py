"""Segments written together, and files removed that nobody reads any more.

Nothing is added up and no `known_no` is lost: a row and the row that takes it back stay two rows. They move into
*settled* segments, which say nothing from a seal on, so that a question about what is known now passes them over.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from hedef.facts import segments
from hedef.facts.engine.tables import KNOWN
from hedef.facts.pins import oldest_held
from hedef.facts.segments import Manifest, Segment
from hedef.facts.store import ASIDE, Store

_TIERS = (5_000, 50_000)  # rows; segments between two of these are written together when they are many
_MANY = 16
_LARGEST = 1_000_000  # rows handled at once
_GATHERED = 250_000  # rows of small segments written together: an import makes facts beside all else it holds
_RETRACTED = (1_000, 0.1)  # rows that take something back, and their share, from which they are set apart
KEEP_S = 3600.0  # what was replaced stays readable for that long
_KEPT_VERSIONS = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """What compaction must know of a table: its sign, the column of the entity and the signed measures."""

    sign: str
    key: str
    measures: tuple[str, ...] = ()
    order: str | None = "eff_day"  # none: by entity, so that one of them is found in a few row groups


class Compactor:
    """Writes segments of one version together."""

    def __init__(self, store: Store, generation: str) -> None:
        self.store, self.generation = store, generation

    def gathered(self, parts: Sequence[Segment], shape: Shape, *, thorough: bool, turned: bool) -> Iterable[Segment]:
        """The segments of one table, small ones written together where they have become many.

        `thorough`: all sizes, and where much is `turned` all anew; else only the smallest ones, in a moment.
        """
        found = list(parts)
        for above, limit in pairwise(
            (0, *(_TIERS if thorough else _TIERS[:1]))
        ):  # a large one is not written for small
            for settled in (False, True):
                alike = [one for one in found if (one.settled is not None) == settled]
                small = [one for one in alike if above <= one.rows < limit]
                if len(small) > _MANY:
                    found = [one for one in found if one not in small] + self._together(small, shape)
        return self.tidied(found, shape) if thorough and turned else found

    def _together(self, small: Sequence[Segment], shape: Shape) -> list[Segment]:
        """The rows of small segments in as few as fit in memory, as they are."""
        found: list[Segment] = []
        group: list[Segment] = []
        for one in [*small, None]:
            if one is None or sum(part.rows for part in group) + one.rows > _GATHERED:
                rows = segments.read_rows(self.store, group)
                if rows is not None:
                    settled = max((part.settled or 0 for part in group), default=0) or None
                    found.append(self._write(group[0].table, rows.collect(), shape, settled=settled))
                group = []
            group += [one] if one is not None else []
        return found

    def tidied(self, parts: Sequence[Segment], shape: Shape) -> Iterator[Segment]:
        """All segments anew: living rows in order, what was taken back in settled ones; by ranges of entities."""
        yield from (one for one in parts if one.settled is not None)
        open_ = [one for one in parts if one.settled is None]
        if all(one.tidy for one in open_):
            yield from open_
            return
        for rows in self._ranges(open_, shape):
            past, living = _apart(rows, shape)
            if past.height:
                yield self._write(parts[0].table, past, shape, settled=int(past[KNOWN].max()))  # type: ignore[arg-type]
            if living.height:
                yield self._write(parts[0].table, living, shape, tidy=True)

    def _ranges(self, parts: Sequence[Segment], shape: Shape) -> Iterator[pl.DataFrame]:
        rows = segments.read_rows(self.store, parts)
        if rows is None:
            return
        if sum(one.rows for one in parts) <= _LARGEST or any(one.first_entity is None for one in parts):
            yield rows.collect()
            return
        entities = rows.select(pl.col(shape.key)).collect().to_series().sort()
        low = None
        for place in [*range(_LARGEST - 1, len(entities) - 1, _LARGEST), len(entities) - 1]:
            high = entities[place]
            after = pl.lit(value=True) if low is None else pl.col(shape.key) > low
            yield rows.filter(after & (pl.col(shape.key) <= high)).collect()
            low = high

    def _write(
        self, table: str, rows: pl.DataFrame, shape: Shape, *, settled: int | None = None, tidy: bool = False
    ) -> Segment:
        by = [name for name in (shape.order, shape.key) if name in rows.columns]
        made = segments.write_segment(
            self.store, self.generation, table, rows.sort(by), sign=shape.sign, key=shape.key, fine=shape.order is None
        )
        return replace(made, settled=settled, tidy=tidy)


def turned_keys(tables: Iterable[tuple[Sequence[Segment], Shape]]) -> set[str]:
    """Columns of entities of which so much was taken back that their tables are worth writing anew.

    Only where a row stands for a thing: of deltas (sign `n`) many end another one from the start.
    """
    found = set()
    for parts, shape in tables:
        open_ = [one for one in parts if one.settled is None]
        retracted, rows = sum(one.retracted for one in open_), sum(one.rows for one in open_)
        if shape.sign != "n" and retracted > _RETRACTED[0] and retracted > rows * _RETRACTED[1]:
            found.add(shape.key)
    return found


def _apart(rows: pl.DataFrame, shape: Shape) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that cancel out in the end, and the others. Rows are equal in all columns but `known_no` and the sign."""
    sign = pl.col(shape.sign)
    if not (rows[shape.sign] < 0).any():
        return rows.clear(), rows
    touched = rows.filter(sign < 0).select(shape.key).unique()
    near = rows.join(touched, on=shape.key, how="semi", maintain_order="left")
    far = rows.join(touched, on=shape.key, how="anti", maintain_order="left")
    values = [name for name in rows.columns if name not in (KNOWN, shape.sign, *shape.measures)]
    amounts = {f"_{name}": pl.col(name) * sign for name in shape.measures}
    same = [*values, *amounts]
    near = near.with_columns(**amounts).sort(KNOWN, maintain_order=True)
    near = near.with_columns(_left=sign.cum_sum().over(same), _place=pl.int_range(pl.len()).over(same))
    zero = pl.when(pl.col("_left") == 0).then(pl.col("_place")).max().over(same)
    cancels = (pl.col("_place") <= zero).fill_null(value=False)
    past = near.filter(cancels).select(rows.columns)
    return past, pl.concat([far, near.filter(~cancels).select(rows.columns)])


# --- clean-up ---------------------------------------------------------------------------------------------------------


def note_dropped(store: Store, former: Sequence[Manifest], made: Manifest) -> None:
    """Before `made` is published: which files of the former versions it no longer names. They go an hour later."""
    kept = {one.path for one in made.segments}
    dropped = sorted({one.path for manifest in former for one in manifest.segments} - kept)
    if dropped:
        data = json.dumps(dropped).encode()
        store.put_new(f"dropped/{made.version:012d}-{secrets.token_hex(4)}.json", data)


def clean_up(store: Store, newest: Manifest, *, keep_s: float = KEEP_S) -> list[str]:
    """Remove files that no version needs which was in use within `keep_s` seconds or is pinned; gives their names.

    `newest` is the version that stands now: nothing it names is touched. Files of an absorber that was killed before
    it published are among those removed.
    """
    held = oldest_held(store)
    needed = {one.path for one in newest.segments}
    gone: list[str] = []
    waiting: set[str] = set()
    for note in store.list("dropped"):
        version = int(note.name.removeprefix("dropped/").partition("-")[0])
        paths = set(json.loads(store.read(note.name)))
        if note.age_s < keep_s or (held is not None and held < version):
            waiting |= paths
        else:
            gone += [*sorted(paths - needed), note.name]
    gone += [one.name for one in store.list("segments") if _orphan(one.name, one.age_s, needed | waiting, keep_s)]
    gone += _old_versions(store, newest, held, keep_s)
    for name in dict.fromkeys(gone):
        store.delete(name)
    return list(dict.fromkeys(gone))


def _orphan(name: str, age_s: float, named: set[str], keep_s: float) -> bool:
    return name not in named and age_s >= keep_s


def _old_versions(store: Store, newest: Manifest, held: int | None, keep_s: float) -> list[str]:
    found = []
    for one in store.list("manifest"):
        stem = one.name.removeprefix("manifest/").removesuffix(".json")
        half = stem.startswith(ASIDE)  # of a writer that was killed
        old = half or (int(stem) <= newest.version - _KEPT_VERSIONS and (held is None or int(stem) < held))
        if old and one.age_s >= keep_s:
            found.append(one.name)
    return found
