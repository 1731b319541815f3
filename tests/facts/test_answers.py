"""Answers that are kept stay right, and give way."""

import pyarrow as pa
import pytest

from hedef.facts.answers import Answers, key_of
from hedef.facts.duck import At, Database
from hedef.facts.queries import pin
from hedef.facts.store import home_store
from hedef.records.services import change, create

pytestmark = pytest.mark.django_db
START = 1_490_000_000_000_000
OPEN = "SELECT sum(n) AS n, sum(amount_minor) AS amount FROM deal_delta WHERE known_no <= $known_no"


def asked(by: Database, sql: str = OPEN) -> pa.Table:
    at = pin()
    return by.ask(sql, ["deal_delta"], {"known_no": at.known_no}, {}, At(at.manifest, at.known_no))


def a_deal() -> int:
    said = {"stage": "a", "status": "open", "amount_minor": 5, "currency": "USD"}
    return create(kind="deal", fields=said, effective_us=START, actor="test")


def test_a_change_elsewhere_leaves_an_answer_standing_and_a_change_of_its_rows_asks_anew(home):
    deal, by = a_deal(), Database(home_store())
    first = asked(by)
    assert asked(by) is first
    create(kind="person", fields={"name": "Holly"}, effective_us=START, actor="test")
    assert asked(by) is first
    change(kind="deal", entity=deal, fields={"amount_minor": 7}, effective_us=START + 1, actor="test")
    assert asked(by).to_pylist() == [{"n": 1, "amount": 7}]


def test_a_question_that_tells_the_seal_is_asked_at_every_seal(home):
    a_deal()
    by, telling = Database(home_store()), "SELECT $known_no AS seal, count(*) AS n FROM deal_delta"
    before = asked(by, telling).to_pylist()[0]["seal"]
    create(kind="person", fields={"name": "Holly"}, effective_us=START, actor="test")
    assert asked(by, telling).to_pylist() == [{"seal": before + 1, "n": 1}]


def test_what_was_known_once_is_another_answer_than_what_is_known_now(home):
    deal = a_deal()
    then = pin().known_no
    change(kind="deal", entity=deal, fields={"amount_minor": 9}, effective_us=START, actor="test")
    manifest = pin().manifest
    keys = {key_of(OPEN, ["deal_delta"], {"known_no": known}, manifest, known) for known in (then, then + 1, then + 5)}
    assert len(keys) == 2


def test_a_working_day_that_moves_is_another_answer(home):
    a_deal()
    manifest = pin().manifest
    of_deals = key_of("SELECT 1", ["deal_delta"], {}, manifest, 9)
    assert set(of_deals[2]) > {one.path for one in manifest.of("calendar")} > set()


def test_answers_asked_for_last_stay_and_large_ones_are_not_kept():
    rows = pa.table({"n": [1, 2, 3, 4]})
    kept = Answers(most=rows.nbytes * 2)
    for name in "ab":
        kept.put((name,), rows)
    assert kept.get(("a",)) is rows
    kept.put(("c",), rows)
    assert [kept.get((name,)) is rows for name in "abc"] == [True, False, True]
    kept.put(("large",), pa.table({"n": list(range(100))}))
    assert kept.get(("large",)) is None
    assert kept.bytes == rows.nbytes * 2
