"""People: the list as of a day, and one person with memberships, managers and absences through time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hedef.call import Call
from hedef.kernel.ids import spell
from hedef.kernel.org import OrgTree
from hedef.records import queries
from hedef.records.views import person_acts, person_forms
from hedef.records.views.acting import act
from hedef.records.views.doors import may_edit, must_edit, visible
from hedef.records.views.forms import Form
from hedef.records.views.shown import ABSENCES, LINES, ROLES, coded, days_text, label, options, share_words, value_text
from hedef.web import numbers
from hedef.web.pages import page, show

_PAGE = 50
STATES = ("here", "left", "alone", "all")


@require_safe
@page()
def people(request: HttpRequest, call: Call) -> HttpResponse:
    """The list on the day of the address, by name; a text finds names in any case and with any i."""
    day, tree = call.as_of, queries.team_tree(call.as_of)
    asked = request.GET
    state = asked.get("state", "here")
    found = queries.list_people(
        tree=tree,
        day=day,
        scope=call.scope,
        text=asked.get("q", ""),
        team=_team_of(asked.get("team"), tree),
        state=state if state in STATES else "here",
    )
    listed = Paginator(found, _PAGE).get_page(asked.get("page"))
    teams = queries.names(tree.parents, kind="team")
    context = {
        "people": listed,
        "rows": [_row(one, teams, _managers(found)) for one in listed],
        "count": len(found),
        "day": day,
        "q": asked.get("q", ""),
        "state": state,
        "team": asked.get("team", ""),
        "teams": options(((one, teams[one]) for one in tree.teams_in_order()), "team"),
        "issues": queries.roster_issues(tree) if may_edit(call) else [],
        "may_edit": may_edit(call),
    }
    return show(request, "records/people.html", context)


def _team_of(text: str | None, tree: OrgTree) -> int | None:
    number = (text or "").partition("-")[2]
    team = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    return team if team in tree.parents else None


def _managers(found: list[queries.Listed]) -> dict[int, str]:
    return queries.names((one.manager for one in found), kind="person")


def _row(one: queries.Listed, teams: Mapping[int, str], managers: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": spell("person", one.person),
        "name": one.name or spell("person", one.person),
        "email": one.email,
        "teams": [teams[team] for team in one.teams if team in teams],
        "manager": managers.get(one.manager or 0, ""),
        "left_on": one.left_on,
    }


@require_safe
@page()
def person(request: HttpRequest, call: Call, entity: str) -> HttpResponse:
    """One person: fields, the line of time, and the forms for who may change."""
    number = visible("person", entity, call)
    return _page(request, call, number, _forms(call, number))


@require_POST
@page()
def person_act(request: HttpRequest, call: Call, entity: str, verb: str) -> HttpResponse:
    """What one of the person's forms asks for."""
    number = visible("person", entity, call)
    must_edit(call)
    forms = _forms(call, number)
    return act(
        request,
        forms,
        person_acts.acts(number, request, call),
        verb,
        again=lambda form, status: _page(request, call, number, forms | {verb: form}, status=status),
        back=reverse("records:record", args=["person", entity]),
    )


def _forms(call: Call, number: int) -> dict[str, Form]:
    return person_forms.forms(number, call) if may_edit(call) else {}


def _page(
    request: HttpRequest, call: Call, number: int, forms: Mapping[str, Form], *, status: int = 200
) -> HttpResponse:
    (row,) = queries.rows("person", entities=[number], ended=True)
    day = call.as_of
    spans, below = queries.person_spans(number), queries.reports(number, day)
    names = _names(spans, below)
    context = {
        "id": spell("person", number),
        "name": row["name"] or spell("person", number),
        "row": row,
        "ended": row["ended_us"] is not None,
        "fields": _fields(row),
        "lines": [_line(span, names, day) for span in spans],
        "reports": [(spell("person", one), names["person", one]) for one in below],
        "open": _open(number),
        "forms": forms,
        "may_edit": bool(forms),
        "day": day,
        "today": call.calendar.day_of(call.now_us),
        "keys": queries.keys_of(number) if may_edit(call) else [],
    }
    return show(request, "records/person.html", context, status=status)


def _fields(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(label("person", one), value_text("person", one, row, {})) for one in person_forms.FIELDS if row[one]]


def _names(spans: list[queries.Span], below: list[int]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {"person": set(below), "team": set(), "territory": set()}
    for span in spans:
        for field, kind in (("team", "team"), ("manager", "person"), ("territory", "territory")):
            if span.fields.get(field):
                wanted[kind].add(span.fields[field])
    return {(kind, one): name for kind, some in wanted.items() for one, name in queries.names(some, kind=kind).items()}


def _line(span: queries.Span, names: Mapping[tuple[str, int], str], day: date) -> dict[str, Any]:
    """A range as a line of time: what it is, its days, and whether it is over, now or to come."""
    when = "now" if span.covers(day) else "over" if span.to_day is not None and span.to_day <= day else "coming"
    what, more = _words(span, names)
    return {
        "kind": span.kind,
        "entity": span.entity,
        "seen": span.seen,
        "what": what,
        "more": [one for one in more if one],
        "days": days_text(span.from_day, span.to_day),
        "when": when,
        "ends": span.to_day is None or span.to_day > day,
    }


def _words(span: queries.Span, names: Mapping[tuple[str, int], str]) -> tuple[str, list[str]]:
    fields = span.fields
    match span.kind:
        case "membership":
            second = "" if fields["primary"] is not False else _("second team")
            share = share_words(fields["share_bp"])
            return names.get(("team", fields["team"]), ""), [coded(ROLES, fields["role"] or "rep"), share, second]
        case "manager_line":
            return names.get(("person", fields["manager"]), numbers.MISSING), [coded(LINES, fields["line"] or "solid")]
        case "absence":
            return coded(ABSENCES, fields["reason"] or "other"), [_("away"), share_words(fields["share_bp"])]
        case "working_time":
            return _("Working time"), [share_words(fields["share_bp"]), fields["pattern"] or ""]
        case "territory_hold":
            return names.get(("territory", fields["territory"]), ""), [_("Territory"), share_words(fields["share_bp"])]
    level = f"{_('level')} {fields['level']}" if fields.get("level") else ""
    return str(fields.get("code") or ""), [_("Skill"), level]


def _open(number: int) -> list[tuple[int, str]]:
    return [
        (count, person_forms.amount_words(currency, total)) for currency, count, total in queries.owned_open(number)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(right="edit_record")
def new_person(request: HttpRequest, call: Call) -> HttpResponse:
    """Somebody joins: the person with the first team and manager, in one go."""
    form = person_forms.new_form(call)

    def again(told: Form, status: int) -> HttpResponse:
        return show(request, "records/new.html", _new(told), status=status)

    if request.method != "POST":
        return again(replace(form, open=True), 200)
    doing = {"new": lambda values: person_acts.make_person(values, call)}
    return act(request, {"new": form}, doing, "new", again=again, back=reverse("records:people"))


def _new(form: Form) -> dict[str, Any]:
    return {"form": form, "title": _("New person"), "list_url": reverse("records:people"), "list_title": _("People")}
