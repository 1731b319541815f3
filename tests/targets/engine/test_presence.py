"""T5, T6, T8: who joins, leaves, moves or ramps carries the days there, to the cent."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Edition, Piece
from hedef.targets.engine.people import carry, carry_person
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.presence import ALWAYS, Member, PeopleRules, Stay, add_months, present

US = Calendar()
Q3 = US.period("2017-Q3")
RAMP = (Fraction(1, 2), Fraction(3, 4), Fraction(1))


def clock(as_of: date = date(2017, 9, 30)) -> Clock:
    return Clock(US, as_of, Phasing("working"))


def carried(member: Member, value: int = 30_000_000, rules: PeopleRules | None = None, as_of=date(2017, 9, 30)):
    pieces = [(Edition(1, {}), Piece(Q3, value))]
    return carry_person(member, pieces, "given", period=Q3, rules=rules or PeopleRules(), clock=clock(as_of))


def test_third_quarter_of_2017_has_63_working_days():
    assert US.working_half_days(Q3.start, Q3.end) == 126


def test_joiner_carries_the_days_from_joining_on():
    assert carried(Member(1, joined=date(2017, 8, 14))).target == 16_190_476


def test_joiner_on_a_ramp_carries_months_of_service_not_calendar_months():
    assert carried(Member(1, joined=date(2017, 8, 14)), rules=PeopleRules(ramp=RAMP)).target == 9_523_810


def test_ramp_of_a_joiner_without_hiring_date_follows_the_first_membership():
    member = Member(1, teams=((7, date(2017, 8, 14), None),))

    found = carried(member, rules=PeopleRules(ramp=RAMP))

    assert (found.target, found.by_team) == (9_523_810, {7: (9_523_810, Fraction(9_523_810))})


def test_a_joiner_may_carry_everything_or_nothing_if_the_plan_says_so():
    member = Member(1, joined=date(2017, 8, 14))

    assert carried(member, rules=PeopleRules(joiner="full")).target == 30_000_000
    assert carried(member, rules=PeopleRules(joiner="none")).target == 0


def test_move_splits_the_line_by_working_days():
    """39 working days in the first team, 24 in the second."""
    member = Member(1, teams=((7, None, date(2017, 8, 26)), (8, date(2017, 8, 26), None)))

    found = carried(member)

    assert US.working_half_days(Q3.start, date(2017, 8, 25)) == 78
    assert found.target == 30_000_000
    assert {team: value for team, (value, _) in found.by_team.items()} == {7: 18_571_429, 8: 11_428_571}
    assert found.notes == ("moved",)


def test_leaver_leaves_the_rest_with_the_team():
    member = Member(1, left=date(2017, 8, 25), teams=((7, None, None),))

    found = carried(member)

    assert (found.target, found.vacant[7][0]) == (18_571_429, 11_428_571)
    assert found.notes == ("left",)


def test_leaver_whose_line_is_shared_out_leaves_nothing():
    found = carried(Member(1, left=date(2017, 8, 25)), rules=PeopleRules(leaver="share_out"))

    assert (found.target, found.vacant) == (18_571_429, {})


def test_absence_shortens_the_line_only_if_the_plan_says_so():
    member = Member(1, absences=((date(2017, 8, 26), None, Fraction(1)),))

    assert carried(member).target == 30_000_000
    assert carried(member, rules=PeopleRules(absence="prorate")).target == 18_571_429


def test_expected_of_a_joiner_counts_from_the_first_day():
    """By 31 August a ramping joiner should have 14 x 50 % of the 20 days' worth: 7 / 20."""
    found = carried(Member(1, joined=date(2017, 8, 14)), rules=PeopleRules(ramp=RAMP), as_of=date(2017, 8, 31))

    assert found.expected == 9_523_810 * Fraction(7, 20)


def test_change_from_a_date_counts_each_value_on_its_own_days():
    """300,000 until 13 August, 360,000 from 14 August: 29/63 and 34/63."""
    first = Edition(1, {}, end=date(2017, 8, 14))
    second = Edition(2, {}, start=date(2017, 8, 14))
    pieces = [(first, Piece(Q3, 30_000_000)), (second, Piece(Q3, 36_000_000))]

    found = carry(pieces, "given", ALWAYS, clock(date(2017, 8, 13)))

    assert found.target == 33_238_095
    exact = Fraction(29, 63) * 30_000_000 + Fraction(34, 63) * 36_000_000
    assert found.expected == 33_238_095 * (Fraction(29, 63) * 30_000_000) / exact


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2017, 1, 31), 1, date(2017, 2, 28)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2017, 11, 14), 2, date(2018, 1, 14)),
    ],
)
def test_months_of_service_end_on_the_last_day_of_short_months(day, months, expected):
    assert add_months(day, months) == expected


def test_who_is_simply_there_has_no_edges():
    member = Member(1, joined=date(2016, 1, 4), teams=((7, None, None),))

    assert present(member, start=Q3.start, end=Q3.end, rules=PeopleRules()) == (Stay(team=7),)


days = st.dates(date(2017, 6, 20), date(2017, 10, 10))


def test_what_a_person_who_moved_should_have_by_now_lies_in_the_first_team():
    member = Member(1, teams=((7, None, date(2017, 8, 26)), (8, date(2017, 8, 26), None)))

    found = carried(member, as_of=date(2017, 7, 31))

    assert found.by_team == {7: (18_571_429, 18_571_429 * Fraction(20, 39)), 8: (11_428_571, Fraction(0))}


def test_the_line_of_who_left_before_the_period_stands_vacant_in_the_last_team():
    member = Member(1, left=date(2017, 6, 15), teams=((7, None, None),))

    found = carried(member)

    assert (found.target, found.notes, found.vacant[7][0]) == (0, ("left",), 30_000_000)


@given(value=st.integers(-(10**10), 10**10), first=days, second=days)
def test_moves_add_up_to_the_line(value, first, second):
    first, second = sorted((first, second))
    member = Member(1, teams=((7, None, first), (8, first, second), (9, second, None)))

    found = carried(member, value)

    assert found.target == value
    assert sum(part for part, _ in found.by_team.values()) == value


@given(value=st.integers(0, 10**10), left=days, as_of=days)
def test_a_leavers_line_and_the_vacancy_are_the_whole_line(value, left, as_of):
    found = carried(Member(1, left=left), value, as_of=as_of)
    vacant = sum(part for part, _ in found.vacant.values())

    assert found.target + vacant == value
    assert 0 <= found.expected <= found.target
