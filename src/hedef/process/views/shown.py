"""How things of this room are written on pages: words in the reader's language, money in major units, names."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from hedef.kernel.definition import Words
from hedef.kernel.money import exponent, is_currency
from hedef.process.engine.board import ENOUGH_STAYS, Usual
from hedef.process.schema import ProcessDocument
from hedef.web import numbers

STATUS = {"open": _("open"), "hold": _("on hold"), "won": _("won"), "lost": _("lost")}
FIELDS = {
    "name": _("Name"),
    "account": _("Account"),
    "contact": _("Contact"),
    "process": _("Process"),
    "stage": _("Stage"),
    "status": _("Status"),
    "amount_minor": _("Amount"),
    "currency": _("Currency"),
    "recurring_minor": _("Recurring amount"),
    "recurring_months": _("Recurring months"),
    "owner": _("Owner"),
    "close_on": _("Close date"),
    "category": _("Forecast category"),
    "probability_bp": _("Probability"),
    "deal_type": _("Deal type"),
    "source": _("Lead source"),
    "campaign": _("Campaign"),
    "lost_reason": _("Lost reason"),
    "competitor": _("Competitor"),
    "next_step": _("Next step"),
    "splits": _("Splits"),
    "created_us": _("Created"),
    "closed_us": _("Closed"),
    "record_type": _("Record type"),
    "won_reason": _("Won reason"),
    "extra": _("Fields of your own"),
    "exit_checks": _("Exit criteria"),
    "exit_words": _("Evidence of exit criteria"),
}
CATEGORIES = {
    "commit": _("commit"),
    "best_case": _("best case"),
    "most_likely": _("most likely"),
    "pipeline": _("pipeline"),
    "omitted": _("omitted"),
    "won": _("won"),
}
ROLES = {"rep": _("Rep"), "manager": _("Manager"), "overlay": _("overlay")}
_NEAR_DAYS = 183
_ALPHABET = {letter: chr(0x100 + place) for place, letter in enumerate("abcçdefgğhıijklmnoöpqrsştuüvwxyz")}


def language() -> str:
    return "tr" if (get_language() or "en").startswith("tr") else "en"


def word(words: Words) -> str:
    """The text in the reader's language."""
    return words.tr if language() == "tr" else words.en


def stage_name(document: ProcessDocument | None, stage: str | None) -> str:
    """A stage as people call it; its id where the process does not know it."""
    found = document.stage(stage) if document and stage else None
    return word(found.name) if found else stage or ""


def reason_name(document: ProcessDocument | None, reason: str | None) -> str:
    """A lost reason as people call it."""
    reasons = document.lost_reasons if document else ()
    return next((word(one.name) for one in reasons if one.id == reason), reason or "")


def places_of(currency: str | None) -> int:
    return exponent(currency) if currency and is_currency(currency) else 2


def major(minor: int | Fraction | None, currency: str | None) -> Fraction | None:
    """Major units, exact."""
    return None if minor is None else Fraction(minor) / 10 ** places_of(currency)


def days_text(days: Fraction | int | None) -> str:
    """Days, with one decimal only where a median falls between two."""
    whole = days is None or Fraction(days).denominator == 1
    return numbers.number(days, language(), places=0 if whole else 1)


def share_text(share: Fraction | str | None) -> str:
    """A share as per cent."""
    return numbers.percent(None if share is None else Fraction(share), language())


def close_text(day: date | None, as_of: date) -> str:
    """A day as cards show it: with its year only where the day is half a year away or more."""
    near = day is not None and abs((day - as_of).days) < _NEAR_DAYS
    return numbers.day(day, language(), year=not near)


def usual_text(usual: Usual | None) -> str:
    """The usual stay and where it comes from."""
    if usual is None:
        return gettext("the clock stands still here")
    told = {"days": days_text(usual.days), "n": numbers.number(usual.stays, language()), "most": ENOUGH_STAYS}
    match usual.basis:
        case "median":
            return gettext("usual stay %(days)s d, median of %(n)s") % told
        case "limit" if usual.working:
            return gettext("usual stay %(days)s working d, the stage’s limit") % told
        case "limit":
            return gettext("usual stay %(days)s d, the stage’s limit") % told
    return gettext("no usual stay yet: %(n)s of %(most)s closed stays") % told


def in_turkish_order(names: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Numbers and names in the order of a Turkish dictionary, which keeps English order too."""
    return sorted(names, key=lambda one: (turkish_key(one[1]), one[0]))


def turkish_key(name: str) -> str:
    """What sorts names in the order of a Turkish dictionary."""
    lower = name.replace("İ", "i").replace("I", "ı").lower() if language() == "tr" else name.lower()
    return "".join(_ALPHABET.get(letter, letter) for letter in lower)
