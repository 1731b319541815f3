"""The company's calendar: the periods of a year, its versions, and the next one on its way through two people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.definitions import services as definitions
from hedef.definitions.queries import Version, diff, versions
from hedef.facts.calendars import COMPANY, KIND, through
from hedef.kernel.calendar import Calendar, NoPeriod, Period, PeriodKind
from hedef.kernel.errors import HedefError, NotFound, WrongUse
from hedef.kernel.shapes import rank
from hedef.web import numbers
from hedef.web.pages import page, show

WEEKS = {
    "iso": gettext_lazy("Calendar months, ISO weeks"),
    "4-4-5": gettext_lazy("Whole weeks, 4-4-5"),
    "4-5-4": gettext_lazy("Whole weeks, 4-5-4"),
    "5-4-4": gettext_lazy("Whole weeks, 5-4-4"),
}
WEEKDAYS = {
    "monday": gettext_lazy("Monday"),
    "tuesday": gettext_lazy("Tuesday"),
    "wednesday": gettext_lazy("Wednesday"),
    "thursday": gettext_lazy("Thursday"),
    "friday": gettext_lazy("Friday"),
    "saturday": gettext_lazy("Saturday"),
    "sunday": gettext_lazy("Sunday"),
}
YEAR_ENDS = {"nearest": gettext_lazy("nearest to the end of the month"), "last": gettext_lazy("last one in the month")}
NAMED_BY = {"end": gettext_lazy("the year in which it ends"), "start": gettext_lazy("the year in which it starts")}
_TEXTS = ("effective_from", "country", "time_zone", "base_currency", "periods")
_CHOICES = {"weeks": WEEKS, "week_starts": WEEKDAYS, "year_end": YEAR_ENDS, "year_named_by": NAMED_BY}
_FIRST_YEAR, _LAST_YEAR = 1901, 2098


@dataclass(frozen=True)
class Form:
    """What stands in the form of the next version, and what is wrong with it."""

    texts: dict[str, str] = field(default_factory=dict)
    fault: HedefError | None = None
    open: bool = False


@require_safe
@page(right="read_data")
def calendars(request: HttpRequest, call: Call) -> HttpResponse:
    """The periods of a year, the versions, and the form of the next one."""
    return _page(request, call, _opening())


def _opening() -> Form:
    body = _newest().body
    texts = {name: str(body.get(name) or "") for name in ("country", "time_zone", "base_currency")}
    texts |= {name: str(body.get(name) or next(iter(choices))) for name, choices in _CHOICES.items()}
    texts |= {"fiscal_start": str(body.get("fiscal_start") or 1), "long_month": str(body.get("long_month") or 12)}
    texts["half_holidays"] = "1" if body.get("half_holidays", True) else ""
    texts["periods"] = "\n".join(_line(row) for row in body.get("periods") or ())
    return Form(texts)


def _line(row: Mapping[str, Any]) -> str:
    told = [row["id"], row["kind"], row["start"], row["end"], row.get("parent") or ""]
    return " ".join(str(one) for one in told).strip()


def _newest() -> Version:
    found = versions(KIND, COMPANY)
    living = [one for one in found if one.state != "retired"]
    if not living:
        raise NotFound("This home has no calendar yet.", hint="hedef definitions list shows every document.")
    return living[-1]


def _page(request: HttpRequest, call: Call, form: Form, *, status: int = 200) -> HttpResponse:
    known = versions(KIND, COMPANY)
    drafts = [one for one in known if one.state in ("draft", "simulated")]
    calendar = call.calendar
    year = _year(request, calendar, call.as_of)
    context = {
        "calendar": calendar,
        "words": (_in_force(known, call.as_of) or _newest()).words.get(_language(), ""),
        "year": year,
        "before": _neighbour(calendar, year, back=True),
        "after": _neighbour(calendar, year, back=False),
        "periods": _rows(calendar, year),
        "versions": [_version(one) for one in reversed(known)],
        "drafts": [_draft(one, known, call) for one in drafts],
        "form": form,
        "choices": [
            (name, _LABELS[name], list(options.items()), form.texts.get(name)) for name, options in _CHOICES.items()
        ],
        "months": [(str(number), numbers.period(f"2000-{number:02d}", _language())[:-5]) for number in range(1, 13)],
        "may_write": call.actor.can("write_definition"),
        "may_approve": call.actor.can("approve"),
        "today": call.calendar.day_of(call.now_us),
    }
    return show(request, "facts/calendars.html", context, status=status)


_LABELS = {
    "weeks": gettext_lazy("Shape of the year"),
    "week_starts": gettext_lazy("A week starts on"),
    "year_end": gettext_lazy("The year ends on the week’s end"),
    "year_named_by": gettext_lazy("A year is named by"),
}


def _language() -> str:
    return "tr" if (get_language() or "en").startswith("tr") else "en"


def _in_force(known: list[Version], day: date) -> Version | None:
    begun = [one for one in known if one.approver and (one.effective_from or date.min) <= day]
    return max(begun, key=lambda one: (one.effective_from or date.min, one.version), default=None)


def _year(request: HttpRequest, calendar: Calendar, day: date) -> Period:
    text = request.GET.get("year", "")
    try:
        found = calendar.period(text) if text else calendar.period_of(day, "year")
    except ValueError as fault:
        raise WrongUse(_("“%(text)s” is no year of the calendar.") % {"text": text}) from fault
    if found.kind != "year" or not _FIRST_YEAR <= found.start.year <= _LAST_YEAR:
        raise WrongUse(_("“%(text)s” is no year of the calendar.") % {"text": text})
    return found


def _neighbour(calendar: Calendar, year: Period, *, back: bool) -> str | None:
    try:
        return (calendar.previous if back else calendar.next)(year).id
    except NoPeriod:
        return None


def _rows(calendar: Calendar, year: Period) -> list[dict[str, Any]]:
    """Quarters of a year with their months, each with its working days."""
    rows = []
    for quarter in _parts(calendar, year):
        rows.append(_row(calendar, quarter, 1))
        rows += [_row(calendar, month, 2) for month in calendar.months(quarter)]
    return rows


def _parts(calendar: Calendar, year: Period) -> list[Period]:
    """The longest parts of a year that the calendar has: quarters, else halves, else months."""
    kinds: tuple[PeriodKind, ...] = ("quarter", "half")
    for kind in kinds:
        try:
            found = calendar.parts(year, kind)
        except NoPeriod:
            continue
        if (found[0].start, found[-1].end) == (year.start, year.end):
            return found
    return [year]


def _row(calendar: Calendar, period: Period, level: int) -> dict[str, Any]:
    halves = calendar.working_half_days(period.start, period.end)
    whole_weeks = period.days // 7 if period.days % 7 == 0 and rank(period.kind) > 0 else None
    return {
        "id": period.id,
        "level": level,
        "start": period.start,
        "end": period.end,
        "days": period.days,
        "weeks": whole_weeks if calendar.month_kind_on(period.start) == "fiscal_month" else None,
        "working": numbers.number(f"{halves // 2}.{'5' if halves % 2 else '0'}", _language(), places=halves % 2),
    }


def _version(one: Version) -> dict[str, Any]:
    return {
        "number": one.version,
        "from": one.effective_from,
        "state": one.state,
        "author": one.author,
        "approver": one.approver,
        "self_approved": one.self_approved,
        "words": one.words.get(_language(), ""),
    }


def _draft(one: Version, known: list[Version], call: Call) -> dict[str, Any]:
    """A draft with what it says differently and the year that it would begin."""
    former = [two for two in known if two.approver and two.version < one.version]
    calendar = through([*sorted(former, key=lambda two: (two.effective_from or date.min, two.version)), one])
    assert calendar is not None
    start = one.effective_from or call.as_of
    return {
        **_version(one),
        "differences": [two for two in diff(former[-1], one) if two.path != "effective_from"] if former else [],
        "periods": _rows(calendar, calendar.period_of(start, "year")),
        "own": one.author == call.actor.name,
    }


# --- the next version -------------------------------------------------------------------------------------------------


@require_POST
@page(right="write_definition")
def propose(request: HttpRequest, call: Call) -> HttpResponse:
    """A draft of the next version; an older draft is replaced."""
    texts = {name: request.POST.get(name, "").strip() for name in (*_TEXTS, *_CHOICES, "fiscal_start", "long_month")}
    texts["half_holidays"] = request.POST.get("half_holidays", "")
    reason = request.POST.get("reason", "").strip()
    try:
        if not reason:
            raise WrongUse(_("Say why: it is kept with the version."))
        made = definitions.add(actor=call.actor.name, document=_document(texts), reason=reason)
    except HedefError as fault:
        return _page(request, call, Form(texts, fault, open=True), status=fault.http_status)
    messages.success(request, _("Version %(number)s waits for its approval.") % {"number": made.version})
    return HttpResponseRedirect(reverse("facts:calendars"))


def _document(texts: Mapping[str, str]) -> dict[str, Any]:
    """The newest version with what the form says in its place."""
    body = _newest().body
    body.pop("version", None)
    body |= {"country": texts["country"].upper(), "time_zone": texts["time_zone"]}
    body |= {"base_currency": texts["base_currency"].upper(), "half_holidays": bool(texts["half_holidays"])}
    body |= {name: texts[name] for name in _CHOICES}
    body |= {name: int(texts[name]) if texts[name].isdigit() else 0 for name in ("fiscal_start", "long_month")}
    if not texts["effective_from"]:
        raise WrongUse(_("Say from which day it counts."))
    body["effective_from"] = texts["effective_from"]
    body["periods"] = [
        _period(number, line) for number, line in enumerate(texts["periods"].splitlines(), 1) if line.strip()
    ]
    if not body["periods"]:
        del body["periods"]
    return body


def _period(number: int, line: str) -> dict[str, Any]:
    cells = line.replace(";", " ").replace("\t", " ").split()
    if len(cells) not in (4, 5):
        said = _("Line %(number)s of the table: “%(line)s” has not the parts id, kind, first day, last day, part of.")
        raise WrongUse(
            said % {"number": number, "line": line.strip()[:80]}, hint="fy26-p1 fiscal_month 2026-01-01 2026-01-28"
        )
    return dict(zip(("id", "kind", "start", "end", "parent"), cells, strict=False))


@require_POST
@page(right="approve")
def approve(request: HttpRequest, call: Call, version: int) -> HttpResponse:
    """The second person's yes; the version counts from its day on."""
    try:
        made = definitions.approve(
            kind=KIND, id=COMPANY, version=version, actor=call.actor.name, reason=request.POST.get("reason", "")
        )
    except HedefError as fault:
        return _page(request, call, Form(_opening().texts, fault), status=fault.http_status)
    day = numbers.day(made.effective_from, _language())
    messages.success(request, _("Version %(number)s counts from %(day)s on.") % {"number": made.version, "day": day})
    return HttpResponseRedirect(reverse("facts:calendars"))


@require_POST
@page(right="write_definition")
def withdraw(request: HttpRequest, call: Call, version: int) -> HttpResponse:
    """A draft that nobody wants any more."""
    drafts = {one.version for one in versions(KIND, COMPANY) if one.state in ("draft", "simulated")}
    if version not in drafts:
        raise NotFound(f"There is no draft {version} of the calendar.")
    definitions.retire(
        kind=KIND, id=COMPANY, version=version, actor=call.actor.name, reason=request.POST.get("reason", "")
    )
    messages.success(request, _("The draft is withdrawn."))
    return HttpResponseRedirect(reverse("facts:calendars"))
