"""Records in words: names in the viewer's scope, values in the reader's language, addresses of pages."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hedef.kernel.ids import spell
from hedef.kernel.instants import to_datetime
from hedef.kernel.money import exponent, is_currency
from hedef.records.engine.kinds import ALWAYS_US, KINDS
from hedef.records.telling import field_words
from hedef.web import numbers

ROLES: dict[str, Promise] = {
    "rep": gettext_lazy("Rep"),
    "manager": gettext_lazy("Manager"),
    "overlay": gettext_lazy("Overlay"),
    "sdr": gettext_lazy("Sales development"),
    "presales": gettext_lazy("Presales"),
    "success": gettext_lazy("Customer success"),
    "operations": gettext_lazy("Operations"),
    "enablement": gettext_lazy("Enablement"),
}
TEAM_KINDS: dict[str, Promise] = {
    "sales": gettext_lazy("Sales"),
    "sdr": gettext_lazy("Sales development"),
    "presales": gettext_lazy("Presales"),
    "success": gettext_lazy("Customer success"),
    "operations": gettext_lazy("Operations"),
    "enablement": gettext_lazy("Enablement"),
}
ABSENCES: dict[str, Promise] = {
    "holiday": gettext_lazy("Holiday"),
    "parental": gettext_lazy("Parental leave"),
    "sick": gettext_lazy("Sick leave"),
    "training": gettext_lazy("Training"),
    "other": gettext_lazy("Other"),
}
STATES: dict[str, Promise] = {
    "open": gettext_lazy("open"),
    "hold": gettext_lazy("on hold"),
    "won": gettext_lazy("won"),
    "lost": gettext_lazy("lost"),
}
LINES: dict[str, Promise] = {"solid": gettext_lazy("Manager"), "dotted": gettext_lazy("Dotted line")}


def language() -> str:
    return get_language() or "en"


def label(kind: str, field: str) -> str:
    """What a field is called."""
    words = field_words(kind, field)
    return str(words.label) if words else field


def value_text(kind: str, name: str, row: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> str:
    """A value of a record as people read it; an en dash for none."""
    value = row.get(name)
    if value is None:
        return numbers.MISSING
    field = KINDS[kind].get(name)
    currency = str(row.get("currency") or row.get("revenue_currency") or "")
    match field.type:
        case "ref":
            return names.get((field.refers or "", value)) or spell(field.refers or "", value)
        case "bp":
            return numbers.percent(Fraction(value, 10_000), language())
        case "day":
            return numbers.day(value if isinstance(value, date) else date.fromisoformat(str(value)), language())
        case "instant":
            return moment(value)
        case "bool":
            return _("yes") if value else _("no")
    if name.endswith("_minor") and is_currency(currency):
        return numbers.money(Fraction(value, 10 ** exponent(currency)), currency, language())
    if name.endswith("_e4"):
        return numbers.number(Fraction(value, 10_000), language(), places=0 if value % 10_000 == 0 else 2)
    return str(value)


def own_fields(extra: str | None) -> list[tuple[str, str]]:
    """Columns of the company's own: name and text, in the order of their names."""
    return sorted((str(name), str(text)) for name, text in json.loads(extra or "{}").items())


def moment(us: int) -> str:
    if us <= ALWAYS_US:
        return _("always")
    return numbers.moment(to_datetime(us), settings.HEDEF.time_zone, language())


def days_text(start: date | None, end: date | None) -> str:
    """Half-open days as people say them: the last day is included."""
    from datetime import timedelta

    first = _("always") if start is None else numbers.day(start, language())
    if end is None:
        return _("since %(day)s") % {"day": first} if start is not None else first
    return f"{first} – {numbers.day(end - timedelta(days=1), language())}"


def url_of(kind: str, entity: int) -> str | None:
    """The page of a record, where there is one."""
    try:
        if kind == "deal":
            return reverse("process:deal", args=[entity])
        return reverse("records:record", args=[kind, spell(kind, entity)]) if kind in PAGED else None
    except NoReverseMatch:
        return None


PAGED = (
    *("person", "team", "product", "account", "contact", "lead", "territory"),
    *("quote", "order", "invoice", "campaign"),
)


def options(rows: Iterable[tuple[int, str]], kind: str) -> list[tuple[str, str]]:
    """Choices of records: `(P-17, Holly)`, in the order given."""
    return [(spell(kind, entity), name or spell(kind, entity)) for entity, name in rows]


def coded(words: Mapping[str, Promise], code: str | None) -> str:
    """A code in words; as it is where the page does not know it."""
    if not code:
        return numbers.MISSING
    return str(words.get(code, code))


def share_words(share_bp: int | None) -> str:
    """A share in per cent; nothing where none was said."""
    if share_bp is None:
        return ""
    return numbers.percent(Fraction(share_bp, 10_000), language(), places=2 if share_bp % 100 else 0)
