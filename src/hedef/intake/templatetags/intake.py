"""Words and instants of the Data pages."""

from datetime import datetime

from django import template
from django.utils.functional import Promise

from hedef.call import instant as as_instant
from hedef.intake import naming
from hedef.intake.engine.custom import PREFIX

register = template.Library()


@register.filter
def instant(us: int | None) -> datetime | None:
    """Microseconds as a moment."""
    return None if us is None else as_instant(us)


@register.filter
def object_words(code: str | None) -> str | Promise:
    return naming.OBJECTS.get(code or "", code or "–")


@register.filter
def field_words(code: str | None) -> str | Promise:
    return naming.FIELDS.get(code or "", (code or "–").removeprefix(PREFIX))


@register.filter
def use_words(state: str) -> str | Promise:
    """What a column does that fills no field."""
    return naming.USES.get(state, state)


@register.filter
def issue_name(code: str) -> str:
    return naming.issue_words(code)


@register.filter
def what_words(code: str) -> str | Promise:
    return naming.WHAT.get(code, code)


@register.filter
def by_words(code: str | None) -> str | Promise:
    return naming.BY.get(code or "", code or "")
