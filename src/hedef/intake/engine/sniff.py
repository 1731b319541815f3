"""What is this file? Content decides, never the name: encoding, separator, header, title lines, footer."""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from hedef.intake.engine.headers import clean_header
from hedef.intake.engine.kinds import CURE, FileKind, is_wide, kind_of, wide_without_bom
from hedef.intake.engine.shapes import Large, Skipped, Sniffed
from hedef.intake.engine.stream import (
    HEAD_BYTES,
    TAIL_BYTES,
    View,
    first_bad_byte,
    is_blank_file,
    scan,
    view_of,
)
from hedef.kernel.issue import Issue, Level, Source

IN_MEMORY = 8 << 20  # larger files are read block by block
SEPARATORS = (",", ";", "\t", "|")
COLUMN_LIMIT = 2_000
CELL_LIMIT = 1_000_000  # bytes; larger cells reject their row
csv.field_size_limit(1 << 30)  # the limit is checked per row, with a message of our own

_FOOTER = re.compile(
    r"^(?:(?P<sure>grand totals?\b|genel toplam\b)|"
    r"(?P<likely>confidential information\b|copyright\b|\(c\) |©|generated (?:by|on)\b|all rights reserved|"
    r"end of report|report (?:generated|run)|totals?(?: \(|$|:)|toplam(?: \(|$|:)|as of \d|filtered by\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a text that was made from another format: its separator, and whether it has titles or footers.

    `plain`: the first line is the header and every other line is a row.
    """

    separator: str = ","
    plain: bool = False


def sniff(
    source: Path | bytes, *, file_name: str | None = None, encoding: str | None = None, made: Made | None = None
) -> Sniffed:
    """Look at a whole file (or its bytes). Never raises for content: what is wrong stands in `issues`.

    `encoding` overrides the guess (for example cp1254 for Turkish Windows files).
    """
    name = file_name or (source.name if isinstance(source, Path) else "data.csv")
    if isinstance(source, Path) and source.stat().st_size > IN_MEMORY:
        return _sniff_large(source, name, encoding, made)
    data = source if isinstance(source, bytes) else source.read_bytes()
    if is_blank(data):
        return _nothing(name, "empty", _issue("empty_file", "error", f"{name} is empty.", name, _EXPORT_AGAIN))
    kind = kind_of(data[:HEAD_BYTES], data[-TAIL_BYTES:])
    if kind != "text":
        return _no_text(name, kind)
    found, issue = _encoding_of(data, name, encoding)
    return _lay_out(view_of(utf8_text(data, found)), name, found, () if issue is None else (issue,), made)


def _sniff_large(path: Path, name: str, encoding: str | None, made: Made | None) -> Sniffed:
    """As for small files, with the file read block by block."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    if not head.strip(_NOTHING) and is_blank_file(path):
        return _nothing(name, "empty", _issue("empty_file", "error", f"{name} is empty.", name, _EXPORT_AGAIN))
    kind = kind_of(head, tail)
    if kind != "text":
        return _no_text(name, kind)
    found, issue = _encoding_of_large(path, head, name, encoding)
    view, cr_ends = scan(path, found)
    laid = _lay_out(view, name, found, () if issue is None else (issue,), made)
    return replace(laid, large=Large(view.size, view.counts, cr_ends, view.head[: laid.start], view.tail))


def _no_text(name: str, kind: FileKind) -> Sniffed:
    hint = CURE["binary"]
    return _nothing(name, kind, _issue("not_data", "error", f"{name} is not a text table ({kind}).", name, hint))


def _encoding_of_large(path: Path, head: bytes, name: str, wanted: str | None) -> tuple[str, Issue | None]:
    if wanted is not None or is_wide(head):
        return _encoding_of(head, name, wanted)
    bad = first_bad_byte(path)
    if bad is None:
        return ("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"), None
    return "cp1252", _guessed(name, bad[1], bad[2])


_NOTHING = b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"
_EXPORT_AGAIN = "Export it again; at least a header line is needed."


def is_blank(data: bytes) -> bool:
    """Nothing but white space, NUL and byte order marks; looks at the beginning first, as `strip` copies."""
    return not data[:HEAD_BYTES].strip(_NOTHING) and not data.strip(_NOTHING)


def _issue(code: str, level: Level, message: str, file: str, hint: str | None, row: int | None = None) -> Issue:
    return Issue(code, level, message, Source(file, row), None, hint)


def _nothing(name: str, kind: FileKind, issue: Issue) -> Sniffed:
    return Sniffed(kind, "utf-8", ",", (), 0, (), 0, 0, 1, (issue,), name)


# --- encoding ------------------------------------------------------------------------------------------------------


def _encoding_of(data: bytes, name: str, wanted: str | None) -> tuple[str, Issue | None]:
    if wanted is not None:
        return codecs.lookup(wanted).name, None
    if data.startswith(codecs.BOM_UTF8):
        bad = _first_bad_byte(data)
        return (
            ("utf-8-sig", None) if bad is None else ("cp1252", _guessed(name, data[bad], data.count(b"\n", 0, bad) + 1))
        )
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", None
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", None
    if (wide := wide_without_bom(data)) is not None:
        return wide, _issue("encoding_guessed", "warning", f"{name} was read as {wide}.", name, _RESAVE)
    bad = _first_bad_byte(data)
    return ("utf-8", None) if bad is None else ("cp1252", _guessed(name, data[bad], data.count(b"\n", 0, bad) + 1))


_RESAVE = "Check names with accents; save the file as UTF-8 if they look wrong."


def _guessed(name: str, byte: int, line: int) -> Issue:
    message = f"{name} is not UTF-8 (byte 0x{byte:02X} in line {line}), so it was read as Windows-1252."
    return _issue("encoding_guessed", "warning", message, name, _RESAVE)


def _first_bad_byte(data: bytes) -> int | None:
    """Offset of the first byte that is no UTF-8; in blocks, so that a large file is never copied whole."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    step = 1 << 22
    for offset in range(0, len(data), step):
        pending = len(decoder.getstate()[0])
        block = data[offset : offset + step]
        try:
            decoder.decode(block, final=offset + step >= len(data))
        except UnicodeDecodeError as fault:
            return offset - pending + fault.start
    return None


def utf8_text(data: bytes, encoding: str) -> bytes:
    """The file as UTF-8 without BOM and with CR-only line ends turned into LF."""
    if encoding in ("utf-8", "utf-8-sig"):
        plain = data[3:] if data.startswith(codecs.BOM_UTF8) else data
    else:
        plain = data.decode(encoding, errors="replace").lstrip("\ufeff").encode()
    return plain.replace(b"\r", b"\n") if b"\r" in plain[:HEAD_BYTES] and b"\n" not in plain else plain


# --- lay-out -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    """A logical record of the head: its cells, first physical line and byte range."""

    cells: tuple[str, ...]
    line: int
    start: int
    end: int

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if cell.strip())


def _lay_out(text: View, name: str, encoding: str, issues: tuple[Issue, ...], made: Made | None) -> Sniffed:
    head, cut = text.head, text.size > len(text.head)
    declared = None if made else re.match(rb'^"?sep=(.)"?\r?\n', head, re.IGNORECASE)
    separator = declared[1].decode("latin-1") if declared else made.separator if made else _separator_of(head, cut=cut)
    begin, line = (declared.end(), 2) if declared else (0, 1)
    skipped = [Skipped(1, head[:begin].decode().strip(), "sep")] if declared else []
    records = _records(head, begin, line, separator, cut=cut)
    plain = made is not None and made.plain
    if made is not None:
        records = [replace(one, line=number) for number, one in enumerate(records, start=1)]
    header = (records[0] if records else None) if plain else _header_of(records)
    if header is None:
        issue = _issue("empty_file", "error", f"{name} has no header line.", name, _EXPORT_AGAIN)
        return _nothing(name, "empty", issue)
    if (wrong := _too_wide(header, name, cut=cut and header.end == len(head))) is not None:
        return _nothing(name, "binary", wrong)
    above = [one for one in records if one.line < header.line and one.filled]
    skipped += [Skipped(one.line, separator.join(one.cells).strip(separator + " "), "title") for one in above]
    names, repeated = clean_header(header.cells)
    end, footer = (text.size, []) if plain else _footer(text, header.end, len(names), separator)
    breaks = line_breaks(head[header.start : header.end]) if made is None else 0 if plain else 1
    first_line = header.line + breaks
    notes = (*issues, *_notes(name, skipped, footer, repeated))
    every = (*skipped, *footer)
    return Sniffed(
        "text", encoding, separator, names, header.line, every, header.end, end, first_line, notes, name,
        by_record=made is not None,
    )  # fmt: skip


def _too_wide(header: _Record, name: str, *, cut: bool) -> Issue | None:
    """A header of too many columns, or one that does not end where it must."""
    hint = "Export only the columns you need."
    if len(header.cells) > COLUMN_LIMIT:
        message = f"{name} has {len(header.cells)} columns; {COLUMN_LIMIT} are allowed."
        return _issue("too_large", "error", message, name, hint)
    if cut:
        message = f"{name}: the header line has more than {HEAD_BYTES:,} bytes."
        return _issue("too_large", "error", message, name, hint)
    return None


def _notes(name: str, skipped: list[Skipped], footer: list[Skipped], repeated: tuple[str, ...]) -> list[Issue]:
    notes = []
    lines = [one for one in [*skipped, *footer] if one.why in ("title", "footer")]
    if lines:
        shown = "; ".join(f'line {one.line}: "{one.text[:60]}"' for one in lines[:3])
        message = f"{name}: {len(lines)} title or footer lines are not read as rows ({shown})."
        notes.append(_issue("title_lines", "info", message, name, None))
    if repeated:
        message = f"{name}: several columns are called {', '.join(repeated)}; the later ones are read as NAME#2."
        hint = "Rename the columns if the wrong one was mapped."
        notes.append(_issue("header_repeated", "warning", message, name, hint))
    return notes


def line_breaks(text: bytes) -> int:
    """Physical line ends in `text`: LF, CRLF, lone CR."""
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def split_lines(text: bytes) -> list[bytes]:
    """Physical lines with their ends; LF, CRLF or (inside LF files, only when quoted) CR stay as they are."""
    return text.splitlines(keepends=True) if b"\n" not in text else _lf_lines(text)


def _lf_lines(text: bytes) -> list[bytes]:
    lines = text.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _records(head: bytes, begin: int, line: int, separator: str, *, cut: bool, limit: int = 400) -> list[_Record]:
    """The first logical records; a last one that the cut may have halved is left out."""
    records: list[_Record] = []
    lines = split_lines(head[begin:])
    reader = csv.reader((one.decode("utf-8", "replace") for one in lines), delimiter=separator)
    offset, used = begin, 0
    try:
        for cells in reader:
            span = lines[used : reader.line_num]
            size = sum(map(len, span))
            records.append(_Record(tuple(cells), line + used, offset, offset + size))
            offset, used = offset + size, reader.line_num
            if len(records) == limit:
                return records
    except csv.Error:
        pass
    return records[:-1] if cut and len(records) > 1 else records


def _separator_of(head: bytes, *, cut: bool) -> str:
    """The separator under which all rows are equally wide, else the one that gives most of them; wider wins a draw."""
    best, best_score = ",", (False, 0.0, 0)
    for separator in SEPARATORS:
        records = _records(head, 0, 1, separator, cut=cut, limit=60)
        widths = Counter(len(one.cells) for one in records if one.filled)
        total = sum(widths.values())
        widths.pop(1, None)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = (count == total, count * count / total, width)  # how many rows, and how many of all
        if score > best_score:
            best, best_score = separator, score
    return best


def _header_of(records: list[_Record]) -> _Record | None:
    """The first record as wide as most; titles above it are narrower or mostly blank."""
    filled = [one for one in records if one.filled]
    if not filled:
        return None
    widths = Counter(len(one.cells) for one in filled)
    if len(widths) == 1:
        return _past_sparse_titles(filled)
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    first = filled[0]
    if len(first.cells) > 1 and (len(filled) <= 2 or (_all_names(first) and first.filled * 4 >= usual * 3)):
        return first
    return _past_sparse_titles([one for one in filled if len(one.cells) == usual])


def _past_sparse_titles(filled: list[_Record]) -> _Record:
    """Titles padded to the table's width (`Report,,,,`) leave most cells blank while the header fills them."""
    first = filled[0]
    if len(first.cells) < 3 or first.filled > len(first.cells) // 2:
        return first
    for one in filled[:20]:
        if one.filled >= max(2, (len(one.cells) + 1) // 2) and one.filled > 2 * first.filled:
            return one
    return first


def _all_names(record: _Record) -> bool:
    """Header-like: every filled cell is a word and none repeats."""
    filled = [cell.strip() for cell in record.cells if cell.strip()]
    return len(set(filled)) == len(filled) and not any(re.fullmatch(r"[-+\d.,:/ ]+", cell) for cell in filled)


# --- footer --------------------------------------------------------------------------------------------------------


def _footer(text: View, header_end: int, width: int, separator: str) -> tuple[int, list[Skipped]]:
    """Where the data ends, and the lines after it: report footers and blank tails are no rows."""
    begin = text.size - len(text.tail)
    offset = max(header_end, begin)
    lines = split_lines(text.tail[offset - begin :])
    if offset > header_end and lines:  # the tail may begin inside a line
        offset += len(lines.pop(0))
    keep = len(lines)
    for position in range(len(lines) - 1, -1, -1):
        what = _line_kind(lines[position], width, separator)
        if what == "data":
            break
        if what == "footer" or (what == "blank" and position == keep - 1):
            keep = position
    end = offset + sum(map(len, lines[:keep]))
    if keep == len(lines):
        return end, []
    first = text.lines_before(end) + 1
    shown = [
        (first + at, line.decode("utf-8", "replace").strip(separator + '" \r\n'))
        for at, line in enumerate(lines[keep:])
    ]
    return end, [Skipped(line, words, "footer") for line, words in shown if words]


def _line_kind(line: bytes, width: int, separator: str) -> str:
    """blank, footer (a known phrase), lone (one cell in a wide table: part of a footer if one follows) or data.

    An odd number of quotes means that a cell of several lines ends here.
    """
    shown = line.decode("utf-8", "replace").strip("\r\n\x00")
    if shown.count('"') % 2:
        return "data"
    try:
        cells = next(csv.reader(io.StringIO(shown, newline=""), delimiter=separator), [])
    except csv.Error:
        return "data"
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return "blank"
    phrase = _FOOTER.match(filled[0])
    if phrase and (phrase["sure"] or len(cells) < width or len(filled) <= max(1, width // 2)):
        return "footer"
    return "lone" if len(cells) == 1 and width > 2 else "data"
