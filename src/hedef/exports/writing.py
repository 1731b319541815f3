"""One table as bytes of a format. Pure: the same sheet gives the same rows in every format."""

import csv
import io
import json
from collections.abc import Callable
from typing import Literal

from hedef.exports.safe import clean, harmless
from hedef.exports.sheet import Cell, Sheet, plain

type Format = Literal["csv", "xlsx", "json", "md", "pdf", "png"]

FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json", "md", "pdf", "png")
TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
}


def written(sheet: Sheet, format_: Format) -> bytes:
    """The bytes of the file."""
    return _WRITERS[format_](sheet)


def _csv(sheet: Sheet) -> bytes:
    """A header, then the rows; what they rest on stands behind every row, so that every reader of CSV keeps it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [one.name for one in sheet.columns]
    behind = [(name, text) for name, text in sheet.head.beside() if name not in names]
    writer.writerow([harmless(one) for one in (*names, *(name for name, _ in behind))])
    told = [harmless(text) for _, text in behind]
    writer.writerows([*map(_text, row), *told] for row in sheet.rows)
    return out.getvalue().encode()


def _text(cell: Cell) -> str:
    return harmless(cell) if isinstance(cell, str) else plain(cell)


def _json(sheet: Sheet) -> bytes:
    head = sheet.head
    told = {
        "name": sheet.name,
        "title": sheet.title,
        "as_of": head.as_of,
        "known_at": head.known_at,
        "trust": {"level": head.level, "reasons": list(head.reasons)},
        "fingerprint": head.fingerprint,
        "definition": head.definition,
        "rows": [
            {column.name: _of_json(cell) for column, cell in zip(sheet.columns, row, strict=True)} for row in sheet.rows
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _of_json(cell: Cell) -> str | int | None:
    return cell if cell is None or (isinstance(cell, int) and not isinstance(cell, bool)) else plain(cell)


def _markdown(sheet: Sheet) -> bytes:
    numbers = {place for place, one in enumerate(sheet.columns) if one.kind not in ("text", "day", "instant")}
    lines = [f"### {_line(sheet.title)}", ""]
    lines.append("| " + " | ".join(_line(one.heading) for one in sheet.columns) + " |")
    lines.append("|" + "|".join("---:" if place in numbers else "---" for place in range(len(sheet.columns))) + "|")
    lines += [
        "| " + " | ".join("–" if cell is None else _line(plain(cell)) for cell in row) + " |" for row in sheet.rows
    ]
    lines += ["", *(f"- {name}: {_line(text)}" for name, text in sheet.head.lines())]
    return ("\n".join(lines).rstrip() + "\n").encode()


def _line(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _xlsx(sheet: Sheet) -> bytes:
    from hedef.exports.xlsx import workbook

    return workbook(sheet)


def _png(sheet: Sheet) -> bytes:
    from hedef.exports.pdf import picture

    return picture(sheet)


def _pdf(sheet: Sheet) -> bytes:
    from hedef.exports.pdf import document

    return document(sheet)


_WRITERS: dict[Format, Callable[[Sheet], bytes]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "md": _markdown,
    "pdf": _pdf,
    "png": _png,
}
