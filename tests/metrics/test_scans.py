"""Scans against a plain fold of the same rows, and their text against the rules of the dialect."""

from datetime import date, timedelta
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.facts import registry
from hedef.facts.engine.lint import lint
from hedef.facts.engine.questions import bound
from hedef.kernel.calendar import Calendar
from hedef.metrics.engine.cases import fold_rows
from hedef.metrics.engine.org import Member, org_of
from hedef.metrics.engine.quantiles import quantile
from hedef.metrics.engine.scans import Span, _searched, flow_scan, measure_of, scans_of, state_scan, stock_scan
from hedef.metrics.engine.slices import slice_periods, stock_days
from hedef.metrics.engine.tables import CREDIT_TABLES
from hedef.metrics.engine.totals import Total, flow_totals, stock_totals
from hedef.metrics.queries.drill import belongs
from hedef.metrics.queries.evaluate import grains_of
from hedef.metrics.shipped import questions, shipped_metrics

METRICS = shipped_metrics()
CALENDAR = Calendar()
START = date(2017, 6, 20)
BYS = ("company", "team", "person")

days = st.integers(0, 120).map(lambda days: START + timedelta(days=days))
closings = st.lists(
    st.fixed_dictionaries(
        {
            "deal": st.integers(1, 5),
            "owner": st.sampled_from([1, 2, 3, None]),
            "outcome": st.sampled_from(["won", "lost"]),
            "close_on": st.one_of(st.none(), days),
            "eff_day": days,
            "currency": st.sampled_from(["USD", "EUR"]),
            "amount": st.sampled_from([None, 0, 5, 700, -3]),
            "sign": st.sampled_from([1, 1, -1]),
            "known_no": st.integers(1, 3),
        }
    ),
    max_size=25,
)
deltas = st.lists(
    st.fixed_dictionaries(
        {
            "deal": st.integers(1, 5),
            "owner": st.sampled_from([1, 2, 3, None]),
            "status": st.sampled_from(["open", "won", "hold"]),
            "eff_day": days,
            "currency": st.just("USD"),
            "amount": st.sampled_from([None, 10, -10, 400]),
            "n": st.sampled_from([1, -1]),
            "known_no": st.integers(1, 3),
        }
    ),
    max_size=25,
)
members = st.lists(
    st.tuples(st.integers(1, 3), st.integers(10, 12), st.one_of(st.none(), days), st.one_of(st.none(), days)).map(
        lambda row: Member(*row)
    ),
    max_size=5,
)
PARENTS = {10: None, 11: 10, 12: 10}


def table(rows, columns: dict[str, str]) -> pa.Table:
    kinds = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "VARCHAR": pa.string()}
    given_names = {"amount_minor": "amount"}

    def cell(row, name):
        if name == "eff_us":
            return CALENDAR.start_us(row["eff_day"]) + 1
        return row.get(given_names.get(name, name))

    return pa.table({name: pa.array([cell(row, name) for row in rows], kinds[kind]) for name, kind in columns.items()})


def run(scan, name: str, rows) -> pa.Table:
    with duckdb.connect(":memory:") as connection:
        connection.register(name, table(rows, registry.question_schema()[name]))
        return connection.sql(bound(scan.sql), params=dict(scan.params)).to_arrow_table()


def naive(measure, rows, org, key, first: date | None, last: date, day_of) -> Total:
    by, one = key
    kept = []
    for row in rows:
        day = day_of(row)
        if day > last or (first is not None and day < first):
            continue
        team = org.team_of(row["owner"], day if first is not None else last)
        mine = {
            "company": True,
            "person": row["owner"] == one,
            "team": (one in org.chain(team)) if one is not None else team is None,
        }
        if mine[by]:
            kept.append(row)
    return fold_rows(measure, kept, CALENDAR)


def same(found: Total, wanted: Total) -> None:
    assert (found.n, found.missing) == (wanted.n, wanted.missing)
    for currency in {*found.sums, *wanted.sums}:
        assert found.sums.get(currency, 0) == wanted.sums.get(currency, 0)


@settings(max_examples=40, deadline=None)
@given(closings, members, days, st.integers(1, 3))
def test_flows_add_up_as_row_by_row_at_every_level(rows, stays, as_of, known_no):
    org = org_of(stays, PARENTS)
    periods = [CALENDAR.period(name) for name in ("2017-07", "2017-Q3", "2017-W30", "2018-Q1")]
    documents = [METRICS["won_value"].model_copy(update={"credit": "owner_then"}), METRICS["decided_deals"]]
    slices = slice_periods(periods, as_of, org.changes())
    visible = [row for row in rows if row["known_no"] <= known_no and row["eff_day"] <= as_of]
    for document in documents:
        measure = measure_of(document)
        if slices is None:
            continue
        scan = flow_scan(
            [measure],
            slices=slices,
            movers=org.movers(slices.cuts[0], slices.cuts[-1]),
            as_of_us=CALENDAR.end_us(as_of),
            known_no=known_no,
            files=questions(),
        )
        totals = flow_totals(grains_of(run(scan, "closing", rows), 0), slices, BYS, org, len(periods))
        for key in [("company", None), ("person", 1), ("person", None), ("team", 10), ("team", 11), ("team", None)]:
            for place, period in enumerate(periods):
                wanted = naive(
                    measure,
                    visible,
                    org,
                    key,
                    period.start,
                    min(period.end, as_of),
                    lambda row: row["close_on"] or row["eff_day"],
                )
                same(totals.get(key, [Total()] * 4)[place], wanted)


@settings(max_examples=40, deadline=None)
@given(
    closings,
    members,
    st.sampled_from([("company", None), ("person", 1), ("person", None), ("team", 10), ("team", None)]),
)
def test_the_rows_of_any_scope_fold_to_its_total(rows, stays, key):
    org = org_of(stays, PARENTS)
    period = CALENDAR.period("2017-Q3")
    slices = slice_periods([period], date(2017, 8, 31), org.changes())
    measure = measure_of(METRICS["won_value"], "owner_then")
    asked = {
        "slices": slices,
        "movers": org.movers(slices.cuts[0], slices.cuts[-1]),
        "as_of_us": CALENDAR.end_us(date(2017, 8, 31)),
        "known_no": 9,
        "files": questions(),
    }
    sums = grains_of(run(flow_scan([measure], **asked), "closing", rows), 0)
    total = flow_totals(sums, slices, BYS, org, 1).get(key, [Total()])[0]
    folded = Total()
    for grain in grains_of(run(flow_scan([measure], **asked, detail=True), "closing", rows), 0):
        team = org.team_of(grain.owner, slices.day(grain.place))
        if belongs(org, key, grain, team):
            folded.add(grain)
    same(folded, total)


@settings(max_examples=40, deadline=None)
@given(deltas, members, days, st.integers(1, 3))
def test_stocks_are_the_state_at_each_periods_end_or_at_as_of(rows, stays, as_of, known_no):
    org = org_of(stays, PARENTS)
    periods = [CALENDAR.period(name) for name in ("2017-08", "2017-07", "2017-Q3", "2018-Q1")]
    wanted_days = stock_days(periods, as_of)
    distinct = sorted({day for day in wanted_days if day is not None})
    measure = measure_of(METRICS["open_pipeline"])
    visible = [row for row in rows if row["known_no"] <= known_no]
    if not distinct:
        return
    scan = stock_scan(
        [measure], instants=[CALENDAR.end_us(day) for day in distinct], known_no=known_no, files=questions()
    )
    totals = stock_totals(grains_of(run(scan, "deal_delta", rows), 0), wanted_days, BYS, org, len(periods))
    for key in [("company", None), ("person", 2), ("team", 10), ("team", None)]:
        for place, day in enumerate(wanted_days):
            if day is not None:
                wanted = naive(measure, visible, org, key, None, day, lambda row: row["eff_day"])
                same(totals.get(key, [Total()] * 4)[place], wanted)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=20))
def test_the_median_is_the_middle_or_the_mean_of_the_middle_two(values):
    import statistics

    counts = {value: values.count(value) for value in values}
    assert quantile(counts, Fraction(1, 2)) == Fraction(statistics.median(values)).limit_denominator(2)
    assert quantile(counts, Fraction(0)) == min(values)


SCANS = [
    (name, credit, dimension, detail)
    for name, one in METRICS.items()
    if one.fact is not None
    for credit in (None, "split")
    if credit is None or one.fact.table in CREDIT_TABLES
    for dimension, detail in ((None, False), ("process", True), ("region", False))
    if dimension is None or dimension in measure_of(one, credit).table.dimensions()
]
SPAN = Span(date(2017, 7, 1), date(2017, 10, 1), 1, 2, 5, date(2017, 12, 31), date(2017, 10, 1), 9)
# tables that rooms to come publish
AWAITED = {
    "forecast_value": {
        "run": "BIGINT",
        "person": "BIGINT",
        "period_start": "DATE",
        "horizon": "INTEGER",
        "currency": "VARCHAR",
        "amount_minor": "BIGINT",
    },
    "customer_risk": {"account": "BIGINT", "from_day": "DATE", "to_day": "DATE", "health": "VARCHAR"},
    "pay_entry": {
        "person": "BIGINT",
        "period_start": "DATE",
        "kind": "VARCHAR",
        "currency": "VARCHAR",
        "amount_minor": "BIGINT",
    },
}


@pytest.mark.parametrize(("name", "credit", "dimension", "detail"), SCANS)
def test_every_scan_keeps_to_the_dialect(name, credit, dimension, detail):
    measure = measure_of(METRICS[name], credit)
    if measure.table.kind == "stock":
        scan = stock_scan(
            [measure],
            instants=[1, 2, 3],
            known_no=9,
            files=questions(),
            dimension=dimension,
            detail=detail,
            people=[1, 2],
        )
    elif measure.table.kind == "state":
        scan = state_scan([measure], span=SPAN, files=questions(), dimension=dimension, detail=detail, people=[1, 2])
    else:
        slices = slice_periods([CALENDAR.period("2017-Q3")], date(2017, 12, 31), [date(2017, 8, 15)])
        scan = flow_scan(
            [measure],
            slices=slices,
            movers=[3],
            as_of_us=5,
            known_no=9,
            files=questions(),
            dimension=dimension,
            detail=detail,
            people=[1, 2],
        )
    grain = "-- grain: " + ", ".join(part for part in ("g_owner", "g_subject") if detail or part == "g_owner") + "\n"
    found = lint(grain + scan.sql, AWAITED | registry.question_schema(), name=scan.name)
    assert [issue.message for issue in found] == []


def test_metrics_of_one_facts_table_share_one_scan():
    measures = [measure_of(METRICS[name]) for name in ("won_deals", "lost_deals", "decided_deals", "open_deals")]
    assert [len(group) for group in scans_of(measures)] == [3, 1]


@given(st.lists(st.integers(0, 60), unique=True, min_size=0, max_size=40).map(sorted), st.integers(-5, 65))
def test_many_edges_are_halved_and_give_the_place_of_the_first_one_that_is_not_passed(edges, value):
    tests = [f"{value} <= {edge}" for edge in edges]
    text = _searched(tests, [100 + place for place in range(len(edges) + 1)])
    expected = 100 + next((place for place, edge in enumerate(edges) if value <= edge), len(edges))
    assert duckdb.sql(f"SELECT {text}").fetchall() == [(expected,)]
