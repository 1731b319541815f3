"""Why a number changed, as its page shows it: contributions, or the rate and mix effects of a ratio."""

from dataclasses import dataclass
from fractions import Fraction

from hedef.kernel.errors import NotFound, WrongUse
from hedef.metrics.page.asked import Asked
from hedef.metrics.page.number import Number
from hedef.metrics.page.reasons import scope_name
from hedef.metrics.page.shown import Figure
from hedef.metrics.queries import change, scope_names

WAYS = ("team", "person", "region")
SHOWN = 12  # parts in the list


@dataclass(frozen=True, slots=True)
class Part:
    """What one part did to the change; a ratio has `rate` and `mix` (points as fractions), a sum `whole` alone."""

    name: str
    whole: Figure
    rate: Fraction | None = None
    mix: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts by weight; `rest` sums those that are not listed, so that all add up to the difference."""

    by: str
    ways: tuple[str, ...]
    difference: Figure
    parts: tuple[Part, ...]
    rest: Part | None
    is_ratio: bool


def parts_of(asked: Asked, number: Number, by: str) -> Parts | None:
    """Why the company's number differs from that of the period before; none where no parts add up to it, or where the
    viewer does not see all of the company."""
    document = number.recipe.document
    known = document.calc in {"sum", "stock", "ratio"} and asked.scope == "company" and asked.call.scope.everything
    if not known or number.cell.value is None:
        return None
    ways = tuple(one for one in WAYS if one != "region" or one in document.dimensions)
    by = by if by in ways else ways[0]
    try:
        told = change(
            asked.metric,
            period=asked.period,
            by=by,
            as_of=asked.call.as_of_us,
            known_at=asked.call.known_no,
            viewer=asked.call.scope,
            currency=asked.currency,
        )
    except (NotFound, WrongUse):
        return None
    if told["before"] is None or told["difference"] is None:
        return None
    names = scope_names([one["scope"] for one in told["parts"]])
    parts = [_part(number.figure, scope_name(one["scope"], names), one) for one in told["parts"]]
    parts = [one for one in parts if one.whole.value or one.rate or one.mix]
    shown, others = parts[:SHOWN], parts[SHOWN:]
    return Parts(
        by=by,
        ways=ways,
        difference=_figure(number.figure, Fraction(told["difference"])),
        parts=tuple(shown),
        rest=_rest(number.figure, others) if others else None,
        is_ratio=document.calc == "ratio",
    )


def _part(like: Figure, name: str, told: dict[str, str]) -> Part:
    if "rate" not in told:
        return Part(name, _figure(like, Fraction(told["contribution"])))
    rate, mix = Fraction(told["rate"]), Fraction(told["mix"])
    return Part(name, _figure(like, rate + mix), rate, mix)


def _rest(like: Figure, others: list[Part]) -> Part:
    whole = sum((one.whole.value or Fraction(0) for one in others), Fraction(0))
    rate = sum((one.rate or Fraction(0) for one in others), Fraction(0))
    mix = sum((one.mix or Fraction(0) for one in others), Fraction(0))
    return Part("", _figure(like, whole), rate, mix)


def _figure(like: Figure, value: Fraction) -> Figure:
    """Values of answers stand in major units already."""
    return Figure(value, like.unit, like.currency)
