"""What the board of deals says: the usual stay in a stage, who stays longer, what the lanes add up to. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from hedef.kernel.rates import Rates, converted_sum
from hedef.process.engine.findings import median
from hedef.process.schema import Limit

ENOUGH_STAYS = 8  # from so many closed stays on their median is called usual
_OLDER = Fraction(3, 2)
_TWICE = Fraction(2)

type Basis = Literal["median", "limit", "none"]
type Ageing = Literal["ok", "warn", "over"]
type Age = Literal["usual", "older", "twice", "unknown"]


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual stay in a stage, in days; none where neither enough closed stays nor a limit say it.

    `working`: counted in working days (limits may be; medians are in calendar days).
    """

    days: Fraction | None
    basis: Basis
    stays: int = 0
    working: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An open deal as it stands at an instant. Days in stage are whole days since the day it entered."""

    deal: int
    process: str | None
    stage: str | None
    status: str
    owner: int | None
    currency: str | None
    amount_minor: int | None
    close_on: date | None
    entered_day: date | None
    days: int | None
    working_days: int | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts by currency (minor units), and in one; `value` none where a rate, or every amount, is missing."""

    deals: int
    by_currency: tuple[tuple[str, int], ...]
    value: Fraction | None
    missing: tuple[str, ...]
    without_amount: int


def usual_stay(lengths: Mapping[int, int], limit: Limit | None) -> Usual:
    """From how often closed stays took how many days (those of length 0 left out), else from the stage's limit."""
    stays = sum(lengths.values())
    middle = median(lengths)
    if stays >= ENOUGH_STAYS and middle:
        return Usual(middle, "median", stays)
    if limit is not None:
        return Usual(Fraction(limit.most), "limit", stays, working=limit.clock == "working")
    return Usual(None, "none", stays)


def days_in_stage(deal: Standing, usual: Usual) -> int | None:
    """Days in the kind of days in which the usual stay is counted."""
    return deal.working_days if usual.working else deal.days


def ratio_of(days: int | None, usual: Usual) -> Fraction | None:
    """How many times the usual stay; none where one of the two is not known."""
    return None if days is None or not usual.days else days / usual.days


def age_of(days: int | None, usual: Usual) -> Age:
    """`older` from 1.5 times the median on, or over the limit where that is the usual stay; `twice` from 2 times on."""
    ratio = ratio_of(days, usual)
    if ratio is None:
        return "unknown"
    if ratio >= _TWICE:
        return "twice"
    older = ratio > 1 if usual.basis == "limit" else ratio >= _OLDER
    return "older" if older else "usual"


def ageing(deal: Standing, limit: Limit | None) -> Ageing:
    """A stay against the stage's limit: `over` it, `warn` from the day of its warning on; `ok` without a limit."""
    if limit is None or limit.days is None:
        return "ok"
    days = deal.working_days if limit.clock == "working" else deal.days
    if days is None:
        return "ok"
    if days > limit.days:
        return "over"
    return "warn" if limit.warn is not None and days >= limit.warn else "ok"


def sums_of(amounts: Iterable[tuple[str | None, int | None]], currency: str, rates: Rates, day: date) -> Sums:
    """What deals of (currency, amount) add up to, converted into `currency` by the rates of `day`."""
    sums: dict[str | None, int] = defaultdict(int)
    counts: Counter[bool] = Counter()
    for of, minor in amounts:
        counts[minor is not None] += 1
        if minor is not None:
            sums[of] += minor
    total, missing = converted_sum(sums, currency, rates, day)
    shown = tuple(sorted(((of or "", minor) for of, minor in sums.items()), key=lambda one: (one[0] != currency, one)))
    unknown = bool(missing) or (counts[False] and not counts[True])
    return Sums(counts.total(), shown, None if unknown else Fraction(total), missing, counts[False])
