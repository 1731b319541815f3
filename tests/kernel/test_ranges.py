from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.ranges import ALWAYS, Range

AUGUST = Range(date(2017, 8, 1), date(2017, 9, 1))


def test_a_range_holds_its_first_day_but_not_its_end():
    days = [date(2017, 7, 31), date(2017, 8, 1), date(2017, 8, 31), date(2017, 9, 1)]
    assert [AUGUST.covers(day) for day in days] == [False, True, True, False]


def test_ranges_that_touch_do_not_overlap():
    assert not AUGUST.overlaps(Range(date(2017, 9, 1), None))
    assert AUGUST.intersect(Range(date(2017, 8, 15), None)) == Range(date(2017, 8, 15), date(2017, 9, 1))
    assert ALWAYS.intersect(AUGUST) == AUGUST


def test_an_empty_range_covers_no_day_and_meets_nothing():
    empty = Range(date(2017, 8, 5), date(2017, 8, 5))
    assert empty.is_empty
    assert not empty.covers(date(2017, 8, 5))
    assert not empty.overlaps(AUGUST)


def test_a_range_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end on 2017-08-01, before it starts on 2017-09-01"):
        Range(date(2017, 9, 1), date(2017, 8, 1))


DAYS = st.none() | st.dates(date(2017, 1, 1), date(2017, 1, 20))
RANGES = st.tuples(DAYS, DAYS).filter(lambda pair: None in pair or pair[0] <= pair[1]).map(lambda pair: Range(*pair))


@given(RANGES, RANGES)
def test_the_common_days_are_those_that_both_cover(one, other):
    window = [date(2016, 12, 30) + timedelta(days=n) for n in range(30)]
    common = one.intersect(other)
    both = [day for day in window if one.covers(day) and other.covers(day)]
    assert both == [day for day in window if common is not None and common.covers(day)]
    assert common == other.intersect(one)
