"""Words are kept no longer than the settings allow; numbers for ever."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hedef.kernel.instants import to_us
from hedef.ledger.queries import batches, head, verify
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.usefixtures("home")

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)


def made(kind, day=date(2020, 1, 1), **fields):
    at = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return services.create(kind=kind, fields=fields, effective_us=at, actor="a")


def name(kind, entity):
    return queries.rows(kind, entities=[entity])[0]["name"]


def apply(**more):
    return services.apply_retention(on=NOW, actor="hedef", **more)


def test_leads_never_converted_lose_their_words_after_two_years():
    old, edge, converted, fresh = (
        made("lead", name="Old", email="old@a.com", score=3),
        made("lead", date(2024, 6, 1), name="Edge"),
        made("lead", name="Converted", converted_us=5),
        made("lead", date(2026, 1, 1), name="Fresh"),
    )
    assert apply(dry_run=True).records["lead"] == 1
    assert name("lead", old) == "Old"
    assert apply().records["lead"] == 1
    assert [name("lead", one) for one in (old, edge, converted, fresh)] == [None, "Edge", "Converted", "Fresh"]
    assert queries.rows("lead", entities=[old])[0]["score"] == 3
    assert (batches(last=1)[0].kind, batches(last=1)[0].actor) == ("erase", "hedef")
    assert verify() == []


def test_contacts_keep_their_words_where_they_or_their_account_have_a_deal():
    sold, quiet = (services.create(kind="account", fields={}, effective_us=ALWAYS_US, actor="a") for _ in range(2))
    own, near, none, lost = (
        made("contact", name="Own"),
        made("contact", name="Near", account=sold),
        made("contact", name="None", account=quiet),
        made("contact", name="Lost"),
    )
    made("deal", account=sold)
    made("deal", contact=own)
    assert apply().records["contact"] == 2
    assert [name("contact", one) for one in (own, near, none, lost)] == ["Own", "Near", None, None]


def test_people_who_left_are_numbers_after_the_legal_term():
    gone, here = (
        services.create(kind="person", fields=fields, effective_us=ALWAYS_US, actor="a")
        for fields in ({"name": "Gone", "left_on": date(2016, 5, 30)}, {"name": "Here"})
    )
    apply()
    assert [name("person", one) for one in (gone, here)] == [None, "Here"]
    assert queries.names([gone], kind="person") == {gone: f"P-{gone}"}


def test_a_second_run_writes_nothing_and_zero_months_keep_for_ever(settings):
    made("lead", name="Old")
    settings.HEDEF = replace(settings.HEDEF, lead_months=0)
    assert apply().records["lead"] == 0
    settings.HEDEF = replace(settings.HEDEF, lead_months=24)
    assert len(apply().batches) == 1
    before = head()
    assert apply().records == {"lead": 0, "contact": 0, "person": 0}
    assert head() == before


def test_a_lead_that_comes_back_after_its_time_has_words_again():
    lead = made("lead", name="Old")
    apply()
    services.change(kind="lead", entity=lead, fields={"name": "Back"}, effective_us=to_us(NOW), actor="a")
    assert name("lead", lead) == "Back"
