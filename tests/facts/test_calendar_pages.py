"""The page of the company's calendar: a year's periods, a draft of the next version, the second person's yes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.test import Client

from hedef.access.services import create_user
from hedef.facts.queries import calendar

NOW = datetime(2026, 6, 20, 9, tzinfo=UTC)
BODY = {
    "effective_from": "2027-01-01", "country": "us", "time_zone": "UTC", "base_currency": "USD", "weeks": "4-4-5",
    "week_starts": "monday", "year_end": "nearest", "year_named_by": "end", "fiscal_start": "1", "long_month": "12",
    "half_holidays": "1", "periods": "", "reason": "we close 4-4-5",
}  # fmt: skip


@pytest.fixture
def enter(home, settings):
    settings.HEDEF = replace(settings.HEDEF, today=date(2026, 6, 20))
    users = {}
    for name, role in (("olga", "operations"), ("fin", "finance"), ("rep", "rep")):
        users[name] = create_user(username=name, name=name.title(), roles=[role], now=NOW)

    def open_as(username: str) -> Client:
        client = Client()
        client.force_login(users[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_as


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def test_a_year_is_shown_with_the_days_and_working_days_of_its_periods(enter):
    page = text_of(enter("fin").get("/facts/calendars/?year=2017"))
    for words in ("Q3 2017", "1 Jul 2017", "30 Sep 2017", "July 2017", ">63<"):
        assert words in page
    assert "?year=2016" in page
    assert enter("fin").get("/facts/calendars/?year=2017-Q3").status_code == 400
    assert enter("rep").get("/facts/calendars/").status_code == 403


def test_the_next_version_is_a_draft_until_a_second_person_approves_it(enter):
    olga = enter("olga")
    page = text_of(olga.post("/facts/calendars/propose", BODY, follow=True))
    assert "Version 2 waits for its approval." in page
    assert "4-4-5" in page
    assert "4 Apr 2027" in page  # the last day of the draft's first quarter
    assert calendar().period("2027-Q1").start == date(2027, 1, 1)
    refused = olga.post("/facts/calendars/2/approve")
    assert (refused.status_code, "a second person approves it" in text_of(refused)) == (409, True)
    done = text_of(enter("fin").post("/facts/calendars/2/approve", follow=True))
    assert "Version 2 counts from 1 Jan 2027 on." in done
    assert calendar().period("2027-Q1").end == date(2027, 4, 4)
    assert calendar().period("2026-Q4").end == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"effective_from": ""}, "Say from which day it counts."),
        ({"effective_from": "2027-03-01"}, "in the middle of its own year"),
        ({"reason": ""}, "Say why"),
        ({"country": "XX"}, 'no holidays are known for the country "XX"'),
        ({"periods": "fy27 year 2027-01-04"}, "Line 1 of the table"),
        ({"periods": "a half 2027-01-04 2027-06-27\nb half 2027-06-30 2028-01-02"}, "are in no half"),
    ],
)
def test_a_calendar_that_cannot_be_comes_back_with_a_sentence_and_what_was_typed(enter, change, sentence):
    answer = enter("olga").post("/facts/calendars/propose", BODY | change)
    page = text_of(answer)
    assert answer.status_code in (400, 422)
    assert sentence in page
    assert 'value="4-4-5" selected' in page


def test_a_draft_is_withdrawn(enter):
    olga = enter("olga")
    olga.post("/facts/calendars/propose", BODY)
    assert "The draft is withdrawn." in text_of(olga.post("/facts/calendars/2/withdraw", follow=True))
    assert olga.post("/facts/calendars/1/withdraw").status_code == 404
    assert enter("fin").post("/facts/calendars/propose", BODY).status_code == 403
