"""Why a number changed: what each part contributed. Everything is exact, so the parts add up to the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

type Ratio = tuple[Fraction, Fraction]  # numerator and denominator


@dataclass(frozen=True, slots=True)
class Effect:
    """What a part did to the change of a ratio: by its own rate, and by its weight among the others (mix)."""

    rate: Fraction
    mix: Fraction

    @property
    def whole(self) -> Fraction:
        return self.rate + self.mix


def contributions(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The difference of every part of an additive number; they sum to the difference of the whole."""
    return {name: after.get(name, Fraction(0)) - before.get(name, Fraction(0)) for name in {**before, **after}}


def rate_and_mix(before: Mapping[str, Ratio], after: Mapping[str, Ratio]) -> dict[str, Effect]:
    """Rate effect (r2 - r1)(s1 + s2)/2 and mix effect (s2 - s1)((r1 + r2)/2 - (R1 + R2)/2) of every part, with s its
    share of the denominator and R the whole's ratio; both sums equal the change. A part without a denominator in one
    of the two has the rate of the other there, so that only its weight counts. Empty where a whole has no ratio."""
    first, second = _whole(before), _whole(after)
    if not first[1] or not second[1]:
        return {}
    middle = (first[0] / first[1] + second[0] / second[1]) / 2
    found = {}
    for name in {**before, **after}:
        one, two = before.get(name, _NOTHING), after.get(name, _NOTHING)
        share1, share2 = one[1] / first[1], two[1] / second[1]
        rate1, rate2 = _rate(one, two), _rate(two, one)
        found[name] = Effect(
            (rate2 - rate1) * (share1 + share2) / 2, (share2 - share1) * ((rate1 + rate2) / 2 - middle)
        )
    return found


_NOTHING: Ratio = (Fraction(0), Fraction(0))


def _whole(parts: Mapping[str, Ratio]) -> Ratio:
    return sum((one for one, _ in parts.values()), Fraction(0)), sum((one for _, one in parts.values()), Fraction(0))


def _rate(one: Ratio, other: Ratio) -> Fraction:
    if one[1]:
        return one[0] / one[1]
    return other[0] / other[1] if other[1] else Fraction(0)
