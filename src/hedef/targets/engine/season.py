"""The seasonal curve (T11): how much of a reference period was there at the same place."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference period: its total per month of the period, and in the current month what was there by the place.

    `now` is the part of month number `place` (from 0) that had come by the same share of that month's working days.
    """

    months: tuple[Fraction, ...]
    place: int
    now: Fraction


@dataclass(frozen=True, slots=True)
class Season:
    """Shares of the months of a period (summing to 1), the share that is there by now, and its middle half."""

    shares: tuple[Fraction, ...]
    now: Fraction
    low: Fraction
    high: Fraction
    references: int


def season(references: Sequence[Reference]) -> Season | None:
    """Mean share over the reference periods, each counting once; none when no reference has a positive total."""
    usable = [one for one in references if sum(one.months) > 0]
    if not usable:
        return None
    shares = [[month / sum(one.months) for month in one.months] for one in usable]
    now = [
        sum(share[: one.place], start=Fraction(0)) + one.now / sum(one.months)
        for share, one in zip(shares, usable, strict=True)
    ]
    count = len(usable)
    return Season(
        shares=tuple(sum(column, start=Fraction(0)) / count for column in zip(*shares, strict=True)),
        now=sum(now, start=Fraction(0)) / count,
        low=quantile(now, Fraction(1, 4)),
        high=quantile(now, Fraction(3, 4)),
        references=count,
    )


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """Linear between the two nearest order statistics, exact."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    if below + 1 == len(ordered):
        return ordered[below]
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
