"""Open deals that stay longer in their stage than its limit, largest value first."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hedef.facts.queries import ask, calendar
from hedef.kernel.rates import rates_of
from hedef.process.engine.board import Ageing, sums_of
from hedef.process.queries.board import Point, rates_question


@dataclass(frozen=True, slots=True)
class StaleDeal:
    """A deal at or over the limit of its stage; `days` by the stage's clock, `value` in the company's currency."""

    deal: int
    stage: str
    owner: int | None
    currency: str | None
    amount_minor: int | None
    value: Fraction | None
    entered_day: date
    limit_days: int
    clock: str
    days: int
    ageing: Ageing


def stale_deals(point: Point, process: str) -> list[StaleDeal]:
    """Deals over their limit and near it that the scope sees, those over it first, then by value."""
    rows = point.ask("stale", process=process).as_dicts()
    rates = rates_of(tuple(row.values()) for row in ask(rates_question(), pin=point.pin).as_dicts())
    base = calendar(point.as_of).base_currency
    found = [
        StaleDeal(
            **{name: row[name] for name in ("deal", "stage", "owner", "currency", "amount_minor", "entered_day")},
            **{name: row[name] for name in ("limit_days", "clock", "days")},
            value=sums_of([(row["currency"], row["amount_minor"])], base, rates, point.as_of).value,
            ageing="over" if row["days"] > row["limit_days"] else "warn",
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.ageing != "over", -(one.value or 0), one.deal))
