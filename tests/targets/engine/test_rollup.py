"""T3: people, teams and company add up, whoever moves or leaves; neither level overwrites the other."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar
from hedef.kernel.org import OrgTree
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Edition
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.presence import Member, PeopleRules
from hedef.targets.engine.rollup import find_targets, over_assignment

US = Calendar()
Q3 = US.period("2017-Q3")
SPAN = (Q3.start, Q3.end)
AS_OF = date(2017, 8, 31)
TREE = OrgTree.build(
    teams=[(1, None), (2, 1), (3, 1)],
    memberships=[(11, 2, "rep", 10_000, True), (12, 3, "rep", 10_000, True)],
)


def targets(lines: dict[str, int], members: dict[int, Member], *, additive: bool = True):
    edition = Edition(1, {scope: {SPAN: value} for scope, value in lines.items()})
    return find_targets(
        period=Q3,
        editions=[edition],
        tree=TREE,
        members=members,
        rules=PeopleRules(),
        clock=Clock(US, AS_OF, Phasing("working")),
        additive=additive,
    )


HOME = {11: Member(11, teams=((2, None, None),)), 12: Member(12, teams=((3, None, None),))}


def test_teams_and_company_are_the_sum_of_people_where_they_have_no_line():
    found = targets({"person:P-11": 60, "person:P-12": 40}, HOME).found

    told = {scope: (one.target, one.how) for scope, one in found.items() if not scope.startswith("person:")}
    assert told == {
        "team:T-2": (60, "rolled_up"),
        "team:T-3": (40, "rolled_up"),
        "team:T-1": (100, "rolled_up"),
        "company": (100, "rolled_up"),
    }


def test_a_teams_own_line_stands_and_the_people_beside_it():
    made = targets({"company": 90, "team:T-2": 50, "person:P-11": 60, "person:P-12": 40}, HOME)

    assert {scope: made.found[scope].target for scope in ("company", "team:T-1", "team:T-2", "team:T-3")} == {
        "company": 90,
        "team:T-1": 90,  # the line of T-2 and the people of T-3
        "team:T-2": 50,
        "team:T-3": 40,
    }
    assert made.assigned == {"company": 100, "team:T-1": 100, "team:T-2": 60, "team:T-3": 40}
    assert over_assignment(made.assigned["team:T-2"], 50) == Fraction(1, 5)


def test_a_level_target_is_repeated_downwards():
    found = targets({"company": 600, "team:T-3": 700}, HOME, additive=False).found

    assert {scope: one.target for scope, one in found.items()} == {
        "company": 600,
        "team:T-1": 600,
        "team:T-2": 600,
        "team:T-3": 700,
        "person:P-11": 600,
        "person:P-12": 700,
    }


def test_a_line_of_somebody_in_a_team_that_is_gone_still_counts_in_the_company():
    members = {13: Member(13, teams=((99, None, None),))}

    assert targets({"person:P-13": 70}, members).found["company"].target == 70


days = st.dates(date(2017, 6, 20), date(2017, 10, 10))


@given(values=st.tuples(*[st.integers(0, 10**9)] * 2), moves=days, left=st.none() | days, joined=st.none() | days)
def test_what_people_carry_and_leave_vacant_is_what_their_teams_and_the_company_have(values, moves, left, joined):
    members = {
        11: Member(11, teams=((2, None, moves), (3, moves, None))),
        12: Member(12, joined=joined, left=left, teams=((3, None, None),)),
    }

    found = targets({"person:P-11": values[0], "person:P-12": values[1]}, members).found

    people = [found["person:P-11"], found["person:P-12"]]
    carried = sum(one.target for one in people)
    vacant = sum(value for one in people for value, _ in one.vacant.values())
    company = found["company"]
    assert company.target == carried + vacant
    assert company.target == sum(found[team].target for team in ("team:T-2", "team:T-3") if team in found)
    assert company.expected <= company.target or company.target == 0


@given(value=st.integers(0, 10**10), as_of=days)
def test_the_short_way_says_what_the_careful_way_says(value, as_of):
    """Somebody simply there, and somebody whose dates only look as if they mattered."""
    clock = Clock(US, as_of, Phasing("working"))
    months = {(one.start, one.end): value + one.start.month for one in US.parts(Q3, "month")}
    edition = Edition(1, {"person:P-11": months, "person:P-12": months})
    members = {
        11: Member(11, teams=((2, None, None),)),
        12: Member(12, left=date(2030, 1, 1), teams=((2, None, None),)),
    }

    found = find_targets(
        period=Q3, editions=[edition], tree=TREE, members=members, rules=PeopleRules(), clock=clock
    ).found

    left, right = found["person:P-11"], found["person:P-12"]
    assert (left.target, left.expected, left.how, left.by_team) == (
        right.target,
        right.expected,
        right.how,
        right.by_team,
    )
