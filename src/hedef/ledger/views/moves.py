"""Numbers that move, in words."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hedef.kernel.ids import parse
from hedef.kernel.scope import Scope
from hedef.ledger.telling import kind_words, names_seen
from hedef.web import numbers

_NUMBERS: dict[str, Promise] = {
    "open_pipeline": _("Open pipeline"),
    "pipeline_of": _("Open pipeline of a person"),
    "deals_in_stage": _("Deals in a stage"),
    "won": _("Won"),
    "lost": _("Lost"),
    "orders": _("Orders"),
    "activities": _("Activities"),
    "rows": _("Records counted"),
}
_NOTHING: dict[str, Promise] = {"open_pipeline": _("All of them"), "activities": _("without a kind")}
_SHOWN = 60  # largest first within a number; the rest is said as a count


def moves_of(moves: Sequence[Mapping[str, Any]], scope: Scope) -> list[dict[str, Any]]:
    """Groups of moving numbers: title, lines (of what, count, amount, currency) and how many more there are."""
    owners = [parse(one["of"])[1] for one in moves if one["number"] == "pipeline_of" and one["of"]]
    names = names_seen("person", owners, scope) if owners else {}
    groups = []
    for number, title in _NUMBERS.items():
        lines = sorted((one for one in moves if one["number"] == number), key=_size, reverse=True)
        if lines:
            shown = [{**one, "of_words": _of(one, names), "amount": _amount(one)} for one in lines[:_SHOWN]]
            groups.append({"title": title, "lines": shown, "more": len(lines) - len(shown)})
    return groups


def _size(one: Mapping[str, Any]) -> tuple[Fraction, int]:
    return abs(Fraction(one["amount"] or 0)), abs(one["count"] or 0)


def _amount(one: Mapping[str, Any]) -> str:
    """The exact amount with its sign; empty where none moves."""
    amount = Fraction(one["amount"] or 0)
    if not amount:
        return ""
    language = get_language() or "en"
    if not one["currency"]:
        return numbers.number(amount, language, places=2, plus=True)
    return numbers.money(amount, one["currency"], language, plus=True)


def _of(one: Mapping[str, Any], names: Mapping[int, str]) -> str | Promise:
    if one["number"] == "pipeline_of":
        return names.get(parse(one["of"])[1], one["of"]) if one["of"] else _("without an owner")
    if one["number"] == "rows":
        return kind_words(one["of"])
    if one["number"] == "deals_in_stage":
        return str(one["of"]).replace("/", " · ").strip(" ·") or _("without a stage")
    return str(one["of"]) or _NOTHING.get(one["number"], _("without a day"))
