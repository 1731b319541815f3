"""Versions of the company's calendar: what they may say, and what the calendar table says of each day."""

from datetime import date

import polars as pl
import pytest

from hedef.definitions.services import add, approve
from hedef.facts.engine.calendar import FIRST, LAST, calendar_rows
from hedef.facts.queries import Question, ask, calendar, pin
from hedef.kernel.calendar import Calendar, in_turn
from hedef.kernel.errors import InvalidDocument

DAY = Question(
    "test/day",
    "SELECT c.day, c.week, c.iso_week, c.fiscal_month, c.quarter, c.half, c.year, c.week_index, c.quarter_index, "
    "c.work_halves FROM calendar c WHERE c.day = :day",
    params=("day",),
    tables=("calendar",),
)
BODY = {
    "kind": "calendar", "id": "company", "name": {"en": "Company calendar", "tr": "Şirket takvimi"},
    "owner": "operations", "country": "US", "time_zone": "UTC", "base_currency": "USD",
}  # fmt: skip


def put(**said):
    made = add(document=BODY | said, actor="test")
    return approve(kind="calendar", id="company", version=made.version, actor="test")


def day(text: str) -> dict:
    return ask(DAY, pin=pin(), params={"day": date.fromisoformat(text)}).as_dicts()[0]


def test_a_new_4_4_5_calendar_counts_from_its_day_and_old_days_keep_their_periods(home):
    put(effective_from="2018-01-01", weeks="4-4-5")
    old, new, week_53 = day("2017-12-31"), day("2018-04-02"), day("2021-01-02")
    assert [old[name] for name in ("week", "fiscal_month", "quarter", "year")] == [
        "2017-W52", "FY2017-P12", "2017-Q4", "2017",
    ]  # fmt: skip
    assert [new[name] for name in ("week", "fiscal_month", "quarter", "half")] == [
        "2018-W14", "FY2018-P04", "2018-Q2", "2018-H1",
    ]  # fmt: skip
    assert (week_53["week"], week_53["iso_week"], week_53["quarter"]) == ("2020-W53", "2020-W53", "2020-Q4")
    assert day("2018-01-01")["quarter_index"] == old["quarter_index"] + 1
    assert calendar().period("2018-Q1").end == date(2018, 4, 1)
    assert calendar().period("2017-Q4").end == date(2017, 12, 31)


def test_the_days_of_1900_and_2099_and_the_leap_days_are_there(home):
    assert (date(1900, 1, 1), date(2099, 12, 31)) == (FIRST, LAST)
    assert day("1900-01-02")["quarter"] == "1900-Q1"
    assert day("2099-12-31")["week"] == "2099-W53"
    assert day("2024-02-29")["work_halves"] == 2


def test_the_table_of_days_equals_the_calendar_day_by_day():
    both = in_turn([(date.min, Calendar()), (date(2025, 2, 1), Calendar(fiscal_start=2, country="TR"))])
    spring = pl.col("day").is_between(date(2025, 1, 1), date(2025, 4, 1))
    for row in calendar_rows(both).filter(spring).to_dicts():
        for kind in ("week", "month", "fiscal_month", "quarter", "half", "year"):
            assert row[kind] == both.period_of(row["day"], kind).id
        assert row["work_halves"] == both.half_days_of(row["day"])


def test_a_table_calendar_names_its_days_and_leaves_the_others_without_a_period(home):
    put(
        effective_from="2018-01-01",
        periods=[
            {"id": "fy18", "kind": "year", "start": "2018-01-01", "end": "2018-12-30"},
            {"id": "fy18-a", "kind": "half", "start": "2018-01-01", "end": "2018-07-01", "parent": "fy18"},
            {"id": "fy18-b", "kind": "half", "start": "2018-07-02", "end": "2018-12-30", "parent": "fy18"},
        ],
    )
    assert (day("2018-07-02")["half"], day("2018-07-02")["year"], day("2018-07-02")["quarter"]) == (
        "fy18-b", "fy18", "2018-Q3",
    )  # fmt: skip
    assert (day("2018-12-31")["year"], day("2017-12-31")["year"]) == (None, "2017")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"effective_from": "2018-05-01", "fiscal_start": 2}, "in the middle of its own year 2019"),
        ({"effective_from": "2018-01-01", "fiscal_start": 2, "year_named_by": "end"}, "in the middle of its own year"),
        ({"weeks": "iso", "week_starts": "sunday"}, "ISO weeks start on monday"),
        (
            {"periods": [
                {"id": "a", "kind": "half", "start": "2018-01-01", "end": "2018-07-01"},
                {"id": "b", "kind": "half", "start": "2018-07-01", "end": "2018-12-30"},
            ]},
            "row 2: b starts on 2018-07-01, but a ends only on 2018-07-01",
        ),
    ],
)  # fmt: skip
def test_a_calendar_that_would_move_or_confuse_periods_is_refused(home, said, sentence):
    with pytest.raises(InvalidDocument) as refused:
        put(**said)
    assert any(sentence in issue.message for issue in refused.value.issues)


def test_a_year_that_would_be_named_twice_is_refused_with_the_way_out(home):
    put(effective_from="2017-07-01", fiscal_start=7)
    assert calendar().period("2017").end == date(2017, 6, 30)  # the short year
    with pytest.raises(InvalidDocument, match="2019 would name two spans") as refused:
        put(effective_from="2019-01-01", fiscal_start=1)
    assert "year_named_by" in refused.value.issues[0].hint


def test_a_version_that_changes_only_its_holidays_cuts_no_period(home):
    put(effective_from="2018-05-15", country="TR")
    assert calendar().period("2018-Q2") == Calendar().period("2018-Q2")
    assert (day("2018-05-01")["work_halves"], day("2018-08-30")["work_halves"]) == (2, 0)
    assert day("2018-05-14")["quarter_index"] == day("2018-05-15")["quarter_index"]
