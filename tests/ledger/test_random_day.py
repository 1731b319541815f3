"""A random day: edits, imports, undos, merges, corrections and erasures; in the end everything still adds up."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, pin
from hedef.facts.services import compact as compact_facts
from hedef.facts.services import verify as verify_facts
from hedef.kernel.errors import HedefError
from hedef.kernel.trust import UNKNOWN
from hedef.ledger.answers import verify_answer
from hedef.ledger.queries import batches, history
from hedef.ledger.services import source, writing
from hedef.publications.replaying import register_teller, replay
from hedef.publications.services import publish
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.queries import merges
from tests.intake.support import PIPELINE, assert_adds_up, import_files, write_csv

pytestmark = pytest.mark.usefixtures("home")

DAY_US = 86_400_000_000
JAN_1 = 20_454 * DAY_US  # 2026-01-01
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BOARD = Question(
    "tests/random-day",
    "SELECT stage, status, currency, owner, sum(n) AS deals, "
    "CASE WHEN sum(CASE WHEN amount_minor IS NULL THEN 0 ELSE n END) > 0 THEN sum(amount_minor) ELSE NULL END AS minor "
    "FROM deal_delta WHERE eff_us <= :now GROUP BY stage, status, currency, owner "
    "ORDER BY stage, status, currency, owner",
    tables=("deal_delta",),
)

# imports and compactions are dear, erasures are rare: at fixed places, so that every run has a few
FIXED = {60: "load", 110: "load", 160: "compact", 200: "load", 700: "load", 800: "compact", 1_100: "compact"}
FIXED |= {190: "erase", 240: "erase", 250: "split", 280: "erase", 290: "split"}
VERBS = ("edit", "create", "bulk", "undo", "correct", "move", "void", "merge", "split", "end", "revive", "erase",
         "publish", "load", "compact")  # fmt: skip
FIRST_FILE = datetime(2026, 5, 1, tzinfo=UTC)
WON = ("D1", "Ida Lind", "GTX", "Acme", "Won", "2026-01-05", "2026-02-01", "1")


def board(known_no, as_of_us):
    """A published board: what the pipeline was at an instant, as known at a seal."""
    at = pin(known_no=known_no)
    rows = ask(BOARD, pin=at, params={"now": as_of_us}).as_dicts()
    told = [[*map(str, row.values())] for row in rows if row["deals"] or row["minor"]]
    return {"rows": sorted(told)}


@dataclass
class Day:
    """A company of a few people and what is done to it, by one seed."""

    dice: random.Random
    folder: Path
    made: dict[str, list[int]] = field(default_factory=dict)
    done: Counter = field(default_factory=Counter)
    published: list[int] = field(default_factory=list)
    largest: int = 60  # records of one file

    def begin(self):
        for kind, count in (("person", 4), ("account", 8), ("contact", 8), ("lead", 4), ("deal", 20)):
            self.made[kind] = [self._create(kind) for _ in range(count)]

    def _create(self, kind):
        timeless = kind in ("person", "account")
        at = ALWAYS_US if timeless else self._moment()
        return services.create(kind=kind, fields=self._fields(kind), effective_us=at, actor="a")

    def _moment(self):
        return JAN_1 + self.dice.randrange(120) * DAY_US

    def _pick(self, kind):
        return self.dice.choice(self.made[kind])

    def _kind(self):
        return self.dice.choice(["account", "contact", "lead", "deal", "deal", "deal"])

    def _fields(self, kind):
        dice, name = self.dice, f"Word {self.dice.randrange(1000)}"
        if kind in ("person", "account"):
            return {"name": name}
        if kind in ("contact", "lead"):
            told = {"name": name, "email": f"{dice.randrange(50)}@a.com"}
            return told | ({"account": self._pick("account")} if kind == "contact" else {})
        status = dice.choice(["open", "open", "open", "won", "lost"])
        told = {"stage": dice.choice("abc"), "status": status, "amount_minor": dice.randrange(10**6), "name": name}
        told |= {"currency": dice.choice(["EUR", "TRY"]), "owner": self._pick("person")}
        told |= {"account": self._pick("account"), "close_on": date(2026, 6, 1 + dice.randrange(28))}
        return {key: told[key] for key in told if dice.random() < 0.7}

    def step(self, number):
        verbs = ["edit"] * 40 + ["create"] * 6 + ["bulk"] * 6 + ["undo"] * 10 + ["correct"] * 6 + ["move"] * 4
        verbs += ["void"] * 4 + ["merge"] * 3 + ["split"] * 2 + ["end"] * 4 + ["revive"] * 2 + ["erase"] + ["publish"]
        verb = FIXED.get(number) or self.dice.choice(verbs)
        try:
            getattr(self, verb)()
        except HedefError:
            verb = f"{verb} refused"
        self.done[verb] += 1

    def edit(self):
        kind = self._kind()
        told = self._fields(kind)
        services.change(kind=kind, entity=self._pick(kind), fields=told, effective_us=self._moment(), actor="a")

    def create(self):
        kind = self._kind()
        self.made[kind].append(self._create(kind))

    def bulk(self):
        """A file with new deals and news of old ones."""
        dice, count = self.dice, self.dice.randrange(1, self.largest)
        old = dice.sample(self.made["deal"], min(count, len(self.made["deal"])))
        with writing(kind="import", actor="a", source="crm", object="deal", file_name="deals.csv") as batch:
            first = services.allocate(count)
            entities = [*old, *range(first, first + count)]
            rows = {"entity": entities, "effective_us": [self._moment() for _ in entities]}
            rows |= {"amount_minor": [dice.randrange(10**6) for _ in entities]}
            rows |= {"status": [dice.choice(["open", "won"]) for _ in entities], "currency": ["EUR"] * len(entities)}
            services.apply_changes(batch=batch, kind="deal", rows=pa.table(rows))
            keys = {"ext_id": [str(one) for one in entities], "entity": entities, "row_hash": [1] * len(entities)}
            services.save_keys(source=source("crm"), object="deal", keys=pa.table(keys), batch=batch)
        self.made["deal"] += range(first, first + count)

    def load(self):
        """A small file read by the importer: news of deals of its former files, and new ones."""
        dice, number = self.dice, self.done["load"]
        keys = sorted({dice.randrange(30 + 5 * number) for _ in range(dice.randrange(2, 12))})
        lines = [(f"F{key}", *WON[1:7], str(dice.randrange(1, 10**4))) for key in keys]
        file = write_csv(self.folder / "deals.csv", PIPELINE, lines)
        (told,) = import_files(file, source="files", exported_at=FIRST_FILE + timedelta(hours=number))
        assert_adds_up([told])
        assert told.counts.rejected == 0

    def compact(self):
        compact_facts()

    def undo(self):
        one = self.dice.choice(batches(last=30))
        services.undo_batch(one.pk, actor="a", reason="random", after_publication=True)

    def _change(self):
        kind = self._kind()
        entity = self._pick(kind)
        one = self.dice.choice(history(entity))
        return {"kind": kind, "entity": entity, "actor": "a", "reason": "random"}, one

    def correct(self):
        told, _ = self._change()
        services.correct(**told, fields=self._fields(told["kind"]))

    def move(self):
        told, one = self._change()
        services.correct(**told, change=(one.batch, one.ord), effective_us=self._moment())

    def void(self):
        told, one = self._change()
        services.void(**told, change=(one.batch, one.ord))

    def merge(self):
        kind = self.dice.choice(["person", "account", "contact", "lead"])
        loser, survivor = self._pick(kind), self._pick(kind)
        if kind == "person" and loser == self.made["person"][0]:
            return
        at = JAN_1 + 130 * DAY_US
        services.merge(kind=kind, loser=loser, survivor=survivor, actor="a", reason="same", effective_us=at)

    def split(self):
        losers = [one.loser for one in merges()]
        loser = self.dice.choice(losers) if losers else self._pick("lead")
        services.split(loser=loser, actor="a", reason="two")

    def end(self):
        kind = self._kind()
        services.end(kind=kind, entity=self._pick(kind), effective_us=self._moment(), actor="a")

    def revive(self):
        kind = self._kind()
        services.revive(kind=kind, entity=self._pick(kind), effective_us=self._moment(), actor="a")

    def erase(self):
        services.erase(self._pick(self.dice.choice(["contact", "lead"])), actor="a", reason="asked")

    def publish(self):
        at, as_of_us = pin(), self._moment()
        body = board(at.known_no, as_of_us)
        told = {"kind": "random_day", "subject": "board", "definitions": {}, "trust": UNKNOWN, "actor": "a"}
        made = publish(**told, body=body, pin=at, as_of_us=as_of_us, made_at=NOON)
        self.published.append(made.no)


def check(seed, steps, folder, largest=60):
    register_teller("random_day", lambda kept: board(kept.known_no, kept.as_of_us))
    day = Day(random.Random(seed), folder, largest=largest)
    day.begin()
    day.publish()
    for number in range(steps):
        day.step(number)
    told = verify_answer()
    assert [one for one in told["issues"] if one["level"] == "error"] == []
    assert told["verified"]
    assert verify_facts()[1] == []
    assert {number: replay(number).issues for number in day.published} == {number: [] for number in day.published}
    return day


def test_after_three_hundred_random_acts_everything_adds_up(tmp_path):
    day = check(seed=7, steps=300, folder=tmp_path)
    assert sum(day.done.values()) == 300
    assert {verb: day.done[verb] for verb in VERBS if not day.done[verb]} == {}


@pytest.mark.slow
def test_after_ten_thousand_random_changes_everything_adds_up(tmp_path):
    day = check(seed=11, steps=1_200, folder=tmp_path, largest=180)
    assert sum(day.done.values()) == 1_200
    assert sum(one.rows for one in batches(last=None)) > 10_000
    assert {verb: day.done[verb] for verb in VERBS if day.done[verb] < (1 if verb in ("load", "compact") else 3)} == {}
