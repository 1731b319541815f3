"""The text of a large file block by block: UTF-8 without byte order mark, lines ended by LF, never all in memory."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 22
HEAD_BYTES = 1 << 18
TAIL_BYTES = 1 << 16
_UTF8 = ("utf-8", "utf-8-sig")
_BLANK = b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a text holds of the bytes that decide how it is read."""

    quotes: int = 0
    cr: int = 0
    crlf: int = 0
    lf: int = 0

    @property
    def breaks(self) -> int:
        """Physical line ends: LF, CRLF and lone CR."""
        return self.lf + self.cr - self.crlf

    def without(self, text: bytes) -> "Counts":
        less = counts_of(text)
        return Counts(self.quotes - less.quotes, self.cr - less.cr, self.crlf - less.crlf, self.lf - less.lf)


@dataclass(frozen=True, slots=True)
class View:
    """As much of a text as laying it out needs: its beginning, its end, its size and its counts."""

    head: bytes
    tail: bytes
    size: int
    counts: Counts

    def lines_before(self, end: int) -> int:
        """Physical line ends before a place in the tail that begins a line."""
        return self.counts.breaks - counts_of(self.tail[len(self.tail) - (self.size - end) :]).breaks


def counts_of(text: bytes) -> Counts:
    return Counts(text.count(b'"'), text.count(b"\r"), text.count(b"\r\n"), text.count(b"\n"))


def view_of(text: bytes) -> View:
    """The view of a text that is in memory."""
    return View(text[:HEAD_BYTES], text[-TAIL_BYTES:], len(text), counts_of(text))


def blocks(path: Path, encoding: str, *, cr_ends: bool = False) -> Iterator[bytes]:
    """The whole text; `cr_ends`: lines end with CR alone and get LF instead."""
    for block in _decoded(path, encoding):
        yield block.replace(b"\r", b"\n") if cr_ends else block


def _decoded(path: Path, encoding: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        if encoding in _UTF8:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            while block := file.read(BLOCK):
                yield block
            return
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        first = True
        while block := file.read(BLOCK):
            text = decoder.decode(block)
            yield (text.lstrip("\ufeff") if first else text).encode("utf-8", "replace")
            first = False
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def scan(path: Path, encoding: str) -> tuple[View, bool]:
    """The view of a text on the disk, and whether its lines end with CR alone. Reads it once, or twice for CR."""
    view = _scan(blocks(path, encoding))
    if b"\r" in view.head and not view.counts.lf:
        return _scan(blocks(path, encoding, cr_ends=True)), True
    return view, False


def _scan(text: Iterator[bytes]) -> View:
    head, tail, size, last = b"", b"", 0, b""
    quotes = cr = crlf = lf = 0
    for block in text:
        if len(head) < HEAD_BYTES:
            head += block[: HEAD_BYTES - len(head)]
        tail = (tail + block)[-TAIL_BYTES:] if len(block) < TAIL_BYTES else block[-TAIL_BYTES:]
        size += len(block)
        quotes, lf, returns = quotes + block.count(b'"'), lf + block.count(b"\n"), block.count(b"\r")
        crlf += (block.count(b"\r\n") if returns else 0) + (last == b"\r" and block[:1] == b"\n")
        cr += returns
        last = block[-1:] or last
    return View(head, tail, size, Counts(quotes, cr, crlf, lf))


def first_bad_byte(path: Path) -> tuple[int, int, int] | None:
    """Place, value and line of the first byte that is no UTF-8; none in a right file."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    offset, line = 0, 1
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            pending = decoder.getstate()[0]
            if not pending and block and block.isascii():
                offset, line = offset + len(block), line + block.count(b"\n")
                continue
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as fault:
                place = fault.start - len(pending)
                line += (pending + block)[: fault.start].count(b"\n")
                return offset + place, (pending + block)[fault.start], line
            if not block:
                return None
            offset, line = offset + len(block), line + block.count(b"\n")


def is_blank_file(path: Path) -> bool:
    """Nothing but white space, NUL and byte order marks."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if block.strip(_BLANK):
                return False
    return True


class Body:
    """The rows of a text as a file: from `start` to `end`, no titles, no footer."""

    def __init__(self, text: Iterator[bytes], start: int, end: int) -> None:
        self._text, self._skip, self._left, self._rest = text, start, end - start, memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; less only at the end."""
        parts: list[bytes] = []
        wanted = self._left if size < 0 else min(size, self._left)
        while wanted and self._fill():
            part = bytes(self._rest[:wanted])
            self._rest = self._rest[len(part) :]
            wanted, self._left = wanted - len(part), self._left - len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _fill(self) -> bool:
        while not self._rest:
            block = next(self._text, None)
            if block is None:
                return False
            cut = min(self._skip, len(block))
            self._skip, self._rest = self._skip - cut, memoryview(block)[cut:]
        return True
