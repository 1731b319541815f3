"""The company's calendar as a facts table: which rows each seal that changed the document made known."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import polars as pl
import pyarrow as pa
from django.conf import settings

from hedef.definitions.queries import Version, versions
from hedef.facts.engine.calendar import KINDS, calendar_rows
from hedef.facts.engine.tables import KNOWN, SqlType, Table
from hedef.facts.schema import CalendarDocument
from hedef.kernel.calendar import Calendar, in_turn
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import Locate, document_issue
from hedef.ledger import queries as ledger

KIND, COMPANY = "calendar", "company"


def company_versions(known_no: int | None = None) -> list[Version]:
    """Approved versions of the company's calendar in the order in which they come into force."""
    found = [one for one in versions(KIND, COMPANY, known_no=known_no) if one.approver]
    return sorted(found, key=lambda one: (one.effective_from or date.min, one.version))


def through(found: Sequence[Version]) -> Calendar | None:
    """One calendar of versions in the order in which they come into force; of two that begin together the later one.

    None for none. Every version keeps the days on which it was in force: figures of old periods do not move.
    """
    return _through(tuple((one.effective_from or date.min, one.text) for one in found), _Unread(found))


class _Unread(tuple[Version, ...]):
    """The versions of which a calendar is made; their days and texts, beside them, say all for what is kept."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unread)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=32)
def _through(_said: tuple[tuple[date, str], ...], found: _Unread) -> Calendar | None:
    spans = {one.effective_from or date.min: one.document.calendar() for one in found}
    return in_turn(sorted(spans.items(), key=lambda item: item[0])) if spans else None


def company_calendar(day: date | None = None) -> Calendar:
    """The company's calendar as it stands on `day`: that version and all before it (none: those to come too).

    A home whose document was not made yet lives by its settings.
    """
    found = through(_begun(day))
    if found is not None:
        return found
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
        gone, came = before, now
        if not before.is_empty():  # nothing to compare with the first one: two centuries of days
            pairs = ((before, now), (now, before))
            gone, came = (one.join(two, on=now.columns, how="anti", nulls_equal=True) for one, two in pairs)
        for rows, sign in ((gone, -1), (came, 1)):
            parts.append(rows.with_columns(pl.lit(seal_no).alias(KNOWN), pl.lit(sign).alias("sign")))
        before = now
    if not parts:
        parts = [before.clear().with_columns(pl.lit(0).alias(KNOWN), pl.lit(0).alias("sign"))]
    return pl.concat(parts, how="vertical_relaxed").to_arrow()


def _rows(known_no: int) -> pl.DataFrame:
    return calendar_rows(through(company_versions(known_no)) if known_no else None)


def _changed(after: int, upto: int) -> list[int]:
    """Seals with a change of a version of the company's calendar."""
    known = {one.entity for one in versions(KIND, COMPANY)}
    blocks = ledger.blocks_after(after, upto, kinds={"document"})
    return sorted({one.seal_no for one in blocks if known & set(one.table.column("entity").to_pylist())})


def check_calendar(document: CalendarDocument, locate: Locate, file: str | None) -> list[Issue]:
    """What a version of the company's calendar must keep to beside those before it.

    A new shape of the year begins with a year of its own, and no name comes to mean two spans of days: else figures of
    old periods would move.
    """
    former = [one for one in company_versions() if one.version < document.version] if document.id == COMPANY else []
    start = document.effective_from
    if not former or start is None:
        return []
    before, own = through([one for one in former if (one.effective_from or date.min) < start]), document.calendar()
    if before is None:
        return []
    fault = _cut_year(own, start) if _years_differ(before, own, start) else None
    fault = fault or _twice_named(in_turn([(date.min, before), (start, own)]), before, start)
    if fault is None:
        return []
    message, hint = fault
    path = ("effective_from",)
    return [document_issue("calendar_cuts_period", message, file=file, place=locate(path), path=path, hint=hint)]


def _years_differ(before: Calendar, own: Calendar, start: date) -> bool:
    try:
        return before.period_of(start, "year") != own.period_of(start, "year")
    except ValueError:  # a table that ends there
        return False


def _cut_year(own: Calendar, start: date) -> tuple[str, str] | None:
    year = own.period_of(start, "year")
    if year.start == start or (year.end - start).days + 1 < 7:  # days before the first week join it
        return None
    return (
        f"the version begins on {start}, in the middle of its own year {year.id} ({year.start} to {year.end})",
        f"Let it begin with a year: on {year.start} or {own.next(year).start}.",
    )


_TWICE = (
    "Let it begin a year later, name years by the other end (year_named_by), or say the year between them with a table "
    "(periods) in a version of its own."
)


def _twice_named(both: Calendar, before: Calendar, start: date) -> tuple[str, str] | None:
    """A period cut by the change whose name the new calendar gives to other days."""
    for kind in reversed(KINDS):
        try:
            last = before.period_of(start - timedelta(days=1), kind)
            found = both.period(last.id)
        except ValueError:
            continue
        if found.start > start - timedelta(days=1):
            former = f"until {start - timedelta(days=1)} of the calendar before"
            return f"{last.id} would name two spans: {former}, and {found.start} to {found.end} of this one", _TWICE
    return None


_PERIODS: dict[str, SqlType] = {}
for _kind in ("iso_week", *KINDS):
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
