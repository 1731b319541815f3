"""The rows of a file in parts, so that no step needs the whole file in memory.

`Held` keeps a table in memory and cuts it; `Staged` reads parts that the reader wrote to a folder. Both give the same
rows under the same numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from hedef.intake.engine.shapes import FINDING_SCHEMA, Skipped, Sniffed, TextTable
from hedef.kernel.issue import Issue, Source

PART_ROWS = 25_000
PART_BYTES = 48 << 20  # of text; wide rows make smaller parts
MANIFEST = "rows.json"
VERSION = 1


class Rows(Protocol):
    """All rows of one file. `part` may read only some columns; findings and lines come with every part."""

    @property
    def sniffed(self) -> Sniffed: ...
    @property
    def header(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def issues(self) -> tuple[Issue, ...]: ...
    @property
    def skipped(self) -> tuple[Skipped, ...]: ...

    def part(self, at: int, columns: Sequence[str] | None = None) -> TextTable: ...
    def whole(self) -> TextTable: ...


@dataclass(frozen=True)
class Held:
    """Rows in memory; `single`: they are one part, however many they are."""

    table: TextTable
    single: bool = False

    @property
    def sniffed(self) -> Sniffed:
        return self.table.sniffed

    @property
    def header(self) -> tuple[str, ...]:
        return self.table.header

    @property
    def rows(self) -> int:
        return self.table.rows

    @property
    def count(self) -> int:
        return 1 if self.single else max(1, -(-self.rows // PART_ROWS))

    @property
    def issues(self) -> tuple[Issue, ...]:
        return self.table.issues

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self.table.skipped

    def part(self, at: int, columns: Sequence[str] | None = None) -> TextTable:
        if self.count == 1:
            return self.table
        table, first = self.table, at * PART_ROWS
        frame = table.frame.slice(first, PART_ROWS)
        number = table.first_row + first
        found = table.row_findings.filter(pl.col("row").is_between(number, number + PART_ROWS - 1))
        lines = None if table.lines is None else table.lines.slice(first, PART_ROWS)
        return replace(
            table, frame=frame if columns is None else frame.select(columns), row_findings=found, lines=lines,
            first_row=number,
        )  # fmt: skip

    def whole(self) -> TextTable:
        return self.table


@dataclass(frozen=True)
class Staged:
    """Rows in the parts of a folder, as `staging` wrote them."""

    folder: Path
    sniffed: Sniffed
    path: Path
    told: Mapping[str, Any]

    @property
    def header(self) -> tuple[str, ...]:
        return self.sniffed.header

    @property
    def rows(self) -> int:
        return sum(one["rows"] for one in self.told["parts"])

    @property
    def count(self) -> int:
        return max(1, len(self.told["parts"]))

    @property
    def issues(self) -> tuple[Issue, ...]:
        return tuple(issue_of(one) for one in self.told["issues"])

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return tuple(Skipped(line, text, why) for line, text, why in self.told["skipped"])

    def part(self, at: int, columns: Sequence[str] | None = None) -> TextTable:
        if not self.told["parts"]:
            return self._table(pl.DataFrame(schema=dict.fromkeys(self.header, pl.String)), _none(), 1, None)
        told = self.told["parts"][at]
        frame = _read(self.folder / f"part-{at:05d}.parquet", columns)
        findings = _read(self.folder / f"findings-{at:05d}.parquet") if told["findings"] else _none()
        lines = _read(self.folder / f"lines-{at:05d}.parquet")["line"] if told["lines"] else None
        numbers = _read(self.folder / f"numbers-{at:05d}.parquet")["row"] if told.get("numbers") else None
        return self._table(frame, findings, told["first"], lines, numbers)

    def whole(self) -> TextTable:
        """Everything at once, for files whose reader needs all rows together."""
        parts = [self.part(at) for at in range(self.count)]
        lines = [one.lines for one in parts if one.lines is not None]
        numbers = [one.numbers for one in parts if one.numbers is not None]
        return self._table(
            pl.concat([one.frame for one in parts]),
            pl.concat([one.row_findings for one in parts]),
            1,
            pl.concat(lines) if lines and len(lines) == len(parts) else None,
            pl.concat(numbers) if numbers else None,
        )

    def _table(
        self,
        frame: pl.DataFrame,
        findings: pl.DataFrame,
        first: int,
        lines: pl.Series | None,
        numbers: pl.Series | None = None,
    ) -> TextTable:
        careful = bool(self.told["careful"])
        return TextTable(
            frame, self.sniffed, findings, self.issues, self.skipped, careful, self.path, lines, first, numbers
        )


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=FINDING_SCHEMA)


def save(folder: Path, what: str, at: int, frame: pl.DataFrame) -> None:
    """One file of a part; light compression, as it is read once or twice."""
    frame.write_parquet(folder / f"{what}-{at:05d}.parquet", compression="lz4", statistics=False)


def _read(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    return pl.read_parquet(path, columns=None if columns is None else list(columns))


def open_staged(folder: Path, sniffed: Sniffed, path: Path) -> Staged | None:
    """The parts of a folder; none unless they were written to the end, by this version, for this file."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return None
    told = json.loads(manifest.read_text(encoding="utf-8"))
    if told["version"] != VERSION or tuple(told["header"]) != sniffed.header:
        return None
    return Staged(folder, sniffed, path, told)


def lots_of(rows: Rows, columns: Sequence[str], count: int = 4) -> Iterator[TextTable]:
    """All rows in their order, some parts at a time, for steps that keep little of them."""
    for at in range(0, rows.count, count):
        tables = [rows.part(place, columns) for place in range(at, min(at + count, rows.count))]
        frame = pl.concat([table.frame.select(columns) for table in tables]) if len(tables) > 1 else tables[0].frame
        yield replace(tables[0], frame=frame)


def parts_of(rows: Rows, columns: Sequence[str] | None = None) -> Iterator[TextTable]:
    """All parts in their order."""
    return (rows.part(at, columns) for at in range(rows.count))


# --- issues as JSON ---------------------------------------------------------------------------------------------------


def issue_of(told: Mapping[str, Any]) -> Issue:
    """The way back from `Issue.as_json`."""
    source = told.get("source")
    place = None if source is None else Source(source["file"], source["row"], source["column"])
    return Issue(told["code"], told["level"], told["message"], place, told.get("object"), told.get("hint"))
