"""Batches written in many transactions: what readers see of them, their end, and what stands beside them."""

import pyarrow as pa
import pytest

from hedef.kernel.errors import Refused
from hedef.ledger.models import LedgerBatch, LedgerBlock
from hedef.ledger.queries import Last, head, history, verify
from hedef.ledger.services import chunk, open_batch, source
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.models import Deal, ExternalKey
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db


def write(batch, **columns):
    with chunk(batch) as done:
        services.apply_changes(batch=batch, kind="deal", rows=pa.table(columns))
    return done


def keys(batch, ext_ids, entities, hashes):
    table = pa.table({"ext_id": ext_ids, "entity": entities, "row_hash": hashes})
    with chunk(batch):
        services.save_keys(source=source("crm"), object="deal", keys=table, batch=batch)


def deal(**fields):
    return services.create(kind="deal", fields=fields, effective_us=1, actor="local")


def row(entity):
    return next(iter(queries.rows("deal", entities=[entity], ended=True)), None)


def assert_records_equal_the_ledger():
    of = KINDS["deal"]
    columns = ["entity", "ended_us", "last_batch", "last_ord", "last_effective_us", *of.names]
    kept = list(Deal.objects.order_by("entity").values(*columns))
    assert rebuilt_rows(of).select(columns).to_dicts() == kept


def test_chunks_number_their_rows_on_also_after_the_batch_was_read_again():
    first = services.allocate(3)
    batch = open_batch(kind="import", actor="local")
    done = write(batch, entity=[first, first + 1], effective_us=[1, 1], stage=["a", "b"])
    assert (done.rows, done.ms > 0) == (2, True)
    again = LedgerBatch.objects.get(pk=batch.pk)
    write(again, entity=[first + 2, first], effective_us=[1, 2], stage=["c", "d"])
    assert services.seal(again, counts={"created": 3}) == 1
    assert (again.rows, again.blocks, again.counts) == (4, 2, {"created": 3})
    assert [(one.ord, one.seal_no) for one in history(first)] == [(0, 1), (3, 1)]
    assert verify() == []


def test_a_chunk_that_fails_leaves_the_ones_before_it():
    first = services.allocate(2)
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[first], effective_us=[1])
    with pytest.raises(ValueError, match="colour"):
        write(batch, entity=[first + 1], effective_us=[1], colour=["red"])
    assert (batch.rows, batch.blocks) == (1, 1)
    write(batch, entity=[first + 1], effective_us=[1])
    assert services.seal(batch) == 1
    assert [one["entity"] for one in queries.rows("deal")] == [first, first + 1]


def test_sealed_readers_see_nothing_of_an_open_batch():
    one = deal(stage="a")
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[one], effective_us=[2], stage=["b"])
    assert (row(one)["stage"], queries.state(one)["stage"], len(history(one))) == ("b", "a", 1)
    services.seal(batch)
    assert (queries.state(one)["stage"], len(history(one))) == ("b", 2)


def test_an_edit_beside_an_open_import_survives_its_seal_and_its_abandonment():
    for last in (services.seal, lambda batch: services.abandon(batch, reason="wrong file")):
        one = deal(stage="a", amount_minor=1)
        batch = open_batch(kind="import", actor="local")
        write(batch, entity=[one], effective_us=[5], stage=["b"], amount_minor=[2])
        services.change(kind="deal", entity=one, fields={"amount_minor": 2}, effective_us=9, actor="ayse")
        last(batch)
        assert (row(one)["amount_minor"], queries.state(one)["amount_minor"]) == (2, 2)
        assert_records_equal_the_ledger()


def test_of_two_batches_open_at_once_the_one_sealed_later_wins():
    one = deal(stage="a")
    early, late = open_batch(kind="import", actor="local"), open_batch(kind="import", actor="local")
    write(late, entity=[one], effective_us=[5], stage=["late"])
    write(early, entity=[one], effective_us=[5], stage=["early"])
    assert (services.seal(early), services.seal(late)) == (2, 3)
    assert (row(one)["stage"], queries.state(one)["stage"]) == ("late", "late")
    assert [change.fields["stage"] for change in history(one)] == ["a", "early", "late"]
    assert_records_equal_the_ledger()


def test_an_abandoned_batch_is_an_attempt_that_changed_nothing():
    old, new = deal(stage="a"), services.allocate(1)
    first = open_batch(kind="import", actor="local", source="crm")
    write(first, entity=[old], effective_us=[2], stage=["b"])
    keys(first, ["old"], [old], [7])
    services.seal(first)
    batch = open_batch(kind="import", actor="local", source="crm")
    write(batch, entity=[old, new], effective_us=[3, 3], stage=["x", "y"], amount_minor=[5, 5])
    keys(batch, ["old", "new", "other name of old"], [old, new, old], [8, 9, 10])
    write(batch, entity=[old], effective_us=[4], stage=["z"])
    services.abandon(batch, reason="wrong file")
    assert (row(old)["stage"], row(old)["amount_minor"], row(new)) == ("b", None, None)
    assert list(ExternalKey.objects.values_list("ext_id", "entity", "row_hash")) == [("old", old, None)]
    attempt = LedgerBatch.objects.get(pk=batch.pk)
    assert (attempt.state, attempt.seal_no, attempt.rows, attempt.reason) == ("abandoned", None, 0, "wrong file")
    assert attempt.counts == {"changes_taken_back": 3}
    assert not LedgerBlock.objects.filter(batch_id=batch.pk).exists()
    assert head().seal_no == 2
    assert_records_equal_the_ledger()


def test_a_chain_that_runs_through_an_abandoned_batch_holds_and_forgets_its_values():
    one, other = deal(stage="a"), deal(stage="a")
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[one, other], effective_us=[2, 2], name=["Secret", "Secret"])
    services.change(kind="deal", entity=one, fields={"stage": "c"}, effective_us=3, actor="local")
    services.abandon(batch, reason="wrong file")
    services.change(kind="deal", entity=one, fields={"stage": "d"}, effective_us=4, actor="local")
    assert [change.fields for change in history(one)] == [{"stage": "a"}, {"stage": "c"}, {"stage": "d"}]
    left = LedgerBlock.objects.get(batch_id=batch.pk)
    assert (b"Secret" in bytes(left.numbers), left.words) == (False, None)
    assert (row(one)["name"], row(other)["name"]) == (None, None)
    assert_records_equal_the_ledger()


def test_a_history_read_from_a_place_that_was_let_go_meanwhile_begins_at_the_newest_change():
    one, other = deal(stage="a"), deal(stage="a")
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[one], effective_us=[2], stage=["b"])
    write(batch, entity=[other], effective_us=[2], stage=["b"])
    stood = Last("deal", batch.pk, 1)
    services.change(kind="deal", entity=one, fields={"stage": "c"}, effective_us=3, actor="local")
    services.abandon(batch, reason="wrong file")  # the block of `other` is deleted, that of `one` keeps its link
    assert [block.first_ord for block in LedgerBlock.objects.filter(batch_id=batch.pk)] == [0]
    assert [change.fields for change in history(other, last=stood)] == [{"stage": "a"}]


def test_an_edit_between_two_changes_of_an_abandoned_batch_stays():
    one = deal(stage="a")
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[one], effective_us=[2], stage=["b"])
    services.change(kind="deal", entity=one, fields={"stage": "c"}, effective_us=3, actor="local")
    write(batch, entity=[one, one], effective_us=[4, 5], stage=["d", "e"])
    services.abandon(batch, reason="wrong file")
    assert (row(one)["stage"], [change.fields["stage"] for change in history(one)]) == ("c", ["a", "c"])
    assert_records_equal_the_ledger()


def test_a_closed_batch_takes_no_chunk_no_seal_and_no_abandonment():
    batch = open_batch(kind="import", actor="local")
    write(batch, entity=[services.allocate(1)], effective_us=[1])
    stale = LedgerBatch.objects.get(pk=batch.pk)
    services.seal(batch)
    with pytest.raises(Refused, match="sealed"):
        write(stale, entity=[services.allocate(1)], effective_us=[1])
    with pytest.raises(Refused, match="sealed"):
        services.seal(stale)
    with pytest.raises(Refused, match="sealed"):
        services.abandon(stale, reason="no")


def test_a_batch_without_a_change_is_recorded_as_an_attempt():
    batch = open_batch(kind="import", actor="local")
    assert services.seal(batch, counts={"unchanged": 5}) is None
    told = LedgerBatch.objects.get(pk=batch.pk)
    assert (told.state, told.counts, head().seal_no) == ("abandoned", {"unchanged": 5}, 0)
