"""Filters and components of the pages. Numbers come in exact; they are rounded here, for reading only."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from hedef.web import charts, numbers
from hedef.web.numbers import Number
from hedef.web.trust import check_name, finding_words, object_name, reason_words

register = template.Library()


def _language() -> str:
    return get_language() or "en"


@register.filter
def num(value: Number | None, places: int = 0) -> str:
    return numbers.number(value, _language(), places=places)


@register.filter
def money(value: Number | None, currency: str) -> str:
    """Major units in full."""
    return numbers.money(value, currency, _language())


@register.filter
def short_money(value: Number | None, currency: str) -> str:
    """Major units with three figures."""
    return numbers.short_money(value, currency, _language())


@register.filter
def signed_money(value: Number | None, currency: str) -> str:
    """Major units with three figures and their sign."""
    return numbers.short_money(value, currency, _language(), plus=True)


@register.simple_tag
def figure(value: Number | None, unit: str, currency: str | None = None, full: bool = False, plus: bool = False) -> str:
    """A number in its unit: money, counts, shares, durations; `full` shows money to the last digit."""
    return numbers.figure(value, unit, currency, _language(), full=full, plus=plus)


@register.filter
def short_number(value: Number | None) -> str:
    """Three figures without a unit."""
    return numbers.short_number(value, _language())


@register.filter
def percent(value: Number | None, places: int = 1) -> str:
    """A fraction as per cent."""
    return numbers.percent(value, _language(), places=places)


@register.filter
def points(value: Number | None) -> str:
    """A difference of fractions in percentage points."""
    return numbers.points(value, _language())


@register.filter
def day(value: date | str | None) -> str:
    return numbers.day(date.fromisoformat(value) if isinstance(value, str) else value, _language())


@register.filter
def short_day(value: date | str | None) -> str:
    """Without the year."""
    return numbers.day(date.fromisoformat(value) if isinstance(value, str) else value, _language(), year=False)


@register.filter
def moment(value: datetime | str | None) -> str:
    """An instant in the company's zone."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return numbers.moment(read, settings.HEDEF.time_zone, _language())


@register.filter
def period(id_: str) -> str:
    return numbers.period(id_, _language())


@register.filter
def or_missing(value: Any) -> Any:
    """The value, or an en dash when there is none; 0 stays 0."""
    return numbers.MISSING if value is None or value == "" else value


@register.filter
def initials(name: str) -> str:
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:]))


@register.simple_tag
def icon(name: str, css: str = "ico") -> SafeString:
    """An icon of the sprite that the page carries."""
    return mark_safe(f'<svg class="{css}" aria-hidden="true"><use href="#i-{name}"/></svg>')  # noqa: S308 - own names


@register.inclusion_tag("web/parts/bar.html")
def bar(attained: Number | None, pace: Number | None = None, label: str = "", css: str = "") -> dict[str, Any]:
    """Attainment with the pin where it should be today; both are fractions of the target."""
    shape = charts.bar(_fraction(attained), _fraction(pace))
    return {"bar": shape, "label": label, "css": css, "attained": attained, "pace": pace}


@register.inclusion_tag("web/parts/spark.html")
def spark(
    values: Sequence[Number | None], label: str, css: str = "", reference: Number | None = None
) -> dict[str, Any]:
    """A line of the last periods; gaps stay gaps."""
    shape = charts.spark([_fraction(one) for one in values], _fraction(reference))
    return {"spark": shape, "label": label, "css": css}


@register.inclusion_tag("web/parts/lines.html")
def line_chart(trend: Any, label: str) -> dict[str, Any]:
    """A line to date with its pace and the period before; the legend stands beside it in HTML.

    `trend` has `actual`, `pace`, `before` (pairs of a place from 0 to 1 and a value) and `ticks` (place and word).
    """
    shape = charts.lines(trend.actual, pace=trend.pace, before=trend.before, ticks=trend.ticks)
    last = trend.actual[-1][1] if trend.actual else None
    return {"lines": shape, "label": label, "last": last, "target": trend.pace[-1][1] if trend.pace else None}


@register.inclusion_tag("web/parts/trust.html")
def trust_badge(trust: Any, note: str = "", url: str = "") -> dict[str, Any]:
    """The trust level of the page's numbers with its reasons in the reader's language."""
    said = [one if one.endswith(".") else f"{one}." for one in trust_reasons(trust)]
    return {"trust": trust, "why": " ".join(said), "note": note, "url": url}


@register.filter
def trust_reasons(trust: Any) -> list[str]:
    """Why the level is what it is, in the reader's language."""
    return [reason_words(one) for one in getattr(trust, "reasons", ())]


@register.filter
def finding(reason: Any) -> str:
    """What a check found, without its source."""
    return finding_words(reason)


@register.filter
def check_title(code: str) -> str:
    return check_name(code)


@register.filter
def object_title(code: str) -> str:
    return object_name(code)


@register.inclusion_tag("web/parts/exports.html")
def export_menu(address: str) -> dict[str, Any]:
    """The table of the page as a file, in every format that people open; `address` is the page with its choices."""
    sign = "&" if "?" in address else "?"
    names = {"xlsx": "Excel (XLSX)", "csv": "CSV", "pdf": "PDF (A4)", "png": "PNG"}
    return {"files": [(one, name, f"{address}{sign}format={one}") for one, name in names.items()]}


@register.inclusion_tag("web/parts/pages.html", takes_context=True)
def pages(context: template.Context, page: Any) -> dict[str, Any]:
    """Links through a paginated list that keep the other parameters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The address of this page with some parameters changed; an empty one is dropped."""
    request = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _fraction(value: Number | None) -> Fraction | None:
    return None if value is None or value == "" else Fraction(value)
