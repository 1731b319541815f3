"""Text table of a sniffed file: every cell as text, every row counted.

The fast way is Arrow's reader with fixed columns and no ignored errors. Whatever it refuses, and whatever it might
read otherwise than a person would (an opening quote that swallows lines), goes to the careful reader in pure Python.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from hedef.intake.engine.shapes import FINDING_SCHEMA, Skipped, Sniffed, TextTable, finding
from hedef.intake.engine.sniff import CELL_LIMIT, split_lines, utf8_text
from hedef.kernel.issue import Issue, Source

SWALLOW_LIMIT = 1_000  # lines that one quoted cell may span


def read_table(source: Path | bytes, sniffed: Sniffed, *, careful: bool = False) -> TextTable:
    """All rows of a sniffed file. Never loses one: ragged rows stay in the table and carry a finding.

    Raises ValueError for a file that `sniff` called unreadable.
    """
    if not sniffed.readable:
        raise ValueError(f"{sniffed.file_name} is no text table: {sniffed.kind}")
    data = source if isinstance(source, bytes) else source.read_bytes()
    path = source if isinstance(source, Path) else Path(sniffed.file_name)
    body = utf8_text(data, sniffed.encoding)
    del data
    body = body if sniffed.start == 0 and sniffed.end == len(body) else body[sniffed.start : sniffed.end]
    frame = None if careful else _read_fast(body, sniffed)
    if frame is None:
        return _finish(_read_careful(body, sniffed), sniffed, path)
    return _finish(_Read(frame), sniffed, path)


def line_numbers(source: Path | bytes, sniffed: Sniffed) -> pl.Series:
    """Physical line of every row (Int64, 1 = first line of the file); by the careful reader, for rejects."""
    lines = read_table(source, sniffed, careful=True).lines
    assert lines is not None
    return lines


@dataclass
class _Read:
    frame: pl.DataFrame
    findings: list[dict[str, Any]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lines: list[int] | None = None


# --- fast ----------------------------------------------------------------------------------------------------------


def _read_fast(body: bytes, sniffed: Sniffed) -> pl.DataFrame | None:
    """Arrow's table as text, or none when the careful reader must look."""
    names = list(sniffed.header)
    if not body.strip():
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if body.count(b'"') % 2 or body.count(b"\r") != body.count(b"\r\n"):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=1 << 23),
            parse_options=arrow_csv.ParseOptions(delimiter=sniffed.separator, newlines_in_values=b'"' in body),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return None if _may_have_swallowed(table) else _to_polars(table)


def _may_have_swallowed(table: pa.Table) -> bool:
    """A cell of more than 1,000 lines, or line breaks in the very last row: the quote may never have closed."""
    if any(_has_line_break(column[-1].as_py()) for column in table.columns if len(column)):
        return True
    return any(
        longest.is_valid and longest.as_py() > SWALLOW_LIMIT and _breaks(column) > SWALLOW_LIMIT
        for column in table.columns
        if (longest := pc.max(pc.binary_length(column)))
    )


def _has_line_break(text: str) -> bool:
    return "\n" in text or "\r" in text


def _breaks(column: pa.ChunkedArray) -> int:
    long_ones = column.filter(pc.greater(pc.binary_length(column), SWALLOW_LIMIT))
    return int(pc.max(pc.count_substring(long_ones, "\n")).as_py() or 0)


def _to_polars(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


# --- careful -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    line: int
    cells: list[str]
    unclosed: bool = False


def _read_careful(body: bytes, sniffed: Sniffed) -> _Read:
    """Rows one by one with their lines; an opening quote that never closes is read literally on its own line."""
    width = len(sniffed.header)
    findings: list[dict[str, Any]] = []
    unclosed: list[int] = []
    columns: list[list[str]] = [[] for _ in range(width)]
    lines: list[int] = []
    for row in _rows(body, sniffed):
        number = len(lines) + 1
        lines.append(row.line)
        if row.unclosed:
            findings.append(_unclosed_finding(number, row))
            unclosed.append(row.line)
        if len(row.cells) != width and (wrong := _ragged(number, row, width, sniffed.separator)):
            findings.append(wrong)
        for position in range(width):
            columns[position].append(row.cells[position] if position < len(row.cells) else "")
    frame = pl.DataFrame(
        dict(zip(sniffed.header, columns, strict=True)), schema=dict.fromkeys(sniffed.header, pl.String)
    )
    return _Read(frame, findings, _unclosed_issues(unclosed, sniffed.file_name), lines)


def _rows(body: bytes, sniffed: Sniffed) -> Iterator[_Row]:
    lines = [line.decode("utf-8", "replace") for line in split_lines(body)]
    position = 0
    separator = sniffed.separator
    while position < len(lines):
        text = lines[position]
        line = sniffed.first_line + position
        if not text.strip(" \t\r\n\x00\ufeff"):
            position += 1
        elif '"' not in text:
            position += 1
            yield _Row(line, text.rstrip("\r\n").split(separator))
        else:
            span = _span(lines, position, separator)
            taken = lines[position : position + max(span, 1)]
            position += len(taken)
            yield _Row(line, _parse(taken, separator)) if span else _Row(line, _literal(text, separator), unclosed=True)


def _span(lines: Sequence[str], position: int, separator: str) -> int:
    """Lines of the record that begins here; 0 when an opening quote never closes or swallows too much."""
    inside = False
    for count, text in enumerate(lines[position : position + SWALLOW_LIMIT + 1], start=1):
        inside = _ends_inside(text.rstrip("\r\n"), separator, inside)
        if not inside:
            return count
    return 0


def _ends_inside(text: str, separator: str, inside: bool) -> bool:
    """Whether the line ends inside a quoted cell, by the rules of Python's csv (quotes open only at a cell's start)."""
    at = 0
    if not inside and text[:1] == '"':
        at, inside = 1, True
    while True:
        if inside:
            quote = text.find('"', at)
            if quote < 0:
                return True
            if text[quote + 1 : quote + 2] == '"':
                at = quote + 2
                continue
            at = quote + 1
            inside = False
        following = text.find(separator, at)
        if following < 0:
            return False
        at = following + 1
        if text[at : at + 1] == '"':
            at, inside = at + 1, True


def _parse(taken: Sequence[str], separator: str) -> list[str]:
    return next(csv.reader(io.StringIO("".join(taken), newline=""), delimiter=separator))


def _literal(text: str, separator: str) -> list[str]:
    return text.rstrip("\r\n").split(separator)


def _ragged(number: int, row: _Row, width: int, separator: str) -> dict[str, Any] | None:
    """Too many or too few cells: no cell of the row can be trusted. Blank cells beyond the header do no harm."""
    if len(row.cells) > width and not any(cell.strip() for cell in row.cells[width:]):
        return None
    hint = f"The row has {len(row.cells)} cells, the header {width}. Look for a missing or unquoted separator."
    return finding("ragged_row", "error", number, separator.join(row.cells)[:200], hint)


def _unclosed_finding(number: int, row: _Row) -> dict[str, Any]:
    hint = "A quote opens here and never closes; the line was read literally. Double the quote or remove it."
    return finding("unclosed_quote", "warning", number, ",".join(row.cells)[:200], hint)


def _unclosed_issues(lines: Sequence[int], file_name: str) -> list[Issue]:
    if not lines:
        return []
    shown = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
    message = f"{file_name} line {shown}: a quote opens and never closes; the line was read literally."
    return [Issue("unclosed_quote", "warning", message, Source(file_name), None, "Double the quote or remove it.")]


# --- both ----------------------------------------------------------------------------------------------------------


def _finish(read: _Read, sniffed: Sniffed, path: Path) -> TextTable:
    findings = [*read.findings, *_too_large(read.frame)]
    repeated = _repeated_headers(read.frame, sniffed.header)
    issues = (*sniffed.issues, *read.issues)
    frame, skipped = read.frame, sniffed.skipped
    lines = None if read.lines is None else pl.Series("line", read.lines, dtype=pl.Int64)
    if repeated:
        frame, lines, findings, extra = _without(frame, lines, findings, repeated)
        skipped = (*skipped, *extra)
        message = f"{sniffed.file_name}: the header line comes again {len(repeated)} times among the rows (skipped)."
        issues = (*issues, Issue("header_repeated", "info", message, Source(sniffed.file_name), None, None))
    table = pl.DataFrame(findings, schema=FINDING_SCHEMA, orient="row")
    return TextTable(frame, sniffed, table, issues, skipped, read.lines is not None, path, lines)


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
    same = frame.select(
        pl.all_horizontal(pl.col(name).str.strip_chars(" \ufeff") == name for name in header if "#" not in name).alias(
            "same"
        )
    )["same"]
    return same.arg_true().to_list()


def _without(
    frame: pl.DataFrame, lines: pl.Series | None, findings: list[dict[str, Any]], rows: list[int]
) -> tuple[pl.DataFrame, pl.Series | None, list[dict[str, Any]], list[Skipped]]:
    """The table without repeated header lines; row numbers of findings move up."""
    gone = set(rows)
    keep = pl.Series([at not in gone for at in range(frame.height)])
    extra = [Skipped(0 if lines is None else int(lines[at]), "header", "header") for at in rows]
    moved = [one | {"row": one["row"] - sum(1 for at in rows if at < one["row"] - 1)} for one in findings]
    return frame.filter(keep), None if lines is None else lines.filter(keep), moved, extra
