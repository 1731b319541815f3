"""From a CRM export to a true board, in a real Chromium: what a company does with Hedef on its first day.

Operations upload people and deals, answer a question, mend faulty rows, see the board move by exactly those rows, open
the number down to the deal behind it, move another deal, and see that too. In English and in Turkish.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from hedef.access.services import create_user
from hedef.records import queries as records
from hedef.targets.services import SplitOrder, publish_plan, split_plan

pytestmark = pytest.mark.browser

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "bosporus-wind"
PEOPLE = """\
sales_agent,manager,regional_office
Ann Bell,Mia Stone,East
Bob Hill,Mia Stone,East
Cem Ak,Kai Ruhi,West
"""
DEALS = """\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
D1,Ann Bell,,,Won,2026-01-05,05/02/2026,2000
D2,Bob Hill,,,Engaging,2026-01-06,10/03/2026,800
D3,Ann Bell,,,Winner,2026-01-07,06/02/2026,900.50
D4,Bob Hill,,,Won,2026-01-08,31/11/2026,700
D5,Cem Ak,,,Won,2026-01-09,08/02/2026,twelve hundred
"""
MENDED = {"deal_stage": "Won", "close_date": "07/02/2026", "close_value": "1200"}  # 900.50 + 700 + 1200 more won
WORDS = {
    "en": {
        "question": "does the day or the month come first?",
        "nothing": "Nothing is written yet.",
        "before": "$2,000.00",
        "mended": "$4,800.50",
        "moved": "$5,600.50",
        "fixed": "All 3 rows were taken.",
        "day": "7 Feb 2026",
    },
    "tr": {
        "question": "önce gün mü yazılmış, ay mı?",
        "nothing": "Henüz hiçbir şey yazılmadı.",
        "before": "$2.000,00",
        "mended": "$4.800,50",
        "moved": "$5.600,50",
        "fixed": "3 satır alındı.",
        "day": "07.02.2026",
    },
}


@pytest.fixture
def office(home, settings, tmp_path):
    """A new home on 2 March 2026, someone of operations, and two exports on their disk."""
    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 3, 2))
    create_user(username="defne", name="Defne Karaca", roles=["operations"], now=NOW, password=PASSWORD)
    files = SimpleNamespace(people=tmp_path / "people.csv", deals=tmp_path / "deals.csv")
    files.people.write_text(PEOPLE, encoding="utf-8")
    files.deals.write_text(DEALS, encoding="utf-8")
    return files


@pytest.fixture
def enter(office, visit):
    """`enter("defne")` is a page of a visitor who has signed in."""

    def sign_in(username, **how):
        page = visit("/sign-in/", **how)
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return sign_in


def upload(page, *files: Path):
    page.goto("/intake/")
    page.set_input_files("#files", [str(one) for one in files])
    page.click("form[action$='/upload'] button[type=submit]")
    page.wait_for_url("**/intake/uploads/*/")


def import_(page):
    page.click("button[name=import]")
    page.wait_for_url(re.compile("/intake/(imports/|$)"))


def plan():
    """Targets of the first quarter for everybody who was imported."""
    split_plan(SplitOrder(plan="sales-2026", period="2026-Q1", total="9000.00"), actor="local", as_of=date(2026, 3, 2))
    publish_plan(plan="sales-2026", actor="defne", may_approve=True)


def actual(page):
    """The company's won value of the quarter, to the last cent, with the drawer left open."""
    page.goto("/targets/scoreboard")
    page.locator("tr.is-company td a.why").nth(1).click()
    page.wait_for_selector("#why.open .big")
    return page.inner_text("#why .big")


def deal_of(key):
    return records.owner_keys("files", "deal")[key]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_from_a_crm_export_to_a_true_board_and_back_to_the_deal(office, enter, language):
    words = WORDS[language]
    page = enter("defne", language=language)
    upload(page, office.people)
    import_(page)
    plan()

    # the deals: a question, then the good rows
    upload(page, office.deals)
    assert words["nothing"] in page.inner_text(".lead-line")
    assert words["question"] in page.inner_text("#questions")
    assert page.is_disabled("button[name=import]")
    page.select_option("#questions select", "d/m")
    page.click("#questions button[type=submit]")
    page.wait_for_selector("button[name=import]:not([disabled])")
    import_(page)
    first = page.url
    assert page.locator("#rows tbody tr").count() == 3
    assert actual(page) == words["before"]

    # the faulty rows are mended on the page
    page.goto(first)
    for column, value in MENDED.items():
        page.locator("#rows .field", has_text=column).locator("input").fill(value)
    page.click("#rows button[type=submit]")
    page.wait_for_url(lambda url: url != first)
    assert words["fixed"] in page.inner_text(".toast")
    assert page.locator("#rows").count() == 0
    assert actual(page) == words["mended"]

    # the number is opened down to the deal that was mended
    d4 = deal_of("D4")
    assert page.locator("#why a[href*='/process/deals/D-']").count() == 4
    page.goto("/metrics/won_value/rows?period=2026-Q1")
    assert words["mended"] in page.inner_text(".lead-line")
    assert page.locator("main tbody tr").count() == 4
    page.click(f"main a[href*='/process/deals/D-{d4}']")
    page.wait_for_url(f"**/process/deals/D-{d4}*")
    assert words["day"] in page.inner_text("main")

    # an open deal is won on its own page, and the board says so
    page.goto(f"/process/deals/D-{deal_of('D2')}")
    page.select_option("#stage", "won")
    page.click("form[action$='/move'] button")
    page.wait_for_selector("#day")
    page.click("form[action$='/move'] button.primary")
    page.wait_for_url(f"**/process/deals/D-{deal_of('D2')}*")
    assert actual(page) == words["moved"]


@pytest.fixture
def imported(office, enter):
    """The people and good deals are in, with targets; the page of operations."""
    page = enter("defne")
    upload(page, office.people)
    import_(page)
    plan()
    upload(page, office.deals)
    page.select_option("#questions select", "d/m")
    page.click("#questions button[type=submit]")
    page.wait_for_selector("button[name=import]:not([disabled])")
    import_(page)
    return SimpleNamespace(page=page, job=page.url)


def every_page(imported):
    """One address of each page."""
    deal = deal_of("D1")
    return [
        "/targets/scoreboard",
        "/metrics/won_value/",
        "/metrics/won_value/rows?period=2026-Q1",
        "/process/deals",
        "/process/deals/list",
        f"/process/deals/D-{deal}",
        "/process/deals/new",
        "/intake/",
        imported.job,
        "/ledger/batches/",
        "/ledger/batches/B-1/",
    ]


@pytest.mark.parametrize("screen", ["390 light tr", "390 dark en", "1440 dark en"])
def test_every_page_fits_its_screen_in_both_themes(office, imported, enter, screen):
    wide, theme, language = screen.split()
    width = int(wide)
    page = enter("defne", width=width, theme=theme, language=language)
    upload(page, office.deals)
    for path in [page.url, *every_page(imported)]:
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 18, 22)"
        assert dark == (theme == "dark"), path


def test_a_rep_sees_the_own_line_the_totals_above_and_no_door_to_data(imported, enter):
    person = records.resolve("person", "Ann Bell")
    create_user(username="ann", name="Ann Bell", roles=["rep"], now=NOW, password=PASSWORD, person=person)
    page = enter("ann")
    page.goto("/targets/scoreboard")
    names = page.locator("#board tbody tr th").all_inner_texts()
    assert [one for one in ("Ann Bell", "Bob Hill", "Cem Ak") if any(one in name for name in names)] == ["Ann Bell"]
    assert page.locator("nav a[href='/intake/']").count() == 0
    assert page.goto(imported.job).status == 403
    assert page.goto(f"/process/deals/D-{deal_of('D2')}").status == 404
    assert page.goto(f"/process/deals/D-{deal_of('D1')}").status == 200


def test_the_keyboard_alone_mends_a_row(imported, enter):
    page = imported.page
    page.goto(imported.job)
    page.locator("#rows .field input").first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Won")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('#rows button[type=submit]')")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != imported.job)
    assert page.locator("#rows tbody tr").count() == 2


def test_without_script_a_file_comes_in_and_its_rows_are_mended(office, enter):
    page = enter("defne", script=False)
    upload(page, office.people, office.deals)
    page.select_option("#questions select", "d/m")
    page.click("#questions button[type=submit]")
    import_(page)
    page.click("main a[href^='/intake/imports/'] >> text=deals.csv")
    page.locator("#rows .field", has_text="close_value").locator("input").fill("1200")
    page.click("#rows button[type=submit]")
    assert "2" in page.inner_text(".lead-line")
    assert page.locator("#rows tbody tr").count() == 2
    page.goto("/targets/scoreboard")
    page.goto(f"/process/deals/D-{deal_of('D5')}")
    assert "$1,200.00" in page.inner_text("main")
