"""Records and history against an independent fold, for random changes: late ones, voids, ends, undos of undos."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedef.ledger.queries import head
from hedef.ledger.services import writing
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.models import Deal
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db

DEAL = KINDS["deal"]
FIELDS = ("amount_minor", "name", "stage", "close_on", "owner")
TYPES = {
    "amount_minor": pa.int64(),
    "name": pa.string(),
    "stage": pa.string(),
    "close_on": pa.date32(),
    "owner": pa.int64(),
}


# --- the twin: as slow and plain as the sentences of the page ---------------------------------------------------------


class Twin:
    """Rows as dicts, batches as a list; every question is answered by reading all of it."""

    def __init__(self):
        self.rows, self.undoes = [], {}

    def lives(self, seal, known):
        return seal <= known and not any(
            target == seal and self.lives(by, known) for by, target in self.undoes.items() if by > seal
        )

    def counts(self, row, known):
        return self.lives(row["seal"], known) and not any(
            other["void_of"] == (row["seal"], row["ord"]) and self.counts(other, known) for other in self.rows
        )

    def state(self, entity, effective, known):
        rows = [
            row
            for row in self.rows
            if row["entity"] == entity
            and row["act"] != "void"
            and row["effective"] <= effective
            and self.counts(row, known)
        ]
        if not rows:
            return None
        rows.sort(key=lambda row: (row["effective"], row["seal"], row["ord"]))
        found = dict.fromkeys(FIELDS) | {"ended_us": None, "last_effective_us": rows[-1]["effective"]}
        for row in rows:
            found |= row["fields"]
            if row["act"] == "end":
                found["ended_us"] = row["effective"]
            if row["act"] == "revive":
                found["ended_us"] = None
        return found


# --- random stories ---------------------------------------------------------------------------------------------------

VALUES = {
    "amount_minor": st.none() | st.integers(-5, 5),
    "name": st.none() | st.sampled_from(["", "Acme", "Işık"]),
    "stage": st.none() | st.sampled_from(["a", "b"]),
    "close_on": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 5)),
    "owner": st.none() | st.integers(1, 3),
}
ROW = st.fixed_dictionaries(
    {
        "place": st.integers(0, 2),
        "act": st.sampled_from(["set", "set", "set", "set", "end", "revive", "void"]),
        "effective": st.integers(0, 12),
        "fields": st.fixed_dictionaries({}, optional=VALUES),
        "pick": st.integers(0, 1000),
    }
)
STORY = st.lists(st.lists(ROW, min_size=1, max_size=6) | st.integers(0, 1000), min_size=1, max_size=6)


def tell(story):
    """Write a story through the door and into the twin; answers the twin and its entities."""
    twin, batches = Twin(), {}
    first = services.allocate(3)
    entities = range(first, first + 3)
    for part in story:
        if isinstance(part, int):
            if batches:
                _undo(twin, batches, part, entities)
        else:
            _change(twin, batches, part, first)
    return twin, entities


def _undo(twin, batches, pick, entities):
    target = sorted(batches)[pick % len(batches)]
    with writing(kind="undo", actor="local", undoes=batches[target]) as batch:
        pass
    twin.undoes[batch.seal_no], batches[batch.seal_no] = target, batch
    services.refold(kind="deal", entities=entities)


def _change(twin, batches, part, first):
    with writing(kind="edit", actor="local") as batch:
        told = [_row(twin, row, place, batch, first) for place, row in enumerate(part)]
        services.apply_changes(batch=batch, kind="deal", rows=_table(told))
    for row in told:
        row["seal"] = batch.seal_no
        if row["void_of"] and row["void_of"][0] is None:
            row["void_of"] = (batch.seal_no, row["void_of"][1])
    twin.rows += told
    batches[batch.seal_no] = batch


def _row(twin, row, place, batch, first):
    """Turn a drawn row into one that may be written: a void names any earlier row of its entity, of this batch too."""
    entity = first + row["place"]
    told = {"entity": entity, "ord": place, "act": row["act"], "effective": row["effective"], "void_of": None}
    told |= {"fields": row["fields"], "batch": batch.pk, "void_place": None}
    if row["act"] == "void":
        before = [one for one in twin.rows if one["entity"] == entity]
        if not before:
            return told | {"act": "set"}
        target = before[row["pick"] % len(before)]
        told |= {"fields": {}, "void_of": (target["seal"], target["ord"])}
        told["void_place"] = (target["batch"], target["ord"])
    return told


def _table(told):
    masks = [sum(DEAL.bit(name) for name in row["fields"]) for row in told]
    columns = {
        "entity": pa.array([row["entity"] for row in told], pa.int64()),
        "act": pa.array([row["act"] for row in told]),
        "effective_us": pa.array([row["effective"] for row in told], pa.int64()),
        "mask": pa.array(masks, pa.int64()),
        "void_batch": pa.array([(row["void_place"] or (None, None))[0] for row in told], pa.int64()),
        "void_ord": pa.array([(row["void_place"] or (None, None))[1] for row in told], pa.int64()),
    }
    for name in FIELDS:
        columns[name] = pa.array([row["fields"].get(name) for row in told], TYPES[name])
    return pa.table(columns)


def seen(found):
    return None if found is None else {name: found[name] for name in (*FIELDS, "ended_us", "last_effective_us")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY, points=st.lists(st.tuples(st.integers(0, 13), st.integers(0, 7)), min_size=1, max_size=6))
def test_records_and_history_equal_an_independent_fold(story, points):
    before = head().seal_no
    twin, entities = tell(story)
    newest = head().seal_no
    rows = {row["entity"]: row for row in queries.rows("deal", entities=entities, ended=True)}
    for entity in entities:
        expected = twin.state(entity, 99, newest)
        lived = entity in rows and not queries.never_lived(rows[entity])
        assert seen(rows[entity] if lived else None) == expected
        for effective, known in points:
            told = queries.state(entity, as_of_us=effective, known_no=before + known)
            assert seen(told) == twin.state(entity, effective, before + known)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY)
def test_records_folded_anew_from_all_blocks_equal_those_kept_step_by_step(story):
    tell(story)
    columns = ("entity", "ended_us", "last_batch", "last_ord", "last_effective_us", *FIELDS)
    kept = list(Deal.objects.order_by("entity").values(*columns))
    assert rebuilt_rows(DEAL).select(columns).to_dicts() == kept


def test_many_late_changes_are_folded_again_in_one_pass():
    first, n = services.allocate(100), 100
    entities = pa.array(range(first, first + n), pa.int64())

    def told(effective, **fields):
        with writing(kind="import", actor="local") as batch:
            columns = {"entity": entities, "effective_us": pa.array([effective] * n, pa.int64())}
            services.apply_changes(batch=batch, kind="deal", rows=pa.table(columns | fields))

    told(10, amount_minor=pa.array(range(n)), name=pa.array(["new"] * n))
    told(5, amount_minor=pa.array([-1] * n), stage=pa.array(["early"] * n))
    rows = queries.rows("deal", entities=range(first, first + n))
    assert [(row["amount_minor"], row["name"], row["stage"], row["last_effective_us"]) for row in rows] == [
        (place, "new", "early", 10) for place in range(n)
    ]
    assert {row["last_batch"] for row in rows} == {rows[0]["last_batch"]}
    assert queries.state(first + 3, as_of_us=7)["amount_minor"] == -1
