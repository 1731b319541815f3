"""Segments and manifests: written once, never changed, switched by creating the next numbered manifest.

A segment is a Parquet file; a manifest lists the segments that make up one version of the facts. Both appear whole
(`store`), so a reader that holds a version never blocks and never sees half of anything.
"""

import io
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from hedef.facts.store import Store

_ROW_GROUP = 122_880
_FINE = 16_384


@dataclass(frozen=True, slots=True)
class Digest:
    """Order-free digest of rows; digests of two sets of rows add up to the digest of both."""

    rows: int = 0
    total: int = 0
    xor: int = 0

    def __add__(self, other: "Digest") -> "Digest":
        return Digest(self.rows + other.rows, (self.total + other.total) % 2**64, self.xor ^ other.xor)

    def text(self) -> str:
        return f"{self.rows}-{self.total:016x}-{self.xor:016x}"


def digest(rows: pl.DataFrame) -> Digest:
    """Digest of all cells with their column's place; equal rows of other files or orders give the same."""
    if rows.is_empty():
        return Digest()
    hashes = rows.hash_rows(seed=2026).to_numpy()
    return Digest(rows.height, int(np.sum(hashes, dtype=np.uint64)), int(np.bitwise_xor.reduce(hashes)))


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a table: its rows, the span of seals and entities in it, and how many rows take something back."""

    table: str
    path: str  # within the facts folder
    rows: int
    retracted: int
    first_known: int
    last_known: int
    first_entity: int | None
    last_entity: int | None
    first_day: str | None
    last_day: str | None
    digest: Digest
    settled: int | None = None  # from this seal on all its rows cancel out
    tidy: bool = False  # in order, and nothing in it was taken back when it was written

    def speaks_at(self, known_no: int) -> bool:
        """Whether it can say something of what was known at a seal."""
        return self.first_known <= known_no and (self.settled is None or known_no < self.settled)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of the facts: everything up to seal `watermark`, whose ledger digest is `head`."""

    version: int = 0
    watermark: int = 0
    head: str = ""
    schema: str = ""
    time_zone: str = ""
    calendar: str = ""  # the newest version of the company's calendar
    rates: int = 0  # the newest seal that said something of currency rates
    folder: str = ""
    segments: tuple[Segment, ...] = ()
    digest: str = field(default="", compare=False)  # of the file itself

    def __hash__(self) -> int:
        return hash(self.digest)

    def of(self, table: str) -> tuple[Segment, ...]:
        return tuple(one for one in self.segments if one.table == table)

    def table_digest(self, table: str) -> Digest:
        return sum((one.digest for one in self.of(table)), Digest())


def content_digest(store: Store, manifest: Manifest, known_no: int) -> str:
    """Digest of what a version says as known at a seal: equal after a rebuild and in every later version, whatever the
    files are called."""
    found: dict[str, Digest] = {}
    for one in manifest.segments:
        found[one.table] = found.get(one.table, Digest()) + digest_upto(store, [one], known_no)
    lines = [f"{name} {told.text()}" for name, told in sorted(found.items()) if told.rows]
    return sha256("\n".join([str(known_no), manifest.schema, manifest.time_zone, *lines]).encode()).hexdigest()


def digest_upto(store: Store, parts: Iterable[Segment], known_no: int) -> Digest:
    """Digest of what segments say as known at a seal."""
    return sum((_digest_upto(store, one, known_no) for one in parts), Digest())


def _digest_upto(store: Store, one: Segment, known_no: int) -> Digest:
    if one.last_known <= known_no:
        return one.digest
    if one.first_known > known_no:
        return Digest()
    return digest(pl.scan_parquet(store.local_path(one.path)).filter(pl.col("known_no") <= known_no).collect())


def newest_known(store: Store, manifest: Manifest, table: str, known_no: int) -> int:
    """The newest seal up to `known_no` that said something of a table; 0 when none did."""
    near = [one for one in manifest.of(table) if one.first_known <= known_no]
    if all(one.last_known <= known_no for one in near):
        return max((one.last_known for one in near), default=0)
    rows = pl.scan_parquet([store.local_path(one.path) for one in near]).filter(pl.col("known_no") <= known_no)
    return int(rows.select(pl.col("known_no").max()).collect().item() or 0)


def write_segment(
    store: Store, generation: str, table: str, rows: pl.DataFrame, *, sign: str, key: str, fine: bool = False
) -> Segment:
    """Write rows (with `known_no` and the sign column) as a new segment; `key` is the column of the entity.

    `fine`: in small row groups, so that one entity is found without reading many others.
    """
    path = f"segments/{generation}/{table}/{secrets.token_hex(8)}.parquet"
    content = io.BytesIO()
    rows.write_parquet(content, compression="zstd", compression_level=1, row_group_size=_FINE if fine else _ROW_GROUP)
    store.put_new(path, content.getvalue())
    return _described(table, path, rows, sign=sign, key=key)


def _described(table: str, path: str, rows: pl.DataFrame, *, sign: str, key: str) -> Segment:
    def span(name: str, of: type[pl.DataType]) -> tuple[Any, Any]:
        there = name in rows.columns and rows.schema[name] == of
        return (rows[name].min(), rows[name].max()) if there else (None, None)

    known, entities, days = span("known_no", pl.Int64), span(key, pl.Int64), span("eff_day", pl.Date)
    return Segment(
        table=table,
        path=path,
        rows=rows.height,
        retracted=int((rows[sign] < 0).sum()),
        first_known=known[0],
        last_known=known[1],
        first_entity=entities[0],
        last_entity=entities[1],
        first_day=days[0] and days[0].isoformat(),
        last_day=days[1] and days[1].isoformat(),
        digest=digest(rows),
    )


_newest: dict[Store, Manifest] = {}  # what this process saw last; a version never changes


def newest(store: Store) -> Manifest | None:
    """The manifest with the highest number, or none in a store without facts."""
    found = _newest.get(store)
    if found is None or not store.has(_manifest_name(found.version)):
        numbers = versions(store)
        if not numbers:
            return None
        found = read_manifest(store, numbers[-1])
    while (later := read_version(store, found.version + 1)) is not None:
        found = later
    _newest[store] = found
    return found


def versions(store: Store) -> list[int]:
    """Numbers of the versions whose manifest is there, rising."""
    stems = [one.name.removeprefix("manifest/").removesuffix(".json") for one in store.list("manifest")]
    return sorted(int(stem) for stem in stems if stem.isdigit())


def read_version(store: Store, version: int) -> Manifest | None:
    """A version by its number, none when it is not there (any more)."""
    name = _manifest_name(version)
    return read_manifest(store, version) if store.has(name) else None


def _manifest_name(version: int) -> str:
    return f"manifest/{version:012d}.json"


def read_manifest(store: Store, version: int) -> Manifest:
    """FileNotFoundError when there is no such version."""
    data = store.read(_manifest_name(version))
    content = json.loads(data)
    segments = tuple(Segment(**{**one, "digest": Digest(**one["digest"])}) for one in content.pop("segments"))
    return Manifest(**content, segments=segments, digest=sha256(data).hexdigest())


def publish_manifest(store: Store, manifest: Manifest) -> Manifest:
    """Create the manifest of that version. FileExistsError when somebody else made this version first."""
    content = {name: getattr(manifest, name) for name in Manifest.__slots__ if name != "digest"}
    content["segments"] = [_as_dict(one) for one in manifest.segments]
    data = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    store.put_new(_manifest_name(manifest.version), data)
    return replace(manifest, digest=sha256(data).hexdigest())


def _as_dict(one: Segment) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in Segment.__slots__}
    return told | {"digest": {name: getattr(one.digest, name) for name in Digest.__slots__}}


def read_rows(store: Store, segments: Iterable[Segment]) -> pl.LazyFrame | None:
    """All rows of the segments, none when there are none."""
    paths = [store.local_path(one.path) for one in segments]
    return pl.scan_parquet(paths) if paths else None
