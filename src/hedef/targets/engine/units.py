"""Values as integers of the unit's smallest step: cents, 1, 1/10,000, minutes."""

from decimal import Decimal
from fractions import Fraction

from hedef.kernel.money import exponent, round_half_away

_STEPS = {"count": 1, "ratio": 10_000, "index": 10_000, "days": 24 * 60, "hours": 60}
ADDITIVE = frozenset({"sum"})  # calc kinds whose targets may be divided (T1)


def steps_in_one(unit: str, currency: str | None) -> int:
    """How many smallest steps make one of the unit; ValueError for an unknown unit or money without currency."""
    if unit == "money":
        if currency is None:
            raise ValueError("a target of money needs a currency")
        return int(10 ** exponent(currency))
    if unit not in _STEPS:
        raise ValueError(f"there is no unit {unit}")
    return _STEPS[unit]


def to_steps(value: Decimal | str | Fraction, unit: str, currency: str | None) -> tuple[int, bool]:
    """The value in smallest steps, and whether it had to be rounded."""
    exact = Fraction(value if isinstance(value, Fraction) else Decimal(value)) * steps_in_one(unit, currency)
    rounded = round_half_away(exact)
    return rounded, rounded != exact


def from_steps(value: int | Fraction, unit: str, currency: str | None) -> Fraction:
    """The value in its unit, exact."""
    return Fraction(value) / steps_in_one(unit, currency)


def measured(value: int | Fraction | None, unit: str) -> int | Fraction | None:
    """A metric's own value (money in minor units, everything else in the unit) in smallest steps."""
    if value is None or unit in {"money", "count"}:
        return value
    return Fraction(value) * _STEPS[unit]
