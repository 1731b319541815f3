"""Dates and instants: every rule of data.md section 5 both ways, and against the standard library."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values import COMMON_NULLS, read_date, read_instant
from hedef.kernel.instants import iso, to_us


def days(*texts: str, **options: object) -> Column:
    return read_date(pl.Series(list(texts), dtype=pl.String), **options)  # type: ignore[arg-type]


def instants(*texts: str, zone: str = "UTC", **options: object) -> Column:
    return read_instant(pl.Series(list(texts), dtype=pl.String), zone=zone, **options)  # type: ignore[arg-type]


def shown(column: Column) -> list[str | None]:
    return [None if us is None else iso(us) for us in column.values.to_list()]


def codes(column: Column) -> list[tuple[int, str]]:
    return list(column.findings.select("row", "code").iter_rows())


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29", "2024/02/29", "2024.2.29", "20240229", "29 Feb 2024", "29-Feb-24", "29 February, 2024",
        "Feb 29, 2024",
        "February 29 2024", "29 Şubat 2024", "29 şub 24", "2024-02-29T23:59:59", "2024-02-29 00:00",
        "29 Feb, 2024 00:02:00",
        "2024-02-29T12:00:00.000+0000", "Thu, 29 Feb 2024 10:00:00 GMT", "29th Feb 2024",
    ],
)  # fmt: skip
def test_dates_that_need_no_order_are_read_without_one(text: str) -> None:
    read = days(text)
    assert (read.values.to_list(), codes(read)) == ([date(2024, 2, 29)], [])


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("10/01/2026", "d/m", date(2026, 1, 10)),
        ("10/01/2026", "m/d", date(2026, 10, 1)),
        ("1.2.24", "d/m", date(2024, 2, 1)),
        ("1-2-2024 3:05 PM", "m/d", date(2024, 1, 2)),
        ("31/12/99", "d/m", date(1999, 12, 31)),
        ("31/12/68", "d/m", date(2068, 12, 31)),
        ("31/12/69", "d/m", date(1969, 12, 31)),
        ("7/7/2026", None, date(2026, 7, 7)),
    ],
)
def test_numeric_dates_are_read_in_the_order_of_their_column(text: str, order: str | None, day: date) -> None:
    assert days(text, order=order).values.to_list() == [day]


def test_numeric_dates_without_an_order_are_a_question() -> None:
    read = days("10/01/2026")
    assert (read.values.to_list(), codes(read)) == ([None], [(1, "undecided_date_order")])


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "31/02/2026", "32/01/2026", "2026-13-01", "0/1/2026", "99999999", "5 Foo 2024", "12:30", "soon",
     "45631", "1/2/3/4", "2024-1", "1/2/024", "2024-02-29 25:00", "2024-02-29 12:60"],
)  # fmt: skip
def test_what_is_no_date_is_an_error_that_names_the_cure(text: str) -> None:
    read = days(text, order="d/m")
    assert (read.values.to_list(), codes(read)) == ([None], [(1, "bad_date")])
    assert "." in read.findings["hint"][0]


def test_an_impossible_date_says_how_its_column_reads() -> None:
    [hint] = days("31/02/2026", order="d/m").findings["hint"].to_list()
    assert hint == (
        "There is no such day (this column reads as day/month/year). "
        "Fix the cell, or map the column with another date order."
    )


def test_excel_day_numbers_are_read_only_where_they_are_meant() -> None:
    read = days("45631", "45631.0", "45631.75", "19999", "80001", serial=True)
    assert read.values.to_list() == [date(2024, 12, 5)] * 3 + [None, None]
    assert codes(read) == [(4, "bad_date"), (5, "bad_date")]
    assert shown(instants("45631.75", serial=True)) == ["2024-12-05T18:00:00Z"]


def test_dates_far_away_are_told_and_kept() -> None:
    read = days(
        "1989-12-31", "1900-01-01", "1990-01-01", "2036-11-24", "2036-11-25", "2099-01-01", far_after=date(2036, 11, 24)
    )
    assert read.values.null_count() == 0
    assert codes(read) == [(1, "date_far"), (2, "date_far"), (5, "date_far"), (6, "date_far")]


def test_a_time_with_an_offset_falls_on_its_day_in_the_zone_and_a_midnight_on_its_own() -> None:
    assert days("2024-07-11T00:00:00Z", zone="America/New_York").values.to_list() == [date(2024, 7, 11)]
    texts = ("2024-07-11T22:30:00Z", "2024-07-11T22:30:00+03:00", "2024-07-11T22:30:00")
    assert days(*texts, zone="Europe/Istanbul").values.to_list() == [
        date(2024, 7, 12),
        date(2024, 7, 11),
        date(2024, 7, 11),
    ]


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("2024-04-09T21:32:09", "2024-04-09T21:32:09Z"),
        ("2024-04-09 21:32:09", "2024-04-09T21:32:09Z"),
        ("2024-04-09 21:32", "2024-04-09T21:32:00Z"),
        ("2024-04-09T21:32:09Z", "2024-04-09T21:32:09Z"),
        ("2024-04-09T21:32:09.000+0000", "2024-04-09T21:32:09Z"),
        ("2024-04-09T21:32:09+03:00", "2024-04-09T18:32:09Z"),
        ("2024-04-09T21:32:09-0530", "2024-04-10T03:02:09Z"),
        ("2024-04-09 21:32:09 UTC", "2024-04-09T21:32:09Z"),
        ("15 Apr, 2021 00:02:00", "2021-04-15T00:02:00Z"),
        ("09.04.2024 9:32 PM", "2024-04-09T21:32:00Z"),
        ("9/4/2024 12:00 AM", "2024-04-09T00:00:00Z"),
        ("9/4/2024 12:00 p.m.", "2024-04-09T12:00:00Z"),
        ("2024-12-31 24:00", "2025-01-01T00:00:00Z"),
        ("2024-12-31 24:00:00", "2025-01-01T00:00:00Z"),
        ("2024-04-09", "2024-04-09T00:00:00Z"),
    ],
)
def test_times_are_read(text: str, us: str) -> None:
    read = instants(text, order="d/m")
    assert (shown(read), codes(read)) == ([us], [])


def test_parts_of_a_second_are_kept_to_the_microsecond() -> None:
    read = instants("2024-04-27 04:51:50.980402", "2024-04-27T04:51:50.9Z", "2024-04-27T04:51:50.123456789")
    base = to_us(datetime(2024, 4, 27, 4, 51, 50, tzinfo=UTC))
    assert read.values.to_list() == [base + 980402, base + 900000, base + 123456]


def test_rows_say_whether_they_had_a_time_of_day() -> None:
    read = instants("2024-04-09", "2024-04-09 00:00:00", "")
    assert read.day_only is not None
    assert read.day_only.to_list() == [True, False, False]


def test_a_day_column_keeps_its_days_in_the_company_zone_whatever_the_source_zone_is() -> None:
    read = instants(
        "2016-11-04 00:00:00", "2016-11-04T00:00:00Z", "2016-11-04",
        zone="UTC", day_zone="America/New_York", precision="day",
    )  # fmt: skip
    assert shown(read) == ["2016-11-04T04:00:00Z"] * 3
    assert read.day_only is not None
    assert read.day_only.to_list() == [True] * 3


def test_an_autumn_hour_that_comes_twice_is_the_first_one() -> None:
    read = instants("2024-11-03 01:30:00", "2024-11-03 02:30:00", "2024-11-03T01:30:00Z", zone="America/New_York")
    assert shown(read) == ["2024-11-03T05:30:00Z", "2024-11-03T07:30:00Z", "2024-11-03T01:30:00Z"]
    assert codes(read) == [(1, "ambiguous_hour")]


def test_a_missing_spring_hour_moves_forward() -> None:
    read = instants("2024-03-10 02:30:00", "2024-03-10 03:30:00", zone="America/New_York")
    assert shown(read) == ["2024-03-10T07:30:00Z", "2024-03-10T07:30:00Z"]
    assert codes(read) == [(1, "ambiguous_hour")]


def test_a_day_that_begins_in_a_missing_hour_is_no_issue() -> None:
    read = instants("2018-11-04", zone="America/Sao_Paulo")
    assert (shown(read), codes(read)) == (["2018-11-04T03:00:00Z"], [])


# --- laws ----------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(1990, 1, 1), date(2068, 12, 31))
FORMS = {
    "iso": ("%Y-%m-%d", None), "compact": ("%Y%m%d", None), "d/m": ("%d/%m/%Y", "d/m"), "m/d": ("%m/%d/%Y", "m/d"),
    "d.m": ("%d.%m.%Y", "d/m"), "short": ("%d-%m-%y", "d/m"), "named": ("%d-%b-%y", None), "long": ("%d %B, %Y", None),
    "first": ("%b %d, %Y", None),
}  # fmt: skip


@given(st.lists(DAYS, min_size=1, max_size=10), st.sampled_from(sorted(FORMS)))
@settings(max_examples=80, deadline=None)
def test_written_days_are_read_back(written: list[date], form: str) -> None:
    pattern, order = FORMS[form]
    read = days(*(day.strftime(pattern) for day in written), order=order)
    assert (read.values.to_list(), codes(read)) == (written, [])


@given(
    moments=st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2068, 12, 31)), min_size=1, max_size=10),
    zone=st.sampled_from(["UTC", "Europe/Istanbul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]),
    form=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%d/%m/%Y %I:%M:%S %p", "%d %b, %Y %H:%M:%S"]),
)
@settings(max_examples=80, deadline=None)
def test_wall_clock_times_mean_what_the_zone_says(moments: list[datetime], zone: str, form: str) -> None:
    """Twin: the standard library; the first of two hours, a missing hour moved forward."""
    if "%f" not in form:
        moments = [moment.replace(microsecond=0) for moment in moments]
    read = instants(*(moment.strftime(form) for moment in moments), zone=zone, order="d/m")
    assert read.values.to_list() == [to_us(moment.replace(tzinfo=ZoneInfo(zone), fold=0)) for moment in moments]


@given(
    moments=st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2068, 12, 31)), min_size=1, max_size=10),
    minutes=st.integers(-14 * 60, 14 * 60),
)
@settings(max_examples=50, deadline=None)
def test_offsets_are_taken_off(moments: list[datetime], minutes: int) -> None:
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    texts = [f"{moment.isoformat()}{sign}{size // 60:02}:{size % 60:02}" for moment in moments]
    expected = [to_us((moment - timedelta(minutes=minutes)).replace(tzinfo=UTC)) for moment in moments]
    assert instants(*texts, zone="Europe/Istanbul").values.to_list() == expected


@given(st.lists(st.text(st.sampled_from(list("0123456789-/:.T APMZ+")), max_size=20), max_size=20))
@settings(max_examples=80, deadline=None)
def test_any_text_is_a_value_or_an_error(texts: list[str]) -> None:
    read = instants(*texts, zone="Europe/Berlin", order="m/d")
    wrong = {row for row, code in codes(read) if code == "bad_date"}
    for row, (text, value) in enumerate(zip(texts, read.values.to_list(), strict=True), start=1):
        blank = text.strip() in COMMON_NULLS
        assert (value is not None) + (row in wrong) + blank == 1, text


@pytest.mark.parametrize("text", ["31/11/2026", "29/02/2026", "45/45/2026", "00/05/2026"])
def test_a_day_that_no_calendar_has_is_rejected_before_any_order_is_asked(text: str) -> None:
    findings = read_date(pl.Series([text]), order=None).findings
    assert findings.select("code", "hint").rows() == [("bad_date", "There is no such day. Fix the cell.")]


def test_days_of_23_and_25_hours_are_as_long_as_they_are() -> None:
    """Berlin 2026: clocks go forward on 29 March and back on 25 October."""
    days = pl.Series(["2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26"])
    at = read_instant(days, zone="Europe/Berlin").values
    assert [(at[1] - at[0]) // 3_600_000_000, (at[3] - at[2]) // 3_600_000_000] == [23, 25]


def test_a_time_of_24_00_is_the_end_of_its_day() -> None:
    read = read_instant(pl.Series(["2026-12-31 24:00", "2026-12-31 24:01"]), zone="UTC")
    assert read.values.to_list() == [1_798_761_600_000_000, None]
    assert read.findings["code"].to_list() == ["bad_date"]


def test_leap_days_and_the_years_1900_and_2099() -> None:
    read = read_date(pl.Series(["29/02/2024", "28/02/1900", "29/02/1900", "31/12/2099"]), order="d/m", far_after=FAR)
    assert [str(day) for day in read.values.to_list()] == ["2024-02-29", "1900-02-28", "None", "2099-12-31"]
    assert read.findings.select("row", "code").rows() == [(2, "date_far"), (3, "bad_date"), (4, "date_far")]


FAR = date(2036, 1, 1)
