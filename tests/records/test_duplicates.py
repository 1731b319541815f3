"""Suspects with reasons; only a person says that two records are one, or that they are not."""

from datetime import UTC, datetime

import pytest

from hedef.kernel.errors import WrongUse
from hedef.kernel.scope import Scope
from hedef.ledger.services import source
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.models import ExternalKey

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def made(kind, **fields):
    return services.create(kind=kind, fields=fields, effective_us=ALWAYS_US, actor="local")


def key(entity, name, kind):
    ExternalKey.objects.create(source=source(name), object=kind, ext_id=str(entity), entity=entity)


def told(kind, **more):
    return [(one.entity, one.other, set(one.reasons)) for one in queries.duplicates(kind, **more)]


def test_people_with_one_address_or_one_name_are_suspects_and_two_sources_are_said():
    one = made("person", name="Işık, Gül", email="gul@acme.com")
    two = made("person", name="GÜL IŞIK", email=" Gul@Acme.com")
    three = made("person", name="Gül Işık")
    made("person", name="Nil", email="nil@acme.com")
    key(one, "crm", "person")
    key(two, "hr", "person")
    assert told("person") == [(one, two, {"same_email", "same_name", "two_sources"}), (one, three, {"same_name"})]
    assert queries.duplicates("person")[0].sources == (("crm",), ("hr",))


def test_accounts_with_one_domain_are_suspects_unless_it_is_free_mail():
    one, two = (
        made("account", name="Acme", domain="acme.com"),
        made("account", name="ACME Turkey", domain="www.Acme.com"),
    )
    for name in ("A", "B"):
        made("account", name=name, domain="gmail.com")
    assert told("account") == [(one, two, {"same_domain"})]


def test_contacts_of_one_name_are_suspects_only_at_one_account():
    acme, other = made("account", name="Acme"), made("account", name="Other")
    one, two = made("contact", name="Ali Veli", account=acme), made("contact", name="ALİ VELİ", account=acme)
    made("contact", name="Ali Veli", account=other)
    made("contact", name="Ali Veli")
    assert told("contact") == [(one, two, {"same_name_and_account"})]


def test_leads_of_one_name_and_company_are_suspects():
    one, two = made("lead", name="Ali", company="Acme, Inc."), made("lead", name="ali", company="ACME Inc")
    made("lead", name="Ali", company="Other")
    assert told("lead") == [(one, two, {"same_name_and_company"})]


def test_a_pair_that_a_person_told_apart_is_not_asked_about_again():
    one, two, three = (made("account", name="Acme") for _ in range(3))
    services.tell_apart(kind="account", entity=two, other=one, actor="ops", said_at=NOON)
    services.tell_apart(kind="account", entity=one, other=two, actor="ops", said_at=NOON)
    assert told("account") == [(one, three, {"same_name"})]
    services.suspect_again(entity=one, other=two)
    assert len(told("account")) == 2
    with pytest.raises(WrongUse):
        services.tell_apart(kind="account", entity=one, other=one, actor="ops", said_at=NOON)


def test_merged_and_ended_records_are_no_suspects():
    one, two = made("account", name="Acme"), made("account", name="Acme")
    services.merge(kind="account", loser=two, survivor=one, actor="ops", reason="the same")
    assert told("account") == []


def test_a_scope_hears_only_of_pairs_of_which_it_sees_both():
    holly, nil = made("person", name="Holly"), made("person", name="Nil")
    one, two = made("account", name="Acme", owner=holly), made("account", name="Acme", owner=nil)
    assert told("account", scope=Scope(people=frozenset({holly}))) == []
    assert told("account", scope=Scope(people=frozenset({holly, nil}))) == [(one, two, {"same_name"})]


def test_other_kinds_have_no_duplicates_to_confirm():
    assert queries.duplicates("membership") == []
