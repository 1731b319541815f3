"""Rules M1-M12: what a metric document may not say, each with the sentence that a person reads."""

import pytest

from hedef.kernel.calendar import Calendar
from hedef.kernel.definition import validate
from hedef.metrics.engine.cases import Case, run_cases
from hedef.metrics.engine.checks import check_metric
from hedef.metrics.schema import MetricDocument
from hedef.metrics.shipped import shipped_cases, shipped_metrics

METRICS = shipped_metrics()
FACT = {"from": "closing", "value": "sign * amount", "when": "outcome = 'won'", "time": "close_on"}
SAYS = {"en": "Some.", "tr": "Biraz."}
BASE = {
    "kind": "metric",
    "id": "big_value",
    "version": 1,
    "name": {"en": "Big", "tr": "Büyük"},
    "owner": "operations",
    "says": SAYS,
    "act": SAYS,
    "unit": "money",
    "direction": "up",
    "calc": "sum",
    "cases": "big_value.cases.yaml",
}


def document(**changes: object) -> MetricDocument:
    data = {**BASE, "fact": FACT, **changes}
    found, issues = validate(MetricDocument, {name: value for name, value in data.items() if value is not None})
    assert found is not None, issues
    return found


def codes(one: MetricDocument) -> list[str]:
    return [issue.code for issue in check_metric(one, METRICS)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fact": {**FACT, "from": "sales"}}, "unknown_table"),
        ({"fact": {**FACT, "value": "sign * price"}}, "unknown_column"),
        ({"fact": {**FACT, "when": "outcom = 'won'"}}, "unknown_column"),
        ({"fact": {**FACT, "time": "won_on"}}, "unknown_column"),
        ({"unit": "count"}, "unit_mismatch"),
        ({"fact": {**FACT, "value": "sign"}}, "unit_mismatch"),
        ({"fact": {**FACT, "when": "amount"}}, "type_mismatch"),
        ({"fact": {**FACT, "time": "outcome"}}, "type_mismatch"),
        ({"fact": {**FACT, "value": "amount"}}, "sign_missing"),
        ({"fact": {**FACT, "value": "sign * amount / 2"}}, "outside_language"),
        ({"calc": "stock"}, "stock_over_flow"),
        ({"fact": {**FACT, "time": None}}, "time_missing"),
        ({"fact": {"from": "deal_delta", "value": "amount", "time": "eff_day"}}, "sum_over_stock"),
        ({"calc": "stock", "fact": {"from": "deal_delta", "value": "amount", "time": "eff_day"}}, "time_not_meant"),
        ({"act": None}, "text_missing"),
        ({"says": None}, "text_missing"),
        ({"cases": None}, "cases_missing"),
        ({"credit": "split"}, "same_expression"),
    ],
)
def test_a_document_that_would_count_wrong_is_refused(changes, code):
    fact = changes.get("fact")
    if isinstance(fact, dict):
        changes = {**changes, "fact": {name: value for name, value in fact.items() if value is not None}}
    assert code in codes(document(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit": "count", "fact": {**FACT, "value": "sign"}}, "type_mismatch"),
        ({"fact": {**FACT, "value": "account"}}, "unit_mismatch"),
        ({"unit": "count", "fact": {**FACT, "value": "account"}, "credit": "split"}, "credit_mismatch"),
        ({"unit": "count", "fact": {**FACT, "value": "account"}, "dimensions": ["source"]}, "same_expression"),
        ({"unit": "count", "fact": {"from": "payment", "value": "account", "time": "day"},
          "dimensions": ["product"]}, None),
        ({"unit": "count", "fact": {"from": "cost", "value": "scope", "time": "day"},
          "dimensions": ["product"]}, "unknown_dimension"),
    ],
)  # fmt: skip
def test_different_values_are_counted_by_a_column_that_the_rows_have(changes, code):
    found = codes(document(calc="distinct", **changes))
    assert (found == []) if code is None else (code in found)


COHORT = {"calc": "cohort", "unit": "ratio", "reached": {"when": "outcome = 'won'"}, "within": 30}
MEMBERS = {"from": "closing", "value": "sign", "time": "close_on"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"unit": "count"}, "unit_mismatch"),
        ({"reached": {"when": "outcom = 'won'"}}, "unknown_column"),
        ({"reached": {"value": "amount", "when": "outcome = 'won'"}}, "sign_missing"),
    ],
)
def test_a_cohort_is_a_share_of_its_members(changes, code):
    found = codes(document(**{**COHORT, "fact": MEMBERS, **changes}))
    assert (found == []) if code is None else (code in found)


FORMULA = {"calc": "derived", "fact": None, "unit": "money"}


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("won_value * win_rate", None),
        ("won_value + nothing", "unknown_metric"),
        ("big_value + 1", "metric_cycle"),
        ("won_value ** 2", "outside_language"),
        ("mean(won_value)", "type_mismatch"),
        ("at_start(win_rate)", "type_mismatch"),
        ("mean(cycle_time) * won_value", "mixing"),
    ],
)
def test_a_formula_is_checked_node_by_node(formula, code):
    found = codes(document(**FORMULA, formula=formula))
    assert (found == []) if code is None else (code in found)


def test_a_circle_of_metrics_is_named_from_end_to_end():
    first = document(**FORMULA, formula="second * 2")
    second = document(**FORMULA, formula="big_value * 2", id="second")
    found = check_metric(first, {**METRICS, "second": second})
    assert [one.message for one in found if one.code == "metric_cycle"] == [
        "big_value@1: it leads back to itself: big_value -> second -> big_value (M3)."
    ]


def test_owner_now_is_a_warning_under_targets_and_pay():
    found = check_metric(document(credit="owner_now"), METRICS)
    assert [(one.code, one.level) for one in found] == [("owner_now", "warning")]


RATIO = {"calc": "ratio", "fact": None, "numerator": "won_deals", "denominator": "decided_deals", "unit": "ratio"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"numerator": "nothing"}, "unknown_metric"),
        ({"numerator": "big_value"}, "metric_cycle"),
        ({"numerator": "win_rate"}, "ratio_of_ratio"),
        ({"denominator": "cycle_time"}, "mixing"),
        ({"unit": "money"}, "unit_mismatch"),
        ({"numerator": "won_value", "unit": "money"}, "credit_mismatch"),
        ({"numerator": "open_pipeline", "denominator": "new_pipeline", "credit": "split"}, "credit_mismatch"),
        ({}, "same_expression"),
    ],
)
def test_a_ratio_of_parts_that_do_not_fit_is_refused(changes, code):
    assert code in codes(document(**{**RATIO, **changes}))


def test_a_good_document_has_no_finding():
    assert codes(document(fact={**FACT, "when": "outcome = 'won' and amount > 0"})) == []


def test_a_document_with_few_cases_or_none_without_a_denominator_is_refused():
    one = METRICS["win_rate"]
    cases = shipped_cases(one)
    assert [issue.code for issue in check_metric(one, METRICS, cases[:2])] == ["cases_missing", "cases_missing"]
    assert check_metric(one, METRICS, cases) == []


def test_a_case_that_expects_something_else_is_named_with_both_numbers():
    case = Case.model_validate(
        {
            "name": "one deal of ten is expected to be eleven",
            "rows": {"closing": [{"deal": 1, "owner": 1, "outcome": "won", "close_on": "2017-07-01", "amount": "10"}]},
            "ask": {"period": "2017-Q3", "as_of": "2017-09-30"},
            "expect": "11.00",
        }
    )
    found = run_cases(METRICS["won_value"], METRICS, [case], Calendar())
    assert [issue.message for issue in found] == [
        'won_value@1, case "one deal of ten is expected to be eleven": 11.00 is expected, 10.00 comes out.'
    ]


def test_a_document_whose_parts_do_not_fit_its_kind_is_not_read():
    data = {**BASE, "calc": "ratio", "fact": FACT}
    found, issues = validate(MetricDocument, data)
    assert found is None
    assert "a ratio names its numerator and denominator" in issues[0].message
    found, issues = validate(MetricDocument, {**BASE, "fact": FACT, "quantile": "0.5"})
    assert found is None
    assert "quantile: 0.5 belongs to calc quantile" in issues[0].message
