"""Writes the story through the ledger, week by week, with the home's clock where the story stands."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa
from django.conf import settings

from hedef.demo import cast
from hedef.demo.files import import_files
from hedef.demo.plans import make_plans
from hedef.demo.story import Event, tell
from hedef.ledger.services import source, writing
from hedef.records.engine.combine import arrow_type
from hedef.records.engine.kinds import KINDS
from hedef.records.services import allocate, apply_changes, canonical_json, save_keys
from hedef.settings import now

SOURCE = "poyraz-crm"
# what others point at is written first
_KINDS = ("team", "person", "membership", "manager_line", "currency_rate", "account", "deal")

PROCESS = """\
kind: process
id: new-business
version: 1
name: {en: New business, tr: Yeni iş}
owner: defne
applies_to: deal
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
  - {id: no_decision, name: {en: No decision, tr: Karar çıkmadı}}
  - {id: competitor, name: {en: Competitor, tr: Rakip}}
  - {id: no_budget, name: {en: No budget, tr: Bütçe yok}}
  - {id: timing, name: {en: Timing, tr: Zamanlama}}
  - {id: other, name: {en: Other, tr: Diğer}}
stages:
  - id: qualify
    name: {en: Qualify, tr: Nitelendirme}
    order: 10
    category: open
    counts_from: true
    limit: {days: 14, clock: calendar}
  - {id: discover, name: {en: Discover, tr: Keşif}, order: 20, category: open, limit: {days: 21, clock: calendar}}
  - {id: propose, name: {en: Propose, tr: Teklif}, order: 30, category: open, limit: {days: 18, clock: calendar}}
  - {id: negotiate, name: {en: Negotiate, tr: Pazarlık}, order: 40, category: open, limit: {days: 17, clock: calendar}}
  - {id: close, name: {en: Close, tr: İmza}, order: 50, category: open, limit: {days: 10, clock: calendar}}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 90, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 91, category: lost}
"""


def fill(progress: Callable[[str, int, int], None] = lambda *_: None) -> None:
    """Users, process, two years of records, target plans, the newest files. The home's clock moves from the first day
    to today and stays there. The home must be fresh, with its database made on the first day."""
    events = tell().events
    writer = _Writer()
    weeks = [(end, list(group)) for end, group in groupby(events, key=lambda event: _week_end(event.known))]
    for number, (end, group) in enumerate(weeks):
        settings.HEDEF = replace(settings.HEDEF, today=min(end, cast.TODAY))
        if number == 0:
            _make_users()
            _make_process()
        writer.write(group)
        if number == 0:
            _link_users(writer.keys)
        progress("weeks", number + 1, len(weeks))
        make_plans(end, writer.keys)
    import_files(events)


def _week_end(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


class _Writer:
    """Knows the entity of every key told so far."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}

    def write(self, events: Iterable[Event]) -> None:
        by_kind: dict[str, list[Event]] = {}
        for event in events:
            by_kind.setdefault(event.kind, []).append(event)
        crm = source(SOURCE, vendor="demo", time_zone=cast.ZONE)
        with writing(kind="import", actor=SOURCE, source=crm, reason="weekly export") as batch:
            for kind in _KINDS:
                told = by_kind.get(kind, [])
                if not told:
                    continue
                fresh = list(dict.fromkeys(event.key for event in told if event.key not in self.keys))
                if fresh:
                    first = allocate(len(fresh))
                    self.keys |= {key: first + place for place, key in enumerate(fresh)}
                    numbers = pa.table(
                        # the hash of no row: a file of this source is compared field by field with what was said here
                        {
                            "ext_id": fresh,
                            "entity": list(range(first, first + len(fresh))),
                            "row_hash": [0] * len(fresh),
                        }
                    )
                    save_keys(source=crm, object=kind, keys=numbers, batch=batch)
                apply_changes(batch=batch, kind=kind, rows=self._table(kind, told))

    def _table(self, kind: str, events: list[Event]) -> pa.Table:
        of = KINDS[kind]
        names = [name for name in of.names if any(name in event.fields for event in events)]
        columns: dict[str, pa.Array] = {
            "entity": pa.array([self.keys[event.key] for event in events], pa.int64()),
            "effective_us": pa.array([event.effective_us for event in events], pa.int64()),
            "mask": pa.array([sum(of.bit(name) for name in event.fields) for event in events], pa.int64()),
        }
        for name in names:
            values = [self._value(of.get(name).type, event.fields.get(name)) for event in events]
            columns[name] = pa.array(values, arrow_type(of, name))
        return pa.table(columns)

    def _value(self, kind: str, value: Any) -> Any:
        if kind == "ref" and value is not None:
            return self.keys[value]
        if kind == "json" and value is not None:
            return canonical_json([{**one, "person": self.keys[one["person"]]} for one in value])
        return value


def _make_users() -> None:
    from hedef.access.services import create_user

    for username, name, roles, _ in cast.USERS:
        mail = f"{username}@poyraz.example"
        create_user(username=username, name=name, email=mail, roles=roles, password=cast.PASSWORD, now=now())


def _link_users(keys: dict[str, int]) -> None:
    from hedef.access.services import set_person

    for username, _, _, person in cast.USERS:
        if person:
            set_person(username=username, person=keys[f"person:{username}"])


def _make_process() -> None:
    from hedef.definitions.services import introduce

    introduce(text=PROCESS, actor="defne")
