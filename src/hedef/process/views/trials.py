"""Pages of trials: what one needs, how it stands, and its verdict once it is over."""

from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.process.queries.trials import Trial, list_trials
from hedef.process.queries.trials import trial as read_trial
from hedef.process.views.shown import days_text, share_text, word
from hedef.web.pages import page, show


def verdict_name(code: str) -> str:
    """State or verdict of a trial, in words."""
    return {
        "planned": _("planned"),
        "running": _("running"),
        "better": _("better"),
        "worse": _("worse"),
        "no_clear_difference": _("no clear difference"),
        "not_enough_data": _("not enough data"),
    }[code]


@require_safe
@page()
def trials(request: HttpRequest, call: Call) -> HttpResponse:
    """Every trial, the one that ends last first."""
    rows = [(one.id, word(one.document.name), word(one.document.hypothesis), one.document) for one in list_trials()]
    return show(request, "process/trials.html", {"rows": rows, "as_of": call.as_of})


@require_safe
@page()
def trial(request: HttpRequest, call: Call, name: str) -> HttpResponse:
    """One trial as of a day."""
    found = read_trial(name, as_of=call.as_of, as_of_us=call.as_of_us, known_at=call.known_no, viewer=call.scope)
    document, outcome = found.document, found.outcome
    interval = outcome.comparison.interval if outcome else None
    context = {
        "found": found,
        "document": document,
        "name": word(document.name),
        "hypothesis": word(document.hypothesis),
        "verdict": verdict_name(found.verdict),
        "measure": _measure(found),
        "base": _value(found, found.plan.base),
        "sides": _sides(found),
        "earlier": [(_value(found, one.value), one.cases) for one in outcome.earlier] if outcome else [],
        "difference": _value(found, outcome.comparison.difference, signed=True) if outcome else "",
        "interval": None
        if interval is None
        else (interval.level, _value(found, interval.low, signed=True), _value(found, interval.high, signed=True)),
        "trust": found.trust,
        "as_of": call.as_of,
    }
    return show(request, "process/trial.html", context)


def _value(found: Trial, value: object, *, signed: bool = False) -> str:
    """A share as per cent (a difference as points), or days."""
    if not isinstance(value, Fraction):
        return share_text(None)
    if found.document.outcome.time_in is not None:
        return _("%(days)s days") % {"days": days_text(value)}
    if signed:
        return _("%(points)s points") % {"points": days_text(Fraction(round(value * 10_000), 100))}
    return share_text(value)


def _measure(found: Trial) -> str:
    outcome = found.document.outcome
    if outcome.convert is None:
        return _("days in %(stage)s") % {"stage": outcome.time_in}
    told = {"first": outcome.convert[0], "second": outcome.convert[1], "days": outcome.within_days}
    return _("%(first)s to %(second)s within %(days)s days") % told


def _sides(found: Trial) -> list[tuple[str, str, int, int]]:
    if found.outcome is None:
        return []
    old, new = found.outcome.old, found.outcome.new
    split = found.document.design.kind == "split"
    names = (_("old way"), _("new way")) if split else (_("before"), _("after"))
    return [
        (name, _value(found, one.value), one.cases, one.still_open) for name, one in zip(names, (old, new), strict=True)
    ]
