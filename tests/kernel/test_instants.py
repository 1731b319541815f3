from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.instants import from_iso, iso, local_us, to_datetime, to_us


def test_an_instant_has_one_spelling():
    assert iso(0) == "1970-01-01T00:00:00Z"
    assert iso(1_504_223_999_999_999) == "2017-08-31T23:59:59Z"
    assert iso(-62_135_596_800_000_000) == "0001-01-01T00:00:00Z"
    assert iso(-62_135_690_400_000_000) == "0001-01-01T00:00:00Z"


def test_offsets_are_read_as_the_same_instant():
    assert from_iso("2017-08-31T23:59:59Z") == from_iso("2017-09-01T02:59:59+03:00") == 1_504_223_999_000_000


@pytest.mark.parametrize("text", ["2017-08-31T23:59:59", "2017-08-31", "yesterday"])
def test_a_time_without_a_zone_is_no_instant(text):
    with pytest.raises(ValueError, match="2017-08-31T23:59:59Z"):
        from_iso(text)


def test_the_hour_that_comes_twice_is_the_first_one_with_a_note():
    assert local_us(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == (from_iso("2026-10-25T00:30:00Z"), "ambiguous")


def test_the_hour_that_does_not_exist_is_read_on_the_old_clock_with_a_note():
    assert local_us(datetime(2026, 3, 29, 2, 30), "Europe/Berlin") == (from_iso("2026-03-29T01:30:00Z"), "missing")


def test_other_hours_have_no_note():
    assert local_us(datetime(2026, 7, 1, 12), "Europe/Istanbul") == (from_iso("2026-07-01T09:00:00Z"), None)


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match='"Mars/Base" is no time zone'):
        local_us(datetime(2026, 7, 1), "Mars/Base")


@given(st.datetimes(timezones=st.just(UTC)))
def test_datetimes_survive_the_way_to_microseconds_and_back(moment):
    assert to_datetime(to_us(moment)) == moment
