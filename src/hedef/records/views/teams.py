"""Teams: the tree as of a day, and one team with its members through time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hedef.call import Call
from hedef.kernel.errors import Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.org import OrgTree
from hedef.records import queries, services
from hedef.records.days import start_us
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.engine.names import normalise
from hedef.records.views.acting import act
from hedef.records.views.doors import may_edit, must_edit, visible
from hedef.records.views.forms import REASON, Ask, Form, number_of
from hedef.records.views.person_forms import ON
from hedef.records.views.shown import ROLES, TEAM_KINDS, coded, days_text, label, language, options, share_words, url_of
from hedef.web import numbers
from hedef.web.pages import page, show


@require_safe
@page()
def teams(request: HttpRequest, call: Call) -> HttpResponse:
    """The tree of the day, with how many people and who leads."""
    tree = queries.team_tree(call.as_of)
    seen = None if call.scope.everything else call.scope.teams | call.scope.totals
    names = queries.names(tree.parents, kind="team")
    shown = [one for one in tree.teams_in_order() if seen is None or one in seen]
    leads = queries.names((one.person for one in tree.memberships if one.role == "manager"), kind="person")
    context = {
        "rows": [_row(tree, one, names, leads) for one in shown],
        "day": call.as_of,
        "issues": [issue for issue in tree.issues if issue.code in ("team_cycle", "unknown_parent")],
        "may_edit": may_edit(call),
    }
    return show(request, "records/teams.html", context)


def _row(tree: OrgTree, team: int, names: Mapping[int, str], leads: Mapping[int, str]) -> dict[str, Any]:
    heads = [one.person for one in tree.memberships if one.team == team and one.role == "manager"]
    return {
        "id": spell("team", team),
        "name": names[team],
        "level": len(tree.path(team)),
        "here": len(tree.members(team)),
        "all": len(tree.members(team, deep=True)),
        "leads": ", ".join(leads[one] for one in dict.fromkeys(heads)),
    }


@require_safe
@page()
def team(request: HttpRequest, call: Call, entity: str) -> HttpResponse:
    """One team: its members on the day and before, and the forms for who may change."""
    number = visible("team", entity, call)
    return _page(request, call, number, _forms(call, number))


@require_POST
@page()
def team_act(request: HttpRequest, call: Call, entity: str, verb: str) -> HttpResponse:
    """What one of the team's forms asks for."""
    number = visible("team", entity, call)
    must_edit(call)
    forms = _forms(call, number)
    return act(
        request,
        forms,
        _acts(number, call),
        verb,
        again=lambda form, status: _page(request, call, number, forms | {verb: form}, status=status),
        back=reverse("records:record", args=["team", entity]),
    )


def _page(
    request: HttpRequest, call: Call, number: int, forms: Mapping[str, Form], *, status: int = 200
) -> HttpResponse:
    (row,) = queries.rows("team", entities=[number], ended=True)
    tree, day = queries.team_tree(call.as_of), call.as_of
    spans = [one for one in queries.team_spans(number) if call.scope.sees_person(one.fields["person"])]
    people = queries.names((one.fields["person"] for one in spans), kind="person")
    path = list(reversed(tree.path(number)[1:])) if number in tree.parents else []
    names = queries.names([*path, *tree.children(number)], kind="team")
    context = {
        "id": spell("team", number),
        "name": row["name"] or spell("team", number),
        "lives": number in tree.parents,
        "path": [(spell("team", one), names[one]) for one in path],
        "children": [(spell("team", one), names[one]) for one in tree.children(number)],
        "fields": _fields(row),
        "now": [_member(one, people) for one in spans if one.covers(day)],
        "others": [_member(one, people) for one in spans if not one.covers(day)],
        "hidden": 0 if call.scope.everything else len(tree.members(number)) - sum(one.covers(day) for one in spans),
        "day": day,
        "forms": forms,
        "may_edit": bool(forms),
    }
    return show(request, "records/team.html", context, status=status)


def _fields(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = [(label("team", "handle"), row["handle"])]
    told.append((label("team", "kind"), coded(TEAM_KINDS, row["kind"])))
    return [(name, value) for name, value in told if value]


def _member(span: queries.Span, people: Mapping[int, str]) -> dict[str, Any]:
    person = span.fields["person"]
    second = span.fields["primary"] is False
    return {
        "id": spell("person", person),
        "name": people[person],
        "role": coded(ROLES, span.fields["role"] or "rep"),
        "share": share_words(span.fields["share_bp"]) or (_("second team") if second else ""),
        "days": days_text(span.from_day, span.to_day),
    }


# --- forms ------------------------------------------------------------------------------------------------------------


def _forms(call: Call, number: int) -> dict[str, Form]:
    if not may_edit(call):
        return {}
    (row,) = queries.rows("team", entities=[number], ended=True)
    if row["ended_us"] is not None:
        return {}
    today = call.calendar.day_of(call.now_us)
    made = [_bring_form(number, today), _edit_form(row, today), _end_form(today)]
    return {form.verb: form for form in made}


def _bring_form(team: int, today: date) -> Form:
    tree = queries.team_tree(today)
    rows = [row for row in queries.rows("person") if not row["left_on"] and tree.team_of(row["entity"]) != team]
    people = sorted(((row["entity"], row["name"] or "") for row in rows), key=lambda pair: (normalise(pair[1]), pair))
    return Form(
        "bring",
        _("Bring somebody into this team"),
        (
            Ask("person", _("Person"), "choice", required=True, options=options(people, "person")),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("role", _("Role"), "choice", options=list(ROLES.items()), value="rep"),
            REASON,
        ),
        _("Bring"),
        intro=_("The former main team ends on that day; boards before it stay as they are."),
    )


def _edit_form(row: Mapping[str, Any], today: date) -> Form:
    parents = _parents(row["entity"])
    parent = spell("team", row["parent"]) if row["parent"] else ""
    return Form(
        "edit",
        _("Change the team"),
        (
            Ask("name", label("team", "name"), required=True, value=row["name"] or ""),
            Ask("handle", label("team", "handle"), value=row["handle"] or ""),
            Ask("kind", label("team", "kind"), "choice", options=_kinds(), value=row["kind"] or ""),
            Ask("parent", _("Stands under"), "choice", options=parents, value=parent),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            REASON,
            Ask("based_on", "", "hidden", value=f"{row['last_batch']}:{row['last_ord']}"),
        ),
        _("Save"),
        intro=_("A new parent counts from that day on; boards of the past show the former one."),
    )


def _kinds() -> list[tuple[str, Any]]:
    return [("", numbers.MISSING), *TEAM_KINDS.items()]


def _parents(without: int) -> list[tuple[str, str]]:
    tree = queries.team_tree(date.max - timedelta(days=2))
    below = set(tree.below(without)) if without in tree.parents else set()
    names = queries.names(tree.parents, kind="team")
    return [
        ("", _("No team")),
        *options(((one, names[one]) for one in tree.teams_in_order() if one not in below), "team"),
    ]


def _end_form(today: date) -> Form:
    return Form(
        "end",
        _("End the team"),
        (Ask("last", _("Last day"), "day", required=True, value=today.isoformat()), REASON),
        _("End the team"),
        intro=_("Memberships end after that day. Boards of earlier days keep the team."),
        danger=True,
    )


def _acts(team: int, call: Call) -> dict[str, Callable[[dict[str, Any]], object]]:
    def bring(values: dict[str, Any]) -> str:
        person = number_of(values["person"]) or 0
        services.move_person(
            person=person,
            team=team,
            on=values["on"],
            role=values["role"],
            actor=call.actor.name,
            reason=values["reason"],
        )
        name = queries.names([person], kind="person")[person]
        return _("%(name)s comes on %(day)s.") % {"name": name, "day": numbers.day(values["on"], language())}

    def edit(values: dict[str, Any]) -> str:
        _change_team(team, values, call)
        return _("Saved.")

    def end(values: dict[str, Any]) -> str:
        on = values["last"] + timedelta(days=1)
        services.end_team(team=team, on=on, actor=call.actor.name, reason=values["reason"])
        return _("Ended after %(day)s.") % {"day": numbers.day(values["last"], language())}

    return {"bring": bring, "edit": edit, "end": end}


def _change_team(team: int, values: dict[str, Any], call: Call) -> None:
    """Names count always, the parent from the day on."""
    parent = number_of(values["parent"])
    if parent is not None and team in queries.team_tree(values["on"]).path(parent):
        raise Refused(_("A team cannot stand under itself."), hint=_("Choose another parent."), code="team_cycle")
    batch, _colon, place = (values["based_on"] or "").partition(":")
    based_on = (int(batch), int(place)) if batch.isdigit() and place.isdigit() else None
    (row,) = queries.rows("team", entities=[team])
    fields: dict[str, Any] = {"name": values["name"], "kind": values["kind"] or None, "parent": parent}
    fields["handle"] = values["handle"].lower() if values["handle"] else None
    at = max(start_us(values["on"]), row["last_effective_us"]) if parent != row["parent"] else row["last_effective_us"]
    if at > start_us(values["on"]) and parent != row["parent"]:
        raise WrongUse(_("The team was changed after that day: choose a later one."))
    services.change(
        kind="team",
        entity=team,
        fields=fields,
        effective_us=at,
        based_on=based_on,
        actor=call.actor.name,
        reason=values["reason"],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(right="edit_record")
def new_team(request: HttpRequest, call: Call) -> HttpResponse:
    """A new team, from a day on or since always."""
    today = call.calendar.day_of(call.now_us)
    form = Form(
        "new",
        _("New team"),
        (
            Ask("name", label("team", "name"), required=True),
            Ask("handle", label("team", "handle"), hint=_("Accepted wherever an id is read, such as east.")),
            Ask("kind", label("team", "kind"), "choice", options=_kinds(), value="sales"),
            Ask("parent", _("Stands under"), "choice", options=_parents(0)),
            Ask("on", _("First day (empty: always)"), "day", value=today.isoformat()),
            REASON,
        ),
        _("Save"),
    )

    def again(told: Form, status: int) -> HttpResponse:
        context = {"form": told, "title": told.title, "list_url": reverse("records:teams"), "list_title": _("Teams")}
        return show(request, "records/new.html", context, status=status)

    if request.method != "POST":
        return again(replace(form, open=True), 200)
    doing = {"new": lambda values: _make_team(values, call)}
    return act(request, {"new": form}, doing, "new", again=again, back=reverse("records:teams"))


def _make_team(values: dict[str, Any], call: Call) -> str:
    told = {"name": values["name"], "kind": values["kind"], "parent": number_of(values["parent"])}
    told["handle"] = values["handle"].lower() if values["handle"] else None
    if told["handle"] and queries.living_named("team", ["handle"], [told["handle"]]):
        raise WrongUse(_("There is a team with this short name already."))
    team = services.create(
        kind="team",
        fields={name: value for name, value in told.items() if value},
        effective_us=start_us(values["on"]) if values["on"] else ALWAYS_US,
        actor=call.actor.name,
        reason=values["reason"],
    )
    return url_of("team", team) or "/"
