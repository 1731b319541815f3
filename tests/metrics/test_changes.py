"""Why a number changed, and what it is compared with."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.metrics.engine.changes import contributions, rate_and_mix
from hedef.metrics.queries import show
from hedef.metrics.queries.changed import change

numbers = st.integers(0, 50).map(Fraction)
ratios = st.dictionaries(st.sampled_from("abcd"), st.tuples(numbers, numbers), min_size=1)


@given(before=ratios, after=ratios)
def test_rate_and_mix_add_up_to_the_change_of_the_ratio(before, after):
    before, after = (
        {name: pair if pair[1] else (Fraction(0), pair[1]) for name, pair in one.items()} for one in (before, after)
    )
    wholes = [tuple(sum(pair[place] for pair in one.values()) for place in (0, 1)) for one in (before, after)]
    found = rate_and_mix(before, after)
    if not all(whole[1] for whole in wholes):
        assert found == {}
        return
    first, second = (Fraction(whole[0], whole[1]) for whole in wholes)
    assert sum(one.whole for one in found.values()) == second - first


@given(before=st.dictionaries(st.sampled_from("abc"), numbers), after=st.dictionaries(st.sampled_from("abc"), numbers))
def test_contributions_add_up_to_the_difference(before, after):
    assert sum(contributions(before, after).values()) == sum(after.values()) - sum(before.values())


@pytest.fixture
def two(company):
    company.person("Ann", ("East", None, None))
    company.person("Bob", ("West", None, None))
    company.deal("Ann", (date(2017, 4, 3), "won"), amount=100_00)
    company.deal("Ann", (date(2017, 6, 30), "won"), amount=50_00)
    company.deal("Bob", (date(2017, 7, 4), "lost"), amount=10_00)
    company.deal("Ann", (date(2017, 7, 5), "won"), amount=30_00)
    return company


def test_a_number_stands_beside_the_same_days_the_team_above_and_its_target(two):
    east = f"team:T-{two.teams['East']}"
    compare = ["previous", "same_days", "parent", "target"]
    found = show("won_value", scope=east, period="2017-Q3", as_of=date(2017, 7, 5), compare=compare)
    told = {one["with"]: (one["value"], one["difference"]) for one in found["comparisons"]}
    assert told == {
        "previous": ("150.00", "-120.00"),
        "same_days": ("100.00", "-70.00"),
        "parent": ("30.00", "0.00"),
        "target": (None, None),
    }
    assert [one["code"] for one in found["comparisons"][3]["issues"]] == ["no_target"]


def test_a_change_is_told_by_people_and_adds_up(two):
    found = change("won_value", period="2017-Q3", by="person", as_of=date(2017, 9, 30))
    assert (found["difference"], [one["contribution"] for one in found["parts"]]) == ("-120.00", ["-120.00", "0.00"])
    rates = change("win_rate", period="2017-Q3", by="person", as_of=date(2017, 9, 30))
    assert sum(Fraction(one["rate"]) + Fraction(one["mix"]) for one in rates["parts"]) == Fraction(-1, 2)
