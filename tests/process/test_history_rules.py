"""The history rules S1-S12, one test each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.process.engine.history import (
    Journey,
    Moment,
    StageInfo,
    Visit,
    in_order,
    in_place,
    journey,
    visits,
)

STAGES = {
    name: StageInfo(name, order, category)
    for name, order, category in (
        ("qualify", 10, "open"),
        ("needs", 20, "open"),
        ("offer", 30, "open"),
        ("talk", 40, "open"),
        ("won", 50, "won"),
        ("lost", 60, "lost"),
    )
}


def at(stage: str | None, eff_us: int, *, process: str = "sales", seal_no: int = 1, ord: int | None = None) -> Moment:  # noqa: A002
    return Moment(eff_us, seal_no, eff_us if ord is None else ord, process, stage)


def way(*stages: str) -> Journey:
    return journey(visits([at(stage, place) for place, stage in enumerate(stages)]), lambda _process, _us: STAGES)


def test_s1_changes_are_ordered_by_instant_then_seal_then_the_sources_own_sequence():
    first, second, third = at("qualify", 5, seal_no=1, ord=9), at("needs", 5, seal_no=2, ord=1), at("offer", 6, ord=0)
    fourth = at("won", 6, ord=1)
    assert in_order([fourth, third, second, first]) == [first, second, third, fourth]


def test_s2_naming_the_same_stage_again_opens_no_visit():
    found = visits([at("qualify", 1), at("qualify", 2), at("needs", 3), at("needs", 4)])
    assert found == [
        Visit("sales", "qualify", 1, 1, 1, 3, "needs"),
        Visit("sales", "needs", 2, 1, 3),
    ]


def test_s3_at_the_same_instant_both_visits_exist_and_the_first_has_length_0():
    found = visits([at("qualify", 7, ord=1), at("needs", 7, ord=2), at("won", 9)])
    assert [(one.stage, one.length_us) for one in found] == [("qualify", 0), ("needs", 2), ("won", None)]


def test_s4_coming_back_opens_visit_2_and_the_funnel_counts_the_deal_once():
    found = visits([at("qualify", 1), at("needs", 2), at("qualify", 5), at("lost", 6)])
    assert [(one.stage, one.visit_no, one.entry_no) for one in found] == [
        ("qualify", 1, 1),
        ("needs", 2, 1),
        ("qualify", 3, 2),
        ("lost", 4, 1),
    ]
    assert sum(one.length_us or 0 for one in found if one.stage == "qualify") == 2
    assert way("qualify", "needs", "qualify", "lost").entered == {"qualify", "needs", "lost"}


def test_s5_a_forward_move_over_an_open_stage_skips_it():
    found = way("qualify", "offer", "lost")
    assert found.skipped == {"needs"}
    assert "needs" in found.reached
    assert "needs" not in found.entered


def test_s6_reached_is_entered_this_stage_or_a_later_open_one_or_won():
    assert way("qualify", "offer").reached == {"qualify", "needs", "offer"}
    assert way("qualify", "won").reached == {"qualify", "needs", "offer", "talk"}
    assert way("qualify", "lost").reached == {"qualify"}


def test_s7_a_move_to_a_lower_order_is_counted_per_pair_and_reached_is_kept():
    found = way("qualify", "offer", "needs", "offer", "needs")
    assert found.backs == {("offer", "needs"): 2}
    assert found.reached == {"qualify", "needs", "offer"}


def test_s8_closed_to_open_is_a_reopening_and_no_way_back():
    found = way("qualify", "lost", "needs", "won")
    assert (found.reopened, found.backs, found.outcome) == (1, {}, "won")


@pytest.mark.parametrize(
    ("stages", "lost_from", "born_closed"),
    [(("qualify", "offer", "lost"), "offer", False), (("lost",), None, True), (("won",), None, True)],
)
def test_s9_lost_from_is_the_last_open_stage_and_a_deal_never_seen_open_is_born_closed(stages, lost_from, born_closed):
    found = way(*stages)
    assert (found.lost_from, found.born_closed) == (lost_from, born_closed)
    assert not born_closed or found.reached == frozenset()


def test_s10_a_deal_moved_to_another_process_is_neither_won_nor_lost_there():
    found = visits([at("qualify", 1), at("needs", 2), at("first-call", 4, process="renewals")])
    assert [(one.process, one.stage, one.left_to) for one in found] == [
        ("sales", "qualify", "needs"),
        ("sales", "needs", "moved"),
        ("renewals", "first-call", None),
    ]
    here = [one for one in found if one.process == "sales"]
    assert journey(here, lambda _process, _us: STAGES) == Journey(
        entered=frozenset({"qualify", "needs"}), reached=frozenset({"qualify", "needs"}), moved_away=True
    )


def test_s11_a_move_out_of_a_dropped_stage_is_neither_progress_nor_back_nor_skip():
    newer = {name: stage for name, stage in STAGES.items() if name not in {"needs", "offer"}}

    def stages_at(_process: str | None, us: int) -> dict[str, StageInfo]:
        return STAGES if us < 10 else newer

    forward = journey(visits([at("qualify", 1), at("needs", 2), at("talk", 10)]), stages_at)
    assert (forward.skipped, forward.backs) == (frozenset(), {})
    back = journey(visits([at("offer", 2), at("qualify", 10)]), stages_at)
    assert back.backs == {}


def test_s12_changes_before_the_creation_or_after_the_day_of_the_question_are_not_counted():
    moments = [at("qualify", 1), at("needs", 5), at("won", 9)]
    kept, issues = in_place(7, moments, created_us=3, as_of_us=8)
    assert kept == [at("needs", 5)]
    assert [(issue.code, issue.object) for issue in issues] == [("stage_before_create", "D-7")]
    assert "stands in qualify on 1970-01-01T00:00:00Z" in issues[0].message


@given(st.lists(st.sampled_from(sorted(STAGES)), max_size=12))
def test_reached_never_grows_towards_the_end_of_the_process(stages):
    found = way(*stages).reached
    ordered = [name for name in STAGES if STAGES[name].category == "open"]
    assert [name in found for name in ordered] == sorted((name in found for name in ordered), reverse=True)


@given(st.lists(st.tuples(st.sampled_from(sorted(STAGES)), st.integers(0, 4)), max_size=10), st.randoms())
def test_the_order_of_rows_does_not_matter_where_the_source_gives_a_sequence(steps, dice):
    moments = [at(stage, us, ord=place) for place, (stage, us) in enumerate(steps)]
    mixed = list(moments)
    dice.shuffle(mixed)
    assert visits(mixed) == visits(moments)
