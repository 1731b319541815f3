"""The records' pages in a real browser: in both languages, at a desk and on a phone, with and without script."""

from datetime import date

import pytest

from hedef.records import queries
from tests.records.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def enter(poyraz, visit):
    """`enter("/records/people/")` is a page of Olga, who keeps the records."""

    def open_page(path, **how):
        page = visit("/sign-in/", **how)
        page.fill("#username", "olga")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(path)
        return page

    return open_page


WORDS = {"en": ("People", "Move", "West"), "tr": ("Kişiler", "Taşı", "West")}


@pytest.mark.parametrize(("language", "width", "script"), [("en", 1440, True), ("tr", 390, True), ("tr", 390, False)])
def test_a_person_is_found_and_moved_in_both_languages_on_a_phone_too(poyraz, enter, language, width, script):
    page = enter("/records/people/", language=language, width=width, script=script)
    heading, move, team = WORDS[language]
    assert page.inner_text("h1") == heading
    page.fill("input[name=q]", "IŞIK")
    page.press("input[name=q]", "Enter")
    page.get_by_role("link", name="Holly Işık").click()
    page.wait_for_selector("h1:has-text('Holly Işık')")
    summary = page.locator("summary.card-head").first
    summary.focus()
    page.keyboard.press("Enter")
    page.select_option("#move-team", label=team)
    page.fill("#move-on", "2026-06-15")
    page.fill("#move-reason", "grows")
    page.get_by_role("button", name=move, exact=True).click()
    page.wait_for_selector(".timeline >> text=West")
    assert queries.team_tree(date(2026, 6, 15)).team_of(poyraz.holly) == poyraz.west
    assert queries.team_tree(date(2026, 6, 14)).team_of(poyraz.holly) == poyraz.east


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("tr", "light")])
def test_no_page_of_the_records_is_wider_than_a_phone(poyraz, enter, language, theme):
    page = enter("/records/people/", language=language, width=390, theme=theme)
    addresses = [
        "/records/people/new", f"/records/person/P-{poyraz.holly}", "/records/teams/", f"/records/team/T-{poyraz.east}",
        "/records/products/", f"/records/product/G-{poyraz.product}", "/records/currencies/", "/records/duplicates/",
        "/records/accounts/", f"/records/account/A-{poyraz.acme}", "/facts/calendars/",
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        assert page.locator("nav.tabs.sub [aria-current=page]").count() == 1, address
        assert page.locator("h1").count() == 1, address


def test_two_accounts_are_merged_and_split_by_keyboard(poyraz, enter):
    page = enter("/records/duplicates/")
    page.get_by_role("radio").nth(1).check()
    page.fill("input[name=reason]", "the same")
    page.get_by_role("button", name="Merge", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=They are one now.")
    assert queries.survivor(poyraz.acme) == poyraz.twin
    page.get_by_role("button", name="Split again").click()
    page.wait_for_selector("text=They are two again.")
    assert queries.survivor(poyraz.acme) == poyraz.acme


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("tr", 390)])
def test_a_4_4_5_calendar_is_proposed_on_the_page(poyraz, enter, language, width):
    page = enter("/facts/calendars/", language=language, width=width)
    page.locator("summary.card-head").first.click()
    page.fill("#effective_from", "2027-01-01")
    page.select_option("#weeks", "4-4-5")
    page.fill("#reason", "we close by weeks")
    page.locator("form[action$='/propose'] button").click()
    page.wait_for_selector("form[action$='/2/approve']")
    assert "4-4-5" in page.locator("section.card ins").first.inner_text()
