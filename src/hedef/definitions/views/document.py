"""One document: its versions, its text, what two versions say differently, who uses it, and its next steps."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.definitions import services
from hedef.definitions.acts import acts_of, may_write
from hedef.definitions.engine import choose
from hedef.definitions.kinds import kind_named
from hedef.definitions.queries import Version, diff, get, versions
from hedef.definitions.services import Simulation
from hedef.definitions.steps import Step, steps_of
from hedef.definitions.users import use_of, users_of
from hedef.definitions.views.told import (
    STATES,
    TONES,
    error_text,
    faults_of,
    in_plain_words,
    kind_name,
    language,
    line_difference,
    name_of,
    sees_drafts,
    viewer_of,
)
from hedef.kernel.errors import HedefError, NotFound, WrongUse
from hedef.web.pages import page, show

_WAY = ("draft", "simulated", "approved", "effective")


@require_safe
@page()
def document(request: HttpRequest, call: Call, kind: str, doc_id: str) -> HttpResponse:
    """A document with everything that was ever decided about it."""
    known = _versions(call, kind, doc_id)
    now = choose(known, call.as_of)
    living = [one for one in known if one.state != "retired"]
    newest = living[-1] if living else known[-1]
    told = _chosen(request, "version", known) or now or newest
    before, after = _both(request, known, newest)
    found = diff(before, after) if before else []
    context = {
        "kind": kind,
        "kind_name": kind_name(kind),
        "id": doc_id,
        "name": name_of(now or newest),
        "owner": (now or newest).body.get("owner"),
        "words": (now or newest).words.get(language(), ""),
        "now": now,
        "newest": newest,
        "waiting": newest if newest.state in ("draft", "simulated", "approved") else None,
        "way": [(_("approved") if one == "approved" else STATES[one], one) for one in _WAY],
        "acts": acts_of(newest, actor=call.actor.name, can=call.actor.can),
        "told": told,
        "versions": _lines(known, now),
        "before": before,
        "after": after,
        "lines": line_difference(before.yaml, after.yaml) if before else [],
        "said": in_plain_words(found, after),
        "uses": [use_of(one) for one in users_of(kind, doc_id) if one.approver or sees_drafts(call)],
        "states": STATES,
        "page": (kind_named(kind).page or (lambda _: ""))(doc_id),
        "no_writing": may_write(call.actor.can),
        "sees_drafts": sees_drafts(call),
    }
    return show(request, "definitions/document.html", context)


def _versions(call: Call, kind: str, doc_id: str) -> list[Version]:
    """The versions that the reader may see; NotFound where there is none."""
    kind_named(kind)
    found = [one for one in versions(kind, doc_id) if one.approver or sees_drafts(call)]
    if not found:
        get(kind, doc_id) if sees_drafts(call) else None
        raise NotFound(f"There is no document {kind}:{doc_id}.")
    return found


def _chosen(request: HttpRequest, name: str, known: list[Version]) -> Version | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    found = next((one for one in known if str(one.version) == text), None)
    if found is None:
        raise NotFound(_("There is no version %(text)s of this document.") % {"text": text})
    return found


def _both(request: HttpRequest, known: list[Version], newest: Version) -> tuple[Version | None, Version]:
    """The two versions that are compared: as asked, else the newest with the one before it that counted."""
    after = _chosen(request, "after", known) or newest
    earlier = [one for one in known if one.version < after.version]
    former = next((one for one in reversed(earlier) if one.approver), earlier[-1] if earlier else None)
    return _chosen(request, "before", known) or former, after


def _lines(known: list[Version], now: Version | None) -> list[dict[str, Any]]:
    """Versions, newest first, with the steps of each."""
    steps = steps_of(known)
    return [_line(one, now, steps.get(one.entity, [])) for one in reversed(known)]


def _line(one: Version, now: Version | None, steps: list[Step]) -> dict[str, Any]:
    state: str = one.state
    if state == "effective" and now is not None and one.version != now.version:
        state = "replaced" if one.version < now.version else "approved"
    said = [(STATES[step.state], step) for step in steps]
    return {"version": one, "state": STATES[state], "tone": TONES[state], "steps": said}


# --- steps


@require_POST
@page()
def step(request: HttpRequest, call: Call, kind: str, doc_id: str) -> HttpResponse:
    """One act on the newest version; where it is not allowed, the page says why."""
    name, reason = request.POST.get("act", ""), request.POST.get("reason", "").strip()
    number = int(request.POST.get("version", "0") or 0)
    newest = get(kind, doc_id, number or None)
    act = next((one for one in acts_of(newest, actor=call.actor.name, can=call.actor.can) if one.name == name), None)
    if act is None:
        raise WrongUse(_("Version %(number)s cannot take this step any more.") % {"number": newest.version})
    there = reverse("definitions:document", args=[kind, doc_id])
    if not act.allowed:
        messages.error(request, act.why_not)
    elif name == "undo" and not reason:
        messages.error(request, _("Say why: it is kept with the version."))
    else:
        try:
            messages.success(request, _taken(name, newest, call.actor.name, reason))
        except HedefError as fault:
            messages.error(request, error_text(fault))
    return HttpResponseRedirect(f"{there}#next")


def _taken(name: str, version: Version, actor: str, reason: str) -> str:
    """Take the step; what happened, as a sentence."""
    named: dict[str, Any] = {"kind": version.kind, "id": version.id, "actor": actor, "reason": reason}
    if name == "simulate":
        found = services.simulate(**named, version=version.version)
        if found.stopped:
            return _("Not simulated: an error or a failing case stands in the way. It is named below.")
        return _("Simulated: look at what would change, then a second person approves it.")
    if name == "approve":
        made = services.approve(**named, version=version.version)
        return (
            _("Approved. It is in force.") if made.state == "effective" else _("Approved. It waits for its first day.")
        )
    if name == "effective":
        services.make_effective(**named, version=version.version)
        return _("It is in force.")
    made = services.undo(**named)
    if made.state == "retired":
        return _("Version %(number)s is withdrawn.") % {"number": made.version}
    return _("Version %(number)s says what was said before; it waits for its approval.") % {"number": made.version}


@require_safe
@page()
def simulation(request: HttpRequest, call: Call, kind: str, doc_id: str) -> HttpResponse:
    """What a draft would change, looked at without a step; for who writes and who approves."""
    _versions(call, kind, doc_id)
    number = request.GET.get("version", "")
    version = get(kind, doc_id, int(number) if number.isdigit() else None)
    if not sees_drafts(call):
        raise NotFound(f"There is no document {kind}:{doc_id}.")
    found = services.look_ahead(version)
    context = {"kind": kind, "id": doc_id, "name": name_of(version), "version": version, **_ahead(call, found)}
    return show(request, "definitions/simulation.html", context)


def _ahead(call: Call, found: Simulation) -> dict[str, Any]:
    kind = kind_named(found.version.kind)
    blocks = list(kind.told(found.result, viewer_of(call))) if kind.told and found.result is not None else []
    return {
        "found": found,
        "faults": faults_of([one for one in found.issues if one.code != "case_differs"], "", found.version.kind),
        "passed": sum(proof.passed for proof in found.proofs),
        "blocks": blocks,
        "plain": [] if kind.told or not found.result else list(_pairs(found.result)),
        "users": [use_of(one) for one in found.users],
    }


def _pairs(result: Any) -> list[tuple[str, Any, list[str]]]:
    """What a kind without its own words answered: values by name, lists of rows as tables."""
    found = []
    for key, value in result.items():
        rows = value if isinstance(value, list) and value and all(isinstance(one, dict) for one in value) else None
        head = list(rows[0]) if rows else []
        found.append((str(key), [list(one.values()) for one in rows] if rows else value, head))
    return found
