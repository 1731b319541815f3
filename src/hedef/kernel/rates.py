"""Exact conversion of sums with the fixed (budget) rates of the plan. Nothing rounds here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hedef.kernel.money import exponent


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is `rate` units of `quote`, from `day` on (none: always)."""

    base: str
    quote: str
    day: date | None
    rate: Fraction


@dataclass(frozen=True)
class Rates:
    """Rates of one set, as known at one seal."""

    rates: tuple[Rate, ...] = ()

    def rate(self, currency: str, target: str, day: date) -> Fraction | None:
        """Units of `target` for one unit of `currency`: the newest rate on or before `day`, either way round."""
        if currency == target:
            return Fraction(1)
        found = [
            (rate.day or date.min, rate.rate if rate.base == currency else 1 / rate.rate)
            for rate in self.rates
            if {rate.base, rate.quote} == {currency, target} and (rate.day is None or rate.day <= day)
        ]
        return max(found)[1] if found else None

    def convert(self, minor: int, currency: str, target: str, day: date) -> Fraction | None:
        """Minor units of `target` for minor units of `currency`; none when the rate is missing."""
        rate = self.rate(currency, target, day)
        if rate is None:
            return None
        return minor * rate * Fraction(10) ** (exponent(target) - exponent(currency))


def converted_sum(
    sums: Mapping[str | None, int], target: str, rates: Rates, day: date
) -> tuple[int | Fraction, tuple[str, ...]]:
    """The sum in `target`, and the currencies that have no rate (`none`: amounts that name no currency)."""
    total: int | Fraction = 0
    missing: list[str] = []
    for currency, minor in sums.items():
        value: int | Fraction | None = minor if currency == target or minor == 0 else None
        if value is None and currency is not None:
            value = rates.convert(minor, currency, target, day)
        if value is None:
            missing.append(currency or "none")
        else:
            total += value
    return _whole(total), tuple(sorted(missing))


def rates_of(rows: Iterable[tuple[str, str, date | None, int, int]]) -> Rates:
    """Rates from plain rows (base, quote, day, numerator, denominator)."""
    return Rates(tuple(Rate(base, quote, day, Fraction(up, down)) for base, quote, day, up, down in rows))


def _whole(value: int | Fraction) -> int | Fraction:
    return int(value) if value == int(value) else value
