"""A KPI in a real browser: written in the form, mended at its line, simulated, approved by another, taken back."""

import re
from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user
from hedef.definitions.queries import get
from tests.metrics.test_editor import sold  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
PASSWORD = "bosporus-wind"
WORDS = {
    "en": {
        "mistake": "One mistake",
        "none": "No mistake",
        "place": r"line \d+, column \d+",
        "kept": "Version 1 is kept as a draft.",
        "passed": "3 of 3 cases passed",
        "second": "a second person approves it",
        "force": "Approved. It is in force.",
        "back": "says what was said before",
        "name": "Big wins",
    },
    "tr": {
        "mistake": "1 hata",
        "none": "Hata yok",
        "place": r"satır \d+, sütun \d+",
        "kept": "1. sürüm taslak olarak saklandı.",
        "passed": "3 örnekten 3 tanesi geçti",
        "second": "ikinci bir kişi onaylar",
        "force": "Onaylandı. Yürürlükte.",
        "back": "öncekinin söylediğini söylüyor",
        "name": "Büyük kazanımlar",
    },
}


def signed_in(visit, username: str, **more):
    page = visit("/definitions/", **more)
    page.fill('input[name="username"]', username)
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/definitions/")
    return page


def approved(page, said: str) -> None:
    """The second person reads what would change, then approves."""
    from playwright.sync_api import expect

    page.goto("/definitions/metric/big_wins")
    expect(page.locator("#ahead .tag").first).to_be_visible()
    page.click('button[value="approve"]')
    expect(page.locator("body")).to_contain_text(said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_metric_goes_from_the_form_to_its_page_and_back(visit, sold, language):  # noqa: F811
    from playwright.sync_api import expect

    words = WORDS[language]
    for username in ("defne", "selin"):
        create_user(username=username, name=username.title(), roles=["operations"], now=NOW, password=PASSWORD)

    page = signed_in(visit, "defne", language=language)
    page.goto("/definitions/metric/new")
    page.fill("#f-id", "big_wins")
    page.fill("#f-name-en", "Big wins")
    page.fill("#f-name-tr", "Büyük kazanımlar")
    text = page.locator("#text")
    expect(text).to_have_value(re.compile(r"name: \{en: Big wins, tr: Büyük kazanımlar\}"))
    expect(text).to_have_value(re.compile("# what proves it"))

    page.fill("#f-fact-value", "sign * amont")
    expect(page.locator("#look")).to_contain_text(words["mistake"])
    expect(page.locator("#faults a").first).to_have_text(re.compile(words["place"]))
    expect(page.locator("#gutter .bad")).to_have_count(1)
    expect(page.locator("#slot-fact-value")).to_contain_text("amont")

    text.fill(text.input_value().replace("sign * amont", "sign"))
    expect(page.locator("#look")).to_contain_text(words["none"])
    expect(page.locator("#f-fact-value")).to_have_value("sign")
    expect(page.locator("#preview")).to_contain_text("2026-Q4")

    page.click('.page-head button[value="save"]')
    expect(page.locator("body")).to_contain_text(words["kept"])
    page.click('button[value="simulate"]')
    expect(page.locator("#ahead")).to_contain_text(words["passed"])
    expect(page.locator("#next")).to_contain_text(words["second"])
    expect(page.locator('button[value="approve"]')).to_be_disabled()

    other = signed_in(visit, "selin", language=language)
    approved(other, words["force"])
    assert get("metric", "big_wins").state == "effective"
    other.goto("/metrics/big_wins/?period=2026-Q4&as_of=2026-11-17")
    expect(other.locator("h1")).to_have_text(words["name"])
    expect(other.locator(".lead-line")).to_contain_text("2")

    page.goto("/definitions/metric/big_wins/edit")
    page.fill("#f-fact-when", "outcome in ('won', 'lost')")
    expect(page.locator("#cases .bad").first).to_be_visible()  # its own case says that lost ones do not count
    text = page.locator("#text")
    text.fill(text.input_value().replace("expect: 1", "expect: 2"))
    expect(page.locator("#cases .bad")).to_have_count(0)
    page.click('.page-head button[value="save"]')
    page.click('button[value="simulate"]')
    expect(page.locator("#ahead")).to_contain_text(words["passed"])
    approved(other, words["force"])
    page.goto("/definitions/metric/big_wins")
    page.fill("#why-undo", "counts too much")
    page.click('button[value="undo"]')
    expect(page.locator("body")).to_contain_text(words["back"])
    assert get("metric", "big_wins").body["fact"]["when"] == "outcome = 'won'"
