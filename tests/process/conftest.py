"""A small company: two teams, two managers, four reps, a process with a limit and a criterion, three open deals."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from hedef.access.models import User
from hedef.access.services import create_user
from hedef.definitions.services import introduce
from hedef.kernel.calendar import Calendar
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import create

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "bosporus-wind"
PROCESS = """
kind: process
id: sales
version: 1
name: {en: Sales, tr: Satış}
owner: operations
stages:
  - id: call
    name: {en: Call, tr: Arama}
    order: 10
    category: open
    limit: {days: 5, clock: calendar}
  - id: offer
    name: {en: Offer, tr: Teklif}
    order: 20
    category: open
    exit:
      - {id: step, require: next_step, level: block}
      - {id: need, ask: {en: Is the need written down?, tr: İhtiyaç yazılı mı?}, level: warn}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 30, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 40, category: lost}
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
  - {id: other, name: {en: Other, tr: Diğer}}
"""


def at(month: int, day: int, hour: int = 10) -> int:
    return Calendar().start_us(date(2026, month, day)) + hour * 3600 * 1_000_000


def make(kind: str, since: int = ALWAYS_US, batch: LedgerBatch | None = None, **fields: Any) -> int:
    return create(kind=kind, fields=fields, effective_us=since, actor="olga", batch=batch)


def make_deal(name: str, owner: int | None, *, since: int | None = None, **more: Any) -> int:
    start = at(1, 5) if since is None else since
    fields = {"process": "sales", "stage": "call", "status": "open", "currency": "USD", "created_us": start}
    return make("deal", start, **{**fields, "name": name, "owner": owner, **more})


@pytest.fixture
def company(home, settings):
    """`company.ann` is a person, `company.harbour` a deal; users carry the names of their people."""
    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 3, 2))
    introduce(actor="olga", text=PROCESS)
    with writing(kind="edit", actor="olga") as one:
        found = _records(one)
    for name, role in ROLES.items():
        create_user(username=name, name=f"{name.title()} Test", roles=[role], now=NOW, person=getattr(found, name))
    create_user(username="olga", name="Olga Test", roles=["operations"], now=NOW, password=PASSWORD)
    create_user(username="fin", name="Fin Test", roles=["finance"], now=NOW)
    return found


ROLES = {"ann": "rep", "bob": "rep", "mia": "manager", "cem": "rep", "kai": "manager"}


def _records(batch: LedgerBatch) -> SimpleNamespace:
    found = SimpleNamespace(east=make("team", batch=batch, name="East"), west=make("team", batch=batch, name="West"))
    for name, role in ROLES.items():
        person = make("person", batch=batch, name=f"{name.title()} Test")
        setattr(found, name, person)
        team = found.west if name in {"cem", "kai"} else found.east
        make("membership", batch=batch, person=person, team=team, role=role, primary=True, share_bp=10_000)
    rate = {"base": "EUR", "quote": "USD", "day": date(2026, 1, 1), "numerator": 11, "denominator": 10}
    make("currency_rate", batch=batch, **rate, rate_set="budget")
    found.account = make("account", batch=batch, name="Harbour Works")
    pumps = {"account": found.account, "amount_minor": 1_000_00, "close_on": date(2026, 3, 31)}
    filters = {"stage": "offer", "amount_minor": 500_00, "currency": "EUR", "close_on": date(2026, 2, 1)}
    found.harbour = make_deal("Harbour pumps", found.ann, batch=batch, **pumps)
    found.mill = make_deal("Mill filters", found.bob, batch=batch, **filters)
    found.quarry = make_deal("Quarry belts", found.cem, since=at(2, 27), batch=batch, amount_minor=250_00)
    return found


@pytest.fixture
def browse(company):
    """`browse("ann")` is a client signed in as that user."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
