"""Words and instants of the Data pages."""

from datetime import datetime

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hedef.call import instant as as_instant
from hedef.intake.naming import FIELDS, OBJECTS, issue_words

register = template.Library()

_WHAT: dict[str, str | Promise] = {
    "date_order": _("order of the date"),
    "decimal_mark": _("decimal mark"),
    "scale": _("percent or fraction"),
    "precision": _("day or time"),
    "boolean": _("yes and no"),
    "process": _("sales process"),
    "alias": _("spelling"),
    "key": _("key"),
    "currency": _("currency"),
    "time_zone": _("time zone"),
    "lost_by": _("what closes a deal"),
    "same_instant": _("order within one instant"),
    "column": _("column"),
}
_BY: dict[str, str | Promise] = {
    "evidence": _("by evidence"),
    "mapping": _("saved before"),
    "person": _("by a person"),
    "default": _("by default"),
    "suggestion": _("suggested"),
}


@register.filter
def instant(us: int | None) -> datetime | None:
    """Microseconds as a moment."""
    return None if us is None else as_instant(us)


@register.filter
def object_words(code: str | None) -> str | Promise:
    return OBJECTS.get(code or "", code or "–")


@register.filter
def field_words(code: str | None) -> str | Promise:
    return FIELDS.get(code or "", code or "–")


@register.filter
def issue_name(code: str) -> str:
    return issue_words(code)


@register.filter
def what_words(code: str) -> str | Promise:
    return _WHAT.get(code, code)


@register.filter
def by_words(code: str | None) -> str | Promise:
    return _BY.get(code or "", code or "")


@register.filter
def exact(value: str, currency: str | None) -> str:
    """An amount in major units as the locale writes it; plain where the currency is not known."""
    from decimal import Decimal

    from hedef.web.templatetags.hedef import money, num

    return money(Decimal(value), currency) if currency else num(Decimal(value), 2)
