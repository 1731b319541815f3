"""People look at their boards in a real browser, in both languages: Performance, my page, the screen on the wall."""

from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user
from tests.targets.pages import make_plan

pytestmark = pytest.mark.browser
BOARD = "/targets/scoreboard?period=2017-Q3&as_of=2017-08-31"
NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
WORDS = {
    "en": {"all": "All metrics", "person": "By person", "goals": "My goals", "of": "of $3.30M", "metrics": "Metrics"},
    "tr-TR": {
        "all": "Bütün ölçütler",
        "person": "Kişiye göre",
        "goals": "Hedeflerim",
        "of": "hedef $3,30 Mn",
        "metrics": "Ölçütler",
    },
}


@pytest.fixture
def worked(maven):
    make_plan()
    create_user(username="defne", name="Defne Karaca", roles=["operations"], now=NOW, password="bosporus-wind")
    create_user(
        username="darcel",
        name="Darcel Schlecht",
        roles=["rep"],
        now=NOW,
        person=maven.people["Darcel Schlecht"],
        password="bosporus-wind",
    )
    return maven


def sign_in(page, name: str, waits_for: str) -> None:
    page.fill("#username", name)
    page.fill("#password", "bosporus-wind")
    page.press("#password", "Enter")
    page.wait_for_selector(waits_for)


@pytest.mark.parametrize("language", list(WORDS))
def test_all_metrics_of_the_board_are_chosen_and_each_has_its_reason(worked, visit, language):
    page = visit(BOARD, language=language)
    sign_in(page, "defne", "#board")
    page.click(f"#board .seg a:text-is('{WORDS[language]['all']}')")
    page.wait_for_selector("#board table.roomy")
    page.click(f"summary:has-text('{WORDS[language]['metrics']}')")
    for box in page.query_selector_all("input[name=metrics]:checked")[2:]:
        box.uncheck()
    page.click(".menu[open] button.primary")
    page.wait_for_load_state("networkidle")
    assert len(page.query_selector_all("#board thead th")) == 3
    page.click("#company td a.why")
    page.wait_for_selector("#why.open .trace")


@pytest.mark.parametrize("language", list(WORDS))
def test_a_rep_reads_the_own_page_and_opens_a_reason(worked, visit, language):
    page = visit("/targets/me?as_of=2017-08-31", language=language)
    sign_in(page, "darcel", "#goals")
    assert WORDS[language]["goals"] in page.inner_text("#goals")
    page.click("#goal-quarter a.why")
    page.wait_for_selector("#why.open .trace .sum")


@pytest.mark.parametrize("language", list(WORDS))
def test_the_screen_goes_on_by_itself_without_a_fault(worked, visit, language):
    page = visit("/targets/tv?period=2017-Q3&as_of=2017-08-31&seconds=5", language=language, theme="dark")
    sign_in(page, "defne", "#screen h1")
    first = page.inner_text("#screen .tv-place")
    page.wait_for_function("was => document.querySelector('.tv-place').innerText !== was", arg=first, timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


@pytest.mark.parametrize("path", ["/targets/me?as_of=2017-08-31", f"{BOARD}&by=metrics", f"{BOARD}&by=person"])
@pytest.mark.parametrize("language", list(WORDS))
def test_on_a_phone_nothing_is_wider_than_the_screen(worked, visit, path, language):
    page = visit(path, width=390, theme="dark", language=language)
    sign_in(page, "darcel", "main#main .kpi")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
