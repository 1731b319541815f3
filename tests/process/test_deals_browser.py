"""Deals in a real browser: move by menu, by keyboard and by drag, win, lose, edit, open; at a desk and on a phone."""

import re
from datetime import date

import pytest

from hedef.access.models import User
from hedef.process.services import edit_deal
from hedef.records import queries as records
from tests.process.conftest import PASSWORD, at

pytestmark = pytest.mark.browser


@pytest.fixture
def enter(company, visit):
    """`enter("ann", "/process/deals")` is a page of a visitor who has signed in."""

    def open_page(username, path, **how):
        user = User.objects.get(username=username)
        user.set_password(PASSWORD)
        user.save()
        page = visit("/sign-in/", **how)
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(path)
        return page

    return open_page


def stage_of(deal):
    (row,) = records.rows("deal", entities=[deal])
    return row["stage"]


def lane(page, name):
    return page.locator(f".lane[aria-label='{name}']")


def test_a_manager_moves_a_deal_by_its_menu_and_the_board_adds_up_again(company, enter):
    page = enter("mia", "/process/deals")
    assert page.inner_text("h1") == "Deals"
    assert "Call 1" in lane(page, "Call").inner_text()
    card = page.locator(f"[data-deal='D-{company.harbour}']")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "stage"
    card.locator("select").select_option("offer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert page.inner_text(".toast") == "Moved: Harbour pumps, Call → Offer"
    assert "Offer 2" in lane(page, "Offer").inner_text()
    assert stage_of(company.harbour) == "offer"


def test_a_card_is_dragged_into_another_lane(company, enter):
    page = enter("ann", "/process/deals")
    page.drag_and_drop(f"[data-deal='D-{company.harbour}'] .amount", ".lane[data-stage=offer] h2")
    page.wait_for_selector(".toast")
    assert stage_of(company.harbour) == "offer"


def test_a_rep_wins_a_deal_on_a_phone_in_turkish(company, enter):
    page = enter("ann", f"/process/deals/D-{company.harbour}", language="tr-TR", width=390, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#stage").select_option("won")
    page.click("button:text-is('Taşı')")
    assert page.inner_text("h1") == "Harbour pumps kazanıldı mı?"
    page.fill("#amount", "1.100,50")
    page.click("button:text-is('Kazanıldı')")
    page.wait_for_selector(".toast")
    assert page.inner_text(".toast") == "Kazanıldı: Harbour pumps, $1.100,50, 02.03.2026"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    (row,) = records.rows("deal", entities=[company.harbour])
    assert (row["status"], row["amount_minor"], row["close_on"]) == ("won", 1_100_50, date(2026, 3, 2))


def test_losing_without_a_reason_is_held_up_and_the_focus_finds_the_field(company, enter):
    page = enter("ann", f"/process/deals/D-{company.harbour}/move?stage=lost")
    page.click("button:text-is('It is lost')")
    assert "Say why it was lost." in page.inner_text("#lost_reason-error")
    page.select_option("#lost_reason", "price")
    page.click("button:text-is('It is lost')")
    page.wait_for_selector(".toast")
    assert stage_of(company.harbour) == "lost"


def test_two_people_edit_at_once_and_the_second_decides(company, enter):
    page = enter("ann", f"/process/deals/D-{company.harbour}")
    edit_deal(deal=company.harbour, fields={"close_on": date(2026, 4, 1)}, actor="mia", at_us=at(3, 2, 11))
    page.fill("#close_on", "2026-05-01")
    page.click("button:text-is('Save')")
    assert page.inner_text("h1") == "Someone else was faster"
    row = page.inner_text("tbody tr")
    assert re.split(r"\s{2,}|\t", row) == ["Close date", "31 Mar 2026", "1 Apr 2026", "1 May 2026"]
    page.fill("#reason", "The buyer said May")
    page.click("button:text-is('Save mine, with reason')")
    page.wait_for_selector(".toast")
    assert "The buyer said May" in page.inner_text("#history")


def test_a_new_deal_finds_its_account_while_typing(company, enter):
    page = enter("ann", "/process/deals/new")
    page.fill("#name", "Pier cranes")
    with page.expect_response("**/accounts?account=harb"):
        page.locator("#account").press_sequentially("harb")
    page.wait_for_selector("#accounts option", state="attached")
    page.fill("#account", page.get_attribute("#accounts option", "value"))
    page.fill("#amount", "3000")
    page.fill("#close_on", "2026-05-01")
    page.click("button:text-is('Save')")
    page.wait_for_selector(".toast")
    page.goto("/process/deals")
    assert "Pier cranes" in lane(page, "Call").inner_text()


def test_filters_of_the_bar_work_on_the_list_and_it_fits_a_phone(company, enter):
    page = enter("olga", "/process/deals/list", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_navigation():
        page.select_option("select[name=look]", "past")
    assert page.locator("tbody tr").count() == 1
    page.fill("#q", "mill")
    with page.expect_navigation():
        page.press("#q", "Enter")
    assert page.inner_text("tbody th") == "Mill filters"
    with page.expect_navigation():
        page.fill("input[name=as_of]", "2026-02-10")
    assert "As it stood on 10 Feb 2026" in page.inner_text("main")
