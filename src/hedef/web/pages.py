"""What the views of the rooms use: the door of a page, full page or part, the bar of periods, messages.

A room's `views.py`:

    @page(right="read_data")
    def imports(request: HttpRequest, call: Call) -> HttpResponse:
        return show(request, "intake/imports.html", {"jobs": jobs(scope=call.scope)})

`show` renders the whole page, or for htmx only the partial that the template defines as `{% partialdef main %}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.contrib.auth import authenticate
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from hedef.api_support import call_of
from hedef.call import Call
from hedef.kernel.calendar import Calendar, NoPeriod, Period, PeriodKind
from hedef.kernel.errors import Forbidden

__all__ = ["Call", "Choice", "PeriodBar", "View", "is_part", "page", "period_bar", "second_person", "show"]

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def page[**P](
    *, right: str | None = None
) -> Callable[[Callable[Concatenate[HttpRequest, Call, P], HttpResponse]], View[P]]:
    """The door: signed-out people go to the sign-in, a missing right is refused; the view gets the `Call`.

    `as_of` and `known_at` of the call come from the address.
    """

    def wrap(view: Callable[Concatenate[HttpRequest, Call, P], HttpResponse]) -> View[P]:
        @wraps(view)
        def open_door(request: HttpRequest, /, *args: P.args, **values: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            call = call_of(request, as_of=request.GET.get("as_of"), known_at=request.GET.get("known_at"))
            if right is not None:
                call.actor.must(right)
            return view(request, call, *args, **values)

        return open_door

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    answer = redirect_to_login(request.get_full_path())
    return HttpResponseClientRedirect(answer.url) if is_part(request) else answer


def is_part(request: HttpRequest) -> bool:
    """True when htmx asks for a part of the page, not for a page that it restores."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str = "main", status: int = 200
) -> HttpResponse:
    """The page, or its partial `part` when htmx asks."""
    name = f"{template}#{part}" if is_part(request) else template
    answer = render(request, name, context, status=status)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


def second_person(request: HttpRequest) -> str | None:
    """The username of the second person who signs with name and password in a form (`second`, `second_password`).

    None where nobody was named; Forbidden where the two do not fit.
    """
    name = request.POST.get("second", "").strip().lower()
    if not name:
        return None
    user = authenticate(request, username=name, password=request.POST.get("second_password", ""))
    if user is None:
        raise Forbidden(gettext("Name and password of the second person do not fit."))
    return str(user.get_username())


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the exclusive views of a segment."""

    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """Kind of period, step and as-of date, as links that keep everything else in the address."""

    period: str
    kinds: tuple[Choice, ...]
    previous: str | None  # none where the calendar's table begins or ends
    next: str | None
    as_of: date
    keep: tuple[tuple[str, str], ...]


_KINDS: tuple[tuple[PeriodKind, Promise], ...] = (
    ("year", _("Year")),
    ("quarter", _("Quarter")),
    ("month", _("Month")),
    ("week", _("Week")),
)
_MONTHS = {"month", "fiscal_month"}


def period_bar(request: HttpRequest, calendar: Calendar, period: str, as_of: date) -> PeriodBar:
    """The bar for a page that shows `period` as of `as_of`; other kinds lead to their period around that day."""
    shown = calendar.period(period)
    inside = min(max(as_of, shown.start), shown.end)
    kinds = tuple(
        Choice(label, url, shown.kind == kind or {shown.kind, kind} <= _MONTHS)
        for kind, label in _KINDS
        if (url := _step(request, calendar.period_of, inside, _of(calendar, kind, inside))) is not None
    )
    return PeriodBar(
        period=shown.id,
        kinds=kinds,
        previous=_step(request, calendar.previous, shown),
        next=_step(request, calendar.next, shown),
        as_of=as_of,
        keep=tuple((name, str(value)) for name, value in request.GET.items() if name != "as_of"),
    )


def _of(calendar: Calendar, kind: PeriodKind, day: date) -> PeriodKind:
    """The company's own months where its year is made of weeks."""
    return calendar.month_kind_on(day) if kind == "month" else kind


def _step[**P](request: HttpRequest, find: Callable[P, Period], *args: P.args, **values: P.kwargs) -> str | None:
    try:
        return _address(request, period=find(*args, **values).id)
    except NoPeriod:
        return None


def _address(request: HttpRequest, **changes: str) -> str:
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"{request.path}?{query.urlencode() if query else urlencode(changes)}"
