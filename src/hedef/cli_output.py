"""How a command prints: tables for people, CSV and Markdown, sentences on stderr."""

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from hedef.exports.safe import harmless
from hedef.exports.sheet import Head
from hedef.kernel.errors import WrongUse

type Cell = str | int | None

MISSING = "–"


@dataclass(frozen=True)
class Table:
    """Rows for people: `columns` name the cells of each row; numbers stand right, none is an en dash."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    right: frozenset[str] = frozenset()  # columns to stand right besides those of numbers


def write(text: str) -> None:
    """The answer, to stdout."""
    sys.stdout.write(text)
    sys.stdout.flush()


def as_csv(table: Table) -> str:
    """The table with a header line; none is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows)
    return out.getvalue()


def as_file(table: Table, format_: Literal["xlsx", "pdf", "png"], *, name: str, payload: Any) -> bytes:
    """The table as the bytes of a spreadsheet, a PDF or a picture; what it rests on is read from the JSON answer."""
    from hedef.exports.sheet import sheet_of
    from hedef.exports.writing import written

    made = sheet_of(name, list(table.columns), [list(row) for row in table.rows], title=table.title or name)
    return written(replace(made, head=head_of(payload)), format_)


def head_of(payload: Any) -> Head:
    """What an answer rests on, from its own keys."""
    told = payload if isinstance(payload, dict) else {}
    trust = told.get("trust") or {}
    return Head(
        as_of=told.get("as_of"),
        known_at=told.get("known_at"),
        level=trust.get("level", ""),
        reasons=tuple(trust.get("reasons", ())),
        fingerprint=told.get("fingerprint"),
        definition=told.get("plan") or told.get("metric"),
        overrides=tuple((told.get("publication") or {}).get("overrides", ())),
    )


def write_bytes(data: bytes) -> None:
    """The answer as a file, to stdout; WrongUse where stdout is a terminal, which cannot show it."""
    if sys.stdout.isatty():
        raise WrongUse("This format is a file, not text for a terminal.", hint="Send it to one: ... > board.xlsx")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def as_markdown(table: Table) -> str:
    """The table in Markdown below its title; a bar inside a cell is escaped."""
    right = _right_columns(table)
    lines = [f"### {table.title}", ""] if table.title else []
    lines.append("| " + " | ".join(_cell(name) for name in table.columns) + " |")
    lines.append("|" + "|".join("---:" if name in right else "---" for name in table.columns) + "|")
    lines += ["| " + " | ".join(_cell(value).replace("|", "\\|") for value in row) + " |" for row in table.rows]
    return "\n".join(lines)


def as_text(tables: Sequence[Table], text: str = "") -> str:
    """The tables for a terminal, as wide as it is; elsewhere as wide as the rows need."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable

    terminal = sys.stdout.isatty()
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=None if terminal else 240, highlight=False, markup=False)
    if terminal:
        console.width = Console().width
    if text:
        console.print(text)
    for table in tables:
        right = _right_columns(table)
        shown = RichTable(box=SIMPLE_HEAD, title=table.title or None, title_justify="left", title_style="bold")
        for name in table.columns:
            shown.add_column(name, justify="right" if name in right else "left", overflow="fold")
        for row in table.rows:
            shown.add_row(*(_cell(value) for value in row))
        console.print(shown)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _cell(value: Cell) -> str:
    return MISSING if value is None else str(value)


def _right_columns(table: Table) -> frozenset[str]:
    numbers = {
        name
        for place, name in enumerate(table.columns)
        if any(isinstance(row[place], int) and not isinstance(row[place], bool) for row in table.rows)
    }
    return table.right | numbers


def say(text: str) -> None:
    """A sentence for the person at the terminal; it never mixes with the answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
