from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.instants import from_iso, iso

US = Calendar()
TR = Calendar(country="TR", time_zone="Europe/Istanbul", base_currency="TRY")
JULY = Calendar(fiscal_start=7)
DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))
KINDS = st.sampled_from(["year", "half", "quarter", "month", "week", "fiscal_month"])


def period(name: str, kind: str, start: str, end: str) -> Period:
    return Period(name, kind, date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2017", period("2017", "year", "2017-01-01", "2017-12-31")),
        ("FY2017", period("2017", "year", "2017-01-01", "2017-12-31")),
        ("2017-H1", period("2017-H1", "half", "2017-01-01", "2017-06-30")),
        ("2017-Q3", period("2017-Q3", "quarter", "2017-07-01", "2017-09-30")),
        ("Q3 2017", period("2017-Q3", "quarter", "2017-07-01", "2017-09-30")),
        ("3Ç2017", period("2017-Q3", "quarter", "2017-07-01", "2017-09-30")),
        ("2017-07", period("2017-07", "month", "2017-07-01", "2017-07-31")),
        ("Temmuz 2017", period("2017-07", "month", "2017-07-01", "2017-07-31")),
        ("KASIM 2017", period("2017-11", "month", "2017-11-01", "2017-11-30")),
        ("ağustos 2017", period("2017-08", "month", "2017-08-01", "2017-08-31")),
        ("July 2017", period("2017-07", "month", "2017-07-01", "2017-07-31")),
        ("APRIL 2017", period("2017-04", "month", "2017-04-01", "2017-04-30")),
        ("Feb 2020", period("2020-02", "month", "2020-02-01", "2020-02-29")),
        ("2017-W27", period("2017-W27", "week", "2017-07-03", "2017-07-09")),
        ("2020-W53", period("2020-W53", "week", "2020-12-28", "2021-01-03")),
        ("FY2017-P07", period("FY2017-P07", "fiscal_month", "2017-07-01", "2017-07-31")),
    ],
)
def test_periods_are_read_as_people_write_them(written, meant):
    assert US.period(written) == meant


@pytest.mark.parametrize(
    "text", ["", "2017-Q5", "2017-13", "Q3", "17-Q3", "2017-H3", "Monday 2017", "2017-W54", "2017-00"]
)
def test_what_is_no_period_is_answered_with_the_known_spellings(text):
    with pytest.raises(ValueError, match="2017-Q3, 2017-07, 2017-W27 or FY2017-P07"):
        US.period(text)


def test_a_week_53_that_the_year_does_not_have_is_refused():
    with pytest.raises(ValueError, match="the ISO year 2017 has 52 weeks"):
        US.period("2017-W53")


def test_a_fiscal_year_from_july_is_named_by_the_year_in_which_it_ends():
    assert JULY.period("2017") == period("2017", "year", "2016-07-01", "2017-06-30")
    assert JULY.period("2017-Q1") == period("2017-Q1", "quarter", "2016-07-01", "2016-09-30")
    assert JULY.period("2017-Q4") == period("2017-Q4", "quarter", "2017-04-01", "2017-06-30")
    assert JULY.period("2017-H2") == period("2017-H2", "half", "2017-01-01", "2017-06-30")
    assert JULY.period("FY2017-P01") == period("FY2017-P01", "fiscal_month", "2016-07-01", "2016-07-31")
    assert JULY.period("2017-07") == period("2017-07", "month", "2017-07-01", "2017-07-31")
    assert JULY.period_of(date(2017, 7, 1), "quarter").id == "2018-Q1"


def test_a_fiscal_quarter_from_february_ends_on_the_leap_day():
    february = Calendar(fiscal_start=12)
    assert february.period("2020-Q1") == period("2020-Q1", "quarter", "2019-12-01", "2020-02-29")


def test_parts_before_after_and_the_year_before():
    quarter = US.period("2017-Q3")
    assert [part.id for part in US.parts(quarter, "month")] == ["2017-07", "2017-08", "2017-09"]
    assert [part.id for part in US.parts(US.period("2017"), "quarter")] == ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    assert US.parts(quarter, "quarter") == [quarter]
    weeks = US.parts(US.period("2017-07"), "week")
    assert [weeks[0].id, weeks[-1].id, len(weeks)] == ["2017-W26", "2017-W31", 6]
    assert US.previous(US.period("2017-Q1")).id == "2016-Q4"
    assert US.next(US.period("2017-12")).id == "2018-01"
    assert US.year_before(quarter).id == "2016-Q3"


def test_week_53_compares_with_week_52_of_a_year_without_one():
    assert US.year_before(US.period("2020-W53")).id == "2019-W52"
    assert US.previous(US.period("2021-W01")).id == "2020-W53"


def test_a_month_has_no_quarters():
    with pytest.raises(ValueError, match="2017-07 has no parts of kind quarter"):
        US.parts(US.period("2017-07"), "quarter")


def test_the_third_quarter_of_2017_has_63_working_days_in_the_united_states():
    quarter = US.period("2017-Q3")
    assert US.working_half_days(quarter.start, quarter.end) == 2 * 63
    assert US.working_half_days(quarter.start, date(2017, 8, 31)) == 2 * 43
    assert [
        US.half_days_of(date(2017, 7, 4)),
        US.half_days_of(date(2017, 9, 4)),
        US.half_days_of(date(2017, 7, 5)),
    ] == [0, 0, 2]
    assert US.working_half_days(date(2017, 8, 14), quarter.end) == 2 * 34


def test_may_2017_has_22_working_days_and_11_to_its_middle():
    assert US.working_half_days(date(2017, 5, 1), date(2017, 5, 31)) == 2 * 22
    assert US.working_half_days(date(2017, 5, 1), date(2017, 5, 15)) == 2 * 11


def test_the_last_quarter_of_2026_in_turkiye_counts_the_afternoon_of_28_october():
    months = [TR.period(f"2026-{month}") for month in (10, 11, 12)]
    assert [TR.working_half_days(month.start, month.end) for month in months] == [41, 42, 46]
    assert [TR.half_days_of(date(2026, 10, day)) for day in (27, 28, 29, 31)] == [2, 1, 0, 0]


def test_half_holidays_can_be_full_working_days():
    full = Calendar(country="TR", half_holidays=False)
    assert full.working_half_days(date(2026, 10, 1), date(2026, 10, 31)) == 42


def test_working_days_of_an_empty_span_are_none_and_spans_cross_years():
    assert US.working_half_days(date(2017, 7, 2), date(2017, 7, 1)) == 0
    naive = sum(US.half_days_of(date(2016, 12, 15) + timedelta(days=n)) for n in range(400))
    assert US.working_half_days(date(2016, 12, 15), date(2016, 12, 15) + timedelta(days=399)) == naive


def test_an_unknown_country_is_named():
    with pytest.raises(ValueError, match='no holidays are known for the country "XX"'):
        Calendar(country="XX").half_days_of(date(2017, 1, 2))


def test_days_are_23_and_25_hours_long_when_the_clock_is_turned():
    berlin = Calendar(time_zone="Europe/Berlin")
    hours = [
        (berlin.end_us(day) + 1 - berlin.start_us(day)) / 3_600_000_000
        for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25))
    ]
    assert hours == [24, 23, 25]


def test_a_day_starts_at_its_first_instant_even_where_midnight_does_not_exist():
    beirut = Calendar(time_zone="Asia/Beirut")  # the clock goes from 00:00 to 01:00 on 2024-03-31
    assert iso(beirut.start_us(date(2024, 3, 31))) == "2024-03-30T22:00:00Z"
    assert beirut.day_of(beirut.start_us(date(2024, 3, 31))) == date(2024, 3, 31)
    assert beirut.day_of(beirut.start_us(date(2024, 3, 31)) - 1) == date(2024, 3, 30)


def test_a_day_is_the_companys_day_not_the_one_of_utc():
    assert TR.day_of(from_iso("2026-11-16T21:00:00Z")) == date(2026, 11, 17)
    assert iso(TR.start_us(date(2026, 11, 17))) == "2026-11-16T21:00:00Z"
    assert iso(TR.end_us(date(2026, 11, 17))) == "2026-11-17T20:59:59Z"


def test_since_always_has_a_day_in_every_zone():
    assert Calendar(time_zone="America/New_York").day_of(-62_135_596_800_000_000) == date.min


def test_the_calendar_reads_wall_clock_times_in_its_own_zone_or_another():
    assert TR.local_us(datetime(2026, 11, 17, 12)) == (from_iso("2026-11-17T09:00:00Z"), None)
    assert TR.local_us(datetime(2026, 11, 17, 12), "UTC") == (from_iso("2026-11-17T12:00:00Z"), None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fiscal_start": 13},
        {"time_zone": "Mars"},
        {"base_currency": "XXL"},
        {"weeks": "4-4-4"},
        {"week_starts": 0},
        {"long_month": 13},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        Calendar(**wrong)


@given(DAYS, KINDS, st.integers(1, 12))
def test_every_day_lies_in_exactly_the_period_that_bears_its_name(day, kind, fiscal_start):
    calendar = Calendar(fiscal_start=fiscal_start)
    found = calendar.period_of(day, kind)
    assert found.covers(day)
    assert calendar.period(found.id) == found
    assert calendar.next(found).start == found.end + timedelta(days=1)
    assert calendar.previous(calendar.next(found)) == found


@given(DAYS, st.sampled_from([("year", "half"), ("year", "quarter"), ("half", "month"), ("quarter", "fiscal_month")]))
def test_parts_fill_their_period_without_gap_or_overlap(day, kinds):
    whole = JULY.period_of(day, kinds[0])
    parts = JULY.parts(whole, kinds[1])
    assert [parts[0].start, parts[-1].end] == [whole.start, whole.end]
    assert sum(part.days for part in parts) == whole.days


@given(DAYS, st.integers(0, 500), st.integers(0, 500))
def test_working_time_adds_up_over_neighbouring_spans(start, first, second):
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    whole = TR.working_half_days(start, end)
    assert whole == TR.working_half_days(start, middle) + TR.working_half_days(middle + timedelta(days=1), end)


@given(DAYS, st.sampled_from(["UTC", "Europe/Istanbul", "America/New_York", "Pacific/Kiritimati", "Asia/Beirut"]))
def test_the_first_and_the_last_instant_of_a_day_lie_in_it(day, zone):
    calendar = Calendar(time_zone=zone)
    assert calendar.day_of(calendar.start_us(day)) == day == calendar.day_of(calendar.end_us(day))


@pytest.mark.parametrize("kind", ["year", "half", "quarter", "month", "week", "fiscal_month"])
@pytest.mark.parametrize("fiscal_start", [1, 7])
def test_never_and_always_have_their_periods_too(kind, fiscal_start):
    calendar = Calendar(fiscal_start=fiscal_start)
    for day in (date.min, date.max):
        assert calendar.period_of(day, kind).covers(day)
    assert calendar.end_us(date.max) > calendar.start_us(date.max)
    with pytest.raises(ValueError, match="lies at the edge of the years"):
        calendar.next(calendar.period_of(date.max, "month"))


@given(st.sampled_from(["US", "TR", "DE"]), st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_working_time_equals_a_count_day_by_day(country, start, days):
    import holidays

    public = holidays.country_holidays(country)
    halves = holidays.country_holidays(country, categories=("half_day",)) if country == "TR" else {}
    span = [start + timedelta(days=place) for place in range(days + 1)]
    naive = sum(0 if day.weekday() > 4 or day in public else 1 if day in halves else 2 for day in span)
    if country != "US":
        assert Calendar(country=country).working_half_days(start, span[-1]) == naive
    assert Calendar(country=country, half_holidays=False).working_half_days(start, span[-1]) == sum(
        0 if day.weekday() > 4 or day in public else 2 for day in span
    )
