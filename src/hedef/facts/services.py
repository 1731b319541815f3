"""Write verbs of the facts: absorb, rebuild, verify. Everything they write can be made again from the ledger."""

import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
from django.conf import settings

from hedef.facts import registry, segments
from hedef.facts.absorb import Build, store_name, table_shapes
from hedef.facts.calendars import COMPANY, KIND, company_calendar, company_versions
from hedef.facts.compaction import Compactor, clean_up, note_dropped
from hedef.facts.duck import At, database
from hedef.facts.engine.history import zones_text
from hedef.facts.engine.questions import Question
from hedef.facts.engine.records import record_table
from hedef.facts.engine.tables import Table
from hedef.facts.lineage import is_whole, standing
from hedef.facts.lock import absorbing
from hedef.facts.registry import register
from hedef.facts.segments import Manifest
from hedef.facts.store import Store, home_store, store_at
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import Refused
from hedef.ledger import queries as ledger
from hedef.records import queries as records

__all__ = [
    "Table",
    "absorb",
    "compact",
    "ensure_calendar",
    "first_calendar",
    "rebuild",
    "record_table",
    "register",
    "verify",
    "warm",
]

_PAGE_WAIT_S = 0.3
_CLEANED_EVERY = 64  # versions
_SLICE = 50_000  # records compared at once


def first_calendar() -> Iterable[Mapping[str, Any]]:
    """`calendar:company@1` of a new home, from its settings."""
    home = settings.HEDEF
    yield {
        "kind": KIND,
        "id": COMPANY,
        "version": 1,
        "name": {"en": "Company calendar", "tr": "Şirket takvimi"},
        "owner": "operations",
        "country": home.country,
        "half_holidays": True,
        "fiscal_start": home.fiscal_start,
        "weeks": "iso",
        "time_zone": home.time_zone,
        "base_currency": home.currency,
    }


def ensure_calendar() -> None:
    """Make the company's calendar in a home that has none (with the other documents that ship with Hedef)."""
    if not company_versions():
        from hedef.definitions.services import ensure_shipped

        ensure_shipped()


def _zones() -> str:
    """The company's zone in the course of time: a day lies in the zone that was in force then."""
    found: list[tuple[date, str]] = []
    one: Calendar | None = company_calendar()
    while one is not None:
        found.append((one.since or date.min, one.time_zone))
        one = one.before
    return zones_text(found[::-1])


def current() -> Manifest | None:
    """The newest version of the facts that belongs to the ledger, none before the first."""
    zone = _zones()
    return standing(home_store(), ledger.head(), zone=zone)


def absorb() -> Manifest:
    """Bring the facts up to the newest seal and give their version; waits for another absorber."""
    return brought_up(wait=True)[0]


def brought_up(*, wait: bool) -> tuple[Manifest, bool]:
    """The version of the facts that knows the newest seal; and whether it is still behind.

    Without `wait` another absorber is waited for at most 300 ms, if there is a former version to answer from.
    """
    store, head, newest = home_store(), ledger.head(), _newest()
    if newest is not None and is_whole(newest, head):
        return newest, False
    zone = _zones()
    former = standing(store, head, zone=zone)
    if former is not None and is_whole(former, head):
        return former, False
    with absorbing(store, timeout_s=None if wait or former is None else _PAGE_WAIT_S) as got:
        if not got and former is not None:
            return former, True
        if (ledger.head(), _newest()) == (head, newest):  # nothing happened while we waited
            try:
                return _next_version(former or Manifest(), head, zone, thorough=wait), False
            except FileExistsError:  # a writer without our lock made that version: look again
                pass
        return _caught_up(thorough=wait), False


def _caught_up(*, thorough: bool) -> Manifest:
    """The version that knows the newest seal, made where there is none yet; the lock is ours."""
    while True:
        head, zone = ledger.head(), _zones()
        former = standing(home_store(), head, zone=zone)
        if former is not None and is_whole(former, head):
            return former
        with suppress(FileExistsError):
            return _next_version(former or Manifest(), head, zone, thorough=thorough)


def warm() -> None:
    """Open the newest version in this process, so that its first question need not; nothing without one.

    Nothing is absorbed, and a fault is left to the question that meets it.
    """
    with suppress(Exception):
        found = current()
        if found is not None:
            database(home_store()).open(At(found, found.watermark))


def _newest() -> Manifest | None:
    return segments.newest(home_store())


def _next_version(base: Manifest, head: ledger.Head, zone: str, *, thorough: bool = True) -> Manifest:
    """Write the next version: what `base` says and the seals after it (all seals, without a base).

    FileExistsError when somebody else made it; Refused when the store takes no more.
    """
    try:
        made = _built(
            home_store(), base, _next_number(), zone, upto=head.seal_no, digest=head.digest, thorough=thorough
        )
        done = _published(base, made)
    except OSError as fault:
        if isinstance(fault, FileExistsError):
            raise
        raise Refused(
            f"The facts cannot be written: {fault.strerror or fault}.",
            hint="Nothing is lost, they are made from the ledger. Free some space, or look at HEDEF_FACTS_URL.",
            code="facts_not_written",
        ) from fault
    if thorough and done.version % _CLEANED_EVERY == 0:
        clean_up(home_store(), done)
    return done


def _next_number() -> int:
    newest = _newest()
    return 1 if newest is None else newest.version + 1


def _published(base: Manifest, made: Manifest) -> Manifest:
    note_dropped(home_store(), [base, *filter(None, [_newest()])], made)
    return segments.publish_manifest(home_store(), made)


def _built(
    store: Store, base: Manifest, number: int, zone: str, *, upto: int, digest: str, thorough: bool = False
) -> Manifest:
    """A finished, unpublished version on top of `base`, up to seal `upto` whose ledger digest is given."""
    build = Build(store, base.folder or f"g{number}", base, zone)
    build.absorb(upto)
    return build.manifest(version=number, watermark=upto, head=digest, thorough=thorough)


def rebuild() -> Manifest:
    """Make all facts again from the ledger in a fresh folder, then switch to it; the former version stays readable."""
    with absorbing(home_store(), timeout_s=None):
        while True:
            with suppress(FileExistsError):
                return _next_version(Manifest(), ledger.head(), _zones())


def compact() -> tuple[Manifest, list[str]]:
    """Write the segments of every table anew, in order and with what was taken back set apart; then remove the files
    that no version needs which was in use within an hour or is pinned. Gives the version and the removed files.
    """
    store = home_store()
    with absorbing(store, timeout_s=None):
        while True:
            with suppress(FileExistsError):
                done = _compacted(_caught_up(thorough=True))
                return done, clean_up(store, done)


def _compacted(base: Manifest) -> Manifest:
    compactor = Compactor(home_store(), base.folder)
    shapes = [(base.of(name), shape) for name, shape in table_shapes().items() if base.of(name)]
    found = tuple(one for parts, shape in shapes for one in compactor.tidied(parts, shape))
    if {one.path for one in found} == {one.path for one in base.segments}:
        return base
    return _published(base, replace(base, version=_next_number(), segments=found, digest=""))


def verify() -> tuple[Manifest, list[dict[str, Any]]]:
    """Compare the facts with a second build made aside, and `deal_now` with the records; each difference as a row
    `{"table", "published", "rebuilt"}` with order-free digests."""
    manifest = absorb()
    aside = settings.HEDEF.facts_dir / f"verify-{secrets.token_hex(6)}"
    try:
        rebuilt = _built(
            store_at(aside), Manifest(), 1, manifest.time_zone, upto=manifest.watermark, digest=manifest.head
        )
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    found = []
    for name in sorted({*registry.stored(), *map(store_name, registry.kept_fields())}):
        published, again = _digest_of(manifest, name), rebuilt.table_digest(name)
        if published != again:
            found.append({"table": name, "published": published.text(), "rebuilt": again.text()})
    return manifest, found + _records_differ(manifest)


def _digest_of(manifest: Manifest, table: str) -> segments.Digest:
    """Digest of what the files really hold."""
    total = segments.Digest()
    for one in manifest.of(table):
        try:
            total += segments.digest(pl.read_parquet(home_store().local_path(one.path)))
        except (OSError, pl.exceptions.PolarsError) as fault:
            raise Refused(
                f"A file of the facts cannot be read: {one.path} ({fault}).",
                hint="hedef facts rebuild makes them again.",
            ) from fault
    return total


_DEALS = Question(
    "facts/verify",
    "SELECT deal, process, stage, status, owner, amount_minor, currency, close_on, category, probability_bp "
    "FROM deal_now ORDER BY deal",
    tables=("deal_now",),
)


def _records_differ(manifest: Manifest) -> list[dict[str, Any]]:
    """`deal_now` against the records; nothing when records have moved on meanwhile."""
    if ledger.head().seal_no != manifest.watermark:
        return []
    at = At(manifest, manifest.watermark)
    facts = pl.DataFrame(database(home_store()).ask(_DEALS.sql, _DEALS.tables, {}, {}, at))
    ours, theirs = segments.digest(facts), segments.Digest()
    deals = [one[0] for one in records.columns_of("deal", ["entity"])]
    for start in range(0, len(deals), _SLICE):
        theirs += segments.digest(_told(deals[start : start + _SLICE], facts.schema))
    return [] if ours == theirs else [{"table": "deal_now", "published": ours.text(), "records": theirs.text()}]


def _told(deals: list[int], schema: pl.Schema) -> pl.DataFrame:
    """Living deals as the records have them, in the columns of the facts."""
    names = ["deal", "ended_us", *schema.names()[1:]]
    rows = records.columns_of("deal", ["entity", *names[1:]], entities=deals)
    told = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    living = told.filter(pl.col("ended_us").is_null())
    return living.select(pl.col(name).cast(of) for name, of in schema.items())
