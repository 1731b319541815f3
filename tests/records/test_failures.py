"""Failures in the middle: any statement may fail, a disk may be full, the clock may go back. Nothing is half done."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from django.db import OperationalError, connection

from hedef.ledger.models import LedgerBatch, LedgerBlock, LedgerHead
from hedef.ledger.queries import batches, head, verify
from hedef.ledger.services import chunk, open_batch, source
from hedef.records import queries, services
from hedef.records.models import Deal, ExternalKey


class Fails:
    """Lets the database refuse one statement: the `left`-th one."""

    def __init__(self, left):
        self.left = left

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.left -= 1
            if self.left == 0:
                raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)


def write(batch, ext_ids, **columns):
    with chunk(batch):
        services.apply_changes(batch=batch, kind="deal", rows=pa.table(columns))
        if ext_ids:
            table = pa.table({"ext_id": ext_ids, "entity": columns["entity"], "row_hash": [batch.pk] * len(ext_ids)})
            services.save_keys(source=source("crm"), object="deal", keys=table, batch=batch)


def story(first):
    """Steps of two imports beside edits; the first is sealed, the second abandoned. Each may be done again."""
    one, two, three, four = range(first, first + 4)
    good, bad = (open_batch(kind="import", actor="local", source="crm") for _ in range(2))

    def edit(entity, stage, at):
        services.change(kind="deal", entity=entity, fields={"stage": stage}, effective_us=at, actor="local")

    def batch(one):
        return LedgerBatch.objects.get(pk=one.pk)

    return [
        lambda: write(batch(good), ["1", "2"], entity=[one, two], effective_us=[5, 5], stage=["a", "a"]),
        lambda: edit(one, "b", 7),
        lambda: write(batch(bad), ["1", "4"], entity=[one, four], effective_us=[6, 6], stage=["x", "x"]),
        lambda: write(batch(good), [], entity=[two, one, three], effective_us=[6, 7, 1], stage=["c", "c", "c"]),
        lambda: edit(two, "d", 6),
        lambda: services.seal(batch(good)),
        lambda: edit(one, "e", 9),
        lambda: services.abandon(batch(bad), reason="wrong file"),
    ]


def outcome(first):
    rows = [(row["entity"] - first, row["stage"]) for row in queries.rows("deal", ended=True)]
    states = [(queries.state(first + place) or {}).get("stage") for place in range(4)]
    keys = list(ExternalKey.objects.order_by("ext_id").values_list("ext_id", "row_hash"))
    return rows, states, [(ext_id, known is None) for ext_id, known in keys], head().seal_no


def tell(fails_at):
    """Run the story with one failing statement, doing the failed step again; answers what came out, and whether it
    failed at all."""
    first = services.allocate(4)
    steps, failure = story(first), Fails(fails_at)
    with connection.execute_wrapper(failure):
        for step in steps:
            try:
                step()
            except OperationalError:
                step()
    return outcome(first), failure.left <= 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("every", [11, pytest.param(3, marks=pytest.mark.slow)])
def test_a_failure_at_any_statement_leaves_nothing_half_done(every):
    expected, _ = tell(0)
    # the edit of the second deal was sealed before the import that says something else of the same instant
    assert expected[0] == [(0, "e"), (1, "c"), (2, "c")]
    assert expected[2:] == ([("1", True), ("2", False)], 4)
    place, failed = 1, True
    while failed:
        empty_the_database()
        told, failed = tell(place)
        assert told == expected, f"statement {place}"
        assert services.differences(["deal"]) == []
        assert verify() == []
        place += every


def empty_the_database():
    for model in (Deal, ExternalKey, LedgerBlock, LedgerBatch, LedgerHead):
        model.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_the_chunks_before_it_and_the_import_goes_on_later():
    if connection.vendor != "sqlite":
        pytest.skip("a disk is filled by a limit that only SQLite has")
    first = services.allocate(40_000)
    batch = open_batch(kind="import", actor="local", source="crm")
    write(batch, ["a"], entity=[first], effective_us=[1], stage=["a"])
    many = {"entity": range(first + 1, first + 20_001), "effective_us": [1] * 20_000, "stage": ["b"] * 20_000}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        full = cursor.fetchone()[0] + 40
        cursor.execute(f"PRAGMA max_page_count = {full}")
        with pytest.raises(OperationalError, match="full"):
            write(batch, [], **many)
        cursor.execute("PRAGMA max_page_count = 1000000")
    assert (batch.rows, batch.blocks, Deal.objects.count()) == (1, 1, 1)
    write(LedgerBatch.objects.get(pk=batch.pk), [], **many)
    assert services.seal(LedgerBatch.objects.get(pk=batch.pk)) == 1
    assert Deal.objects.count() == 20_001
    assert verify() == []
    assert services.differences(["deal"]) == []


@pytest.mark.django_db
def test_the_clock_going_back_between_two_chunked_imports_moves_no_recorded_moment_back(settings):
    moments = []
    for day in (date(2026, 11, 17), date(2026, 11, 10), date(2026, 11, 18)):
        settings.HEDEF = replace(settings.HEDEF, today=day)
        batch = open_batch(kind="import", actor="local")
        write(batch, [], entity=[services.allocate(1)], effective_us=[1])
        services.seal(batch)
        moments.append(batch.recorded_at)
    assert moments[0] == moments[1] < moments[2]
    assert [one.seal_no for one in batches()] == [3, 2, 1]
