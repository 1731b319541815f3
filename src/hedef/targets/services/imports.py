"""`hedef targets import`: a sheet of targets becomes the lines of a plan's next version, all or nothing."""

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hedef.facts import queries as facts
from hedef.intake.answer import Counts, ImportAnswer, IssueCount
from hedef.intake.engine.read import read_table
from hedef.intake.engine.shapes import Decision, Sniffed
from hedef.intake.engine.sniff import sniff
from hedef.kernel.calendar import Calendar, PeriodKind
from hedef.kernel.errors import NeedsDecision, NotFound, WrongUse
from hedef.metrics.engine.show import value_text
from hedef.targets.engine.given import GivenLine, Key
from hedef.targets.engine.sheet import (
    FIELDS,
    Cell,
    Columns,
    Mark,
    Reading,
    Sheet,
    Wrong,
    decimal_of,
    find_columns,
    grain_of,
    read_sheet,
    start_days,
    value_texts,
)
from hedef.targets.engine.units import from_steps
from hedef.targets.queries.lines import given_lines
from hedef.targets.queries.scopes import everybody
from hedef.targets.services.dated import calendar_of_dates, sheet_bytes
from hedef.targets.services.plans import PlanOptions, measure_of, plan_data
from hedef.targets.services.versions import Measure, Saved, newest, save_version, start_of

GRAINS: tuple[PeriodKind, ...] = ("month", "quarter", "half", "year", "week")


@dataclass(frozen=True)
class SheetOrder:
    """What a person says about a sheet of targets. `columns`: field -> header; `decimal`: the mark of its values."""

    file: Path
    plan: str
    name: str | None = None
    source: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: str | None = None
    grain: str | None = None
    partial: bool = False
    calendar_from_dates: bool = False
    last_end: date | None = None  # the day after the last period of a calendar that is made from the dates
    options: PlanOptions = field(default_factory=PlanOptions)


@dataclass(frozen=True)
class SheetAnswer:
    """`hedef.import/1` with what became of the plan (none: nothing was written)."""

    answer: ImportAnswer
    saved: Saved | None


@dataclass(frozen=True)
class _Read:
    """A sheet, read and resolved, before anything is written."""

    sheet: Sheet
    lines: Mapping[int, tuple[GivenLine, ...]]  # row -> its lines
    wrong: tuple[Wrong, ...]
    columns: Columns
    decisions: tuple[Decision, ...]
    rows: int


def import_lines(order: SheetOrder, *, actor: str, dry_run: bool = False) -> SheetAnswer:
    """Read a CSV or XLSX, long or wide, into the next version of a plan (a draft).

    Without `partial` one wrong row keeps everything out (`batch` none). WrongUse for missing columns or options that
    cannot be; NeedsDecision where values read both ways and no decimal mark was declared.
    """
    with transaction.atomic():
        done = _imported(order, actor=actor, dry_run=dry_run)
        if order.calendar_from_dates and done.saved is None:
            transaction.set_rollback(True)  # no calendar without the lines that it was made for
    return done


def _imported(order: SheetOrder, *, actor: str, dry_run: bool) -> SheetAnswer:
    data = _bytes(order.file)
    name = order.name or order.file.name
    sniffed = sniff(data, file_name=name)
    if not sniffed.readable:
        raise WrongUse(sniffed.issues[0].message, hint=sniffed.issues[0].hint, issues=sniffed.issues)
    calendar = _calendar(order, data, sniffed, actor)
    before = newest(order.plan)
    body = plan_data(order.plan, before, order.options, base_currency=calendar.base_currency)
    _, measure = measure_of(body)
    read = _read(data, sniffed, order, calendar, measure)
    rejected = {fault.row for fault in read.wrong}
    given = [line for lines in read.lines.values() for line in lines]
    saved = None
    digest = hashlib.sha256(data).hexdigest()
    if given and not dry_run and (order.partial or not rejected):
        starts = order.options.starts or start_of(given, calendar, before)
        saved = save_version(
            plan=order.plan,
            body=body if starts is None else {**body, "effective_from": starts.isoformat()},
            given=given,
            measure=measure,
            actor=actor,
            calendar=calendar,
            reason=order.options.reason,
            header={"source": order.source or "targets", "file_name": name, "file_sha256": digest},
        )
    verdicts = _verdicts(order.plan, before, read)
    rejects = _write_rejects(data, sniffed, read, digest) if read.wrong and not dry_run else None
    file = {"name": name, "sha256": digest, "bytes": len(data), "encoding": sniffed.encoding}
    file |= {"separator": sniffed.separator, "skipped_lines": sniffed.skipped_lines}
    batch = saved.batch if saved is not None else None
    answer = ImportAnswer(
        file=file,
        dry_run=dry_run,
        batch=None if batch is None else f"B-{batch.pk}",
        seal_no=None if batch is None else batch.seal_no,
        source=order.source or "targets",
        object="target_line",
        counts=verdicts,
        changes=0 if batch is None else batch.rows,
        decisions=tuple(one.as_json() for one in read.decisions),
        issues=_issue_counts(read, written=batch is not None or dry_run or not rejected),
        totals=_totals(read, measure),
        rejects_file=rejects,
        plan=order.plan if saved is None else f"{order.plan}@{saved.version.version}",
    )
    return SheetAnswer(answer, saved)


def _calendar(order: SheetOrder, data: bytes, sniffed: Sniffed, actor: str) -> Calendar:
    """The company's calendar, or the one that the file's own start dates make (T4: dates are never moved)."""
    own = facts.calendar()
    if not order.calendar_from_dates:
        return own
    table = read_table(data, sniffed)
    columns = find_columns(table.header, own, _chosen(order.columns, table.header))
    days = start_days(table.frame.rows(), table.header, columns)
    return calendar_of_dates(days, last_end=order.last_end, actor=actor, reason=order.options.reason)


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound(f"There is no file {file}.", hint="Give the path of a CSV or XLSX file.")
    limit = settings.HEDEF.upload_limit_mb * 1024 * 1024
    if file.stat().st_size > limit:
        raise WrongUse(f"{file.name} is larger than {settings.HEDEF.upload_limit_mb} MB.", code="too_large")
    return sheet_bytes(file, {})


def _read(data: bytes, sniffed: Sniffed, order: SheetOrder, calendar: Calendar, measure: Measure) -> _Read:
    table = read_table(data, sniffed)
    header, rows = table.header, table.frame.rows()
    columns = find_columns(header, calendar, _chosen(order.columns, header))
    if absent := columns.missing():
        raise WrongUse(
            f"{sniffed.file_name}: no column says {' and '.join(absent)}.",
            hint=f"Name it: --column value=HEADER (its columns: {', '.join(header)}).",
            code="column_missing",
        )
    decimal, decided = _decimal(order, value_texts(rows, header, columns), columns, sniffed)
    grain, by_grain = _grain(order, start_days(rows, header, columns), columns)
    reading = Reading(calendar, measure.unit, measure.currency, decimal, grain, measure.metric)
    sheet = read_sheet(rows, header, columns, reading)
    ragged = [
        Wrong(row["row"], row["code"], row["column"], row["value"], row["hint"] or "")
        for row in table.row_findings.to_dicts()
        if row["level"] == "error"
    ]
    lines, unknown = _resolve(sheet, order, columns)
    wrong = (*sheet.wrong, *ragged, *unknown, *_twice(lines, columns))
    bad = {fault.row for fault in wrong}
    kept = {row: tuple(made) for row, made in lines.items() if row not in bad}
    ordered = tuple(sorted(wrong, key=lambda fault: fault.row))
    return _Read(sheet, kept, ordered, columns, (*decided, *by_grain), len(rows))


def _chosen(columns: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    for what, name in columns.items():
        if what not in FIELDS:
            raise WrongUse(f'--column: "{what}" is none of {", ".join(FIELDS)}.')
        if name not in header:
            raise WrongUse(f'--column: there is no column "{name}".', hint=f"Its columns: {', '.join(header)}.")
    return dict(columns)


def _decimal(
    order: SheetOrder, texts: Sequence[str], columns: Columns, sniffed: Sniffed
) -> tuple[Mark | None, tuple[Decision, ...]]:
    label = columns.named.get("value", "values")
    if order.decimal is not None:
        if order.decimal not in {".", ","}:
            raise WrongUse(f'--decimal: "{order.decimal}" is neither . nor ,')
        mark: Mark = "." if order.decimal == "." else ","
        return mark, (Decision(label, "decimal_mark", mark, {}, "person"),)
    proven, needed, proof = decimal_of(texts)
    if not needed:
        return None, ()
    if proven is None:
        question = Decision(
            label,
            "decimal_mark",
            None,
            proof,
            None,
            (".", ","),
            f'"{label}" reads both ways ({proof}): which sign stands before the decimals?',
        )
        raise NeedsDecision(
            f"{sniffed.file_name}: {question.message}", hint='Declare it: --decimal "."', decisions=[question.as_json()]
        )
    return proven, (Decision(label, "decimal_mark", proven, proof, "evidence"),)


def _grain(order: SheetOrder, days: Sequence[Any], columns: Columns) -> tuple[PeriodKind | None, tuple[Decision, ...]]:
    if order.grain is not None:
        found = next((kind for kind in GRAINS if kind == order.grain), None)
        if found is None:
            raise WrongUse(f'--grain: "{order.grain}" is none of {", ".join(GRAINS)}.')
        return found, ()
    grain = grain_of(days) if days else None
    if grain is None:
        return None, ()
    proof = {"dates": len(set(days))}
    return grain, (Decision(columns.named["start"], "scale", grain, proof, "evidence"),)


def _resolve(sheet: Sheet, order: SheetOrder, columns: Columns) -> tuple[dict[int, list[GivenLine]], list[Wrong]]:
    who = everybody(order.source)
    known: dict[tuple[str, str], str | None] = {}
    lines: dict[int, list[GivenLine]] = defaultdict(list)
    unknown: dict[int, Wrong] = {}
    for cell in sheet.cells:
        key = (cell.by, cell.who)
        if key not in known:
            known[key] = who.scope(cell.by, cell.who)
        scope = known[key]
        if scope is None:
            unknown.setdefault(cell.row, _unknown(cell, columns))
        else:
            line = GivenLine(scope, cell.period.id, cell.value, "import", None, cell.floor, cell.stretch)
            lines[cell.row].append(line)
    return lines, list(unknown.values())


def _unknown(cell: Cell, columns: Columns) -> Wrong:
    code = "unknown_team" if cell.by == "team" else "unknown_person"
    hint = "No id, e-mail, handle, confirmed alias or exact name says this; similar names are never taken."
    return Wrong(cell.row, code, columns.who, cell.who, hint)


def _twice(lines: Mapping[int, Sequence[GivenLine]], columns: Columns) -> list[Wrong]:
    """Same scope and period more than once: all of these rows are wrong, nobody knows which one is meant."""
    rows: dict[Key, list[int]] = defaultdict(list)
    for row, made in lines.items():
        for line in made:
            rows[line.key].append(row)
    return [
        Wrong(row, "duplicate_line", columns.who, f"{key[0]} {key[1]}", f"Rows {_listed(same)} say it; keep one.")
        for key, same in rows.items()
        if len(same) > 1
        for row in dict.fromkeys(same)
    ]


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(str(row) for row in rows[:5]) + (" and more" if len(rows) > 5 else "")


def _verdicts(plan: str, before: Any, read: _Read) -> Counts:
    """What the rows say beside the version that was the newest before."""
    former = {} if before is None else {line.key: line for line in given_lines(plan, before.version)}
    created = updated = unchanged = 0
    for made in read.lines.values():
        if any(line.key not in former for line in made):
            created += 1
        elif all(_equal(former[line.key], line) for line in made):
            unchanged += 1
        else:
            updated += 1
    return Counts(created, updated, unchanged, read.rows - created - updated - unchanged)


def _equal(left: GivenLine, right: GivenLine) -> bool:
    return (left.value, left.floor, left.stretch) == (right.value, right.floor, right.stretch)


def _issue_counts(read: _Read, *, written: bool) -> tuple[IssueCount, ...]:
    counts = Counter((fault.code, fault.column) for fault in read.wrong)
    first = {(fault.code, fault.column): fault for fault in reversed(read.wrong)}
    found = [
        IssueCount(
            code,
            "error",
            count,
            column,
            {"row": first[code, column].row, "line": None, "value": first[code, column].value},
            first[code, column].hint,
        )
        for (code, column), count in counts.items()
    ]
    if not written and read.lines:
        hint = "Correct the rejected rows, or take the right ones with --partial."
        found.append(IssueCount("nothing_written", "error", len(read.lines), None, None, hint))
    if read.sheet.rounded:
        found.append(IssueCount("too_many_decimals", "warning", read.sheet.rounded, None, None, "Values were rounded."))
    return tuple(found)


def _totals(read: _Read, measure: Measure) -> tuple[dict[str, Any], ...]:
    """Sum of the sheet's values, kept and rejected, as far as they could be read."""
    total = sum(read.sheet.sums.values())
    kept = sum(line.value for lines in read.lines.values() for line in lines)

    def text(value: int) -> str | None:
        exact = value if measure.unit in {"money", "count"} else from_steps(value, measure.unit, measure.currency)
        return value_text(exact, measure.unit, measure.currency)

    told = {"currency": measure.currency, "rows": read.rows}
    return ({**told, "file": text(total), "sealed": text(kept), "rejected": text(total - kept)},)


def _write_rejects(data: bytes, sniffed: Sniffed, read: _Read, digest: str) -> str:
    """The rejected rows as they stood, with what is wrong: fix the cells and import the file again."""
    table = read_table(data, sniffed)
    rows = table.frame.rows()
    folder: Path = settings.HEDEF.rejects_dir
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"rejects-targets-{digest[:12]}.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([*table.header, "_row", "_line", "_code", "_field", "_value", "_hint"])
        for number, faults in _by_row(read.wrong).items():
            told = [number, "", *(_joined(faults, name) for name in ("code", "column", "value"))]
            hints = " ".join(dict.fromkeys(fault.hint for fault in faults))
            writer.writerow([*(_guarded(text) for text in rows[number - 1]), *told, hints])
    return file.name


def _by_row(wrong: Sequence[Wrong]) -> dict[int, list[Wrong]]:
    found: dict[int, list[Wrong]] = defaultdict(list)
    for fault in wrong:
        found[fault.row].append(fault)
    return found


def _joined(faults: Sequence[Wrong], name: str) -> str:
    return "; ".join(dict.fromkeys(str(getattr(fault, name) or "") for fault in faults))


def _guarded(text: str) -> str:
    """Cells that a spreadsheet would run get a leading ' (numbers excepted)."""
    is_number = text[:1] in "+-" and text[1:].replace(".", "").replace(",", "").isdigit()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not is_number else text
