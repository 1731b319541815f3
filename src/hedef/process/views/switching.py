"""A deal that goes on in another process: the form beside it, and the switch itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hedef.call import Call
from hedef.kernel.errors import HedefError
from hedef.process.engine.switching import NO_STAGE
from hedef.process.queries import in_force
from hedef.process.queries.deal import visible_deal
from hedef.process.switching import switch_process
from hedef.process.views.deal import deal_answer, deal_name
from hedef.process.views.doors import editor_of
from hedef.process.views.forms import Form, form_of, read_number, read_text
from hedef.process.views.shown import word
from hedef.web.pages import page


@require_POST
@page()
def switch(request: HttpRequest, call: Call, deal: int) -> HttpResponse:
    """Let a deal go on in a stage of another process, with the sentence why."""
    row = visible_deal(deal, call.scope)
    editor_of(call).must_edit(row["owner"])
    form = form_of(row)
    form.texts |= {name: request.POST.get(name, "") for name in ("into", "why")}
    process, stage = _read(form)
    if form.errors:
        return deal_answer(request, call, row, form=form, status=422)
    try:
        switch_process(
            deals=[deal],
            process=process,
            into={row["stage"] or NO_STAGE: stage},
            actor=call.actor.name,
            at_us=call.now_us,
            based_on=read_number(request.POST.get("based_on", "")) or (row["last_batch"], row["last_ord"]),
            reason=form.text("why"),
        )
    except HedefError as fault:
        return deal_answer(request, call, row, form=form, fault=fault, status=fault.http_status)
    name = word(in_force(call.calendar.day_of(call.now_us))[process].name)
    messages.success(request, _("%(deal)s goes on in %(process)s.") % {"deal": deal_name(row), "process": name})
    return HttpResponseRedirect(reverse("process:deal", args=[deal]))


def _read(form: Form) -> tuple[str, str]:
    process, _slash, stage = form.text("into").partition("/")
    if not process or not stage:
        form.errors["into"] = _("Choose one of the stages of the list.")
    read_text(form, "why", required=_("Say why it goes on there."))
    return process, stage
