"""Why a number changed between two periods, by a dimension."""

from datetime import date
from fractions import Fraction
from typing import Any

from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.changes import contributions, rate_and_mix
from hedef.metrics.engine.show import value_json
from hedef.metrics.queries.evaluate import evaluate, scope_key
from hedef.metrics.queries.setting import setting
from hedef.metrics.queries.show import compared_periods

_ADDITIVE = {"sum", "stock"}


def change(
    metric: str,
    *,
    period: Period | str,
    by: str,
    against: str = "previous",
    as_of: date | int,
    known_at: int | None = None,
    viewer: Scope = EVERYTHING,
    currency: str | None = None,
) -> dict[str, Any]:
    """The company's change by `person`, `team` (top ones) or a dimension: contributions of a sum or stock; rate and mix
    effect of a ratio, in points. The parts add up to the difference exactly.

    WrongUse for a metric that is neither; NotFound where there is nothing to compare with, or not for this viewer.
    """
    here = setting(as_of=as_of, known_at=known_at, currency=currency)
    asked, before = compared_periods(period, [against], as_of=here.as_of)
    if asked is None or before is None:
        raise NotFound("The calendar has no period like this one to compare with.")
    found = evaluate(
        metric, periods=[before, asked], as_of=as_of, by=["company", by], known_at=known_at, scope=viewer, at=here
    )
    pairs = {one.scope: (one, two) for one, two in zip(found.cells[::2], found.cells[1::2], strict=True)}
    if "company" not in pairs or not viewer.everything:
        raise NotFound("Parts of the whole company are for those who see all of it.")
    whole = pairs.pop("company")
    parts = {scope: pair for scope, pair in pairs.items() if by != "team" or _top(here.org.parents, scope)}
    calc = found.recipes[0].document.calc
    if calc in _ADDITIVE:
        told = _contributions(parts)
    elif calc == "ratio":
        told = _effects(parts)
    else:
        raise WrongUse(f"{metric} is a {calc}: it has no parts that add up.", hint="Ask for a sum, stock or ratio.")
    return {
        "metric": metric,
        "by": by,
        "with": against,
        "before": value_json(whole[0].value, whole[0].unit, whole[0].currency),
        "after": value_json(whole[1].value, whole[1].unit, whole[1].currency),
        "difference": _shown(_value(whole[1]) - _value(whole[0]), whole[1]),
        "parts": told,
    }


def _top(parents: Any, scope: str) -> bool:
    key = scope_key(scope, "team")[1]
    return key is None or parents.get(key) is None


def _contributions(parts: dict[str, tuple[Cell, Cell]]) -> list[dict[str, Any]]:
    found = contributions(
        {scope: _value(one) for scope, (one, _) in parts.items()},
        {scope: _value(two) for scope, (_, two) in parts.items()},
    )
    ordered = sorted(found.items(), key=lambda one: (-abs(one[1]), one[0]))
    return [{"scope": scope, "contribution": _shown(value, parts[scope][1])} for scope, value in ordered]


def _effects(parts: dict[str, tuple[Cell, Cell]]) -> list[dict[str, Any]]:
    def ratio(cell: Cell) -> tuple[Fraction, Fraction]:
        return Fraction(cell.numerator or 0), Fraction(cell.denominator or 0)

    found = rate_and_mix(
        {scope: ratio(one) for scope, (one, _) in parts.items()},
        {scope: ratio(two) for scope, (_, two) in parts.items()},
    )
    ordered = sorted(found.items(), key=lambda one: (-abs(one[1].whole), one[0]))
    return [
        {"scope": scope, "rate": fraction_text(one.rate, 9), "mix": fraction_text(one.mix, 9)} for scope, one in ordered
    ]


def _value(cell: Cell) -> Fraction:
    return Fraction(cell.value or 0)


def _shown(value: Fraction, cell: Cell) -> str | int | None:
    whole = int(value) if value.denominator == 1 and cell.unit == "count" else value
    return value_json(whole, cell.unit, cell.currency)
