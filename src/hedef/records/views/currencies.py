"""Currencies: rates by set and day, corrections, pasted lines, and the rates that a conversion would miss."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hedef.call import Call
from hedef.kernel.errors import WrongUse
from hedef.kernel.money import is_currency
from hedef.records import queries, services
from hedef.records.engine.rates import RATE_SETS, RateLine, read_lines, read_rate
from hedef.records.views.acting import act
from hedef.records.views.doors import may_edit, must_edit
from hedef.records.views.forms import REASON, Ask, Form
from hedef.records.views.person_acts import digits
from hedef.records.views.shown import language
from hedef.web import numbers
from hedef.web.pages import page, show

SETS = {
    "daily": gettext_lazy("Daily"),
    "month_end": gettext_lazy("Month end"),
    "budget": gettext_lazy("Budget"),
}
_PAGE = 50
_MOST_BYTES = 2_000_000


@require_safe
@page(right="read_data")
def currencies(request: HttpRequest, call: Call) -> HttpResponse:
    """The rates of one set, newest day first."""
    return _page(request, call, _set_of(request.GET), _forms(call, _set_of(request.GET)))


@require_POST
@page(right="read_data")
def currency_act(request: HttpRequest, call: Call, verb: str) -> HttpResponse:
    """Set or correct a rate, take many lines, or remove one."""
    must_edit(call)
    chosen = _set_of(request.POST)
    forms = _forms(call, chosen)
    return act(
        request,
        forms,
        _acts(request, call, chosen),
        verb,
        again=lambda form, status: _page(request, call, chosen, forms | {verb: form}, status=status),
        back=f"{reverse('records:currencies')}?set={chosen}",
    )


def _set_of(told: Mapping[str, Any]) -> str:
    chosen = str(told.get("set", ""))
    return chosen if chosen in RATE_SETS else "budget"


def _page(
    request: HttpRequest, call: Call, chosen: str, forms: Mapping[str, Form], *, status: int = 200
) -> HttpResponse:
    base = call.calendar.base_currency
    text = request.GET.get("currency", "").strip().upper()
    known = queries.list_rates(chosen, currency=text if is_currency(text) else None)
    listed = Paginator(known, _PAGE).get_page(request.GET.get("page"))
    context = {
        "rates": listed,
        "rows": [
            {"entity": one.entity, "base": one.base, "quote": one.quote, "day": one.day, "rate": rate_text(one.rate)}
            for one in listed
        ],
        "sets": [(code, words, code == chosen) for code, words in SETS.items()],
        "chosen": chosen,
        "set_name": SETS[chosen],
        "missing": queries.missing_rates(base, call.as_of, rate_set=chosen),
        "base": base,
        "currency": text,
        "forms": forms,
        "may_edit": bool(forms),
    }
    return show(request, "records/currencies.html", context, status=status)


def rate_text(rate: Fraction) -> str:
    """A rate with as many decimals as it needs, at most ten; exact fractions beyond that as they are kept."""
    for places in range(2, 11):
        if (rate * 10**places).denominator == 1:
            return numbers.number(rate, language(), places=places)
    return f"{numbers.number(rate, language(), places=6)} ({rate.numerator}/{rate.denominator})"


def _forms(call: Call, chosen: str) -> dict[str, Form]:
    if not may_edit(call):
        return {}
    today = call.calendar.day_of(call.now_us)
    base = call.calendar.base_currency
    held = Ask("set", "", "hidden", value=chosen)
    one = Form(
        "rate",
        _("Set or correct a rate"),
        (
            Ask("base", _("One unit of"), required=True, hint="EUR"),
            Ask("quote", _("In units of"), required=True, value=base),
            Ask("rate", _("Rate"), "number", required=True, hint=_("34.1250 or 34,1250")),
            Ask("day", _("Day"), "day", required=True, value=today.isoformat()),
            REASON,
            held,
        ),
        _("Save"),
        intro=_("A rate of this day that is known already is corrected; what was published stays as it was."),
    )
    many = Form(
        "lines",
        _("Paste rates or take a file"),
        (
            Ask("lines", _("Lines"), "area", hint=_("Day, one unit of, in units of, rate: 2026-11-17 EUR TRY 47,25")),
            REASON,
            held,
        ),
        _("Take the lines"),
        intro=_("All lines are taken, or none."),
    )
    drop = Form("drop", _("Remove a rate"), (Ask("entity", "", "hidden"), REASON, held), _("Remove"), danger=True)
    return {"rate": one, "lines": many, "drop": drop}


def _acts(request: HttpRequest, call: Call, chosen: str) -> dict[str, Callable[[dict[str, Any]], object]]:
    actor = call.actor.name

    def rate(values: dict[str, Any]) -> str:
        line = RateLine(*_pair(values), values["day"], _rate(values["rate"]))
        services.set_rates(lines=[line], rate_set=chosen, actor=actor, reason=values["reason"])
        return _("Saved.")

    def lines(values: dict[str, Any]) -> str:
        told, issues = read_lines(_given(request, values["lines"]))
        if issues:
            hint = _("Nothing was taken.")
            raise WrongUse(_("Some lines cannot be read."), hint=hint, issues=issues[:20])
        if not told:
            raise WrongUse(_("There are no lines."), hint=_("Paste them, or choose a file."))
        services.set_rates(lines=told, rate_set=chosen, actor=actor, reason=values["reason"])
        return _("%(count)s rates were taken.") % {"count": numbers.number(len(told), language())}

    def drop(values: dict[str, Any]) -> str:
        services.drop_rate(rate=digits(values["entity"]), actor=actor, reason=values["reason"])
        return _("Removed.")

    return {"rate": rate, "lines": lines, "drop": drop}


def _pair(values: Mapping[str, Any]) -> tuple[str, str]:
    base, quote = values["base"].upper(), values["quote"].upper()
    for code in (base, quote):
        if not is_currency(code):
            raise WrongUse(_("“%(text)s” is no currency.") % {"text": code}, hint="EUR, TRY, USD")
    if base == quote:
        raise WrongUse(_("A currency has no rate to itself."))
    return base, quote


def _rate(text: str) -> Fraction:
    try:
        return read_rate(text)
    except ValueError as fault:
        raise WrongUse(_("“%(text)s” is no rate. Write 34.1250 or 34,1250.") % {"text": text}) from fault


def _given(request: HttpRequest, text: str | None) -> str:
    """The pasted lines, or those of the file."""
    file = request.FILES.get("file")
    if file is None:
        return text or ""
    if (file.size or 0) > _MOST_BYTES:
        raise WrongUse(_("The file is too large for a list of rates: import it."))
    try:
        return bytes(file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise WrongUse(_("The file is no text in UTF-8.")) from fault
