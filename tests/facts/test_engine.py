"""Derived tables against the naive fold, for random histories, points and ways to cut them into absorbs."""

from collections import Counter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.facts.segments import digest
from tests.facts import naive
from tests.facts.histories import HOUR, START, InMemory, stories

POINTS = st.integers(-1, 13).map(lambda hours: START + hours * HOUR)
CUTS = st.sets(st.integers(1, 6))
MANY = settings(max_examples=150, deadline=None)


def built(story, cuts) -> InMemory:
    told, undoes, newest = story
    facts = InMemory(told, undoes)
    edges = [0, *sorted(cut for cut in cuts if cut < newest), newest]
    for after, upto in zip(edges, edges[1:], strict=False):
        facts.absorb(after, upto)
    return facts


def summed(rows: pl.DataFrame, columns: list[str], sign: str, us: int) -> Counter:
    """What stands: rows effective by `us` added up, what adds up to nothing left out."""
    found: Counter = Counter()
    for row in rows.filter(pl.col("eff_us") <= us).iter_rows(named=True):
        found[tuple(row[name] for name in columns)] += row[sign]
    return Counter({key: n for key, n in found.items() if n})


@MANY
@given(stories(), CUTS, POINTS, st.integers(1, 7))
def test_summed_deltas_are_the_pipeline_at_any_point(story, cuts, us, known):
    told, undoes, newest = story
    rows = built(story, cuts).known("deal_delta", min(known, newest))
    rows = rows.with_columns(pl.col("amount_minor") * pl.col("n"))  # as it stood, without its sign
    columns = ["deal", "process", "stage", "status", "owner", "close_on", "currency", "amount_minor"]
    expected = naive.pipeline(told, undoes, us=us, known=min(known, newest))
    assert summed(rows, columns, "n", us) == expected


@MANY
@given(stories(), CUTS, POINTS, st.integers(1, 7))
def test_summed_closings_are_those_that_stand_at_any_point(story, cuts, us, known):
    told, undoes, newest = story
    rows = built(story, cuts).known("closing", min(known, newest))
    columns = ["deal", "outcome", "owner", "process", "close_on", "currency", "reason", "amount_minor"]
    expected = naive.closing_rows(told, undoes, us=us, known=min(known, newest))
    assert summed(rows, columns, "sign", us) == expected


@MANY
@given(stories(), CUTS, POINTS, st.integers(1, 7))
def test_summed_credit_is_shared_to_the_cent_at_any_point(story, cuts, us, known):
    told, undoes, newest = story
    facts = built(story, cuts)
    whole = facts.known("closing", min(known, newest)).filter(pl.col("split") == 0)
    whole = whole.with_columns(person="owner", kind=pl.lit("revenue"), share_bp=pl.lit(10_000, pl.Int64))
    split = facts.known("closing_split", min(known, newest))
    columns = ["deal", "outcome", "person", "kind", "share_bp", "amount_minor"]
    wanted = ["eff_us", "sign", *columns]
    rows = pl.concat([whole.select(wanted), split.select(wanted)])
    expected = naive.credited_closings(told, undoes, us=us, known=min(known, newest))
    assert summed(rows, columns, "sign", us) == expected


@MANY
@given(stories(), CUTS, st.integers(1, 7))
def test_visits_are_those_of_the_known_history(story, cuts, known):
    told, undoes, newest = story
    rows = built(story, cuts).living("stage_visit", min(known, newest))
    columns = ["deal", "process", "stage", "visit_no", "entry_no", "entered_us", "left_us", "left_to", "owner", "amount_minor"]
    assert set(rows["sign"]) <= {1}
    assert set(rows.select(columns).iter_rows()) == naive.visits(told, undoes, known=min(known, newest))


@MANY
@given(stories(), CUTS, st.integers(1, 7))
def test_living_deals_are_those_of_the_known_history(story, cuts, known):
    told, undoes, newest = story
    rows = built(story, cuts).living("deal_now", min(known, newest))
    columns = ["deal", "stage", "status", "owner", "amount_minor"]
    assert set(rows.select(columns).iter_rows()) == naive.living_deals(told, undoes, known=min(known, newest))


@MANY
@given(stories(), CUTS)
def test_however_it_is_cut_into_absorbs_the_same_rows_come_out(story, cuts):
    at_once, in_parts = built(story, set()), built(story, cuts)
    for name, rows in at_once.tables.items():
        assert digest(rows) == digest(in_parts.tables[name]), name
    assert digest(at_once.store) == digest(in_parts.store)


@MANY
@given(stories())
def test_every_row_counts_one_thing(story):
    for name, rows in built(story, set()).tables.items():
        sign = "n" if "n" in rows.columns else "sign"
        assert set(rows[sign].to_list()) <= {-1, 1}, name
