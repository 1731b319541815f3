"""Moving a deal to another stage: winning asks for amount and day, losing for a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hedef.call import Call
from hedef.kernel.errors import HedefError, NotFound, Refused
from hedef.kernel.ids import spell
from hedef.process.engine.moves import open_exits, ways
from hedef.process.queries import in_force
from hedef.process.queries.deal import visible_deal
from hedef.process.schema import OTHER, ProcessDocument, Stage
from hedef.process.services import move_deal
from hedef.process.views.deal import back_to, checks_of, conflict_answer, criterion_name, deal_name, move_choices
from hedef.process.views.doors import editor_of
from hedef.process.views.forms import Form, form_of, read_day, read_money, read_number, read_text
from hedef.process.views.shown import language, major, reason_name, stage_name, word
from hedef.web import numbers
from hedef.web.pages import page, show


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def move(request: HttpRequest, call: Call, deal: int) -> HttpResponse:
    """The form of a move, and the move itself."""
    row = visible_deal(deal, call.scope)
    editor_of(call).must_edit(row["owner"])
    today = call.calendar.day_of(call.now_us)
    document = in_force(today).get(row["process"] or "")
    if document is None:
        raise Refused(
            _("%(deal)s is in no process, so it has no stages.") % {"deal": deal_name(row)},
            hint=_("Give it a process first: import it again with its pipeline."),
        )
    told = request.POST if request.method == "POST" else request.GET
    target = _target(document, told.get("stage", ""))
    if request.method != "POST" or target is None:
        return _form_page(request, document, row, target, _opening(row, today))
    if target.category == "won" and "day" not in request.POST:
        return HttpResponseRedirect(_form_url(deal, target, request.POST))
    if target.category == "lost" and "lost_reason" not in request.POST:
        return HttpResponseRedirect(_form_url(deal, target, request.POST))
    return _move(request, call, row, document, target, today)


def _target(document: ProcessDocument, stage: str) -> Stage | None:
    if not stage:
        return None
    found = document.stage(stage)
    if found is None:
        raise NotFound(_("The process has no stage “%(stage)s”.") % {"stage": stage})
    return found


def _form_url(deal: int, target: Stage, post: QueryDict) -> str:
    """The page that asks for what the move still needs."""
    query = QueryDict(mutable=True)
    query["stage"] = target.id
    for name in ("based_on", "back"):
        if post.get(name):
            query[name] = str(post[name])
    return f"{reverse('process:move', args=[deal])}?{query.urlencode()}"


def _opening(row: Mapping[str, Any], today: date) -> Form:
    form = form_of(row)
    form.texts |= {"day": today.isoformat(), "lost_reason": "", "sentence": ""}
    return form


def _move(
    request: HttpRequest, call: Call, row: Mapping[str, Any], document: ProcessDocument, target: Stage, today: date
) -> HttpResponse:
    if target.id == row["stage"]:
        messages.success(request, _("Nothing was changed."))
        return HttpResponseRedirect(back_to(request, row["entity"]))
    form = _opening(row, today)
    form.texts |= {name: request.POST[name] for name in form.texts if name in request.POST}
    at_us = max(call.now_us, row["last_effective_us"])
    fields: dict[str, Any] = {}
    if target.category == "won":
        at_us = _read_win(form, call, row, today)
        fields = {name: form.fields.get(name) for name in ("amount_minor", "currency")}
    elif target.category == "lost":
        _read_loss(form, document)
    if held := _held(document, target, row):
        form.errors["stage"] = held
    if form.errors:
        return _form_page(request, document, row, target, form, status=422)
    based_on = read_number(request.POST.get("based_on", "")) or (row["last_batch"], row["last_ord"])
    try:
        move_deal(
            deal=row["entity"],
            stage=target.id,
            actor=call.actor.name,
            at_us=at_us,
            based_on=based_on,
            lost_reason=form.fields.get("lost_reason"),
            reason=form.fields.get("sentence") or request.POST.get("reason", "").strip()[:500],
            fields=fields,
        )
    except Refused as fault:
        if fault.error_code != "conflict":
            return _form_page(request, document, row, target, form, fault=fault, status=fault.http_status)
        wish = fields | {"stage": target.id}
        return conflict_answer(request, call, row["entity"], fields=wish, based_on=based_on, url="process:move")
    except HedefError as fault:
        return _form_page(request, document, row, target, form, fault=fault, status=fault.http_status)
    messages.success(request, _moved(document, row, target, form))
    return HttpResponseRedirect(back_to(request, row["entity"]))


def _read_win(form: Form, call: Call, row: Mapping[str, Any], today: date) -> int:
    """Amount and day; answers the instant from which on the deal is won."""
    read_money(form, required=True)
    day = read_day(form, "day", required=_("Say the day on which it was signed."))
    now_us = max(call.now_us, int(row["last_effective_us"]))
    if day is None or "day" in form.errors or day == today:
        return now_us
    if day > today:
        form.errors["day"] = _("This day is yet to come.")
        return now_us
    ends_us = call.calendar.end_us(day)
    if ends_us < row["last_effective_us"]:
        changed = numbers.day(call.calendar.day_of(row["last_effective_us"]), language())
        form.errors["day"] = _("The deal was changed after that day: choose %(day)s or a later one.") % {"day": changed}
    return ends_us


def _read_loss(form: Form, document: ProcessDocument) -> None:
    reason = read_text(form, "lost_reason", required=_("Say why it was lost."))
    known = {one.id for one in document.lost_reasons}
    if reason and known and reason not in known:
        form.errors["lost_reason"] = _("Choose one of the reasons of the list.")
    read_text(form, "sentence", required=_("Say in a sentence what the reason was.") if reason == OTHER else "")


def _held(document: ProcessDocument, target: Stage, row: Mapping[str, Any]) -> str:
    """Why the process does not let the deal go to the target; empty when it does."""
    open_ways = ways(document, row["stage"])
    if target not in open_ways:
        names = ", ".join(word(one.name) for one in open_ways)
        return _("From here the process leads to: %(stages)s.") % {"stages": names}
    missing = _missing(document, target, row)
    return _("Before it leaves this stage: %(fields)s.") % {"fields": ", ".join(missing)} if missing else ""


def _missing(document: ProcessDocument, target: Stage, row: Mapping[str, Any]) -> list[str]:
    """What must be filled in, answered or waived before the deal goes on to the target."""
    current = document.stage(row["stage"] or "")
    return [criterion_name(one) for one in open_exits(document, current, target, row) if one.stops]


def _moved(document: ProcessDocument, row: Mapping[str, Any], target: Stage, form: Form) -> str:
    name = deal_name(row)
    if target.category == "won":
        currency = form.fields.get("currency") or row["currency"] or ""
        amount = numbers.money(major(form.fields["amount_minor"], currency), currency, language())
        said = {"deal": name, "amount": amount, "day": numbers.day(form.fields["day"], language())}
        return _("Won: %(deal)s, %(amount)s, %(day)s") % said
    if target.category == "lost":
        reason = reason_name(document, form.fields["lost_reason"])
        return _("Lost: %(deal)s. Reason: %(reason)s") % {"deal": name, "reason": reason}
    before = stage_name(document, row["stage"]) or numbers.MISSING
    return _("Moved: %(deal)s, %(before)s → %(after)s") % {"deal": name, "before": before, "after": word(target.name)}


def _form_page(
    request: HttpRequest,
    document: ProcessDocument,
    row: Mapping[str, Any],
    target: Stage | None,
    form: Form,
    *,
    fault: HedefError | None = None,
    status: int = 200,
) -> HttpResponse:
    told = request.POST if request.method == "POST" else request.GET
    context = {
        "id": spell("deal", row["entity"]),
        "deal": row["entity"],
        "name": deal_name(row),
        "stage": stage_name(document, row["stage"]),
        "amount": major(row["amount_minor"], row["currency"]),
        "currency": row["currency"] or "",
        "target": target,
        "target_name": word(target.name) if target else "",
        "ways": move_choices(document, row["stage"]),
        "checks": checks_of(document, row),
        "reasons": [(one.id, word(one.name)) for one in document.lost_reasons],
        "other": OTHER,
        "form": form,
        "based_on": told.get("based_on") or f"{row['last_batch']}:{row['last_ord']}",
        "back": told.get("back", ""),
        "fault": fault,
    }
    return show(request, "process/move.html", context, status=status)
