"""Exact quantiles of whole numbers from how often each occurs."""

from collections.abc import Mapping
from fractions import Fraction


def quantile(values: Mapping[int, int], at: Fraction) -> Fraction | None:
    """The `at` quantile (1/2 is the median); between two values by straight line (Hyndman and Fan 1996, type 7).

    `values` maps a value to its number of rows; rows that cancel out (0) do not count. None without rows.
    """
    ordered = sorted((value, n) for value, n in values.items() if n > 0)
    total = sum(n for _, n in ordered)
    if total == 0:
        return None
    place = at * (total - 1)
    low = place.numerator // place.denominator
    first = _nth(ordered, low)
    second = _nth(ordered, min(low + 1, total - 1))
    return first + (place - low) * (second - first)


def _nth(ordered: list[tuple[int, int]], place: int) -> int:
    seen = 0
    for value, n in ordered:
        seen += n
        if place < seen:
            return value
    raise IndexError(place)
