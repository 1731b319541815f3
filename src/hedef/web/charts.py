"""Coordinates of the marks that the server draws. Pure; per cent and units of a view box, as text for SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

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

type Mark = tuple[Fraction, Fraction]
"""A place along the width (0 to 1) and a value."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line or word of an axis: where it stands and what it says (a value, a day)."""

    place: str
    says: Any


@dataclass(frozen=True, slots=True)
class Lines:
    """Paths and marks in a view box of 256 x 176."""

    grid: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    actual: str
    pace: str
    before: str
    dot: tuple[str, str] | None = None
    dot_text: tuple[str, str, str] | None = None
    pin: tuple[str, str, str] | None = None
    end_y: str | None = None


_LEFT, _RIGHT, _UPPER, _LOWER = 44, 248, 14, 154


def lines(
    actual: Sequence[Mark],
    *,
    pace: Sequence[Mark] = (),
    before: Sequence[Mark] = (),
    ticks: Sequence[tuple[Fraction, Any]] = (),
) -> Lines | None:
    """A line to date from a zero baseline, where it should be, and the period before; none without any value.

    The pin stands on the pace line above the last mark of `actual`.
    """
    every = [value for line in (actual, pace, before) for _, value in line]
    if not every:
        return None
    step = _step(max(*every, Fraction(0)))
    low = min(0, min(every) // step)
    high = max(-(-max(every) // step), low + 1)

    def x(place: Fraction) -> str:
        return hundredths(_LEFT + (_RIGHT - _LEFT) * min(max(place, Fraction(0)), Fraction(1)))

    def y(value: Fraction) -> str:
        return hundredths(_exact_y(value))

    def _exact_y(value: Fraction) -> Fraction:
        return _LOWER - (_LOWER - _UPPER) * (Fraction(value) / step - low) / (high - low)

    def path(line: Sequence[Mark]) -> str:
        return "M" + " ".join(f"{x(place)} {y(value)}" for place, value in line) if line else ""

    return Lines(
        grid=tuple(Tick(y(step * number), step * number) for number in range(int(low), int(high) + 1)),
        ticks=tuple(Tick(x(place), says) for place, says in ticks),
        actual=path(actual),
        pace=path(pace),
        before=path(before),
        dot=(x(actual[-1][0]), y(actual[-1][1])) if actual else None,
        dot_text=_beside(actual, pace, _exact_y) if actual else None,
        pin=_pin(actual, pace, _exact_y),
        end_y=hundredths(max(_exact_y(pace[-1][1]) - 5, Fraction(9))) if pace else None,
    )


def _step(top: Fraction) -> Fraction:
    """A round step that cuts 0 to `top` into at most five parts."""
    if not top:
        return Fraction(1)
    size = Fraction(1)
    while size * 10 <= top:
        size *= 10
    while size > top:
        size /= 10
    return next(one for one in (size * part / 10 for part in (2, 5, 10, 20, 25, 50)) if one * 5 >= top)


def _at(line: Sequence[Mark], place: Fraction) -> Fraction | None:
    """The value of a line at a place between its marks."""
    for (left, low), (right, high) in pairwise(line):
        if left <= place <= right:
            return low + (high - low) * (place - left) / (right - left) if right > left else high
    return None


def _pin(
    actual: Sequence[Mark], pace: Sequence[Mark], y: Callable[[Fraction], Fraction]
) -> tuple[str, str, str] | None:
    due = _at(pace, actual[-1][0]) if actual else None
    if due is None:
        return None
    place = hundredths(_LEFT + (_RIGHT - _LEFT) * actual[-1][0])
    return place, hundredths(y(due)), hundredths(y(due) + 14)


def _beside(actual: Sequence[Mark], pace: Sequence[Mark], y: Callable[[Fraction], Fraction]) -> tuple[str, str, str]:
    """Where the last value is written: away from the pin, and inside the picture."""
    place, value = actual[-1]
    due = _at(pace, place)
    below = due is None or due >= value
    left = place > Fraction(3, 4)
    height = y(value) + ((20 if left else 15) if below else -9)
    across = _LEFT + (_RIGHT - _LEFT) * place + (-7 if left else 7)
    return hundredths(across), hundredths(min(max(height, Fraction(12)), Fraction(150))), "end" if left else "start"


def spark(values: Sequence[Fraction | None], reference: Fraction | None = None) -> Spark | None:
    """The line through `values`, oldest first; none when fewer than two are known."""
    known = [one for one in values if one is not None]
    if len(known) < 2:
        return None
    scale = [*known, *([] if reference is None else [reference])]
    low, high = min(scale), max(scale)
    spread = high - low
    level = Fraction(_HEIGHT if high == 0 else _HEIGHT // 2)  # where nothing changes: nothing at all lies low

    def y(value: Fraction) -> Fraction:
        return _TOP + (_HEIGHT * (high - value) / spread if spread else level)

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
