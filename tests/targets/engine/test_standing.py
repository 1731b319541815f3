"""T9, T10, T12: attainment, pace, what is needed, and the word for it."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar
from hedef.kernel.money import fraction_text, round_half_away
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.season import Season
from hedef.targets.engine.standing import attainment, band_of, stand

US = Calendar()
Q3 = US.period("2017-Q3")


def standing(
    target: int, actual: int, as_of: date = date(2017, 8, 31), phasing: Phasing | None = None, method="working"
):
    clock = Clock(US, as_of, phasing or Phasing("working"), method)
    return stand(
        target=target,
        actual=actual,
        expected=target * clock.elapsed(Q3),
        days_left=clock.days_left(Q3),
        over=as_of >= Q3.end,
    )


@pytest.mark.parametrize(
    ("target", "actual", "shown"),
    [
        (102_400_000, 66_663_800, ("0.6510", 69_892_063, "0.9538", "-0.0315", -3_228_263, 1_786_810, "on_pace")),
        (108_700_000, 51_068_700, ("0.4698", 74_192_063, "0.6883", "-0.2127", -23_123_363, 2_881_565, "behind")),
        (118_900_000, 56_966_600, ("0.4791", 81_153_968, "0.7020", "-0.2034", -24_187_368, 3_096_670, "watch")),
        (330_000_000, 174_699_100, ("0.5294", 225_238_095, "0.7756", "-0.1531", -50_538_995, 7_765_045, "watch")),
    ],
)
def test_rows_of_the_worked_board(target, actual, shown):
    found = standing(target, actual)

    assert (
        fraction_text(found.attainment),
        round_half_away(found.expected),
        fraction_text(found.pace),
        fraction_text(found.points_to_pace),
        round_half_away(found.gap),
        round_half_away(found.needed_per_day),
        found.band,
    ) == shown


def test_43_of_63_working_days_are_over_by_the_end_of_august():
    assert Clock(US, date(2017, 8, 31), Phasing()).elapsed(Q3) == Fraction(43, 63)


def test_straight_projection_by_working_days():
    assert round_half_away(standing(330_000_000, 174_699_100).projection) == 255_954_495


def test_by_season_the_company_is_on_pace():
    """Q2 2017 had 56.63 % by the end of its second month."""
    share = Fraction(174_765_200, 308_611_100)  # April and May of 3,086,111
    shape = Season((share / 2, share / 2, 1 - share), share, share, share, 1)

    found = standing(330_000_000, 174_699_100, phasing=Phasing("working", season=shape), method="seasonal")

    assert found.band == "on_pace"
    assert found.expected == 330_000_000 * share


def test_expected_is_full_months_and_the_share_of_the_running_one():
    """2017-Q2 of one person: 300,000 for April, 11 of 22 days of May (29 May off)."""
    may = US.period("2017-05")

    assert Clock(US, date(2017, 5, 15), Phasing()).elapsed(may) == Fraction(11, 22)


def test_even_phasing_expects_a_third_a_month():
    assert Clock(US, date(2017, 8, 31), Phasing("even")).elapsed(Q3) == Fraction(2, 3)
    assert Clock(US, date(2017, 8, 31), Phasing("even"), "calendar").elapsed(Q3) == Fraction(2, 3)


def test_calendar_days_are_counted_when_asked_for():
    august = US.period("2017-08")

    assert Clock(US, date(2017, 8, 10), Phasing(), "calendar").elapsed(august) == Fraction(10, 31)


def test_before_the_start_nothing_is_expected_and_there_is_no_pace():
    found = standing(100, 0, as_of=date(2017, 6, 30))

    assert (found.expected, found.pace, found.band) == (0, None, None)


def test_on_the_last_day_pace_is_attainment():
    found = standing(100, 90, as_of=date(2017, 9, 30))

    assert found.pace == found.attainment == Fraction(9, 10)
    assert found.needed_per_day is None


def test_bands_include_their_lower_bound():
    shares = [Fraction(69, 100), Fraction(70, 100), Fraction(90, 100), Fraction(109, 100), Fraction(110, 100)]

    assert [band_of(share) for share in shares] == ["behind", "watch", "on_pace", "on_pace", "ahead"]


@pytest.mark.parametrize(
    ("direction", "actual", "target", "expected"),
    [
        ("up", 50, 100, Fraction(1, 2)),
        ("up", -50, 100, Fraction(-1, 2)),
        ("up", 50, 0, None),
        ("up", None, 100, None),
        ("down", 80, 100, Fraction(12, 10)),
        ("down", 250, 100, Fraction(0)),
    ],
)
def test_attainment_by_direction(direction, actual, target, expected):
    assert attainment(actual, target, direction=direction) == expected


def test_attainment_of_a_band_falls_with_the_distance():
    inside = attainment(15, 15, direction="band", low=10, high=20)
    outside = attainment(25, 15, direction="band", low=10, high=20)

    assert (inside, outside) == (1, Fraction(1, 2))


def test_too_much_of_what_should_be_little_is_behind():
    found = stand(target=100, actual=90, expected=Fraction(50), days_left=Fraction(10), over=False, direction="down")

    assert (found.pace, found.band) == (Fraction(9, 5), "behind")


def test_a_level_target_has_attainment_and_no_pace():
    found = stand(target=60, actual=30, expected=None, days_left=Fraction(10), over=False)

    assert (found.attainment, found.pace, found.expected, found.band) == (Fraction(1, 2), None, None, None)


@given(as_of=st.dates(date(2017, 6, 1), date(2017, 11, 1)), by=st.sampled_from(["even", "working"]))
def test_elapsed_never_shrinks_and_ends_at_one(as_of, by):
    today = Clock(US, as_of, Phasing(by)).elapsed(Q3)
    tomorrow = Clock(US, date.fromordinal(as_of.toordinal() + 1), Phasing(by)).elapsed(Q3)

    assert 0 <= today <= tomorrow <= 1
    assert today == 1 or as_of < Q3.end


@given(target=st.integers(1, 10**9), actual=st.integers(0, 10**9))
def test_pace_one_at_the_end_is_attainment_one(target, actual):
    found = standing(target, actual, as_of=date(2017, 9, 30))

    assert found.pace == found.attainment
