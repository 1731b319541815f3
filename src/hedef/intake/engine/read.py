"""Text table of a sniffed file: every cell as text, every row counted.

The fast way is Arrow's reader with fixed columns and no ignored errors. Whatever it refuses, and whatever it might
read otherwise than a person would (an opening quote that swallows lines), goes to the careful reader in pure Python.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from hedef.intake.engine.careful import (
    SWALLOW_LIMIT,
    Sink,
    careful_rows,
    closes,
    line_chunks,
    unclosed_issues,
)
from hedef.intake.engine.shapes import FINDING_SCHEMA, Skipped, Sniffed, TextTable, finding
from hedef.intake.engine.sniff import CELL_LIMIT, is_blank, split_lines, utf8_text
from hedef.intake.engine.stream import BLOCK, TAIL_BYTES, Body, blocks
from hedef.kernel.issue import Issue, Source

_CHUNK = 50_000  # rows that wait as Python lists


def read_table(source: Path | bytes, sniffed: Sniffed, *, careful: bool = False) -> TextTable:
    """All rows of a sniffed file. Never loses one: ragged rows stay in the table and carry a finding.

    Raises ValueError for a file that `sniff` called unreadable.
    """
    if not sniffed.readable:
        raise ValueError(f"{sniffed.file_name} is no text table: {sniffed.kind}")
    path = source if isinstance(source, Path) else Path(sniffed.file_name)
    body = _body(source, sniffed)
    frame = None if careful else _read_fast(body, sniffed)
    if frame is None:
        return _finish(_read_careful(body, sniffed), sniffed, path)
    return _finish(Read(frame), sniffed, path)


def line_numbers(source: Path | bytes, sniffed: Sniffed) -> pl.Series:
    """Physical line of every row (Int64, 1 = first line of the file); by the careful reader, for rejects."""
    rows = careful_rows(chunks_of(source, sniffed), sniffed)
    lines = [row.line for row in rows if not _is_header(row.cells, sniffed.header)]
    return pl.Series("line", lines, dtype=pl.Int64)


def _body(source: Path | bytes, sniffed: Sniffed) -> bytes:
    """The rows of the file as UTF-8, without titles, header and footer."""
    text = utf8_text(source if isinstance(source, bytes) else source.read_bytes(), sniffed.encoding)
    return text if sniffed.start == 0 and sniffed.end == len(text) else text[sniffed.start : sniffed.end]


def chunks_of(source: Path | bytes, sniffed: Sniffed) -> Iterator[list[bytes]]:
    """Physical lines of the rows, some at a time; of a large file never all at once."""
    if sniffed.large is None or isinstance(source, bytes):
        return iter([split_lines(_body(source, sniffed))])
    body = body_of(source, sniffed)
    return line_chunks(iter(lambda: body.read(BLOCK), b""))


def body_of(path: Path, sniffed: Sniffed) -> Body:
    """The rows of a large file as a stream of UTF-8."""
    cr_ends = sniffed.large is not None and sniffed.large.cr_ends
    return Body(blocks(path, sniffed.encoding, cr_ends=cr_ends), sniffed.start, sniffed.end)


@dataclass
class Read:
    """Rows as they stand in the file, repeated headers among them; `findings` count these rows from 1."""

    frame: pl.DataFrame
    findings: list[dict[str, Any]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lines: list[int] | None = None


# --- fast ----------------------------------------------------------------------------------------------------------


def _read_fast(body: bytes, sniffed: Sniffed) -> pl.DataFrame | None:
    """Arrow's table as text, or none when the careful reader must look."""
    names = list(sniffed.header)
    if is_blank(body):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if body.count(b'"') % 2 or body.count(b"\r") != body.count(b"\r\n"):
        return None
    try:
        table = arrow_csv.read_csv(pa.BufferReader(body), **arrow_options(sniffed, quotes=b'"' in body, block=1 << 23))
    except pa.ArrowInvalid:
        return None
    if may_end_inside(last_row(table), b"\n" + body[-TAIL_BYTES:], sniffed.separator) or has_swallowed(table.columns):
        return None
    return to_polars(table)


def arrow_options(sniffed: Sniffed, *, quotes: bool, block: int, threads: bool = True) -> dict[str, Any]:
    """How Arrow reads rows: every column text, nothing guessed, no error passed over."""
    names = list(sniffed.header)
    return {
        "read_options": arrow_csv.ReadOptions(column_names=names, block_size=block, use_threads=threads),
        "parse_options": arrow_csv.ParseOptions(delimiter=sniffed.separator, newlines_in_values=quotes),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    }


def has_swallowed(columns: Iterable[Any]) -> bool:
    """A cell of more than 1,000 lines: an opening quote may never have closed."""
    return any(
        longest.is_valid and longest.as_py() > SWALLOW_LIMIT and _breaks(column) > SWALLOW_LIMIT
        for column in columns
        if (longest := pc.max(pc.binary_length(column)))
    )


def last_row(table: pa.Table) -> list[str]:
    """Its cells; none of a table without rows."""
    return [column[-1].as_py() for column in table.columns] if table.num_rows else []


def may_end_inside(last_row: Sequence[str], tail: bytes, separator: str) -> bool:
    """Whether the last record ends inside quotes, which then never closed: its lines are read once more by hand."""
    lines = sum(cell.count("\n") for cell in last_row) + 1
    text = tail.rstrip(b"\r\n").split(b"\n")
    return len(text) <= lines or not closes(text[-lines:], separator)


def _breaks(column: Any) -> int:
    long_ones = column.filter(pc.greater(pc.binary_length(column), SWALLOW_LIMIT))
    return int(pc.max(pc.count_substring(long_ones, "\n")).as_py() or 0)


def to_polars(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


# --- careful -------------------------------------------------------------------------------------------------------


def _read_careful(body: bytes, sniffed: Sniffed) -> Read:
    """Rows one by one with their lines; an opening quote that never closes is read literally on its own line."""
    sink, frames = Sink(sniffed), []
    for row in careful_rows(iter([split_lines(body)]), sniffed):
        sink.add(row)
        if len(sink.rows) == _CHUNK:
            frames.append(sink.frame())
    frames.append(sink.frame())
    issues = unclosed_issues(sink.unclosed, sniffed.file_name)
    return Read(pl.concat(frames), sink.findings, issues, sink.lines)


# --- both ----------------------------------------------------------------------------------------------------------


def _finish(read: Read, sniffed: Sniffed, path: Path) -> TextTable:
    table, headers = tidied(read, sniffed.header, 1)
    issues = (*sniffed.issues, *read.issues, *repeated_issues(len(headers), sniffed.file_name))
    careful = read.lines is not None
    return TextTable(
        table.frame, sniffed, table.findings, issues, (*sniffed.skipped, *headers), careful, path, table.lines
    )


@dataclass(frozen=True)
class Tidied:
    """Rows of a table without repeated headers; findings in FINDING_SCHEMA, by their row in the file."""

    frame: pl.DataFrame
    findings: pl.DataFrame
    lines: pl.Series | None


def tidied(read: Read, header: Sequence[str], first_row: int) -> tuple[Tidied, list[Skipped]]:
    """What was read as it is handed on, its first row numbered `first_row`, and the header lines left out."""
    findings = [*read.findings, *_too_large(read.frame)]
    repeated = _repeated_headers(read.frame, header)
    frame = read.frame
    headers: list[Skipped] = []
    lines = None if read.lines is None else pl.Series("line", read.lines, dtype=pl.Int64)
    if repeated:
        frame, lines, findings, headers = _without(frame, lines, findings, repeated)
    table = pl.DataFrame(findings, schema=FINDING_SCHEMA, orient="row").with_columns(pl.col("row") + (first_row - 1))
    return Tidied(frame, table, lines), headers


def repeated_issues(count: int, file_name: str) -> list[Issue]:
    if not count:
        return []
    message = f"{file_name}: the header line comes again {count} times among the rows (skipped)."
    return [Issue("header_repeated", "info", message, Source(file_name), None, None)]


def _too_large(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for name in frame.columns:
        sizes = frame[name].str.len_bytes()
        if (sizes.max() or 0) > CELL_LIMIT:  # type: ignore[operator]
            for at in (sizes > CELL_LIMIT).arg_true().to_list():
                hint = f"The cell holds {sizes[at]} bytes; {CELL_LIMIT} are allowed. Shorten the text."
                yield finding("row_too_large", "error", at + 1, frame[name][at][:60], hint) | {"column": name}


def _repeated_headers(frame: pl.DataFrame, header: Sequence[str]) -> list[int]:
    """Row indexes that repeat the header line (files put one after the other)."""
    if len(header) < 2 or not frame.height:
        return []
    likely = frame[header[0]].str.strip_chars(" \ufeff") == header[0]
    return [at for at in likely.arg_true().to_list() if _is_header(frame.row(at), header)]


def _is_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row is the header line again (made-up names of repeated and empty headers aside)."""
    if len(header) < 2 or len(cells) != len(header) or cells[0].strip(" \ufeff") != header[0]:
        return False
    return all(cell.strip(" \ufeff") == name for cell, name in zip(cells, header, strict=True) if not _made_up(name))


def _made_up(name: str) -> bool:
    return "#" in name or name.startswith("column_")


def _without(
    frame: pl.DataFrame, lines: pl.Series | None, findings: list[dict[str, Any]], rows: list[int]
) -> tuple[pl.DataFrame, pl.Series | None, list[dict[str, Any]], list[Skipped]]:
    """The table without repeated header lines; row numbers of findings move up."""
    gone = set(rows)
    keep = pl.Series([at not in gone for at in range(frame.height)])
    extra = [Skipped(0 if lines is None else int(lines[at]), "header", "header") for at in rows]
    moved = [one | {"row": one["row"] - sum(1 for at in rows if at < one["row"] - 1)} for one in findings]
    return frame.filter(keep), None if lines is None else lines.filter(keep), moved, extra
