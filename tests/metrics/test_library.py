"""The shipped metrics are valid and keep their cases."""

import pytest

from hedef.kernel.calendar import Calendar
from hedef.metrics.engine.cases import run_cases
from hedef.metrics.engine.checks import check_metric
from hedef.metrics.shipped import shipped_cases, shipped_metrics

METRICS = shipped_metrics()


def test_the_library_holds_the_metrics_of_the_first_board():
    assert sorted(METRICS) == [
        "average_deal",
        "cycle_time",
        "decided_deals",
        "lost_deals",
        "new_deals",
        "new_pipeline",
        "open_deals",
        "open_pipeline",
        "win_rate",
        "won_deals",
        "won_value",
    ]


@pytest.mark.parametrize("name", METRICS)
def test_a_shipped_metric_has_no_finding(name):
    document = METRICS[name]
    assert check_metric(document, METRICS, shipped_cases(document)) == []


@pytest.mark.parametrize("name", METRICS)
def test_a_shipped_metric_keeps_its_cases(name):
    document = METRICS[name]
    assert run_cases(document, METRICS, shipped_cases(document), Calendar()) == []
