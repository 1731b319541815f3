"""What a process keeps of the chain equals what the database says, also after a rollback and in another home."""

import pytest
from django.db import transaction

from hedef.ledger.engine import BatchLine, alive, dead
from hedef.ledger.models import LedgerBatch
from hedef.ledger.queries import batches, history, living, newest_of, orders, seals, stamp, undo_lines
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.usefixtures("home")


def _naive_living(known_no=None):
    rows = LedgerBatch.objects.filter(seal_no__isnull=False).values_list("seal_no", "undoes__seal_no")
    return alive([BatchLine(*row) for row in rows], known_no)


def _account(name):
    return services.create(kind="account", fields={"name": name}, effective_us=ALWAYS_US, actor="a")


def _agrees():
    rows = LedgerBatch.objects.filter(seal_no__isnull=False).values_list("pk", "seal_no")
    assert dict(seals()) == dict(rows)
    assert dict(orders()) == dict(rows)
    newest = max(seal for _, seal in rows)
    for known_no in (None, *range(newest + 2)):
        counting = _naive_living(known_no)
        told = living(known_no)
        assert {seal for seal in range(newest + 3) if seal in told} == counting == told
    return newest


def test_what_is_kept_grows_with_every_seal_and_follows_undos():
    _account("One")
    before = _agrees()
    _account("Two")
    undone = services.undo_batch(batches(last=1)[0].pk, actor="a", reason="wrong")
    assert _agrees() == before + 2
    services.undo_batch(undone.batch, actor="a", reason="right after all")
    assert _agrees() == before + 3
    assert [one.seal_no for one in undo_lines()] == [before + 2, before + 3]


def test_a_batch_that_was_rolled_back_is_forgotten():
    _account("One")
    before = _agrees()
    held = seals()
    with transaction.atomic():
        _account("Never")
        assert _agrees() == before + 1
        transaction.set_rollback(True)
    assert _agrees() == before
    _account("Another")
    _account("And one more")
    assert _agrees() == before + 2
    assert len(held) == before


def test_a_chain_that_was_broken_is_still_answered_from_the_database():
    _account("One")
    LedgerBatch.objects.filter(pk=batches(last=1)[0].pk).update(prev_digest="changed")
    _account("Two")
    _agrees()


def test_the_open_batch_being_written_comes_last():
    from hedef.ledger.services import open_batch

    _account("One")
    own, other = (open_batch(kind="edit", actor="a") for _ in range(2))
    told = orders(own.pk)
    assert max(told.values()) == told[own.pk] > told[other.pk] > max(seals().values())


def test_what_is_dead_is_what_is_not_alive():
    lines = [BatchLine(1), BatchLine(2), BatchLine(3, undoes=2), BatchLine(4, undoes=3)]
    for known_no in (None, 2, 3, 4):
        every = {one.seal_no for one in lines if known_no is None or one.seal_no <= known_no}
        assert every - dead(lines, known_no) == alive(lines, known_no)


def test_the_newest_of_a_kind_moves_with_its_batches_alone():
    _account("One")
    documents, undos = newest_of("definition"), newest_of("undo")
    assert documents[0] > 0 == undos[0]
    _account("Two")
    assert (newest_of("definition"), newest_of("undo")) == (documents, undos)
    services.undo_batch(batches(last=1)[0].pk, actor="a", reason="wrong")
    assert newest_of("undo") == stamp() != undos


def test_a_history_that_is_kept_is_the_one_that_is_read_also_after_an_undo_and_an_erasure():
    contact = services.create(kind="contact", fields={"name": "Ada"}, effective_us=ALWAYS_US, actor="a")
    first = history(contact)
    services.change(kind="contact", entity=contact, fields={"name": "Ada L."}, effective_us=1, actor="a")
    assert history(contact)[:1] == first
    services.undo_batch(batches(last=1)[0].pk, actor="a", reason="wrong")
    assert [one.fields["name"] for one in history(contact)] == ["Ada", "Ada L."]
    services.erase(contact, actor="a", reason="asked")
    assert [one.fields.get("name") for one in history(contact)] == [None, None]


def test_a_batch_that_was_open_when_it_was_read_is_read_again_by_its_seal():
    from hedef.ledger.services import open_batch, seal_batch

    account = _account("One")
    batch = open_batch(kind="edit", actor="a")
    told = {"kind": "account", "entity": account, "fields": {"name": "Two"}, "effective_us": 1}
    services.change(**told, actor="a", batch=batch)
    before = orders()
    assert len(history(account, known=before)) == 2
    seal_no = seal_batch(batch)
    assert len(history(account, known=before)) == 2
    assert [one.seal_no for one in history(account)][-1] == seal_no
