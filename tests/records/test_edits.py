"""Single edits and their conflicts."""

from datetime import date

import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.queries import batches, head, history
from hedef.ledger.services import writing
from hedef.records import queries, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    return services.create(
        kind="deal", fields={"stage": "proposal", "amount_minor": 1000}, effective_us=10, actor="zeynep"
    )


def change(deal, fields, effective_us=20, **more):
    return services.change(kind="deal", entity=deal, fields=fields, effective_us=effective_us, actor="zeynep", **more)


def row(deal):
    return queries.rows("deal", entities=[deal], ended=True)[0]


def test_an_edit_is_one_sealed_batch_with_its_actor_and_reason(deal):
    number = change(deal, {"stage": "won", "close_on": date(2026, 11, 17)}, reason="signed")
    batch = batches(last=1)[0]
    assert number == (batch.pk, 0)
    assert (batch.kind, batch.actor, batch.reason, batch.object) == ("edit", "zeynep", "signed", "deal")
    assert (row(deal)["stage"], row(deal)["close_on"]) == ("won", date(2026, 11, 17))
    assert dict(history(deal)[-1].fields) == {"stage": "won", "close_on": date(2026, 11, 17)}


def test_an_edit_that_changes_nothing_writes_nothing(deal):
    before = head()
    last = (row(deal)["last_batch"], row(deal)["last_ord"])
    assert change(deal, {"stage": "proposal"}) == last
    assert head() == before


def test_only_the_fields_that_differ_are_part_of_the_change(deal):
    change(deal, {"stage": "proposal", "amount_minor": 2000})
    assert dict(history(deal)[-1].fields) == {"amount_minor": 2000}


def test_a_late_edit_keeps_its_value_even_if_today_shows_the_same(deal):
    change(deal, {"stage": "won"})
    change(deal, {"stage": "won"}, effective_us=15)
    assert queries.state(deal, as_of_us=16)["stage"] == "won"


def test_an_edit_based_on_an_old_version_of_the_same_field_is_refused_with_both_values(deal):
    seen = (row(deal)["last_batch"], row(deal)["last_ord"])
    change(deal, {"stage": "won"})
    with pytest.raises(Refused) as refused:
        change(deal, {"stage": "lost"}, based_on=seen)
    assert "won" in refused.value.message
    assert "lost" in refused.value.message
    assert refused.value.decisions == ({"field": "stage", "theirs": "won", "yours": "lost"},)
    assert row(deal)["stage"] == "won"


def test_an_edit_of_another_field_passes_though_the_record_has_moved_on(deal):
    seen = (row(deal)["last_batch"], row(deal)["last_ord"])
    change(deal, {"stage": "won"})
    change(deal, {"amount_minor": 5}, based_on=seen)
    assert (row(deal)["stage"], row(deal)["amount_minor"]) == ("won", 5)


def test_several_edits_join_one_open_batch(deal):
    with writing(kind="correct", actor="ops", reason="wrong owner") as batch:
        change(deal, {"owner": 1}, batch=batch)
        other = services.create(kind="deal", fields={"owner": 1}, effective_us=20, actor="ops", batch=batch)
    assert {row(deal)["last_batch"], row(other)["last_batch"]} == {batch.pk}
    assert (row(deal)["last_ord"], row(other)["last_ord"]) == (0, 1)


def test_an_end_keeps_the_past_and_a_revival_takes_it_up_again(deal):
    services.end(kind="deal", entity=deal, effective_us=30, actor="zeynep")
    assert queries.state(deal, as_of_us=29)["ended_us"] is None
    assert queries.state(deal)["ended_us"] == 30
    services.revive(kind="deal", entity=deal, effective_us=40, actor="zeynep")
    assert queries.state(deal)["ended_us"] is None


def test_splits_are_stored_in_one_spelling(deal):
    change(deal, {"splits": [{"share_bp": 10000, "person": 4}]})
    assert row(deal)["splits"] == '[{"person":4,"share_bp":10000}]'


@pytest.mark.parametrize(
    "fields", [{"colour": "red"}, {"amount_minor": 10.5}, {"amount_minor": True}, {"close_on": "2026-01-01"}]
)
def test_a_wrong_field_or_value_is_refused(deal, fields):
    with pytest.raises(WrongUse):
        change(deal, fields)


def test_an_unknown_record_is_not_found(deal):
    with pytest.raises(NotFound, match="D-"):
        change(deal + 99, {"stage": "won"})


def test_a_reused_id_is_a_second_life_with_its_own_fields_alone(deal):
    with pytest.raises(Refused, match="has not ended"):
        services.begin_again(kind="deal", entity=deal, fields={}, effective_us=40, actor="a")
    services.end(kind="deal", entity=deal, effective_us=30, actor="a")
    services.begin_again(kind="deal", entity=deal, fields={"stage": "demo"}, effective_us=40, actor="a")
    told = [queries.state(deal, as_of_us=at) for at in (20, 35, 45)]
    assert [(one["stage"], one["amount_minor"], one["ended_us"]) for one in told] == [
        ("proposal", 1000, None),
        ("proposal", 1000, 30),
        ("demo", None, None),
    ]
    assert services.differences() == []


def test_a_merged_record_is_split_not_revived():
    one, two = (services.create(kind="account", fields={}, effective_us=1, actor="a") for _ in range(2))
    services.merge(kind="account", loser=two, survivor=one, actor="a", reason="same", effective_us=5)
    with pytest.raises(Refused, match="part of another"):
        services.revive(kind="account", entity=two, effective_us=9, actor="a")
