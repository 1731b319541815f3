"""What belongs together on the list of metrics. The only place that says so."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hedef.metrics.queries.documents import Recipe


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the list."""

    id: str
    label: Promise


GROUPS = (
    Group("winning", _("Winning")),
    Group("pipeline", _("Pipeline")),
    Group("leads", _("Leads")),
    Group("activity", _("Activity")),
    Group("customers", _("Customers")),
    Group("money", _("Money")),
    Group("targets", _("Targets and forecast")),
    Group("other", _("Other")),
)

# a metric belongs where the facts of its first part belong, one written tomorrow too
_OF_TABLE: Mapping[str, str] = {
    **dict.fromkeys(("closing", "won_cycle"), "winning"),
    **dict.fromkeys(
        ("open_deal", "deal_delta", "weighted_deal", "pipeline_entry", "expected_deal", "close_move"), "pipeline"
    ),
    **dict.fromkeys(("stage_step", "stage_stay", "exit_check"), "pipeline"),
    **dict.fromkeys(("lead_way", "lead_response"), "leads"),
    **dict.fromkeys(("activity", "decided_activity"), "activity"),
    **dict.fromkeys(
        ("first_win", "feedback", "retention", "recurring_delta", "contract_end", "risk_account"), "customers"
    ),
    **dict.fromkeys(("won_line", "invoice_line", "payment", "cost", "variable_pay"), "money"),
    **dict.fromkeys(("person_target", "ramp", "forecast_locked"), "targets"),
}
# what its first part would put elsewhere
_OF_METRIC: Mapping[str, str] = {
    "pipeline_coverage": "pipeline",
    "sales_velocity": "pipeline",
    "touched_deals": "activity",
    "touched_share": "activity",
    "customers_won": "customers",
    "pay_share": "money",
    "quota_attainment": "targets",
    "forecast_accuracy": "targets",
    "forecast_bias": "targets",
}


def group_of(recipe: Recipe) -> str:
    """The id of the group of a metric; `other` for facts that no group names."""
    named = _OF_METRIC.get(recipe.document.id)
    if named is not None:
        return named
    fact = recipe.leaves[0].document.fact
    return _OF_TABLE.get(fact.table if fact else "", "other")
