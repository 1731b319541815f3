"""The careful reader: records one by one with their physical lines, by Python's csv.

It reads what a person would read where a quote swallows lines or never closes, and holds only as many lines as one
record may take.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from hedef.intake.engine.shapes import Sniffed, finding
from hedef.kernel.issue import Issue, Source

SWALLOW_LIMIT = 1_000  # lines that one quoted cell may span
RECORD_LIMIT = 32 << 20  # bytes that one record may take before its quote counts as open
LINE_LIMIT = 16 << 20  # bytes of one physical line, of a file that is read block by block
_FORGET = 20_000  # lines


class TooLong(ValueError):
    """A file without line ends where they must be."""


@dataclass(slots=True)
class Row:
    """One record: its first physical line (1 = first of the file) and its size in bytes."""

    line: int
    cells: list[str]
    size: int
    unclosed: bool = False


_LONE_CR = "\ufdd0"  # stands for a carriage return inside a line, which csv would take for a line end


class _Lines:
    """Lines by their place, read on as far as somebody asks; those before `forget` are gone."""

    def __init__(self, chunks: Iterator[list[bytes]]) -> None:
        self._chunks, self._begin, self._held = chunks, 0, next(chunks, [])

    def get(self, place: int) -> bytes | None:
        """None after the last line."""
        while place - self._begin >= len(self._held):
            more = next(self._chunks, None)
            if more is None:
                return None
            self._held += more
        return self._held[place - self._begin]

    def forget(self, place: int) -> None:
        if (gone := place - self._begin) > _FORGET:
            del self._held[:gone]
            self._begin = place

    def rest(self, place: int) -> list[bytes]:
        return self._held[place - self._begin :]


def line_chunks(blocks: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines with their LF, some at a time. ValueError for a line longer than `LINE_LIMIT`."""
    left = b""
    for block in blocks:
        lines = block.split(b"\n")
        lines[0] = left + lines[0]
        left = lines.pop()
        if len(left) > LINE_LIMIT:
            raise TooLong(f"a line is longer than {LINE_LIMIT:,} bytes")
        yield [line + b"\n" for line in lines]
    if left:
        yield [left]


class _Feed:
    """Lines for `csv.reader` from one place on; ends early when one record takes more than 1,000 of them."""

    def __init__(self, lines: _Lines, position: int) -> None:
        self.lines, self.position, self.begin = lines, position, position
        self.swallowed = self.marked = False
        self.size = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.position - self.begin > SWALLOW_LIMIT or self.size > RECORD_LIMIT:
            self.swallowed = True
        if self.swallowed or (text := self.lines.get(self.position)) is None:
            raise StopIteration
        line = text.decode("utf-8", "replace")
        self.position += 1
        self.size += len(text)
        if "\r" in line and "\r" in (core := line.rstrip("\r\n")):
            self.marked = True
            return core.replace("\r", _LONE_CR) + line[len(core) :]
        return line

    def next_record(self) -> None:
        self.begin, self.size = self.position, 0
        self.lines.forget(self.begin)

    def restored(self, cells: list[str]) -> list[str]:
        """Cells with their lone carriage returns back."""
        if not self.marked:
            return cells
        self.marked = False
        return [cell.replace(_LONE_CR, "\r") for cell in cells]


def careful_rows(chunks: Iterator[list[bytes]], sniffed: Sniffed) -> Iterator[Row]:
    """Records with their first physical line. What swallows lines is read literally, and reading goes on after it."""
    lines = _Lines(chunks)
    position = number = 0
    while lines.get(position) is not None:
        feed = _Feed(lines, position)
        for cells in csv.reader(feed, delimiter=sniffed.separator):
            begin = feed.begin
            if feed.swallowed or (
                lines.get(feed.position) is None and not closes(lines.rest(begin), sniffed.separator)
            ):
                break
            size = feed.size
            place = number if sniffed.by_record else begin
            number += 1
            feed.next_record()
            if len(cells) > 1 or (cells and cells[0].strip(" \t\r\n\x00\ufeff")):
                yield Row(sniffed.first_line + place, feed.restored(cells), size)
        if feed.begin == feed.position:
            return
        text = (lines.get(feed.begin) or b"").decode("utf-8", "replace").rstrip("\r\n")
        yield Row(sniffed.first_line + feed.begin, text.split(sniffed.separator), len(text), unclosed=True)
        position = feed.begin + 1


def closes(lines: Sequence[bytes], separator: str) -> bool:
    """Whether a record ends outside of quotes with the last of these lines."""
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


@dataclass
class Sink:
    """Rows on their way into a table: as columns, with their lines and findings (rows counted from 1 here)."""

    sniffed: Sniffed
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, row: Row) -> None:
        self.lines.append(row.line)
        if row.unclosed:
            self.findings.append(_unclosed_finding(len(self.lines), row))
            self.unclosed.append(row.line)
        cells, width = row.cells, len(self.sniffed.header)
        if len(cells) != width:
            if wrong := _ragged(len(self.lines), row, width, self.sniffed.separator):
                self.findings.append(wrong)
            cells = (cells + [""] * width)[:width]
        self.rows.append(cells)
        self.size += row.size

    def frame(self) -> pl.DataFrame:
        """The rows since the last call."""
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.sniffed.header)
        self.rows = []
        named = zip(self.sniffed.header, columns, strict=True)
        return pl.DataFrame([pl.Series(name, texts, dtype=pl.String) for name, texts in named])


def _ragged(number: int, row: Row, width: int, separator: str) -> dict[str, Any] | None:
    """Too many or too few cells: no cell of the row can be trusted. Blank cells beyond the header do no harm."""
    if len(row.cells) > width and not any(cell.strip() for cell in row.cells[width:]):
        return None
    hint = f"The row has {len(row.cells)} cells, the header {width}. Look for a missing or unquoted separator."
    return finding("ragged_row", "error", number, separator.join(row.cells)[:200], hint)


def _unclosed_finding(number: int, row: Row) -> dict[str, Any]:
    hint = "A quote opens here and never closes; the line was read literally. Double the quote or remove it."
    return finding("unclosed_quote", "warning", number, ",".join(row.cells)[:200], hint)


def unclosed_issues(lines: Sequence[int], file_name: str) -> list[Issue]:
    if not lines:
        return []
    shown = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
    message = f"{file_name} line {shown}: a quote opens and never closes; the line was read literally."
    return [Issue("unclosed_quote", "warning", message, Source(file_name), None, "Double the quote or remove it.")]
