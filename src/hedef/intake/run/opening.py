"""Files of a call recognised and read; what the last import of the very same file said; mappings and answers kept."""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from hedef.intake import documents, queries
from hedef.intake.answer import Counts, ImportAnswer, IssueCount
from hedef.intake.engine.shapes import Decision
from hedef.intake.models import ImportJob
from hedef.intake.run.call import Call
from hedef.intake.run.one import mapping_version, object_of
from hedef.intake.run.order import Order
from hedef.intake.run.received import Received, receive, unfold
from hedef.intake.run.sheet import NoSheet, Recognised, Sheet, open_sheet, recognise
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.calendar import Calendar
from hedef.ledger.browsing import Wanted, looked_for
from hedef.ledger.queries import head
from hedef.settings import now

_FAR_YEARS = 10
_VERDICTS = ("created", "updated", "unchanged")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_]?(\d{2})[-_]?(\d{2})(?!\d)")


@dataclass(frozen=True)
class Opened:
    """A file of the call: recognised, then read, or (`before`) told from the last import of the very same file."""

    path: Path
    sheet: Sheet | NoSheet | Recognised
    source_name: str
    vendor: str
    object: str
    before: ImportAnswer | None = None
    read_ms: int = 0

    @property
    def mapping(self) -> MappingModel | None:
        if isinstance(self.sheet, Sheet):
            return self.sheet.bound.mapping
        return self.sheet.mapping if isinstance(self.sheet, Recognised) else None

    @property
    def version(self) -> str:
        return "" if self.mapping is None else mapping_version(self.mapping)

    @property
    def rows(self) -> int:
        return self.sheet.rows if isinstance(self.sheet, Sheet) else 0


def recognise_files(order: Order, path: Path) -> list[Opened]:
    """Whose file it is (an archive: every file in it); nothing of its rows is read."""
    began = time.monotonic()
    given = receive(path, order.names.get(str(path)), limit_bytes=settings.HEDEF.upload_limit_mb * 1024 * 1024)
    files = unfold(given, answers=order.decide)
    took = round((time.monotonic() - began) * 1000)
    return [replace(_recognised(order, path, file), read_ms=took) for file in files]


def _recognised(order: Order, path: Path, file: Received) -> Opened:
    known = recognise(file, object_=order.object, mapping=order.mapping_of(path), kept=partial(_kept_mapping, order))
    vendor = "files"
    if known.mapping is not None:
        vendor = known.mapping.vendor
    elif known.detection is not None and known.detection.vendor:
        vendor = known.detection.vendor
    object_ = "" if known.mapping is None else object_of(known.mapping)
    return Opened(path, known, order.source or vendor, vendor, object_)


def open_file(order: Order, known: Opened, calendar: Calendar) -> Opened:
    """Read a recognised file, or tell it from its last import where nothing can have changed since."""
    assert isinstance(known.sheet, Recognised)
    began = time.monotonic()
    if (before := _said_before(order, known, known.sheet)) is not None:
        return replace(known, before=before)
    sheet = open_sheet(
        known.sheet,
        decide=order.decide,
        saved=_saved_decisions(known.source_name, known.object),
        zone=calendar.time_zone,
        currency=calendar.base_currency,
        far_after=now().date() + timedelta(days=365 * _FAR_YEARS),
        row_limit=settings.HEDEF.row_limit,
        folder=None if order.dry_run else folder_of(known),
    )
    return replace(known, sheet=sheet, read_ms=known.read_ms + round((time.monotonic() - began) * 1000))


def folder_of(opened: Opened) -> Path:
    """Where the parts of a large file lie while it is imported; the same for the same bytes, read the same way."""
    mark = hashlib.sha256(f"{opened.sheet.file.sha256} {opened.version}".encode()).hexdigest()
    folder: Path = settings.HEDEF.home / "jobs" / f"file-{mark[:24]}"
    return folder


def _kept_mapping(order: Order, vendor: str | None, header: tuple[str, ...]) -> MappingModel | None:
    """The mapping that a person gave for this source before."""
    return documents.saved(order.source or vendor or "files", order.object, header)


def keep_mapping(order: Order, opened: Opened) -> None:
    """A mapping that was given with this import is kept for the next one, without fields that the file has not."""
    if not isinstance(opened.sheet, Sheet) or (given := order.mapping_of(opened.path)) is None:
        return
    missing = set(opened.sheet.bound.missing)
    fields = {name: specs for name, specs in given.fields.items() if name not in missing}
    kept = given.model_copy(update={"fields": fields})
    documents.save(kept, source=opened.source_name, object_=given.object, actor=order.actor)


def _saved_decisions(source: str, object_: str) -> list[Decision]:
    """Answers that a person or a file gave for this object of the source before."""
    done = ImportJob.objects.filter(source=source, object=object_, state=ImportJob.State.DONE)
    jobs = done.order_by("-id")[:3]
    return [
        Decision(one["column"], one["what"], one["value"], by="mapping")
        for job in jobs
        for one in job.decisions
        if one.get("value") and one.get("what") in ("date_order", "decimal_mark", "scale")
    ]


def exported_of(order: Order, opened: Opened, call: Call) -> int:
    """When the file was exported: as a person says, as its name says, else now."""
    mapping = opened.mapping
    named = None if mapping is None else _named_day(mapping, opened.sheet.file, call)
    return order.exported_us or named or call.now_us


def _named_day(mapping: MappingModel, file: Received, call: Call) -> int | None:
    """The export day in the name of a file, where the mapping says that it stands there."""
    if mapping.exported_at != "from_file_name" or (found := _DAY_IN_NAME.search(file.name)) is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return min(Calendar(time_zone=call.zone).end_us(day), call.now_us)


def _said_before(order: Order, opened: Opened, known: Recognised) -> ImportAnswer | None:
    """The very same file again, with the same answers and nothing of that source since: told from the last import."""
    last = queries.last_job(opened.source_name, opened.object) if opened.object else None
    if last is None or last.answer is None or order.fixes is not None or order.confirm_gone or order.control:
        return None
    undone = looked_for(Wanted(source=opened.source_name, kind="undo"), last=1)
    if undone and (undone[0].seal_no or 0) > last.head_seal:
        return None  # something that the source said was taken back since
    if (last.file_sha256, last.mapping_version) != (known.file.sha256, opened.version):
        return None
    if (last.options.get("decide") or {}) != dict(order.decide) or last.options.get("plan") != order.plan:
        return None
    if last.options.get("scope") != order.scope or _gone_counts(last.answer):
        return None
    if last.unresolved and (last.head_seal != head().seal_no or len(order.files) > 1):
        return None  # what it could not find may be there now
    return _told_again(opened, last.answer)


def _gone_counts(answer: Mapping[str, Any]) -> bool:
    """What a full export misses counts each time: the second one ends it."""
    return bool(answer["gone"])


def _told_again(opened: Opened, told: Mapping[str, Any]) -> ImportAnswer:
    return ImportAnswer(
        file={**told["file"], "name": opened.sheet.file.name},
        source=opened.source_name,
        object=opened.object,
        vendor=told["vendor"],
        counts=Counts(0, 0, told["rows_read"] - told["rejected"], told["rejected"]),
        also=tuple(
            {**one, "created": 0, "updated": 0, "unchanged": sum(one[name] for name in _VERDICTS)}
            for one in told["also"]
        ),
        decisions=tuple(told["decisions"]),
        issues=tuple(IssueCount(**one) for one in told["issues"]),
        totals=tuple(told["totals"]),
        rejects_file=told["rejects_file"],
        plan=told["plan"],
        trust=queries.trust_of(opened.source_name, opened.object),
    )


def told_of(opened: Opened, job: ImportJob) -> ImportAnswer:
    """The answer of a job that came to its end, as it was given."""
    told = job.answer
    assert told is not None
    return replace(
        _told_again(opened, told),
        job=str(job),
        batch=told["batch"],
        seal_no=told["seal_no"],
        counts=Counts(*(told[name] for name in (*_VERDICTS, "rejected"))),
        gone=told["gone"],
        ended=told["ended"],
        changes=told["changes"],
        also=tuple(told["also"]),
        ms=told["ms"],
        peak_mb=told["peak_mb"],
    )
