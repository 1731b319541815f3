"""The eight checks, each on both sides of its limits, with numbers by hand. No database."""

from collections import Counter
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from hedef.intake.checks import BOUNDS, CHECKS, Bound, Measured, Slices, slices_of
from hedef.intake.trust.freshness import Heard, freshness, rhythm_of
from hedef.intake.trust.measures import FEWEST_IMPORTS, Limits, Measures, Part, worst_of_each
from hedef.intake.trust.profile import Profile, drift, index, profile_from, profile_of
from hedef.intake.trust.rules import Rhythm
from hedef.kernel.calendar import Calendar
from hedef.kernel.trust import SENTENCES, Reason, Trust, worst_trust

DAY = 86_400_000_000
CALENDAR = Calendar()


def of(measures: Measures) -> dict[str, tuple[str, int]]:
    return {one.check: (one.level, one.measured) for one in measures.finish()}


def noon(day: date) -> int:
    return CALENDAR.start_us(day) + DAY // 2


# --- shares -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "rows", "level"),
    [
        ("uniqueness", 10, "trusted"),  # 0.1 % of 10,000 is kept
        ("uniqueness", 11, "caution"),
        ("uniqueness", 100, "caution"),  # 1 %
        ("uniqueness", 101, "blocked"),
        ("referential", 50, "trusted"),  # 99.5 % resolved
        ("referential", 51, "caution"),
        ("referential", 300, "caution"),  # 97 %
        ("referential", 301, "blocked"),
        ("domain", 50, "trusted"),
        ("domain", 51, "caution"),
        ("domain", 300, "caution"),
        ("domain", 301, "blocked"),
        ("history", 10, "trusted"),  # 99.9 % agree
        ("history", 11, "caution"),
        ("history", 100, "caution"),
        ("history", 101, "blocked"),
        ("reconciliation", 0, "trusted"),
        ("reconciliation", 1, "blocked"),
        ("completeness", 1, "blocked"),
    ],
)
def test_a_share_is_judged_on_both_sides_of_its_limits(check, rows, level):
    assert Measured(check, rows, 10_000).level == level


def test_a_share_is_compared_exactly_not_after_rounding():
    assert Measured("domain", 1, 199).level == "caution"  # 0.5025 %
    assert Measured("domain", 1, 200).level == "trusted"  # 0.5 %
    assert Measured("domain", 1, 199).measured == 50


def test_suspects_and_impossible_values_count_under_their_check_and_the_worst_counts():
    measures = Measures("deal")
    measures.add(Part(1000, suspects=[1, 2], impossible=range(40)))
    assert of(measures) == {"uniqueness": ("caution", 20), "domain": ("blocked", 400)}


def test_parts_add_up_to_the_whole_file():
    frame = pl.DataFrame({"row": range(1, 201), "owner": [1, 2] * 100, "stage": ["a", "b"] * 100})
    whole, parts = Measures("deal"), Measures("deal")
    whole.add(Part(200, frame, rejected=[1, 150], repeated=[3], named=400, lost=4, lost_rows=[7]))
    parts.add(Part(100, frame.head(100), rejected=[1], repeated=[3], named=200, lost=4, lost_rows=[7]))
    parts.add(Part(100, frame.tail(100), rejected=[150], named=200))
    assert parts.finish() == whole.finish()
    assert parts.profile == whole.profile
    resumed = Measures("deal")
    resumed.restore(parts.state())
    assert (resumed.finish(), resumed.profile) == (whole.finish(), whole.profile)


def test_what_could_not_run_is_absent_and_the_order_is_that_of_the_page():
    measures = Measures("deal")
    measures.add(Part(100))
    measures.replayed(99, 100)
    measures.reconciled(0)
    found = [one.check for one in measures.finish()]
    assert found == ["uniqueness", "domain", "reconciliation", "history"]
    assert [check for check in CHECKS if check in found] == found


# --- against what was usual -------------------------------------------------------------------------------------------


def usual(rows: int = 1000, filled: int = 1000, times: int = FEWEST_IMPORTS) -> list[Profile]:
    return [Profile(rows, rows, filled={"owner": filled}) for _ in range(times)]  # type: ignore[arg-type]


def arrived(rows: int, owners: int, *, whole: bool = True, times: int = FEWEST_IMPORTS) -> Measures:
    measures = Measures("deal", limits=Limits(needed=("owner",)), usual=usual(times=times), whole=whole)
    known = pl.Series([1] * owners + [None] * (rows - owners), dtype=pl.Int64)
    measures.add(Part(rows, pl.DataFrame({"row": range(1, rows + 1), "owner": known})))
    return measures


@pytest.mark.parametrize(
    ("owners", "level", "measured"),
    [(980, "trusted", None), (979, "caution", 210), (900, "caution", 1000), (899, "blocked", 1010)],
)
def test_a_needed_field_filled_less_than_usual(owners, level, measured):
    found = of(arrived(1000, owners))["completeness"]
    assert found[0] == level
    assert measured is None or found[1] == measured


@pytest.mark.parametrize(
    ("rows", "level"),
    [(800, "trusted"), (799, "caution"), (500, "caution"), (499, "blocked"), (1200, "trusted"), (1201, "caution"),
     (1500, "caution"), (1501, "blocked")],
)  # fmt: skip
def test_rows_away_from_the_mean_of_the_imports_before(rows, level):
    assert of(arrived(rows, rows))["completeness"][0] == level


def test_a_partial_export_is_as_long_as_what_changed_so_its_length_never_blocks():
    assert of(arrived(10, 10, whole=False))["completeness"] == ("caution", 9900)


def test_rejected_rows_are_the_domain_checks_and_no_gaps_of_a_field():
    measures = Measures("deal", limits=Limits(needed=("owner",)), usual=usual(), whole=True)
    known = pl.Series([1] * 900 + [None] * 100, dtype=pl.Int64)
    measures.add(Part(1000, pl.DataFrame({"row": range(1, 1001), "owner": known}), rejected=range(901, 1001)))
    assert {one.check: one.level for one in measures.finish()} == {
        "completeness": "trusted", "uniqueness": "trusted", "domain": "blocked",
    }  # fmt: skip


def test_before_three_imports_nothing_is_usual():
    assert "completeness" not in of(arrived(1, 1, times=FEWEST_IMPORTS - 1))


# --- drift ------------------------------------------------------------------------------------------------------------


def test_the_stability_index_by_hand():
    # 50/50 against 60/40: 0.1 * ln(1.2) + 0.1 * ln(1.25) = 0.018232 + 0.022314 = 0.040546
    assert index({"a": 60, "b": 40}, {"a": 50, "b": 50}) == 405
    assert index({"a": 50, "b": 50}, {"a": 50, "b": 50}) == 0
    # 50/50 against 80/20: 0.3 * ln(1.6) + 0.3 * ln(2.5) = 0.141001 + 0.274887 = 0.415888
    assert index({"a": 80, "b": 20}, {"a": 50, "b": 50}) == 4158


def test_drift_cautions_above_a_tenth_and_never_blocks():
    at = {"stage": {"a": 500, "b": 500}}
    levels = {}
    for share in (600, 660, 900):
        measures = Measures("deal", usual=[Profile(1000, groups=dict(at))] * FEWEST_IMPORTS)  # type: ignore[arg-type]
        stages = ["a"] * share + ["b"] * (1000 - share)
        measures.add(Part(1000, pl.DataFrame({"row": range(1000), "stage": stages})))
        levels[share] = of(measures)["drift"]
    # 66/34: 0.16 * ln(1.32) + 0.16 * ln(0.5 / 0.34) = 0.044421 + 0.061706 = 0.106127
    assert levels == {600: ("trusted", 405), 660: ("caution", 1061), 900: ("caution", 8788)}


def test_few_rows_and_rare_groups_say_nothing():
    few = Profile(50, groups={"stage": Counter(a=50)})  # type: ignore[arg-type]
    assert drift(few, Profile(1000, groups={"stage": Counter(b=1000)})) == {}  # type: ignore[arg-type]
    owners = Counter({str(one): 10 for one in range(100)})
    others = Counter({str(one + 100): 10 for one in range(100)})
    told = drift(Profile(1000, groups={"owner": others}), Profile(1000, groups={"owner": owners}))  # type: ignore[arg-type]
    assert told == {"owner": 0}


def test_amounts_are_compared_by_the_tenths_of_what_was_usual():
    before = pl.DataFrame({"row": range(1000), "amount_minor": [100 * 2 ** (one % 10) for one in range(1000)]})
    same = profile_of(before.with_columns(currency=pl.lit("EUR")), ())
    twice = profile_of(before.with_columns(pl.col("amount_minor") * 2, currency=pl.lit("EUR")), ())
    assert drift(same, same) == {"amount": 0}
    # each tenth moves up by one: the first empties, the last doubles: (0.1 - 0.0001) * ln(1000) + 0.1 * ln(2)
    assert drift(twice, same)["amount"] == pytest.approx(7594, abs=2)


def test_a_profile_keeps_no_words_and_comes_back_as_it_was():
    frame = pl.DataFrame({"row": [1, 2], "owner": [7, None], "stage": ["won", "lost"], "amount_minor": [0, 500]})
    made = profile_of(frame, ("owner", "stage"))
    assert made.as_json() == {
        "rows": 2,
        "taken": 2,
        "filled": {"owner": 1, "stage": 2},
        "groups": {"amount": {"- 0": 1, "- 21": 1}, "owner": {"7": 1}, "stage": {"lost": 1, "won": 1}},
    }
    assert profile_from(made.as_json()) == made


# --- freshness --------------------------------------------------------------------------------------------------------


def asked(last: date, now: date, rhythm: Rhythm | None, **more) -> Reason | None:
    heard = Heard("acme", "deal", (noon(last), *more.pop("moments", ())))
    return freshness(heard, asked_us=noon(now) + more.pop("later", 0), rhythm=rhythm, calendar=CALENDAR, **more)


@pytest.mark.parametrize(
    ("days", "later", "level"),
    [(0, 0, "trusted"), (15, 0, "trusted"), (15, DAY // 99, "caution"), (30, 0, "caution"), (30, DAY // 99, "blocked")],
)
def test_age_against_the_rhythm_on_both_sides_of_its_limits(days, later, level):
    now = date(2026, 3, 1).fromordinal(date(2026, 3, 1).toordinal() + days)
    found = asked(date(2026, 3, 1), now, Rhythm(days=10), later=later)
    assert found is not None
    assert found.level == level


def test_a_working_day_rhythm_does_not_count_the_weekend():
    friday, monday, tuesday = date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17)
    daily = Rhythm(working_days=1)
    assert [asked(friday, day, daily).level for day in (monday, tuesday)] == ["trusted", "caution"]
    assert asked(friday, monday, Rhythm(days=1)).level == "caution"


def test_a_rhythm_is_learnt_from_days_of_import_not_from_files():
    mondays = [date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19), date(2026, 10, 26)]
    assert rhythm_of([noon(one) for one in mondays], CALENDAR) == Rhythm(days=7)
    workdays = [date(2026, 11, one) for one in (9, 10, 11, 12, 13, 16, 17)]
    assert rhythm_of([noon(one) for one in workdays], CALENDAR) == Rhythm(working_days=1)
    many_on_two_days = [noon(date(2026, 11, 9)) + one for one in range(50)] + [noon(date(2026, 11, 10))]
    assert rhythm_of(many_on_two_days, CALENDAR) is None


def test_without_a_rhythm_freshness_does_not_run():
    assert asked(date(2026, 1, 1), date(2026, 11, 17), None) is None


def test_what_came_after_the_asked_moment_has_seen_it():
    found = asked(date(2026, 11, 17), date(2017, 8, 31), Rhythm(days=1))
    assert (found.level, found.measured) == ("trusted", 0)


# --- slices, rules, words ---------------------------------------------------------------------------------------------


def test_a_slice_hears_of_its_own_rows_and_of_those_of_nobody():
    slices = Slices({(1, "2026-10"): 5, (None, "2026-11"): 1}, {(1, "2026-10"): 50, (2, "2026-11"): 100})
    assert slices.of(frozenset({1}), None) == (6, 50)
    assert slices.of(frozenset({2}), None) == (1, 100)
    assert slices.of(None, ("2026-11", "2026-12")) == (1, 100)
    assert slices.of(frozenset({2}), ("2026-09", "2026-09")) == (0, 0)
    assert slices_of(slices.as_json()) == slices


def test_found_rows_lie_in_the_month_and_with_the_person_of_their_row():
    frame = pl.DataFrame({"row": [1, 2, 3], "owner": [7, 7, 8], "day": [date(2026, 10, 1), date(2026, 11, 1), None]})
    measures = Measures("deal")
    measures.add(Part(4, frame, rejected=[1, 4]))
    domain = next(one for one in measures.finish() if one.check == "domain")
    assert domain.slices == Slices(
        {(7, "2026-10"): 1, (None, None): 1}, {(7, "2026-10"): 1, (7, "2026-11"): 1, (8, None): 1}
    )


def test_limits_of_a_source_count_instead_of_the_shipped_ones():
    measures = Measures("deal", limits=Limits({"domain": Bound(1_000, 2_000)}))
    measures.add(Part(100, rejected=range(10)))
    assert of(measures)["domain"] == ("trusted", 1_000)


def test_the_worst_measure_of_a_check_counts_and_of_equal_ones_the_first():
    one, other = Measured("domain", 1, 100), Measured("domain", 5, 100, "impossible")
    assert worst_of_each([one, other]) == [other]
    assert worst_of_each([one, Measured("domain", 1, 100, "impossible")]) == [one]


def test_the_worst_level_wins_and_unknown_stays_only_where_nothing_ran():
    caution = Trust("caution", (Reason("drift", "caution"),))
    assert worst_trust([]).level == "unknown"
    assert worst_trust([Trust("trusted"), Trust("unknown")]).level == "unknown"
    assert worst_trust([Trust("trusted"), caution, Trust("unknown")]).level == "caution"
    assert worst_trust([caution, Trust("blocked", (Reason("domain", "blocked"),))]).level == "blocked"


def test_every_measure_has_its_sentence_and_pages_say_the_same_in_english():
    from hedef.web.trust import _WORDS

    assert set(BOUNDS) <= set(SENTENCES)
    assert {key: str(word) for key, word in _WORDS.items()} == SENTENCES


def test_sentences_name_their_numbers():
    told = Reason("completeness", "caution", "acme", "deal", "filled:owner", 21, 1000, 210, 200)
    assert str(told) == "deal of acme: owner is filled in 2.1 points fewer rows than usual"
    assert str(Measured("drift", 0, 9, "index:stage", 1061).reason("a", "deal")).endswith("(stability index 0.1061)")
    late = Reason("freshness", "caution", "acme", "deal", limit=7 * 24 * 60, day=date(2026, 11, 1))
    assert str(late) == "deal of acme: nothing came since 2026-11-01; usually something comes every 7 days"
    assert Fraction(Measured("domain", 1, 3).exact) == Fraction(10_000, 3)
