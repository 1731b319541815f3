"""What a difference is worth: intervals and the four verdict words of every room.

Square roots are taken in 40-digit decimals, so every machine gives the same figures; only the quantile of Student's t
uses floats inside. Bounds are Fractions rounded to 9 decimals; JSON shows 4.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

from hedef.kernel.money import fraction_text, round_half_away

type Verdict = Literal["better", "worse", "no_clear_difference", "not_enough_data"]
type Direction = Literal["up", "down"]
type Share = tuple[int, int]
"""Successes and cases of one arm."""

ENOUGH_CASES = 20  # decided cases an arm
ENOUGH_PEOPLE = 8  # people an arm, where means are taken over people
_PLACES = 10**9
# two-sided quantiles of the normal distribution
_Z = {
    50: Fraction("0.674489750196082"),
    80: Fraction("1.281551565544600"),
    90: Fraction("1.644853626951472"),
    95: Fraction("1.959963984540054"),
    99: Fraction("2.575829303548901"),
}
# one-sided quantiles: the share of trials in which a true difference of that size shows
_POWER = {80: Fraction("0.841621233572914"), 90: Fraction("1.281551565544600"), 95: Fraction("1.644853626951472")}


@dataclass(frozen=True, slots=True)
class Interval:
    """A range with its level in per cent; the level is always printed beside it."""

    level: int
    low: Fraction
    high: Fraction

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level, "low": fraction_text(self.low), "high": fraction_text(self.high)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Second arm less first arm; none where an arm has nothing to measure."""

    difference: Fraction | None
    interval: Interval | None
    verdict: Verdict


def wilson(successes: int, cases: int, level: int = 95) -> Interval | None:
    """Wilson's score interval of a share; none without cases (Wilson 1927, JASA 22:209-212)."""
    _check(successes, cases)
    if not cases:
        return None
    z = _z(level)
    share = Fraction(successes, cases)
    middle = share + z * z / (2 * cases)
    half = z * _root(share * (1 - share) / cases + z * z / (4 * cases * cases))
    scale = 1 + z * z / cases
    return Interval(level, _short((middle - half) / scale), _short((middle + half) / scale))


def newcombe(first: Share, second: Share, level: int = 95) -> Interval | None:
    """Interval of share(second) - share(first); none when an arm is empty.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10: the two Wilson intervals squared and added.
    """
    one, other = wilson(*first, level), wilson(*second, level)
    if one is None or other is None:
        return None
    p, q = Fraction(*first), Fraction(*second)
    down = _root((q - other.low) ** 2 + (one.high - p) ** 2)
    up = _root((other.high - q) ** 2 + (p - one.low) ** 2)
    return Interval(level, _short(q - p - down), _short(q - p + up))


def welch(first: Sequence[int | Fraction], second: Sequence[int | Fraction], level: int = 95) -> Interval | None:
    """Interval of mean(second) - mean(first) without equal variances; none with fewer than 2 values an arm.

    Welch 1947, Biometrika 34:28-35, with the degrees of freedom of Satterthwaite.
    """
    if len(first) < 2 or len(second) < 2:
        return None
    (mean, spread), (other_mean, other_spread) = _mean_and_spread(first), _mean_and_spread(second)
    return _welch(mean, spread, len(first), other_mean, other_spread, len(second), level)


def _welch(
    mean: Fraction, spread: Fraction, n: int, other_mean: Fraction, other_spread: Fraction, other_n: int, level: int
) -> Interval:
    """From both means, the squared errors of the means and the numbers of values."""
    difference, error = other_mean - mean, spread + other_spread
    if not error:
        return Interval(level, _short(difference), _short(difference))
    freedom = error**2 / (spread**2 / (n - 1) + other_spread**2 / (other_n - 1))
    half = student_t(level, freedom) * _root(error)
    return Interval(level, _short(difference - half), _short(difference + half))


def verdict(
    interval: Interval | None, *, enough: bool, smallest_effect: Fraction | None = None, better: Direction = "up"
) -> Verdict:
    """The word for an interval of second - first (contracts section 6).

    `smallest_effect` is the smallest difference that matters, in the interval's own unit.
    """
    if interval is None:
        return "not_enough_data"
    if enough and (interval.low > 0 or interval.high < 0):
        return "better" if (interval.low > 0) == (better == "up") else "worse"
    if smallest_effect is not None and -smallest_effect <= interval.low <= interval.high <= smallest_effect:
        return "no_clear_difference"
    return "not_enough_data"


def compare_shares(
    first: Share,
    second: Share,
    *,
    smallest_effect: Fraction | None = None,
    better: Direction = "up",
    level: int = 95,
) -> Comparison:
    """Shares of two arms by Newcombe; a verdict needs at least 20 decided cases an arm."""
    interval = newcombe(first, second, level)
    enough = min(first[1], second[1]) >= ENOUGH_CASES
    word = verdict(interval, enough=enough, smallest_effect=smallest_effect, better=better)
    return Comparison(Fraction(*second) - Fraction(*first) if interval else None, interval, word)


def compare_means(
    first: Sequence[int | Fraction],
    second: Sequence[int | Fraction],
    *,
    smallest_effect: Fraction | None = None,
    better: Direction = "up",
    level: int = 95,
    enough: int = ENOUGH_PEOPLE,
) -> Comparison:
    """Means of two arms by Welch; a verdict needs at least `enough` values (people) an arm."""
    interval = welch(first, second, level)
    full = min(len(first), len(second)) >= enough
    word = verdict(interval, enough=full, smallest_effect=smallest_effect, better=better)
    difference = _mean_and_spread(second)[0] - _mean_and_spread(first)[0] if interval else None
    return Comparison(difference, interval, word)


def needed_per_arm(first: Fraction, second: Fraction, *, power: int = 80, level: int = 95) -> int:
    """Cases an arm so that a true step from share `first` to share `second` shows in `power` per cent of trials.

    Two-sided, with the pooled share under no difference (Fleiss, Statistical Methods for Rates and Proportions,
    formula 3.14 without continuity correction). ValueError when the two shares are the same.
    """
    if first == second:
        raise ValueError("a trial of a change by nothing has no size")
    middle = (first + second) / 2
    apart = first * (1 - first) + second * (1 - second)
    root = _z(level) * _root(2 * middle * (1 - middle)) + _power(power) * _root(apart)
    return math.ceil(root * root / (second - first) ** 2)


def needed_per_arm_of_means(variance: Fraction, effect: Fraction, *, power: int = 80, level: int = 95) -> int:
    """Cases an arm so that a true difference of `effect` between two means of that variance shows; at least 2.

    ValueError when the effect is 0.
    """
    if not effect:
        raise ValueError("a trial of a change by nothing has no size")
    return max(2, math.ceil(2 * variance * (_z(level) + _power(power)) ** 2 / effect**2))


def compare_spreads(
    first: Mapping[int, int],
    second: Mapping[int, int],
    *,
    smallest_effect: Fraction | None = None,
    better: Direction = "up",
    level: int = 95,
    enough: int = ENOUGH_CASES,
) -> Comparison:
    """`compare_means` of values that occur so often (`{days: cases}`); a verdict needs `enough` cases an arm."""
    if min(sum(first.values()), sum(second.values())) < 2:
        return Comparison(None, None, "not_enough_data")
    (mean, spread), (other_mean, other_spread) = _counted_spread(first), _counted_spread(second)
    interval = _welch(mean, spread, sum(first.values()), other_mean, other_spread, sum(second.values()), level)
    full = min(sum(first.values()), sum(second.values())) >= enough
    word = verdict(interval, enough=full, smallest_effect=smallest_effect, better=better)
    return Comparison(other_mean - mean, interval, word)


def student_t(level: int, freedom: Fraction) -> Fraction:
    """Two-sided quantile of Student's t, 9 decimals: `student_t(95, 10)` is 2.228138852."""
    _z(level)
    low, high, tail = 0.0, 1.0, 1 - level / 100
    while _two_tails(high, float(freedom)) > tail:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _two_tails(middle, float(freedom)) > tail else (low, middle)
    return _short(Fraction(high))


def _two_tails(t: float, freedom: float) -> float:
    """P(|T| > t): the regularised incomplete beta function of freedom / (freedom + t²)."""
    return _beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _beta(a: float, b: float, x: float) -> float:
    """I_x(a, b) by Lentz's continued fraction (Press et al., Numerical Recipes, section 6.4)."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _lentz(b, a, 1 - x) / b
    return front * _lentz(a, b, x) / a


def _lentz(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    found = d
    for m in range(1, 1_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / ((1 + step * d) or tiny)
            c = (1 + step / c) or tiny
            found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found


def _mean_and_spread(values: Sequence[int | Fraction]) -> tuple[Fraction, Fraction]:
    """Mean, and the squared error of the mean: sample variance / n."""
    count = len(values)
    mean = Fraction(sum(values)) / count
    variance = sum(((Fraction(value) - mean) ** 2 for value in values), Fraction(0)) / (count - 1)
    return mean, variance / count


def _counted_spread(values: Mapping[int, int]) -> tuple[Fraction, Fraction]:
    """`_mean_and_spread` of values that occur so often."""
    count = sum(values.values())
    total = sum(value * n for value, n in values.items())
    squares = sum(value * value * n for value, n in values.items())
    variance = Fraction(squares * count - total * total, count * (count - 1))
    return Fraction(total, count), variance / count


def _check(successes: int, cases: int) -> None:
    if not 0 <= successes <= cases:
        raise ValueError(f"{successes} of {cases} is no share")


def _z(level: int) -> Fraction:
    if level not in _Z:
        raise ValueError(f"the level of an interval is one of {', '.join(map(str, _Z))}, not {level}")
    return _Z[level]


def _power(power: int) -> Fraction:
    if power not in _POWER:
        raise ValueError(f"the power of a trial is one of {', '.join(map(str, _POWER))}, not {power}")
    return _POWER[power]


def _root(value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def _short(value: Fraction) -> Fraction:
    return Fraction(round_half_away(value * _PLACES), _PLACES)
