"""Coordinates of the marks that the server draws. Pure; per cent and units of a view box, as text for SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hedef.web.numbers import hundredths

_FULL = Fraction(1000, 11)  # the target stands at 90.91 % of the width: room to show a little more than 100 %


@dataclass(frozen=True, slots=True)
class Bar:
    """Widths and places in per cent; `gap` is the hatched stretch between what is and what should be."""

    track: str
    fill: str
    gap_from: str
    gap: str | None
    pin: str | None


def bar(attained: Fraction | None, pace: Fraction | None) -> Bar:
    """Marks of a bar for two fractions of the target; what exceeds 110 % ends at the edge."""
    filled, pinned = _place(attained or Fraction(0)), None if pace is None else _place(pace)
    behind = pinned is not None and pinned > filled
    return Bar(
        track=hundredths(_FULL),
        fill=hundredths(filled),
        gap_from=hundredths(filled),
        gap=hundredths(pinned - filled) if behind and pinned is not None else None,
        pin=None if pinned is None else hundredths(pinned),
    )


def _place(share: Fraction) -> Fraction:
    return min(max(share, Fraction(0)) * _FULL, Fraction(100))


@dataclass(frozen=True, slots=True)
class Spark:
    """Paths in a view box of 96 x 28."""

    line: str
    area: str
    last_x: str
    last_y: str
    reference: str | None


_WIDTH, _TOP, _HEIGHT = 90, 4, 20


def spark(values: Sequence[Fraction | None], reference: Fraction | None = None) -> Spark | None:
    """The line through `values`, oldest first; none when fewer than two are known."""
    known = [one for one in values if one is not None]
    if len(known) < 2:
        return None
    scale = [*known, *([] if reference is None else [reference])]
    low, high = min(scale), max(scale)
    spread = high - low or Fraction(1)

    def y(value: Fraction) -> Fraction:
        return _TOP + _HEIGHT * (high - value) / spread

    step = Fraction(_WIDTH, len(values) - 1)
    marks = [None if one is None else (2 + step * place, y(one)) for place, one in enumerate(values)]
    line, last = _path(marks), next(mark for mark in reversed(marks) if mark is not None)
    whole = None not in marks
    return Spark(
        line=line,
        area=f"{line} {hundredths(last[0])} 28 2 28Z" if whole else "",
        last_x=hundredths(last[0]),
        last_y=hundredths(last[1]),
        reference=None if reference is None else hundredths(y(reference)),
    )


def _path(marks: Sequence[tuple[Fraction, Fraction] | None]) -> str:
    parts, drawing = [], False
    for mark in marks:
        if mark is not None:
            parts.append(f"{'' if drawing else 'M'}{hundredths(mark[0])} {hundredths(mark[1])}")
        drawing = mark is not None
    return " ".join(parts)
