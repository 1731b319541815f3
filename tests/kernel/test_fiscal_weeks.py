"""Years of whole weeks (4-4-5 and its sisters), tables of periods, and calendars that follow each other."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar, Period, TableRow, in_turn

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
WEEKS = Calendar(weeks="4-4-5")  # weeks from Monday, the year ends on the Sunday nearest to 31 December
RETAIL = Calendar(weeks="4-5-4", fiscal_start=2, week_starts=7, year_named_by="start")  # as the NRF publishes it
SEPTEMBER = Calendar(weeks="4-4-5", fiscal_start=10, week_starts=7, year_end="last", long_month=3)


def span(calendar: Calendar, name: str) -> tuple[str, str]:
    found = calendar.period(name)
    assert found == calendar.period_of(found.start, found.kind) == calendar.period_of(found.end, found.kind)
    return found.start.isoformat(), found.end.isoformat()


def test_a_4_4_5_quarter_has_13_weeks_in_months_of_4_4_and_5():
    assert span(WEEKS, "2017") == ("2017-01-02", "2017-12-31")
    assert span(WEEKS, "2017-Q3") == ("2017-07-03", "2017-10-01")
    assert [span(WEEKS, f"FY2017-P0{month}") for month in (7, 8, 9)] == [
        ("2017-07-03", "2017-07-30"),
        ("2017-07-31", "2017-08-27"),
        ("2017-08-28", "2017-10-01"),
    ]
    assert span(WEEKS, "2017-W27") == ("2017-07-03", "2017-07-09")
    assert span(WEEKS, "2017-07") == ("2017-07-01", "2017-07-31")
    assert [one.id for one in WEEKS.months(WEEKS.period("Q3 2017"))] == ["FY2017-P07", "FY2017-P08", "FY2017-P09"]


def test_week_53_of_a_4_4_5_year_belongs_to_its_last_month_quarter_and_half():
    assert span(WEEKS, "2015") == ("2014-12-29", "2016-01-03")
    assert span(WEEKS, "2015-W53") == ("2015-12-28", "2016-01-03")
    assert span(WEEKS, "FY2015-P12") == ("2015-11-23", "2016-01-03")  # six weeks
    assert span(WEEKS, "2015-Q4") == ("2015-09-28", "2016-01-03")
    assert span(WEEKS, "2015-H2") == ("2015-06-29", "2016-01-03")
    assert WEEKS.year_before(WEEKS.period("2015-W53")).id == "2014-W52"
    with pytest.raises(ValueError, match="the fiscal year 2017 has 52 weeks, so there is no 2017-W53"):
        WEEKS.period("2017-W53")


def test_the_retail_calendar_starts_in_february_and_is_the_published_one():
    assert span(RETAIL, "2023") == ("2023-01-29", "2024-02-03")  # 53 weeks, as in 2017 and 2012
    assert span(RETAIL, "2024") == ("2024-02-04", "2025-02-01")
    assert span(RETAIL, "2017") == ("2017-01-29", "2018-02-03")
    assert span(RETAIL, "2012") == ("2012-01-29", "2013-02-02")
    assert [span(RETAIL, f"FY2024-P0{month}") for month in (1, 2, 3)] == [
        ("2024-02-04", "2024-03-02"),  # holds 29 February
        ("2024-03-03", "2024-04-06"),
        ("2024-04-07", "2024-05-04"),
    ]
    assert span(RETAIL, "FY2023-P12") == ("2023-12-31", "2024-02-03")  # five weeks instead of four


def test_a_year_that_ends_on_the_last_saturday_of_september_takes_week_53_in_its_first_quarter():
    assert span(SEPTEMBER, "2022") == ("2021-09-26", "2022-09-24")
    assert span(SEPTEMBER, "2023") == ("2022-09-25", "2023-09-30")
    assert span(SEPTEMBER, "2023-Q1") == ("2022-09-25", "2022-12-31")  # 14 weeks
    assert span(SEPTEMBER, "2023-Q2") == ("2023-01-01", "2023-04-01")
    assert span(SEPTEMBER, "FY2023-P03") == ("2022-11-20", "2022-12-31")


def test_a_fiscal_year_starting_in_february_holds_the_leap_day_in_its_first_month():
    february = Calendar(fiscal_start=2)
    assert span(february, "2025") == ("2024-02-01", "2025-01-31")
    assert span(february, "FY2025-P01") == ("2024-02-01", "2024-02-29")
    assert span(february, "2025-Q1") == ("2024-02-01", "2024-04-30")
    named_by_start = Calendar(fiscal_start=2, year_named_by="start")
    assert span(named_by_start, "2024-Q1") == ("2024-02-01", "2024-04-30")
    assert february.period_of(date(2024, 2, 29), "month").id == "2024-02"
    assert february.year_before(february.period("FY2025-P01")).end == date(2023, 2, 28)


@pytest.mark.parametrize("calendar", [Calendar(), Calendar(fiscal_start=2), WEEKS, RETAIL, SEPTEMBER])
@pytest.mark.parametrize("year", [1900, 2099])
def test_the_years_1900_and_2099_have_all_their_periods(calendar, year):
    whole = calendar.period(str(year))
    for kind in ("half", "quarter", "fiscal_month"):
        parts = calendar.parts(whole, kind)
        assert [parts[0].start, parts[-1].end] == [whole.start, whole.end]
    assert calendar.working_half_days(date(year, 1, 1), date(year, 12, 31)) > 480


@given(DAYS)
def test_weeks_that_end_nearest_to_new_year_on_sundays_are_the_iso_weeks(day):
    year, week, _ = day.isocalendar()
    assert WEEKS.period_of(day, "week").id == f"{year}-W{week:02d}"
    assert WEEKS.period_of(day, "week").start == date.fromisocalendar(year, week, 1)


CALENDARS = st.builds(
    Calendar,
    weeks=st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]),
    fiscal_start=st.integers(1, 12),
    week_starts=st.integers(1, 7),
    year_end=st.sampled_from(["nearest", "last"]),
    year_named_by=st.sampled_from(["end", "start"]),
    long_month=st.integers(1, 12),
)


@given(CALENDARS, DAYS, st.sampled_from(["year", "half", "quarter", "fiscal_month", "week"]))
def test_every_day_of_a_year_of_weeks_lies_in_the_period_that_bears_its_name(calendar, day, kind):
    found = calendar.period_of(day, kind)
    assert found.covers(day)
    assert found.days % 7 == 0
    assert found.start.isoweekday() == calendar.week_starts
    assert calendar.period(found.id) == found
    assert calendar.next(found).start == found.end + timedelta(days=1)
    assert calendar.previous(calendar.next(found)) == found
    assert calendar.period_of(day, "year").days in {364, 371}


@given(CALENDARS, DAYS, st.sampled_from([("year", "half"), ("year", "week"), ("half", "quarter"), ("quarter", "week")]))
def test_parts_of_a_year_of_weeks_fill_it(calendar, day, kinds):
    whole = calendar.period_of(day, kinds[0])
    parts = calendar.parts(whole, kinds[1])
    assert [parts[0].start, parts[-1].end] == [whole.start, whole.end]
    assert sum(part.days for part in parts) == whole.days
    assert sum(part.days for part in calendar.months(whole)) == whole.days


@pytest.mark.parametrize("kind", ["year", "half", "quarter", "month", "week", "fiscal_month"])
@pytest.mark.parametrize("calendar", [WEEKS, RETAIL, SEPTEMBER])
def test_never_and_always_have_their_periods_in_a_year_of_weeks_too(calendar, kind):
    for day in (date.min, date.max):
        assert calendar.period_of(day, kind).covers(day)


# --- tables


def row(name: str, kind: str, start: str, end: str, parent: str | None = None) -> TableRow:
    return TableRow(Period(name, kind, date.fromisoformat(start), date.fromisoformat(end)), parent)


DRIFT = (
    row("fy12", "year", "2011-05-31", "2012-05-29"),
    row("fy12-a", "half", "2011-05-31", "2011-11-30", "fy12"),
    row("fy12-b", "half", "2011-12-01", "2012-05-29", "fy12"),
    row("fy13", "year", "2012-05-30", "2013-05-29"),
    row("fy13-a", "half", "2012-05-30", "2012-11-29", "fy13"),
    row("fy13-b", "half", "2012-11-30", "2013-05-29", "fy13"),
)


def test_a_table_says_its_periods_one_by_one_and_leaves_the_others_as_they_are():
    calendar = Calendar(table=DRIFT)
    assert span(calendar, "FY12-A") == ("2011-05-31", "2011-11-30")
    assert calendar.period_of(date(2012, 5, 29), "year").id == "fy12"
    assert calendar.next(calendar.period("fy12-b")).id == "fy13-a"
    assert [one.id for one in calendar.parts(calendar.period("fy13"), "half")] == ["fy13-a", "fy13-b"]
    assert calendar.year_before(calendar.period("fy13-b")).id == "fy12-b"
    assert span(calendar, "2012-02") == ("2012-02-01", "2012-02-29")
    months = calendar.months(calendar.period("fy12-a"))
    assert [months[0].start, months[-1].end, len(months)] == [date(2011, 5, 31), date(2011, 11, 30), 7]


def test_a_table_may_use_the_common_names():
    calendar = Calendar(table=(row("2017-Q1", "quarter", "2017-01-01", "2017-03-26"),))
    assert span(calendar, "Q1 2017") == ("2017-01-01", "2017-03-26")
    with pytest.raises(ValueError, match="the calendar's table has no quarter 2017-Q2; it goes from 2017-Q1 to"):
        calendar.period("2017-Q2")


def test_a_day_outside_of_the_table_is_said_so():
    with pytest.raises(ValueError, match="no half on 2014-01-01: it speaks for 2011-05-31 to 2013-05-29"):
        Calendar(table=DRIFT).period_of(date(2014, 1, 1), "half")
    with pytest.raises(ValueError, match="no year on 2013-05-30"):
        Calendar(table=DRIFT).next(Calendar(table=DRIFT).period("fy13"))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([row("a", "month", "2017-01-01", "2016-12-31")], "a ends on 2016-12-31, before it starts on 2017-01-01"),
        ([row("a", "month", "2017-01-01", "2017-01-31")] * 2, "a stands twice in the table"),
        (
            [row("a", "month", "2017-01-01", "2017-01-31"), row("b", "month", "2017-01-31", "2017-02-28")],
            "b starts on 2017-01-31, but a ends only on 2017-01-31",
        ),
        (
            [row("a", "month", "2017-01-01", "2017-01-31"), row("b", "month", "2017-02-03", "2017-02-28")],
            "between a and b the days 2017-02-01 to 2017-02-02 are in no month",
        ),
        ([row("a", "month", "2017-01-01", "2017-01-31", "q")], "a stands in q, which is not in the table"),
        (
            [row("q", "quarter", "2017-01-01", "2017-03-31"), row("a", "month", "2017-01-01", "2017-04-01", "q")],
            "a sticks out of q, which runs 2017-01-01 to 2017-03-31",
        ),
        (
            [row("q", "quarter", "2017-01-01", "2017-03-31"), row("a", "month", "2017-01-01", "2017-01-31", "q")],
            "the month periods of q do not fill it: they run 2017-01-01 to 2017-01-31",
        ),
        (
            [row("q", "month", "2017-01-01", "2017-01-31"), row("a", "quarter", "2017-01-01", "2017-01-31", "q")],
            "a is a quarter and cannot be part of q, a month",
        ),
        ([row("2017-Q1", "month", "2017-01-01", "2017-01-31")], "2017-Q1 is the name of a quarter"),
        ([row("2017-W1", "week", "2017-01-02", "2017-01-08")], "write 2017-W01 instead of 2017-W1"),
    ],
)
def test_gaps_overlaps_and_strangers_in_a_table_are_said(rows, sentence):
    with pytest.raises(ValueError, match=sentence):
        Calendar(table=tuple(rows))


# --- one calendar after another

CHANGED = in_turn([(date.min, Calendar()), (date(2025, 2, 1), Calendar(fiscal_start=2))])


def test_periods_before_a_new_calendar_keep_their_days_and_the_last_one_is_cut():
    assert span(CHANGED, "2024-Q4") == ("2024-10-01", "2024-12-31")
    assert span(CHANGED, "2024") == ("2024-01-01", "2024-12-31")
    assert span(CHANGED, "2025") == ("2025-01-01", "2025-01-31")  # the short year between them
    assert span(CHANGED, "2026") == ("2025-02-01", "2026-01-31")
    assert span(CHANGED, "2026-Q1") == ("2025-02-01", "2025-04-30")
    assert CHANGED.next(CHANGED.period("2025")).id == "2026"
    assert CHANGED.previous(CHANGED.period("2026-Q1")) == CHANGED.period("2025-Q1")


def test_a_comparison_across_a_change_of_the_calendar_is_refused_not_bent():
    with pytest.raises(ValueError, match="the calendar changed on 2025-02-01: 2026 has nothing like it"):
        CHANGED.year_before(CHANGED.period("2026"))
    assert CHANGED.year_before(CHANGED.period("2027")).id == "2026"
    assert CHANGED.year_before(CHANGED.period("2024")).id == "2023"
    assert CHANGED.year_before(CHANGED.period("2025-02")).id == "2024-02"


def test_a_new_calendar_of_the_same_shape_cuts_nothing_and_counts_its_holidays_from_its_day():
    moved = in_turn([(date.min, Calendar(country="US")), (date(2026, 10, 15), Calendar(country="TR"))])
    assert span(moved, "2026-Q4") == ("2026-10-01", "2026-12-31")
    assert moved.year_before(moved.period("2026-Q4")).id == "2025-Q4"
    assert moved.half_days_of(date(2026, 10, 12)) == 0  # Columbus Day
    assert moved.half_days_of(date(2026, 10, 29)) == 0  # Cumhuriyet Bayramı
    october = moved.working_half_days(date(2026, 10, 1), date(2026, 10, 31))
    assert october == sum(moved.half_days_of(date(2026, 10, day)) for day in range(1, 32))


def test_from_months_to_weeks_at_new_year_without_a_short_period():
    calendar = in_turn([(date.min, Calendar()), (date(2018, 1, 1), Calendar(weeks="4-4-5"))])
    assert span(calendar, "2017-Q4") == ("2017-10-01", "2017-12-31")
    assert span(calendar, "2018-Q1") == ("2018-01-01", "2018-04-01")
    assert calendar.parts(calendar.period("2017-Q4"), "week")[-1].id == "2017-W52"


def test_days_before_the_first_week_of_a_year_of_weeks_join_its_first_periods():
    calendar = in_turn([(date.min, Calendar()), (date(2027, 1, 1), Calendar(weeks="4-4-5"))])
    assert span(calendar, "2026") == ("2026-01-01", "2026-12-31")
    assert span(calendar, "2027") == ("2027-01-01", "2028-01-02")  # its own weeks begin on 4 January
    assert span(calendar, "2027-Q1") == ("2027-01-01", "2027-04-04")
    assert span(calendar, "FY2027-P01") == ("2027-01-01", "2027-01-31")
    assert span(calendar, "2026-W53") == ("2026-12-28", "2027-01-03")  # the same week in both
    assert span(calendar, "2027-W01") == ("2027-01-04", "2027-01-10")
    assert calendar.previous(calendar.period("2027-Q1")).id == "2026-Q4"
    assert calendar.year_before(calendar.period("2028-Q1")) == calendar.period("2027-Q1")
    with pytest.raises(ValueError, match="2027-Q1 has nothing like it"):
        calendar.year_before(calendar.period("2027-Q1"))


def test_a_new_shape_renames_no_month_before_it():
    calendar = in_turn([(date.min, Calendar()), (date(2027, 1, 1), Calendar(weeks="4-4-5"))])
    former = calendar.months(calendar.period("2026-Q2"))
    assert [one.id for one in former] == ["2026-04", "2026-05", "2026-06"]
    assert [one.kind for one in calendar.months(calendar.period("2027-Q2"))] == ["fiscal_month"] * 3


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(["year", "quarter", "month", "week"]))
def test_periods_through_a_change_follow_each_other_without_gap(day, kind):
    found = CHANGED.period_of(day, kind)
    assert found.covers(day)
    assert CHANGED.next(found).start == found.end + timedelta(days=1)
    assert CHANGED.period(found.id) == found


def test_people_in_two_countries_have_their_own_holidays():
    company = Calendar(country="US")
    assert company.in_country("TR").half_days_of(date(2026, 10, 28)) == 1
    assert company.in_country("US") is company is company.in_country(None)
    assert company.in_country("DE").working_half_days(date(2026, 7, 4), date(2026, 7, 6)) == 2
