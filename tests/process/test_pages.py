"""Pages of deals: who sees and changes what, figures equal to the queries, forms that say what they need."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hedef.access.services import set_roles
from hedef.kernel.scope import EVERYTHING
from hedef.ledger.queries import batch, history
from hedef.metrics.queries import evaluate
from hedef.process.queries.board import Wanted, board, narrowed
from hedef.process.services import edit_deal, move_deal
from hedef.records import queries as records
from tests.process.conftest import at, make, make_deal

BOARD = "/process/deals"


def deal_url(deal, verb=""):
    return f"/process/deals/D-{deal}{verb}"


def standing(deal):
    (row,) = records.rows("deal", entities=[deal])
    return row


def seen(deal):
    row = standing(deal)
    return f"{row['last_batch']}:{row['last_ord']}"


def toasts(answer):
    return re.findall(r'<div class="toast(?: bad)?">(.*?)</div>', answer.text)


# --- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [BOARD, "/process/deals/list", "/process/deals/new", "/process/deals/accounts"])
def test_a_signed_out_visitor_is_asked_to_sign_in(client, db, path):
    assert client.get(path).url.startswith("/sign-in/")


def test_a_signed_out_visitor_changes_nothing(client, company):
    assert client.post(deal_url(company.harbour, "/move"), {"stage": "offer"}).url.startswith("/sign-in/")
    assert standing(company.harbour)["stage"] == "call"


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ("ann", ["Harbour pumps"]),
        ("mia", ["Harbour pumps", "Mill filters"]),
        ("kai", ["Quarry belts"]),
        ("olga", ["Harbour pumps", "Mill filters", "Quarry belts"]),
        ("fin", ["Harbour pumps", "Mill filters", "Quarry belts"]),
    ],
)
def test_everybody_sees_the_deals_in_scope(browse, user, names):
    for path in (BOARD, "/process/deals/list"):
        text = browse(user).get(path).text
        assert [one for one in ("Harbour pumps", "Mill filters", "Quarry belts") if one in text] == names


def test_a_deal_outside_the_scope_looks_like_one_that_does_not_exist(browse, company):
    for user, deal in (("bob", company.harbour), ("cem", company.harbour), ("kai", company.mill)):
        client = browse(user)
        hidden, missing = client.get(deal_url(deal)), client.get(deal_url(999_999))
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert _main(hidden).replace(f"D-{deal}", "D-?") == _main(missing).replace("D-999999", "D-?")
        for verb in ("/edit", "/move"):
            assert client.post(deal_url(deal, verb), {"stage": "offer", "amount": "1"}).status_code == 404
    assert (standing(company.harbour)["stage"], standing(company.harbour)["amount_minor"]) == ("call", 1_000_00)


def _main(answer):
    return re.search(r"<main.*</main>", answer.text, re.DOTALL)[0]


@pytest.mark.parametrize(("user", "may"), [("ann", True), ("mia", True), ("olga", True), ("fin", False)])
def test_owner_manager_and_operations_change_a_deal_and_others_read_it(browse, company, user, may):
    client = browse(user)
    text = client.get(deal_url(company.harbour)).text
    assert ("/edit" in text, "/move" in text) == (may, may)
    answer = client.post(deal_url(company.harbour, "/edit"), {"next_step": "Call the buyer"})
    assert answer.status_code == (302 if may else 403)
    assert standing(company.harbour)["next_step"] == ("Call the buyer" if may else None)


def test_a_rep_who_may_read_everything_still_changes_only_own_deals(browse, company):
    set_roles(username="ann", roles=["rep", "enablement"])
    client = browse("ann")
    assert client.get(deal_url(company.mill)).status_code == 200
    assert client.post(deal_url(company.mill, "/edit"), {"next_step": "x"}).status_code == 403
    assert client.post(deal_url(company.harbour, "/edit"), {"next_step": "x"}).status_code == 302


def test_a_deal_nobody_owns_is_changed_by_operations_only(browse, company):
    lone = make_deal("Lone valves", None, amount_minor=10_00)
    assert browse("mia").get(deal_url(lone)).status_code == 404
    assert "Nobody owns it" in browse("olga").get(BOARD).text
    assert browse("olga").post(deal_url(lone, "/edit"), {"owner": f"P-{company.ann}"}).status_code == 302
    assert standing(lone)["owner"] == company.ann


# --- figures ----------------------------------------------------------------------------------------------------------


def test_the_first_line_says_how_many_how_much_how_old_and_how_late(browse):
    text = " ".join(re.sub(r"<[^>]+>", "", _main(browse("olga").get(BOARD))).split())
    assert "3 open deals, $1.80k. 1 is older in its stage than usual; 1 has a close date in the past." in text


def test_the_lanes_add_up_to_the_metric_open_pipeline(browse, company):
    shown = board(as_of=date(2026, 3, 2), as_of_us=at(3, 2, 18), scope=EVERYTHING)
    (cell,) = evaluate("open_pipeline", scopes=["company"], periods=["2026-Q1"], as_of=date(2026, 3, 2))
    lanes = [shown.sums(shown.in_stage(stage)).value for stage in ("call", "offer")]
    assert lanes == [1_250_00, 550_00]
    assert shown.sums(shown.deals).value == sum(lanes) == cell.value
    text = browse("olga").get(BOARD).text
    heads = re.findall(r"<h2>(\w+) <span class=\"muted\">(\d+)</span></h2><strong[^>]*>([^<]*)<", text)
    assert heads == [("Call", "2", "$1.25k"), ("Offer", "1", "$550")]
    assert "$0 + €500" not in text
    assert "€500" in text


def test_a_won_deal_shows_in_the_numbers_at_once(browse, company):
    def won_value():
        (cell,) = evaluate("won_value", scopes=["company"], periods=["2026-Q1"], as_of=date(2026, 3, 2))
        return cell.value

    assert won_value() == 0
    browse("ann").post(
        deal_url(company.harbour, "/move"),
        {"stage": "won", "amount": "1,200.00", "currency": "USD", "day": "2026-03-02"},
    )
    assert won_value() == 1_200_00


def test_the_number_of_queries_does_not_grow_with_the_deals(browse, company):
    client = browse("olga")
    paths = (BOARD, "/process/deals/list", "/process/deals/list?sort=name", f"{BOARD}?q=pumps")
    for path in paths:
        client.get(path)
    before = {path: _queries(client, path) for path in paths}
    for number in range(6):
        deal = make_deal(f"More pumps {number}", company.ann, account=company.account, amount_minor=5)
        move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 9))
    client.get(BOARD)  # absorbs
    assert {path: _queries(client, path) for path in paths} == before


def _queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_a_board_of_the_past_shows_what_stood_then_and_changes_nothing(browse, company):
    move_deal(deal=company.harbour, stage="offer", actor="ann", at_us=at(2, 10))
    text = browse("olga").get(f"{BOARD}?as_of=2026-02-09").text
    assert "As it stood on 9 Feb 2026" in text
    assert "Quarry belts" not in text
    assert re.findall(r"<h2>(\w+) <span class=\"muted\">(\d+)</span>", text) == [("Call", "1"), ("Offer", "1")]
    assert "/move" not in text
    page = browse("olga").get(f"{deal_url(company.harbour)}?as_of=2026-02-09").text
    assert 'aria-current="step">Call' in page
    assert "/edit" not in page


# --- filters, sorting, pages ------------------------------------------------------------------------------------------


def names_in(answer):
    return re.findall(r'<a class="ink"[^>]*>([^<]*)</a>', answer.text)


LISTS = {
    "sort=name": ["Harbour pumps", "Mill filters", "Quarry belts"],
    "sort=name&dir=desc": ["Quarry belts", "Mill filters", "Harbour pumps"],
    "sort=amount": ["Harbour pumps", "Mill filters", "Quarry belts"],
    "sort=close": ["Mill filters", "Harbour pumps", "Quarry belts"],
    "sort=close&dir=desc": ["Harbour pumps", "Mill filters", "Quarry belts"],
    "sort=days": ["Mill filters", "Harbour pumps", "Quarry belts"],
    "sort=owner": ["Harbour pumps", "Mill filters", "Quarry belts"],
    "stage=call&sort=name": ["Harbour pumps", "Quarry belts"],
    "look=past": ["Mill filters"],
    "look=older": ["Harbour pumps"],
    "look=undated": ["Quarry belts"],
    "q=harbour+works": ["Harbour pumps"],
    "q=CEM": ["Quarry belts"],
    "q=nothing": [],
}


def test_the_list_is_sorted_and_narrowed(browse):
    client = browse("olga")
    assert {query: names_in(client.get(f"/process/deals/list?{query}")) for query in LISTS} == LISTS


def test_a_team_and_an_owner_narrow_the_list(browse, company):
    client = browse("olga")
    assert names_in(client.get(f"/process/deals/list?team=T-{company.west}")) == ["Quarry belts"]
    assert names_in(client.get(f"/process/deals/list?owner=P-{company.bob}")) == ["Mill filters"]
    assert names_in(client.get(f"/process/deals/list?team=T-{company.west}&owner=P-{company.bob}")) == []
    assert browse("mia").get(f"{BOARD}?team=T-{company.west}").status_code == 404
    assert browse("mia").get(f"{BOARD}?owner=P-{company.cem}").status_code == 404


NONSENSE = {
    "sort=mood": (400, "cannot be sorted by"),
    "look=mood": (400, "is nothing to look at"),
    "team=east": (400, "is no id such as"),
    "team=T-999999": (404, "There is no team T-999999"),
    "process=dreams": (404, "There is no process"),
    "stage=dream": (404, "has no stage"),
    "as_of=yesterday": (400, "is neither a day nor an instant"),
}


def test_an_address_that_makes_no_sense_says_why(browse):
    client = browse("olga")
    for query, (status, said) in NONSENSE.items():
        answer = client.get(f"/process/deals/list?{query}")
        assert (query, answer.status_code, said in answer.text) == (query, status, True)


def test_a_long_list_has_pages_that_keep_the_filters(browse, company):
    for number in range(45):
        make_deal(f"Pump {number:02d}", company.ann, amount_minor=5)
    first = browse("olga").get("/process/deals/list?q=pump+&sort=name")
    assert (len(names_in(first)), "1 to 40 of 46" in first.text) == (40, True)
    assert 'href="?q=pump+&amp;sort=name&amp;page=2"' in first.text
    assert len(names_in(browse("olga").get("/process/deals/list?q=pump&page=2"))) == 6


def test_search_reads_turkish_letters_and_accents(company):
    make_deal("Işık Çelik pompası", company.ann)
    whole = board(as_of=date(2026, 3, 2), as_of_us=at(3, 2, 18), scope=EVERYTHING)
    for text in ("isik", "IŞIK", "çelik POMPASI"):
        assert len(narrowed(whole, Wanted(search=text)).deals) == 1


def test_an_empty_board_says_what_to_do(browse, company):
    for deal in (company.harbour, company.mill, company.quarry):
        edit_deal(deal=deal, fields={"owner": company.kai}, actor="olga", at_us=at(3, 1))
    assert "No open deals" in browse("ann").get(BOARD).text
    assert "No open deal matches “nothing”" in browse("olga").get(f"{BOARD}?q=nothing").text


# --- one deal ---------------------------------------------------------------------------------------------------------


def test_the_page_of_a_deal_tells_its_stays_and_its_whole_history(browse, company):
    edit_deal(
        deal=company.harbour,
        fields={"amount_minor": 900_00},
        actor="ann",
        at_us=at(2, 3),
        reason="They asked for less.",
    )
    move_deal(deal=company.harbour, stage="offer", actor="mia", at_us=at(2, 10))
    text = " ".join(re.sub(r"<[^>]+>", " ", _main(browse("ann").get(deal_url(company.harbour)))).split())
    assert "Offer 10 Feb 2026 still there 20" in text
    assert "Call 5 Jan 2026 10 Feb 2026 ▾ 36".replace("▾ ", "") in text
    assert "Stage Call → became Offer Mia Test" in text
    assert "Amount $1,000.00 → became $900.00 Ann Test" in text
    assert f"batch B-{history(company.harbour)[1].batch} · “They asked for less.”" in text
    assert "Owner Ann Test Close date 31 Mar 2026" in text


def test_criteria_of_the_stage_are_shown_with_what_is_missing(browse, company):
    text = browse("bob").get(deal_url(company.mill)).text
    assert "Next step is filled in" in text
    assert "stops" in text
    assert "Is the need written down?" in text


def test_an_edit_is_saved_and_says_what_changed(browse, company):
    client = browse("ann")
    answer = client.post(
        deal_url(company.harbour, "/edit"),
        {
            "based_on": seen(company.harbour),
            "amount": "1.250,50",
            "currency": "USD",
            "close_on": "2026-04-15",
            "owner": f"P-{company.ann}",
            "next_step": "Send the offer",
            "reason": "New price list",
        },
        follow=True,
    )
    row = standing(company.harbour)
    assert (row["amount_minor"], row["close_on"], row["next_step"]) == (1_250_50, date(2026, 4, 15), "Send the offer")
    (said,) = toasts(answer)
    assert said == (
        "Saved. Harbour pumps: Amount $1,000.00 → $1,250.50; Close date 31 Mar 2026 → 15 Apr 2026; "
        "Next step – → Send the offer"
    )
    made = batch(row["last_batch"])
    assert (made.actor, made.reason) == ("ann", "New price list")


def test_an_edit_without_a_change_writes_nothing(browse, company):
    before = seen(company.harbour)
    answer = browse("ann").post(deal_url(company.harbour, "/edit"), {"close_on": "2026-03-31"}, follow=True)
    assert toasts(answer) == ["Nothing was changed."]
    assert seen(company.harbour) == before


UNUSABLE = (
    ("amount", "1.2.3", "“1.2.3” is no amount"),
    ("amount", "-5", "An amount cannot be below zero."),
    ("amount", "5.123456", "has too many decimals: USD has 2."),
    ("amount", "9" * 20, "is too large for a deal"),
    ("currency", "dollar", "Write a code of three letters"),
    ("close_on", "2026-02-31", "“2026-02-31” is no day of the calendar"),
    ("close_on", "9999-01-01", "is too far away"),
    ("owner", "P-999999", "Choose one of the people of the list."),
    ("owner", "D-1", "Choose one of the people of the list."),
    ("next_step", "x" * 501, "Too long: at most 500 letters."),
)


def test_what_cannot_be_saved_says_why_and_keeps_the_other_entries(browse, company):
    client = browse("ann")
    for field, value, said in UNUSABLE:
        typed = {"amount": "7", "currency": "USD", "next_step": "Keep me", field: value}
        answer = client.post(deal_url(company.harbour, "/edit"), typed)
        assert (said, answer.status_code, said in answer.text) == (said, 422, True)
        assert 'aria-invalid="true"' in answer.text
        assert field == "next_step" or "Keep me" in answer.text
    assert standing(company.harbour)["amount_minor"] == 1_000_00


def test_a_rep_hands_a_deal_to_nobody_else_but_a_manager_does(browse, company):
    given = {"owner": f"P-{company.bob}"}
    assert browse("ann").post(deal_url(company.harbour, "/edit"), given).status_code == 422
    assert browse("mia").post(deal_url(company.harbour, "/edit"), {"owner": f"P-{company.cem}"}).status_code == 422
    assert browse("mia").post(deal_url(company.harbour, "/edit"), given).status_code == 302
    assert standing(company.harbour)["owner"] == company.bob


# --- two at once ------------------------------------------------------------------------------------------------------


def test_who_edits_what_another_changed_sees_both_values_and_decides(browse, company):
    based_on = seen(company.harbour)
    edit_deal(deal=company.harbour, fields={"amount_minor": 900_00}, actor="mia", at_us=at(3, 2, 11))
    client = browse("ann")
    typed = {"based_on": based_on, "amount": "1,100.00", "currency": "USD", "next_step": "Call again"}
    answer = client.post(deal_url(company.harbour, "/edit"), typed)
    text = " ".join(re.sub(r"<[^>]+>", " ", _main(answer)).split())
    assert answer.status_code == 409
    assert "Someone else was faster" in text
    assert "Mia Test changed this deal" in text
    assert "Amount $1,000.00 $900.00 $1,100.00" in text
    assert standing(company.harbour)["amount_minor"] == 900_00

    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', _main(answer)))
    hidden.pop("csrfmiddlewaretoken", None)
    saved = client.post(deal_url(company.harbour, "/edit"), {**hidden, "reason": "Signed offer in hand"})
    assert saved.status_code == 302
    assert (standing(company.harbour)["amount_minor"], standing(company.harbour)["next_step"]) == (
        1_100_00,
        "Call again",
    )
    assert batch(standing(company.harbour)["last_batch"]).reason == "Signed offer in hand"


def test_edits_of_different_fields_do_not_meet(browse, company):
    based_on = seen(company.harbour)
    edit_deal(deal=company.harbour, fields={"amount_minor": 900_00}, actor="mia", at_us=at(3, 2, 11))
    typed = {"based_on": based_on, "amount": "1,000.00", "currency": "USD", "next_step": "Call again"}
    assert browse("ann").post(deal_url(company.harbour, "/edit"), typed).status_code == 302
    row = standing(company.harbour)
    assert (row["amount_minor"], row["next_step"]) == (900_00, "Call again")


def test_who_moves_a_deal_that_another_moved_is_told(browse, company):
    based_on = seen(company.harbour)
    move_deal(deal=company.harbour, stage="lost", lost_reason="price", actor="mia", at_us=at(3, 2, 11))
    answer = browse("ann").post(deal_url(company.harbour, "/move"), {"stage": "offer", "based_on": based_on})
    text = " ".join(re.sub(r"<[^>]+>", " ", _main(answer)).split())
    assert (answer.status_code, "Stage Call Lost Offer" in text) == (409, True)
    assert standing(company.harbour)["stage"] == "lost"


# --- moves ------------------------------------------------------------------------------------------------------------


def test_a_move_from_the_board_goes_back_to_the_board_and_says_what_changed(browse, company):
    client = browse("ann")
    typed = {"stage": "offer", "based_on": seen(company.harbour), "back": f"{BOARD}?q=pumps"}
    answer = client.post(deal_url(company.harbour, "/move"), typed, follow=True)
    assert answer.redirect_chain == [(f"{BOARD}?q=pumps", 302)]
    assert toasts(answer) == ["Moved: Harbour pumps, Call → Offer"]
    assert (standing(company.harbour)["stage"], standing(company.harbour)["status"]) == ("offer", "open")
    assert client.post(deal_url(company.harbour, "/move"), {"stage": "call", "back": "//evil.example"}).url == deal_url(
        company.harbour
    )


def test_the_form_offers_the_next_stage_first(browse, company):
    text = browse("ann").get(deal_url(company.harbour)).text
    assert re.findall(r'<option value="(\w+)"( selected)?>', text)[:3] == [
        ("offer", " selected"),
        ("won", ""),
        ("lost", ""),
    ]


def test_a_criterion_that_stops_is_told_before_the_deal_moves_on(browse, company):
    client = browse("bob")
    won = {"stage": "won", "amount": "500", "currency": "EUR", "day": "2026-03-02"}
    answer = client.post(deal_url(company.mill, "/move"), won)
    assert (answer.status_code, "Before it leaves this stage: Next step." in answer.text) == (422, True)
    edit_deal(deal=company.mill, fields={"next_step": "Send the contract"}, actor="bob", at_us=at(3, 2, 11))
    assert client.post(deal_url(company.mill, "/move"), won).status_code == 302


def test_winning_asks_for_amount_and_day(browse, company):
    client = browse("ann")
    asked = client.post(deal_url(company.harbour, "/move"), {"stage": "won", "back": BOARD})
    assert asked.status_code == 302
    form = client.get(asked.url).text
    assert ("Is Harbour pumps won?" in form, 'value="1,000.00"' in form, 'value="2026-03-02"' in form) == (True,) * 3
    won = {"stage": "won", "amount": "950", "currency": "USD", "day": "2026-02-27", "back": BOARD}
    answer = client.post(deal_url(company.harbour, "/move"), won, follow=True)
    assert toasts(answer) == ["Won: Harbour pumps, $950.00, 27 Feb 2026"]
    row = standing(company.harbour)
    assert (row["status"], row["close_on"], row["amount_minor"]) == ("won", date(2026, 2, 27), 950_00)
    assert len(history(company.harbour)) == 2


NO_WIN = (
    ({"amount": ""}, "Say the amount that was signed."),
    ({"day": ""}, "Say the day on which it was signed."),
    ({"day": "2026-03-03"}, "This day is yet to come."),
    ({"day": "2026-01-02"}, "The deal was changed after that day: choose 5 Jan 2026 or a later one."),
)


def test_a_win_that_cannot_be_says_why(browse, company):
    client = browse("ann")
    for more, said in NO_WIN:
        won = {"stage": "won", "amount": "950", "currency": "USD", "day": "2026-03-02", **more}
        answer = client.post(deal_url(company.harbour, "/move"), won)
        assert (said, answer.status_code, said in answer.text) == (said, 422, True)
    assert standing(company.harbour)["status"] == "open"


def test_losing_asks_for_a_reason_of_the_list(browse, company):
    client = browse("ann")
    assert client.post(deal_url(company.harbour, "/move"), {"stage": "lost"}).url.endswith("/move?stage=lost")
    for given, said in (
        ({"lost_reason": ""}, "Say why it was lost."),
        ({"lost_reason": "mood"}, "Choose one of the reasons of the list."),
        ({"lost_reason": "other", "sentence": " "}, "Say in a sentence what the reason was."),
    ):
        answer = client.post(deal_url(company.harbour, "/move"), {"stage": "lost", **given})
        assert (answer.status_code, said in answer.text) == (422, True)
    lost = {"stage": "lost", "lost_reason": "other", "sentence": "They went silent."}
    answer = client.post(deal_url(company.harbour, "/move"), lost, follow=True)
    assert toasts(answer) == ["Lost: Harbour pumps. Reason: Other"]
    row = standing(company.harbour)
    assert (row["status"], row["lost_reason"]) == ("lost", "other")
    assert batch(row["last_batch"]).reason == "They went silent."
    board_text = client.get(BOARD).text
    assert "Lost" in board_text
    assert "last 30 days" in board_text


def test_a_move_to_where_it_stands_writes_nothing(browse, company):
    before = seen(company.harbour)
    answer = browse("ann").post(deal_url(company.harbour, "/move"), {"stage": "call"}, follow=True)
    assert (toasts(answer), seen(company.harbour)) == (["Nothing was changed."], before)


def test_a_stage_that_is_not_there_is_not_found(browse, company):
    answer = browse("ann").post(deal_url(company.harbour, "/move"), {"stage": "dream"})
    assert (answer.status_code, "The process has no stage “dream”." in answer.text) == (404, True)


def test_a_deal_without_a_process_cannot_be_moved_and_says_so(browse, company):
    deal = make("deal", at(1, 5), name="Loose end", owner=company.ann, status="open")
    answer = browse("ann").post(deal_url(deal, "/move"), {"stage": "offer"})
    assert (answer.status_code, "is in no process" in answer.text) == (409, True)
    assert "Loose end" in browse("ann").get(f"{BOARD}?process=-").text


# --- new deals --------------------------------------------------------------------------------------------------------

NEW = {
    "name": "Pier cranes",
    "account": "harbour WORKS",
    "amount": "3,000",
    "currency": "eur",
    "close_on": "2026-05-01",
    "stage": "sales/call",
}


def test_a_new_deal_is_on_the_board_at_once(browse, company):
    client = browse("ann")
    answer = client.post("/process/deals/new", {**NEW, "owner": f"P-{company.ann}"}, follow=True)
    assert toasts(answer) == ["Opened: Pier cranes"]
    (row,) = [one for one in records.rows("deal") if one["name"] == "Pier cranes"]
    told = {name: row[name] for name in ("account", "amount_minor", "currency", "owner", "process", "stage", "status")}
    assert told == {
        "account": company.account,
        "amount_minor": 3_000_00,
        "currency": "EUR",
        "owner": company.ann,
        "process": "sales",
        "stage": "call",
        "status": "open",
    }
    assert "Pier cranes" in client.get(BOARD).text


NO_DEAL = (
    ({"name": " "}, "Say what is sold to whom."),
    ({"close_on": ""}, "Say when it should close."),
    ({"account": "harbour"}, "Which one? Harbour Works"),
    ({"account": "Nowhere Ltd"}, "There is no account “Nowhere Ltd”."),
    ({"stage": "sales/won"}, "Choose one of the stages of the list."),
    ({"owner": ""}, "Choose one of the people of the list."),
)


def test_a_new_deal_that_cannot_be_says_why(browse, company):
    client = browse("ann")
    for more, said in NO_DEAL:
        answer = client.post("/process/deals/new", {**NEW, "owner": f"P-{company.ann}", **more})
        assert (said, answer.status_code, said in answer.text) == (said, 422, True)
    assert len(records.rows("deal")) == 3


def test_a_rep_opens_deals_for_nobody_else_and_finance_opens_none(browse, company):
    assert browse("ann").post("/process/deals/new", {**NEW, "owner": f"P-{company.bob}"}).status_code == 422
    assert browse("olga").post("/process/deals/new", {**NEW, "owner": f"P-{company.bob}"}).status_code == 302
    assert browse("fin").get("/process/deals/new").status_code == 403
    assert browse("fin").get("/process/deals/accounts?account=har").status_code == 403
    assert "New deal" not in browse("fin").get(BOARD).text


def test_accounts_are_found_by_a_part_of_their_name(browse, company):
    make("account", name="Harbour Works")
    answer = browse("ann").get("/process/deals/accounts?account=wor", headers={"HX-Request": "true"})
    assert re.findall(r'<option value="([^"]*)">', answer.text) == [f"A-{company.account}", f"A-{company.account + 4}"]


# --- words and forms --------------------------------------------------------------------------------------------------


def test_the_pages_are_turkish_for_turkish_readers(browse, company):
    client = browse("olga")
    client.cookies["django_language"] = "tr"
    text = " ".join(re.sub(r"<[^>]+>", " ", _main(client.get(BOARD))).split())
    assert "3 açık fırsat, $1,80 bin." in text
    assert "1 tanesi aşamasında olağandan uzun bekliyor" in text
    page = client.get(deal_url(company.harbour)).text
    assert ("Kapanış tarihi" in page, "$1.000,00" in page, "Arama" in page) == (True, True, True)


def test_no_page_brings_inline_style_or_script(browse, company):
    client = browse("olga")
    for path in (
        BOARD,
        "/process/deals/list",
        "/process/deals/new",
        deal_url(company.harbour),
        deal_url(company.harbour, "/move"),
    ):
        text = client.get(path).text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count("<script src=")


def test_a_part_is_answered_to_htmx(browse, company):
    answer = browse("olga").get(BOARD, headers={"HX-Request": "true"})
    assert ("<html" in answer.text, "Harbour pumps" in answer.text) == (False, True)
