"""Wrong rows: requests of those who saw them, answered by operations; the asker reads the answer here."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call, instant
from hedef.intake import datafix, saying
from hedef.intake.models import DataFix
from hedef.intake.naming import FIELDS
from hedef.kernel.errors import HedefError
from hedef.kernel.ids import spell
from hedef.records.telling import field_words
from hedef.web.pages import page, show

_SHOWN = 25


@page()
def fixes(request: HttpRequest, call: Call) -> HttpResponse:
    """Every request for who corrects records; the own ones for everybody else."""
    corrects = call.actor.can("edit_record")
    found = datafix.fixes(actor=None if corrects else call.actor.name)
    shown = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    context = {
        "rows": [_row(one) for one in shown],
        "page": shown,
        "corrects": corrects,
        "open": sum(one.state == DataFix.State.OPEN for one in found),
    }
    return show(request, "intake/fixes.html", context)


def _row(one: DataFix) -> dict[str, Any]:
    about = spell(one.kind, one.entity)
    url = f"/process/deals/{about}" if one.kind == "deal" else reverse("records:record", args=[one.kind, about])
    return {
        "fix": one,
        "about": about,
        "url": url,
        "field": _called(one.kind, one.field),
        "at": instant(one.asked_us),
    }


def _called(kind: str, field: str) -> str | Promise:
    """A field as the pages of records call it."""
    if field in FIELDS:
        return FIELDS[field]
    words = field_words(kind, field)
    return words.label if words is not None else field


@page()
def new_fix(request: HttpRequest, call: Call) -> HttpResponse:
    """The form of a request about one record."""
    about = (request.POST if request.method == "POST" else request.GET).get("about", "")
    if request.method == "POST":
        try:
            datafix.ask_fix(
                about=about,
                field=request.POST.get("field", ""),
                right=request.POST.get("right", ""),
                sentence=request.POST.get("sentence", ""),
                actor=call.actor.name,
                scope=call.scope,
                now_us=call.now_us,
            )
        except HedefError as fault:
            saying.tell_fault(request, fault)
        else:
            messages.success(request, _("Told. Operations read it, and their answer stands here."))
            return HttpResponseRedirect(reverse("intake:fixes"))
    kind = datafix.kind_named(about)
    names = sorted(((name, str(_called(kind, name))) for name in datafix.fields_of(about)), key=lambda one: one[1])
    typed = {name: request.POST.get(name, request.GET.get(name, "")) for name in ("field", "right", "sentence")}
    return show(request, "intake/new_fix.html", {"about": about, "names": names, "typed": typed})


@require_POST
@page(right="edit_record")
def answer_fix(request: HttpRequest, call: Call, number: int) -> HttpResponse:
    """Correct the record as asked, or say why it stays."""
    try:
        if "accept" in request.POST:
            datafix.accept_fix(number, actor=call.actor.name, now_us=call.now_us)
            messages.success(request, _("Corrected. The asker sees it."))
        else:
            said = request.POST.get("answer", "")
            datafix.refuse_fix(number, answer=said, actor=call.actor.name, now_us=call.now_us)
            messages.info(request, _("Left as it is. The asker reads why."))
    except HedefError as fault:
        saying.tell_fault(request, fault)
    return HttpResponseRedirect(reverse("intake:fixes"))
