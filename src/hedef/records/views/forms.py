"""Forms of the records' pages: what each asks for, what people typed, and a sentence for what cannot be read.

A form is a list of `Ask`; one template draws them all. Every form asks for the reason, which is kept with the change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hedef.kernel.errors import HedefError
from hedef.records.services import Seen

type Kind = Literal["text", "email", "day", "choice", "share", "check", "area", "hidden", "number"]
type Words = str | Promise

_LONGEST = {"area": 100_000}
_SHORT = 500


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a form; `value` is what stands in it, `error` what is wrong with that."""

    name: str
    label: Words
    kind: Kind = "text"
    required: bool = False
    options: Sequence[tuple[str, Words]] = ()
    hint: Words = ""
    value: str = ""
    error: str = ""

    @property
    def input_type(self) -> str:
        return {"day": "date", "email": "email"}.get(self.kind, "text")


@dataclass(frozen=True)
class Form:
    """A form with its fields; `verb` names it in the address and on the page."""

    verb: str
    title: Words
    asks: tuple[Ask, ...]
    button: Words
    intro: Words = ""
    url: str = ""
    open: bool = False
    danger: bool = False
    fault: HedefError | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        return [one.error for one in self.asks if one.error]


REASON = Ask("reason", gettext_lazy("Reason (kept in the history)"), required=True)


def filled(form: Form, texts: Mapping[str, str]) -> Form:
    """The form as it was sent, with the values that could be read and the errors of the others."""
    asks, values = [], {}
    for ask in form.asks:
        told = replace(ask, value=texts.get(ask.name, "").strip())
        try:
            values[ask.name] = _read(told)
        except ValueError as fault:
            told = replace(told, error=str(fault))
        asks.append(told)
    return replace(form, asks=tuple(asks), values=values, open=True)


def _read(ask: Ask) -> Any:
    text = ask.value
    if ask.kind == "check":
        return bool(text)
    if not text:
        if ask.required:
            raise ValueError(_("This is needed."))
        return None
    if len(text) > _LONGEST.get(ask.kind, _SHORT):
        raise ValueError(_("Too long: at most %(most)s letters.") % {"most": _LONGEST.get(ask.kind, _SHORT)})
    if ask.kind == "day":
        return read_day(text)
    if ask.kind == "share":
        return read_share(text)
    if ask.kind == "choice" and text not in {value for value, _label in ask.options}:
        raise ValueError(_("Choose one of the list."))
    return text


def read_day(text: str) -> date:
    """A day of a date field. ValueError with a sentence."""
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        said = _("“%(text)s” is no day of the calendar. Write it as 2026-11-17.") % {"text": text}
        raise ValueError(said) from fault
    if not 1900 <= day.year <= 2199:
        raise ValueError(_("“%(text)s” is too far away.") % {"text": text})
    return day


def read_share(text: str) -> int:
    """Basis points of `50`, `33.33`, `33,33 %` or `%50`. ValueError with a sentence."""
    plain = text.replace("%", "").replace(",", ".").strip()
    try:
        share = Decimal(plain) * 100
    except InvalidOperation as fault:
        raise ValueError(_("“%(text)s” is no share. Write 50 or 33.33.") % {"text": text}) from fault
    if not share.is_finite() or share != share.to_integral_value():
        raise ValueError(_("A share has two decimals at most."))
    if not 0 < share <= 10_000:
        raise ValueError(_("A share lies above 0 and at 100 at most."))
    return int(share)


def read_seen(text: str | None) -> Seen | None:
    """`412:9:3`, the range and its newest change that the page had shown; none for anything else."""
    parts = (text or "").split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return Seen(*(int(part) for part in parts))


def number_of(text: str | None) -> int | None:
    """The number of a choice of records, `P-17` or none."""
    return int(text.partition("-")[2]) if text else None
