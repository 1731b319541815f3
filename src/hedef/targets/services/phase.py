"""`hedef targets phase`: lines of a longer period get lines of their own for its shorter ones (T4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from hedef.facts import queries as facts
from hedef.kernel.calendar import Calendar, Period, PeriodKind
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.lines import LONGER
from hedef.targets.engine.phasing import Phasing, phase
from hedef.targets.engine.units import ADDITIVE, to_steps
from hedef.targets.queries.lines import given_lines
from hedef.targets.queries.season import season_for
from hedef.targets.schema import TargetPlan
from hedef.targets.services.plans import PlanOptions, measure_of, plan_data
from hedef.targets.services.versions import Measure, Saved, newest, save_version, start_of


@dataclass(frozen=True)
class PhaseOrder:
    """Which lines (of `period`) get which shorter ones (`to`: month, quarter, half); `by` none: as the plan says."""

    plan: str
    period: str
    to: str = "month"
    by: str | None = None
    seasonal_from: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    starts: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class PhaseAnswer:
    saved: Saved | None
    lines: tuple[GivenLine, ...]
    measure: Measure


def phase_plan(order: PhaseOrder, *, actor: str, as_of: date, dry_run: bool = False) -> PhaseAnswer:
    """Lines for the shorter periods of every line of the period, kept as the plan's next draft.

    NotFound without lines for the period; Refused for a level target (it is repeated, never divided) or manual values
    that do not sum to the line.
    """
    calendar = facts.calendar()
    whole = _named(order.period, calendar)
    parts = _parts(whole, order.to, calendar)
    before = newest(order.plan)
    if before is None:
        raise NotFound(f'There is no target plan "{order.plan}".', hint="hedef targets split makes one.")
    own = [line for line in given_lines(order.plan, before.version) if line.period == whole.id]
    if not own:
        raise NotFound(f"{order.plan}@{before.version} has no line for {whole.id}.")
    options = PlanOptions(phasing=order.by, seasonal_from=order.seasonal_from, reason=order.reason, starts=order.starts)
    data = plan_data(order.plan, before, options, base_currency=calendar.base_currency)
    if order.values:
        data["phasing"] = {**data.get("phasing", {}), "by": "manual", "values": order.values}
    metric, measure = measure_of(data)
    if metric.calc not in ADDITIVE:
        raise Refused(f"{metric.id} is a level target: it is repeated for each period, never divided.")
    plan = TargetPlan.model_validate({"kind": "target-plan", "id": order.plan, "version": 1, **data})
    phasing = _phasing(plan, measure, whole, as_of=as_of, calendar=calendar)
    lines = tuple(made for line in own for made in _phased(line, whole, parts, calendar, phasing))
    if dry_run:
        return PhaseAnswer(None, lines, measure)
    starts = order.starts or start_of(lines, calendar, before)
    saved = save_version(
        plan=order.plan,
        body=data if starts is None else {**data, "effective_from": starts.isoformat()},
        given=lines,
        measure=measure,
        actor=actor,
        calendar=calendar,
        reason=order.reason,
    )
    return PhaseAnswer(saved, lines, measure)


def _named(text: str, calendar: Calendar) -> Period:
    try:
        return calendar.period(text)
    except ValueError as fault:
        raise WrongUse(f"--period: {fault}.") from fault


def _parts(whole: Period, to: str, calendar: Calendar) -> Sequence[Period]:
    if to not in {"month", "quarter", "half"} or whole.kind not in LONGER[to]:
        raise WrongUse(f"--to: a {whole.kind} has no parts of kind {to}.", hint="--to month")
    if to == "month":
        return calendar.months(whole)
    kind: PeriodKind = to  # type: ignore[assignment]
    return calendar.parts(whole, kind)


def _phasing(plan: TargetPlan, measure: Measure, whole: Period, *, as_of: date, calendar: Calendar) -> Phasing:
    manual = {
        calendar.period(name).id: to_steps(Fraction(value), measure.unit, measure.currency)[0]
        for name, value in plan.phasing.values.items()
    }
    season = season_for(plan, whole, as_of=as_of, calendar=calendar, pinned=facts.pin())
    return Phasing(plan.phasing.by, manual, season)


def _phased(
    line: GivenLine, whole: Period, parts: Sequence[Period], calendar: Calendar, phasing: Phasing
) -> list[GivenLine]:
    values, issues = phase(line.value, calendar=calendar, whole=whole, parts=parts, phasing=phasing)
    if issues:
        raise Refused(issues[0].message, hint=issues[0].hint, issues=issues)
    return [
        GivenLine(line.scope, part.id, value, "phased", parent=line.key)
        for part, value in zip(parts, values, strict=True)
    ]
