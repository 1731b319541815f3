"""A new deal: its form, and the search for its account."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hedef.call import Call
from hedef.kernel.errors import Forbidden, HedefError, NotFound
from hedef.kernel.ids import spell
from hedef.process.queries import in_force
from hedef.process.schema import ProcessDocument
from hedef.process.services import open_deal
from hedef.process.views.deal import owner_choices
from hedef.process.views.doors import Editor, editor_of
from hedef.process.views.forms import Form, read_day, read_money, read_owner, read_text
from hedef.process.views.shown import word
from hedef.records import queries as records
from hedef.web.pages import page, show

_NAMES = ("name", "account", "amount", "currency", "close_on", "owner", "stage", "next_step")


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def new(request: HttpRequest, call: Call) -> HttpResponse:
    """The form of a new deal, and the deal itself."""
    editor = _opener(call)
    documents = in_force(call.calendar.day_of(call.now_us))
    if request.method != "POST":
        return _form_page(request, call, editor, documents, _empty(call, documents))
    form = Form({name: request.POST.get(name, "") for name in _NAMES})
    process, stage = _read(form, editor, documents)
    if form.errors:
        return _form_page(request, call, editor, documents, form, status=422)
    try:
        deal = open_deal(
            fields={name: value for name, value in form.fields.items() if value is not None},
            process=process,
            stage=stage,
            actor=call.actor.name,
            at_us=call.now_us,
        )
    except HedefError as fault:
        return _form_page(request, call, editor, documents, form, fault=fault, status=fault.http_status)
    messages.success(request, _("Opened: %(deal)s") % {"deal": form.text("name")})
    return HttpResponseRedirect(reverse("process:deal", args=[deal]))


@require_safe
@page()
def accounts(request: HttpRequest, call: Call) -> HttpResponse:
    """Accounts whose name has the words, as options of the form."""
    _opener(call)
    return show(request, "process/accounts.html", {"accounts": _found(request.GET.get("account", ""))})


def _opener(call: Call) -> Editor:
    editor = editor_of(call)
    if not editor.any:
        raise Forbidden(_("You may not open deals."), hint=_("Ask an admin for a role that may."))
    return editor


def _found(text: str) -> list[dict[str, str]]:
    """Accounts to choose from; a name that occurs twice is told apart by its id."""
    rows = records.find("account", text)
    names = [name for _entity, name in rows]
    return [
        {
            "id": spell("account", entity),
            "name": name,
            "value": spell("account", entity) if names.count(name) > 1 else name,
        }
        for entity, name in rows
    ]


def _empty(call: Call, documents: dict[str, ProcessDocument]) -> Form:
    person = call.actor.user.person if call.actor.user else None
    stages = _stages(documents)
    return Form(
        {
            "currency": call.calendar.base_currency,
            "owner": spell("person", person) if person else "",
            "stage": stages[0][1][0][0] if stages else "",
        }
    )


def _stages(documents: dict[str, ProcessDocument]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Open stages by process: (name of the process, [(process/stage, name)])."""
    return [
        (
            word(document.name),
            [(f"{document.id}/{one.id}", word(one.name)) for one in document.stages if one.category == "open"],
        )
        for document in documents.values()
    ]


def _read(form: Form, editor: Editor, documents: dict[str, ProcessDocument]) -> tuple[str, str]:
    read_text(form, "name", required=_("Say what is sold to whom."))
    read_money(form)
    read_day(form, "close_on", required=_("Say when it should close."))
    read_owner(form, {one for one, _name in owner_choices(editor, None)})
    read_text(form, "next_step")
    if not form.text("owner"):
        form.errors["owner"] = _("Choose one of the people of the list.")
    _read_account(form)
    known = {value for _process, stages in _stages(documents) for value, _name in stages}
    if form.text("stage") not in known:
        form.errors["stage"] = _("Choose one of the stages of the list.")
    process, _slash, stage = form.text("stage").partition("/")
    return process, stage


def _read_account(form: Form) -> None:
    text = form.text("account")
    if not text:
        return
    try:
        form.fields["account"] = records.resolve("account", text)
    except NotFound:
        near = ", ".join(f"{one['name']} ({one['id']})" for one in _found(text)[:3])
        form.errors["account"] = (
            _("Which one? %(near)s") % {"near": near}
            if near
            else _("There is no account “%(text)s”. Import it first, or leave this empty.") % {"text": text}
        )


def _form_page(
    request: HttpRequest,
    call: Call,
    editor: Editor,
    documents: dict[str, ProcessDocument],
    form: Form,
    *,
    fault: HedefError | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "stages": _stages(documents),
        "owners": [(spell("person", one), name) for one, name in owner_choices(editor, None)],
        "accounts": _found(form.text("account")),
        "currencies": sorted({call.calendar.base_currency, "EUR", "GBP", "TRY", "USD"}),
        "fault": fault,
    }
    return show(request, "process/new.html", context, status=status)
