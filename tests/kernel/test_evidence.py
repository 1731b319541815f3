from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.evidence import (
    Interval,
    compare_means,
    compare_shares,
    compare_spreads,
    needed_per_arm,
    needed_per_arm_of_means,
    newcombe,
    student_t,
    verdict,
    welch,
    wilson,
)
from hedef.kernel.money import fraction_text


def points(interval: Interval) -> list[str]:
    """Bounds in percentage points, two decimals."""
    return [fraction_text(100 * bound, 2) for bound in (interval.low, interval.high)]


def test_the_win_rate_of_the_sample_year_has_its_wilson_interval():
    assert wilson(4_238, 6_711).as_json() == {"level": 95, "low": "0.6199", "high": "0.6430"}


def test_wilson_at_the_edges():
    assert wilson(0, 0) is None
    # no success of 10: upper bound z²/(n + z²) = 3.841459/13.841459
    assert wilson(0, 10).as_json() == {"level": 95, "low": "0.0000", "high": "0.2775"}
    assert wilson(10, 10).as_json() == {"level": 95, "low": "0.7225", "high": "1.0000"}
    assert wilson(1, 10, 90).level == 90


def test_newcombes_own_example_of_1998():
    # 56/70 - 48/80: method 10 of the paper gives 0.0524 to 0.3339
    assert newcombe((48, 80), (56, 70)).as_json() == {"level": 95, "low": "0.0524", "high": "0.3339"}


@pytest.mark.parametrize(
    ("first", "second", "difference", "bounds", "word"),
    [
        ((216, 720), (266, 720), "6.94", ["2.07", "11.77"], "better"),
        ((6, 20), (10, 20), "20.00", ["-9.70", "45.33"], "not_enough_data"),
        ((1_254, 2_032), (1_257, 2_047), "-0.31", ["-3.29", "2.68"], "not_enough_data"),
        ((531, 647), (1_254, 2_032), "-20.36", ["-23.85", "-16.58"], "worse"),  # raw; as before/after it says less
    ],
)
def test_the_examples_of_the_trials(first, second, difference, bounds, word):
    found = compare_shares(first, second)
    assert fraction_text(100 * found.difference, 2) == difference
    assert points(found.interval) == bounds
    assert found.verdict == word


def test_a_difference_too_small_to_matter_is_no_clear_difference():
    assert (
        compare_shares((1_254, 2_032), (1_257, 2_047), smallest_effect=Fraction(4, 100)).verdict
        == "no_clear_difference"
    )


def test_fewer_cases_is_better_where_the_direction_is_down():
    assert compare_shares((266, 720), (216, 720), better="down").verdict == "better"
    assert compare_shares((216, 720), (266, 720), better="down").verdict == "worse"


def test_nineteen_cases_are_never_better():
    assert compare_shares((0, 19), (19, 19)).verdict == "not_enough_data"
    assert compare_shares((0, 20), (20, 20)).verdict == "better"
    assert compare_shares((0, 0), (20, 20)).verdict == "not_enough_data"


# Welch's test as worked in the encyclopedia: means 20.82 and 22.99, t -2.46, 25.0 degrees of freedom, p 0.021
FIRST = [Fraction(v, 10) for v in (275, 210, 190, 236, 170, 179, 169, 201, 219, 226, 231, 196, 190, 217, 214)]
SECOND = [Fraction(v, 10) for v in (271, 220, 208, 234, 234, 235, 258, 220, 248, 202, 219, 221, 229, 205, 244)]


def test_welchs_interval_of_a_worked_example():
    found = compare_means(FIRST, SECOND)
    assert fraction_text(found.difference, 2) == "2.17"
    # standard error 0.8828, t(25.0 degrees, 95 %) = 2.0596
    assert [fraction_text(bound, 2) for bound in (found.interval.low, found.interval.high)] == ["0.35", "3.98"]
    assert found.verdict == "better"


def test_seven_people_are_never_better():
    assert compare_means([1, 2] * 4, [90, 91] * 4).verdict == "better"
    assert compare_means([1, 2, 1, 2, 1, 2, 1], [90, 91] * 4).verdict == "not_enough_data"
    assert welch([1], [2, 3]) is None


def test_quantiles_of_students_t_as_printed_in_tables():
    found = [
        fraction_text(student_t(level, Fraction(n)), 3) for level, n in ((95, 1), (95, 2), (95, 10), (90, 5), (95, 120))
    ]
    assert found == ["12.706", "4.303", "2.228", "2.015", "1.980"]


def test_levels_and_shares_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="the level of an interval is one of"):
        wilson(1, 2, 94)
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        wilson(3, 2)


def test_no_interval_is_not_enough_data():
    assert verdict(None, enough=True) == "not_enough_data"


CASES = st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(CASES)
def test_an_interval_holds_its_share_and_stays_between_0_and_1(share):
    found = wilson(*share)
    rounding = Fraction(1, 10**9)
    assert 0 <= found.low <= Fraction(*share) + rounding
    assert Fraction(*share) - rounding <= found.high <= 1


@given(CASES, CASES)
def test_turning_the_arms_round_turns_the_interval_and_the_word(first, second):
    there, back = compare_shares(first, second), compare_shares(second, first)
    assert (there.interval.low, there.interval.high) == (-back.interval.high, -back.interval.low)
    turned = {"better": "worse", "worse": "better"}
    assert back.verdict == turned.get(there.verdict, there.verdict)


@pytest.mark.parametrize(("first", "second", "cases"), [("0.30", "0.37", 713), ("0.30", "0.50", 93)])
def test_how_many_cases_an_arm_a_trial_needs(first, second, cases):
    assert needed_per_arm(Fraction(first), Fraction(second)) == cases
    assert needed_per_arm(Fraction(second), Fraction(first)) == cases


def test_a_trial_of_means_needs_more_cases_the_smaller_the_step():
    # Lehr's rule of thumb: 16 variances over the squared difference; exactly 15.698
    assert needed_per_arm_of_means(Fraction(100), Fraction(10)) == 16
    assert needed_per_arm_of_means(Fraction(100), Fraction(5)) == 63


def test_a_trial_of_nothing_has_no_size():
    with pytest.raises(ValueError, match="by nothing"):
        needed_per_arm(Fraction(1, 2), Fraction(1, 2))
    with pytest.raises(ValueError, match="by nothing"):
        needed_per_arm_of_means(Fraction(1), Fraction(0))
    with pytest.raises(ValueError, match="the power of a trial"):
        needed_per_arm(Fraction(1, 2), Fraction(1, 4), power=50)


COUNTED = st.dictionaries(st.integers(0, 400), st.integers(1, 5), min_size=1, max_size=12)


@given(COUNTED, COUNTED)
def test_counted_values_compare_as_if_each_stood_alone(first, second):
    one, other = ([value for value, n in told.items() for _ in range(n)] for told in (first, second))
    assert compare_spreads(first, second, enough=8) == compare_means(one, other)
