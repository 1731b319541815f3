"""T4: everybody has the holidays of the own country, where it is known; who has none has the company's."""

from datetime import date
from fractions import Fraction

from hedef.kernel.calendar import Calendar
from hedef.kernel.org import OrgTree
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Edition
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.presence import Member, PeopleRules, with_holidays
from hedef.targets.engine.rollup import find_targets

US = Calendar(country="US")
Q3 = US.period("2017-Q3")
TREE = OrgTree.build(teams=[(1, None)], memberships=[(11, 1, "rep", 10_000, True), (12, 1, "rep", 10_000, True)])


def found(as_of: date, *, turkish: Member, period=Q3):
    edition = Edition(1, {f"person:P-{one}": {(Q3.start, Q3.end): 6_300} for one in (11, 12)})
    members = {11: turkish, 12: Member(12, teams=((1, None, None),))}
    clock = Clock(US, as_of, Phasing("working"))
    return find_targets(
        period=period, editions=[edition], tree=TREE, members=members, rules=PeopleRules(), clock=clock
    ).found


def test_two_people_in_two_countries_are_expected_to_have_done_what_their_own_days_say():
    at_home = Member(11, teams=((1, None, None),), country="TR")

    told = found(date(2017, 7, 4), turkish=at_home)

    # by 4 July, a holiday in the US, one of the 63 days is over there and two days are over in Turkey
    halves = US.in_country("TR").working_half_days
    share = Fraction(halves(Q3.start, date(2017, 7, 4)), halves(Q3.start, Q3.end))
    assert told["person:P-12"].expected == 6_300 * Fraction(1, 63)
    assert told["person:P-11"].expected == 6_300 * share
    assert halves(Q3.start, date(2017, 7, 4)) == 4
    assert (told["person:P-11"].country, told["person:P-12"].country) == ("TR", None)


def test_the_month_of_a_quarter_is_cut_by_the_days_of_the_own_country():
    july = US.period("2017-07")

    told = found(july.end, turkish=Member(11, teams=((1, None, None),), country="TR"), period=july)

    halves = US.in_country("TR").working_half_days
    own = Fraction(6_300 * halves(july.start, july.end), halves(Q3.start, Q3.end))
    assert told["person:P-12"].target == 2_000  # 20 of 63 days
    assert abs(told["person:P-11"].target - own) < 1
    assert told["person:P-11"].target > 2_000


def test_a_joiner_carries_the_days_of_the_own_country():
    joiner = Member(11, date(2017, 8, 14), teams=((1, date(2017, 8, 14), None),), country="TR")

    told = found(Q3.end, turkish=joiner)

    halves = US.in_country("TR").working_half_days
    share = Fraction(halves(date(2017, 8, 14), Q3.end), halves(Q3.start, Q3.end))
    assert abs(told["person:P-11"].target - 6_300 * share) < 1


def test_a_country_whose_holidays_nobody_knows_has_those_of_the_company():
    assert [with_holidays(text) for text in ("tr", " US ", "Atlantis", "", None)] == ["TR", "US", None, None, None]
