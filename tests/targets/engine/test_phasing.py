"""T4: lines over shorter periods, and periods without a line."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.calendar import Calendar
from hedef.targets.engine.lines import Deriver
from hedef.targets.engine.phasing import Phasing, phase
from hedef.targets.engine.season import Reference, season

US = Calendar()
TR = Calendar(country="TR", base_currency="TRY", time_zone="Europe/Istanbul")


def book(calendar: Calendar, lines: dict[str, int]) -> dict[tuple[date, date], int]:
    return {(calendar.period(name).start, calendar.period(name).end): value for name, value in lines.items()}


def months(calendar: Calendar, name: str, value: int, phasing: Phasing) -> list[int]:
    whole = calendar.period(name)
    parts, issues = phase(value, calendar=calendar, whole=whole, parts=calendar.parts(whole, "month"), phasing=phasing)
    assert issues == []
    return parts


def test_half_holidays_count_in_a_turkish_quarter():
    """28 October from noon and 29 October: 41 + 42 + 46 half-days."""
    assert months(TR, "2026-Q4", 600_000_000, Phasing("working")) == [190_697_675, 195_348_837, 213_953_488]


def test_even_phasing_gives_the_odd_cent_to_the_first_month():
    assert months(US, "2017-Q3", 100, Phasing("even")) == [34, 33, 33]


def test_manual_phasing_must_sum_to_the_line():
    whole = US.period("2017-Q3")
    parts = US.parts(whole, "month")
    manual = {"2017-07": 20, "2017-08": 30, "2017-09": 40}

    assert phase(90, calendar=US, whole=whole, parts=parts, phasing=Phasing("manual", manual)) == ([20, 30, 40], [])
    values, issues = phase(100, calendar=US, whole=whole, parts=parts, phasing=Phasing("manual", manual))
    assert values == []
    assert [(issue.code, issue.level) for issue in issues] == [("manual_phasing_sum", "error")]
    assert "-10" in issues[0].message


def test_manual_phasing_names_every_month():
    whole = US.period("2017-Q3")
    phasing = Phasing("manual", {"2017-07": 20})

    _, issues = phase(20, calendar=US, whole=whole, parts=US.parts(whole, "month"), phasing=phasing)

    assert [issue.code for issue in issues] == ["manual_phasing_incomplete"]
    assert "2017-08, 2017-09" in issues[0].message


def test_seasonal_phasing_takes_the_shares_of_the_reference_periods():
    shape = season([Reference((Fraction(1), Fraction(1), Fraction(2)), 1, Fraction(0))])

    assert months(US, "2017-Q3", 1000, Phasing("seasonal", season=shape)) == [250, 250, 500]


def test_seasonal_share_counts_each_reference_once():
    shape = season(
        [
            Reference((Fraction(1), Fraction(1), Fraction(2)), 1, Fraction(1, 2)),
            Reference((Fraction(500), Fraction(500), Fraction(0)), 1, Fraction(250)),
        ]
    )

    assert shape is not None
    assert shape.shares == (Fraction(3, 8), Fraction(3, 8), Fraction(1, 4))
    assert shape.now == (Fraction(3, 8) + Fraction(3, 4)) / 2
    assert (shape.low, shape.high) == (Fraction(15, 32), Fraction(21, 32))


def test_a_line_of_the_period_itself_wins():
    deriver = Deriver(US, Phasing("working"))
    lines = book(US, {"2017-Q3": 100, "2017-07": 1, "2017-08": 1, "2017-09": 1, "2017": 999})

    found = deriver.derive(lines, US.period("2017-Q3"))

    assert (found.how, [piece.value for piece in found.pieces]) == ("given", [100])


def test_shorter_lines_are_summed_when_all_of_them_are_there():
    deriver = Deriver(US, Phasing("working"))
    lines = book(US, {"2017-07": 30, "2017-08": 75, "2017-09": 50, "2017-Q4": 155})

    found = deriver.derive(lines, US.period("2017-H2"))

    assert (found.how, sum(piece.value for piece in found.pieces)) == ("summed", 310)


def test_a_part_of_the_shorter_lines_is_said_to_be_a_part():
    found = Deriver(US, Phasing()).derive(book(US, {"2017-07": 30}), US.period("2017-Q3"))

    assert (found.how, sum(piece.value for piece in found.pieces)) == ("partly_summed", 30)


def test_the_next_longer_line_is_phased_down():
    deriver = Deriver(US, Phasing("working"))

    found = deriver.derive(book(US, {"2017-Q3": 6300, "2017": 1}), US.period("2017-08"))

    assert (found.how, [piece.value for piece in found.pieces]) == ("phased", [2300])  # 23 of 63 working days


def test_a_week_that_crosses_months_takes_from_both_by_working_days():
    """Week 31 of 2017: one working day in July (of 20), four in August (of 23)."""
    deriver = Deriver(US, Phasing("working"))

    found = deriver.derive(book(US, {"2017-07": 2000, "2017-08": 2300}), US.period("2017-W31"))

    assert [piece.value for piece in found.pieces] == [100 + 400]


def test_weekly_lines_give_a_month_the_days_that_lie_in_it():
    deriver = Deriver(US, Phasing("working"))
    lines = book(US, {f"2017-W{number}": 500 for number in range(31, 36)})

    found = deriver.derive(lines, US.period("2017-08"))

    assert (found.how, [piece.value for piece in found.pieces]) == ("summed", [400, 500, 500, 500, 400])


def test_a_level_target_is_repeated_and_never_divided():
    deriver = Deriver(US, Phasing("working"))

    found = deriver.level(book(US, {"2017": 6300}), US.period("2017-08"))

    assert (found.how, [piece.value for piece in found.pieces]) == ("phased", [6300])


def test_nothing_is_derived_from_lines_of_other_periods():
    assert Deriver(US, Phasing()).derive(book(US, {"2016-Q3": 100}), US.period("2017-Q3")).how == "none"


@given(value=st.integers(-(10**12), 10**12), by=st.sampled_from(["even", "working"]), start=st.sampled_from([1, 2, 7]))
def test_months_quarters_and_halves_of_a_year_add_up_to_it(value, by, start):
    calendar = Calendar(fiscal_start=start)
    year = calendar.period("2017")
    deriver = Deriver(calendar, Phasing(by))
    lines = {(year.start, year.end): value}

    for kind in ("half", "quarter", "month"):
        parts = [deriver.derive(lines, part) for part in calendar.parts(year, kind)]
        assert sum(piece.value for part in parts for piece in part.pieces) == value


@given(value=st.integers(0, 10**9))
def test_weeks_of_a_year_add_up_to_it(value):
    year = US.period("2018")  # 1 January 2018 is a Monday, 31 December 2018 too
    deriver = Deriver(US, Phasing("working"))
    lines = {(year.start, year.end): value}

    weeks = [deriver.derive(lines, week) for week in US.parts(year, "week")]

    assert sum(piece.value for week in weeks for piece in week.pieces) == value
