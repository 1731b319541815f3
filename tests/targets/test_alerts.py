"""Alerts (T13): one notice a crossing, the next only 3 points beyond the edge; the rest is told once."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar
from hedef.records import queries as records
from hedef.targets.engine.alerts import crossed
from hedef.targets.engine.standing import band_of
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan
from hedef.targets.services.alerts import alert_targets


@pytest.mark.parametrize(
    ("former", "value", "told"),
    [
        (None, "0.95", None),
        (None, "0.88", None),  # left on pace by two points only
        (None, "0.86", "watch"),
        ("watch", "0.91", None),
        ("watch", "0.93", "on_pace"),
        ("watch", "0.66", "behind"),
        ("behind", "0.70", None),
        (None, "1.13", "ahead"),
    ],
)
def test_a_crossing_is_told_when_the_band_is_left_by_three_points(former, value, told):
    assert crossed(former, Fraction(value)) == told


@given(st.fractions(min_value=0, max_value=2), st.sampled_from(["ahead", "on_pace", "watch", "behind"]))
def test_after_a_crossing_was_told_the_same_value_is_told_no_more(value, former):
    told = crossed(former, value)
    assert told is None or (told == band_of(value) and crossed(told, value) is None)


def notices(person):
    return [(one.code, one.value, one.text_en) for one in records.notices(person=person)]


def look(day):
    return alert_targets(as_of=day, actor="hedef", at_us=Calendar().end_us(day))


def test_person_and_manager_are_told_once(company):
    company.team("North")
    ada = company.person("Ada", ("North", None, None))
    boss = company.person("Mert", ("North", None, None), role="manager")
    new = company.person("Bo")
    company.add_manager("Ada", "Mert")
    company.won("Ada", date(2017, 7, 10), 1_000_000)
    options = PlanOptions(metric="won_value")
    split_plan(
        SplitOrder("sales", "2017-Q3", total="300000.00", options=options), actor="local", as_of=date(2017, 6, 30)
    )
    publish_plan(plan="sales", actor="local", may_approve=True)
    assert look(date(2017, 8, 15)) > 0
    assert ("target_band", "behind", "Ada is behind in 2017-Q3.") in notices(ada)
    assert ("target_band", "behind", "Ada is behind in 2017-Q3.") in notices(boss)
    assert ("target_unread", None, "Your target letter sales@1 waits for your answer.") in notices(ada)
    assert notices(new) == []
    assert look(date(2017, 8, 16)) == 0
    assert records.notices(person=ada)[0].text("tr")
