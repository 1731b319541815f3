"""Control totals: what a person typed in, or the report's own total line, against all rows of the file."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from hedef.intake.answer import IssueCount
from hedef.intake.engine.shapes import FINDING_SCHEMA
from hedef.intake.run.call import FileRun
from hedef.intake.run.sheet import Sheet
from hedef.kernel.errors import WrongUse
from hedef.kernel.money import format_minor, is_currency, to_minor

ROWS = "rows"
_TOTAL = re.compile(r"^(?:grand totals?|genel toplam|totals?|toplam)\b", re.IGNORECASE)
_COUNT = re.compile(r"([\d.,]+)\s*(?:records?|rows?|kay[ıi]t|sat[ıi]r)\b", re.IGNORECASE)
_TAIL = 1 << 16  # bytes at the end of a file in which its total line stands


@dataclass(frozen=True, slots=True)
class Control:
    """One figure that must agree: rows (`what` is `rows`) or minor units of a currency."""

    what: str
    wanted: int
    there: int
    typed: bool

    @property
    def off(self) -> int:
        return abs(self.wanted - self.there)

    def __str__(self) -> str:
        whose = "the control total" if self.typed else "the report's own total line"
        if self.what == ROWS:
            return f"{whose} says {self.wanted:,} rows, the file holds {self.there:,}"
        wanted, there = format_minor(self.wanted, self.what), format_minor(self.there, self.what)
        return f"{whose} says {wanted} {self.what}, the rows of the file add up to {there}"

    @property
    def issue(self) -> IssueCount:
        hint = f"{self}. Look whether the export is whole and the total is the one of this file."
        return IssueCount("control_total", "error", self.off, None, None, hint[0].upper() + hint[1:])


def read_totals(totals: Mapping[str, str], rows: int | None) -> dict[str, int]:
    """`EUR: "1234.50"` and a number of rows as `{"EUR": 123450, "rows": 1000}`. WrongUse says what is wrong."""
    told = {} if rows is None else {ROWS: rows}
    for code, text in totals.items():
        currency = code.strip().upper()
        if not is_currency(currency):
            raise WrongUse(f'Control total: "{code}" is no currency.', hint="For example EUR=1234.50")
        try:
            minor, rounded = to_minor(text.strip(), currency)
        except ValueError as fault:
            raise WrongUse(f"Control total of {currency}: {fault}.", hint=f"For example {currency}=1234.50") from fault
        if rounded:
            raise WrongUse(f"Control total: {text.strip()} {currency} is finer than its smallest unit.")
        told[currency] = minor
    if rows is not None and rows < 0:
        raise WrongUse("Control total: a number of rows is 0 or more.")
    return told


def differing(file: FileRun, amount: str | None) -> list[Control]:
    """Figures that do not agree with all rows of the file, those a person typed in first."""
    typed = file.call.options.get("control") or {}
    printed = {what: wanted for what, wanted in _printed(file, amount).items() if what not in typed}
    sums = {code: sum(places.values()) for code, places in file.whole.sums.items()}
    found = []
    for told, by_person in ((typed, True), (printed, False)):
        for what, wanted in told.items():
            there = file.parts.sheet.rows if what == ROWS else sums.get(what, 0)
            found.append(Control(what, wanted, there, by_person))
    return [one for one in found if one.off]


# --- the report's own total line --------------------------------------------------------------------------------------


def _printed(file: FileRun, amount: str | None) -> dict[str, int]:
    """What the total line below the rows says; nothing where it cannot be read without doubt."""
    sheet, told = file.parts.sheet, {}
    line = next(_total_lines(sheet), None)
    if line is None or file.call.options.get("fixes"):
        return {}
    count = next((found for cell in line if (found := _COUNT.search(cell))), None)
    if count is not None:
        told[ROWS] = int(re.sub(r"\D", "", count[1]) or 0)
    money = _amount_in(sheet, line, amount)
    if money is not None and len(file.whole.sums) == 1:
        minor, currency = money
        only = next(iter(file.whole.sums))
        if currency in (None, only):
            told[only] = minor
    return told


def _total_lines(sheet: Sheet) -> Iterator[list[str]]:
    """Cells of the total lines in the footer, read from the end of the file."""
    if not any(one.why == "footer" and _TOTAL.match(one.text) for one in sheet.skipped):
        return
    with sheet.file.path.open("rb") as source:
        source.seek(0, 2)
        source.seek(max(0, source.tell() - _TAIL))
        tail = source.read().decode(sheet.sniffed.encoding, "replace")
    for line in tail.splitlines()[1:]:
        cells = next(csv.reader([line], delimiter=sheet.sniffed.separator), [])
        filled = [one.strip() for one in cells if one.strip()]
        if filled and _TOTAL.match(filled[0]):
            yield cells


def _amount_in(sheet: Sheet, line: list[str], amount: str | None) -> tuple[int, str | None] | None:
    """The cell under the column of the main amount, read as that column is read."""
    fields = sheet.bound.fields.get(amount or "")
    if not fields or len(line) > len(sheet.content.header):
        return None
    header = list(sheet.content.header)
    place = header.index(fields[0].columns[0])
    if place >= len(line) or not re.search(r"\d", line[place]):
        return None
    cells = {name: [line[at].strip() if at < len(line) else ""] for at, name in enumerate(header)}
    table = replace(
        sheet.part(0).table,
        frame=pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String)),
        lines=None,
        row_findings=pl.DataFrame(schema=FINDING_SCHEMA),
        numbers=pl.Series([1], dtype=pl.Int64),
    )
    read = sheet.part(0).with_rows(table).column(fields[0])
    if read.values[0] is None:
        return None
    return int(read.values[0]), None if read.currency is None else read.currency[0]
