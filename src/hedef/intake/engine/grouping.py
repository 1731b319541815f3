"""The rows of a file with those of one key together, without holding them all: dealt out to buckets on the disk."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from hedef.intake.engine import parts
from hedef.intake.engine.parts import Rows
from hedef.intake.engine.shapes import Skipped, Sniffed, TextTable
from hedef.kernel.issue import Issue

_LOT = 8  # parts that are dealt out at a time
_ROW, _LINE, _BUCKET = "\ufdd1row", "\ufdd1line", "\ufdd1bucket"  # no header can hold these
_MANIFEST = "by-key.json"


@dataclass(frozen=True)
class Grouped:
    """Every part holds all rows of its keys, in file order; `row_numbers` say which rows of the file they are."""

    base: Rows
    folder: Path
    count: int
    lots: int

    @property
    def sniffed(self) -> Sniffed:
        return self.base.sniffed

    @property
    def header(self) -> tuple[str, ...]:
        return self.base.header

    @property
    def rows(self) -> int:
        return self.base.rows

    @property
    def issues(self) -> tuple[Issue, ...]:
        return self.base.issues

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self.base.skipped

    def part(self, at: int, columns: Sequence[str] | None = None) -> TextTable:
        wanted = [*(columns if columns is not None else self.header), _ROW, _LINE]
        pieces = [self.folder / _piece(at, lot) for lot in range(self.lots)]
        found = [pl.read_parquet(piece, columns=wanted) for piece in pieces if piece.is_file()]
        empty = pl.DataFrame(schema={**dict.fromkeys(wanted[:-2], pl.String), _ROW: pl.Int64, _LINE: pl.Int64})
        frame = pl.concat(found) if found else empty
        findings = [
            pl.read_parquet(file).filter(pl.col(_BUCKET) == at).drop(_BUCKET)
            for file in sorted(self.folder.glob("findings-*.parquet"))
        ]
        table = self.base.part(0, list(self.header[:1]))
        lines = frame[_LINE].alias("line") if frame[_LINE].null_count() == 0 and frame.height else None
        return replace(
            table, frame=frame.drop(_ROW, _LINE), row_findings=pl.concat([table.row_findings.clear(), *findings]),
            lines=lines, first_row=1, numbers=frame[_ROW].alias("row"),
        )  # fmt: skip

    def whole(self) -> TextTable:
        return self.base.whole()


def group_rows(rows: Rows, keys: Callable[[TextTable], pl.Series], folder: Path) -> Grouped:
    """Deal the rows of a file out by their key (null: each row by itself); finished work in `folder` is found again."""
    count = max(1, -(-rows.rows * 5 // (4 * parts.PART_ROWS)))
    lots = -(-rows.count // _LOT)
    manifest = folder / _MANIFEST
    if not manifest.is_file() or json.loads(manifest.read_text(encoding="utf-8")) != [rows.rows, count, lots]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for lot in range(lots):
            _deal(rows, range(lot * _LOT, min((lot + 1) * _LOT, rows.count)), keys, folder, lot, count)
        manifest.write_text(json.dumps([rows.rows, count, lots]), encoding="utf-8")
    return Grouped(rows, folder, count, lots)


def _deal(
    rows: Rows, places: range, keys: Callable[[TextTable], pl.Series], folder: Path, lot: int, count: int
) -> None:
    tables = [rows.part(at) for at in places]
    frame = pl.concat([_marked(table, keys, count) for table in tables])
    for (bucket,), piece in frame.partition_by(_BUCKET, as_dict=True, include_key=False).items():
        piece.write_parquet(folder / _piece(int(bucket), lot), compression="lz4", statistics=False)
    findings = pl.concat([table.row_findings for table in tables])
    if findings.height:
        of_rows = frame.select(pl.col(_ROW).alias("row"), _BUCKET)
        told = findings.join(of_rows, on="row", how="left", maintain_order="left")
        told.write_parquet(folder / f"findings-{lot:05d}.parquet")


def _marked(table: TextTable, keys: Callable[[TextTable], pl.Series], count: int) -> pl.DataFrame:
    key, numbers = keys(table), table.row_numbers
    bucket = pl.select(pl.coalesce(key, numbers.cast(pl.String))).to_series().hash(seed=0) % count
    lines = table.lines if table.lines is not None else pl.Series([None] * table.rows, dtype=pl.Int64)
    return table.frame.with_columns(numbers.alias(_ROW), lines.alias(_LINE), bucket.cast(pl.Int64).alias(_BUCKET))


def _piece(bucket: int, lot: int) -> str:
    return f"bucket-{bucket:05d}-{lot:05d}.parquet"
