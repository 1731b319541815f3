"""Sources: what came when, in which rhythm, what each check says, what is blocked, and overrides by two people."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hedef.access.queries import approvers
from hedef.call import Call, instant
from hedef.intake import saying
from hedef.intake.trust.overrides import agree_override, ask_override, end_override
from hedef.intake.trust.overview import CheckView, ObjectView, SourceView, overview
from hedef.intake.trust.rules import Rhythm
from hedef.kernel.errors import HedefError, WrongUse
from hedef.kernel.trust import worst_level
from hedef.web.pages import page, show
from hedef.web.trust import check_name, finding_words, level_word, object_name

_MARKS = {"trusted": "●", "caution": "▲", "blocked": "■", "unknown": "○"}


@page(right="read_data")
def sources(request: HttpRequest, call: Call) -> HttpResponse:
    """Every source with its objects and checks."""
    found = overview(asked_us=call.as_of_us, today=call.calendar.day_of(call.now_us))
    context = {
        "sources": [_source(one) for one in found],
        "level": worst_level(one.level for one in found),
        "blocked": sum(len(one.blocked) for one in found),
        "may_ask": call.actor.can("import"),
        "may_agree": call.actor.can("approve"),
        "today": call.calendar.day_of(call.now_us),
        "name": call.actor.name,
        "others": sorted(set(approvers()) - {call.actor.name})[:5],
    }
    return show(request, "intake/sources.html", context)


def _source(one: SourceView) -> dict[str, Any]:
    return {
        "name": one.name,
        "level": one.level,
        "level_word": level_word(one.level),
        "objects": [_object(told) for told in one.objects],
        "overrides": one.overrides,
        "blocked": [_check(told) for told in one.blocked],
    }


def _object(one: ObjectView) -> dict[str, Any]:
    return {
        "name": object_name(one.object),
        "code": one.object,
        "job": one.job,
        "heard": instant(one.heard_us),
        "rhythm": rhythm_words(one.rhythm),
        "set": one.set_by_rules,
        "level": one.level,
        "checks": [_check(told) for told in one.checks],
    }


def _check(one: CheckView) -> dict[str, Any]:
    marks = "".join(_MARKS[level] for level in one.trend)
    words = ", ".join(level_word(level) for level in one.trend)
    return {
        "code": one.reason.code,
        "object": one.reason.object,
        "name": check_name(one.reason.code),
        "level": one.level,
        "found": finding_words(one.reason) if one.level != "trusted" else "",
        "step": step_words(one),
        "file": one.reason.file,
        "marks": marks,
        "marks_words": words,
    }


def rhythm_words(rhythm: Rhythm | None) -> str:
    """How often something comes, as people say it."""
    if rhythm is None:
        return ""
    if rhythm.working_days is not None:
        told = ngettext("every working day", "every %(n)d working days", rhythm.working_days)
        return told % {"n": rhythm.working_days}
    days = rhythm.days or 1
    return ngettext("every day", "every %(n)d days", days) % {"n": days}


def step_words(one: CheckView) -> str:
    """What to do about a check, in the reader's language."""
    if one.level == "trusted":
        return ""
    told = {
        "freshness": _("Export it from the source now and import it."),
        "completeness": _("Look whether the export is whole, then import it again."),
        "uniqueness": _("Take the repeated rows out of the export, then import it again."),
        "referential": _("Import the records that are named first, then this file again."),
        "domain": _("Mend the rejected rows on the page of the import."),
        "reconciliation": _("Undo the import, then import the file again."),
        "history": _("Export history and current state at the same time, and import both."),
        "drift": _("Look whether stages, owners and amounts are what they seem."),
    }
    return told.get(one.reason.code, "")


# --- overrides --------------------------------------------------------------------------------------------------------


@require_POST
@page(right="import")
def ask(request: HttpRequest, call: Call) -> HttpResponse:
    """Ask that a blocked check may be passed until a day."""
    form = request.POST
    return _done(
        request,
        lambda: ask_override(
            source=form.get("source", ""),
            object_=form.get("object") or None,
            check=form.get("check") or None,
            reason=form.get("reason", ""),
            until=_day(form.get("until", "")),
            actor=call.actor.name,
            today=call.calendar.day_of(call.now_us),
            now_us=call.now_us,
        ),
        _("Asked. It counts once a second person agrees."),
    )


@require_POST
@page(right="approve")
def agree(request: HttpRequest, call: Call, number: int) -> HttpResponse:
    """A second person agrees."""
    today = call.calendar.day_of(call.now_us)
    act = lambda: agree_override(number, actor=call.actor.name, today=today, now_us=call.now_us)  # noqa: E731
    return _done(request, act, _("Agreed. Publishing is open again until that day, and every publication says so."))


@require_POST
@page(right="approve")
def end(request: HttpRequest, call: Call, number: int) -> HttpResponse:
    """An override is taken back."""
    today = call.calendar.day_of(call.now_us)
    act = lambda: end_override(number, actor=call.actor.name, today=today, now_us=call.now_us)  # noqa: E731
    return _done(request, act, _("Ended. The check blocks again."))


def _done(request: HttpRequest, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except HedefError as fault:
        saying.tell_fault(request, fault)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("intake:sources"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as fault:
        raise WrongUse(_("“%(text)s” is no day.") % {"text": text}, hint=_("Write it as 2026-11-30.")) from fault
