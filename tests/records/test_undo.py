"""Undo of everything: small and large batches, undo of undo, what sources last said, a kill in the middle."""

import pyarrow as pa
import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.queries import batch, batches, head
from hedef.ledger.services import open_batch, source, writing
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US, KINDS
from hedef.records.models import MODELS, ExternalKey, Unfolded
from hedef.records.services import undo as undoing
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db

COLUMNS = ("entity", "ended_us", "last_batch", "last_ord", "last_effective_us", "stage", "amount_minor")


def imported(first, count, effective, **fields):
    with writing(kind="import", actor="local", source="crm") as one:
        columns = {"entity": pa.array(range(first, first + count), pa.int64())}
        columns |= {"effective_us": pa.array([effective] * count, pa.int64())}
        services.apply_changes(batch=one, kind="deal", rows=pa.table(columns | fields))
        keys = {"ext_id": [f"d-{n}" for n in range(count)], "entity": columns["entity"], "row_hash": [1] * count}
        services.save_keys(source=source("crm"), object="deal", keys=pa.table(keys), batch=one)
    return one.pk


def undo(number, **more):
    return services.undo_batch(number, actor="ops", reason="wrong file", **more)


def kept():
    return list(MODELS["deal"].objects.order_by("entity").values(*COLUMNS))


def rebuilt():
    return rebuilt_rows(KINDS["deal"]).select(COLUMNS).to_dicts()


@pytest.mark.parametrize("count", [3, 100])
def test_an_undone_import_is_as_if_it_had_never_been_and_its_undo_brings_it_back(count):
    first = services.allocate(count)
    one = imported(first, count, 10, stage=pa.array(["new"] * count), amount_minor=pa.array(range(count)))
    two = imported(first, count, 20, stage=pa.array(["won"] * count))
    before = kept()
    done = undo(two)
    assert {row["stage"] for row in kept()} == {"new"}
    assert (done.touched[0].count, len(done.touched[0].first), done.later) == (count, min(count, 50), 0)
    again = undo(done.batch)
    assert kept() == before == rebuilt()
    undo(one)
    assert {row["stage"] for row in kept()} == {"won"}
    assert {row["amount_minor"] for row in kept()} == {None}
    undo(again.batch)
    assert {row["ended_us"] for row in kept()} == {ALWAYS_US}
    assert kept() == rebuilt()
    assert not Unfolded.objects.exists()


def test_what_everything_was_taken_back_of_never_lived():
    first = services.allocate(2)
    one = imported(first, 2, 10, stage=pa.array(["new", "new"]))
    undo(one)
    assert queries.state(first) is None
    assert queries.rows("deal", entities=[first]) == []


def test_the_source_is_read_anew_after_an_undo():
    first = services.allocate(2)
    one = imported(first, 2, 10, stage=pa.array(["new", "new"]))
    undo(one)
    assert set(ExternalKey.objects.values_list("row_hash", flat=True)) == {None}


def test_an_undo_killed_between_seal_and_fold_is_finished_by_the_next_one():
    count, first = 100, services.allocate(100)
    imported(first, count, 10, stage=pa.array(["new"] * count))
    two = imported(first, count, 20, stage=pa.array(["won"] * count))
    undoing._sealed(undoing._planned(batch(two)), actor="ops", reason="killed here", counts={})
    assert Unfolded.objects.count() == 1
    assert {row["stage"] for row in kept()} == {"won"}
    assert services.finish_undos() == 1
    assert {row["stage"] for row in kept()} == {"new"}
    assert kept() == rebuilt()


def test_changes_of_later_batches_stay_and_are_counted():
    first = services.allocate(2)
    one = imported(first, 2, 10, stage=pa.array(["new", "new"]), amount_minor=pa.array([5, 6]))
    services.change(kind="deal", entity=first, fields={"amount_minor": 9}, effective_us=20, actor="zeynep")
    assert undo(one).later == 1
    row = queries.rows("deal", entities=[first])[0]
    assert (row["stage"], row["amount_minor"]) == (None, 9)


def test_undo_is_known_only_from_its_own_seal_on():
    first = services.allocate(1)
    one = imported(first, 1, 10, stage=pa.array(["new"]))
    before = head().seal_no
    undo(one)
    assert queries.state(first, known_no=before)["stage"] == "new"
    assert queries.state(first) is None


def test_a_rehearsal_writes_nothing_and_says_why_it_would_be_refused():
    first = services.allocate(1)
    one = imported(first, 1, 10, stage=pa.array(["new"]))
    before = head()
    assert undo(one, dry_run=True).refused is None
    assert head() == before
    undo(one)
    assert "already" in undo(one, dry_run=True).refused


def test_open_unknown_and_foreign_batches_are_not_taken_back(home):
    first = services.allocate(1)
    opened = open_batch(kind="import", actor="local")
    with pytest.raises(Refused, match="open"):
        undo(opened.pk)
    with pytest.raises(NotFound):
        undo(10**9)
    shipped = next(one for one in batches(last=None) if one.kind == "definition")
    with pytest.raises(Refused, match="cannot be taken back"):
        undo(shipped.pk)
    one = imported(first, 1, 10, stage=pa.array(["new"]))
    with pytest.raises(WrongUse, match="reason"):
        services.undo_batch(one, actor="ops", reason=" ")
    assert batch(one).state == "sealed"
