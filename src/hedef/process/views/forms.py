"""What people type into the forms of a deal: read into fields of the record, with a sentence for what cannot be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hedef.kernel.amounts import read_amount
from hedef.kernel.ids import parse
from hedef.kernel.money import exponent, is_currency
from hedef.process.views.shown import language, major, places_of
from hedef.web import numbers

_LONGEST = 500


@dataclass
class Form:
    """Texts as they stand in the form, errors by field, and the fields that could be read."""

    texts: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "").strip()


def form_of(row: Mapping[str, Any]) -> Form:
    """The form as it opens: the deal's values as they are typed."""
    return Form(
        {
            "amount": amount_text(row["amount_minor"], row["currency"]),
            "currency": row["currency"] or "",
            "close_on": row["close_on"].isoformat() if row["close_on"] else "",
            "owner": f"P-{row['owner']}" if row["owner"] else "",
            "next_step": row["next_step"] or "",
        }
    )


def amount_text(minor: int | None, currency: str | None) -> str:
    """An amount without its sign, with the marks of the reader's language."""
    return "" if minor is None else numbers.number(major(minor, currency), language(), places=places_of(currency))


def read_money(form: Form, *, required: bool = False) -> None:
    """`amount` and `currency` into `amount_minor` and `currency`."""
    currency = form.text("currency").upper()
    if currency and not is_currency(currency):
        form.errors["currency"] = _("Write a code of three letters such as EUR, TRY or USD.")
        return
    if currency:
        form.fields["currency"] = currency
    text = form.text("amount")
    if not text:
        if required:
            form.errors["amount"] = _("Say the amount that was signed.")
        form.fields["amount_minor"] = None
    elif not currency:
        form.errors["currency"] = _("An amount needs its currency.")
    else:
        _read_amount(form, text, currency)


def _read_amount(form: Form, text: str, currency: str) -> None:
    try:
        form.fields["amount_minor"] = read_amount(text, currency)
    except ValueError as fault:
        form.errors["amount"] = _amount_error(str(fault), text, currency)


def _amount_error(cause: str, text: str, currency: str) -> str:
    if cause == "negative":
        return _("An amount cannot be below zero.")
    if cause == "decimals":
        places = exponent(currency)
        return _("“%(text)s” has too many decimals: %(currency)s has %(places)s.") % {
            "text": text,
            "currency": currency,
            "places": places,
        }
    if cause == "large":
        return _("“%(text)s” is too large for a deal.") % {"text": text}
    return _("“%(text)s” is no amount. Write 12,000.50 or 12.000,50.") % {"text": text}


def read_day(form: Form, name: str, *, required: str = "") -> date | None:
    """A day of a date field; `required` is the sentence when it is empty."""
    text = form.text(name)
    if not text:
        if required:
            form.errors[name] = required
        form.fields[name] = None
        return None
    try:
        form.fields[name] = date.fromisoformat(text)
    except ValueError:
        form.errors[name] = _("“%(text)s” is no day of the calendar. Write it as 2026-11-17.") % {"text": text}
        return None
    if not 1990 <= form.fields[name].year <= 2200:
        form.errors[name] = _("“%(text)s” is too far away.") % {"text": text}
    return form.fields[name]  # type: ignore[no-any-return]


def read_owner(form: Form, allowed: Collection[int]) -> None:
    """`owner` as one of the people to choose from, or nobody."""
    text = form.text("owner")
    if not text:
        form.fields["owner"] = None
        return
    try:
        kind, person = parse(text)
    except ValueError:
        kind, person = None, 0
    if kind != "person" or person not in allowed:
        form.errors["owner"] = _("Choose one of the people of the list.")
    else:
        form.fields["owner"] = person


def read_text(form: Form, name: str, *, required: str = "") -> str:
    """A line of text; empty is none."""
    text = form.text(name)
    if len(text) > _LONGEST:
        form.errors[name] = _("Too long: at most %(most)s letters.") % {"most": _LONGEST}
    elif required and not text:
        form.errors[name] = required
    form.fields[name] = text or None
    return text


def read_number(text: str) -> tuple[int, int] | None:
    """`412:3`, the newest change that the page had seen; none for anything else."""
    batch, _colon, ord_ = text.partition(":")
    return (int(batch), int(ord_)) if batch.isascii() and batch.isdigit() and ord_.isdigit() else None
