"""External keys in bulk and aliases."""

import pyarrow as pa
import pytest

from hedef.ledger.services import source, writing
from hedef.records import queries, services

pytestmark = pytest.mark.django_db


def save(keys, hashes=None, crm="crm", kind="deal"):
    told = {"ext_id": list(keys), "entity": list(keys.values())}
    if hashes is not None:
        told["row_hash"] = pa.array(hashes, pa.int64())
    with writing(kind="import", actor="local") as batch:
        services.save_keys(source=source(crm), object=kind, keys=pa.table(told), batch=batch)
    return batch


def table(*names, **where):
    return queries.key_table("crm", "deal", **where).sort_by("ext_id").select(list(names)).to_pylist()


def test_keys_are_saved_and_overwritten_by_source_and_object():
    save({"006A": 1, "006B": 2}, hashes=[11, None])
    second = save({"006B": 3, "006Ç": 4}, hashes=[22, -(2**63)])
    save({"006A": 9}, crm="other")
    save({"006A": 8}, kind="person")
    assert table("ext_id", "entity", "row_hash") == [
        {"ext_id": "006A", "entity": 1, "row_hash": 11},
        {"ext_id": "006B", "entity": 3, "row_hash": 22},
        {"ext_id": "006Ç", "entity": 4, "row_hash": -(2**63)},
    ]
    assert table("last_seen_batch")[1:] == [{"last_seen_batch": second.pk}] * 2
    assert queries.owner_keys("crm") == {"006A": 8}
    assert queries.keys_of(3) == [("crm", "deal", "006B")]


def test_only_asked_keys_are_read():
    save({"a": 1, "b": 2, "c": 3})
    assert table("ext_id", ext_ids=["c", "a", "unknown"]) == [{"ext_id": "a"}, {"ext_id": "c"}]
    assert table("ext_id", ext_ids=[]) == []
    assert queries.key_table("nobody", "deal").num_rows == 0


def test_many_keys_go_in_and_out_in_bulk():
    n = 30_000
    save({f"id-{place:06d}": place for place in range(n)}, hashes=range(n))
    save({f"id-{place:06d}": place for place in range(n - 300, n + 300)}, hashes=[7] * 600)
    keys = queries.key_table("crm", "deal", [f"id-{place:06d}" for place in range(0, n, 1)] + ["unknown"])
    assert keys.num_rows == n
    hashes = dict(zip(keys["entity"].to_pylist(), keys["row_hash"].to_pylist(), strict=True))
    assert (hashes[5], hashes[n - 1]) == (5, 7)


def test_a_key_that_is_gone_is_marked_until_it_is_seen_again():
    save({"a": 1, "b": 2})
    services.mark_gone(source=source("crm"), object="deal", ext_ids=["a"], since_us=99)
    assert table("gone_since") == [{"gone_since": 99}, {"gone_since": None}]
    save({"a": 1})
    assert table("gone_since") == [{"gone_since": None}] * 2


def test_an_alias_is_kept_for_its_source_and_can_be_changed():
    services.save_alias(source=source("crm"), kind="person", text_key="gul isik", entity=4)
    services.save_alias(source=source("crm"), kind="person", text_key="gul isik", entity=5)
    assert queries.aliases("crm", "person") == {"gul isik": 5}
    assert queries.aliases("other", "person") == {}
