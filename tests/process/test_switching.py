"""Which process takes a deal, and deals that go on in another process by a map of stages (S10)."""

import json
from datetime import UTC, date, datetime

import pytest

from hedef import cli
from hedef.access.services import make_token
from hedef.definitions.services import introduce
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.ledger.queries import history
from hedef.process.queries import check, stage_visits
from hedef.process.services import move_deal, open_deal
from hedef.process.switching import chosen_process, read_map, switch_process
from hedef.records import queries as records
from tests.process.conftest import PROCESS, at, make_deal

RENEWAL = """
kind: process
id: renewal
version: 1
name: {en: Renewal, tr: Yenileme}
owner: operations
chosen_when: "deal_type = 'renewal'"
age_clock: restart
stages:
  - {id: talk, name: {en: Talk, tr: Görüşme}, order: 10, category: open}
  - {id: signed, name: {en: Signed, tr: İmzalandı}, order: 20, category: won}
  - {id: left, name: {en: Left, tr: Ayrıldı}, order: 30, category: lost}
"""


@pytest.fixture
def renewals(company):
    introduce(actor="olga", text=RENEWAL)
    return company


def row_of(deal):
    (row,) = records.rows("deal", entities=[deal])
    return row


def standing(deal):
    return tuple(row_of(deal)[name] for name in ("process", "stage", "status"))


def codes(process, day=date(2026, 3, 2)):
    return {one.issue.code: one.issue.message for one in check(process, as_of=day).findings}


# --- which process takes a deal ---------------------------------------------------------------------------------------


def test_a_new_deal_goes_to_the_process_whose_condition_fits(renewals):
    told = {"name": "Pump contract", "deal_type": "renewal", "owner": renewals.ann}
    deal = open_deal(fields=told, process=None, stage=None, actor="ann", at_us=at(3, 1))
    assert standing(deal) == ("renewal", "talk", "open")
    deal = open_deal(fields=told | {"deal_type": "new"}, process=None, stage=None, actor="ann", at_us=at(3, 1))
    assert standing(deal) == ("sales", "call", "open")


def test_a_new_deal_is_refused_by_a_process_whose_condition_it_does_not_meet(renewals):
    told = {"name": "Pump contract", "deal_type": "new"}
    with pytest.raises(Refused, match="does not belong to renewal by chosen_when: it belongs to sales"):
        open_deal(fields=told, process="renewal", stage="talk", actor="ann", at_us=at(3, 1))


def test_a_deal_that_fits_several_processes_or_none_is_an_issue(renewals):
    assert not {"deal_fits_several_processes", "deal_fits_no_process"} & set(codes("renewal"))
    introduce(actor="olga", text=RENEWAL.replace("id: renewal", "id: upkeep"))
    make_deal("Pump contract", renewals.ann, deal_type="renewal", process="renewal", stage="talk")
    assert codes("renewal")["deal_fits_several_processes"] == "1 open deals fit several processes."
    with pytest.raises(Refused, match="Several processes take a deal with these fields: renewal, upkeep"):
        chosen_process({"deal_type": "renewal"}, day=date(2026, 3, 2))


def test_deals_that_no_condition_wants_are_an_issue(home):
    introduce(actor="olga", text=RENEWAL)
    make_deal("Pump contract", None, deal_type="new", process="renewal", stage="talk")
    assert codes("renewal")["deal_fits_no_process"] == "1 open deals fit chosen_when of no process."
    with pytest.raises(Refused, match="No process takes a deal"):
        chosen_process({"deal_type": "new"}, day=date(2026, 3, 2))


def test_processes_without_conditions_are_chosen_by_hand_and_no_issue(company):
    introduce(actor="olga", text=PROCESS.replace("id: sales", "id: other"))
    assert not {"deal_fits_several_processes", "deal_fits_no_process"} & set(codes("sales"))
    deal = open_deal(fields={"name": "Pump"}, process="other", stage="call", actor="ann", at_us=at(3, 1))
    assert standing(deal) == ("other", "call", "open")


# --- going on in another process --------------------------------------------------------------------------------------


def switch(deal, into, **more):
    return switch_process(deals=[deal], process="renewal", into=into, actor="olga", at_us=at(3, 1), **more)


def test_a_deal_goes_on_in_another_process_and_its_visit_ends_as_moved(renewals):
    assert switch(renewals.harbour, {"call": "talk"}) == 1
    assert standing(renewals.harbour) == ("renewal", "talk", "open")
    from hedef.facts.queries import pin

    stays = stage_visits([renewals.harbour], pinned=pin())[renewals.harbour]
    assert [(one["process"], one["stage"], one["left_to"]) for one in stays] == [
        ("sales", "call", "moved"),
        ("renewal", "talk", None),
    ]


@pytest.mark.parametrize(
    ("into", "error", "message"),
    [
        ({}, WrongUse, "The map does not say where D-[0-9]+ goes on: it stands in call"),
        ({"call": "tlk"}, WrongUse, 'renewal has no stage "tlk"'),
        ({"call": "signed"}, Refused, "is open, but signed of renewal is won"),
    ],
)
def test_a_switch_without_a_fitting_map_is_refused(renewals, into, error, message):
    before = history(renewals.harbour)
    with pytest.raises(error, match=message):
        switch(renewals.harbour, into)
    assert history(renewals.harbour) == before


def test_of_several_deals_all_go_on_or_none(renewals):
    with pytest.raises(WrongUse, match="it stands in offer"):
        switch_process(
            deals=[renewals.harbour, renewals.mill],
            process="renewal",
            into={"call": "talk"},
            actor="olga",
            at_us=at(3, 1),
        )
    assert standing(renewals.harbour) == ("sales", "call", "open")
    with pytest.raises(NotFound, match="There is no deal D-4711"):
        switch_process(deals=[4711], process="renewal", into={}, actor="olga", at_us=at(3, 1))


def figures(process, day):
    stages = check(process, as_of=day).as_json()["stages"]
    return {one["stage"]: (one["reached"], one["decided"], one["won"]) for one in stages}


def test_a_deal_moved_on_its_closing_day_is_won_where_it_was_closed_and_neither_won_nor_lost_before(renewals):
    assert figures("sales", date(2026, 3, 2))["call"] == (3, 0, 0)
    switch(renewals.harbour, {"call": "talk"})
    move_deal(deal=renewals.harbour, stage="signed", actor="olga", at_us=at(3, 1, 16))
    assert figures("sales", date(2026, 3, 2))["call"] == (3, 0, 0)
    assert figures("renewal", date(2026, 3, 2))["talk"] == (1, 1, 1)


def test_somebody_who_changed_the_deal_meanwhile_is_named(renewals):
    row = row_of(renewals.harbour)
    seen = (row["last_batch"], row["last_ord"])
    move_deal(deal=renewals.harbour, stage="offer", actor="ann", at_us=at(2, 27))
    with pytest.raises(Refused, match="changed meanwhile"):
        switch(renewals.harbour, {"offer": "talk"}, based_on=seen)


def test_a_map_of_stages_is_read_from_pairs():
    assert read_map(["call=talk", " offer = talk "]) == {"call": "talk", "offer": "talk"}
    with pytest.raises(WrongUse, match="is no pair of stages"):
        read_map(["call"])
    with pytest.raises(WrongUse, match="call is mapped twice"):
        read_map(["call=talk", "call=left"])


# --- faces ------------------------------------------------------------------------------------------------------------


def test_the_command_moves_deals_by_a_map(renewals, capsys):
    argv = ["process", "move", f"D-{renewals.harbour}", "--to", "renewal", "--map", "call=talk", "--json"]
    assert cli.run([*argv, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["moved"] == 1
    assert standing(renewals.harbour)[0] == "sales"
    assert cli.run(argv) == 0
    assert standing(renewals.harbour) == ("renewal", "talk", "open")


def page_of(deal):
    return f"/process/deals/D-{deal}"


def test_a_rep_lets_an_own_deal_go_on_in_another_process_from_its_page(renewals, browse):
    ann = browse("ann")
    assert "renewal/talk" in ann.get(page_of(renewals.harbour)).text
    answer = ann.post(page_of(renewals.harbour) + "/process", {"into": "renewal/talk", "why": ""})
    assert (answer.status_code, "Say why it goes on there." in answer.text) == (422, True)
    answer = ann.post(page_of(renewals.harbour) + "/process", {"into": "renewal/talk", "why": "A contract runs out."})
    assert (answer.status_code, answer.url) == (302, page_of(renewals.harbour))
    assert standing(renewals.harbour) == ("renewal", "talk", "open")
    assert "Harbour pumps goes on in Renewal." in ann.get(answer.url).text


def test_nobody_lets_the_deal_of_another_go_on_elsewhere(renewals, browse):
    told = {"into": "renewal/talk", "why": "It is mine."}
    assert browse("cem").post(page_of(renewals.harbour) + "/process", told).status_code == 404
    assert browse("fin").post(page_of(renewals.harbour) + "/process", told).status_code == 403
    assert standing(renewals.harbour)[0] == "sales"


def test_programs_move_deals_by_a_map_where_they_may(renewals, client):
    told = {"deals": [f"D-{renewals.harbour}"], "map": {"call": "talk"}, "reason": "A contract runs out."}

    def post(user):
        _kept, text = make_token(username=user, name="program", now=datetime.now(UTC))
        head = {"authorization": f"Bearer {text}"}
        return client.post("/api/v1/process/renewal/deals", told, content_type="application/json", headers=head)

    assert post("ann").status_code == 403
    assert post("olga").json()["moved"] == 1
    assert standing(renewals.harbour) == ("renewal", "talk", "open")
