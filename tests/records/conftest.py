"""A small company for pages, API and commands: two teams under Sales, three people, deals, rates and users by role."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from hedef.access.models import User
from hedef.access.services import create_user
from hedef.ledger.services import writing
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US

NOW = datetime(2026, 6, 20, 9, tzinfo=UTC)
PASSWORD = "bosporus-wind"


@pytest.fixture
def poyraz(home, settings):
    """`poyraz.holly` is a person in East (rep), Mia leads East, Ali is in no team; every user bears a person's name."""
    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 6, 20))
    found = SimpleNamespace()
    with writing(kind="import", actor="olga", source="crm") as batch:

        def make(of, **fields):
            return services.create(kind=of, fields=fields, effective_us=ALWAYS_US, actor="olga", batch=batch)

        found.sales = make("team", name="Sales", handle="sales")
        found.east = make("team", name="East", parent=found.sales, kind="sales")
        found.west = make("team", name="West", parent=found.sales, kind="sales")
        found.holly = make("person", name="Holly Işık", email="holly@poyraz.example", handle="holly")
        found.mia = make("person", name="Mia Çelik", email="mia@poyraz.example")
        found.ali = make("person", name="Ali Isık", email="ali@poyraz.example")
        make("membership", person=found.holly, team=found.east, role="rep", primary=True)
        make("membership", person=found.mia, team=found.east, role="manager", primary=True)
        make("manager_line", person=found.holly, manager=found.mia, line="solid")
        found.acme = make("account", name="Acme", domain="acme.example", owner=found.holly)
        found.twin = make("account", name="ACME Ltd", domain="www.acme.example", owner=found.ali, country="DE")
        found.contact = make("contact", name="Jo Neu", email="jo@acme.example", account=found.acme, owner=found.holly)
        found.lead = make("lead", name="Ada Yeni", company="Yeni AŞ", owner=found.holly)
        found.product = make("product", name="Pump", code="P-1")
        deal = {"status": "open", "amount_minor": 120_050, "currency": "EUR", "owner": found.holly}
        found.deal = make("deal", name="Pumps", account=found.acme, **deal)
    create_user(username="olga", name="Olga Test", roles=["operations"], now=NOW, password=PASSWORD)
    for name, role in (("holly", "rep"), ("mia", "manager"), ("ali", "rep")):
        create_user(username=name, name=name.title(), roles=[role], now=NOW, person=getattr(found, name))
    create_user(username="fin", name="Fin Test", roles=["finance"], now=NOW)
    return found


@pytest.fixture
def visitor(poyraz):
    """`visitor("olga")` is a signed-in client; `visitor("olga", "tr")` reads Turkish."""

    def enter(username: str, language: str = "en") -> Client:
        user = User.objects.get(username=username)
        client = Client(headers={"accept-language": language})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter
