"""Two records become one, and two again."""

from datetime import date

import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.queries import batches, head, history
from hedef.ledger.services import source
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.models import Alias, ExternalKey, MovedKey

pytestmark = pytest.mark.django_db

DAY_US = 86_400_000_000
MAY_1 = 20_574 * DAY_US  # 2026-05-01


def made(kind, at=MAY_1, **fields):
    return services.create(kind=kind, fields=fields, effective_us=at, actor="local")


def merge(kind, loser, survivor, **more):
    told = {"actor": "ops", "reason": "the same", "effective_us": MAY_1 + 10 * DAY_US} | more
    return services.merge(kind=kind, loser=loser, survivor=survivor, **told)


def row(kind, entity):
    return queries.rows(kind, entities=[entity], ended=True)[0]


@pytest.fixture
def accounts():
    """Acme twice; the second one has a deal and a key."""
    one, two = (made("account", ALWAYS_US, name=name) for name in ("Acme", "ACME Inc"))
    deal = made("deal", account=two, amount_minor=500)
    ExternalKey.objects.create(source=source("crm"), object="account", ext_id="a-2", entity=two, row_hash=7)
    return {"one": one, "two": two, "deal": deal}


def test_the_loser_ends_and_what_referred_to_it_refers_to_the_survivor_from_then_on(accounts):
    one, two, deal = accounts.values()
    done = merge("account", two, one)
    assert row("account", two)["ended_us"] == MAY_1 + 10 * DAY_US
    assert row("deal", deal)["account"] == one
    assert queries.state(deal, as_of_us=MAY_1 + 9 * DAY_US)["account"] == two
    assert (queries.survivor(two), queries.losers(one)) == (one, [two])
    assert history(two)[-1].into == one
    batch = batches(last=1)[0]
    assert (batch.pk, batch.kind, batch.reason, batch.rows) == (done.batch, "merge", "the same", 2)


def test_keys_and_spellings_of_the_loser_point_to_the_survivor_and_a_split_gives_them_back(accounts):
    one, two, _deal = accounts.values()
    services.save_alias(source=source("crm"), kind="account", text_key="acme inc", entity=two)
    merge("account", two, one)
    assert ExternalKey.objects.get(ext_id="a-2").entity == one
    assert Alias.objects.get(text_key="acme inc").entity == one
    services.split(loser=two, actor="ops", reason="two companies after all")
    assert ExternalKey.objects.get(ext_id="a-2").entity == two
    assert Alias.objects.get(text_key="acme inc").entity == two
    assert not MovedKey.objects.exists()


def test_undo_of_a_merge_splits_and_undo_of_that_undo_merges_again(accounts):
    one, two, deal = accounts.values()
    before = row("account", two)
    done = merge("account", two, one)
    merged = (row("account", two), row("deal", deal))
    undone = services.undo_batch(done.batch, actor="ops", reason="no")
    assert row("account", two)["ended_us"] == before["ended_us"] is None
    assert (row("deal", deal)["account"], queries.survivor(two)) == (two, two)
    services.undo_batch(undone.batch, actor="ops", reason="yes after all")
    assert (row("account", two), row("deal", deal)) == merged
    assert ExternalKey.objects.get(ext_id="a-2").entity == one


def test_values_that_the_survivor_takes_over_are_part_of_the_merge(accounts):
    one, two, _deal = accounts.values()
    services.change(kind="account", entity=two, fields={"domain": "acme.com"}, effective_us=MAY_1, actor="local")
    done = merge("account", two, one, fields=["domain"])
    assert row("account", one)["domain"] == "acme.com"
    services.undo_batch(done.batch, actor="ops", reason="no")
    assert row("account", one)["domain"] is None


def test_a_range_across_the_day_is_cut_and_goes_on_under_the_survivor():
    one, two = made("person", ALWAYS_US, name="Holly"), made("person", ALWAYS_US, name="H. Long")
    team = made("team", ALWAYS_US, name="East")
    past, across = date(2026, 1, 1), date(2026, 3, 1)
    old = made("membership", person=two, team=team, from_day=past, to_day=across)
    now = made("membership", person=two, team=team, from_day=across, share_bp=10_000)
    coming = made("membership", person=two, team=team, from_day=date(2027, 1, 1))
    merge("person", two, one)
    told = [
        (one["entity"] in (old, now, coming), one["person"], one["from_day"], one["to_day"])
        for one in queries.rows("membership")
    ]
    day = date(2026, 5, 11)
    assert told == [
        (True, two, past, across),
        (True, two, across, day),
        (True, one, date(2027, 1, 1), None),
        (False, one, day, None),
    ]


def test_a_survivor_with_a_place_of_its_own_gets_no_second_one():
    one, two = made("person", ALWAYS_US, name="Holly"), made("person", ALWAYS_US, name="H. Long")
    team = made("team", ALWAYS_US, name="East")
    for person in (one, two):
        made("membership", ALWAYS_US, person=person, team=team)
    merge("person", two, one)
    assert [(one["person"], one["to_day"]) for one in queries.rows("membership")] == [
        (one, None),
        (two, date(2026, 5, 11)),
    ]


def test_parts_of_one_person_in_a_split_become_one():
    one, two, other = (made("person", ALWAYS_US, name=name) for name in ("Holly", "H. Long", "Nil"))
    splits = [
        {"person": two, "role": "rep", "share_bp": 2500},
        {"person": other, "role": "rep", "share_bp": 5000},
        {"person": one, "role": "rep", "share_bp": 2500},
    ]
    deal = made("deal", splits=splits, owner=two)
    merge("person", two, one)
    found = row("deal", deal)
    assert found["owner"] == one
    assert found["splits"] == services.canonical_json(
        [{"person": one, "role": "rep", "share_bp": 5000}, {"person": other, "role": "rep", "share_bp": 5000}]
    )


def test_a_merge_whose_survivor_was_merged_is_taken_back_after_that_one(accounts):
    one, two, deal = accounts.values()
    three = made("account", ALWAYS_US, name="Acme Group")
    first, second = merge("account", two, one), merge("account", one, three)
    assert (queries.survivor(two), row("deal", deal)["account"]) == (three, three)
    with pytest.raises(Refused, match=f"B-{second.batch}"):
        services.undo_batch(first.batch, actor="ops", reason="no")
    services.undo_batch(second.batch, actor="ops", reason="no")
    services.undo_batch(first.batch, actor="ops", reason="no")
    assert row("deal", deal)["account"] == two
    assert ExternalKey.objects.get(ext_id="a-2").entity == two


def test_only_living_records_of_one_mergeable_kind_are_merged_and_with_a_reason(accounts):
    one, two, _deal = accounts.values()
    before = head()
    for kind, loser, survivor, more, fault in (
        ("account", one, one, {}, WrongUse),
        ("membership", one, two, {}, WrongUse),
        ("account", one, 999_999, {}, NotFound),
        ("account", two, one, {"reason": " "}, WrongUse),
        ("account", two, one, {"fields": ["colour"]}, WrongUse),
    ):
        with pytest.raises(fault):
            merge(kind, loser, survivor, **more)
    assert head() == before
    merge("account", two, one)
    with pytest.raises(Refused, match="has ended"):
        merge("account", two, one)


def test_the_user_of_a_merged_person_follows_and_comes_back():
    from datetime import UTC, datetime

    from hedef.access.services import create_user, get_user

    one, two = made("person", ALWAYS_US, name="Holly"), made("person", ALWAYS_US, name="H. Long")
    create_user(username="holly", name="Holly", roles=["rep"], person=two, now=datetime(2026, 5, 1, tzinfo=UTC))
    merge("person", two, one)
    assert get_user("holly").person == one
    services.split(loser=two, actor="ops", reason="two people")
    assert get_user("holly").person == two


def _lines_now(person):
    lines = [one for one in queries.rows("manager_line") if one["person"] == person]
    return [one["manager"] for one in lines if one["to_day"] is None]


@pytest.fixture
def reports():
    """Rae reports to Max, who reports to Bea."""
    rae, boss, bea = (made("person", ALWAYS_US, name=name) for name in ("Rae", "Max", "Bea"))
    for person, manager in ((rae, boss), (boss, bea)):
        made("manager_line", ALWAYS_US, person=person, manager=manager, line="solid")
    return rae, boss, bea


def test_a_manager_merged_into_a_report_leaves_no_line_to_oneself_and_the_report_reports_to_the_next(reports):
    rae, boss, bea = reports
    merge("person", boss, rae)
    assert _lines_now(rae) == [bea]


def test_a_report_merged_into_a_manager_leaves_no_line_to_oneself(reports):
    rae, boss, bea = reports
    merge("person", rae, boss)
    assert _lines_now(boss) == [bea]


def test_a_merge_that_would_close_a_circle_of_managers_through_a_third_is_refused_and_writes_nothing(reports):
    rae, _boss, bea = reports
    before = head()
    with pytest.raises(Refused, match="circle") as refused:
        merge("person", bea, rae)
    assert refused.value.error_code == "manager_cycle"
    assert head() == before
    assert queries.survivor(bea) == bea


def test_an_account_merged_into_the_one_below_it_stands_above_nothing(accounts):
    one, two, _deal = accounts.values()
    services.change(kind="account", entity=one, fields={"parent": two}, effective_us=MAY_1, actor="local")
    merge("account", two, one)
    assert row("account", one)["parent"] is None


def test_an_account_that_would_stand_above_itself_through_a_third_is_refused(accounts):
    one, two, _deal = accounts.values()
    third = made("account", ALWAYS_US, name="Acme Holding", parent=two)
    services.change(kind="account", entity=one, fields={"parent": third}, effective_us=MAY_1, actor="local")
    with pytest.raises(Refused, match="circle"):
        merge("account", two, one)


def test_a_parent_taken_over_from_the_loser_is_never_oneself(accounts):
    one, two, _deal = accounts.values()
    services.change(kind="account", entity=two, fields={"parent": one}, effective_us=MAY_1, actor="local")
    merge("account", two, one, fields=["parent"])
    assert row("account", one)["parent"] is None
