"""The shipped metrics are valid and keep their cases."""

import pytest

from hedef.kernel.calendar import Calendar
from hedef.metrics.engine.cases import run_cases
from hedef.metrics.engine.checks import check_metric, part_names
from hedef.metrics.shipped import shipped_cases, shipped_metrics

METRICS = shipped_metrics()


LIBRARY = """
won_value won_deals lost_deals decided_deals win_rate win_rate_value average_deal discount_rate gross_margin
customers_won new_customers invoiced_value collected_value new_pipeline new_deals open_pipeline open_deals
weighted_pipeline pipeline_coverage pipeline_age stale_deals slippage_rate pushes cycle_time time_in_stage
stage_conversion process_conformance sales_velocity activities calls meetings effort_per_win touched_share new_leads
qualified_share lead_rejection_rate lead_response_time response_in_time mql_to_sql sql_to_opportunity lead_to_win
quota_attainment people_at_target ramp_time forecast_accuracy forecast_bias recurring_value at_risk_value grr nrr
logo_churn revenue_churn renewal_rate csat cac cac_payback pay_share
""".split()


def test_the_library_holds_every_metric_of_the_design():
    assert [name for name in LIBRARY if name not in METRICS] == []


def test_every_other_metric_of_the_library_is_a_part_of_one_or_stands_beside_one():
    parts = {name for one in METRICS.values() for name in part_names(one)}
    beside = {"contracts_undecided", "response_rate"}
    assert sorted(set(METRICS) - set(LIBRARY) - parts - beside) == []


@pytest.mark.parametrize("name", METRICS)
def test_a_shipped_metric_has_no_finding(name):
    document = METRICS[name]
    assert check_metric(document, METRICS, shipped_cases(document)) == []


@pytest.mark.parametrize("name", METRICS)
def test_a_shipped_metric_keeps_its_cases(name):
    document = METRICS[name]
    assert run_cases(document, METRICS, shipped_cases(document), Calendar()) == []
