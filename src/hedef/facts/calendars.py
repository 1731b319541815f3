"""The company's calendar as a facts table: which rows each seal that changed the document made known."""

from datetime import date

import polars as pl
import pyarrow as pa
from django.conf import settings

from hedef.definitions.queries import Version, versions
from hedef.facts.engine.calendar import Spans, calendar_rows
from hedef.facts.engine.tables import KNOWN, SqlType, Table
from hedef.facts.schema import CalendarDocument
from hedef.kernel.calendar import Calendar
from hedef.ledger import queries as ledger

KIND, COMPANY = "calendar", "company"


def company_versions(known_no: int | None = None) -> list[Version]:
    """Approved versions of the company's calendar in the order in which they come into force."""
    found = [one for one in versions(KIND, COMPANY, known_no=known_no) if one.approver]
    return sorted(found, key=lambda one: (one.effective_from or date.min, one.version))


def spans(known_no: int | None = None) -> Spans:
    """Each calendar with the first day on which it counts."""
    found: dict[date, Calendar] = {}
    for one in company_versions(known_no):
        found[one.effective_from or date.min] = one.document.calendar()
    return tuple(sorted(found.items(), key=lambda item: item[0]))


def company_calendar(day: date | None = None) -> Calendar:
    """The company's calendar in force on `day` (none: the version that came last into force or will).

    A home whose document was not made yet lives by its settings.
    """
    found = _begun(day)
    if found:
        document: CalendarDocument = found[-1].document
        return document.calendar()
    home = settings.HEDEF
    return Calendar(
        id=COMPANY,
        country=home.country,
        time_zone=home.time_zone,
        fiscal_start=home.fiscal_start,
        base_currency=home.currency,
    )


def company_reference(day: date | None = None) -> str | None:
    """`calendar:company@1`, for fingerprints; none in a home without the document."""
    found = _begun(day)
    return found[-1].reference if found else None


def _begun(day: date | None) -> list[Version]:
    return [one for one in company_versions() if day is None or (one.effective_from or date.min) <= day]


def read_calendar(after: int, upto: int) -> pa.Table:
    """Signed rows of the calendar that the seals after..upto made known."""
    parts, before = [], _rows(after)
    for seal_no in _changed(after, upto):
        now = _rows(seal_no)
        gone, came = before.join(now, on=now.columns, how="anti"), now.join(before, on=now.columns, how="anti")
        for rows, sign in ((gone, -1), (came, 1)):
            parts.append(rows.with_columns(pl.lit(seal_no).alias(KNOWN), pl.lit(sign).alias("sign")))
        before = now
    if not parts:
        parts = [before.clear().with_columns(pl.lit(0).alias(KNOWN), pl.lit(0).alias("sign"))]
    return pl.concat(parts, how="vertical_relaxed").to_arrow()


def _rows(known_no: int) -> pl.DataFrame:
    return calendar_rows(spans(known_no) if known_no else ())


def _changed(after: int, upto: int) -> list[int]:
    """Seals with a change of a version of the company's calendar."""
    known = {one.entity for one in versions(KIND, COMPANY)}
    blocks = ledger.blocks_after(after, upto, kinds={"document"})
    return sorted({one.seal_no for one in blocks if known & set(one.table.column("entity").to_pylist())})


_PERIODS: dict[str, SqlType] = {}
for _kind in ("week", "month", "fiscal_month", "quarter", "half", "year"):
    _PERIODS |= {_kind: "VARCHAR", f"{_kind}_index": "INTEGER"}

CALENDAR = Table(
    "calendar",
    {
        "day": "DATE",
        "day_no": "INTEGER",
        "weekday": "INTEGER",
        "work_halves": "INTEGER",
        "halves_until": "INTEGER",
        "days_until": "INTEGER",
        **_PERIODS,
    },
    kinds=("document",),
    reader=read_calendar,
    key="day",
)
