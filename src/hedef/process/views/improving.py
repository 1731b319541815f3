"""The page of the improvement log of a process."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hedef.call import Call
from hedef.kernel.errors import HedefError
from hedef.kernel.ids import spell
from hedef.process.queries import process_in_force
from hedef.process.queries.improving import DUE_DAYS, Improvement, improvements, review_due
from hedef.process.queries.trials import list_trials
from hedef.process.views.shown import in_turkish_order, word
from hedef.process.views.trials import verdict_name
from hedef.process.writing import write_log
from hedef.records import queries as records
from hedef.web.pages import page, show

_TOLD = ("evidence", "fingerprint", "version", "trial", "owner", "review_on")


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def log(request: HttpRequest, call: Call, process: str) -> HttpResponse:
    """Ideas on their way to a decision; forms for who writes definitions."""
    if request.method != "POST":
        return _page(request, call, process)
    told = {name: request.POST.get(name, "").strip() for name in _TOLD}
    try:
        write_log(
            call,
            process_in_force(process, day=call.as_of).id,
            idea=request.POST.get("idea") or ("" if not request.POST.get("entry") else None),
            entry=request.POST.get("entry") or None,
            told=told,
            decision=request.POST.get("decision") or None,
        )
    except HedefError as fault:
        return _page(request, call, process, fault=fault, status=fault.http_status)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("process:improvements", args=[process]))


def _page(
    request: HttpRequest, call: Call, process: str, *, fault: HedefError | None = None, status: int = 200
) -> HttpResponse:
    version = process_in_force(process, day=call.as_of, known_no=call.known_no)
    found = improvements(process)
    people = records.names({one.owner for one in found}, kind="person")
    may_write = call.actor.can("write_definition")
    everybody = {row["entity"]: row["name"] or "" for row in records.rows("person") if not row["left_on"]}
    context = {
        "name": word(version.document.name),
        "process": process,
        "rows": [(one, spell("improvement", one.entity), people.get(one.owner or 0, ""), _words(one)) for one in found],
        "due": review_due(process, since=version.effective_from, as_of=call.as_of),
        "due_days": DUE_DAYS,
        "may_write": may_write,
        "owners": [(spell("person", one), name) for one, name in in_turkish_order(everybody.items())]
        if may_write
        else [],
        "trials": [one.id for one in list_trials(process)],
        "decisions": [(one, decision_name(one)) for one in ("keep", "revert", "repeat")],
        "fault": fault,
    }
    return show(request, "process/improvements.html", context, status=status)


def decision_name(code: str) -> str:
    """A decision in words."""
    return {"keep": _("keep"), "revert": _("revert"), "repeat": _("repeat")}[code]


def _words(one: Improvement) -> str:
    """How far an entry is, in words."""
    if one.decision:
        told = {"decision": decision_name(one.decision), "verdict": verdict_name(one.verdict) if one.verdict else "–"}
        return _("decided: %(decision)s (verdict: %(verdict)s)") % told
    names = {
        "idea": _("idea"),
        "evidence": _("idea with evidence"),
        "version": _("version written"),
        "trial": _("in trial"),
    }
    return names[one.stage]
