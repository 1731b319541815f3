"""Currencies: the rates that are known, and those that a conversion would miss."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.kernel.rates import rates_of
from hedef.records.models import MODELS, CurrencyRate

_MONEY = ("deal", "order", "invoice", "payment", "contract")  # kinds whose amounts are added up in one currency


@dataclass(frozen=True, slots=True)
class KnownRate:
    """A living rate with its newest change, for pages that change it."""

    entity: int
    base: str
    quote: str
    day: date | None
    rate: Fraction
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Missing:
    """A currency that amounts are in and that has no rate to the base currency on `day`."""

    currency: str
    records: int


def list_rates(rate_set: str, *, currency: str | None = None, first: date | None = None) -> list[KnownRate]:
    """Living rates of a set, newest day first; of one currency (on either side) and from a day on if asked."""
    rows = CurrencyRate.objects.filter(rate_set=rate_set, ended_us__isnull=True, numerator__isnull=False)
    if first is not None:
        rows = rows.filter(day__gte=first)
    found = [
        KnownRate(row.entity, row.base, row.quote, row.day, _exact(row), (row.last_batch, row.last_ord))
        for row in rows.order_by("base", "quote", "entity")
        if row.denominator and (currency is None or currency in (row.base, row.quote))
    ]
    return sorted(found, key=lambda one: one.day or date.min, reverse=True)


def _exact(row: Any) -> Fraction:
    return Fraction(row.numerator, row.denominator)


def used_currencies() -> dict[str, int]:
    """How many living records carry money in each currency, most first."""
    from django.db.models import Count

    found: dict[str, int] = {}
    for kind in _MONEY:
        living = MODELS[kind].objects.filter(ended_us__isnull=True, currency__isnull=False).order_by()
        for code, count in living.values_list("currency").annotate(Count("entity")):
            found[code] = found.get(code, 0) + count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def missing_rates(
    base: str, day: date, *, rate_set: str = "budget", used: Iterable[tuple[str, int]] | None = None
) -> list[Missing]:
    """Currencies in use that cannot be turned into `base` on `day` with the rates of a set."""
    known = rates_of((one.base, one.quote, one.day, *one.rate.as_integer_ratio()) for one in list_rates(rate_set))
    counted = used_currencies().items() if used is None else used
    return [Missing(code, count) for code, count in counted if known.rate(code, base, day) is None]
