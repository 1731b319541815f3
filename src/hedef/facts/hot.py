"""Tables that a process keeps in memory and refreshes by key: what came and went since, not the whole.

A hot table holds each row with the seal from which it counts and the seal from which no longer (`until_no`), so that
pins of several versions read it side by side. It answers for pins from the version it was loaded at on; older ones,
and tables that are too large, are read from the files, which is the same by test.
"""

# ruff: noqa: S608 - only names of the registry, own paths and seal numbers stand in this SQL; values are bound

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedef.facts.living import every_row
from hedef.facts.segments import Digest, Manifest, Segment

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

LARGEST = 6_000_000  # rows of a table that are kept in memory (packed: some 20 bytes each)
FOREVER = 9_223_372_036_854_775_807
_STALE = 0.25  # share of rows that no longer count, from which a table is loaded anew

type Columns = Mapping[str, str]
type PathOf = Callable[[Segment], "Path"]


@dataclass
class HotTable:
    """Rows of one table. `lives`: only rows that stand (shape `rows`), by entity `key`; else every signed row."""

    table: str
    name: str  # in the database of hot tables
    columns: Columns
    sign: str
    key: str
    lives: bool
    first_no: int  # answers for what was known at this seal and later
    known_no: int = 0  # up to this seal
    versions: set[str] = field(default_factory=set)  # digests of the manifests it was made from
    digest: Digest = field(default_factory=Digest)
    rows: int = 0
    past: int = 0  # rows that no longer count

    def at(self, known_no: int) -> str:
        """SQL of the rows as known at a seal."""
        listed = ", ".join(f'"{name}"' for name in self.columns)
        living = f" AND until_no > {known_no}" if self.lives else ""
        return f"SELECT {listed} FROM hot.{self.name} WHERE known_no <= {known_no}{living}"

    def answers(self, manifest: Manifest, known_no: int) -> bool:
        return manifest.digest in self.versions and self.first_no <= known_no <= self.known_no

    @property
    def stale(self) -> bool:
        return self.past > 50_000 and self.past > self.rows * _STALE


def load(
    connection: "duckdb.DuckDBPyConnection", one: HotTable, slices: Sequence[str], manifest: Manifest, *, pack: bool
) -> None:
    """Fill a hot table from slices of SQL that together give all its rows at the newest seal of a version.

    `pack`: packed slice by slice, so that a large table never lies unpacked in memory.
    """
    until = f", CAST({FOREVER} AS BIGINT) AS until_no" if one.lives else ""
    listed = ", ".join(f'"{name}"' for name in one.columns)
    for place, rows in enumerate(slices):
        into = f"INSERT INTO hot.{one.name}" if place else f"CREATE TABLE hot.{one.name} AS"
        connection.execute(f"{into} SELECT {listed}{until} FROM ({rows}) AS r")
        if pack:
            connection.execute("CHECKPOINT hot")
    one.rows = connection.execute(f"SELECT count(*) FROM hot.{one.name}").fetchall()[0][0]
    _knows(one, manifest)


def refresh(
    connection: "duckdb.DuckDBPyConnection", one: HotTable, parts: Sequence[Segment], manifest: Manifest, path: PathOf
) -> None:
    """Take in what the seals after those known say; `parts` are all segments of the table in the newer version."""
    new = [part for part in parts if part.last_known > one.known_no]
    if new:
        rows = every_row([path(part) for part in new], one.columns, None)
        rows = f"SELECT * FROM ({rows}) AS r WHERE known_no > {one.known_no}"
        connection.execute("BEGIN")
        try:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE news AS {rows}")
            (_take_living if one.lives else _take_signed)(connection, one)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    _knows(one, manifest)


def _knows(one: HotTable, manifest: Manifest) -> None:
    one.known_no = manifest.watermark
    one.versions.add(manifest.digest)
    one.digest = sum((part.digest for part in manifest.segments if part.table == one.table), Digest())


def _take_signed(connection: "duckdb.DuckDBPyConnection", one: HotTable) -> None:
    listed = ", ".join(f'"{name}"' for name in one.columns)
    connection.execute(f"INSERT INTO hot.{one.name} SELECT {listed} FROM news")


def _take_living(connection: "duckdb.DuckDBPyConnection", one: HotTable) -> None:
    """Rows of entities of which something was taken back are numbered anew: each until the seal that takes it back."""
    listed = ", ".join(f'"{name}"' for name in one.columns)
    values = ", ".join(f'"{name}"' for name in one.columns if name not in ("known_no", one.sign))
    turned = f'SELECT DISTINCT "{one.key}" FROM news WHERE {one.sign} < 0'
    standing = f'until_no = {FOREVER} AND "{one.key}" IN ({turned})'
    steps = (
        f"SELECT {listed}, coalesce(lead(known_no) OVER (PARTITION BY {values} ORDER BY known_no), {FOREVER}) "
        f"AS until_no FROM (SELECT {listed} FROM hot.{one.name} WHERE {standing} "
        f"UNION ALL SELECT {listed} FROM news) AS r"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE steps AS SELECT * FROM ({steps}) AS s WHERE {one.sign} > 0")
    connection.execute(f"DELETE FROM hot.{one.name} WHERE {standing}")
    connection.execute(f"INSERT INTO hot.{one.name} SELECT * FROM steps")
    (ended, told), *_ = connection.execute(
        f"SELECT count(*) FILTER (WHERE until_no < {FOREVER}), count(*) FROM steps"
    ).fetchall()
    one.past += ended
    one.rows += told
