"""Text table of a sniffed file: every cell as text, every row counted.

The fast way is Arrow's reader with fixed columns and no ignored errors. Whatever it refuses, and whatever it might
read otherwise than a person would (an opening quote that swallows lines), goes to the careful reader in pure Python.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from hedef.intake.engine.shapes import FINDING_SCHEMA, Skipped, Sniffed, TextTable, finding
from hedef.intake.engine.sniff import CELL_LIMIT, TAIL_BYTES, is_blank, split_lines, utf8_text
from hedef.kernel.issue import Issue, Source

SWALLOW_LIMIT = 1_000  # lines that one quoted cell may span


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
    return _finish(_Read(frame), sniffed, path)


def line_numbers(source: Path | bytes, sniffed: Sniffed) -> pl.Series:
    """Physical line of every row (Int64, 1 = first line of the file); by the careful reader, for rejects."""
    rows = _rows(_body(source, sniffed), sniffed)
    lines = [row.line for row in rows if not _is_header(row.cells, sniffed.header)]
    return pl.Series("line", lines, dtype=pl.Int64)


def _body(source: Path | bytes, sniffed: Sniffed) -> bytes:
    """The rows of the file as UTF-8, without titles, header and footer."""
    text = utf8_text(source if isinstance(source, bytes) else source.read_bytes(), sniffed.encoding)
    return text if sniffed.start == 0 and sniffed.end == len(text) else text[sniffed.start : sniffed.end]


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
    if is_blank(body):
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
    return None if _may_have_swallowed(table, body) else _to_polars(table)


def _may_have_swallowed(table: pa.Table, body: bytes) -> bool:
    """A cell of more than 1,000 lines, or an end of file inside quotes: an opening quote may never have closed."""
    if _may_end_inside(table, body):
        return True
    return any(
        longest.is_valid and longest.as_py() > SWALLOW_LIMIT and _breaks(column) > SWALLOW_LIMIT
        for column in table.columns
        if (longest := pc.max(pc.binary_length(column)))
    )


def _may_end_inside(table: pa.Table, body: bytes) -> bool:
    """A quote that is open at the end of the file gives a last cell with line breaks, or an odd last line."""
    tail = body[-TAIL_BYTES:].rstrip(b"\r\n")
    if tail.endswith(b'"'):
        return False
    last_cell = table.column(table.num_columns - 1)[-1].as_py() if table.num_rows else ""
    return tail.rpartition(b"\n")[2].count(b'"') % 2 == 1 or "\n" in last_cell or "\r" in last_cell


def _breaks(column: pa.ChunkedArray) -> int:
    long_ones = column.filter(pc.greater(pc.binary_length(column), SWALLOW_LIMIT))
    return int(pc.max(pc.count_substring(long_ones, "\n")).as_py() or 0)


def _to_polars(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


# --- careful -------------------------------------------------------------------------------------------------------


_CHUNK = 50_000  # rows that wait as Python lists


@dataclass(slots=True)
class _Row:
    line: int
    cells: list[str]
    unclosed: bool = False


class _Sink:
    """Collects rows as columns, a chunk at a time, with their lines and findings."""

    def __init__(self, sniffed: Sniffed) -> None:
        self.header, self.width, self.separator = sniffed.header, len(sniffed.header), sniffed.separator
        self.rows: list[list[str]] = []
        self.frames: list[pl.DataFrame] = []
        self.lines: list[int] = []
        self.findings: list[dict[str, Any]] = []
        self.unclosed: list[int] = []

    def add(self, row: _Row) -> None:
        self.lines.append(row.line)
        if row.unclosed:
            self.findings.append(_unclosed_finding(len(self.lines), row))
            self.unclosed.append(row.line)
        cells = row.cells
        if len(cells) != self.width:
            if wrong := _ragged(len(self.lines), row, self.width, self.separator):
                self.findings.append(wrong)
            cells = (cells + [""] * self.width)[: self.width]
        self.rows.append(cells)
        if len(self.rows) == _CHUNK:
            self.flush()

    def flush(self) -> None:
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * self.width
        series = [pl.Series(name, texts, dtype=pl.String) for name, texts in zip(self.header, columns, strict=True)]
        self.frames.append(pl.DataFrame(series))
        self.rows = []

    def frame(self) -> pl.DataFrame:
        self.flush()
        return pl.concat(self.frames)


def _read_careful(body: bytes, sniffed: Sniffed) -> _Read:
    """Rows one by one with their lines; an opening quote that never closes is read literally on its own line."""
    sink = _Sink(sniffed)
    for row in _rows(body, sniffed):
        sink.add(row)
    return _Read(sink.frame(), sink.findings, _unclosed_issues(sink.unclosed, sniffed.file_name), sink.lines)


_LONE_CR = "\ufdd0"  # stands for a carriage return inside a line, which csv would take for a line end


class _Feed:
    """Lines for `csv.reader` from one place on; ends early when one record takes more than 1,000 of them."""

    def __init__(self, lines: Sequence[bytes], position: int) -> None:
        self.lines, self.position, self.begin = lines, position, position
        self.swallowed = self.marked = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.position - self.begin > SWALLOW_LIMIT:
            self.swallowed = True
        if self.swallowed or self.position >= len(self.lines):
            raise StopIteration
        line = self.lines[self.position].decode("utf-8", "replace")
        self.position += 1
        if "\r" in line and "\r" in (core := line.rstrip("\r\n")):
            self.marked = True
            return core.replace("\r", _LONE_CR) + line[len(core) :]
        return line

    def restored(self, cells: list[str]) -> list[str]:
        """Cells with their lone carriage returns back."""
        if not self.marked:
            return cells
        self.marked = False
        return [cell.replace(_LONE_CR, "\r") for cell in cells]


def _rows(body: bytes, sniffed: Sniffed) -> Iterator[_Row]:
    """Records with their first physical line. What swallows lines is read literally, and reading goes on after it."""
    lines = split_lines(body)
    position = 0
    while position < len(lines):
        feed = _Feed(lines, position)
        for cells in csv.reader(feed, delimiter=sniffed.separator):
            begin = feed.begin
            if feed.swallowed or (feed.position == len(lines) and not _closes(lines[begin:], sniffed.separator)):
                break
            feed.begin = feed.position
            if len(cells) > 1 or (cells and cells[0].strip(" \t\r\n\x00\ufeff")):
                yield _Row(sniffed.first_line + begin, feed.restored(cells))
        if feed.begin == feed.position:
            return
        text = lines[feed.begin].decode("utf-8", "replace").rstrip("\r\n")
        yield _Row(sniffed.first_line + feed.begin, text.split(sniffed.separator), unclosed=True)
        position = feed.begin + 1


def _closes(lines: Sequence[bytes], separator: str) -> bool:
    """Whether the last record of a file ends outside of quotes."""
    inside = False
    for line in lines:
        inside = _ends_inside(line.decode("utf-8", "replace").rstrip("\r\n"), separator, inside=inside)
    return not inside


def _ends_inside(text: str, separator: str, *, inside: bool) -> bool:
    """Whether the line ends inside a quoted cell, by the rules of Python's csv (quotes open only at a cell's start)."""
    at = 0
    if not inside and text[:1] == '"':
        at, inside = 1, True
    while True:
        if inside:
            quote = text.find('"', at)
            if quote < 0:
                return True
            at = quote + 1
            if text[at : at + 1] == '"':
                at += 1
                continue
            inside = False
        following = text.find(separator, at)
        if following < 0:
            return False
        at = following + 1
        if text[at : at + 1] == '"':
            at, inside = at + 1, True


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
