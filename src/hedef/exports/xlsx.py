"""A table as XLSX: real numbers and days, the head on a sheet of its own and in the foot of printed pages."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from hedef.exports.safe import harmless
from hedef.exports.sheet import Cell, Column, Sheet, decimal_of
from hedef.kernel.money import exponent, is_currency

EXACT = 10**15  # a spreadsheet keeps 15 digits; longer numbers stay texts
MOST_ROWS = 1_048_575


def workbook(sheet: Sheet) -> bytes:
    """The bytes of the file. ValueError for more rows than a worksheet holds."""
    if sheet.count > MOST_ROWS:
        raise ValueError(f"{sheet.count} rows are more than a worksheet holds ({MOST_ROWS})")
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": harmless(sheet.title), "created": datetime(2000, 1, 1, tzinfo=UTC)})
    _table(book, sheet)
    if sheet.head.lines():
        _about(book, sheet)
    book.close()
    return out.getvalue()


def _table(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Data")
    bold = book.add_format({"bold": True, "bottom": 1})
    formats: dict[str, Any] = {}
    places = {column.name: place for place, column in enumerate(sheet.columns)}
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, harmless(column.heading), bold)
        page.set_column(place, place, min(max(len(column.heading) + 2, 12), 40))
    for number, row in enumerate(sheet.rows, start=1):
        for place, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            currency = _currency(column, row, places)
            pattern = number_format(column, currency)
            shown = formats.setdefault(pattern, book.add_format({"num_format": pattern})) if pattern else None
            _write(page, number, place, cell, shown)
    page.freeze_panes(1, 1)
    if sheet.columns and sheet.rows:
        page.autofilter(0, 0, sheet.count, len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(f"&L{_foot(sheet)}&R&P / &N")


def _foot(sheet: Sheet) -> str:
    told = [
        text
        for text in (sheet.head.as_of, sheet.head.trust or sheet.head.level, (sheet.head.fingerprint or "")[:23])
        if text
    ]
    return harmless(" · ".join(told)).replace("&", "&&")[:200]


def _currency(column: Column, row: Any, places: dict[str, int]) -> str | None:
    if column.currency_of is not None and column.currency_of in places:
        told = row[places[column.currency_of]]
        return told if isinstance(told, str) else None
    return column.currency


def number_format(column: Column, currency: str | None) -> str:
    """The pattern of a column: money with exactly the decimals of its currency."""
    if column.kind == "money":
        decimals = exponent(currency) if currency and is_currency(currency) else 2
        return "#,##0" + ("." + "0" * decimals if decimals else "")
    return {"ratio": "0.0%", "integer": "0", "day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm:ss"}.get(column.kind, "")


def _write(page: Any, row: int, place: int, cell: Cell, shown: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        page.write_datetime(row, place, cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell, shown)
    elif isinstance(cell, date):
        if cell.year >= 1900:
            page.write_datetime(row, place, datetime(cell.year, cell.month, cell.day), shown)  # noqa: DTZ001
        else:
            page.write_string(row, place, cell.isoformat())
    elif isinstance(cell, int | Decimal | Fraction) and not isinstance(cell, bool):
        _number(page, row, place, cell, shown)
    else:
        page.write_string(row, place, harmless(str(cell))[:32_767])


def _number(page: Any, row: int, place: int, cell: int | Decimal | Fraction, shown: Any) -> None:
    """A number; one with more digits than a spreadsheet keeps is written as text, to the last digit."""
    exact = decimal_of(cell) if isinstance(cell, Fraction) else Decimal(cell)
    digits = len(exact.normalize().as_tuple().digits)
    if digits > 15 or abs(exact) >= EXACT:
        page.write_string(row, place, f"{exact:f}")
    else:
        page.write_number(row, place, float(exact), shown)


def _about(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("About")
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, harmless(sheet.title))
    for number, (name, text) in enumerate(sheet.head.lines(), start=1):
        page.write_string(number, 0, harmless(name))
        page.write_string(number, 1, harmless(text))
