"""Every KPI of the library over records of every kind, against SQL that was written by hand over the records."""

import sys
from datetime import date
from fractions import Fraction

import pytest
from django.db import connection

from hedef.metrics.queries import evaluate, rows
from hedef.metrics.shipped import shipped_metrics
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import change, create
from tests.metrics.conftest import noon

METRICS = shipped_metrics()
END = date(2017, 12, 31)
UNPUBLISHED = {
    "at_risk_value": "customer_risk",
    "forecast_accuracy": "forecast_value",
    "forecast_bias": "forecast_value",
    "locked_forecast": "forecast_value",
    "pay_share": "pay_entry",
    "variable_pay_value": "pay_entry",
}


def d(month: int, day: int) -> date:
    return date(2017, month, day)


def made(what: str, on: date | None = None, /, **fields: object) -> int:
    return create(kind=what, fields=fields, effective_us=ALWAYS_US if on is None else noon(on), actor="test")


@pytest.fixture
def firm(company):
    """Three sellers, four accounts, two products with prices, deals with lines, leads, invoices, contracts, costs."""
    company.person("Ann", ("East", None, d(8, 15)), ("West", d(8, 15), None))
    company.person("Bob", ("East", None, None))
    company.person("Cem")
    ann, bob = company.people["Ann"], company.people["Bob"]
    north, south, old, tiny = (
        made("account", name=name, owner=owner, region=region, segment=segment)
        for name, owner, region, segment in (
            ("North", ann, "north", "large"),
            ("South", bob, "south", "large"),
            ("Old", bob, "south", "small"),
            ("Tiny", None, None, None),
        )
    )
    pump, valve = (made("product", code=code, name=code) for code in ("pump", "valve"))
    for product, amount in ((pump, 100_00), (valve, 40_00)):
        made("price", product=product, list="std", amount_minor=amount, currency="USD")
    deals = [
        company.deal(
            "Ann",
            (d(7, 1), "offer"),
            (d(8, 14), "won"),
            amount=180_01,
            account=north,
            source="fair",
            recurring_minor=10_00,
            recurring_months=12,
        ),
        company.deal(
            "Ann",
            (d(7, 2), "lead-in"),
            (d(7, 9), "offer"),
            (d(8, 20), "won"),
            amount=75_00,
            account=north,
            source="web",
        ),
        company.deal("Bob", (d(7, 3), "lead-in"), (d(7, 20), "lost"), amount=50_00, account=south),
        company.deal("Bob", (d(1, 3), "offer"), (d(2, 1), "won"), amount=20_00, account=old, source="web"),
        company.deal("Bob", (d(7, 3), "offer"), (d(9, 1), "won"), amount=70_00, account=old, source="web"),
        company.deal("Bob", (d(8, 1), "offer"), amount=90_00, account=south, close_on=d(9, 15)),
        company.deal("Bob", (d(6, 1), "offer"), amount=60_00, account=tiny, close_on=d(7, 15)),
        company.deal(None, (d(7, 5), "won"), amount=3_00),
        company.deal("Cem", (d(8, 2), "offer"), (d(8, 3), "pause"), amount=900_00),
    ]
    change(kind="deal", entity=deals[5], fields={"close_on": d(10, 20)}, effective_us=noon(d(9, 10)), actor="test")
    for deal, product, quantity, amount, cost in (
        (deals[0], pump, 10_000, 90_00, 60_00),
        (deals[0], valve, 20_000, 90_01, None),
        (deals[1], valve, 20_000, 75_00, 30_00),
    ):
        made(
            "deal_line",
            d(7, 1),
            deal=deal,
            product=product,
            quantity_e4=quantity,
            amount_minor=amount,
            cost_minor=cost,
            currency="USD",
        )
    for owner, kind, deal, done in (
        (ann, "call", deals[0], d(7, 3)),
        (ann, "meeting", deals[0], d(7, 4)),
        (bob, "call", deals[2], d(7, 5)),
        (bob, "email", deals[5], d(9, 25)),
        (bob, "call", deals[6], None),
    ):
        made("activity", d(7, 1), owner=owner, kind=kind, deal=deal, done_us=done and noon(done), direction="out")
    for day, amount, document in (
        (d(7, 10), 100_00, "normal"),
        (d(8, 10), 30_00, "credit_note"),
        (d(10, 1), 7_00, None),
    ):
        made("invoice", day, account=north, owner=ann, day=day, amount_minor=amount, currency="USD", document=document)
    for day, amount, document in ((d(7, 20), 80_00, "normal"), (d(7, 25), 5_00, "refund")):
        made("payment", day, account=north, owner=ann, day=day, amount_minor=amount, currency="USD", document=document)
    contracts = [
        made(
            "contract", d(1, 1), account=account, starts_on=d(1, 1), ends_on=ends, monthly_minor=monthly, currency="USD"
        )
        for account, ends, monthly in (
            (north, d(12, 31), 1000_00),
            (south, d(12, 31), 400_00),
            (old, d(7, 31), 300_00),
            (tiny, d(9, 10), 200_00),
        )
    ]
    made(
        "contract",
        d(9, 1),
        account=tiny,
        starts_on=d(9, 11),
        ends_on=d(12, 31),
        monthly_minor=250_00,
        currency="USD",
        renews=contracts[3],
    )
    for answer in (5, 4, 2, None):
        made("feedback", d(7, 8), account=north, owner=ann, day=d(7, 8), answer=answer)
    for category, amount in (("sales", 700_00), ("marketing", 300_00), ("rent", 99_00)):
        made("cost", d(7, 1), day=d(7, 1), category=category, amount_minor=amount, currency="USD")
    for number, (owner, touched, accepted, rejected) in enumerate(
        (
            (ann, d(7, 10), d(7, 12), None),
            (bob, d(7, 14), None, d(7, 20)),
            (bob, None, None, None),
            (None, None, None, None),
        )
    ):
        fields = {
            "owner": owner,
            "created_us": noon(d(7, 10)),
            "assigned_us": owner and noon(d(7, 10)),
            "touch_due_us": owner and noon(d(7, 12)),
            "first_touch_us": touched and noon(touched) + 90 * 60 * 1_000_000,
            "accepted_us": accepted and noon(accepted),
            "rejected_us": rejected and noon(rejected),
            "reject_reason": "no_budget" if rejected else None,
            "converted_us": noon(d(7, 20)) if number == 0 else None,
            "converted_deal": deals[1] if number == 0 else None,
            "source": "fair",
        }
        made("lead", d(7, 10), name=f"L{number}", **fields)
    return company


Q3 = {"a": "2017-07-01", "b": "2017-09-30"}
WON = "status = 'won' and close_on between :a and :b"
BY_HAND = {
    "won_value": f"select sum(amount_minor) from deal where {WON}",
    "won_deals": f"select count(*) from deal where {WON}",
    "lost_deals": "select count(*) from deal where status = 'lost' and close_on between :a and :b",
    "lost_value": "select sum(amount_minor) from deal where status = 'lost' and close_on between :a and :b",
    "customers_won": f"select count(distinct account) from deal where {WON}",
    "new_customers": "select count(*) from (select account from deal where status = 'won' and account is not"
    " null group by account having min(close_on) between :a and :b) one",
    "invoiced_value": "select sum(case when document = 'credit_note' then -amount_minor else amount_minor end)"
    " from invoice where day between :a and :b",
    "collected_value": "select sum(case when document = 'refund' then -amount_minor else amount_minor end)"
    " from payment where day between :a and :b",
    "open_pipeline": "select sum(amount_minor) from deal where status = 'open'",
    "open_deals": "select count(*) from deal where status = 'open'",
    "activities": "select count(*) from activity where done_us is not null",
    "calls": "select count(*) from activity where done_us is not null and kind = 'call'",
    "meetings": "select count(*) from activity where done_us is not null and kind = 'meeting'",
    "new_leads": "select count(*) from lead",
    "satisfied_answers": "select count(*) from feedback where answer >= 4",
    "answers_given": "select count(answer) from feedback",
    "feedback_asked": "select count(*) from feedback",
    "acquisition_cost": "select sum(amount_minor) from cost where category in ('sales', 'marketing')",
    "recurring_value": "select sum(monthly_minor) from contract where starts_on <= :b and ends_on > :b",
}


def by_hand(sql: str) -> int:
    names = [part[0] for part in sql.split(":")[1:]]
    for name in Q3:
        sql = sql.replace(f":{name}", "%s")
    with connection.cursor() as cursor:
        cursor.execute(sql, [Q3[name] for name in names])
        return cursor.fetchone()[0]


def value(metric: str, period: str = "2017-Q3", as_of: date = END, **more):
    return evaluate(metric, periods=[period], as_of=as_of, **more)[0].value


def test_counts_and_sums_are_those_of_sql_by_hand(firm):
    found = {name: value(name) for name in BY_HAND}
    expected = {name: by_hand(sql) for name, sql in BY_HAND.items()}
    expected["recurring_value"] += 10_00  # a won deal without a contract recurs for its months
    assert found == expected


def test_shares_medians_and_formulas_are_those_worked_out_by_hand(firm):
    found = {
        name: value(name)
        for name in (
            "win_rate",
            "win_rate_value",
            "discount_rate",
            "gross_margin",
            "csat",
            "response_rate",
            "slippage_rate",
            "pushes",
            "touched_share",
            "stale_deals",
            "pipeline_age",
            "cycle_time",
            "time_in_stage",
            "effort_per_win",
            "qualified_share",
            "lead_rejection_rate",
            "sql_to_opportunity",
            "lead_to_win",
            "lead_response_time",
            "response_in_time",
            "renewal_rate",
            "contracts_undecided",
            "grr",
            "nrr",
            "logo_churn",
            "revenue_churn",
            "cac",
            "cac_payback",
            "new_recurring",
            "stage_conversion",
            "expected_pipeline",
        )
    }
    assert found == {
        "win_rate": Fraction(4, 5),
        "win_rate_value": Fraction(328_01, 378_01),
        "discount_rate": Fraction(260_00 - 255_01, 260_00),
        "gross_margin": Fraction(165_00 - 90_00, 165_00),
        "csat": Fraction(2, 3),
        "response_rate": Fraction(3, 4),
        "slippage_rate": 1,  # the deal of Tiny was expected on 15 July and is still open
        "pushes": 1,
        "touched_share": Fraction(1, 2),
        "stale_deals": 0,
        "pipeline_age": Fraction(60 + 121, 2),
        "cycle_time": 49,  # 44, 49 and 60 days; the deal that was never open has none
        "time_in_stage": Fraction(17 + 42, 2),  # 1, 7, 17, 42, 44 and 60 days
        "effort_per_win": Fraction(3, 4),
        "qualified_share": Fraction(1, 4),
        "lead_rejection_rate": Fraction(1, 4),
        "sql_to_opportunity": 1,
        "lead_to_win": None,
        "lead_response_time": 4 * 24 * 60 + 90,
        "response_in_time": Fraction(1, 3),
        "renewal_rate": Fraction(1, 2),
        "contracts_undecided": 0,
        "grr": Fraction(1600, 1900),
        "nrr": Fraction(1660, 1900),
        "logo_churn": Fraction(1, 4),
        "revenue_churn": Fraction(300, 1900),
        "cac": 1000_00,
        "cac_payback": Fraction(1000_00 * 165_00, 10_00 * 75_00),
        "new_recurring": 10_00,
        "stage_conversion": Fraction(8, 11),
        "expected_pipeline": 60_00,
    }


@pytest.mark.parametrize("name", UNPUBLISHED)
def test_what_no_room_publishes_gives_no_number_and_names_what_is_missing(firm, name):
    (cell,) = evaluate(name, periods=["2017-Q3"], as_of=END)
    assert cell.value is None
    assert [(issue.code, issue.object) for issue in cell.issues] == [("facts_not_published", UNPUBLISHED[name])]


def test_every_metric_folds_back_from_its_rows_at_every_level(firm):
    everyone = [f"person:P-{number}" for number in firm.people.values()]
    teams = [f"team:T-{number}" for number in firm.teams.values()]
    boards = evaluate(list(METRICS), periods=["2017-Q3"], as_of=END, by=["company", "team", "person"])
    for cell in boards:
        if cell.scope not in {"company", *everyone, *teams}:
            continue
        found = rows(cell.metric, scope=cell.scope, period="2017-Q3", as_of=END)
        assert (found.folded, found.cell.n) == (cell.value, cell.n), (cell.metric, cell.scope)


def test_every_metric_adds_up_over_every_dimension_that_it_has(firm):
    for name, document in METRICS.items():
        if document.calc not in {"sum", "stock"} or name in UNPUBLISHED or document.empty == "none":
            continue
        whole = value(name)
        for dimension in document.dimensions:
            found = evaluate(name, periods=["2017-Q3"], as_of=END, by=[dimension])
            if dimension != "team":  # a team holds its sub-teams
                assert sum(one.value or 0 for one in found) == (whole or 0), (name, dimension)


def test_a_deal_is_shared_by_its_products_to_the_cent_and_counted_once(firm):
    found = {one.scope: one.value for one in evaluate("won_value", periods=["2017-Q3"], as_of=END, by="product")}
    pump, valve = (int(one.rpartition(":")[2]) for one in found if one != "unassigned")
    assert found == {f"product:{pump}": 90_00, f"product:{valve}": 90_01 + 75_00, "unassigned": 73_00}
    counts = {one.scope: one.value for one in evaluate("won_deals", periods=["2017-Q3"], as_of=END, by="product")}
    assert sum(counts.values()) == 4


def test_a_state_at_the_start_on_average_and_at_the_end(firm):
    assert value("sales_velocity") is not None
    found = evaluate("open_deals", periods=["2017-06", "2017-07"], as_of=END)
    assert [one.value for one in found] == [1, 4]


def test_many_metrics_are_answered_with_one_scan_a_facts_table(firm, monkeypatch):
    module = sys.modules["hedef.metrics.queries.evaluate"]
    asked = []
    real = module.ask

    def counted(question, **more):
        asked.append(question.name)
        return real(question, **more)

    monkeypatch.setattr(module, "ask", counted)
    names = ["won_deals", "lost_deals", "decided_deals", "win_rate", "open_deals", "open_pipeline"]
    evaluate(names, periods=["2017-Q3", "2017-Q2"], as_of=END, by=["company", "team", "person"])
    assert sorted(asked) == ["metrics/closing", "metrics/deal_delta"]


def test_a_day_before_the_data_has_nothing_to_count(firm):
    for name in ("won_value", "logo_churn", "win_rate", "sales_velocity"):
        (cell,) = evaluate(name, periods=["2010-Q3"], as_of=END)
        assert cell.value in (0, None)
