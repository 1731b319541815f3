"""A person reads the board in a real browser: another period, a reason, the deals of a row, a folded team, a phone."""

from datetime import UTC, date, datetime

import pytest

from hedef.access.services import create_user
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan

pytestmark = pytest.mark.browser
BOARD = "/targets/scoreboard?period=2017-Q3&as_of=2017-08-31"


@pytest.fixture
def worked(maven):
    order = SplitOrder(
        plan="sales-2017",
        period="2017-Q3",
        total="3300000.00",
        weights="won_value@2017-Q2",
        round_to="1000.00",
        options=PlanOptions(metric="won_value"),
    )
    split_plan(order, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)
    now = datetime(2026, 11, 17, 18, tzinfo=UTC)
    create_user(username="defne", name="Defne Karaca", roles=["operations"], now=now, password="bosporus-wind")
    return maven


def sign_in(page):
    page.fill("#username", "defne")
    page.fill("#password", "bosporus-wind")
    page.press("#password", "Enter")
    page.wait_for_selector("#board")


def test_a_reason_opens_beside_the_board_and_closes_with_escape(worked, visit):
    page = visit(BOARD)
    sign_in(page)
    with page.expect_response("**/targets/why?**"):
        page.click("#company td:nth-of-type(2) a.why")
    page.wait_for_selector("#why.open .trace .sum")
    assert "$1,746,991.00" in page.inner_text("#why")
    page.keyboard.press("Escape")
    assert not page.is_visible("#why")
    assert page.evaluate("document.activeElement.className") == "why"


def test_a_name_opens_its_deals_a_twist_folds_a_team_and_the_address_can_be_shared(worked, visit):
    page = visit(BOARD)
    sign_in(page)
    darcel = f"person-P-{worked.people['Darcel Schlecht']}"
    page.click(f"#{darcel}-open")
    page.wait_for_selector(f"#{darcel}-detail")
    assert "Won, " in page.inner_text(f"#{darcel}-detail")
    assert f"open=person%3AP-{worked.people['Darcel Schlecht']}" in page.url
    page.click(f"#team-T-{worked.teams['Marxen']} .twist")
    assert not page.is_visible(f"#{darcel}")
    assert not page.is_visible(f"#{darcel}-detail")
    page.reload()
    assert page.is_visible(f"#{darcel}-detail")
    page.click(f"#{darcel}-open")
    page.wait_for_selector(f"#{darcel}-detail", state="detached")


def test_another_kind_of_period_changes_the_page_and_its_bar(worked, visit):
    page = visit(BOARD)
    sign_in(page)
    page.click("#controls .seg a:text-is('Month')")
    page.wait_for_selector("#controls .stepper strong:text-is('August 2017')")
    assert "period=2017-08" in page.url
    assert "of the target of $1.20M" in page.inner_text(".lead-line")
    page.click("#controls .stepper a:first-child")
    page.wait_for_load_state()
    assert "period=2017-07" in page.url


@pytest.mark.parametrize("language", ["en", "tr-TR"])
def test_on_a_phone_the_board_is_not_wider_than_the_screen(worked, visit, language):
    page = visit(BOARD, width=390, theme="dark", language=language)
    sign_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("(box => box.scrollWidth - box.clientWidth)(document.querySelector('#board .scroll'))") <= 0
