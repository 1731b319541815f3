"""Targets in a company that closes 4-4-5: lines are phased over its own months, and starts are those of its months."""

from datetime import date
from fractions import Fraction

from hedef.kernel.calendar import Calendar
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.lines import Deriver
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.sheet import start_period

WEEKS = Calendar(weeks="4-4-5")
EVEN, WORKING = Phasing("even"), Phasing("working")


def test_a_quarter_is_phased_over_its_4_4_and_5_weeks():
    quarter = WEEKS.period("2017-Q4")  # 19 + 18 + 24 working days: Columbus, Veterans, Thanksgiving, Christmas off
    months = Deriver(WEEKS, WORKING).months(610_000, quarter)
    assert [(one.id, value) for one, value in months] == [
        ("FY2017-P10", 190_000),
        ("FY2017-P11", 180_000),
        ("FY2017-P12", 240_000),
    ]


def test_fiscal_months_are_summed_to_their_quarter_and_weeks_to_their_month():
    found = Deriver(WEEKS, WORKING).derive(
        {**_lines("FY2017-P10", 1), **_lines("FY2017-P11", 2), **_lines("FY2017-P12", 4)}, WEEKS.period("2017-Q4")
    )
    assert (found.how, sum(piece.value for piece in found.pieces)) == ("summed", 7)
    weeks = {key: value for week in range(40, 44) for key, value in _lines(f"2017-W{week}", 10).items()}
    assert Deriver(WEEKS, EVEN).derive(weeks, WEEKS.period("FY2017-P10")).how == "summed"


def _lines(name: str, value: int):
    period = WEEKS.period(name)
    return {(period.start, period.end): value}


def test_week_53_has_its_share_of_the_year():
    year = _lines("2015", 53_000)
    found = Deriver(WEEKS, EVEN).derive(year, WEEKS.period("2015-W53"))
    assert found.how == "phased"
    assert 0 < sum(piece.value for piece in found.pieces) < 53_000


def test_the_elapsed_share_counts_full_months_of_the_companys_year():
    clock = Clock(WEEKS, date(2017, 10, 29), EVEN, "calendar")
    assert clock.elapsed(WEEKS.period("2017-Q4")) == Fraction(1, 3)


def test_a_start_date_of_a_fiscal_month_is_known_as_one():
    assert start_period(date(2017, 10, 30), "month", WEEKS).id == "FY2017-P11"
    assert start_period(date(2017, 11, 1), "month", WEEKS).id == "2017-11"
    assert "date_not_a_period_start" in start_period(date(2017, 11, 2), "month", WEEKS)
