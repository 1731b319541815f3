from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.money import (
    convert,
    exponent,
    format_minor,
    fraction_text,
    largest_remainder,
    round_half_away,
    to_minor,
)

WON_IN_Q2 = [957_321, 1_016_823, 1_111_967]


def test_halves_round_away_from_zero():
    values = [Fraction(5, 2), Fraction(-5, 2), Fraction(1, 2), Fraction(-1, 2), Fraction(49, 100), Decimal("-1.5"), 7]
    assert [round_half_away(value) for value in values] == [3, -3, 1, -1, 0, -2, 7]


def test_currencies_have_their_own_decimals():
    assert [exponent(code) for code in ["USD", "JPY", "KWD", "CLF", "TRY", "ISK"]] == [2, 0, 3, 4, 2, 0]


def test_an_unknown_currency_is_refused_with_its_name():
    with pytest.raises(ValueError, match='"EURO" is no ISO 4217 currency code'):
        exponent("EURO")


def test_amounts_become_minor_units_and_say_when_they_were_rounded():
    assert to_minor("1024000.00", "USD") == (102_400_000, False)
    assert to_minor("10.005", "USD") == (1_001, True)
    assert to_minor("-10.005", "USD") == (-1_001, True)
    assert to_minor(Decimal("500"), "JPY") == (500, False)
    assert to_minor("1.2345", "KWD") == (1_235, True)


@pytest.mark.parametrize("text", ["", "twelve", "NaN", "Infinity", "1,5"])
def test_what_is_no_number_is_no_money(text):
    with pytest.raises(ValueError, match="is no"):
        to_minor(text, "USD")


def test_minor_units_are_shown_with_exactly_the_currencys_decimals():
    assert format_minor(102_400_000, "USD") == "1024000.00"
    assert format_minor(-5, "USD") == "-0.05"
    assert format_minor(0, "USD") == "0.00"
    assert format_minor(500, "JPY") == "500"
    assert format_minor(1, "KWD") == "0.001"


def test_ratios_are_shown_half_up_and_none_stays_none():
    assert fraction_text(Fraction(666_638, 1_024_000)) == "0.6510"
    assert fraction_text(Fraction(4_238, 6_711)) == "0.6315"
    assert fraction_text(Fraction(-315, 10_000)) == "-0.0315"
    assert fraction_text(Fraction(1, 2), 0) == "1"
    assert fraction_text(Fraction(-1, 100_000)) == "0.0000"
    assert fraction_text(None) is None


def test_conversion_is_exact_between_currencies_of_different_decimals():
    assert convert(10_000, Fraction("149.5"), "USD", "JPY") == 14_950
    assert convert(100, Fraction(1, 3), "USD", "EUR") == Fraction(100, 3)
    assert convert(1, Fraction("3.25"), "JPY", "KWD") == 3_250


def test_the_worked_split_of_the_third_quarter_in_thousands():
    parts = largest_remainder(330_000_000, WON_IN_Q2, unit=100_000)
    assert [format_minor(part, "USD") for part in parts] == ["1024000.00", "1087000.00", "1189000.00"]


def test_the_worked_split_of_the_third_quarter_to_the_cent():
    parts = largest_remainder(330_000_000, WON_IN_Q2)
    assert [format_minor(part, "USD") for part in parts] == ["1023670.02", "1087295.92", "1189034.06"]


def test_a_move_in_mid_quarter_divides_the_quota_by_working_days():
    assert largest_remainder(30_000_000, [39, 24]) == [18_571_429, 11_428_571]


def test_half_days_of_a_turkish_autumn_divide_six_million():
    assert largest_remainder(600_000_000, [41, 42, 46]) == [190_697_675, 195_348_837, 213_953_488]


def test_equal_remainders_go_to_the_larger_weight_then_to_the_earlier_place():
    assert largest_remainder(1, [1, 1]) == [1, 0]
    assert largest_remainder(2, [1, 3]) == [0, 2]  # both remainders are 1/2
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]


def test_what_the_unit_leaves_over_goes_to_the_largest_weight():
    assert largest_remainder(1_050, [1, 2, 2], unit=100) == [200, 450, 400]


def test_a_negative_total_is_split_like_its_absolute_value():
    assert largest_remainder(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize(("weights", "unit"), [([], 1), ([0, 0], 1), ([1, -1, 3], 1), ([1], 0)])
def test_a_split_without_usable_weights_is_refused(weights, unit):
    with pytest.raises(ValueError):
        largest_remainder(10, weights, unit=unit)


WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(st.integers(-(10**15), 10**15), WEIGHTS, st.integers(1, 10**6))
def test_parts_always_add_up_and_nobody_is_a_unit_off(total, weights, unit):
    parts = largest_remainder(total, weights, unit=unit)
    assert sum(parts) == total
    if unit == 1:
        assert all(
            abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
        )


@given(st.integers(0, 10**12), WEIGHTS)
def test_a_larger_weight_never_gets_less(total, weights):
    parts = largest_remainder(total, weights)
    in_order = [part for _, part in sorted(zip(weights, parts, strict=True))]
    assert in_order == sorted(in_order)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_money_written_and_read_again_is_the_same(minor, currency):
    assert to_minor(format_minor(minor, currency), currency) == (minor, False)


@given(st.fractions(max_denominator=10**6))
def test_rounding_is_never_more_than_a_half_away(value):
    rounded = round_half_away(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    assert round_half_away(-value) == -rounded
