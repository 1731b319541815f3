"""Where a question stands: the pinned facts, the day and instant of `as_of`, who belonged where, the rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask, calendar, pin, table_names
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import WrongUse
from hedef.kernel.money import is_currency
from hedef.kernel.rates import Rates, rates_of
from hedef.metrics.engine.org import Member, Org, org_of
from hedef.records import queries as records

_MEMBERS = Question(
    "metrics/members",
    'SELECT m.person, m.team, m.from_day, m.to_day FROM membership m WHERE m."primary" IS NULL OR m."primary" = 1 '
    "ORDER BY m.person, m.from_day, m.team, m.to_day",
    tables=("membership",),
)
_RATES = Question(
    "metrics/rates",
    "SELECT rate_set, base, quote, day, numerator, denominator FROM rate WHERE rate_set IN ('budget', 'daily') "
    "ORDER BY rate_set, base, quote, day, rate",
    tables=("rate",),
)


@dataclass(frozen=True)
class Setting:
    """One pin for all numbers of a page or run. `as_of_us` is the instant that engines get."""

    pin: Pin
    calendar: Calendar
    as_of: date
    as_of_us: int
    currency: str
    org: Org
    rates: Rates  # of the plan
    day_rates: Rates

    def instant(self, day: date) -> int:
        """The end of a day, or `as_of` itself on its own day."""
        return self.as_of_us if day == self.as_of else self.calendar.end_us(day)

    def periods(self, asked: Sequence[Period | str]) -> list[Period]:
        """Periods by name or as they are. WrongUse for a name that is no period."""
        try:
            return [self.calendar.period(one) if isinstance(one, str) else one for one in asked]
        except ValueError as fault:
            raise WrongUse(str(fault)) from fault


def setting(
    *, as_of: date | int, known_at: int | None = None, currency: str | None = None, pinned: Pin | None = None
) -> Setting:
    """The setting of a question. `as_of`: a day (its end) or an instant in microseconds; `known_at`: a seal number.

    WrongUse for a currency that is none.
    """
    if currency is not None and not is_currency(currency):
        raise WrongUse(f'"{currency}" is no currency.', hint="Write its ISO code, such as EUR, TRY or USD.")
    at = pinned or pin(known_no=known_at)
    company = calendar()
    instant = as_of if isinstance(as_of, int) else company.end_us(as_of)
    day = company.day_of(as_of) if isinstance(as_of, int) else as_of
    org, rates, daily = _company(at.digest, at.known_no, day, _Held(at))
    return Setting(at, company, day, instant, currency or company.base_currency, org, rates, daily)


class _Held:
    """A pin that does not count when a cache compares its keys: digest and seal say all."""

    def __init__(self, at: Pin) -> None:
        self.at = at

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _company(_digest: str, _known_no: int, day: date, held: _Held) -> tuple[Org, Rates, Rates]:
    at = held.at
    members = (Member(*row.values()) for row in ask(_MEMBERS, pin=at).as_dicts())
    parents = dict(records.teams_on(day, at.known_no))
    rates = [tuple(row.values()) for row in ask(_RATES, pin=at).as_dicts()]
    plan, daily = (rates_of(row[1:] for row in rates if row[0] == one) for one in ("budget", "daily"))
    return org_of(members, parents), plan, daily


def is_published(table: str) -> bool:
    """Whether some room publishes a facts table in this home."""
    return table in table_names()
