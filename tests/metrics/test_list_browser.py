"""The list of metrics and the page of one in a real browser, wide and narrow, in both languages, and without script."""

from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user
from tests.metrics.test_pages import sold  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

ABOUT = "period=2017-Q3&as_of=2017-08-31"
PASSWORD = "bosporus-wind"
WORDS = {"en": ("Not measured yet", "Why did it change?"), "tr": ("Henüz ölçülmüyor", "Neden değişti?")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width", "script"), [("en", 1440, True), ("tr", 390, True), ("tr", 1440, False)])
def test_the_list_leads_to_a_number_and_its_change(visit, sold, tmp_path, language, width, script):  # noqa: F811
    from playwright.sync_api import expect

    now = datetime(2026, 11, 17, 18, tzinfo=UTC)
    create_user(username="defne", name="Defne", roles=["operations"], now=now, password=PASSWORD)
    page = visit(f"/metrics/?{ABOUT}", language=language, width=width, script=script)
    page.fill('input[name="username"]', "defne")
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    unmeasured, change = WORDS[language]
    expect(page.locator("details.card summary").last).to_contain_text(unmeasured)
    page.locator("details.card summary").last.click()
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
    page.screenshot(path=tmp_path / "list.png", full_page=True)

    page.locator('a[href^="/metrics/won_value/?"]').first.click()
    expect(page.locator("#main")).to_contain_text(change)
    assert page.evaluate(fits)
    page.screenshot(path=tmp_path / "metric.png", full_page=True)
