"""The line to date: where its marks stand, by hand."""

from fractions import Fraction

from hedef.web.charts import Tick, lines
from hedef.web.numbers import figure, short_number

HALF, ONE, ZERO = Fraction(1, 2), Fraction(1), Fraction(0)


def test_marks_of_a_line_its_pace_and_its_pin():
    drawn = lines([(ZERO, ZERO), (HALF, Fraction(40))], pace=[(ZERO, ZERO), (ONE, Fraction(100))])
    assert drawn.actual == "M44.00 154.00 146.00 98.00"
    assert drawn.pace == "M44.00 154.00 248.00 14.00"
    assert drawn.grid == tuple(Tick(f"{154 - 28 * n}.00", Fraction(20 * n)) for n in range(6))
    assert drawn.pin == ("146.00", "84.00", "98.00")
    assert drawn.dot == ("146.00", "98.00")
    assert drawn.dot_text == ("153.00", "113.00", "start")


def test_a_line_of_nothing_lies_on_the_ground_and_none_is_not_drawn():
    assert lines([]) is None
    drawn = lines([(ZERO, ZERO), (ONE, ZERO)])
    assert drawn.actual == "M44.00 154.00 248.00 154.00"
    assert [tick.says for tick in drawn.grid] == [0, 1]
    assert drawn.pin is None


def test_refunds_below_zero_stay_inside_the_picture():
    drawn = lines([(ZERO, Fraction(-30)), (ONE, Fraction(70))])
    heights = [Fraction(number) for number in drawn.actual[1:].split(" ")[1::2]]
    assert [14 <= height <= 154 for height in heights] == [True, True]


def test_numbers_in_their_units():
    assert short_number(Fraction(2_500_000), "en") == "2.5M"
    assert short_number(Fraction(500_000), "tr") == "500 bin"
    assert short_number(0, "en") == "0"
    assert figure(Fraction(1, 2), "ratio", None, "tr") == "%50,0"
    assert figure(Fraction(31, 2), "count", None, "en") == "15.5"
    assert figure(Fraction(21), "days", None, "tr") == "21,0 gün"
    assert figure(Fraction(-1, 8), "points", None, "en") == "−12.5 pts"
    assert figure("1746991.00", "money", "USD", "en", full=True) == "$1,746,991.00"
    assert figure(None, "days", None, "en") == "–"
