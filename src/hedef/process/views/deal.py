"""One deal: what it is, where it stands, its whole history, and the form that changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.kernel.errors import HedefError, Refused
from hedef.kernel.ids import spell
from hedef.process.engine.conditions import field_named
from hedef.process.engine.exits import Standing, standings
from hedef.process.engine.moves import ways
from hedef.process.queries import in_force
from hedef.process.queries.deal import DealPage, deal_page, meanwhile, visible_deal
from hedef.process.schema import ProcessDocument
from hedef.process.services import edit_deal
from hedef.process.views.doors import Editor, editor_of, is_live
from hedef.process.views.forms import Form, form_of, read_day, read_money, read_number, read_owner, read_text
from hedef.process.views.saying import Reader, actor_names, entries, reader_of
from hedef.process.views.shown import FIELDS, days_text, in_turkish_order, major, stage_name, word
from hedef.records import queries as records
from hedef.web.pages import page, show

_FORM_FIELDS = {"amount": "amount_minor", "currency": "currency", "close_on": "close_on", "owner": "owner"}
_FORM_FIELDS |= {"next_step": "next_step"}


@require_safe
@page()
def deal(request: HttpRequest, call: Call, deal: int) -> HttpResponse:
    """The page of a deal; as of a day that is given it can only be read."""
    row = visible_deal(deal, call.scope)
    return deal_answer(request, call, row)


@require_POST
@page()
def edit(request: HttpRequest, call: Call, deal: int) -> HttpResponse:
    """Amount, close date, owner and next step; only what the person changed is written."""
    row = visible_deal(deal, call.scope)
    editor = editor_of(call)
    editor.must_edit(row["owner"])
    based_on = read_number(request.POST.get("based_on", "")) or (row["last_batch"], row["last_ord"])
    form = _read_form(request.POST, row, editor)
    if form.errors:
        return deal_answer(request, call, row, form=form, status=422)
    fields = _changed(deal, form.fields, row, based_on)
    try:
        edit_deal(
            deal=deal,
            fields=fields,
            actor=call.actor.name,
            at_us=max(call.now_us, row["last_effective_us"]),
            based_on=based_on,
            reason=request.POST.get("reason", "").strip()[:500],
        )
    except Refused as fault:
        if fault.error_code != "conflict":
            return deal_answer(request, call, row, form=form, fault=fault, status=fault.http_status)
        return conflict_answer(request, call, deal, fields=fields, based_on=based_on, url="process:edit")
    except HedefError as fault:
        return deal_answer(request, call, row, form=form, fault=fault, status=fault.http_status)
    messages.success(request, _edited(row, fields))
    return HttpResponseRedirect(back_to(request, deal))


def _read_form(post: Mapping[str, str], row: Mapping[str, Any], editor: Editor) -> Form:
    """Fields that the form does not carry stay as they are."""
    form = form_of(row)
    given = {name for name in form.texts if name in post}
    form.texts |= {name: post[name] for name in given}
    if "amount" in given:
        read_money(form)
    if "close_on" in given:
        read_day(form, "close_on")
    if "owner" in given:
        read_owner(form, {one for one, _name in owner_choices(editor, row["owner"])})
    if "next_step" in given:
        read_text(form, "next_step")
    return form


def _changed(deal: int, fields: Mapping[str, Any], row: Mapping[str, Any], based_on: tuple[int, int]) -> dict[str, Any]:
    """What differs from what the person saw: a field nobody touched in the form is no wish."""
    seen: Mapping[str, Any] = row
    if based_on != (row["last_batch"], row["last_ord"]):
        seen = meanwhile(deal, names=list(fields), based_on=based_on).was
    return {name: value for name, value in fields.items() if value != seen[name]}


def _edited(row: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    if not fields:
        return _("Nothing was changed.")
    reader = Reader(None, fields.get("currency") or row["currency"], _owner_names(row["owner"], fields.get("owner")))
    told = [
        _("%(field)s %(before)s → %(after)s")
        % {"field": FIELDS[name], "before": reader.say(name, row[name]), "after": reader.say(name, value)}
        for name, value in fields.items()
    ]
    return _("Saved. %(deal)s: %(changes)s") % {"deal": deal_name(row), "changes": "; ".join(told)}


def _owner_names(*people: int | None) -> dict[str, dict[int, str]]:
    return {"person": records.names(people, kind="person")}


# --- shared by the pages of a deal ------------------------------------------------------------------------------------


def deal_name(row: Mapping[str, Any]) -> str:
    """What people call the deal."""
    return row["name"] or spell("deal", row["entity"])


def back_to(request: HttpRequest, deal: int) -> str:
    """The page that the form stood on, when it is one of this home; else the deal's."""
    wanted = request.POST.get("back", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("process:deal", args=[deal])


def owner_choices(editor: Editor, owner: int | None) -> list[tuple[int, str]]:
    """Who may own a deal, as far as this person may say; the present owner is always among them."""
    if editor.everything:
        people = {row["entity"]: row["name"] or "" for row in records.rows("person") if not row["left_on"]}
    else:
        people = records.names(editor.people, kind="person")
    if owner is not None and owner not in people:
        people |= records.names([owner], kind="person")
    return in_turkish_order(people.items())


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the bar of the deal."""

    name: str
    state: str  # done, here, next


@dataclass(frozen=True, slots=True)
class Check:
    """An exit criterion of the stage in which the deal stands, as the page shows it."""

    id: str
    text: str
    level: str
    state: str  # met, missing, waived
    asked: bool
    wants: str | None  # link or note beside a yes
    result: str | None
    evidence: str
    link: bool
    sentence: str
    by: str


def deal_answer(
    request: HttpRequest,
    call: Call,
    row: Mapping[str, Any],
    *,
    form: Form | None = None,
    fault: HedefError | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a deal, with a form that may have errors or a refusal above it."""
    past = not is_live(call)
    found = _page_of(call, row, past=past)
    reader = reader_of(found)
    editor = Editor() if past else editor_of(call)
    may_edit = editor.may_edit(row["owner"])
    context = {
        "id": spell("deal", found.deal),
        "deal": found.deal,
        "name": found.fields["name"] or spell("deal", found.deal),
        "fields": found.fields,
        "amount": major(found.fields["amount_minor"], found.fields["currency"]),
        "currency": found.fields["currency"] or "",
        "told": {name: reader.say(name, found.fields[name]) for name in FIELDS},
        "splits": reader.splits(found.fields["splits"] or ""),
        "steps": _steps(found.document, found.fields["stage"], found.fields["status"]),
        "stay": found.stays[-1] if found.stays and found.stays[-1].left_day is None else None,
        "stays": [
            (stay, stage_name(found.document, stay.stage), days_text(stay.usual.days)) for stay in reversed(found.stays)
        ],
        "entries": entries(found, reader),
        "checks": checks_of(found.document, found.fields),
        "guide": guide_of(found),
        "may_answer": may_edit,
        "is_past": found.fields["close_on"] is not None and found.fields["close_on"] < call.as_of,
        "live": not past,
        "as_of": call.as_of,
        "may_edit": may_edit,
        "form": form or form_of(row),
        "owners": [(spell("person", one), name) for one, name in owner_choices(editor, row["owner"])]
        if may_edit
        else [],
        "ways": move_choices(found.document, row["stage"]) if may_edit else [],
        "switches": switch_choices(call, row) if may_edit else [],
        "based_on": f"{found.based_on[0]}:{found.based_on[1]}",
        "fault": fault,
        "trust": found.trust,
        "behind": found.behind,
    }
    return show(request, "process/deal.html", context, status=status)


def switch_choices(call: Call, row: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Stages of other processes of the kind in which the deal stands: (process, [(process/stage, name)])."""
    kinds = {row["status"]} if row["status"] in {"won", "lost"} else {"open", "hold"}
    others = [one for one in in_force(call.as_of).values() if one.id != row["process"] and one.applies_to == "deal"]
    told = [
        (
            word(one.name),
            [(f"{one.id}/{stage.id}", word(stage.name)) for stage in one.stages if stage.category in kinds],
        )
        for one in others
    ]
    return [one for one in told if one[1]]


def _page_of(call: Call, row: Mapping[str, Any], *, past: bool) -> DealPage:
    return deal_page(
        row,
        as_of=call.as_of,
        as_of_us=call.as_of_us,
        scope=call.scope,
        known_at=call.known_no,
        past=past,
        wait=False,
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A stage to which a deal may go; `asks`: the move needs more than the stage; `next`: the one offered first."""

    id: str
    name: str
    asks: bool
    next: bool


def move_choices(document: ProcessDocument | None, stage: str | None) -> list[Way]:
    """The stages to which it may go, in order."""
    if document is None:
        return []
    here, open_ways = document.stage(stage or ""), ways(document, stage)
    order = here.order if here else -1
    after = next((one for one in open_ways if one.order > order), None)
    return [Way(one.id, word(one.name), one.category in {"won", "lost"}, one == after) for one in open_ways]


def _steps(document: ProcessDocument | None, stage: str | None, status: str | None) -> list[Step]:
    """The open stages in order, then how it ended or would be won."""
    if document is None:
        return []
    here = document.stage(stage or "")
    shown = [one for one in document.stages if one.category == "open" or one == here]
    if status not in {"won", "lost"}:
        shown += [one for one in document.stages if one.category == "won" and one not in shown][:1]
    order = here.order if here else -1
    won = status == "won"
    return [
        Step(word(one.name), "here" if one == here else "done" if one.order < order and (won or here) else "next")
        for one in shown
    ]


def checks_of(document: ProcessDocument | None, fields: Mapping[str, Any]) -> list[Check]:
    """Exit criteria of the stage that apply to the deal, and how it stands to each."""
    stage = document.stage(fields["stage"] or "") if document else None
    if document is None or stage is None:
        return []
    found = standings(document, stage, fields)
    people = actor_names() if any(one.by for one in found) else {}
    return [_check(one, people) for one in found if one.state != "not_applicable"]


def _check(one: Standing, people: Mapping[str, str]) -> Check:
    evidence = one.evidence or ""
    return Check(
        id=one.criterion.id,
        text=criterion_text(one),
        level=one.criterion.level,
        state=one.state,
        asked=one.asked,
        wants=one.criterion.evidence,
        result=one.result,
        evidence=evidence,
        link=evidence.startswith(("https://", "http://")),
        sentence=one.sentence or "",
        by=people.get(one.by or "", one.by or ""),
    )


@dataclass(frozen=True, slots=True)
class Guide:
    """A guided step of the stage: `needed` activities, `had` of them so far; `needed` 0 where nothing ticks it."""

    text: str
    needed: int
    had: int
    done: bool
    asset: str


def guide_of(found: DealPage) -> list[Guide]:
    """The steps of the stage in which the deal stands, ticked by the activities since it came there."""
    stage = found.document.stage(found.fields["stage"] or "") if found.document else None
    steps = []
    for one in stage.steps if stage else ():
        needed = one.done_by.count if one.done_by else 0
        had = found.done.get(one.done_by.activity, 0) if one.done_by else 0
        steps.append(Guide(word(one.do), needed, min(had, needed), bool(needed) and had >= needed, one.asset or ""))
    return steps


def criterion_text(one: Standing) -> str:
    """A criterion as people read it."""
    if one.criterion.ask is not None:
        return word(one.criterion.ask)
    return (_("%(field)s?") if one.asked else _("%(field)s is filled in")) % {"field": criterion_name(one)}


def criterion_name(one: Standing) -> str:
    """The question of a criterion, or the field that it requires."""
    if one.criterion.ask is not None:
        return word(one.criterion.ask)
    name = one.criterion.require or one.criterion.id
    return str(FIELDS.get(field_named(name) or "", name.replace("_", " ")))


def conflict_answer(
    request: HttpRequest, call: Call, deal: int, *, fields: Mapping[str, Any], based_on: tuple[int, int], url: str
) -> HttpResponse:
    """Both values of every field, and two ways on: keep theirs, or save one's own with a reason."""
    row = visible_deal(deal, call.scope)
    found = _page_of(call, row, past=False)
    names = [name for name in fields if name in FIELDS and name not in {"status", "closed_us"}]
    between = meanwhile(deal, names=names, based_on=based_on)
    reader = reader_of(found)
    own = Reader(reader.document, fields.get("currency") or reader.currency, _named(reader, fields))
    context = {
        "id": spell("deal", deal),
        "deal": deal,
        "name": deal_name(row),
        "who": actor_names().get(between.actor, between.actor),
        "known": between.known_at,
        "rows": [
            (FIELDS[name], reader.say(name, between.was[name]), reader.say(name, between.theirs[name]), mine)
            for name in names
            if (mine := own.say(name, fields[name])) and between.theirs[name] != fields[name]
        ],
        "action": reverse(url, args=[deal]),
        "hidden": [(name, value) for name, value in request.POST.items() if name in _KEPT],
        "based_on": f"{row['last_batch']}:{row['last_ord']}",
        "trust": found.trust,
    }
    return show(request, "process/conflict.html", context, status=409)


_KEPT = frozenset("amount currency close_on owner next_step stage lost_reason sentence day back".split())


def _named(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Mapping[int, str]]:
    return {**reader.names, "person": {**reader.names.get("person", {}), **_owner_names(fields.get("owner"))["person"]}}
