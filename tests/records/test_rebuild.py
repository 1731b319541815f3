"""Records against the ledger: what differs is named, what is lost is made again, some entities at a time."""

from importlib import import_module

import pyarrow as pa
import pytest

from hedef.ledger.services import chunk, open_batch, writing
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS, Deal
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db


def deals(n, batch=None, **more):
    first = services.allocate(n)
    table = {"entity": range(first, first + n), "effective_us": [1] * n, "amount_minor": range(n), **more}
    with writing(kind="import", actor="local") as one:
        services.apply_changes(batch=one, kind="deal", rows=pa.table(table))
    return first


def test_records_that_are_what_the_ledger_says_differ_in_nothing():
    deals(5, close_on=pa.array([None, 1, 2, 3, 4], pa.date32()), name=["a", None, "", "d", "e"])
    services.create(kind="person", fields={"name": "Gül Ak", "hired_on": None}, effective_us=1, actor="local")
    services.create(kind="membership", fields={"primary": True}, effective_us=1, actor="local")
    assert services.differences() == []


def test_a_record_that_was_altered_lost_or_invented_is_named():
    first = deals(100)
    Deal.objects.filter(entity=first + 3).update(amount_minor=-1)
    Deal.objects.filter(entity=first + 50).delete()
    Deal.objects.create(entity=first + 1000, last_batch=1, last_ord=0, last_effective_us=0)
    (one,) = services.differences()
    assert (one.code, one.object) == ("record_differs", "deal")
    assert f"D-{first + 3}, D-{first + 50}, D-{first + 1000}." in one.message


def test_records_that_an_open_batch_has_changed_are_not_compared():
    first = deals(2)
    batch = open_batch(kind="import", actor="local")
    with chunk(batch):
        rows = pa.table({"entity": [first], "effective_us": [5], "amount_minor": [7]})
        services.apply_changes(batch=batch, kind="deal", rows=rows)
    Deal.objects.update(amount_minor=-1)
    assert f": D-{first + 1}." in services.differences(["deal"])[0].message


def test_ranges_of_entities_give_the_same_records_as_all_at_once(monkeypatch):
    first = deals(50)
    services.change(kind="deal", entity=first + 7, fields={"stage": "won"}, effective_us=9, actor="local")
    deals(30)
    whole = rebuilt_rows(KINDS["deal"])
    monkeypatch.setattr(import_module("hedef.records.services.rebuild"), "FOLDED_AT_ONCE", 7)
    assert rebuilt_rows(KINDS["deal"]).equals(whole)
    assert services.differences() == []
    before = queries.rows("deal")
    MODELS["deal"].objects.all().delete()
    assert services.rebuild()["deal"] == 80
    assert queries.rows("deal") == before
