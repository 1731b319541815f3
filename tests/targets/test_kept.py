"""Kept answers: the same board for the next reader, and another one as soon as anything has changed."""

from dataclasses import replace
from datetime import date

import pytest

from hedef.records.services import change
from hedef.targets.queries import scoreboard
from hedef.targets.queries.kept import board_instant
from hedef.targets.queries.wide import wide
from tests.targets.pages import make_plan, visitor, words_of

DAY = date(2017, 8, 31)


@pytest.fixture
def east(company, settings):
    settings.HEDEF = replace(settings.HEDEF, today=DAY)
    company.team("East")
    company.person("Ada Lovelace", ("East", None, None))
    company.deal = company.won("Ada Lovelace", date(2017, 7, 14), 100_00)
    make_plan("sales-2017", "300000.00", weights="equal")
    return company


def test_a_changed_deal_is_on_every_board_at_the_next_look(east):
    client = visitor("defne", "operations")
    pages = ["/targets/scoreboard?period=2017-Q3", "/targets/scoreboard?period=2017-Q3&by=metrics", "/targets/tv"]
    assert all("$100" in words_of(client.get(page).text) for page in pages)

    from tests.targets.conftest import noon

    change(kind="deal", entity=east.deal, fields={"amount_minor": 250_00}, effective_us=noon(DAY), actor="test")
    assert all("$250" in words_of(client.get(page).text) for page in pages)


def test_a_changed_name_is_on_the_next_board(east):
    from tests.targets.conftest import noon

    client = visitor("defne", "operations")
    assert "Ada Lovelace" in client.get("/targets/scoreboard?period=2017-Q3").text
    person = east.people["Ada Lovelace"]
    change(kind="person", entity=person, fields={"name": "Ada King"}, effective_us=noon(DAY), actor="test")
    assert "Ada King" in client.get("/targets/scoreboard?period=2017-Q3").text


def test_a_kept_board_is_equal_to_a_fresh_one(east):
    from hedef.targets.queries import kept

    first = scoreboard(period="2017-Q3", as_of=DAY, by="person").as_json()
    again = scoreboard(period="2017-Q3", as_of=DAY, by="person").as_json()
    kept._kept.clear()
    fresh = scoreboard(period="2017-Q3", as_of=DAY, by="person").as_json()
    assert first == again == fresh


def test_two_looks_in_one_minute_ask_for_the_same_instant_and_an_asked_day_stays(east):
    from hedef.call import Call
    from hedef.settings import now

    call = Call(now=now())
    instant = board_instant(call)
    assert instant >= call.as_of_us
    assert instant - call.as_of_us <= 60_000_000
    assert call.calendar.day_of(instant) == call.as_of
    asked = Call(now=now(), as_of_text="2017-08-31")
    assert board_instant(asked) == asked.as_of_us


def test_many_metrics_are_the_same_as_one_after_the_other(east):
    from hedef.facts.queries import calendar

    period = calendar().period("2017-Q3")
    names = ["won_value", "won_deals", "win_rate", "average_deal", "new_deals"]
    together = wide(names, periods=[period], as_of=DAY)
    for name in names:
        alone = wide([name], periods=[period], as_of=DAY)
        for (metric, scope), cells in alone.cells.items():
            assert together.cells[metric, scope] == cells
