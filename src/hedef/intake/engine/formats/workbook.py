"""A workbook into CSV: the sheet with records, cached values only. Formulas, links and macros are never run."""

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hedef.intake.engine.formats.archive import check_entries
from hedef.intake.engine.formats.limits import Counter, Limits, Unfolded, copied, issue, too_large, unsafe_file
from hedef.intake.engine.formats.table import plain_number
from hedef.intake.engine.headers import fold
from hedef.kernel.errors import NeedsDecision, WrongUse

_MACROS = re.compile(r"vbaproject|macrosheets|vbadata|activex", re.IGNORECASE)
_TYPES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_NO_VALUE = re.compile(
    rb'<c\b(?=[^>]*?\br="([A-Z]+\d+)")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_ERROR = re.compile(rb'<c\b(?=[^>]*?\br="([A-Z]+\d+)")[^>]*?\bt="e"')
_OVERLAP = 4_096


def unfold_workbook(path: Path, name: str, out: Path, limits: Limits, answers: Mapping[str, str]) -> Unfolded:
    """Write the sheet that holds records as CSV, its blank rows too, so that lines are rows of the sheet.

    Refused for macros and XML with a document type; NeedsDecision where several sheets could be meant.
    """
    _inspect(path, name, limits)
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheet, hidden = _sheet(book, name, answers)
            if sheet.width > limits.columns:
                raise too_large(name, f"has more than {limits.columns:,} columns")
            if sheet.height > limits.rows:
                raise too_large(name, f"has more than {limits.rows:,} rows")
            _write(sheet, out)
            at = book.sheet_names.index(sheet.name)
    except (CalamineError, OSError, ValueError, KeyError, IndexError) as fault:
        raise WrongUse(
            f"{name} is no workbook that can be read ({str(fault)[:120]}).",
            hint="It may be cut off or locked with a password: save it again, or save the sheet as CSV.",
            code="not_data",
        ) from fault
    made = Unfolded(out.name, name, "xlsx", plain=False)
    made.issues += [*_about_hidden(hidden, name), *_about_formulas(path, at, sheet.name, name)]
    return made


# --- before anything is parsed ----------------------------------------------------------------------------------------


def _inspect(path: Path, name: str, limits: Limits) -> None:
    """Everything inside is counted and looked at as bytes first."""
    try:
        with zipfile.ZipFile(path) as file:
            check_entries(file, name, limits)
            for entry in file.infolist():
                if _MACROS.search(entry.filename):
                    raise unsafe_file(name, "holds macros", "Save it as XLSX without macros, or the sheet as CSV.")
            counter = Counter(name, path.stat().st_size, limits)
            for entry in file.infolist():
                with file.open(entry) as source:
                    _look(copied(source, counter), entry.filename, name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        hint = "It may be cut off: save it again, or save the sheet as CSV."
        message = f"{name} is no workbook that can be read ({fault})."
        raise WrongUse(message, hint=hint, code="not_data") from fault


def _look(blocks: Iterator[bytes], entry: str, name: str) -> None:
    is_xml = entry.lower().endswith((".xml", ".rels", ".vml"))
    last = b""
    for block in blocks:
        text = last + block
        if is_xml and (_TYPES.search(text) or text[:2] in (b"\xff\xfe", b"\xfe\xff")):
            hint = "Programs that write workbooks never do that. Save the sheet as CSV."
            raise unsafe_file(name, "holds XML with a document type of its own", hint)
        last = text[-64:]


# --- which sheet ------------------------------------------------------------------------------------------------------


def _sheet(book: CalamineWorkbook, name: str, answers: Mapping[str, str]) -> tuple[CalamineSheet, list[str]]:
    """The sheet with records, and the names of hidden ones."""
    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    hidden = [one.name for one in sheets if one.visible != SheetVisibleEnum.Visible]
    told = next((answer for column, answer in answers.items() if column.strip().casefold() == "sheet"), None)
    if told is not None:
        chosen = next((one.name for one in sheets if fold(one.name) == fold(told)), None)
        if chosen is None:
            names = ", ".join(one.name for one in sheets)
            raise WrongUse(f'--decide "sheet={told}": {name} has no such sheet.', hint=f"Its sheets: {names}.")
        return book.get_sheet_by_name(chosen), [one for one in hidden if one != chosen]
    seen = [book.get_sheet_by_name(one.name) for one in sheets if one.name not in hidden]
    filled = [one for one in seen if one.height]
    if not filled:
        raise WrongUse(f"{name} is empty.", hint="Export it again.", code="empty_file")
    likely = [one for one in filled if one.width > 1 and _first_rows(one, 2)[1:]] or filled
    if len(likely) == 1:
        return likely[0], hidden
    from hedef.intake.engine.detect import detect  # only here: it reads all signatures

    known = [one for one in likely if any(detect(row).accepted for row in _first_rows(one, 8))]
    if len(known) == 1:
        return known[0], hidden
    raise _which(name, known or likely)


def _first_rows(sheet: CalamineSheet, count: int) -> list[list[str]]:
    """The first rows with something in them, as text."""
    found: list[list[str]] = []
    for row in sheet.iter_rows():
        cells = [_text(cell) for cell in row]
        if any(cells):
            found.append(cells)
            if len(found) == count:
                break
    return found


def _which(name: str, sheets: Sequence[CalamineSheet]) -> NeedsDecision:
    options = [one.name for one in sheets]
    message = f"{name} has {len(sheets)} sheets with records. Which one is meant?"
    rows = {one.name: one.height for one in sheets}
    question = {
        "file": name, "column": "sheet", "what": "sheet", "value": None, "proof": rows,
        "by": None, "options": options, "message": message,
    }  # fmt: skip
    hint = f'Answer with --decide "sheet=NAME" ({", ".join(options[:8])}).'
    return NeedsDecision(message, hint=hint, decisions=[question])


# --- cells ------------------------------------------------------------------------------------------------------------


def _write(sheet: CalamineSheet, out: Path) -> None:
    titles = _merged_texts(sheet)
    with out.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, row in enumerate(sheet.iter_rows()):
            cells = [_text(cell) for cell in row]
            if number in titles:
                cells = [cell or titles[number].get(at, "") for at, cell in enumerate(cells)]
            if any(cells):
                writer.writerow(cells)
            else:
                file.write("\n")


def _merged_texts(sheet: CalamineSheet) -> dict[int, dict[int, str]]:
    """Row -> column -> text of cells that are merged into their left or upper neighbour among the headers.

    A range over the whole width is a title, not a header; below the first filled rows cells stay as they are.
    """
    ranges = [
        one
        for one in sheet.merged_cell_ranges or ()
        if one[0][0] < _HEADER_ROWS and one[1][1] - one[0][1] + 1 < sheet.width
    ]
    if not ranges:
        return {}
    first = sheet.start[1] if sheet.start else 0
    rows = [row for _, row in zip(range(_HEADER_ROWS), sheet.iter_rows(), strict=False)]
    found: dict[int, dict[int, str]] = {}
    for (top, left), (bottom, right) in ranges:
        text = _text(rows[top][left - first]) if top < len(rows) and 0 <= left - first < len(rows[top]) else ""
        for row in range(top, min(bottom, _HEADER_ROWS) + 1):
            for column in range(left, right + 1):
                found.setdefault(row, {})[column - first] = text
    return found


_HEADER_ROWS = 10


def _text(value: Any) -> str:
    """A cell as a person reads it: days and times in ISO form, numbers with at most 15 digits as in the sheet."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "" if value is None else str(value)


def _moment(value: datetime) -> str:
    """To the millisecond, which is what a day number holds; a cell shown as day and time keeps its midnight."""
    rounded = value + timedelta(microseconds=500)
    rounded = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
    return rounded.isoformat(" ")


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shortest = repr(value)
    text = shortest if len(re.sub(r"[^\d]", "", shortest.split("e")[0]).strip("0")) <= 15 else f"{value:.15g}"
    return plain_number(text)


# --- what is told -----------------------------------------------------------------------------------------------------


def _about_hidden(hidden: Sequence[str], name: str) -> list[dict[str, Any]]:
    if not hidden:
        return []
    message = f"{name}: hidden sheets are not read ({', '.join(hidden[:5])})."
    return [issue("sheet_hidden", "info", message, name, 'Read one with --decide "sheet=NAME".')]


def _about_formulas(path: Path, at: int, sheet: str, name: str) -> list[dict[str, Any]]:
    """Formulas that nobody ever computed, and cells that show an error: both are read as blank."""
    blank, wrong = _Cells(), _Cells()
    with zipfile.ZipFile(path) as file:
        entry = _entry_of(file, at)
        if entry is None:
            return []
        with file.open(entry) as source:
            left = b""
            while block := source.read(1 << 20):
                text, mark, left = (left + block).rpartition(b"</c>")
                for found, pattern in ((blank, _NO_VALUE), (wrong, _ERROR)):
                    found.add([one.decode() for one in pattern.findall(text + mark)])
                if len(left) > 64 << 20:
                    break
    told = []
    if blank.count:
        message = f"{name}, sheet {sheet}: {blank.count} formulas were never computed ({blank.shown}); they are blank."
        hint = "Open the file in a spreadsheet program, let it compute, and save it."
        told.append(issue("formula_without_value", "warning", message, name, hint))
    if wrong.count:
        message = f"{name}, sheet {sheet}: {wrong.count} cells show an error ({wrong.shown}); they are read as blank."
        told.append(issue("formula_error", "warning", message, name, "Correct the formulas and save the file."))
    return told


class _Cells:
    """How many cells, and the first of them."""

    def __init__(self) -> None:
        self.count, self.first = 0, list[str]()

    def add(self, cells: Sequence[str]) -> None:
        self.count += len(cells)
        self.first = [*self.first, *cells][:3]

    @property
    def shown(self) -> str:
        return ", ".join(self.first) + (", ..." if self.count > len(self.first) else "")


def _entry_of(file: zipfile.ZipFile, at: int) -> str | None:
    """The XML of the sheet at a place in the workbook, by its relation."""
    names = set(file.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book, links = file.read("xl/workbook.xml"), file.read("xl/_rels/workbook.xml.rels")
    ids = re.findall(rb'<(?:\w+:)?sheet\b[^>]*?\b\w+:id="([^"]+)"', book)
    if at >= len(ids):
        return None
    for link in re.findall(rb"<Relationship\b[^>]*>", links):
        if b'Id="' + ids[at] + b'"' in link and (target := re.search(rb'Target="([^"]+)"', link)):
            entry = target[1].decode().lstrip("/")
            entry = entry if entry.startswith("xl/") else f"xl/{entry}"
            return entry if entry in names else None
    return None
