"""The screen on a wall: one scope after the other, with the rights of whoever opened it."""

import re
from html import unescape

import pytest
from django.test import Client

from hedef.access.models import User
from tests.targets.pages import make_plan, visitor, words_of

ASKED = "period=2017-Q3&as_of=2017-08-31"


@pytest.fixture
def worked(maven):
    make_plan()
    return maven


def test_slides_go_from_the_company_to_each_team_and_round_again(worked):
    defne = visitor("defne", "operations")
    titles = [
        re.search(r"<h1>(.*?)</h1>", defne.get(f"/targets/tv?{ASKED}&slide={number}").text)[1] for number in range(8)
    ]
    assert titles == ["Company", "Brinkmann", "Marxen", "Losch", "Neubert", "Rouche", "Sewald", "Company"]
    words = words_of(defne.get(f"/targets/tv?{ASKED}&slide=0").text)
    assert "$1.75M of $3.30M" in words
    assert "Central $667k 65.1%" in words


def test_the_page_asks_again_by_itself_with_and_without_script(worked):
    page = visitor("defne", "operations").get(f"/targets/tv?{ASKED}&seconds=30").text
    assert 'hx-trigger="every 30s"' in page
    assert '<noscript><meta http-equiv="refresh" content="30;url=/targets/tv?' in page
    part = visitor("ayca", "operations").get(f"/targets/tv?{ASKED}", headers={"HX-Request": "true"}).text
    assert "<html" not in part


def test_a_rep_sees_totals_and_the_own_line_on_the_screen(worked):
    darcel = visitor("darcel", "rep", person=worked.people["Darcel Schlecht"])
    every = " ".join(words_of(darcel.get(f"/targets/tv?{ASKED}&slide={number}").text) for number in range(4))
    assert "Darcel Schlecht" in every
    assert "Gladys Colclough" not in every


def test_a_signed_out_screen_is_sent_to_the_door(worked):
    assert Client().get(f"/targets/tv?{ASKED}").url.startswith("/sign-in/?next=")


def test_a_link_for_a_screen_shows_what_its_maker_sees_until_the_maker_is_closed(worked):
    darcel = visitor("darcel", "rep", person=worked.people["Darcel Schlecht"])
    page = darcel.post("/targets/tv/link").text
    address = unescape(re.search(r'value="(http[^"]+)"', page)[1]).partition("testserver")[2]

    screen = Client()
    shown = screen.get(f"{address}&{ASKED}&slide=1")
    assert shown.status_code == 200
    assert "Darcel Schlecht" in shown.text
    assert "Gladys Colclough" not in shown.text
    assert screen.get("/targets/scoreboard").status_code == 302  # it opens the screen alone
    User.objects.filter(username="darcel").update(is_active=False)
    assert screen.get(f"{address}&{ASKED}").status_code == 403
    assert screen.get("/targets/tv?key=guessed").status_code == 403


def test_a_home_without_targets_says_so_and_looks_again(home):
    page = visitor("defne", "operations").get("/targets/tv")
    assert "No targets to show" in words_of(page.text)
    assert 'hx-trigger="every 60s"' in page.text
