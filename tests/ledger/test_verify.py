"""One flipped byte anywhere is found and named."""

import pytest
from django.db import connection

from hedef.ledger.models import LedgerBatch, LedgerBlock, LedgerHead
from hedef.ledger.queries import verify
from hedef.ledger.services import append_block, writing
from tests.ledger.test_seals import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    made = []
    for n in (2, 70, 3):
        with writing(kind="import", actor="local", reason="first load", source="crm") as batch:
            table = rows(n).append_column("name", [["Gül Işık"] * n])
            append_block(batch, table, "thing", word_fields={"name"})
        made.append(batch)
    return made


def found():
    return [(issue.code, issue.object) for issue in verify()]


def flipped(data, place):
    changed = bytearray(bytes(data))
    changed[place % len(changed)] ^= 1
    return bytes(changed)


def test_a_whole_chain_is_verified_without_a_finding(chain):
    assert verify() == []


@pytest.mark.parametrize("place", [0, 7, -1])
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("drawer", ["numbers", "words"])
def test_a_flipped_byte_in_a_drawer_names_batch_and_block(chain, drawer, at, place):
    block = LedgerBlock.objects.get(batch_id=chain[at].pk, seq=0)
    LedgerBlock.objects.filter(batch_id=chain[at].pk).update(**{drawer: flipped(getattr(block, drawer), place)})
    assert found() == [(f"{drawer}_changed", f"B-{chain[at].pk}/0")]
    assert f"B-{chain[at].pk}" in verify()[0].message


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "first loae"),
        ("actor", "locam"),
        ("kind", "impory"),
        ("rows", 71),
        ("counts", {"created": 1}),
        ("digest", "0" * 64),
        ("words_digest", "0" * 64),
        ("code_version", "9"),
        ("state", "opem"),
    ],
)
@pytest.mark.parametrize("at", [0, 1])
def test_a_changed_header_names_its_batch_once(chain, column, value, at):
    LedgerBatch.objects.filter(pk=chain[at].pk).update(**{column: value})
    assert found() == [("header_changed", f"B-{chain[at].pk}")]


def test_a_block_that_says_other_rows_or_is_gone_is_found(chain):
    LedgerBlock.objects.filter(batch_id=chain[0].pk).update(first_ord=1)
    LedgerBlock.objects.filter(batch_id=chain[1].pk).delete()
    assert found() == [
        ("header_changed", f"B-{chain[0].pk}"),
        ("block_missing", f"B-{chain[1].pk}"),
        ("header_changed", f"B-{chain[1].pk}"),
    ]


def test_a_rewritten_block_with_a_new_digest_still_breaks_its_batch(chain):
    block = LedgerBlock.objects.get(batch_id=chain[0].pk, seq=0)
    other = LedgerBlock.objects.get(batch_id=chain[2].pk, seq=0)
    LedgerBlock.objects.filter(batch_id=block.batch_id).update(numbers=other.numbers, digest=other.digest)
    assert found() == [("header_changed", f"B-{chain[0].pk}")]


def test_a_batch_taken_out_is_found(chain):
    LedgerBlock.objects.filter(batch_id=chain[1].pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_batch WHERE id = %s", [chain[1].pk])
    assert found() == [("seal_gap", f"B-{chain[2].pk}"), ("chain_broken", f"B-{chain[2].pk}")]


@pytest.mark.parametrize(("column", "value"), [("digest", "0" * 64), ("seal_no", 7)])
def test_a_changed_head_is_found(chain, column, value):
    LedgerHead.objects.update(**{column: value})
    assert found() == [("head_changed", "head")]


def test_an_undo_of_nothing_and_a_void_of_nothing_are_found():
    """Even with right digests: what a batch takes back must have been sealed before it."""
    with writing(kind="edit", actor="local") as first:
        append_block(first, rows(2), "thing")
    void = rows(1).append_column("void_batch", [[first.pk + 99]]).append_column("void_ord", [[0]])
    with writing(kind="correct", actor="local") as second:
        append_block(second, void, "thing")
    with writing(kind="undo", actor="local", undoes=first) as third:
        pass
    assert found() == [("change_of_nothing", f"B-{second.pk}/0")]
    LedgerBatch.objects.filter(pk=third.pk).update(undoes=third.pk)
    assert ("undo_of_nothing", f"B-{third.pk}") in found()
