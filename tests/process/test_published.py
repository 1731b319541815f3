"""The facts that this room publishes for others: `stage_rate` and `exit_check`."""

from datetime import date

import pytest

from hedef.definitions.services import add, approve, introduce
from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, pin
from hedef.process.services import move_deal
from hedef.records.services import undo_batch
from tests.process.conftest import at, make, make_deal

ASKING = """
kind: process
id: sales
version: 1
name: {en: Sales, tr: Satış}
owner: operations
stages:
  - id: call
    name: {en: Call, tr: Arama}
    order: 10
    category: open
    exit:
      - {id: buyer, require: contact, level: warn}
      - {id: size, require: next_step, level: warn, when: "amount >= 500"}
  - {id: offer, name: {en: Offer, tr: Teklif}, order: 20, category: open, probability: {from: fixed, value: "0.4"}}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 30, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 40, category: lost}
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
  - {id: other, name: {en: Other, tr: Diğer}}
"""

CHECKS = Question(
    "test/checks",
    "SELECT deal, stage, criterion, result, sum(sign) AS n FROM exit_check WHERE eff_us <= :as_of_us "
    "GROUP BY deal, stage, criterion, result HAVING sum(sign) <> 0 ORDER BY deal, stage, criterion, result",
    tables=("exit_check",),
)
RATES = Question(
    "test/rates",
    "SELECT stage, day, won, decided, probability_bp FROM stage_rate ORDER BY stage, day",
    tables=("stage_rate",),
)


@pytest.fixture
def ann(home) -> int:
    introduce(actor="olga", text=ASKING)
    return make("person", name="Ann")


def checks(day: int, known_no: int | None = None) -> list[tuple]:
    rows = ask(CHECKS, pin=pin(known_no=known_no), params={"as_of_us": day}).as_dicts()
    return [(row["criterion"], row["result"]) for row in rows]


def test_leaving_a_stage_says_what_was_met_and_what_was_skipped(ann):
    deal = make_deal("Pumps", ann, amount_minor=600_00)
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 10), fields={"next_step": "visit"})
    assert checks(at(1, 9)) == []
    assert checks(at(1, 11)) == [("buyer", "skipped"), ("size", "met")]


def test_what_does_not_apply_at_the_instant_of_leaving_is_no_criterion(ann):
    deal = make_deal("Belts", ann, amount_minor=400_00)
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 10))
    assert checks(at(1, 11)) == [("buyer", "skipped")]


def test_a_late_answer_turns_skipped_into_late_from_that_day_on(ann):
    deal = make_deal("Pumps", ann, amount_minor=400_00)
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 10))
    before = pin().known_no
    contact = make("contact", name="Eve")
    move_deal(deal=deal, stage="won", actor="ann", at_us=at(2, 1), fields={"contact": contact})
    assert checks(at(1, 11)) == [("buyer", "skipped")]
    assert checks(at(2, 2)) == [("buyer", "late")]
    assert checks(at(2, 2), before) == [("buyer", "skipped")]  # what was known then


def test_losing_a_deal_and_going_back_leave_no_checks(ann):
    deal = make_deal("Pumps", ann)
    move_deal(deal=deal, stage="lost", actor="ann", at_us=at(1, 10), lost_reason="price")
    move_deal(deal=deal, stage="call", actor="ann", at_us=at(1, 12))
    assert checks(at(2, 1)) == []


def test_an_undone_move_takes_its_checks_back(ann):
    deal = make_deal("Pumps", ann, amount_minor=400_00)
    number, _ord = move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 10))
    assert checks(at(1, 11)) == [("buyer", "skipped")]
    undo_batch(number, actor="olga", reason="wrong deal")
    assert checks(at(1, 11)) == []


def test_exits_are_read_by_the_version_in_force_when_the_deal_left(ann):
    early, late = make_deal("Early", ann, amount_minor=1_00), make_deal("Late", ann, amount_minor=1_00)
    move_deal(deal=early, stage="offer", actor="ann", at_us=at(1, 10))
    move_deal(deal=late, stage="offer", actor="ann", at_us=at(1, 20))
    assert len(checks(at(2, 1))) == 2
    text = ASKING.replace("version: 1", "version: 2\neffective_from: 2026-01-15").replace("id: buyer", "id: who")
    add(actor="olga", text=text)
    approve(kind="process", id="sales", actor="mia")
    assert checks(at(2, 1)) == [("buyer", "skipped"), ("who", "skipped")]


def test_the_chance_of_a_stage_is_shrunk_towards_the_companys_win_rate(ann):
    for place in range(3):
        deal = make_deal(f"Deal {place}", ann, amount_minor=1_00)
        way = ["offer", "won"] if place == 0 else ["lost"]
        for day, stage in enumerate(way):
            reason = {"lost_reason": "price"} if stage == "lost" else {}
            move_deal(deal=deal, stage=stage, actor="ann", at_us=at(1, 10 + day), **reason)
    rows = ask(RATES, pin=pin()).as_dicts()
    # call on 11 January: (1 won + 20 x 1/3) / (3 decided + 20) = 7.6667 / 23 = 33.33 %; offer has a fixed chance
    assert rows == [
        {"stage": "call", "day": date(2026, 1, 10), "won": 0, "decided": 2, "probability_bp": 0},
        {"stage": "call", "day": date(2026, 1, 11), "won": 1, "decided": 1, "probability_bp": 3333},
        {"stage": "offer", "day": date(2026, 1, 11), "won": 1, "decided": 1, "probability_bp": 4000},
    ]


def test_a_reopened_deal_is_decided_no_more(ann):
    deal = make_deal("Pumps", ann, amount_minor=1_00)
    move_deal(deal=deal, stage="lost", actor="ann", at_us=at(1, 10), lost_reason="price")
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 20))
    rows = ask(RATES, pin=pin()).as_dicts()
    assert [(row["stage"], row["day"].day, row["decided"]) for row in rows] == [("call", 10, 1), ("call", 20, -1)]
