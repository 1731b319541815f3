"""Several batches written in turns, sealed or abandoned in any order, beside edits, undos and kills: the ledger's own
fold of what was sealed is the oracle of records, histories and states."""

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedef.ledger.engine import BatchLine, Change, alive, fold
from hedef.ledger.models import LedgerBatch, LedgerBlock, LedgerHead
from hedef.ledger.queries import history, verify
from hedef.ledger.services import chunk, open_batch, writing
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.models import Deal
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db

DEAL = KINDS["deal"]
TYPES = {"amount_minor": pa.int64(), "name": pa.string(), "stage": pa.string()}
VALUES = {
    "amount_minor": st.none() | st.integers(-3, 3),
    "name": st.none() | st.sampled_from(["Acme", "Işık"]),
    "stage": st.none() | st.sampled_from(["a", "b"]),
}
ROW = st.fixed_dictionaries(
    {
        "place": st.integers(0, 3),
        "act": st.sampled_from(["set", "set", "set", "set", "end", "revive", "void"]),
        "effective": st.integers(0, 6),
        "fields": st.fixed_dictionaries({}, optional=VALUES),
        "pick": st.integers(0, 100),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=4)
SLOT = st.integers(0, 2)
STEP = st.one_of(
    st.tuples(st.just("chunk"), SLOT, ROWS),
    st.tuples(st.just("chunk"), SLOT, ROWS),
    st.tuples(st.just("killed"), SLOT, ROWS),
    st.tuples(st.just("reload"), SLOT, st.none()),
    st.tuples(st.just("seal"), SLOT, st.none()),
    st.tuples(st.just("abandon"), SLOT, st.none()),
    st.tuples(st.just("edit"), SLOT, ROWS),
    st.tuples(st.just("undo"), st.integers(0, 100), st.none()),
)
STORY = st.lists(STEP, min_size=2, max_size=14)
ENDS = st.lists(st.booleans(), min_size=3, max_size=3)


class Killed(Exception):
    pass


class Teller:
    """Tells a story to the database and keeps what was sealed as the ledger's own changes."""

    def __init__(self):
        self.first = services.allocate(4)
        self.open, self.told, self.sealed, self.lines = {}, {}, [], []
        self.batch_of, self.seal_of = {}, {}

    def tell(self, step, slot, rows):
        match step:
            case "chunk" | "killed":
                self.chunk(slot, rows, killed=step == "killed")
            case "edit":
                with writing(kind="edit", actor="local") as batch:
                    told = self.write(batch, rows, 0)
                self.keep(batch, batch.seal_no, told)
            case "undo" if self.lines:
                self.undo(slot)
            case "reload" | "seal" | "abandon" if slot in self.open:
                getattr(self, step)(slot)

    def chunk(self, slot, rows, *, killed):
        batch = self.open.setdefault(slot, None) or open_batch(kind="import", actor="local")
        self.open[slot] = batch
        try:
            with chunk(batch):
                told = self.write(batch, rows, batch.rows)
                if killed:
                    raise Killed
            self.told.setdefault(slot, []).extend(told)
        except Killed:
            pass

    def reload(self, slot):
        self.open[slot] = LedgerBatch.objects.get(pk=self.open[slot].pk)

    def seal(self, slot):
        batch = self.open.pop(slot)
        told = self.told.pop(slot, [])
        seal_no = services.seal(batch)
        assert (seal_no is None) == (not told)
        if seal_no is not None:
            self.keep(batch, seal_no, told)

    def abandon(self, slot):
        services.abandon(self.open.pop(slot), reason="story")
        self.told.pop(slot, None)

    def undo(self, pick):
        living = alive(self.lines)
        undoable = [one.seal_no for one in self.lines if one.seal_no in living]
        if not undoable:
            return
        target = undoable[pick % len(undoable)]
        done = services.undo_batch(self.batch_of[target], actor="local", reason="story")
        self.batch_of[done.seal_no] = done.batch
        self.lines.append(BatchLine(done.seal_no, target))

    def write(self, batch, rows, first_ord):
        told = [self.row(row, place) for place, row in enumerate(rows, first_ord)]
        table = {
            "entity": pa.array([one["entity"] for one in told], pa.int64()),
            "act": pa.array([one["act"] for one in told]),
            "effective_us": pa.array([one["effective"] for one in told], pa.int64()),
            "mask": pa.array([sum(DEAL.bit(name) for name in one["fields"]) for one in told], pa.int64()),
            "void_batch": pa.array([(one["void"] or (None, None))[0] for one in told], pa.int64()),
            "void_ord": pa.array([(one["void"] or (None, None))[1] for one in told], pa.int64()),
        }
        for name, of in TYPES.items():
            table[name] = pa.array([one["fields"].get(name) for one in told], of)
        services.apply_changes(batch=batch, kind="deal", rows=pa.table(table))
        return told

    def row(self, row, ord_):
        entity = self.first + row["place"]
        told = {"entity": entity, "ord": ord_, "act": row["act"], "effective": row["effective"], "void": None}
        told["fields"] = row["fields"]
        if row["act"] == "void":
            sealed = [one for one in self.sealed if one.entity == entity]
            if not sealed:
                return told | {"act": "set"}
            target = sealed[row["pick"] % len(sealed)]
            told |= {"fields": {}, "void": (target.batch, target.ord)}
        return told

    def keep(self, batch, seal_no, told):
        self.batch_of[seal_no], self.seal_of[batch.pk] = batch.pk, seal_no
        self.lines.append(BatchLine(seal_no))
        self.sealed += [
            Change(
                seal_no=seal_no,
                ord=one["ord"],
                entity=one["entity"],
                kind="deal",
                act=one["act"],
                effective_us=one["effective"],
                fields=one["fields"],
                void_of=one["void"] and (self.seal_of[one["void"][0]], one["void"][1]),
                batch=batch.pk,
            )
            for one in told
        ]

    def untouched(self):
        """Entities that no open batch has changed: their records are what was sealed."""
        touched = {one["entity"] for rows in self.told.values() for one in rows}
        return [one for one in range(self.first, self.first + 4) if one not in touched]

    def changes(self, entity):
        return sorted((one for one in self.sealed if one.entity == entity), key=lambda one: one.number)

    def check(self):
        rows = {row["entity"]: row for row in queries.rows("deal", ended=True)}
        for entity in range(self.first, self.first + 4):
            changes = self.changes(entity)
            expected = fold(changes, living=alive(self.lines))
            assert shown(queries.state(entity)) == plain(expected)
            assert [(one.number, one.fields, one.void_of) for one in history(entity)] == [
                (one.number, one.fields, one.void_of) for one in changes
            ]
            if entity in self.untouched():
                assert (entity in rows) == bool(changes)
                lives = changes and not queries.never_lived(rows[entity])
                assert shown(rows[entity] if lives else None) == plain(expected)


def empty_the_database():
    """All stories of the test run in one transaction: each begins with nothing."""
    Deal.objects.all().delete()
    LedgerBlock.objects.all().delete()
    LedgerBatch.objects.update(undoes=None)
    LedgerBatch.objects.all().delete()
    LedgerHead.objects.all().delete()


def plain(state):
    if state is None:
        return None
    told = {name: state.fields.get(name) for name in TYPES}
    return told | {"ended_us": state.ended_us, "last_effective_us": state.last_effective_us}


def shown(row):
    return None if row is None else {name: row[name] for name in (*TYPES, "ended_us", "last_effective_us")}


def assert_rebuilt_records_equal_the_kept():
    columns = ["entity", "ended_us", "last_batch", "last_ord", "last_effective_us", *TYPES]
    assert rebuilt_rows(DEAL).select(columns).to_dicts() == list(Deal.objects.order_by("entity").values(*columns))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY, ends=ENDS)
def test_batches_written_in_turns_give_what_their_seals_say(story, ends):
    empty_the_database()
    teller = Teller()
    for step, slot, rows in story:
        teller.tell(step, slot, rows)
    teller.check()
    for slot, sealed in enumerate(ends):
        teller.tell("seal" if sealed else "abandon", slot, None)
        teller.check()
    assert_rebuilt_records_equal_the_kept()
    assert services.differences(["deal"]) == []
    assert not LedgerBlock.objects.filter(batch__state="abandoned", words__isnull=False).exists()
    assert verify() == []
