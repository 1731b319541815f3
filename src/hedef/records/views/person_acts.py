"""What the forms of a person's page do; each act answers with the sentence for the person who sent it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
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
from hedef.records.services import Seen
from hedef.records.views.forms import number_of, read_seen
from hedef.records.views.person_forms import EDITED
from hedef.records.views.shown import ABSENCES, coded, language, url_of
from hedef.web import numbers

type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form of a person's page: about whom, by whom, and which state of the person the sender saw."""

    person: int
    call: Call
    seen: Seen | None

    def said(self, values: Values) -> dict[str, Any]:
        return {"actor": self.call.actor.name, "reason": values["reason"]}


def acts(person: int, request: HttpRequest, call: Call) -> dict[str, Callable[[Values], object]]:
    """What each form does; an act answers with the sentence for the person."""
    sent = _Sent(person, call, read_seen(request.POST.get("seen")))
    return {name: partial(act, sent) for name, act in _ACTS.items()}


def _move(sent: _Sent, values: Values) -> str:
    team = number_of(values["team"]) or 0
    told = {"person": sent.person, "team": team, "on": values["on"], "role": values["role"], "seen": sent.seen}
    services.move_person(**told, **sent.said(values))
    words = {"name": _name("person", sent.person), "team": _name("team", team), "day": _day(values["on"])}
    return _("%(name)s is in %(team)s from %(day)s on.") % words


def _join(sent: _Sent, values: Values) -> str:
    services.join_team(
        person=sent.person,
        team=number_of(values["team"]) or 0,
        from_day=values["on"],
        to_day=_after(values["on"], values["last"]),
        role=values["role"] or "rep",
        share_bp=values["share"],
        primary=False,
        **sent.said(values),
    )
    return _("Saved.")


def _manager(sent: _Sent, values: Values) -> str:
    told = {"manager": number_of(values["manager"]), "on": values["on"], "line": values["line"] or "solid"}
    services.set_manager(person=sent.person, **told, **sent.said(values))
    return _("Saved.")


def _absence(sent: _Sent, values: Values) -> str:
    told = {"from_day": values["on"], "last_day": values["last"], "kind": values["kind"]}
    services.put_away(person=sent.person, **told, share_bp=values["share"] or 10_000, **sent.said(values))
    return _("%(what)s is kept.") % {"what": coded(ABSENCES, values["kind"])}


def _time(sent: _Sent, values: Values) -> str:
    told = {"from_day": values["on"], "last_day": values["last"], "share_bp": values["share"]}
    services.work_part_time(person=sent.person, **told, pattern=values["pattern"], **sent.said(values))
    return _("Saved.")


def _edit(sent: _Sent, values: Values) -> str:
    services.change(
        kind="person",
        entity=sent.person,
        fields=_checked({name: values[name] for name in EDITED}),
        effective_us=max(sent.call.now_us, _last_us(sent.person)),
        based_on=_number(values["based_on"]),
        **sent.said(values),
    )
    return _("Saved.")


def _leave(sent: _Sent, values: Values) -> str:
    services.leave(person=sent.person, last_day=values["last"], **sent.said(values))
    words = {"name": _name("person", sent.person), "day": _day(values["last"])}
    return _("%(name)s leaves after %(day)s.") % words


def _end(sent: _Sent, values: Values) -> str:
    kind, entity = values["kind"] or "", digits(values["entity"])
    if entity not in {one.entity for one in queries.person_spans(sent.person) if one.kind == kind}:
        raise NotFound(f"{spell('person', sent.person)} has no such line.")
    on = _after(None, values["last"])
    assert on is not None
    services.end_range(kind=kind, entity=entity, on=on, seen=sent.seen, **sent.said(values))
    return _("Ended after %(day)s.") % {"day": _day(values["last"])}


_ACTS: dict[str, Callable[[_Sent, Values], str]] = {
    "move": _move, "join": _join, "manager": _manager, "absence": _absence, "time": _time, "edit": _edit,
    "leave": _leave, "end": _end,
}  # fmt: skip


def _day(day: date) -> str:
    return numbers.day(day, language())


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
