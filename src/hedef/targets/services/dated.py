"""Calendars made of a file's own start dates, and workbooks as the text that sheets of targets are read from."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hedef.definitions import queries as definitions
from hedef.definitions import services as documents
from hedef.facts import queries as facts
from hedef.facts.calendars import COMPANY
from hedef.facts.calendars import KIND as CALENDAR
from hedef.intake.engine.formats.limits import Limits
from hedef.intake.engine.formats.workbook import unfold_workbook
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import Refused, WrongUse
from hedef.targets.engine.sheet import grain_of


def sheet_bytes(file: Path, answers: Mapping[str, str]) -> bytes:
    """The bytes of a text file; of a workbook the sheet with records, as CSV.

    NeedsDecision where several sheets could be meant (`sheet` in `answers`), Refused for macros.
    """
    if file.suffix.lower() not in {".xlsx", ".xlsm"}:
        return file.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sheet.csv"
        unfold_workbook(file, file.name, out, Limits(), answers)
        return out.read_bytes()


def calendar_of_dates(days: Sequence[date], *, last_end: date | None, actor: str, reason: str = "") -> Calendar:
    """The company's calendar with a table of half-open windows between these start dates; the last one ends before
    `last_end`.

    A new version of the calendar's document, approved at once where nobody else could approve it. WrongUse without
    `last_end`, without dates, and for gaps of no known kind; Refused where a second person must approve the calendar.
    """
    starts = sorted(set(days))
    kind = grain_of(starts)
    if last_end is None:
        raise WrongUse(
            "The last period of the file has no end.",
            hint="Say on which day the next one would start: --last-end 2014-06-01",
        )
    if kind is None or last_end <= starts[-1]:
        raise WrongUse(
            f"{len(starts)} start dates and the end {last_end} make no periods.",
            hint="The dates must lie about a week, month, quarter, half or year apart, and the end after the last one.",
        )
    rows = [_row(start, after, kind) for start, after in pairwise([*starts, last_end])]
    newest = definitions.versions(CALENDAR, COMPANY)[-1]
    body = {key: value for key, value in newest.body.items() if key not in ("version", "effective_from", "periods")}
    if newest.body.get("periods") == rows and newest.approver:
        return facts.calendar()
    made = documents.add(document={**body, "periods": rows}, actor=actor, reason=reason)
    documents.simulate(kind=CALENDAR, id=COMPANY, version=made.version, actor=actor, reason=reason)
    try:
        documents.approve(kind=CALENDAR, id=COMPANY, version=made.version, actor=actor, reason=reason)
    except Refused as refused:
        raise Refused(
            f"The periods of the file need a calendar of their own, and a second person approves it. {refused.message}",
            hint="Let the second person import the file, or add the table to calendar:company and have it approved.",
            code=refused.error_code,
        ) from refused
    return facts.calendar()


def _row(start: date, after: date, kind: str) -> dict[str, Any]:
    last = after - timedelta(days=1)
    return {"id": start.isoformat(), "kind": kind, "start": start.isoformat(), "end": last.isoformat()}
