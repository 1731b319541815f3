"""What the forms of a person's page do; each act answers with the sentence for the person who sent it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hedef.call import Call
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.money import is_currency
from hedef.ledger.services import writing
from hedef.records import queries, services
from hedef.records.days import start_us
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.views.forms import number_of, read_seen
from hedef.records.views.person_forms import EDITED
from hedef.records.views.shown import ABSENCES, coded, language, url_of
from hedef.web import numbers


def acts(person: int, request: HttpRequest, call: Call) -> dict[str, Callable[[dict[str, Any]], object]]:
    """What each form does; an act answers with the sentence for the person."""
    who = spell("person", person)
    name = queries.names([person], kind="person")[person]
    seen = read_seen(request.POST.get("seen"))

    def said(values: dict[str, Any]) -> dict[str, Any]:
        return {"actor": call.actor.name, "reason": values["reason"]}

    def move(values: dict[str, Any]) -> str:
        team = number_of(values["team"]) or 0
        services.move_person(person=person, team=team, on=values["on"], role=values["role"], seen=seen, **said(values))
        told = {"name": name, "team": _name("team", team), "day": numbers.day(values["on"], language())}
        return _("%(name)s is in %(team)s from %(day)s on.") % told

    def join(values: dict[str, Any]) -> str:
        services.join_team(
            person=person,
            team=number_of(values["team"]) or 0,
            from_day=values["on"],
            to_day=_after(values["on"], values["last"]),
            role=values["role"] or "rep",
            share_bp=values["share"],
            primary=False,
            **said(values),
        )
        return _("Saved.")

    def manager(values: dict[str, Any]) -> str:
        services.set_manager(
            person=person,
            manager=number_of(values["manager"]),
            on=values["on"],
            line=values["line"] or "solid",
            **said(values),
        )
        return _("Saved.")

    def absence(values: dict[str, Any]) -> str:
        services.put_away(
            person=person,
            from_day=values["on"],
            last_day=values["last"],
            kind=values["kind"],
            share_bp=values["share"] or 10_000,
            **said(values),
        )
        return _("%(what)s is kept.") % {"what": coded(ABSENCES, values["kind"])}

    def time(values: dict[str, Any]) -> str:
        services.work_part_time(
            person=person,
            from_day=values["on"],
            last_day=values["last"],
            share_bp=values["share"],
            pattern=values["pattern"],
            **said(values),
        )
        return _("Saved.")

    def edit(values: dict[str, Any]) -> str:
        services.change(
            kind="person",
            entity=person,
            fields=_checked({name: values[name] for name in EDITED}),
            effective_us=max(call.now_us, _last_us(person)),
            based_on=_number(values["based_on"]),
            **said(values),
        )
        return _("Saved.")

    def leave(values: dict[str, Any]) -> str:
        services.leave(person=person, last_day=values["last"], **said(values))
        return _("%(name)s leaves after %(day)s.") % {"name": name, "day": numbers.day(values["last"], language())}

    def end(values: dict[str, Any]) -> str:
        kind, entity = values["kind"] or "", digits(values["entity"])
        if entity not in {one.entity for one in queries.person_spans(person) if one.kind == kind}:
            raise NotFound(f"{who} has no such line.")
        on = _after(None, values["last"])
        assert on is not None
        services.end_range(kind=kind, entity=entity, on=on, seen=seen, **said(values))
        return _("Ended after %(day)s.") % {"day": numbers.day(values["last"], language())}

    return {
        "move": move, "join": join, "manager": manager, "absence": absence, "time": time, "edit": edit,
        "leave": leave, "end": end,
    }  # fmt: skip


def _after(first: date | None, last: date | None) -> date | None:
    if last is None:
        return None
    if first is not None and last < first:
        raise WrongUse(_("The last day lies before the first."))
    return last + timedelta(days=1)


def digits(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _number(text: str | None) -> tuple[int, int] | None:
    batch, colon, place = (text or "").partition(":")
    return (digits(batch), digits(place)) if colon else None


def _last_us(person: int) -> int:
    (row,) = queries.rows("person", entities=[person], ended=True)
    return int(row["last_effective_us"])


def _name(kind: str, entity: int) -> str:
    return queries.names([entity], kind=kind)[entity]


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Codes as they are kept; WrongUse with an example for those that do not exist."""
    for name in ("country", "currency"):
        fields[name] = fields[name].upper() if fields.get(name) else None
    if fields["currency"] and not is_currency(fields["currency"]):
        raise WrongUse(_("“%(text)s” is no currency.") % {"text": fields["currency"]}, hint="EUR, TRY, USD")
    if fields["country"] and not (len(fields["country"]) == 2 and fields["country"].isalpha()):
        raise WrongUse(_("“%(text)s” is no country.") % {"text": fields["country"]}, hint="TR, DE, US")
    if fields.get("time_zone") and fields["time_zone"] not in available_timezones():
        raise WrongUse(_("“%(text)s” is no time zone.") % {"text": fields["time_zone"]}, hint="Europe/Istanbul")
    if fields.get("email"):
        fields["email"] = fields["email"].strip().lower()
    if fields.get("handle"):
        fields["handle"] = fields["handle"].strip().lower()
    return fields


def make_person(values: dict[str, Any], call: Call) -> str:
    """The person, the first membership and the first manager; answers the address of the page."""
    wanted = {"time_zone": None, "currency": None, **values}
    fields = _checked({name: wanted[name] for name in EDITED if name in wanted})
    _refuse_known(fields)
    said = {"actor": call.actor.name, "reason": values["reason"]}
    with writing(kind="edit", object="person", **said) as batch:
        told = {name: value for name, value in fields.items() if value is not None}
        person = services.create(kind="person", fields=told, effective_us=ALWAYS_US, actor=call.actor.name, batch=batch)
        since = values["hired_on"]
        if team := number_of(values["team"]):
            place = {"person": person, "team": team, "role": values["role"] or "rep", "primary": True}
            services.create(
                kind="membership",
                fields=place | {"from_day": since},
                effective_us=start_us(since),
                actor=call.actor.name,
                batch=batch,
            )
        if manager := number_of(values["manager"]):
            line = {"person": person, "manager": manager, "line": "solid", "from_day": since}
            services.create(
                kind="manager_line", fields=line, effective_us=start_us(since), actor=call.actor.name, batch=batch
            )
    return url_of("person", person) or "/"


def _refuse_known(fields: Mapping[str, Any]) -> None:
    """An e-mail or short name that somebody has already: two people would be one for every file."""
    for name in ("email", "handle"):
        if not fields.get(name):
            continue
        same = queries.living_named("person", [name], [fields[name]])
        if same:
            said = {"text": fields[name], "id": spell("person", same[0][0])}
            raise WrongUse(_("“%(text)s” belongs to %(id)s already.") % said)
