"""Batches and their seals in a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from hedef.kernel.errors import Refused
from hedef.ledger import queries
from hedef.ledger.models import LedgerBatch, LedgerBlock
from hedef.ledger.services import abandon_batch, append_block, open_batch, seal_batch, source, writing

pytestmark = pytest.mark.django_db


def rows(n=1):
    return pa.table(
        {
            "entity": pa.array(range(1, n + 1), pa.int64()),
            "act": ["set"] * n,
            "effective_us": pa.array([0] * n, pa.int64()),
            "mask": pa.array([1] * n, pa.int64()),
            "amount": pa.array(range(n), pa.int64()),
        }
    )


def write(n=1, **header):
    with writing(kind="import", actor="local", **header) as batch:
        append_block(batch, rows(n), "thing", fields=("amount",))
    return batch


def write_and_fail():
    with writing(kind="edit", actor="local") as lost:
        append_block(lost, rows(), "thing")
        raise RuntimeError


def test_seals_are_numbered_without_gaps_whatever_was_rolled_back_or_empty():
    first = write()
    with pytest.raises(RuntimeError):
        write_and_fail()
    with writing(kind="import", actor="local", source="crm") as nothing:
        pass
    second = write()
    assert (first.seal_no, nothing.seal_no, second.seal_no) == (1, None, 2)
    assert LedgerBatch.objects.get(pk=nothing.pk).state == "abandoned"
    assert [one.pk for one in queries.batches()] == [second.pk, first.pk]
    assert queries.head() == queries.Head(2, second.digest, second.recorded_at)


def test_recorded_at_never_goes_back_even_when_the_clock_does(settings):
    moments = []
    for day in (date(2026, 11, 17), date(2026, 11, 10), date(2026, 11, 18)):
        settings.HEDEF = replace(settings.HEDEF, today=day)
        moments.append(write().recorded_at)
    assert moments[0] == moments[1] < moments[2]
    assert queries.seal_at(moments[0]) == 2
    assert queries.seal_at(moments[0] - timedelta(microseconds=1)) == 0
    assert queries.seal_at(datetime(2030, 1, 1, tzinfo=UTC)) == 3


def test_large_batches_are_cut_into_blocks_whose_rows_are_numbered_on():
    batch = write(50_001)
    append = (
        LedgerBlock.objects.filter(batch_id=batch.pk).order_by("seq").values_list("seq", "first_ord", "n", "format")
    )
    assert list(append) == [(0, 0, 50_000, "parquet"), (1, 50_000, 1, "json")]
    assert [(seal, kind, table.num_rows) for seal, _, kind, table in queries.blocks_after(0)] == [
        (1, "thing", 50_000),
        (1, "thing", 1),
    ]
    assert list(queries.blocks_after(1)) == []


def test_only_an_open_batch_is_sealed_and_only_an_empty_one_abandoned():
    batch = open_batch(kind="edit", actor="local")
    append_block(batch, rows(), "thing")
    with pytest.raises(Refused):
        abandon_batch(batch)
    assert seal_batch(batch, {"created": 1}) == 1
    assert queries.batch(batch.pk).counts == {"created": 1}
    with pytest.raises(Refused):
        seal_batch(batch)


def test_readers_do_not_see_an_open_batch():
    batch = open_batch(kind="edit", actor="local")
    append_block(batch, rows(), "thing")
    assert queries.batches() == []
    assert list(queries.blocks_after(0)) == []
    assert queries.all_open() == {batch.pk}


def test_a_source_is_made_once():
    assert source("crm", vendor="salesforce", time_zone="Europe/Istanbul").pk == source("crm").pk
    assert source("crm").time_zone == "Europe/Istanbul"


def test_an_undo_is_sealed_without_rows_and_can_be_undone():
    first = write()
    with writing(kind="undo", actor="local", undoes=first, reason="wrong file") as undo:
        pass
    assert queries.living() == {2}
    assert queries.undone_by(first.pk).pk == undo.pk
    with writing(kind="undo", actor="local", undoes=undo):
        pass
    assert queries.living() == {1, 3}
    assert queries.undone_by(first.pk) is None
