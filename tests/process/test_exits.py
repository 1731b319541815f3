"""Conditions over a deal's fields, and what became of each exit criterion once a deal left its stage."""

from datetime import date

import pytest

from hedef.process.engine.conditions import ConditionError, read_condition
from hedef.process.engine.exits import Exit, Known, Said, answered, key_of, results_of, standings
from tests.process.test_schema import SALES, sales

NEED = key_of("sales", "offer", "need")


def deal(**more):
    fields = {"amount_minor": 50_000_00, "currency": "USD", "deal_type": "new", "close_on": date(2026, 3, 1)}
    return {"contact": None, "exit_checks": None, "exit_words": None, "extra": None, "owner": 7, **fields, **more}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("amount >= 50000", True),
        ("amount > 50000", False),
        ("amount = 50000.00", True),
        ("deal_type = 'new' and amount < 60000", True),
        ("deal_type = 'old' or not amount < 60000", False),
        ("not (deal_type = 'old' or amount < 60000)", False),
        ("deal_type in ('new', 'renewal')", True),
        ("deal_type not in ('new', 'renewal')", False),
        ("contact is null", True),
        ("primary_contact is not null", False),
        ("close_on < '2026-03-02'", True),
        ("close_on >= '2026-03-02'", False),
        ("source = 'web'", False),
        ("source != 'web'", False),  # empty is neither
        ("owner in (7, 8)", True),
    ],
)
def test_a_condition_reads_the_fields_of_a_deal(text, holds):
    assert read_condition(text).holds(deal()) is holds


def test_money_is_compared_in_major_units_of_its_currency():
    assert read_condition("amount = 500").holds(deal(amount_minor=500, currency="JPY"))
    assert not read_condition("amount = 500").holds(deal(amount_minor=500, currency="EUR"))


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("amunt > 5", 'a deal has no field "amunt"', 0),
        ("amount > 'five'", "amount is compared with a number", 9),
        ("amount >", "amount is compared with a number, not with the end", 8),
        ("close_on < '2026-02-30'", "'2026-02-30' is no day of the calendar", 11),
        ("deal_type = new", "deal_type is compared with a text in single quotes, not with new", 12),
        ("amount > 5 amount", '"amount" is one word too many', 11),
        ("(amount > 5", '")" is missing before the end', 11),
        ("amount; drop", '";" is not part of a condition', 6),
    ],
)
def test_what_is_no_condition_says_what_and_where(text, message, at):
    with pytest.raises(ConditionError, match=message.replace("(", r"\(").replace(")", r"\)")) as caught:
        read_condition(text)
    assert caught.value.at == at


def test_a_question_is_met_by_a_yes_and_waived_by_a_person_with_a_sentence():
    document = sales()
    stage = document.stage("offer")
    assert [one.state for one in standings(document, stage, deal())] == ["missing", "missing"]
    assert [one.stops for one in standings(document, stage, deal())] == [True, False]  # block, warn
    yes = deal(contact=3, **answered(deal(), NEED, Said("yes", "ann", evidence="https://mail/1")))
    assert [one.state for one in standings(document, stage, yes)] == ["met", "met"]
    assert standings(document, stage, yes)[1].evidence == "https://mail/1"
    waived = deal(**answered(yes, NEED, Said("waived", "mia", sentence="They are in a hurry.")))
    (_, need) = standings(document, stage, waived)
    assert (need.state, need.by, need.sentence, need.evidence) == ("waived", "mia", "They are in a hurry.", None)


def test_a_criterion_with_a_condition_applies_only_where_it_holds():
    document = sales(SALES.replace("require: contact", 'require: contact, when: "amount >= 60000"'))
    stage = document.stage("offer")
    assert standings(document, stage, deal())[0].state == "not_applicable"
    assert standings(document, stage, deal(amount_minor=60_000_00))[0].state == "missing"


def test_a_required_column_of_the_companys_own_is_read_and_one_that_nobody_has_is_asked():
    document = sales(SALES.replace("require: contact", "require: budget_confirmed"))
    stage = document.stage("offer")
    own = standings(document, stage, deal(extra='{"budget_confirmed":"yes, by mail"}'))[0]
    assert (own.asked, own.state) == (False, "met")
    asked = standings(document, stage, deal())[0]
    assert (asked.asked, asked.state) == (True, "missing")


def exits(*states: tuple[int, dict], left_us: int = 100):
    document = sales()
    return results_of(document, document.stage("offer"), [Known(us, fields) for us, fields in states], left_us)


def test_what_is_there_when_the_deal_leaves_is_met_also_when_the_move_brought_it():
    yes = answered(deal(), NEED, Said("yes", "ann"))
    assert exits((0, deal()), (100, deal(contact=3, **yes))) == [Exit("buyer", "met", 100), Exit("need", "met", 100)]


def test_what_is_fulfilled_after_leaving_is_late_from_then_on_and_skipped_before():
    yes = answered(deal(), NEED, Said("yes", "ann"))
    assert exits((0, deal()), (150, deal(contact=3)), (160, deal(contact=3, **yes))) == [
        Exit("buyer", "skipped", 100),
        Exit("buyer", "late", 150),
        Exit("need", "skipped", 100),
        Exit("need", "late", 160),
    ]


def test_a_waiver_counts_when_it_was_given_before_leaving_and_never_afterwards():
    waived = answered(deal(), NEED, Said("waived", "mia", sentence="In a hurry."))
    assert exits((0, deal(contact=3, **waived)))[1] == Exit("need", "waived", 100)
    assert exits((0, deal(contact=3)), (150, deal(contact=3, **waived)))[1:] == [Exit("need", "skipped", 100)]
