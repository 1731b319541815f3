"""The words of a person go, everywhere; no number moves; the chain holds and says so."""

import json

import polars as pl
import pyarrow as pa
import pytest
from django.db import connection

from hedef.facts.services import absorb
from hedef.facts.services import verify as verify_facts
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.models import LedgerBatch, LedgerBlock
from hedef.ledger.queries import batches, history, verify
from hedef.ledger.services import source, writing
from hedef.ledger.verification import said_erased
from hedef.records import queries, services
from hedef.records.models import MODELS, Alias, ExternalKey

pytestmark = pytest.mark.usefixtures("home")

SECRETS = ("Gülizar", "gulizar@acme.com", "555 44 33", "Dr.")


@pytest.fixture
def contact():
    """Gülizar in a bulk import of 70 contacts, edited once, with a call about her and a spelling."""
    with writing(kind="import", actor="local", source="crm") as batch:
        first = services.allocate(70)
        names = ["Gülizar" if place == 7 else f"Person {place}" for place in range(70)]
        columns = {
            "entity": pa.array(range(first, first + 70), pa.int64()),
            "effective_us": pa.array([10] * 70, pa.int64()),
            "name": pa.array(names),
            "email": pa.array([f"{name.lower().replace('ü', 'u')}@acme.com" for name in names]),
            "account": pa.array([3] * 70, pa.int64()),
        }
        services.apply_changes(batch=batch, kind="contact", rows=pa.table(columns))
    gul = first + 7
    services.change(
        kind="contact", entity=gul, fields={"phone": "555 44 33", "job_title": "Dr."}, effective_us=20, actor="a"
    )
    call = {"subject": "Call Gülizar back", "contact": gul, "kind": "call"}
    made = services.create(kind="activity", fields=call, effective_us=30, actor="a")
    services.save_alias(source=source("crm"), kind="contact", text_key="gulizar", entity=gul)
    for text in ("c-7", "gulizar@acme.com"):
        ExternalKey.objects.create(source=source("crm"), object="contact", ext_id=text, entity=gul, row_hash=1)
    return {"gul": gul, "other": gul + 1, "call": made, "import": batch.pk}


def erase(entity, **more):
    return services.erase(entity, actor="ops", reason="she asked for it", **more)


def everything():
    """All that the database holds, as one text."""
    found = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [
                    bytes(one).decode("utf-8", "replace") if isinstance(one, (bytes, memoryview)) else str(one)
                    for one in row
                ]
    for block in LedgerBlock.objects.all():
        from hedef.ledger.engine import decode

        found.append(str(decode(block).to_pylist()))
    return "\n".join(found)


def test_no_word_of_the_person_is_left_anywhere_and_others_keep_theirs(contact):
    assert all(word in everything() for word in SECRETS)
    done = erase(contact["gul"])
    left = everything()
    assert [word for word in SECRETS if word in left] == []
    assert "Person 8" in left
    row = queries.rows("contact", entities=[contact["gul"]])[0]
    assert (row["name"], row["email"], row["phone"], row["account"]) == (None, None, None, 3)
    assert queries.rows("activity", entities=[contact["call"]])[0]["subject"] is None
    assert (done.changes, done.blocks, done.spellings) == (3, 3, 2)
    assert not Alias.objects.exists()
    kept, hashed = ExternalKey.objects.order_by("ext_id").values_list("ext_id", flat=True)
    assert (kept, hashed.split(":")[0]) == ("c-7", "erased")
    told = pl.Series(["gulizar@acme.com", "c-7", None, "x@acme.com"])
    assert queries.stored_ids("crm", "contact", told).to_list() == [hashed, "c-7", None, "x@acme.com"]
    assert queries.find("contact", "gulizar") == []


def test_erase_then_verify_holds_and_says_what_was_erased(contact):
    erase(contact["gul"])
    assert verify() == []
    batch = batches(last=1)[0]
    assert (batch.kind, batch.reason, batch.rows) == ("erase", "she asked for it", 0)
    assert [one.object for one in said_erased()] == [batch.number]
    assert f"C-{contact['gul']}" in said_erased()[0].message


def test_a_blanked_block_that_is_altered_again_is_found(contact):
    erase(contact["gul"])
    block = LedgerBlock.objects.get(batch_id=contact["import"])
    LedgerBlock.objects.filter(batch_id=contact["import"]).update(words=bytes(block.words)[:-1] + b"x")
    assert [one.code for one in verify()] == ["words_changed"]


def test_no_number_moves_by_an_erasure(contact):
    before = absorb()
    erase(contact["gul"])
    after = absorb()
    tables = {one.table for one in before.segments}
    assert tables
    assert {name: before.table_digest(name) for name in tables} == {name: after.table_digest(name) for name in tables}
    assert verify_facts()[1] == []


def test_erase_then_rebuild_gives_the_same_records(contact):
    erase(contact["gul"])
    kept = {kind: list(MODELS[kind].objects.order_by("entity").values()) for kind in ("contact", "activity")}
    services.rebuild()
    assert kept == {kind: list(MODELS[kind].objects.order_by("entity").values()) for kind in kept}


def test_after_a_restored_backup_the_list_is_applied_again(contact, home):
    backup = _backup()
    erase(contact["gul"])
    _restore(backup)
    assert "Gülizar" in everything()
    again = services.erase_again(actor="ops")
    assert [(one.entity, one.changes) for one in again] == [(contact["gul"], 3)]
    assert [word for word in SECRETS if word in everything()] == []
    assert verify() == []
    assert services.erase_again(actor="ops") == []
    lines = (home / "erased.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["entity"] for line in lines] == [contact["gul"]]
    assert not any(word in "".join(lines) for word in SECRETS)


def test_a_number_that_means_another_record_after_a_restore_is_left_alone(contact, home):
    erase(contact["gul"])
    line = json.loads((home / "erased.jsonl").read_text(encoding="utf-8"))
    line["entity"], line["first"][1] = contact["other"], line["first"][1]
    (home / "erased.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    services.erase_again(actor="ops")
    assert queries.rows("contact", entities=[contact["other"]])[0]["name"] == "Person 8"


def _backup():
    return (
        list(LedgerBlock.objects.values_list("batch_id", "seq", "words")),
        LedgerBatch.objects.order_by("-pk").values_list("pk", flat=True)[0],
        dict(MODELS["contact"].objects.values_list("entity", "name")),
    )


def _restore(backup):
    from hedef.ledger.models import LedgerHead

    blocks, newest, names = backup
    for batch, seq, words in blocks:
        LedgerBlock.objects.filter(batch_id=batch, seq=seq).update(words=words)
    LedgerBatch.objects.filter(pk__gt=newest).delete()
    last = LedgerBatch.objects.get(pk=newest)
    head = {"seal_no": last.seal_no, "digest": last.digest, "recorded_at": last.recorded_at}
    LedgerHead.objects.update(**head)
    for entity, name in names.items():
        MODELS["contact"].objects.filter(entity=entity).update(name=name)


def test_what_was_merged_with_the_person_is_erased_too(contact):
    services.merge(kind="contact", loser=contact["other"], survivor=contact["gul"], actor="ops", reason="same")
    erase(contact["other"])
    left = everything()
    assert "Gülizar" not in left
    assert "Person 8" not in left


def test_a_dry_run_counts_and_changes_nothing(contact):
    done = erase(contact["gul"], dry_run=True)
    assert (done.changes, done.blocks, done.batch) == (3, 3, None)
    assert "Gülizar" in everything()
    assert verify() == []


def test_erasing_twice_writes_one_batch(contact):
    erase(contact["gul"])
    assert erase(contact["gul"]).batch is None
    assert len(batches(last=None)) == len({one.pk for one in batches(last=None)})
    assert [one.kind for one in batches(last=2)] != ["erase", "erase"]


def test_an_erasure_is_never_taken_back(contact):
    done = erase(contact["gul"])
    with pytest.raises(Refused, match="cannot be taken back"):
        services.undo_batch(done.batch, actor="ops", reason="oh")


def test_an_undo_after_an_erasure_brings_no_word_back(contact):
    edit = history(contact["gul"])[-1].batch
    erase(contact["gul"])
    undone = services.undo_batch(edit, actor="ops", reason="x")
    services.undo_batch(undone.batch, actor="ops", reason="x")
    services.undo_batch(contact["import"], actor="ops", reason="x")
    assert [word for word in SECRETS if word in everything()] == []
    assert verify() == []


def test_only_people_are_erased_and_with_a_reason(contact):
    with pytest.raises(Refused):
        erase(contact["call"])
    with pytest.raises(NotFound):
        erase(10**9)
    with pytest.raises(WrongUse):
        services.erase(contact["gul"], actor="ops", reason="")


def test_no_later_import_or_edit_brings_a_word_back(contact):
    erase(contact["gul"])
    rows = {"entity": [contact["gul"], contact["other"]], "effective_us": [90, 90], "name": ["Gülizar", "Renamed"]}
    with writing(kind="import", actor="local", source="crm") as batch:
        services.apply_changes(batch=batch, kind="contact", rows=pa.table(rows | {"account": [9, 9]}))
    assert "Gülizar" not in everything()
    told = queries.rows("contact", entities=[contact["gul"], contact["other"]])
    assert [(row["name"], row["account"]) for row in told] == [(None, 9), ("Renamed", 9)]
    with pytest.raises(Refused, match="erased for good"):
        services.change(kind="contact", entity=contact["gul"], fields={"name": "Gül"}, effective_us=99, actor="a")
    services.change(kind="contact", entity=contact["gul"], fields={"account": 4}, effective_us=99, actor="a")
    assert services.differences() == []
