"""One row of a board: attainment (T9), pace and what is still needed (T10), band (T12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

type Direction = Literal["up", "down", "band"]
type BandWord = Literal["ahead", "on_pace", "watch", "behind"]
type Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Band:
    """A word for values under `below` (the lower bound of the next band is inclusive); none is the rest."""

    word: BandWord
    below: Fraction | None = None


BANDS: tuple[Band, ...] = (
    Band("behind", Fraction(70, 100)),
    Band("watch", Fraction(90, 100)),
    Band("on_pace", Fraction(110, 100)),
    Band("ahead"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Exact numbers of one scope; none where a number has no meaning. Money in minor units."""

    target: Number | None
    actual: Number | None
    expected: Fraction | None = None
    attainment: Fraction | None = None
    pace: Fraction | None = None
    points_to_pace: Fraction | None = None
    gap: Fraction | None = None
    needed_per_day: Fraction | None = None
    projection: Fraction | None = None
    band: BandWord | None = None


def attainment(
    actual: Number | None,
    target: Number | None,
    *,
    direction: Direction = "up",
    low: Number | None = None,
    high: Number | None = None,
) -> Fraction | None:
    """Up: actual / target. Down: 2 - actual / target, not below 0. Band: 1 inside `low` to `high`, else less by the
    distance in band widths, not below 0. None without actual or with a target of 0 or none."""
    if actual is None or target is None or target == 0:
        return None
    if direction == "band" and low is not None and high is not None and high > low:
        distance = max(low - actual, actual - high, 0)
        return max(1 - Fraction(distance) / (Fraction(high) - low), Fraction(0))
    ratio = Fraction(actual) / Fraction(target)
    return max(2 - ratio, Fraction(0)) if direction == "down" else ratio


def band_of(value: Fraction | None, bands: Sequence[Band] = BANDS) -> BandWord | None:
    """The first band that the value lies under; none for none."""
    if value is None:
        return None
    top, bottom = value.numerator, value.denominator  # whole numbers compare much faster than fractions
    return next(
        band.word
        for band in bands
        if band.below is None or top * band.below.denominator < band.below.numerator * bottom
    )


def stand(
    *,
    target: Number | None,
    actual: Number | None,
    expected: Fraction | None,
    days_left: Fraction,
    over: bool,
    direction: Direction = "up",
    bands: Sequence[Band] = BANDS,
    low: Number | None = None,
    high: Number | None = None,
) -> Standing:
    """All numbers of a row. `expected` none: a level target, which has attainment only.

    `over` is true from the end of the last day on: bands then look at attainment, before at pace.
    """
    attained = attainment(actual, target, direction=direction, low=low, high=high)
    if expected is None or target is None:
        return Standing(target, actual, attainment=attained, band=band_of(attained, bands) if over else None)
    pace = Fraction(actual) / expected if actual is not None and expected != 0 else None
    judged = attained if over else _judged(pace, direction)
    return Standing(
        target=target,
        actual=actual,
        expected=expected,
        attainment=attained,
        pace=pace,
        points_to_pace=None if attained is None else attained - expected / Fraction(target),
        gap=None if actual is None else actual - expected,
        needed_per_day=_needed(target, actual, days_left),
        projection=Fraction(actual) * Fraction(target) / expected if actual is not None and expected != 0 else None,
        band=band_of(judged, bands),
    )


def _judged(pace: Fraction | None, direction: Direction) -> Fraction | None:
    """Pace is always actual / expected; where less is better, too much must not look ahead."""
    if pace is None or direction == "up":
        return pace
    return max(2 - pace, Fraction(0))


def _needed(target: Number, actual: Number | None, days_left: Fraction) -> Fraction | None:
    """What is still missing a working day; 0 when the target is reached, none when no day is left."""
    if actual is None or days_left == 0:
        return None
    return max(Fraction(target) - actual, Fraction(0)) / days_left
