"""Trials of a process: arms, size before the start, and what may be said at the end."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.definition import validate
from hedef.kernel.evidence import compare_shares
from hedef.kernel.money import fraction_text
from hedef.kernel.yaml_source import read_yaml
from hedef.process.engine.trials import (
    Case,
    Side,
    arm_of,
    before_after_outcome,
    judged,
    matured_on,
    plan_of,
    split_outcome,
    state_of,
)
from hedef.process.trial_schema import ProcessTrial

TRIAL = """
kind: process-trial
id: written-need
version: 1
name: {en: Need in writing, tr: Yazılı ihtiyaç}
owner: operations
hypothesis: {en: Asking for the need in writing lifts conversion by 7 points., tr: Yazılı ihtiyaç dönüşümü artırır.}
change: new-business@4
outcome: {convert: [qualification, proposal], within_days: 60, better: up}
design: {kind: split, unit: deal, share: 0.5}
dates: [2017-07-03, 2017-09-29]
smallest_effect: 0.07
"""


def read(text: str = TRIAL):
    data, locate = read_yaml(text, "trial.yaml")
    return validate(ProcessTrial, data, locate, "trial.yaml")


def trial(*changes: tuple[str, str]) -> ProcessTrial:
    text = TRIAL
    for before, after in changes:
        text = text.replace(before, after)
    document, issues = read(text)
    assert document is not None, issues
    return document


def side(won: int, cases: int) -> Side:
    return Side(cases, won, 0, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("new-business@4", "new-business"), "line 8, column 9: change"),
        (("within_days: 60, ", ""), "within_days belongs to convert"),
        (("convert: [qualification, proposal], within_days: 60", "better: up"), "repeated"),
        (("2017-09-29", "2017-06-29"), "comes before the first"),
        (("share: 0.5", "share: 1"), "one arm is empty"),
        (("smallest_effect: 0.07", "smallest_effect: 0"), "every difference would matter"),
    ],
)
def test_a_trial_that_cannot_be_right_says_why(change, message):
    if message == "repeated":
        change = (change[0], "time_in: qualification, within_days: 60")
        message = "within_days belongs to convert"
    document, issues = read(TRIAL.replace(*change))
    assert document is None
    assert any(message in one.message for one in issues), issues


def test_it_runs_until_its_last_date_and_until_its_deals_have_had_their_days():
    one = trial()
    assert matured_on(one) == date(2017, 11, 29)  # 29 September and 60 days are over
    days = [date(2017, 7, 2), date(2017, 7, 3), date(2017, 11, 28), date(2017, 11, 29)]
    assert [state_of(one, day) for day in days] == ["planned", "running", "running", "finished"]


@given(st.integers(1, 10**9))
def test_an_arm_is_the_same_whenever_it_is_asked(deal):
    half = Fraction(1, 2)
    assert arm_of("written-need", deal, half) == arm_of("written-need", deal, half)


def test_arms_hold_about_their_share_and_differ_from_trial_to_trial():
    arms = [arm_of("written-need", deal, Fraction(1, 4)) for deal in range(10_000)]
    assert 2_350 < arms.count("new") < 2_650
    assert arms != [arm_of("other", deal, Fraction(1, 4)) for deal in range(10_000)]


def test_what_a_trial_needs_is_said_before_it_starts():
    # 30 % of the deals of the year before converted: 30 -> 37 % needs 713 an arm, 89 days bring 365 x 89 / 365 / 2
    history = [Case(n, 1, date(2017, 1, 1), int(n % 10 < 3)) for n in range(3_650)]
    plan = plan_of(trial(), history, 365)
    assert (plan.base, plan.needed, plan.expected, plan.enough) == (Fraction(3, 10), 713, 445, False)
    large = plan_of(trial(("smallest_effect: 0.07", "smallest_effect: 0.2")), history, 365)
    assert (large.needed, large.enough) == (93, True)
    assert plan_of(trial(), [], 365).needed is None


def test_the_split_of_the_design_is_better():
    one = trial()
    arms = {"old": [], "new": []}
    for deal in range(1, 4_000):
        arms[arm_of(one.id, deal, Fraction(1, 2))].append(deal)
    cases = [Case(deal, 1, one.first, int(place < 216)) for place, deal in enumerate(arms["old"][:720])]
    cases += [Case(deal, 1, one.first, int(place < 266)) for place, deal in enumerate(arms["new"][:720])]
    cases.append(Case(arms["new"][720], 1, one.first, None))  # still open: counted nowhere
    found = split_outcome(one, cases)
    assert (found.old, found.new) == (Side(720, 216, 0, 1), Side(720, 266, 1, 1))
    points = [fraction_text(100 * part, 2) for part in (found.comparison.interval.low, found.comparison.interval.high)]
    assert (fraction_text(100 * found.comparison.difference, 2), points) == ("6.94", ["2.07", "11.77"])
    assert found.verdict == "better"


def test_by_person_seven_people_an_arm_are_not_enough():
    one = trial(("unit: deal", "unit: person"))
    people = {"old": [], "new": []}
    for person in range(1, 200):
        people[arm_of(one.id, person, Fraction(1, 2))].append(person)

    def cases(n):
        return [
            Case(100 * person + deal, person, one.first, int(arm == "new" or deal < person % 4))
            for arm in ("old", "new")
            for person in people[arm][:n]
            for deal in range(10)
        ]

    assert split_outcome(one, cases(7)).verdict == "not_enough_data"
    assert split_outcome(one, cases(8)).verdict == "better"


MAVEN = [side(531, 647), side(1_254, 2_032), side(1_257, 2_047)]


@pytest.mark.parametrize(
    ("sides", "difference", "bounds"),
    [(MAVEN, "-0.31", ["-3.29", "2.68"]), (MAVEN[:2], "-20.36", ["-23.85", "-16.58"])],
)
def test_before_and_after_without_four_earlier_periods_is_not_enough_data(sides, difference, bounds):
    shares = [(one.total, one.cases) for one in sides[-2:]]
    found = judged(compare_shares(*shares, smallest_effect=Fraction(7, 100)), sides)
    interval = found.comparison.interval
    assert fraction_text(100 * found.comparison.difference, 2) == difference
    assert [fraction_text(100 * part, 2) for part in (interval.low, interval.high)] == bounds
    assert (found.verdict, found.reason) == ("not_enough_data", "earlier_periods")


def test_a_step_no_larger_than_one_before_is_not_called_better():
    quiet = [side(n, 1_000) for n in (300, 310, 305, 300)]
    jumpy = [side(n, 1_000) for n in (300, 420, 350, 300)]
    last = side(380, 1_000)
    found = compare_shares((300, 1_000), (380, 1_000))
    assert judged(found, [*quiet, last]).verdict == "better"
    told = judged(found, [*jumpy, last])
    assert (told.verdict, told.reason) == ("not_enough_data", "earlier_step")


def test_before_and_after_compares_periods_of_the_same_length_day_by_day():
    one = trial(
        ("kind: split, unit: deal, share: 0.5", "kind: before_after, unit: deal"),
        ("dates: [2017-07-03, 2017-09-29]", "dates: [2017-07-01, 2017-07-30]"),
    )
    cases = []
    for back, won in enumerate((400, 305, 300, 310, 300)):  # the trial, then the periods before it
        day = one.first - timedelta(days=30 * back)
        cases += [Case(10_000 * back + n, 1, day + timedelta(days=n % 30), int(n < won)) for n in range(1_000)]
    found = before_after_outcome(one, cases)
    assert [(side.total, side.cases) for side in found.earlier] == [(n, 1_000) for n in (300, 310, 300, 305)]
    assert (found.new.total, found.verdict) == (400, "better")


def test_days_in_a_stage_are_better_when_they_fall():
    one = trial(
        ("convert: [qualification, proposal], within_days: 60, better: up", "time_in: qualification, better: down"),
        ("0.07", "2"),
    )
    cases = [
        Case(deal, 1, one.first, (10 if arm_of(one.id, deal, Fraction(1, 2)) == "new" else 14) + deal % 3)
        for deal in range(1, 200)
    ]
    found = split_outcome(one, cases)
    assert found.verdict == "better"
    assert found.comparison.difference < 0
