"""Corrections: value, moment, no change at all; what was known before stays."""

import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.queries import batches, head, history
from hedef.ledger.services import writing
from hedef.records import queries, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    """A deal: at 10 proposal for 1,000, at 20 won."""
    fields = {"stage": "proposal", "amount_minor": 1000}
    made = services.create(kind="deal", fields=fields, effective_us=10, actor="zeynep")
    services.change(kind="deal", entity=made, fields={"stage": "won"}, effective_us=20, actor="zeynep")
    return made


def correct(deal, **told):
    return services.correct(kind="deal", entity=deal, actor="ops", reason="typo", **told)


def stage(deal, at, known=None):
    found = queries.state(deal, as_of_us=at, known_no=known)
    return None if found is None else found["stage"]


def test_another_value_at_the_same_moment_wins_and_the_former_stays_known(deal):
    before = head().seal_no
    done = correct(deal, fields={"amount_minor": 1500})
    assert queries.state(deal, as_of_us=10)["amount_minor"] == 1500
    assert queries.state(deal, as_of_us=10, known_no=before)["amount_minor"] == 1000
    batch = batches(last=1)[0]
    assert (batch.pk, batch.kind, batch.reason, batch.actor, batch.rows) == (done.batch, "correct", "typo", "ops", 1)


def test_values_set_at_different_moments_are_corrected_each_at_its_own(deal):
    correct(deal, fields={"amount_minor": 1500, "stage": "lost"})
    assert [(one.effective_us, dict(one.fields)) for one in history(deal)[-2:]] == [
        (10, {"amount_minor": 1500}),
        (20, {"stage": "lost"}),
    ]
    assert (stage(deal, 15), stage(deal, 25)) == ("proposal", "lost")


def test_a_wrong_moment_is_taken_back_and_set_anew_in_one_batch(deal):
    last, before = history(deal)[-1], head().seal_no
    correct(deal, change=(last.batch, last.ord), effective_us=40)
    assert [stage(deal, at) for at in (20, 39, 40)] == ["proposal", "proposal", "won"]
    assert stage(deal, 20, known=before) == "won"
    assert queries.rows("deal", entities=[deal])[0]["last_effective_us"] == 40
    assert [(one.act, one.effective_us) for one in history(deal)[-2:]] == [("void", 20), ("set", 40)]


def test_moment_and_value_may_be_wrong_together(deal):
    last = history(deal)[-1]
    correct(deal, change=(last.batch, last.ord), effective_us=40, fields={"stage": "lost"})
    assert [stage(deal, at) for at in (30, 40)] == ["proposal", "lost"]


def test_a_moved_creation_moves_the_beginning(deal):
    first = history(deal)[0]
    correct(deal, change=(first.batch, first.ord), effective_us=15)
    assert (stage(deal, 14), stage(deal, 15)) == (None, "proposal")


def test_a_moved_end_ends_at_the_new_moment(deal):
    services.end(kind="deal", entity=deal, effective_us=30, actor="zeynep")
    last = history(deal)[-1]
    correct(deal, change=(last.batch, last.ord), effective_us=50)
    assert queries.state(deal, as_of_us=49)["ended_us"] is None
    assert queries.state(deal)["ended_us"] == 50


def test_void_takes_one_change_back_and_a_void_of_that_void_lets_it_count_again(deal):
    last = history(deal)[-1]
    done = services.void(kind="deal", entity=deal, change=(last.batch, last.ord), actor="ops", reason="never happened")
    assert stage(deal, 99) == "proposal"
    services.void(kind="deal", entity=deal, change=(done.batch, 0), actor="ops", reason="it did")
    assert stage(deal, 99) == "won"


def test_a_void_in_the_same_batch_takes_an_earlier_row_of_it_back(deal):
    with writing(kind="edit", actor="ops") as batch:
        number = services.change(
            kind="deal", entity=deal, fields={"stage": "lost"}, effective_us=30, actor="ops", batch=batch
        )
        told = {"kind": "deal", "entity": deal, "fields": {"stage": "demo"}, "effective_us": 31, "actor": "ops"}
        services.change(**told, batch=batch)
        services.apply_changes(batch=batch, kind="deal", rows=_void(deal, number))
    assert [stage(deal, at) for at in (30, 31)] == ["won", "demo"]


def _void(deal, number):
    import pyarrow as pa

    told = {"entity": deal, "effective_us": 30, "act": "void", "void_batch": number[0], "void_ord": number[1]}
    return pa.table({name: [value] for name, value in told.items()})


def test_a_correction_of_a_correction_and_its_undo(deal):
    first = correct(deal, fields={"amount_minor": 1500})
    correct(deal, fields={"amount_minor": 1700})
    assert queries.state(deal)["amount_minor"] == 1700
    second = batches(last=1)[0].pk
    services.undo_batch(second, actor="ops", reason="no")
    assert queries.state(deal)["amount_minor"] == 1500
    services.undo_batch(first.batch, actor="ops", reason="no")
    assert queries.state(deal)["amount_minor"] == 1000


def test_a_value_that_a_later_change_at_the_same_moment_has_overtaken_is_not_corrected(deal):
    services.change(kind="deal", entity=deal, fields={"stage": "lost"}, effective_us=20, actor="zeynep")
    over = history(deal)[-2]
    with pytest.raises(Refused, match="same moment"):
        correct(deal, change=(over.batch, over.ord), fields={"stage": "demo"})


def test_what_cannot_be_corrected_is_said_and_nothing_is_written(deal):
    last, before = history(deal)[-1], head()
    for told, fault in (
        ({}, WrongUse),
        ({"fields": {"stage": "won"}}, WrongUse),
        ({"fields": {"owner": 3}}, WrongUse),
        ({"fields": {"colour": "red"}}, WrongUse),
        ({"change": (last.batch, last.ord), "fields": {"amount_minor": 3}}, WrongUse),
        ({"change": (last.batch, last.ord), "effective_us": 20}, WrongUse),
        ({"change": (last.batch, 7), "fields": {"stage": "lost"}}, NotFound),
        ({"effective_us": 40, "fields": {"stage": "lost"}}, WrongUse),
    ):
        with pytest.raises(fault):
            correct(deal, **told)
    with pytest.raises(WrongUse, match="reason"):
        services.correct(kind="deal", entity=deal, actor="ops", reason="", fields={"stage": "lost"})
    assert head() == before
    services.void(kind="deal", entity=deal, change=(last.batch, last.ord), actor="ops", reason="x")
    with pytest.raises(Refused, match="counts no more"):
        correct(deal, change=(last.batch, last.ord), fields={"stage": "lost"})


def test_a_merge_is_split_not_corrected():
    one, two = (services.create(kind="account", fields={}, effective_us=1, actor="ops") for _ in range(2))
    done = services.merge(kind="account", loser=two, survivor=one, actor="ops", reason="same", effective_us=5)
    with pytest.raises(Refused, match="another record"):
        services.void(kind="account", entity=two, change=(done.batch, 0), actor="ops", reason="x")
