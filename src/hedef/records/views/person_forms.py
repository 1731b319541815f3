"""The forms of a person's page, and what each of them does."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hedef.call import Call
from hedef.kernel.ids import spell
from hedef.kernel.money import exponent, is_currency
from hedef.records import queries
from hedef.records.engine.names import normalise
from hedef.records.views.forms import REASON, Ask, Form
from hedef.records.views.shown import ABSENCES, LINES, ROLES, label, language, options
from hedef.web import numbers

FIELDS = ("handle", "email", "employee_no", "hired_on", "left_on", "country", "time_zone", "currency")
EDITED = ("name", "handle", "email", "employee_no", "hired_on", "country", "time_zone", "currency")

ON = gettext_lazy("From this day")
LAST_DAY = gettext_lazy("Last day")


def forms(person: int, call: Call) -> dict[str, Form]:
    """Every form of a person's page by its verb, filled with what stands now."""
    (row,) = queries.rows("person", entities=[person], ended=True)
    today = call.calendar.day_of(call.now_us)
    tree = queries.team_tree(today)
    seen = _main(person, today)
    teams = options(((one, _team_names(tree.parents)[one]) for one in tree.teams_in_order()), "team")
    others = [(one, name) for one, name in _people_names(row["entity"])]
    made = [
        _move_form(person, teams, today, seen),
        _manager_form(options(others, "person"), today),
        _join_form(teams, today),
        _absence_form(today),
        _time_form(today),
        _edit_form(row),
        _leave_form(today),
        end_form(today),
    ]
    return {form.verb: form for form in made}


def _team_names(teams: Mapping[int, int | None]) -> dict[int, str]:
    return queries.names(teams, kind="team")


def _people_names(without: int) -> list[tuple[int, str]]:
    rows = [row for row in queries.rows("person") if row["entity"] != without and not row["left_on"]]
    return sorted(((row["entity"], row["name"] or "") for row in rows), key=lambda pair: (normalise(pair[1]), pair[0]))


def _main(person: int, day: date) -> queries.Span | None:
    stays = [one for one in queries.person_spans(person) if one.kind == "membership" and one.covers(day)]
    return next((one for one in stays if one.fields["primary"] is not False), None)


def _move_form(person: int, teams: list[tuple[str, str]], today: date, main: queries.Span | None) -> Form:
    here = spell("team", main.fields["team"]) if main else ""
    role = (main.fields["role"] if main else None) or "rep"
    return Form(
        "move",
        _("Move to another team") if main else _("Put into a team"),
        (
            Ask("team", _("Team"), "choice", required=True, options=[one for one in teams if one[0] != here]),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("role", _("Role"), "choice", options=list(ROLES.items()), value=role),
            REASON,
            Ask("seen", "", "hidden", value=main.seen if main else ""),
        ),
        _("Move"),
        intro=_moves(person, today),
    )


def _moves(person: int, today: date) -> str:
    """What goes along and what stays."""
    told = queries.owned_open(person)
    stays = f"{_('Boards and results before that day stay as they are.')} {_manager_stays(person, today)}".strip()
    if not told:
        return stays
    count = sum(one for _currency, one, _total in told)
    amounts = ", ".join(amount_words(currency, total) for currency, _count, total in told)
    along = _("Open deals go along from that day: %(count)s worth %(amounts)s.") % {
        "count": numbers.number(count, language()),
        "amounts": amounts,
    }
    return f"{along} {stays}"


def _manager_stays(person: int, today: date) -> str:
    """Teams and managers are kept apart: a move says that it changes one of them only."""
    manager = queries.manager_of(person, today)
    if manager is None:
        return _("The move gives nobody a manager; that is a change of its own.")
    name = queries.names([manager], kind="person").get(manager, "")
    return _("%(name)s stays the manager; another one is a change of its own.") % {"name": name}


def amount_words(currency: str, minor: int) -> str:
    """A sum in its currency; without one only the number."""
    if not is_currency(currency):
        return numbers.number(Fraction(minor, 100), language(), places=2)
    return numbers.money(Fraction(minor, 10 ** exponent(currency)), currency, language())


def _join_form(teams: list[tuple[str, str]], today: date) -> Form:
    return Form(
        "join",
        _("Add a second team"),
        (
            Ask("team", _("Team"), "choice", required=True, options=teams),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("last", _("Last day (optional)"), "day"),
            Ask("role", _("Role"), "choice", options=list(ROLES.items()), value="rep"),
            Ask("share", _("Share in per cent (optional)"), "share", hint=_("How much of the person: 40 or 33.33.")),
            REASON,
        ),
        _("Add"),
    )


def _manager_form(people: list[tuple[str, str]], today: date) -> Form:
    return Form(
        "manager",
        _("Manager"),
        (
            Ask("manager", _("Reports to"), "choice", options=[("", _("Nobody")), *people]),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("line", _("Line"), "choice", options=list(LINES.items()), value="solid"),
            REASON,
        ),
        _("Save"),
        intro=_("Who leads whom decides who sees what, from that day on."),
    )


def _absence_form(today: date) -> Form:
    return Form(
        "absence",
        _("Absence"),
        (
            Ask("kind", _("Kind"), "choice", required=True, options=list(ABSENCES.items()), value="parental"),
            Ask("on", _("First day"), "day", required=True, value=today.isoformat()),
            Ask("last", _("Last day (optional)"), "day"),
            Ask("share", _("Share in per cent"), "share", value="100"),
            REASON,
        ),
        _("Save"),
        intro=_("Targets are shortened by it only where their plan says so."),
    )


def _time_form(today: date) -> Form:
    return Form(
        "time",
        _("Part time"),
        (
            Ask("share", _("Share in per cent"), "share", required=True, value="50"),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("last", _("Last day (optional)"), "day"),
            Ask(
                "pattern",
                _("Half-days of Monday to Sunday (optional)"),
                hint=_("2222200 is a full week, 2220000 Monday to Wednesday."),
            ),
            REASON,
        ),
        _("Save"),
    )


def _edit_form(row: Mapping[str, Any]) -> Form:
    asks = [Ask(name, label("person", name), *_kind_of(name), value=_text(row[name])) for name in EDITED]
    last = f"{row['last_batch']}:{row['last_ord']}"
    return Form("edit", _("Change the details"), (*asks, REASON, Ask("based_on", "", "hidden", value=last)), _("Save"))


def _kind_of(name: str) -> tuple[Any, bool]:
    if name == "hired_on":
        return "day", False
    return ("email" if name == "email" else "text"), name == "name"


def _text(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _leave_form(today: date) -> Form:
    return Form(
        "leave",
        _("Leaves the company"),
        (Ask("last", LAST_DAY, "day", required=True, value=today.isoformat()), REASON),
        _("Leaves"),
        intro=_("Memberships and managers end after that day; deals keep their owner until somebody takes them over."),
        danger=True,
    )


def end_form(today: date) -> Form:
    hidden = [Ask(name, "", "hidden") for name in ("kind", "entity", "seen")]
    asks = (Ask("last", LAST_DAY, "day", required=True, value=today.isoformat()), REASON, *hidden)
    return Form("end", _("End"), asks, _("End"))


def new_form(call: Call) -> Form:
    today = call.calendar.day_of(call.now_us)
    tree = queries.team_tree(today)
    teams = options(((one, _team_names(tree.parents)[one]) for one in tree.teams_in_order()), "team")
    return Form(
        "new",
        _("New person"),
        (
            Ask("name", label("person", "name"), required=True),
            Ask("email", label("person", "email"), "email"),
            Ask("handle", label("person", "handle"), hint=_("Accepted wherever an id is read, such as holly.")),
            Ask("hired_on", _("First day"), "day", required=True, value=today.isoformat()),
            Ask("team", _("Team"), "choice", options=[("", _("No team yet")), *teams]),
            Ask("role", _("Role"), "choice", options=list(ROLES.items()), value="rep"),
            Ask(
                "manager", _("Reports to"), "choice", options=[("", _("Nobody")), *options(_people_names(0), "person")]
            ),
            Ask("country", label("person", "country"), hint="TR, DE, US"),
            REASON,
        ),
        _("Save"),
    )
