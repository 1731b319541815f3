"""The usual stay, who stays longer, and what deals of several currencies add up to."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.rates import rates_of
from hedef.process.engine.board import Sums, Usual, age_of, ratio_of, sums_of, usual_stay
from hedef.process.schema import Limit

DAY = date(2026, 3, 2)
RATES = rates_of([("EUR", "TRY", date(2026, 1, 1), 50, 1), ("EUR", "TRY", date(2025, 1, 1), 44, 1)])


def test_the_usual_stay_is_the_median_of_enough_closed_stays():
    assert usual_stay({3: 4, 10: 4}, Limit(days=20)) == Usual(Fraction(13, 2), "median", 8)


def test_the_limit_of_the_stage_stands_in_where_few_stays_are_closed():
    assert usual_stay({3: 7}, Limit(days=20)) == Usual(Fraction(20), "limit", 7, working=True)
    assert usual_stay({3: 7}, Limit(days=20, clock="calendar")) == Usual(Fraction(20), "limit", 7, working=False)
    assert usual_stay({}, None) == Usual(None, "none", 0)


def test_a_median_of_no_days_says_nothing_about_longer_stays():
    assert usual_stay({0: 9, 2: 1}, None) == Usual(None, "none", 10)


@pytest.mark.parametrize(
    ("days", "basis", "age"),
    [
        (14, "median", "usual"),
        (15, "median", "older"),
        (19, "median", "older"),
        (20, "median", "twice"),
        (10, "limit", "usual"),
        (11, "limit", "older"),
        (20, "limit", "twice"),
        (None, "median", "unknown"),
    ],
)
def test_a_deal_is_older_from_one_and_a_half_medians_or_over_its_limit(days, basis, age):
    assert age_of(days, Usual(Fraction(10), basis)) == age


def test_without_a_usual_stay_nobody_is_older():
    assert age_of(400, Usual(None, "none")) == "unknown"
    assert ratio_of(400, Usual(None, "none")) is None


def test_currencies_are_added_at_the_budget_rate_of_the_day():
    found = sums_of([("EUR", 100_00), ("TRY", 500_00), ("TRY", None)], "EUR", RATES, DAY)
    assert found == Sums(3, (("EUR", 100_00), ("TRY", 500_00)), Fraction(110_00), (), 1)


def test_a_currency_without_a_rate_makes_no_sum_but_is_shown():
    found = sums_of([("EUR", 100_00), ("GBP", 7)], "EUR", RATES, DAY)
    assert (found.value, found.missing, found.by_currency) == (None, ("GBP",), (("EUR", 100_00), ("GBP", 7)))


def test_deals_without_any_amount_are_worth_nothing_known_not_nothing():
    assert sums_of([("EUR", None), (None, None)], "EUR", RATES, DAY) == Sums(2, (), None, (), 2)
    assert sums_of([], "EUR", RATES, DAY).value == 0


@given(st.lists(st.tuples(st.sampled_from(["EUR", "TRY"]), st.integers(0, 10**12)), max_size=20), st.integers(0, 20))
def test_the_sum_of_parts_is_the_sum_of_all(amounts, cut):
    whole = sums_of(amounts, "EUR", RATES, DAY)
    parts = [sums_of(part, "EUR", RATES, DAY).value for part in (amounts[:cut], amounts[cut:])]
    assert whole.value == sum(part for part in parts if part is not None)
