"""A target letter as its person reads it, and the answer: acknowledged, or not agreed with a sentence."""

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hedef.call import Call
from hedef.kernel.errors import HedefError, NotFound
from hedef.kernel.ids import parse
from hedef.ledger.queries import head
from hedef.metrics.page.shown import in_words
from hedef.targets.engine.units import from_steps
from hedef.targets.queries.letters import Letter, LetterLine
from hedef.targets.queries.letters import letter as read_letter
from hedef.targets.queries.plans import metric_of
from hedef.targets.queries.scopes import scope_names
from hedef.targets.schema import TargetPlan
from hedef.targets.services import acknowledge_letter
from hedef.targets.views.plans import ORIGINS
from hedef.web.pages import page, show


@require_http_methods(["GET", "POST"])
@page()
def letter(request: HttpRequest, call: Call, plan: str) -> HttpResponse:
    """The viewer's letter, or with `?person=P-17` that of somebody the viewer sees. Only the person answers it."""
    own = None if call.actor.user is None else call.actor.user.person
    person = _person(request.GET.get("person"), own)
    found = read_letter(plan, person, scope=call.scope)
    fault: HedefError | None = None
    if request.method == "POST":
        if person != own:
            raise NotFound(_("Only the person answers a letter."))
        try:
            _answer(request, plan, person, call)
            return HttpResponseRedirect(reverse("targets:letter", args=[plan]))
        except HedefError as refused:
            fault = refused
    return show(request, "targets/letter.html", _context(found, own == person, fault, request), status=_status(fault))


def _status(fault: HedefError | None) -> int:
    return 200 if fault is None else fault.http_status


def _person(text: str | None, own: int | None) -> int:
    if text:
        try:
            return parse(text)[1]
        except ValueError as fault:
            raise NotFound(_("There is no person %(id)s.") % {"id": text[:40]}) from fault
    if own is None:
        raise NotFound(_("You are no person of the records: you have no target letter."))
    return own


def _answer(request: HttpRequest, plan: str, person: int, call: Call) -> None:
    done = acknowledge_letter(
        plan=plan,
        person=person,
        digest=request.POST.get("hash", ""),
        answer=request.POST.get("answer", ""),
        sentence=request.POST.get("sentence", ""),
        actor=call.actor.name,
    )
    said = {
        "acknowledged": _("Acknowledged. The numbers are as you read them; a new version asks again."),
        "disagreed": _("Recorded that you do not agree. Your manager and sales operations see your sentence."),
    }
    messages.success(request, said[done.state])


def _context(found: Letter, own: bool, fault: HedefError | None, request: HttpRequest) -> dict[str, Any]:
    plan: TargetPlan = found.version.document
    metric = metric_of(plan)
    currency = plan.metric.currency

    def exact(value: int | None) -> Fraction | None:
        if value is None:
            return None
        return from_steps(value, metric.unit, currency)

    names = scope_names(line.parent for line in found.lines if line.parent)

    def told(line: LetterLine) -> dict[str, Any]:
        above = names.get(line.parent) if line.parent else None
        return {
            "period": line.period,
            "value": exact(line.value),
            "before": exact(line.before),
            "change": None if line.before is None else exact(line.value - line.before),
            "origin": ORIGINS.get(line.origin, line.origin),
            "code": line.origin,
            "above": above or _("Company"),
            "above_value": exact(line.parent_value),
            "share": Fraction(line.value, line.parent_value) if line.parent_value else None,
            "parts": [(name, exact(value)) for name, value in line.parts],
            "floor": exact(line.floor),
            "stretch": exact(line.stretch),
        }

    return {
        "letter": found,
        "plan": plan,
        "plan_name": in_words(plan.name),
        "metric": metric,
        "metric_name": in_words(metric.name),
        "says": "" if metric.says is None else in_words(metric.says),
        "unit": metric.unit,
        "currency": currency,
        "lines": [told(line) for line in found.lines],
        "reason": "" if plan.change.reason is None else in_words(plan.change.reason),
        "ramp": [Fraction(one) for one in plan.people.ramp],
        "own": own,
        "sentence": request.POST.get("sentence", ""),
        "fault": fault,
        "head": head(),
    }
