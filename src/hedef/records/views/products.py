"""Products and their prices per currency and days."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hedef.call import Call
from hedef.kernel.amounts import read_amount
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.money import exponent, is_currency
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.engine.names import normalise
from hedef.records.views.acting import act
from hedef.records.views.doors import may_edit, must_edit, visible
from hedef.records.views.forms import REASON, Ask, Form, read_seen
from hedef.records.views.person_acts import digits
from hedef.records.views.person_forms import ON, end_form
from hedef.records.views.shown import days_text, label, language, url_of
from hedef.web import numbers
from hedef.web.pages import page, show

_PAGE = 50


@require_safe
@page(right="read_data")
def products(request: HttpRequest, call: Call) -> HttpResponse:
    """The list by name, with the price of the day in each currency."""
    text, day = normalise(request.GET.get("q", "")), call.as_of
    rows = [row for row in queries.rows("product") if not text or text in normalise(f"{row['name']} {row['code']}")]
    rows.sort(key=lambda row: (normalise(row["name"] or ""), row["entity"]))
    listed = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    prices = _prices(day)
    context = {
        "products": listed,
        "rows": [
            {
                "id": spell("product", row["entity"]),
                "name": row["name"] or spell("product", row["entity"]),
                "code": row["code"],
                "family": row["family"],
                "prices": prices.get(row["entity"], []),
            }
            for row in listed
        ],
        "count": len(rows),
        "q": request.GET.get("q", ""),
        "day": day,
        "may_edit": may_edit(call),
    }
    return show(request, "records/products.html", context)


def _prices(day: date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in queries.rows("price"):
        if _covers(row, day) and row["product"]:
            found.setdefault(row["product"], []).append(price_text(row))
    return found


def _covers(row: Mapping[str, Any], day: date) -> bool:
    return (row["from_day"] is None or row["from_day"] <= day) and (row["to_day"] is None or day < row["to_day"])


def price_text(row: Mapping[str, Any]) -> str:
    """A price in its currency."""
    currency, minor = row["currency"] or "", row["amount_minor"]
    if minor is None or not is_currency(currency):
        return numbers.MISSING
    return numbers.money(Fraction(minor, 10 ** exponent(currency)), currency, language())


@require_safe
@page(right="read_data")
def product(request: HttpRequest, call: Call, entity: str) -> HttpResponse:
    """One product with all its prices."""
    number = visible("product", entity, call)
    return _page(request, call, number, _forms(call, number))


@require_POST
@page(right="read_data")
def product_act(request: HttpRequest, call: Call, entity: str, verb: str) -> HttpResponse:
    """What one of the product's forms asks for."""
    number = visible("product", entity, call)
    must_edit(call)
    forms = _forms(call, number)
    return act(
        request,
        forms,
        _acts(number, request, call),
        verb,
        again=lambda form, status: _page(request, call, number, forms | {verb: form}, status=status),
        back=reverse("records:record", args=["product", entity]),
    )


def _page(
    request: HttpRequest, call: Call, number: int, forms: Mapping[str, Form], *, status: int = 200
) -> HttpResponse:
    (row,) = queries.rows("product", entities=[number], ended=True)
    prices = [one for one in queries.rows("price") if one["product"] == number]
    prices.sort(key=lambda one: (one["currency"] or "", one["list"] or "", one["from_day"] or date.min))
    context = {
        "id": spell("product", number),
        "name": row["name"] or spell("product", number),
        "row": row,
        "fields": [(label("product", name), row[name]) for name in ("code", "family") if row[name]],
        "prices": [
            {
                "entity": one["entity"],
                "seen": f"{one['entity']}:{one['last_batch']}:{one['last_ord']}",
                "text": price_text(one),
                "list": one["list"],
                "days": days_text(one["from_day"], one["to_day"]),
                "now": _covers(one, call.as_of),
            }
            for one in prices
        ],
        "forms": forms,
        "may_edit": bool(forms),
    }
    return show(request, "records/product.html", context, status=status)


def _forms(call: Call, number: int) -> dict[str, Form]:
    if not may_edit(call):
        return {}
    (row,) = queries.rows("product", entities=[number], ended=True)
    today = call.calendar.day_of(call.now_us)
    price = Form(
        "price",
        _("New price"),
        (
            Ask("amount", _("Price"), "number", required=True),
            Ask("currency", label("price", "currency"), required=True, value=call.calendar.base_currency),
            Ask("list", _("Price list (optional)")),
            Ask("on", ON, "day", required=True, value=today.isoformat()),
            Ask("last", _("Last day (optional)"), "day"),
            REASON,
        ),
        _("Save"),
        intro=_("The price before it in this currency and list ends on that day; deals keep their own amounts."),
    )
    edit = Form("edit", _("Change the product"), (*_asks(row), REASON, _based_on(row)), _("Save"))
    return {"price": price, "edit": edit, "end": end_form(today)}


def _asks(row: Mapping[str, Any]) -> tuple[Ask, ...]:
    return tuple(
        Ask(name, label("product", name), required=name == "name", value=row.get(name) or "")
        for name in ("name", "code", "family")
    )


def _based_on(row: Mapping[str, Any]) -> Ask:
    return Ask("based_on", "", "hidden", value=f"{row['last_batch']}:{row['last_ord']}")


def _acts(product: int, request: HttpRequest, call: Call) -> dict[str, Callable[[dict[str, Any]], object]]:
    def price(values: dict[str, Any]) -> str:
        currency = values["currency"].upper()
        last = values["last"]
        services.set_price(
            product=product,
            amount_minor=read_price(values["amount"], currency),
            currency=currency,
            price_list=values["list"],
            from_day=values["on"],
            to_day=None if last is None else last + timedelta(days=1),
            actor=call.actor.name,
            reason=values["reason"],
        )
        return _("The price counts from %(day)s on.") % {"day": numbers.day(values["on"], language())}

    def edit(values: dict[str, Any]) -> str:
        batch, _colon, place = (values["based_on"] or "").partition(":")
        services.change(
            kind="product",
            entity=product,
            fields={name: values[name] for name in ("name", "code", "family")},
            effective_us=call.now_us,
            based_on=(int(batch), int(place)) if batch.isdigit() and place.isdigit() else None,
            actor=call.actor.name,
            reason=values["reason"],
        )
        return _("Saved.")

    def end(values: dict[str, Any]) -> str:
        entity = digits(values["entity"])
        if entity not in {one["entity"] for one in queries.rows("price") if one["product"] == product}:
            raise NotFound("There is no such price.")
        services.end_range(
            kind="price",
            entity=entity,
            on=values["last"] + timedelta(days=1),
            seen=read_seen(request.POST.get("seen")),
            actor=call.actor.name,
            reason=values["reason"],
        )
        return _("Ended after %(day)s.") % {"day": numbers.day(values["last"], language())}

    return {"price": price, "edit": edit, "end": end}


def read_price(text: str, currency: str) -> int:
    """Minor units of an amount typed with the marks of either language; WrongUse with a sentence."""
    if not is_currency(currency):
        raise WrongUse(_("“%(text)s” is no currency.") % {"text": currency}, hint="EUR, TRY, USD")
    try:
        return read_amount(text, currency)
    except ValueError as fault:
        if str(fault) == "decimals":
            told = {"text": text, "currency": currency, "places": exponent(currency)}
            raise WrongUse(_("“%(text)s” has too many decimals: %(currency)s has %(places)s.") % told) from fault
        said = _("“%(text)s” is no amount. Write 12,000.50 or 12.000,50.") % {"text": text}
        raise WrongUse(said) from fault


@require_http_methods(["GET", "HEAD", "POST"])
@page(right="edit_record")
def new_product(request: HttpRequest, call: Call) -> HttpResponse:
    """A product with its code and family."""
    form = Form("new", _("New product"), (*_asks({}), REASON), _("Save"))

    def again(told: Form, status: int) -> HttpResponse:
        context = {"form": told, "title": told.title}
        context |= {"list_url": reverse("records:products"), "list_title": _("Products")}
        return show(request, "records/new.html", context, status=status)

    def make(values: dict[str, Any]) -> str:
        if values["code"] and queries.living_named("product", ["code"], [values["code"]]):
            raise WrongUse(_("There is a product with this code already."))
        fields = {name: values[name] for name in ("name", "code", "family") if values[name]}
        made = services.create(
            kind="product",
            fields=fields,
            effective_us=ALWAYS_US,
            actor=call.actor.name,
            reason=values["reason"],
        )
        return url_of("product", made) or "/"

    if request.method != "POST":
        return again(replace(form, open=True), 200)
    return act(request, {"new": form}, {"new": make}, "new", again=again, back=reverse("records:products"))
