"""Moving and editing a deal: stage and status in one change, and nobody overwrites what another did meanwhile."""

from datetime import date

import pytest

from hedef.definitions.services import add, approve, introduce
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import InvalidDocument, NotFound, Refused, WrongUse
from hedef.ledger.queries import history
from hedef.process.queries import check, in_force
from hedef.process.services import carry_over, edit_deal, move_deal
from hedef.records import queries as records
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import create

SALES = """
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
    next: [offer, lost]
    exit: [{id: buyer, require: contact, level: block}]
    limit: {days: 5}
  - {id: offer, name: {en: Offer, tr: Teklif}, order: 20, category: open}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 30, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 40, category: lost}
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
  - {id: other, name: {en: Other, tr: Diğer}}
"""
CALENDAR = Calendar()


def at(month: int, day: int) -> int:
    return CALENDAR.start_us(date(2026, month, day)) + 10 * 3600 * 1_000_000


@pytest.fixture
def deal(home) -> int:
    introduce(actor="olga", text=SALES)
    owner = create(kind="person", fields={"name": "Ann"}, effective_us=ALWAYS_US, actor="olga")
    fields = {
        "process": "sales",
        "stage": "call",
        "status": "open",
        "owner": owner,
        "amount_minor": 1000_00,
        "currency": "USD",
        "close_on": date(2026, 3, 31),
        "contact": 99,
        "created_us": at(1, 5),
    }
    return create(kind="deal", fields=fields, effective_us=at(1, 5), actor="olga")


def standing(deal: int) -> dict[str, object]:
    (row,) = records.rows("deal", entities=[deal])
    return {name: row[name] for name in ("stage", "status", "close_on", "closed_us", "lost_reason")}


def test_winning_a_deal_sets_stage_status_and_closing_in_one_change(deal):
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 10))
    move_deal(deal=deal, stage="won", actor="ann", at_us=at(2, 3))
    assert standing(deal) == {
        "stage": "won",
        "status": "won",
        "close_on": date(2026, 2, 3),
        "closed_us": at(2, 3),
        "lost_reason": None,
    }
    assert len(history(deal)) == 3


def test_reopening_clears_the_closing(deal):
    move_deal(deal=deal, stage="lost", actor="ann", at_us=at(2, 3), lost_reason="price")
    assert standing(deal)["lost_reason"] == "price"
    move_deal(deal=deal, stage="call", actor="ann", at_us=at(2, 9))
    assert standing(deal) == {
        "stage": "call",
        "status": "open",
        "close_on": date(2026, 2, 3),
        "closed_us": None,
        "lost_reason": None,
    }


def test_moving_to_where_it_stands_writes_nothing(deal):
    before = history(deal)
    move_deal(deal=deal, stage="call", actor="ann", at_us=at(1, 7))
    assert history(deal) == before


@pytest.mark.parametrize(
    ("stage", "more", "error", "message"),
    [
        ("ofer", {}, WrongUse, 'sales has no stage "ofer"'),
        ("won", {}, Refused, "goes from call on to offer, lost, not to won"),
        ("lost", {}, WrongUse, "A lost deal needs its reason"),
        ("lost", {"lost_reason": "mood"}, WrongUse, '"mood" is no lost reason of sales'),
        ("lost", {"lost_reason": "other"}, WrongUse, 'The reason "other" needs a sentence'),
    ],
)
def test_a_move_that_the_process_does_not_know_says_why(deal, stage, more, error, message):
    with pytest.raises(error, match=message):
        move_deal(deal=deal, stage=stage, actor="ann", at_us=at(1, 7), **more)
    assert standing(deal)["stage"] == "call"


def test_a_blocking_criterion_holds_the_deal_until_the_field_is_filled(deal):
    edit_deal(deal=deal, fields={"contact": None}, actor="ann", at_us=at(1, 6))
    with pytest.raises(Refused, match="asks for contact before a deal leaves call"):
        move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 7))
    move_deal(deal=deal, stage="lost", actor="ann", at_us=at(1, 8), lost_reason="other", reason="They went silent.")
    assert standing(deal)["status"] == "lost"


def test_two_people_who_move_the_same_deal_are_told_of_each_other(deal):
    (row,) = records.rows("deal", entities=[deal])
    seen = (row["last_batch"], row["last_ord"])
    move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 7), based_on=seen)
    with pytest.raises(Refused, match="changed meanwhile: stage is now 'offer', yours is 'lost'"):
        move_deal(deal=deal, stage="lost", actor="bob", at_us=at(1, 8), based_on=seen, lost_reason="price")


def test_edits_keep_to_the_fields_of_a_deal(deal):
    edit_deal(deal=deal, fields={"amount_minor": 900_00, "close_on": date(2026, 4, 1)}, actor="ann", at_us=at(1, 9))
    (row,) = records.rows("deal", entities=[deal])
    assert (row["amount_minor"], row["close_on"]) == (900_00, date(2026, 4, 1))
    with pytest.raises(WrongUse, match="status of a deal cannot be edited here"):
        edit_deal(deal=deal, fields={"status": "won"}, actor="ann", at_us=at(1, 9))
    with pytest.raises(WrongUse, match='"XYZ" is no currency'):
        edit_deal(deal=deal, fields={"currency": "XYZ"}, actor="ann", at_us=at(1, 9))
    with pytest.raises(NotFound, match="There is no person P-4711"):
        edit_deal(deal=deal, fields={"owner": 4711}, actor="ann", at_us=at(1, 9))
    with pytest.raises(NotFound, match="There is no deal D-4711"):
        edit_deal(deal=4711, fields={"owner": None}, actor="ann", at_us=at(1, 9))


def test_check_counts_what_stands_over_its_limit(deal):
    found = check("sales", as_of=date(2026, 1, 12))
    first = found.as_json()["stages"][0]
    assert (first["stage"], first["standing"], first["over_limit"]) == ("call", 1, 0)
    later = check("sales", as_of=date(2026, 1, 13)).as_json()
    assert later["stages"][0]["over_limit"] == 1
    assert later["schema"] == "hedef.process_check/1"
    assert later["fingerprint"].startswith("sha256:")


SECOND = SALES.replace("version: 1", "version: 2\neffective_from: 2026-02-01").replace("id: call", "id: meeting")


def test_a_version_that_drops_a_stage_needs_to_say_where_its_deals_go(deal):
    with pytest.raises(InvalidDocument) as refused:
        add(actor="olga", text=SECOND)
    assert [issue.code for issue in refused.value.issues] == ["map_missing"]
    assert "1 open deals worth 1000.00 USD stand there" in refused.value.issues[0].message


def test_deals_of_a_dropped_stage_are_carried_over_once(deal, settings):
    add(actor="olga", text=SECOND.replace("owner: operations", "owner: operations\nmap: {call: meeting}"))
    approve(kind="process", id="sales", actor="veli")
    assert list(in_force(date(2026, 2, 1))) == ["sales"]
    assert standing(deal)["stage"] == "meeting"  # moved when the version became effective, with its approval
    assert carry_over(process="sales", actor="olga", today=date(2026, 2, 2)) == 0
    assert history(deal)[-1].effective_us == CALENDAR.start_us(date(2026, 2, 1))
    stages = {row["stage"]: row for row in check("sales", as_of=date(2026, 2, 2)).as_json()["stages"]}
    assert (stages["meeting"]["reached"], stages["meeting"]["standing"]) == (1, 1)
