"""The door of changes: what it writes, links, refuses."""

import pyarrow as pa
import pytest
from django.db import IntegrityError, connection

from hedef.kernel.errors import Refused
from hedef.ledger.engine import decode
from hedef.ledger.models import LedgerBlock
from hedef.ledger.queries import history, verify
from hedef.ledger.services import open_batch, writing
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US, KINDS
from hedef.records.models import Deal
from hedef.records.tables import SORTED_ONCE

pytestmark = pytest.mark.django_db

DEAL = KINDS["deal"]


def apply(kind="deal", **columns):
    with writing(kind="import", actor="local", source="crm") as batch:
        services.apply_changes(batch=batch, kind=kind, rows=pa.table(columns))
    return batch


def one_row(entity):
    return queries.rows("deal", entities=[entity], ended=True)[0]


def test_only_columns_that_are_part_of_a_row_are_set():
    deal = services.allocate(1)
    apply(entity=[deal], effective_us=[10], amount_minor=[100], stage=["a"])
    apply(
        entity=[deal],
        effective_us=[20],
        amount_minor=pa.array([None], pa.int64()),
        stage=["b"],
        mask=[DEAL.bit("stage")],
    )
    row = one_row(deal)
    assert (row["amount_minor"], row["stage"], row["last_effective_us"]) == (100, "b", 20)
    apply(entity=[deal], effective_us=[30], amount_minor=pa.array([None], pa.int64()))
    assert one_row(deal)["amount_minor"] is None


def test_values_beside_the_mask_of_a_new_entity_are_not_stored():
    deal = services.allocate(1)
    apply(entity=[deal], effective_us=[10], amount_minor=[100], stage=["a"], mask=[DEAL.bit("stage")])
    assert (one_row(deal)["amount_minor"], one_row(deal)["stage"]) == (None, "a")


def test_several_changes_of_one_entity_in_one_call_are_folded_in_the_order_they_became_true():
    deal = services.allocate(1)
    batch = apply(entity=[deal] * 4, effective_us=[30, 10, 20, 30], stage=["c", "a", "b", "d"])
    row = one_row(deal)
    assert (row["stage"], row["last_effective_us"]) == ("d", 30)
    assert (row["last_batch"], row["last_ord"]) == (batch.pk, 3)
    assert [(one.ord, one.effective_us) for one in history(deal)] == [(0, 30), (1, 10), (2, 20), (3, 30)]


def test_each_row_knows_the_change_before_it_across_calls_kinds_and_batches():
    deal, person = services.allocate(1), services.allocate(1)
    first = apply(entity=[deal], effective_us=[1], stage=["a"])
    with writing(kind="import", actor="local") as second:
        names = pa.table({"entity": [person], "effective_us": [1], "name": ["Gül"]})
        services.apply_changes(batch=second, kind="person", rows=names)
        rows = pa.table({"entity": [deal, deal], "effective_us": [2, 3], "stage": ["b", "c"]})
        services.apply_changes(batch=second, kind="deal", rows=rows)
        services.apply_changes(batch=second, kind="deal", rows=rows.slice(0, 1))
    told = []
    for block in LedgerBlock.objects.filter(batch_id=second.pk, kind="deal").order_by("seq"):
        told += decode(block).select(["ord", "prev_batch", "prev_ord"]).to_pylist()
    assert [tuple(row.values()) for row in told] == [(1, first.pk, 0), (2, second.pk, 1), (3, second.pk, 2)]
    assert len(history(deal)) == 4
    assert one_row(deal)["stage"] == "c"


def test_an_end_and_a_revival_stand_in_the_record():
    deal = services.allocate(1)
    apply(entity=[deal, deal], effective_us=[1, 5], act=["set", "end"], stage=["a", None], mask=[DEAL.bit("stage"), 0])
    assert (one_row(deal)["ended_us"], one_row(deal)["stage"]) == (5, "a")
    assert queries.rows("deal", entities=[deal]) == []
    apply(entity=[deal], effective_us=[9], act=["revive"])
    assert (one_row(deal)["ended_us"], one_row(deal)["stage"]) == (None, "a")


def test_an_entity_whose_only_change_was_voided_has_never_lived_and_can_live_again():
    deal = services.allocate(1)
    batch = apply(entity=[deal], effective_us=[1], stage=["a"])
    apply(entity=[deal], effective_us=[1], act=["void"], void_batch=[batch.pk], void_ord=[0])
    assert queries.never_lived(one_row(deal))
    assert queries.state(deal) is None
    assert queries.state(deal, known_no=batch.seal_no)["stage"] == "a"
    apply(entity=[deal], effective_us=[7], amount_minor=[3])
    row = one_row(deal)
    assert (row["stage"], row["amount_minor"], row["ended_us"]) == (None, 3, None)


def test_words_stand_in_the_second_drawer_only():
    account = services.allocate(1)
    batch = apply("account", entity=[account], effective_us=[ALWAYS_US], name=["Işık A.Ş."], industry=["software"])
    block = LedgerBlock.objects.get(batch_id=batch.pk)
    assert "Işık".encode() not in bytes(block.numbers)
    assert "Işık".encode() in bytes(block.words)
    assert queries.state(account)["name"] == "Işık A.Ş."


def test_the_search_key_follows_the_name():
    account = services.allocate(1)
    apply("account", entity=[account], effective_us=[1], name=["Işık A.Ş."])
    assert queries.resolve("account", "IŞIK a.ş.") == account
    apply("account", entity=[account], effective_us=[2], name=["Poyraz"])
    assert queries.resolve("account", "POYRAZ") == account


def test_hundreds_of_entities_are_overwritten_in_bulk_with_mixed_masks():
    n = 500
    first = services.allocate(n)
    entities = list(range(first, first + n))
    apply(entity=entities, effective_us=[1] * n, amount_minor=list(range(n)), stage=["a"] * n)
    masks = [DEAL.bit("stage") if place % 2 else DEAL.bit("amount_minor") for place in range(n)]
    apply(entity=entities, effective_us=[2] * n, amount_minor=[-1] * n, stage=["b"] * n, mask=masks)
    told = [(row["amount_minor"], row["stage"]) for row in queries.rows("deal", entities=entities)]
    assert told == [(place, "b") if place % 2 else (-1, "a") for place in range(n)]
    assert verify() == []


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"effective_us": [1], "stage": ["a"]}, "entity and effective_us"),
        ({"entity": [1], "effective_us": [1], "colour": ["a"]}, "colour"),
        ({"entity": [1], "effective_us": [1], "act": ["drop"]}, "no such act: drop"),
        ({"entity": [1], "effective_us": [1], "mask": [2]}, "without a column"),
        ({"entity": [1], "effective_us": [1], "act": ["void"]}, "void_batch"),
        ({"entity": pa.array([None], pa.int64()), "effective_us": [1]}, "no entity"),
    ],
)
def test_rows_that_break_the_contract_are_refused_and_nothing_is_written(columns, says):
    with pytest.raises(ValueError, match=says):
        apply(**columns)
    assert not LedgerBlock.objects.exists()


def test_a_change_of_an_open_batch_cannot_be_voided_by_another():
    deal = services.allocate(1)
    half = open_batch(kind="import", actor="ali")
    services.apply_changes(batch=half, kind="deal", rows=pa.table({"entity": [deal], "effective_us": [1]}))
    with pytest.raises(Refused, match=half.number):
        apply(entity=[deal], effective_us=[1], act=["void"], void_batch=[half.pk], void_ord=[0])


def test_a_batch_of_many_kinds_numbers_its_rows_through():
    first = services.allocate(2)
    with writing(kind="import", actor="local") as batch:
        services.apply_changes(
            batch=batch, kind="person", rows=pa.table({"entity": [first], "effective_us": [1], "name": ["Ali"]})
        )
        services.apply_changes(
            batch=batch, kind="team", rows=pa.table({"entity": [first + 1], "effective_us": [1], "name": ["East"]})
        )
    told = LedgerBlock.objects.filter(batch_id=batch.pk).order_by("seq").values_list("seq", "kind", "first_ord", "n")
    assert list(told) == [(0, "person", 0, 1), (1, "team", 1, 1)]


def test_two_records_of_one_kind_never_share_a_number():
    deal = services.allocate(1)
    apply(entity=[deal], effective_us=[1])
    assert services.allocate(5) == deal + 1
    assert services.allocate(1) == deal + 6
    with pytest.raises(IntegrityError):
        Deal.objects.create(entity=deal, last_batch=1, last_ord=0, last_effective_us=0)


def test_a_large_first_load_has_its_indexes_again_and_counts_right():
    n = SORTED_ONCE
    first = services.allocate(n + 1)

    def indexes():
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, "deal")
        return {name: one["columns"] for name, one in found.items() if one["index"]}

    before = indexes()
    apply(entity=range(first, first + n), effective_us=[1] * n, owner=[place % 7 for place in range(n)])
    assert indexes() == before
    assert {tuple(one) for one in before.values()} >= {("account",), ("owner",), ("close_on",)}
    assert Deal.objects.filter(owner=3).count() == n // 7 + (n % 7 > 3)
