"""Random stories with every verb against a twin that reads all of its rows for every question."""

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hedef.kernel.errors import HedefError
from hedef.ledger.queries import batch as batch_of
from hedef.ledger.queries import head, history, verify
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS
from hedef.records.services.rebuild import rebuilt_rows

pytestmark = pytest.mark.django_db

FIELDS = {
    "account": ("name", "domain", "owner"),
    "contact": ("name", "email", "account"),
    "deal": ("name", "stage", "amount_minor", "account", "contact"),
}
WORDS = {"name", "domain", "email"}
MERGED_AT = 50  # later than every other change: what refers to a record then is what stands in the end


# --- the twin ---------------------------------------------------------------------------------------------------------


class Twin:
    """All rows in the order of recording; nothing is kept beside them."""

    def __init__(self):
        self.rows, self.undoes, self.kinds = [], {}, {}

    def lives(self, seal, known):
        if seal > known:
            return False
        return not any(self.lives(by, known) for by, target in self.undoes.items() if target == seal and by > seal)

    def counts(self, row, known):
        return self.lives(row["seal"], known) and not any(
            other["void_of"] == row["at"] and self.counts(other, known) for other in self.rows
        )

    def counting(self, entity, known, effective=10**6):
        rows = [
            row
            for row in self.rows
            if row["entity"] == entity and row["act"] != "void" and row["effective"] <= effective
        ]
        return sorted((row for row in rows if self.counts(row, known)), key=lambda row: (row["effective"], row["at"]))

    def state(self, entity, effective, known):
        rows = self.counting(entity, known, effective)
        if not rows:
            return None
        found = dict.fromkeys(FIELDS[self.kinds[entity]]) | {"ended_us": None, "into": None}
        for row in rows:
            found |= row["fields"]
            if row["act"] in ("end", "merge"):
                found |= {"ended_us": row["effective"], "into": row["into"]}
            if row["act"] == "revive":
                found |= {"ended_us": None, "into": None}
        return found

    def now(self, entity):
        return self.state(entity, 10**6, head().seal_no)

    def add(self, seal, entity, effective, fields=(), act="set", void_of=None, into=None):
        place = sum(row["seal"] == seal for row in self.rows)
        told = {"seal": seal, "at": (seal, place), "entity": entity, "effective": effective, "act": act}
        self.rows.append(told | {"fields": dict(fields), "void_of": void_of, "into": into})

    def last_effective(self, entity):
        return self.counting(entity, head().seal_no)[-1]["effective"]


# --- the verbs, told to both ------------------------------------------------------------------------------------------


class Story:
    """Two accounts, two contacts, two deals; every verb is done and told to the twin, or refused and not told."""

    def __init__(self):
        self.twin, self.batches = Twin(), []
        self.made = {kind: [self._create(kind) for _ in range(2)] for kind in FIELDS}
        self.made["account"].append(self._create("account"))

    def _create(self, kind):
        made = services.create(kind=kind, fields={}, effective_us=1, actor="a")
        self.twin.kinds[made] = kind
        self._sealed()
        self.twin.add(head().seal_no, made, 1)
        return made

    def _sealed(self):
        self.batches.append(head().seal_no)

    def _pick(self, kind, pick):
        return self.made[kind][pick % len(self.made[kind])]

    def tell(self, verb, *told):
        before = head()
        try:
            rows = getattr(self, verb)(*told)
        except HedefError:
            assert head() == before
            event(f"{verb} refused")
            return
        event(f"{verb} done")
        if head() == before:
            return
        self._sealed()
        for row in rows or ():
            self.twin.add(head().seal_no, **row)

    def change(self, kind, pick, fields, effective):
        entity = self._pick(kind, pick)
        told = self._told(kind, fields)
        row, before = self.twin.now(entity), self._newest(entity)
        services.change(kind=kind, entity=entity, fields=told, effective_us=effective, actor="a")
        late = effective < before
        kept = told if late else {name: value for name, value in told.items() if (row or {}).get(name) != value}
        return [{"entity": entity, "effective": effective, "fields": kept}]

    def _newest(self, entity):
        rows = self.twin.counting(entity, head().seal_no)
        return rows[-1]["effective"] if rows else -(10**18)

    def _told(self, kind, fields):
        told = {name: value for name, value in fields.items() if name in FIELDS[kind]}
        for name in ("account", "contact"):
            if told.get(name) is not None:
                told[name] = self._pick(name, told[name])
        return told

    def end(self, kind, pick, effective):
        entity = self._pick(kind, pick)
        services.end(kind=kind, entity=entity, effective_us=effective, actor="a")
        return [{"entity": entity, "effective": effective, "act": "end"}]

    def revive(self, kind, pick, effective):
        entity = self._pick(kind, pick)
        services.revive(kind=kind, entity=entity, effective_us=effective, actor="a")
        return [{"entity": entity, "effective": effective, "act": "revive"}]

    def _change_of(self, entity, pick):
        every = history(entity)
        return every[pick % len(every)]

    def void(self, kind, pick, which):
        entity = self._pick(kind, pick)
        one = self._change_of(entity, which)
        services.void(kind=kind, entity=entity, change=(one.batch, one.ord), actor="a", reason="x")
        return [{"entity": entity, "effective": one.effective_us, "act": "void", "void_of": (one.seal_no, one.ord)}]

    def move(self, kind, pick, which, effective):
        """A change happened at another moment."""
        entity = self._pick(kind, pick)
        one = self._change_of(entity, which)
        change = (one.batch, one.ord)
        services.correct(kind=kind, entity=entity, change=change, effective_us=effective, actor="a", reason="x")
        void = {"entity": entity, "effective": one.effective_us, "act": "void", "void_of": (one.seal_no, one.ord)}
        again = {"entity": entity, "effective": effective, "act": one.act, "fields": one.fields, "into": one.into}
        return [void, again]

    def correct(self, kind, pick, fields):
        """Values were others: each at the moment at which it was last set."""
        entity = self._pick(kind, pick)
        counting = self.twin.counting(entity, head().seal_no)
        spoken = {name for row in counting for name in row["fields"]}
        told = {name: value for name, value in self._told(kind, fields).items() if name in spoken}
        services.correct(kind=kind, entity=entity, fields=told, actor="a", reason="x")
        rows = {}
        for name, value in told.items():
            last = [row for row in counting if name in row["fields"]][-1]
            if last["fields"][name] != value:
                rows.setdefault(last["effective"], {})[name] = value
        return [{"entity": entity, "effective": at, "fields": rows[at]} for at in sorted(rows)]

    def merge(self, kind, pick, other):
        loser, survivor = self._pick(kind, pick), self._pick(kind, other)
        told = {"actor": "a", "reason": "same", "effective_us": MERGED_AT}
        pointing = [one for of in ("contact", "deal") if kind in FIELDS[of] for one in self.made[of]]
        rows = [{"entity": loser, "effective": MERGED_AT, "act": "merge", "into": survivor}]
        for one in sorted(pointing):
            now = self.twin.now(one)
            if now is not None and now.get(kind) == loser:
                at = max(MERGED_AT, self.twin.last_effective(one))
                rows.append({"entity": one, "effective": at, "fields": {kind: survivor}})
        services.merge(kind=kind, loser=loser, survivor=survivor, **told)
        return rows

    def split(self, kind, pick):
        entity = self._pick(kind, pick)
        done = services.split(loser=entity, actor="a", reason="two")
        self.twin.undoes[done.seal_no] = batch_of(done.undoes).seal_no

    def undo(self, which):
        seal = self.batches[which % len(self.batches)]
        number = next(one.pk for one in _sealed_batches() if one.seal_no == seal)
        done = services.undo_batch(number, actor="a", reason="x")
        self.twin.undoes[done.seal_no] = seal

    def erase(self, pick):
        entity = self._pick("contact", pick)
        done = services.erase(entity, actor="a", reason="asked")
        for row in self.twin.rows:
            if row["entity"] in done.entities:
                row["fields"] = {name: None if name in WORDS else value for name, value in row["fields"].items()}


def _sealed_batches():
    from hedef.ledger.queries import batches

    return batches(last=None)


# --- random stories ---------------------------------------------------------------------------------------------------

KIND, PICK, AT = st.sampled_from(sorted(FIELDS)), st.integers(0, 2), st.integers(0, 30)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | st.sampled_from(["Acme", "Işık"]),
        "domain": st.sampled_from(["a.com", "b.com"]),
        "email": st.sampled_from(["x@a.com", "y@b.com"]),
        "stage": st.sampled_from(["demo", "won"]),
        "amount_minor": st.none() | st.integers(0, 3),
        "account": PICK,
        "contact": PICK,
    },
)
STEP = st.one_of(
    st.tuples(st.just("change"), KIND, PICK, VALUES, AT),
    st.tuples(st.just("change"), KIND, PICK, VALUES, AT),
    st.tuples(st.just("change"), st.just("deal"), PICK, VALUES, AT),
    st.tuples(st.just("end"), KIND, PICK, AT),
    st.tuples(st.just("revive"), KIND, PICK, AT),
    st.tuples(st.just("void"), KIND, PICK, st.integers(0, 9)),
    st.tuples(st.just("move"), KIND, PICK, st.integers(0, 9), AT),
    st.tuples(st.just("correct"), KIND, PICK, VALUES),
    st.tuples(st.just("merge"), st.sampled_from(["account", "contact"]), PICK, PICK),
    st.tuples(st.just("split"), st.sampled_from(["account", "contact"]), PICK),
    st.tuples(st.just("undo"), st.integers(0, 40)),
    st.tuples(st.just("erase"), PICK),
)
POINTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), min_size=1, max_size=5)


def seen(kind, found):
    return None if found is None else {name: found[name] for name in (*FIELDS[kind], "ended_us")}


FIXTURES = [HealthCheck.function_scoped_fixture]


@settings(max_examples=8, deadline=None, suppress_health_check=FIXTURES)
@given(steps=st.lists(STEP, min_size=1, max_size=25), points=POINTS)
def test_every_verb_in_any_order_gives_what_a_plain_reading_of_all_rows_gives(steps, points):
    check(steps, points)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=FIXTURES)
@given(steps=st.lists(STEP, min_size=5, max_size=40), points=POINTS)
def test_long_stories_too(steps, points):
    check(steps, points)


def check(steps, points):
    first = head().seal_no
    story = Story()
    for step in steps:
        story.tell(*step)
    newest = head().seal_no
    for kind, entities in story.made.items():
        rows = {row["entity"]: row for row in queries.rows(kind, entities=entities, ended=True)}
        for entity in entities:
            lived = not queries.never_lived(rows[entity])
            assert seen(kind, rows[entity] if lived else None) == seen(kind, story.twin.state(entity, 10**6, newest))
            for effective, known in points:
                told = queries.state(entity, as_of_us=effective, known_no=first + known)
                assert seen(kind, told) == seen(kind, story.twin.state(entity, effective, first + known))
        columns = ["entity", "ended_us", "last_batch", "last_ord", "last_effective_us", *FIELDS[kind]]
        kept = list(MODELS[kind].objects.order_by("entity").values(*columns))
        assert rebuilt_rows(KINDS[kind]).select(columns).to_dicts() == kept
    assert verify() == []
