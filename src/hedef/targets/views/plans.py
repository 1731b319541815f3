"""The plans: which there are, their lines with where they come from, and the steps from a total to what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hedef.call import Call
from hedef.definitions import queries as definitions
from hedef.definitions.queries import Version
from hedef.facts import queries as facts
from hedef.kernel.errors import Forbidden, HedefError, NotFound, WrongUse
from hedef.ledger.queries import head
from hedef.metrics.page.shown import in_words
from hedef.metrics.queries import metrics_in_force
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.units import from_steps
from hedef.targets.queries.beside import Past, in_tree_order, pasts, shares
from hedef.targets.queries.letters import Letter, acknowledged_people, letters, letters_of
from hedef.targets.queries.lines import given_lines, periods_with_lines
from hedef.targets.queries.plans import KIND, metric_of
from hedef.targets.queries.scopes import scope_names, sees_scope
from hedef.targets.queries.show import step_json
from hedef.targets.schema import TargetPlan
from hedef.targets.services import (
    AdjustOrder,
    PhaseOrder,
    PlanOptions,
    SplitAnswer,
    SplitOrder,
    adjust_plan,
    phase_plan,
    publish_plan,
    split_plan,
)
from hedef.targets.services.adjust import Gap, gaps_of, may_adjust
from hedef.targets.services.versions import Measure, newest
from hedef.web.pages import page, show

STATES = {
    "draft": gettext_lazy("draft"),
    "simulated": gettext_lazy("tried"),
    "approved": gettext_lazy("approved"),
    "effective": gettext_lazy("in force"),
    "retired": gettext_lazy("retired"),
}
ORIGINS = {
    "manual": gettext_lazy("by hand"),
    "import": gettext_lazy("from a file"),
    "split": gettext_lazy("split"),
    "phased": gettext_lazy("phased"),
    "rolled_up": gettext_lazy("rolled up"),
    "prorated": gettext_lazy("prorated"),
}
_ASKED = ("period", "total", "weights", "round_to", "over_assign", "no_history")


@dataclass(frozen=True)
class Shown:
    """A line as the page draws it. `share` is its part of the line above; `gap` what its people carry beyond it."""

    scope: str
    name: str
    depth: int
    line: GivenLine
    value: Fraction
    share: Fraction | None
    gap: Fraction | None
    over: Fraction | None
    pasts: tuple[Past, ...] = ()
    may_adjust: bool = False
    typed: str = ""
    parent: str = ""

    @property
    def level(self) -> str:
        return f"l{min(self.depth, 3)}"

    @property
    def origin(self) -> Any:
        return ORIGINS.get(self.line.origin, self.line.origin)


def _may_open(call: Call) -> bool:
    return any(call.actor.can(right) for right in ("plan_targets", "adjust", "approve", "read_data"))


@require_GET
@page()
def plans(request: HttpRequest, call: Call) -> HttpResponse:
    """All plans with their state, and the viewer's own letters."""
    own = None if call.actor.user is None else call.actor.user.person
    context = {
        "plans": [_card(one.id, call) for one in definitions.list_documents(KIND)] if _may_open(call) else [],
        "letters": [] if own is None else [(one, in_words(_document(one.version).name)) for one in letters_of(own)],
        "may_open": _may_open(call),
        "may_plan": call.actor.can("plan_targets"),
        "may_import": call.actor.can("import"),
        "head": head(),
    }
    return show(request, "targets/plans.html", context)


def _document(version: Version) -> TargetPlan:
    document: TargetPlan = version.document
    return document


def _card(plan: str, call: Call) -> dict[str, Any]:
    last = newest(plan) or definitions.versions(KIND, plan)[-1]
    document: TargetPlan = last.document
    approved = [one for one in definitions.versions(KIND, plan) if one.approver]
    told = {"people": 0, "answered": 0}
    if approved:
        people = {letter.person for letter in letters(plan, scope=call.scope)}
        told = {"people": len(people), "answered": len(people & acknowledged_people(approved[-1]))}
    return {
        "id": plan,
        "name": in_words(document.name),
        "metric": in_words(metric_of(document).name),
        "version": last.version,
        "state": STATES[last.state],
        "waits": not last.approver,
        "from": last.effective_from,
        "periods": list(periods_with_lines(plan, last.version))[:6],
        **told,
    }


@require_GET
@page()
def plan(request: HttpRequest, call: Call, plan: str) -> HttpResponse:
    """One plan: versions, lines of a period in tree order, gaps, what is to be done next."""
    return _plan_page(request, call, plan)


def _plan_page(
    request: HttpRequest, call: Call, plan: str, *, fault: HedefError | None = None, status: int = 200
) -> HttpResponse:
    if not _may_open(call):
        raise Forbidden(_("Sales operations and managers open plans; your own letter is on your page."))
    version = _version(plan, request.GET.get("version"))
    document: TargetPlan = version.document
    measure = _measure(version)
    lines = given_lines(plan, version.version)
    periods = _periods(lines)
    period = request.GET.get("period") or (periods[0] if periods else "")
    here = [line for line in lines if line.period == period]
    rows = _rows(here, measure, call)
    context = {
        "plan": plan,
        "name": in_words(document.name),
        "version": version,
        "state": STATES[version.state],
        "versions": [(one, STATES[one.state], _reason(one)) for one in reversed(definitions.versions(KIND, plan))],
        "document": document,
        "metric_name": in_words(metric_of(document).name),
        "unit": measure.unit,
        "currency": measure.currency,
        "periods": periods,
        "period": period,
        "rows": rows,
        "gaps": [row for row in rows if row.gap],
        "warn": document.warn,
        "outside": _outside(rows, document),
        "letters": _letters(plan, call),
        "may_plan": call.actor.can("plan_targets"),
        "may_adjust": call.actor.can("plan_targets") or call.actor.can("adjust"),
        "may_publish": call.actor.can("approve") or call.actor.can("plan_targets"),
        "may_approve": call.actor.can("approve"),
        "is_newest": version.version == definitions.versions(KIND, plan)[-1].version,
        "waits": not version.approver,
        "fault": fault,
        "head": head(),
    }
    return show(request, "targets/plan.html", context, status=status)


def _version(plan: str, number: str | None) -> Version:
    found = definitions.versions(KIND, plan)
    if not found:
        raise NotFound(_('There is no target plan "%(plan)s".') % {"plan": plan[:60]})
    if number and number.isdigit():
        return next((one for one in found if one.version == int(number)), found[-1])
    return found[-1]


def _measure(version: Version) -> Measure:
    document: TargetPlan = version.document
    metric = metric_of(document)
    return Measure(metric.id, metric.unit, document.metric.currency)


def _reason(version: Version) -> str:
    document: TargetPlan = version.document
    return "" if document.change.reason is None else str(in_words(document.change.reason))


def _periods(lines: Sequence[GivenLine]) -> list[str]:
    """The periods of the lines, longer ones first, then by date."""
    calendar = facts.calendar()
    found = [calendar.period(name) for name in dict.fromkeys(line.period for line in lines)]
    return [one.id for one in sorted(found, key=lambda one: (-(one.end - one.start).days // 20, one.start))]


def _outside(rows: Sequence[Shown], document: TargetPlan) -> list[Shown]:
    low, high = (Fraction(one) for one in document.warn)
    return [row for row in rows if row.over is not None and not low <= row.over <= high]


def _rows(
    lines: Sequence[GivenLine],
    measure: Measure,
    call: Call,
    past: Mapping[str, list[Past]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> list[Shown]:
    names = scope_names([line.scope for line in lines])
    gaps: dict[str, Gap] = {gap.scope: gap for gap in gaps_of(tuple(lines))}
    parts = shares(lines)

    def exact(value: int) -> Fraction:
        return from_steps(value, measure.unit, measure.currency)

    found = []
    for depth, line in in_tree_order(lines):
        if not sees_scope(call.scope, line.scope):
            continue
        gap = gaps.get(line.scope)
        found.append(
            Shown(
                scope=line.scope,
                name=names.get(line.scope, str(_("Company"))),
                depth=depth,
                line=line,
                value=exact(line.value),
                share=parts.get(line.scope),
                gap=None if gap is None else exact(gap.gap),
                over=None if gap is None or not gap.line else Fraction(gap.gap, gap.line),
                pasts=tuple(_major(one, measure) for one in (past or {}).get(line.scope, ())),
                may_adjust=_adjusts(call, line.scope),
                typed=(typed or {}).get(line.scope, str(step_json(line.value, measure.unit, measure.currency))),
                parent="" if line.parent is None else names.get(line.parent[0], str(_("Company"))),
            )
        )
    return found


def _major(past: Past, measure: Measure) -> Past:
    if past.actual is None:
        return past
    return replace(past, actual=from_steps(past.actual, measure.unit, measure.currency))


def _adjusts(call: Call, scope: str) -> bool:
    if call.actor.can("plan_targets"):
        return True
    own = None if call.actor.user is None else call.actor.user.person
    return call.actor.can("adjust") and may_adjust(scope, call.scope, own)


def _letters(plan: str, call: Call) -> list[Letter]:
    try:
        return letters(plan, scope=call.scope)
    except NotFound:  # it was never published
        return []


# --- set the total, try a split, keep it ------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@page(right="plan_targets")
def split(request: HttpRequest, call: Call) -> HttpResponse:
    """What if: a total and its weights, each line beside what was done before; kept as a draft when it is right."""
    asked = request.POST if request.method == "POST" else request.GET
    values = {name: asked.get(name, "").strip() for name in (*_ASKED, "plan", "metric", "name", "phasing", "reason")}
    values["plan"] = values["plan"] or "sales"
    context = _split_context(call, values)
    if not values["period"]:
        context["values"]["period"] = call.calendar.period_of(call.as_of, "year").id
        return show(request, "targets/split.html", context)
    try:
        order = _split_order(values)
        if request.method == "POST":
            done = split_plan(order, actor=call.actor.name, as_of=call.as_of)
            messages.success(request, _kept(order.plan, done))
            return HttpResponseRedirect(_plan_url(order.plan, period=done.lines[0].period))
        done = split_plan(order, actor=call.actor.name, as_of=call.as_of, dry_run=True)
        context |= _preview(call, order, done)
    except HedefError as fault:
        context["fault"] = fault
        return show(request, "targets/split.html", context, status=fault.http_status)
    return show(request, "targets/split.html", context)


def _split_order(values: Mapping[str, str]) -> SplitOrder:
    options = PlanOptions(
        metric=values["metric"] or None,
        name=values["name"] or None,
        phasing=values["phasing"] or None,
        reason=values["reason"],
    )
    return SplitOrder(
        plan=values["plan"],
        options=options,
        **{name: values[name].replace(" ", "") or None for name in _ASKED if name != "period"},  # type: ignore[arg-type]
        period=values["period"],
    )


def _split_context(call: Call, values: dict[str, str]) -> dict[str, Any]:
    return {
        "values": dict(values),
        "plans": [one.id for one in definitions.list_documents(KIND)],
        "metrics": [(one.id, in_words(one.document.name)) for one in metrics_in_force()],
        "currency": call.calendar.base_currency,
        "fault": None,
        "head": head(),
    }


def _preview(call: Call, order: SplitOrder, done: SplitAnswer) -> dict[str, Any]:
    period = call.calendar.period(order.period)
    past = pasts(order.plan, done.measure.metric, done.measure.currency, period, as_of=call.as_of)
    rows = _rows(done.lines, done.measure, call, past)
    return {
        "rows": rows,
        "before": [one.period for one in next(iter(past.values()), [])],
        "unit": done.measure.unit,
        "currency": done.measure.currency,
        "issues": [_named(issue) for issue in done.issues],
        "period": period.id,
    }


def _named(issue: Any) -> Any:
    """An issue about a scope with its name instead of its id."""
    name = scope_names([issue.object]).get(issue.object) if issue.object else None
    return replace(issue, message=issue.message.replace(issue.object, name)) if name else issue


def _kept(plan: str, done: SplitAnswer) -> str:
    number = 0 if done.saved is None else done.saved.version.version
    return str(_("Kept as a draft: %(plan)s, version %(number)s.") % {"plan": plan, "number": number})


def _plan_url(plan: str, **query: str) -> str:
    from urllib.parse import urlencode

    return reverse("targets:plan", args=[plan]) + (f"?{urlencode(query)}" if query else "")


# --- phase, adjust, publish -------------------------------------------------------------------------------------------


@require_POST
@page(right="plan_targets")
def phase(request: HttpRequest, call: Call, plan: str) -> HttpResponse:
    """Lines of a period get lines of their own for its shorter ones."""
    order = PhaseOrder(
        plan=plan,
        period=request.POST.get("period", ""),
        to=request.POST.get("to", "month"),
        by=request.POST.get("by") or None,
        reason=request.POST.get("reason", ""),
    )
    try:
        done = phase_plan(order, actor=call.actor.name, as_of=call.as_of)
    except HedefError as fault:
        return _plan_page(request, call, plan, fault=fault, status=fault.http_status)
    said = _("%(count)s lines for shorter periods, kept as a draft.") % {"count": len(done.lines)}
    messages.success(request, said)
    return HttpResponseRedirect(_plan_url(plan, period=order.period))


@require_http_methods(["GET", "POST"])
@page()
def adjust(request: HttpRequest, call: Call, plan: str) -> HttpResponse:
    """A manager gives the own people other numbers; the gap to the team's line is shown before it is kept."""
    if not (call.actor.can("adjust") or call.actor.can("plan_targets")):
        call.actor.must("adjust")
    version = _version(plan, None)
    measure = _measure(version)
    lines = given_lines(plan, version.version)
    asked = request.POST if request.method == "POST" else request.GET
    periods = _periods(lines)
    period = asked.get("period") or (periods[0] if periods else "")
    here = [line for line in lines if line.period == period]
    fault: HedefError | None = None
    typed = {
        line.scope: asked[line.scope].replace(" ", "")
        for line in here
        if line.scope in asked and _adjusts(call, line.scope)
    }
    if request.method == "POST":
        order = AdjustOrder(plan, period, typed, bool(asked.get("keep_sum")), asked.get("reason", ""))
        try:
            if not order.reason.strip():
                raise WrongUse(_("Say why: the reason goes with the numbers to everybody who reads them."))
            done = _adjusted(call, order, dry_run="try" in asked)
            here, typed = list(done.lines), {}
            if done.saved is not None:
                messages.success(request, _("The new numbers are kept as a draft. A second person approves them."))
                return HttpResponseRedirect(_plan_url(plan, period=period))
        except HedefError as refused:
            fault = refused
    past = pasts(plan, measure.metric, measure.currency, call.calendar.period(period), as_of=call.as_of)
    rows = _rows(here, measure, call, past, typed)
    document: TargetPlan = version.document
    context = {
        "plan": plan,
        "name": in_words(document.name),
        "period": period,
        "periods": periods,
        "rows": rows,
        "before": [one.period for one in next((row.pasts for row in rows if row.pasts), ())],
        "unit": measure.unit,
        "currency": measure.currency,
        "outside": _outside(rows, document),
        "warn": document.warn,
        "keep_sum": bool(asked.get("keep_sum")),
        "reason": asked.get("reason", ""),
        "fault": fault,
        "head": head(),
    }
    return show(request, "targets/adjust.html", context, status=200 if fault is None else fault.http_status)


def _adjusted(call: Call, order: AdjustOrder, *, dry_run: bool) -> Any:
    own = None if call.actor.user is None else call.actor.user.person
    own = None if call.actor.can("plan_targets") else own
    return adjust_plan(order, actor=call.actor.name, viewer=call.scope, own=own, dry_run=dry_run)


@require_POST
@page()
def publish(request: HttpRequest, call: Call, plan: str) -> HttpResponse:
    """Take the newest draft as far as the viewer may: tried, approved by a second person, in force."""
    may = call.actor.can("approve")
    if not may:
        call.actor.must("plan_targets")
    try:
        done = publish_plan(
            plan=plan, actor=call.actor.name, may_approve=may, reason=request.POST.get("reason", "").strip()
        )
    except HedefError as fault:
        return _plan_page(request, call, plan, fault=fault, status=fault.http_status)
    if done.waits:
        messages.warning(request, _("Tried and ready. A second person approves it: %(why)s") % {"why": done.waits})
    else:
        said = _("Version %(number)s is %(state)s; everybody with a number finds a letter.")
        messages.success(request, said % {"number": done.version.version, "state": STATES[done.version.state]})
    return HttpResponseRedirect(_plan_url(plan))
