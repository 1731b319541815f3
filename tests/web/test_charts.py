"""Marks drawn by the server: bars end at their edge, gaps only where something is behind, lines keep their holes."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hedef.web.charts import Bar, bar, spark

shares = st.fractions(min_value=0, max_value=3)


def test_a_bar_behind_pace_is_hatched_up_to_the_pin():
    assert bar(Fraction(445, 1000), Fraction(46, 100)) == Bar("90.91", "40.45", "40.45", "1.36", "41.82")


def test_a_bar_ahead_of_pace_has_no_hatch_and_one_without_pace_no_pin():
    assert bar(Fraction(69, 100), Fraction(46, 100)).gap is None
    assert bar(Fraction(69, 100), None).pin is None


@given(shares, shares)
def test_no_mark_leaves_the_bar(attained, pace):
    shape = bar(attained, pace)
    assert 0 <= float(shape.fill) <= 100
    assert 0 <= float(shape.pin) <= 100
    assert (shape.gap is None) == (min(pace, Fraction(11, 10)) <= min(attained, Fraction(11, 10)))


def test_nothing_is_drawn_from_fewer_than_two_values():
    assert spark([]) is None
    assert spark([Fraction(1), None]) is None


def test_a_line_starts_again_after_a_hole_and_then_has_no_area():
    drawn = spark([Fraction(0), Fraction(10), None, Fraction(5)])
    assert drawn.line == "M2.00 24.00 32.00 4.00 M92.00 14.00"
    assert drawn.area == ""
    assert (drawn.last_x, drawn.last_y) == ("92.00", "14.00")


def test_equal_values_are_a_level_line_and_a_reference_shares_the_scale():
    assert spark([Fraction(3), Fraction(3)]).line == "M2.00 14.00 92.00 14.00"
    assert spark([Fraction(0), Fraction(0)]).line == "M2.00 24.00 92.00 24.00"
    assert spark([Fraction(0), Fraction(10)], Fraction(20)).reference == "4.00"
