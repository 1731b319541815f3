"""What the verbs of this room share: the plan's document as data, and its measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from hedef.definitions.queries import Version
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.money import is_currency
from hedef.metrics.schema import MetricDocument
from hedef.targets.checks import metric_version
from hedef.targets.queries.plans import DEFAULT_METRIC, metric_of
from hedef.targets.services.versions import Measure

_NOT_SAID = frozenset({"kind", "id", "version", "lines"})


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a person says about a plan; what is left out stays as the plan has it (or at its default)."""

    metric: str | None = None
    currency: str | None = None
    name: str | None = None
    owner: str | None = None
    starts: date | None = None
    applies: str | None = None
    phasing: str | None = None
    seasonal_from: tuple[str, ...] = ()
    ramp: tuple[str, ...] = ()
    reason: str = ""


def plan_data(plan: str, before: Version | None, options: PlanOptions, *, base_currency: str) -> dict[str, Any]:
    """The document's data without `kind, id, version, lines`: what it was, with what the options change."""
    data = {} if before is None else {key: value for key, value in before.body.items() if key not in _NOT_SAID}
    data.setdefault("name", {"en": options.name or plan, "tr": options.name or plan})
    if options.name:
        data["name"] = {"en": options.name, "tr": options.name}
    data["owner"] = options.owner or data.get("owner") or "operations"
    data["metric"] = _metric_use(data.get("metric"), options, base_currency)
    phasing = dict(data.get("phasing", {}))
    if options.phasing:
        phasing["by"] = options.phasing
    if options.seasonal_from:
        phasing["seasonal_from"] = list(options.seasonal_from)
    if phasing:
        data["phasing"] = phasing
    if options.ramp:
        data["people"] = {**data.get("people", {}), "ramp": list(options.ramp)}
    change = {"reason": {"en": options.reason, "tr": options.reason}} if options.reason else {}
    if options.applies:
        change["applies"] = options.applies  # type: ignore[assignment]
    data.pop("change", None)
    return {**data, "change": change} if change else data


def _metric_use(had: Mapping[str, Any] | None, options: PlanOptions, base_currency: str) -> dict[str, Any]:
    name = options.metric or (had or {}).get("is") or DEFAULT_METRIC
    found = metric_version(name)
    if found is None:
        raise NotFound(f'There is no metric "{name}".', hint="hedef metrics list shows every metric.")
    if had is not None and had["is"].partition("@")[0] != name.partition("@")[0]:
        raise WrongUse(
            f"The plan is about {had['is']}, not about {name}.", hint="Make another plan for another metric."
        )
    if found.body["unit"] != "money":
        return {"is": name}
    currency = (options.currency or (had or {}).get("currency") or base_currency).upper()
    if not is_currency(currency):
        raise WrongUse(f'"{currency}" is no currency.', hint="Write a code such as EUR.")
    return {"is": name, "currency": currency}


def measure_of(data: Mapping[str, Any]) -> tuple[MetricDocument, Measure]:
    """Metric, unit and currency of a plan's data."""
    use = data["metric"]
    found = metric_version(use["is"])
    assert found is not None
    document: MetricDocument = found.document
    return document, Measure(document.id, document.unit, use.get("currency"))


def exact(text: str, what: str) -> Decimal:
    """A plain decimal number; WrongUse says which option is wrong."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise WrongUse(f'{what}: "{text}" is no number.', hint="Write it plainly, such as 3300000.00")
    return number


__all__ = ["PlanOptions", "exact", "measure_of", "metric_of", "plan_data"]
