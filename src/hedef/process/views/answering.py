"""Answers to the exit criteria of a deal, from its page."""

from typing import Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.kernel.errors import HedefError
from hedef.process.exits import answer_criterion
from hedef.process.queries.deal import visible_deal
from hedef.process.views.deal import back_to, deal_answer, deal_name
from hedef.process.views.doors import editor_of
from hedef.process.views.forms import read_number
from hedef.web.pages import page

type Result = Literal["yes", "no", "waived"]
_RESULTS: dict[str, Result] = {"yes": "yes", "no": "no", "waived": "waived"}


@require_POST
@page()
def answer(request: HttpRequest, call: Call, deal: int) -> HttpResponse:
    """Yes with its evidence, no, or a waiver with its sentence; kept as a change of the deal."""
    row = visible_deal(deal, call.scope)
    editor_of(call).must_edit(row["owner"])
    try:
        answer_criterion(
            deal=deal,
            criterion=request.POST.get("criterion", ""),
            result=_RESULTS.get(request.POST.get("result", ""), "no"),
            actor=call.actor.name,
            at_us=call.now_us,
            evidence=request.POST.get("evidence", ""),
            sentence=request.POST.get("sentence", ""),
            based_on=read_number(request.POST.get("based_on", "")),
        )
    except HedefError as fault:
        return deal_answer(request, call, row, fault=fault, status=fault.http_status)
    messages.success(request, _("Saved: %(deal)s") % {"deal": deal_name(row)})
    return HttpResponseRedirect(back_to(request, deal))
