"""Forms of accounts, contacts, leads and territories: what each asks for, and what a sent one does.

Every change says from which day it is true; an owner changed from the first of the month leaves the months before it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hedef.call import Call
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.records import queries, services
from hedef.records.engine.kinds import KINDS
from hedef.records.engine.names import normalise
from hedef.records.views.acting import Act
from hedef.records.views.doors import may_edit, visible
from hedef.records.views.forms import REASON, Ask, Form, read_seen
from hedef.records.views.person_acts import digits
from hedef.records.views.person_forms import ON, end_form
from hedef.records.views.shown import days_text, label, language, options, share_words
from hedef.web import numbers

EDITED = {
    "account": (
        *("name", "domain", "owner", "parent", "industry", "country", "region", "segment"),
        *("employees", "customer_since"),
    ),
    "contact": ("name", "account", "email", "phone", "job_title", "owner", "email_allowed", "left"),
    "lead": (
        *("name", "company", "email", "phone", "owner", "source", "campaign", "status", "rating", "score"),
        *("industry", "country", "reject_reason"),
    ),
    "territory": ("name", "parent", "rule"),
}
_HOLD = "territory_hold"


def forms(call: Call, kind: str, row: Mapping[str, Any]) -> dict[str, Form]:
    """The forms of a record's page by their verbs, filled with what stands; none for who may only look."""
    if kind not in EDITED or not may_edit(call) or row["ended_us"] is not None:
        return {}
    today = call.calendar.day_of(call.now_us)
    asks = tuple(_ask(kind, name, row) for name in EDITED[kind])
    day = Ask("on", ON, "day", required=True, value=today.isoformat(), hint=_("Before that day it stays as it is."))
    based = Ask("based_on", "", "hidden", value=f"{row['last_batch']}:{row['last_ord']}")
    made = {"edit": Form("edit", _("Change"), (*asks, day, REASON, based), _("Save"))}
    if kind == "territory":
        made |= {"hold": _hold_form(today), "end": end_form(today)}
    return made


def _ask(kind: str, name: str, row: Mapping[str, Any]) -> Ask:
    of, value = KINDS[kind].get(name), row.get(name)
    words = label(kind, name)
    if of.refers == "person":
        held = "" if value is None else spell("person", value)
        return Ask(name, words, "choice", options=[("", _("Nobody")), *_people(value)], value=held)
    if of.refers:
        return Ask(name, words, value=_spelled(of.refers, value), hint=_("Name or number of the record."))
    if of.type == "bool":
        return Ask(name, words, "check", value="1" if value else "")
    if of.type == "day":
        return Ask(name, words, "day", value="" if value is None else value.isoformat())
    shown = "" if value is None else str(value)
    if of.type == "int":
        return Ask(name, words, "number", value=shown)
    told: Any = {"email": "email", "rule": "area"}.get(name, "text")
    return Ask(name, words, told, required=name == "name", value=shown)


def _people(now: int | None) -> list[tuple[str, str]]:
    rows = [row for row in queries.rows("person") if not row["left_on"] or row["entity"] == now]
    named = sorted(((row["entity"], row["name"] or "") for row in rows), key=lambda one: (normalise(one[1]), one[0]))
    return options(named, "person")


def _spelled(kind: str, entity: int | None) -> str:
    if entity is None:
        return ""
    return f"{spell(kind, entity)} {queries.names([entity], kind=kind).get(entity, '')}".strip()


def _hold_form(today: date) -> Form:
    teams = queries.names(queries.team_tree(today).teams_in_order(), kind="team")
    return Form(
        "hold",
        _("Give it to a holder"),
        (
            Ask("person", label(_HOLD, "person"), "choice", options=[("", "–"), *_people(None)]),
            Ask("team", label(_HOLD, "team"), "choice", options=[("", "–"), *options(teams.items(), "team")]),
            Ask("account", label(_HOLD, "account"), hint=_("Name or number of the record.")),
            Ask("share_bp", label(_HOLD, "share_bp"), "share", hint=_("Per cent; empty is all of it.")),
            Ask("from_day", ON, "day", required=True, value=today.isoformat()),
            Ask("last", _("Last day (optional)"), "day"),
            REASON,
        ),
        _("Save"),
        intro=_("A person, a team or an account holds a territory from a day on."),
    )


def holds(territory: int, call: Call) -> list[dict[str, Any]]:
    """Who holds a territory: name, kind, days, share; the newest first."""
    rows = [one for one in queries.rows(_HOLD) if one["territory"] == territory]
    found = []
    for row in sorted(rows, key=lambda one: (one["from_day"] or date.min, one["entity"]), reverse=True):
        kind = next((name for name in ("person", "team", "account") if row[name] is not None), "person")
        names = {} if row[kind] is None else queries.names([row[kind]], kind=kind)
        begun = row["from_day"] is None or row["from_day"] <= call.as_of
        found.append(
            {
                "entity": row["entity"],
                "kind": _HOLD,
                "seen": f"{row['entity']}:{row['last_batch']}:{row['last_ord']}",
                "what": names.get(row[kind], numbers.MISSING),
                "of": label(_HOLD, kind),
                "days": days_text(row["from_day"], row["to_day"]),
                "share": share_words(row["share_bp"]),
                "now": begun and (row["to_day"] is None or call.as_of < row["to_day"]),
            }
        )
    return found


# --- what a sent form does --------------------------------------------------------------------------------------------


def acts(request: HttpRequest, call: Call, kind: str, number: int) -> dict[str, Act]:
    """What the forms of `forms` do, by their verbs."""

    def edit(values: dict[str, Any]) -> str:
        batch, _colon, place = (values["based_on"] or "").partition(":")
        services.change(
            kind=kind,
            entity=number,
            fields={name: _value(kind, name, values[name], call) for name in EDITED[kind]},
            effective_us=_moment(values["on"], call),
            based_on=(int(batch), int(place)) if batch.isdigit() and place.isdigit() else None,
            actor=call.actor.name,
            reason=values["reason"],
        )
        return _("Saved.")

    def end(values: dict[str, Any]) -> str:
        entity = digits(values["entity"])
        if entity not in {one["entity"] for one in queries.rows(_HOLD) if one["territory"] == number}:
            raise NotFound("There is no such hold.")
        on = values["last"] + timedelta(days=1)
        seen = read_seen(request.POST.get("seen"))
        services.end_range(kind=_HOLD, entity=entity, on=on, seen=seen, actor=call.actor.name, reason=values["reason"])
        return _("Ended after %(day)s.") % {"day": numbers.day(values["last"], language())}

    return {"edit": edit, "hold": lambda values: _hold(call, number, values), "end": end}


def _hold(call: Call, territory: int, values: Mapping[str, Any]) -> str:
    who = {name: _value(_HOLD, name, values[name], call) for name in ("person", "team", "account")}
    named = {name: one for name, one in who.items() if one is not None}
    if len(named) != 1:
        raise WrongUse(_("Name one: a person, a team or an account."))
    start, last = values["from_day"], values["last"]
    until = None if last is None else last + timedelta(days=1)
    if until is not None and until <= start:
        raise WrongUse(_("The last day lies before the first one."))
    _refuse_twice(territory, named, start, until)
    services.create(
        kind=_HOLD,
        fields={"territory": territory, **named, "share_bp": values["share_bp"], "from_day": start, "to_day": until},
        effective_us=call.calendar.start_us(start),
        precision="day",
        actor=call.actor.name,
        reason=values["reason"],
    )
    return _("It counts from %(day)s on.") % {"day": numbers.day(start, language())}


def _refuse_twice(territory: int, who: Mapping[str, Any], start: date, until: date | None) -> None:
    """One holder holds a territory once on each day."""
    for one in queries.rows(_HOLD):
        same = one["territory"] == territory and all(one[name] == held for name, held in who.items())
        apart = (one["to_day"] is not None and one["to_day"] <= start) or (
            until is not None and one["from_day"] is not None and until <= one["from_day"]
        )
        if same and not apart:
            days = days_text(one["from_day"], one["to_day"])
            raise Refused(_("They hold it already: %(days)s.") % {"days": days}, hint=_("End that first."))


def _moment(on: date, call: Call) -> int:
    """Now for today, the beginning of the day for one before; what has not come is not written yet."""
    today = call.calendar.day_of(call.now_us)
    if on > today:
        raise WrongUse(_("That day has not come yet."), hint=_("Change it on that day, or from today on."))
    return call.now_us if on == today else call.calendar.start_us(on)


def _value(kind: str, name: str, text: Any, call: Call) -> Any:
    """What a field of the form says: a record's number, a whole number, a text; none for a blank one."""
    of = KINDS[kind].get(name)
    if text is None or text == "":
        return None
    if of.refers:
        return _record_of(of.refers, str(text), call)
    if of.type == "int":
        plain = str(text).replace(" ", "").replace(".", "").replace(",", "")
        if not plain.isascii() or not plain.isdigit() or len(plain) > 15:
            raise WrongUse(_("“%(text)s” is no whole number.") % {"text": text})
        return int(plain)
    return text


def _record_of(kind: str, text: str, call: Call) -> int:
    """The record that `A-12`, `A-12 Acme` or a name that one record has names. WrongUse, NotFound."""
    first = text.split()[0]
    try:
        parse(first)
    except ValueError:
        found = sorted({entity for entity, _text in queries.living_named(kind, ["name"], [text])})
        if len(found) == 1:
            return visible(kind, spell(kind, found[0]), call)
        if found:
            told = ", ".join(spell(kind, one) for one in found[:5])
            raise WrongUse(_("Several are called so: %(numbers)s.") % {"numbers": told}) from None
        raise WrongUse(_("Nothing is called “%(text)s”.") % {"text": text}, hint=_("Write its number.")) from None
    return visible(kind, first, call)
