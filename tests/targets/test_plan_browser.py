"""From the year's target to a rep's pace in a real browser, in both languages."""

import os
from datetime import UTC, date, datetime

import pytest

from hedef.access.services import create_user

pytestmark = pytest.mark.browser

PASSWORD = "a long and quiet harbour 7"
NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
WORDS = {
    "en": ("Try", "Keep as a draft", "Approve and publish", "Acknowledge", "acknowledged"),
    "tr": ("Dene", "Taslak olarak sakla", "Onayla ve yayımla", "Okudum, anladım", "okudu, anladı"),
}


@pytest.fixture
def north(company):
    company.team("North")
    company.person("Ayşe Yılmaz", ("North", None, None))
    company.person("Işık Demir", ("North", None, None))
    company.person("Mert Kaya", ("North", None, None), role="manager")
    for name in ("Ayşe Yılmaz", "Işık Demir"):
        company.add_manager(name, "Mert Kaya")
    company.won("Ayşe Yılmaz", date(2017, 5, 10), 4_000_000)
    company.won("Ayşe Yılmaz", date(2017, 7, 10), 3_000_000)
    for name, role, person in (
        ("selin", "operations", None),
        ("mert", "manager", "Mert Kaya"),
        ("holly", "finance", None),
        ("ayse", "rep", "Ayşe Yılmaz"),
    ):
        create_user(
            username=name,
            name=name.title(),
            roles=[role],
            password=PASSWORD,
            now=NOW,
            person=company.people[person] if person else None,
        )
    return company


@pytest.fixture
def enter(visit):
    def open_page(who, path, **how):
        page = visit("/sign-in/", **how)
        page.fill("#username", who)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(path)
        return page

    return open_page


def picture(page, name):
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "width", "script"), [("en", 1440, True), ("tr", 390, False)])
def test_from_the_years_target_to_the_pace_of_a_rep(north, enter, language, width, script):
    how = {"language": language, "width": width, "script": script}
    try_it, keep, approve, read, done = WORDS[language]
    page = enter("selin", "/targets/split", **how)
    for field, value in (("plan", "sales-2017"), ("period", "2017-Q3"), ("total", "300000.00"), ("round_to", "1000")):
        page.fill(f"#{field}", value)
    page.get_by_role("button", name=try_it, exact=True).click()
    page.wait_for_selector("#preview")
    picture(page, f"split-{language}")
    page.get_by_role("button", name=keep, exact=True).click()
    page.wait_for_selector("#lines")
    picture(page, f"plan-{language}")

    page = enter("mert", "/targets/plans/sales-2017/adjust?period=2017-Q3", **how)
    page.fill(f"[name='person:P-{north.people['Ayşe Yılmaz']}']", "170000")
    page.fill("#reason", "New accounts")
    page.check("[name=keep_sum]")
    picture(page, f"adjust-{language}")
    page.get_by_role("button", name=keep, exact=True).click()
    page.wait_for_selector("#lines")

    page = enter("holly", "/targets/plans/sales-2017", **how)
    page.get_by_role("button", name=approve, exact=True).click()
    page.wait_for_selector("#letters table")
    picture(page, f"approved-{language}")

    page = enter("ayse", "/targets/letters/sales-2017", **how)
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"letter-{language}")
    page.get_by_role("button", name=read, exact=True).click()
    page.wait_for_selector(f"#answer .tag:has-text('{done}')")
    page.goto("/targets")
    picture(page, f"plans-{language}")
    page.goto("/targets/scoreboard?period=2017-Q3&as_of=2017-07-31&by=person")
    picture(page, f"pace-{language}")
    assert "170" in page.inner_text("main")
