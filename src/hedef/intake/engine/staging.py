"""A large text file into the parts of a folder: the same rows as `read_table`, never more than a part in memory."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from hedef.intake.engine import parts
from hedef.intake.engine.careful import Sink, careful_rows, unclosed_issues
from hedef.intake.engine.read import (
    Read,
    arrow_options,
    body_of,
    chunks_of,
    has_swallowed,
    last_row,
    may_end_inside,
    repeated_issues,
    tidied,
    to_polars,
)
from hedef.intake.engine.shapes import Sniffed
from hedef.intake.engine.stream import TAIL_BYTES, Body

_BLOCK = 1 << 22


class TooManyRows(ValueError):
    """More rows than a file may have."""


class _Careful(Exception):
    """Arrow refuses the file, or might read it otherwise than a person would."""


@dataclass
class _Folder:
    """Parts on their way to the disk."""

    path: Path
    sniffed: Sniffed
    row_limit: int
    parts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[tuple[int, str, str]] = field(default_factory=list)
    rows: int = 0

    def write(self, read: Read) -> None:
        table, headers = tidied(read, self.sniffed.header, self.rows + 1)
        self.headers += [(one.line, one.text, one.why) for one in headers]
        at, count = len(self.parts), table.frame.height
        if self.rows + count > self.row_limit:
            raise TooManyRows(f"more than {self.row_limit:,} rows")
        self._save("part", at, table.frame)
        if table.findings.height:
            self._save("findings", at, table.findings)
        if table.lines is not None:
            self._save("lines", at, pl.DataFrame({"line": table.lines}))
        told = {"rows": count, "first": self.rows + 1, "findings": table.findings.height > 0}
        self.parts.append({**told, "lines": table.lines is not None})
        self.rows += count

    def _save(self, what: str, at: int, frame: pl.DataFrame) -> None:
        parts.save(self.path, what, at, frame)

    def close(self, unclosed: list[int], *, careful: bool) -> None:
        """The manifest, written last: without it the folder counts for nothing."""
        name = self.sniffed.file_name
        issues = [*self.sniffed.issues, *unclosed_issues(unclosed, name), *repeated_issues(len(self.headers), name)]
        skipped = [(one.line, one.text, one.why) for one in self.sniffed.skipped]
        told = {
            "version": parts.VERSION,
            "header": list(self.sniffed.header),
            "parts": self.parts,
            "issues": [one.as_json() for one in issues],
            "skipped": [*skipped, *self.headers],
            "careful": careful,
        }
        draft = self.path / f"{parts.MANIFEST}.new"
        draft.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        draft.replace(self.path / parts.MANIFEST)


def stage(path: Path, sniffed: Sniffed, folder: Path, *, row_limit: int) -> int:
    """Write the rows of a text file as parts into `folder`; what was there before is gone. Returns their number.

    Raises TooManyRows, and `careful.TooLong` for a text without line ends.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    out = _Folder(folder, sniffed, row_limit)
    try:
        _stage_fast(path, sniffed, out)
        out.close([], careful=False)
    except (_Careful, pa.ArrowInvalid):
        out = _Folder(folder, sniffed, row_limit)
        unclosed = _stage_careful(path, sniffed, out)
        out.close(unclosed, careful=True)
    return out.rows


def _stage_fast(path: Path, sniffed: Sniffed, out: _Folder) -> None:
    large = sniffed.large
    assert large is not None
    counts = large.counts.without(large.head)
    end = large.tail[: len(large.tail) - (large.size - sniffed.end)]
    counts = counts.without(large.tail[len(end) :])
    if counts.quotes % 2 or counts.cr != counts.crlf or sniffed.start >= sniffed.end:
        raise _Careful
    options = arrow_options(sniffed, quotes=counts.quotes > 0, block=2 * _BLOCK, threads=False)
    for table in _lots(_tables(body_of(path, sniffed), sniffed, options)):
        out.write(Read(to_polars(table)))


def _tables(body: Body, sniffed: Sniffed, options: dict[str, Any]) -> Iterator[pa.Table]:
    """The rows, about four megabytes of text at a time. Arrow's own streaming reads far ahead of who asks it."""
    left = b""
    while True:
        block = body.read(_BLOCK)
        text, left = _cut(left + block) if block else (left, b"")
        if text:
            table = arrow_csv.read_csv(pa.BufferReader(text), **options)
            if may_end_inside(last_row(table), b"\n" + text[-TAIL_BYTES:], sniffed.separator):
                raise _Careful
            if has_swallowed(table.columns):
                raise _Careful
            yield table
        if not block:
            return


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Whole records, and the beginning of the next one: cut at a line end with an even number of quotes before it.

    A lone quote inside a cell may lead to a cut inside quotes; then the last record does not close, and Arrow's table
    is not used.
    """
    end, odd = text.rfind(b"\n") + 1, None
    while end:
        odd = bool(text.count(b'"', 0, end) % 2) if odd is None else odd
        before = text.rfind(b"\n", 0, end - 1) + 1
        if not odd:
            return text[:end], text[end:]
        odd ^= bool(text.count(b'"', before, end) % 2)
        end = before
    if len(text) > 4 * _BLOCK:
        raise _Careful
    return b"", text


def _lots(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Tables put together and cut into parts; the last one may be smaller."""
    waiting: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        waiting.append(table)
        rows, size = rows + table.num_rows, size + table.nbytes
        while rows >= parts.PART_ROWS or size >= parts.PART_BYTES:
            together = pa.concat_tables(waiting)
            yield together.slice(0, parts.PART_ROWS)
            rest = together.slice(parts.PART_ROWS)
            waiting, rows, size = [rest], rest.num_rows, rest.nbytes
    if rows:
        yield pa.concat_tables(waiting)


def _stage_careful(path: Path, sniffed: Sniffed, out: _Folder) -> list[int]:
    """Returns the lines of quotes that never close."""
    unclosed: list[int] = []
    sink = Sink(sniffed)
    for row in careful_rows(chunks_of(path, sniffed), sniffed):
        sink.add(row)
        if len(sink.rows) >= parts.PART_ROWS or sink.size >= parts.PART_BYTES:
            unclosed += sink.unclosed
            out.write(Read(sink.frame(), sink.findings, [], sink.lines))
            sink = Sink(sniffed)
    if sink.rows:
        out.write(Read(sink.frame(), sink.findings, [], sink.lines))
    return unclosed + sink.unclosed
