"""What can be done: a page that says what will happen, and its form. Nothing happens by opening it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hedef.kernel.errors import HedefError, NotFound
from hedef.kernel.ids import parse, spell
from hedef.ledger import acting, answers
from hedef.ledger.telling import field_words, kind_words, names_seen
from hedef.ledger.views import later
from hedef.ledger.views.moves import moves_of
from hedef.ledger.views.shown import shown, with_moment, written
from hedef.web.pages import Call, page, second_person, show


def _answered(
    request: HttpRequest, template: str, context: dict[str, Any], act: Callable[[], str], back: str
) -> HttpResponse:
    """Do it and go back with a sentence, or show the page again with what stands against it."""
    try:
        told = act()
    except HedefError as fault:
        return show(request, template, {**context, "fault": fault, "texts": request.POST}, status=fault.http_status)
    messages.success(request, told)
    return HttpResponseRedirect(back)


@page(right="undo")
def undo(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """Which records, numbers and publications an undo touches; POST does it."""
    no = answers.batch_number(number)
    name = f"B-{no}"
    if (going := later.progress(request, name)) is not None:
        return going
    rehearsed = acting.undo(name, actor=call.actor.name, reason="", dry_run=True)["act"]
    entities = [
        {**one, "kind_words": kind_words(one["kind"]), "names": _names(one, call)} for one in rehearsed["entities"]
    ]
    context = {
        "batch": with_moment(answers.one_batch(no)),
        "act": rehearsed,
        "entities": entities,
        "records": sum(one["count"] for one in entities),
        "moves": moves_of(rehearsed["moves"], call.scope),
    }
    if request.method != "POST":
        return show(request, "ledger/undo.html", context)

    given: dict[str, Any] = {
        "actor": call.actor.name,
        "reason": _reason(request),
        "after_publication": bool(request.POST.get("after_publication")),
    }
    may = not rehearsed["refused"] or rehearsed["publications"]
    if context["records"] > later.LARGE and may and given["reason"].strip():
        return _begun(request, context, name, given)

    def act() -> str:
        told = acting.undo(name, second=second_person(request), **given)
        return _("%(batch)s was taken back by %(undo)s.") % {"batch": name, "undo": told["act"]["batch"]}

    return _answered(request, "ledger/undo.html", context, act, reverse("ledger:batch", args=[name]))


def _begun(request: HttpRequest, context: dict[str, Any], name: str, given: dict[str, Any]) -> HttpResponse:
    """A worker takes a large batch back; what stands against it is said at once."""
    try:
        address = later.begin(batch=name, second=second_person(request), **given)
    except HedefError as fault:
        told = {**context, "fault": fault, "texts": request.POST}
        return show(request, "ledger/undo.html", told, status=fault.http_status)
    return HttpResponseRedirect(address)


def _names(touched: Mapping[str, Any], call: Call) -> list[tuple[str, str]]:
    """The first entities of a kind: id and name."""
    first = touched["first"][:12]
    names = names_seen(touched["kind"], [parse(one)[1] for one in first], call.scope)
    return [(one, names.get(parse(one)[1], one)) for one in first]


@page(right="edit_record")
def change(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """One change of a record with its values as inputs; POST corrects it, or takes it back."""
    told = answers.entity_told(answers.entity_of(number), scope=call.scope)
    name = spell(told.kind, told.entity)
    wanted = request.GET.get("change", "")
    named = [one for one in told.changes if f"{one.seal_no}:{one.ord}" == wanted]
    if not named:
        raise NotFound(_("%(name)s has no change %(change)s.") % {"name": name, "change": wanted})
    found = told.told(named)[0]
    inputs = [_input(told.kind, field, value, told.currency) for field, value in found.fields.items()]
    context = {
        "entity": name,
        "name": names_seen(told.kind, [told.entity], call.scope).get(told.entity, ""),
        "kind_words": kind_words(told.kind),
        "change": shown([(found.json, found.beside)], call.scope)[0],
        "inputs": inputs,
        "at": found.json["effective_at"] or "",
    }
    if request.method != "POST":
        return show(request, "ledger/change.html", context)

    def act() -> str:
        if request.POST.get("do") == "void":
            done = acting.void(name, scope=call.scope, actor=call.actor.name, reason=_reason(request), change=wanted)
        else:
            at = request.POST.get("at", "").strip()
            done = acting.correct(
                name,
                scope=call.scope,
                actor=call.actor.name,
                reason=_reason(request),
                texts=_changed(request, inputs),
                change=wanted,
                at=at if at and at != found.json["effective_at"] else None,
            )
        return _("%(name)s was corrected by %(batch)s.") % {"name": name, "batch": done["act"]["batch"]}

    return _answered(request, "ledger/change.html", context, act, reverse("ledger:entity", args=[name]))


@dataclass(frozen=True, slots=True)
class _Input:
    """A value as an input of a form: its name, its text as it stands, and its label."""

    name: str
    text: str
    label: str | Promise


def _input(kind: str, field: str, value: object, currency: str) -> _Input:
    name, text = written(kind, field, value, currency)
    return _Input(name, text, field_words(kind, field).label)


def _changed(request: HttpRequest, inputs: Sequence[_Input]) -> dict[str, str]:
    given = {one.name: request.POST.get(one.name) for one in inputs}
    return {one.name: text for one in inputs if (text := given[one.name]) is not None and text != one.text}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


@page(right="edit_record")
def split(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """What a split gives back; POST does it."""
    told = answers.entity_told(answers.entity_of(number), scope=call.scope)
    name = spell(told.kind, told.entity)
    if told.into is None:
        raise NotFound(_("%(name)s is not part of another record.") % {"name": name})
    context = {
        "entity": name,
        "name": names_seen(told.kind, [told.entity], call.scope).get(told.entity, ""),
        "into": spell(told.kind, told.into),
    }
    if request.method != "POST":
        return show(request, "ledger/split.html", context)

    def act() -> str:
        done = acting.split(name, scope=call.scope, actor=call.actor.name, reason=_reason(request))
        return _("%(name)s is a record of its own again, by %(batch)s.") % {"name": name, "batch": done["act"]["batch"]}

    return _answered(request, "ledger/split.html", context, act, reverse("ledger:entity", args=[name]))


@page(right="erase")
def erase(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """How much an erasure blanks; POST does it, for good."""
    told = answers.entity_told(answers.entity_of(number), scope=call.scope)
    name = spell(told.kind, told.entity)
    context = {
        "entity": name,
        "name": names_seen(told.kind, [told.entity], call.scope).get(told.entity, ""),
        "act": acting.erase(name, actor=call.actor.name, reason="", dry_run=True)["act"],
    }
    if request.method != "POST":
        return show(request, "ledger/erase.html", context)

    def act() -> str:
        done = acting.erase(name, actor=call.actor.name, reason=_reason(request))["act"]
        return ngettext(
            "The words of %(name)s are gone: %(count)s change was blanked.",
            "The words of %(name)s are gone: %(count)s changes were blanked.",
            done["changes"],
        ) % {"name": name, "count": done["changes"]}

    return _answered(request, "ledger/erase.html", context, act, reverse("ledger:entity", args=[name]))
