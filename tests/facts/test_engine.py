"""Derived tables against the naive fold, for random histories, points and ways to cut them into absorbs."""

from collections import Counter
from datetime import date
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.facts.engine.deals import shares
from hedef.facts.segments import digest
from hedef.records.engine.kinds import ALWAYS_US
from tests.facts import naive
from tests.facts.histories import HOUR, SPLITS, START, InMemory, stories
from tests.facts.naive import Told

POINTS = st.integers(-1, 13).map(lambda hours: START + hours * HOUR)
CUTS = st.sets(st.integers(1, 6))


def built(story, cuts) -> InMemory:
    told, undoes, newest = story
    facts = InMemory(told, undoes)
    for after, upto in pairwise([0, *sorted(cut for cut in cuts if cut < newest), newest]):
        facts.absorb(after, upto)
    return facts


def summed(rows: pl.DataFrame, columns: list[str], sign: str, us: int) -> Counter:
    """What stands: rows effective by `us` added up, what adds up to nothing left out."""
    found: Counter = Counter()
    for row in rows.filter(pl.col("eff_us") <= us).iter_rows(named=True):
        found[tuple(row[name] for name in columns)] += row[sign]
    return Counter({key: n for key, n in found.items() if n})


def pipeline(facts: InMemory, us: int, known: int) -> Counter:
    rows = facts.known("deal_delta", known).with_columns(pl.col("amount_minor") * pl.col("n"))  # as it stood
    columns = ["deal", "process", "stage", "status", "owner", "close_on", "currency", "amount_minor"]
    return summed(rows, columns, "n", us)


def closings(facts: InMemory, us: int, known: int) -> Counter:
    columns = ["deal", "outcome", "owner", "process", "close_on", "currency", "reason", "amount_minor"]
    return summed(facts.known("closing", known), columns, "sign", us)


def credit(facts: InMemory, us: int, known: int) -> Counter:
    whole = facts.known("closing", known).filter(pl.col("split") == 0)
    whole = whole.with_columns(person="owner", kind=pl.lit("revenue"), share_bp=pl.lit(10_000, pl.Int64))
    columns = ["deal", "outcome", "person", "kind", "share_bp", "amount_minor"]
    wanted = ["eff_us", "sign", *columns]
    rows = pl.concat([whole.select(wanted), facts.known("closing_split", known).select(wanted)])
    return summed(rows, columns, "sign", us)


@settings(max_examples=50, deadline=None)
@given(stories(), CUTS, POINTS, st.integers(1, 7))
def test_at_any_point_the_sums_are_what_an_independent_fold_says(story, cuts, us, known):
    told, undoes, newest = story
    known = min(known, newest)
    facts = built(story, cuts)
    at = {"us": us, "known": known}
    assert pipeline(facts, us, known) == naive.pipeline(told, undoes, **at)
    assert closings(facts, us, known) == naive.closing_rows(told, undoes, **at)
    assert credit(facts, us, known) == naive.credited_closings(told, undoes, **at)


@settings(max_examples=35, deadline=None)
@given(stories(), CUTS, st.integers(1, 7))
def test_visits_and_living_deals_are_those_of_the_known_history(story, cuts, known):
    told, undoes, newest = story
    facts = built(story, cuts)
    rows = facts.living("stage_visit", min(known, newest))
    place = ["deal", "process", "stage", "visit_no", "entry_no", "entered_us", "left_us", "left_to"]
    assert set(rows["sign"]) <= {1}
    found = set(rows.select(*place, "owner", "amount_minor").iter_rows())
    assert found == naive.visits(told, undoes, known=min(known, newest))
    deals = facts.living("deal_now", min(known, newest))
    columns = ["deal", "stage", "status", "owner", "amount_minor"]
    assert set(deals.select(columns).iter_rows()) == naive.living_deals(told, undoes, known=min(known, newest))


@settings(max_examples=35, deadline=None)
@given(stories(), CUTS)
def test_however_it_is_cut_into_absorbs_the_same_rows_come_out(story, cuts):
    at_once, in_parts = built(story, set()), built(story, cuts)
    for name, rows in at_once.tables.items():
        assert digest(rows) == digest(in_parts.tables[name]), name
        sign = "n" if "n" in rows.columns else "sign"
        assert set(rows[sign].to_list()) <= {-1, 1}, f"{name}: every row counts one thing"
    assert digest(at_once.store) == digest(in_parts.store)


# --- single rules, by hand --------------------------------------------------------------------------------------------

OPEN = {"process": "new", "stage": "first", "status": "open", "owner": 1, "amount_minor": 100, "currency": "USD"}
WON = {"stage": "won", "status": "won", "close_on": date(2017, 3, 31)}


def after(*told: Told) -> InMemory:
    facts = InMemory(list(told), {})
    facts.absorb(0, max(one.seal for one in told))
    return facts


def said(facts: InMemory, table: str, *columns: str) -> list[tuple]:
    return sorted(facts.tables[table].select(columns).iter_rows())


def test_a_reopened_deal_withdraws_its_closing_from_that_instant_on():
    facts = after(
        Told(1, 0, 1, "set", START, OPEN),
        Told(1, 1, 1, "set", START + HOUR, WON),
        Told(1, 2, 1, "set", START + 2 * HOUR, {"stage": "second", "status": "open"}),
        Told(1, 3, 1, "set", START + 3 * HOUR, {**WON, "amount_minor": 120}),
    )
    assert said(facts, "closing", "eff_us", "sign", "outcome", "amount_minor") == [
        (START + HOUR, 1, "won", 100),
        (START + 2 * HOUR, -1, "won", 100),
        (START + 3 * HOUR, 1, "won", 120),
    ]


def test_a_corrected_amount_of_a_closed_deal_withdraws_the_former_row():
    facts = after(
        Told(1, 0, 1, "set", START, {**OPEN, **WON}),
        Told(1, 1, 1, "set", START + HOUR, {"amount_minor": 90}),
    )
    assert said(facts, "closing", "eff_us", "sign", "amount_minor") == [
        (START, 1, 100),
        (START + HOUR, -1, 100),
        (START + HOUR, 1, 90),
    ]


def test_who_held_the_deal_when_it_was_won_keeps_it_after_a_handover_and_a_correction():
    facts = after(
        Told(1, 0, 1, "set", START, {**OPEN, **WON}),
        Told(1, 1, 1, "set", START + HOUR, {"owner": 2}),
        Told(1, 2, 1, "set", START + 2 * HOUR, {"amount_minor": 90}),
    )
    assert said(facts, "closing", "eff_us", "sign", "owner", "amount_minor") == [
        (START, 1, 1, 100),
        (START + 2 * HOUR, -1, 1, 100),
        (START + 2 * HOUR, 1, 1, 90),
    ]


def test_a_deleted_deal_counts_until_its_end_and_again_after_its_revival():
    facts = after(
        Told(1, 0, 1, "set", START, {**OPEN, **WON}),
        Told(2, 0, 1, "end", START + HOUR),
        Told(3, 0, 1, "revive", START + 2 * HOUR),
    )
    assert said(facts, "deal_delta", "known_no", "eff_us", "n") == [
        (1, START, 1),
        (2, START + HOUR, -1),
        (3, START + 2 * HOUR, 1),
    ]
    assert said(facts, "closing", "known_no", "eff_us", "sign") == [
        (1, START, 1),
        (2, START + HOUR, -1),
        (3, START + 2 * HOUR, 1),
    ]


def test_two_stages_at_one_instant_are_two_visits_in_the_order_of_the_source():
    facts = after(
        Told(1, 0, 1, "set", START, OPEN),
        Told(1, 1, 1, "set", START, {"stage": "second"}),
        Told(1, 2, 1, "set", START + HOUR, {"stage": "first"}),
    )
    assert said(facts, "stage_visit", "visit_no", "entry_no", "stage", "entered_us", "left_us", "left_to") == [
        (1, 1, "first", START, START, "second"),
        (2, 1, "second", START, START + HOUR, "first"),
        (3, 2, "first", START + HOUR, None, None),
    ]


def test_a_deal_in_another_process_has_left_its_stage_as_moved():
    facts = after(
        Told(1, 0, 1, "set", START, OPEN),
        Told(1, 1, 1, "set", START + HOUR, {"process": "renewal"}),
        Told(1, 2, 1, "end", START + 2 * HOUR),
    )
    assert said(facts, "stage_visit", "visit_no", "process", "left_us", "left_to") == [
        (1, "new", START + HOUR, "moved"),
        (2, "renewal", START + 2 * HOUR, "ended"),
    ]


def test_a_late_change_rewrites_what_is_known_from_its_seal_on_and_nothing_before():
    facts = after(
        Told(1, 0, 1, "set", START, OPEN),
        Told(1, 1, 1, "set", START + 2 * HOUR, {"amount_minor": 300}),
        Told(2, 0, 1, "set", START + HOUR, {"amount_minor": 200}),
    )
    assert said(facts, "deal_delta", "known_no", "eff_us", "n", "amount_minor") == [
        (1, START, 1, 100),
        (1, START + 2 * HOUR, -1, -100),
        (1, START + 2 * HOUR, 1, 300),
        (2, START + HOUR, -1, -100),
        (2, START + HOUR, 1, 200),
        (2, START + 2 * HOUR, -1, -200),
        (2, START + 2 * HOUR, 1, 100),
    ]


def test_days_are_days_of_the_company():
    late_evening = 1_490_999_400_000_000  # 2017-03-31 22:30 UTC
    facts = InMemory([Told(1, 0, 1, "set", late_evening, OPEN)], {}, zone="Europe/Istanbul")
    facts.absorb(0, 1)
    assert said(facts, "deal_delta", "eff_day") == [(date(2017, 4, 1),)]
    assert said(facts, "stage_visit", "entered_day") == [(date(2017, 4, 1),)]


def test_what_is_since_always_has_the_first_day_in_every_zone():
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        facts = InMemory([Told(1, 0, 1, "set", ALWAYS_US, OPEN)], {}, zone=zone)
        facts.absorb(0, 1)
        assert said(facts, "deal_delta", "eff_day") == [(date.min,)]


def test_thirds_of_an_amount_add_up_to_it():
    assert shares(SPLITS[1], 1001) == [334, 333, 334]
    assert shares(SPLITS[1], -1001) == [-334, -333, -334]
    assert shares(SPLITS[2], 1001) == [1001, 250]
    assert shares(SPLITS[1], None) == [None, None, None]
