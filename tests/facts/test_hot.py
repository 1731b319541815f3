"""Tables kept in memory say the same as the files, at every version that they answer for."""

import random

import pytest

from hedef.facts import services
from hedef.facts.answers import Answers
from hedef.facts.duck import At, Database, database
from hedef.facts.queries import pin
from hedef.facts.segments import Manifest
from hedef.facts.store import home_store
from hedef.ledger.services import open_batch, seal_batch
from hedef.records.services import change, create, end

pytestmark = pytest.mark.django_db
START, HOUR = 1_490_000_000_000_000, 3_600_000_000
TABLES = ("deal_delta", "deal_now", "stage_visit", "closing", "credit_delta", "calendar", "stage", "person_now")


def rows_of(by: Database, manifest: Manifest, known_no: int, table: str) -> list[tuple]:
    sql = {
        "deal_delta": "SELECT eff_us, deal, stage, status, owner, sum(n) AS n, sum(amount_minor) AS amount FROM "
        "deal_delta GROUP BY eff_us, deal, stage, status, owner HAVING sum(n) <> 0",
        "credit_delta": "SELECT deal, person, sum(n) AS n FROM credit_delta GROUP BY deal, person HAVING sum(n) <> 0",
        "closing": "SELECT deal, outcome, amount_minor, sum(sign) AS n FROM closing GROUP BY deal, outcome, "
        "amount_minor HAVING sum(sign) <> 0",
        "deal_now": "SELECT deal, stage, status, owner, amount_minor, sign FROM deal_now",
        "stage_visit": "SELECT deal, visit_no, stage, entered_us, left_us, sign FROM stage_visit",
        "calendar": "SELECT count(*) AS n, sum(work_halves) AS halves FROM calendar",
        "stage": "SELECT process, stage, order_no FROM stage",
        "person_now": "SELECT person, country FROM person_now",
    }[table]
    found = by.ask(sql, [table], {}, {}, At(manifest, known_no)).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=str)


def step(dice: random.Random, deals: list[int], batches: list) -> None:
    """One thing that happens: a new deal, a change, an end, an undo."""
    what = dice.randrange(10)
    at = START + dice.randrange(40) * HOUR
    if what < 3 or not deals:
        fields = {"stage": "a", "status": "open", "amount_minor": dice.randrange(9), "currency": "USD", "owner": 1}
        deals.append(create(kind="deal", fields=fields, effective_us=at, actor="test"))
    elif what < 8:
        fields = dice.choice(
            [{"stage": "b"}, {"status": "won", "stage": "won"}, {"status": "open"}, {"amount_minor": 7}, {"owner": 2}]
        )
        change(kind="deal", entity=dice.choice(deals), fields=fields, effective_us=at, actor="test")
    elif what < 9:
        end(kind="deal", entity=deals.pop(dice.randrange(len(deals))), effective_us=at, actor="test")
    elif batches:
        seal_batch(open_batch(kind="undo", actor="test", undoes=batches.pop(dice.randrange(len(batches)))))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tables_in_memory_say_what_the_files_say_at_every_version(home, seed):
    dice, deals = random.Random(seed), list[int]()
    create(kind="person", fields={"name": "Holly", "country": "DE"}, effective_us=START, actor="test")
    step(dice, deals, [])
    hot, files = Database(home_store()), Database(home_store(), keep=False)
    former: list[Manifest] = []
    for turn in range(12):
        for _ in range(dice.randrange(1, 4)):
            step(dice, deals, _batches())
        manifest = services.compact()[0] if turn in (4, 9) else services.absorb()
        former = [*former[-2:], manifest]
        for one in former:  # pins of former versions live beside the newest
            for table in TABLES:
                expected = rows_of(files, one, one.watermark, table)
                assert rows_of(hot, one, one.watermark, table) == expected, (turn, table)
        known = dice.randrange(manifest.watermark)
        for table in ("deal_delta", "deal_now", "closing"):
            assert rows_of(hot, manifest, known, table) == rows_of(files, manifest, known, table)
    assert not files.hot
    assert {"deal_delta", "deal_now"} <= set(hot.hot)


def _batches() -> list:
    from hedef.ledger.queries import batches

    return [one for one in batches(last=6) if one.kind == "edit"]


def test_one_changed_deal_is_taken_in_by_its_key(home):
    one = create(kind="deal", fields={"stage": "a", "currency": "USD"}, effective_us=START, actor="test")
    create(kind="deal", fields={"stage": "a", "currency": "USD"}, effective_us=START, actor="test")
    by = database(home_store())
    rows_of(by, services.absorb(), pin().known_no, "deal_now")
    loaded = by.hot["deal_now"]
    change(kind="deal", entity=one, fields={"stage": "b"}, effective_us=START + 1, actor="test")
    rows_of(by, services.absorb(), pin().known_no, "deal_now")
    assert by.hot["deal_now"] is loaded
    assert (loaded.rows, loaded.past) == (4, 1)


def test_seals_that_were_rolled_back_are_not_kept_in_memory(home):
    from django.db import transaction

    create(kind="deal", fields={"stage": "a", "currency": "USD"}, effective_us=START, actor="test")
    by = database(home_store())
    with transaction.atomic():
        create(kind="deal", fields={"stage": "never", "currency": "USD"}, effective_us=START, actor="test")
        at = pin()
        assert len(rows_of(by, at.manifest, at.known_no, "deal_now")) == 2
        transaction.set_rollback(True)
    create(kind="deal", fields={"stage": "instead", "currency": "USD"}, effective_us=START, actor="test")
    at = pin()
    assert sorted(row[1] for row in rows_of(by, at.manifest, at.known_no, "deal_now")) == ["a", "instead"]


def test_a_large_table_is_loaded_while_the_files_go_on_answering(home, monkeypatch):
    from hedef.facts import duck

    monkeypatch.setattr(duck, "_IN_MEMORY_ROWS", 0)  # every table is a large one
    create(kind="deal", fields={"stage": "a", "currency": "USD"}, effective_us=START, actor="test")
    by = Database(home_store(), answers=Answers(most=0))
    at = services.absorb()
    answers = []
    for _ in range(200):
        answers.append(rows_of(by, at, at.watermark, "deal_now"))
        if "deal_now" in by.hot:
            break
    assert "deal_now" in by.hot
    answers.append(rows_of(by, at, at.watermark, "deal_now"))
    assert answers == [answers[0]] * len(answers)
    assert not {name for _, name in by.cold} & {"deal_now"}
