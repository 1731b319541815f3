"""Kept answers: the same board for the next reader, and another one as soon as anything has changed."""

import json
from dataclasses import replace
from datetime import date

import pytest

from hedef.definitions.queries import in_place, versions
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


def test_what_is_computed_while_a_draft_is_tried_is_kept_for_nobody(east):
    won = [one for one in versions("metric", "won_value") if one.approver][-1]
    body = won.body
    body["fact"]["value"] += " * 2"
    twice = replace(won, text=json.dumps(body))
    ask = {"period": "2017-Q3", "as_of": DAY, "by": "company"}
    with in_place(twice):
        assert scoreboard(**ask).total.standing.actual == 200_00
    assert scoreboard(**ask).total.standing.actual == 100_00
    with in_place(twice):
        assert scoreboard(**ask).total.standing.actual == 200_00


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


def test_the_text_of_a_board_is_that_of_its_json_for_every_level_and_reader(east):
    import json

    from hedef.kernel.scope import EVERYTHING, Scope
    from hedef.targets.queries.text import scoreboard_text
    from hedef.targets.queries.wide import with_metrics

    ada = Scope(everything=False, people=frozenset({east.people["Ada Lovelace"]}))
    for scope in (EVERYTHING, ada):
        for by in ("company", "team", "person", "tree"):
            for metrics in ([], ["won_value", "win_rate", "open_deals"]):
                asked = {"period": "2017-Q3", "as_of": east_end(), "by": by, "scope": scope}
                plain = with_metrics(scoreboard(**asked), metrics, scope=scope)
                told = [scoreboard_text(metrics, **asked) for _ in range(2)]
                assert told == [json.dumps(plain.as_json())] * 2


def east_end() -> int:
    from hedef.facts.queries import calendar

    return calendar().end_us(DAY)


def test_no_kept_text_holds_a_name(east):
    from hedef.targets.queries import kept
    from hedef.targets.queries.text import Text, scoreboard_text

    assert "Ada Lovelace" in scoreboard_text(["won_value"], period="2017-Q3", as_of=east_end(), by="person")
    texts = [one for _, one in kept._kept.values() if isinstance(one, Text)]
    assert texts
    assert not any("Ada" in part for one in texts for part in one.parts)
