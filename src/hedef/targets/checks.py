"""What the model of a target plan cannot know: does its metric exist, does its money have a currency."""

from hedef.definitions import queries as definitions
from hedef.definitions.queries import Version
from hedef.kernel.issue import Issue
from hedef.kernel.money import is_currency
from hedef.kernel.yaml_source import Locate, Path
from hedef.targets.engine.units import ADDITIVE
from hedef.targets.schema import TargetPlan


def metric_version(reference: str) -> Version | None:
    """The metric a plan names: the version it names, else the newest approved one."""
    name, _, number = reference.partition("@")
    found = [one for one in definitions.versions("metric", name) if one.approver]
    if number:
        return next((one for one in found if one.version == int(number)), None)
    return found[-1] if found else None


def check_plan(plan: TargetPlan, locate: Locate, file: str | None) -> list[Issue]:
    """`unknown_metric`, `currency_missing`, `unknown_currency` (errors); `not_additive`, `few_seasons` (warnings)."""
    from hedef.kernel.yaml_source import document_issue

    def issue(code: str, message: str, path: Path, hint: str, *, warn: bool = False) -> Issue:
        made = document_issue(code, message, file=file, place=locate(path), path=path, hint=hint)
        return Issue(made.code, "warning", made.message, made.source, made.object, made.hint) if warn else made

    found = metric_version(plan.metric.metric)
    if found is None:
        hint = "hedef metrics list shows every metric."
        return [issue("unknown_metric", f'there is no metric "{plan.metric.metric}"', ("metric", "is"), hint)]
    issues = []
    body = found.body
    currency = plan.metric.currency
    if body["unit"] == "money" and currency is None:
        hint = "Add currency: USD, or the currency of the plan."
        issues.append(issue("currency_missing", "a target of money needs a currency", ("metric",), hint))
    if currency is not None and not is_currency(currency):
        path = ("metric", "currency")
        issues.append(issue("unknown_currency", f'"{currency}" is no currency', path, "Write a code such as EUR."))
    if body["calc"] not in ADDITIVE and plan.split.total is not None:
        message = f"{plan.metric.metric} cannot be divided: its target is repeated for teams, people and periods"
        issues.append(issue("not_additive", message, ("split",), "Give the lines of each level by hand.", warn=True))
    if plan.phasing.by == "seasonal" and len(plan.phasing.seasonal_from) < 2:
        message = "one reference period is one season; two or more tell a habit from an accident"
        path = ("phasing", "seasonal_from")
        issues.append(issue("few_seasons", message, path, "Name earlier periods of the same kind.", warn=True))
    return issues
