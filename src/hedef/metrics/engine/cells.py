"""The number of a scope and a period, made of its totals by the kind of the metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from hedef.kernel.calendar import Period
from hedef.kernel.evidence import Interval, wilson
from hedef.kernel.issue import Issue
from hedef.kernel.rates import Rates, converted_sum
from hedef.metrics.engine.formulas import DAYS, Formula, Term, result_of
from hedef.metrics.engine.quantiles import quantile
from hedef.metrics.engine.totals import DayMoney, Total
from hedef.metrics.schema import MetricDocument, Unit

type Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: money in minor units, ratios and quantiles exact. None is "no such number", never 0.

    `numerator` and `denominator` are the parts of a ratio, or sum and number of the values of a quantile;
    `n` counts the rows behind it; `complete` is false while the period runs. `matured` (cohorts) is false while members
    can still change; these `open_members` are not counted yet. Durations in hours are minutes.
    """

    metric: str
    version: int
    scope: str
    period: Period
    unit: Unit
    currency: str | None
    value: Number | None
    numerator: Number | None = None
    denominator: Number | None = None
    n: Number = 0
    missing: Number = 0
    complete: bool = True
    interval: Interval | None = None
    issues: tuple[Issue, ...] = field(default=())
    matured: bool | None = None
    open_members: Number = 0
    parts: tuple["Cell", ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a number is asked for."""

    scope: str
    period: Period
    as_of: date
    currency: str

    @property
    def begun(self) -> bool:
        return self.period.start <= self.as_of

    @property
    def complete(self) -> bool:
        return self.period.end <= self.as_of


@dataclass(frozen=True, slots=True)
class Converting:
    """Rates of the plan, and those of days; a metric says which it takes (`rate`)."""

    plan: Rates
    day: Rates


def sum_cell(
    document: MetricDocument,
    place: Place,
    total: Total,
    *,
    rates: Converting,
    value_scale: int = 1,
    row_scale: int = 1,
) -> Cell:
    """The cell of a sum or a stock. The scales say by what the total's sums and rows are larger (split credit)."""
    if not place.begun:
        return not_started(document, place)
    n, missing = _unscaled(total.n, row_scale * total.steps), _unscaled(total.missing, row_scale * total.steps)
    issues = [_amount_missing(document, place, missing, n)] if missing > 0 else []
    value: Number | None
    if document.unit == "money":
        value, unknown = _money(document, place, total, rates)
        value = _over(value, total.steps)
        if unknown:
            value = None
            issues.append(_rate_missing(document, place, unknown))
    else:
        value = _unscaled(sum(total.sums.values()), value_scale * total.steps)
    if n and missing == n:
        value = None
    elif not n and document.empty == "none" and not any(total.sums.values()):
        value = None
        issues.append(nothing_counted(document, place))
    return _cell(document, place, value, n=n, missing=missing, issues=tuple(issues))


def _money(document: MetricDocument, place: Place, total: Total, rates: Converting) -> tuple[Number, tuple[str, ...]]:
    """The sum in the asked currency, and the currencies without a rate. Amounts are converted at the plan's rate, or
    at that of their own day (of a state: the day it is read)."""
    if document.rate == "plan":
        sums = {one if isinstance(one, str) else None: amount for one, amount in total.sums.items()}
        return converted_sum(sums, place.currency, rates.plan, place.period.start)
    by_day: dict[date, dict[str | None, int]] = {}
    for one, amount in total.sums.items():
        day = one.day if isinstance(one, DayMoney) else min(place.period.end, place.as_of)
        currency = one.currency if isinstance(one, DayMoney) else one
        by_day.setdefault(day, {})[currency] = amount
    told = [converted_sum(sums, place.currency, rates.day, day) for day, sums in sorted(by_day.items())]
    return sum((value for value, _ in told), 0), tuple(sorted({one for _, missing in told for one in missing}))


def distinct_cell(document: MetricDocument, place: Place, total: Total) -> Cell:
    """How many different values have rows that are left; never added over people, teams or periods."""
    if not place.begun:
        return not_started(document, place)
    missing = _amount_missing(document, place, total.missing, total.n)
    found = sum(1 for n in total.values.values() if n > 0)
    return _cell(
        document,
        place,
        found,
        n=total.n,
        missing=total.missing,
        issues=(missing,) if total.missing > 0 else (),
    )


def cohort_cell(document: MetricDocument, place: Place, members: Cell, mature: Cell, reached: Cell) -> Cell:
    """The share of the members that can no longer change; the others are `open_members`."""
    if not place.begun:
        return not_started(document, place)
    still = _whole(Fraction(members.n) - Fraction(mature.n))
    issues = tuple(one for one in dict.fromkeys((*mature.issues, *reached.issues)) if one.code != "nothing_counted")
    value = None
    if reached.value is not None and mature.value:
        value = _whole(Fraction(reached.value) / Fraction(mature.value))
    elif mature.value == 0:
        issues = (*issues, not_matured(document, place, still) if still else nothing_counted(document, place))
    cell = _cell(
        document,
        place,
        value,
        numerator=reached.value,
        denominator=mature.value,
        n=mature.n,
        missing=mature.missing,
        interval=_interval(reached, mature),
        issues=issues,
    )
    return replace(cell, matured=place.complete and not still, open_members=still)


def derived_cell(document: MetricDocument, place: Place, value: Number | None, parts: tuple[Cell, ...]) -> Cell:
    """The cell of a formula over other metrics at this very level; none where a part is none."""
    if not place.begun:
        return not_started(document, place)
    issues = tuple(dict.fromkeys(issue for part in parts for issue in part.issues))
    if value is None and not any(issue.code in _REASONS for issue in issues):
        issues = (*issues, nothing_counted(document, place))
    n = min((part.n for part in parts), default=0)
    cell = _cell(document, place, None if value is None else _whole(Fraction(value)), n=n, issues=issues)
    return replace(cell, parts=parts)


def formula_value(formula: Formula, place: Place, cells: Mapping[Term, Cell]) -> Fraction | None:
    """The value of a formula over the cells of its terms; money enters it in minor units, hours in minutes."""
    if not place.begun:
        return None
    values = {term: mean_of(cell) if term.way == "mean" else cell.value for term, cell in cells.items()}
    values[Term(DAYS)] = (min(place.period.end, place.as_of) - place.period.start).days + 1
    return result_of(formula, values)


def mean_of(cell: Cell) -> Fraction | None:
    """The mean that stands beside a quantile."""
    return None if not cell.denominator else Fraction(cell.numerator or 0) / Fraction(cell.denominator)


def unpublished_cell(document: MetricDocument, place: Place, missing: Mapping[str, str]) -> Cell:
    """No number, because rooms do not publish (yet) what it is made of; `missing` maps tables to rooms."""
    if not place.begun:
        return not_started(document, place)
    issues = tuple(
        Issue(
            "facts_not_published",
            "warning",
            f"{document.id} reads {table}, which {room} does not publish in this home: there is no number.",
            object=table,
            hint=f"It comes with the room {room}.",
        )
        for table, room in sorted(missing.items())
    )
    return _cell(document, place, None, issues=issues)


_REASONS = {"facts_not_published", "rate_missing", "nothing_counted", "amount_missing", "cohort_open"}


def quantile_cell(document: MetricDocument, place: Place, total: Total) -> Cell:
    """The cell of a quantile, with sum and number of its values beside it (their ratio is the mean)."""
    if not place.begun:
        return not_started(document, place)
    values = {value: n for value, n in total.values.items() if isinstance(value, int)}
    numerator = sum(value * n for value, n in values.items())
    issues = (_amount_missing(document, place, total.missing, total.n),) if total.missing > 0 else ()
    if not total.values:
        issues = (*issues, nothing_counted(document, place))
    return _cell(
        document,
        place,
        quantile(values, document.at),
        numerator=numerator,
        denominator=total.n - total.missing,
        n=total.n,
        missing=total.missing,
        issues=issues,
    )


def ratio_cell(document: MetricDocument, place: Place, numerator: Cell, denominator: Cell) -> Cell:
    """The cell of a ratio: the parts at this very level, never a mean of lower ratios."""
    if not place.begun:
        return not_started(document, place)
    issues = tuple(dict.fromkeys((*numerator.issues, *denominator.issues)))
    value = None
    if numerator.value is not None and denominator.value:
        value = _over(numerator.value, denominator.value)
    elif denominator.value == 0:
        issues = (*issues, nothing_counted(document, place))
    return _cell(
        document,
        place,
        value,
        numerator=numerator.value,
        denominator=denominator.value,
        n=denominator.n,
        missing=numerator.missing,
        interval=_interval(numerator, denominator),
        issues=issues,
    )


def _cell(
    document: MetricDocument,
    place: Place,
    value: Number | None,
    *,
    numerator: Number | None = None,
    denominator: Number | None = None,
    n: Number = 0,
    missing: Number = 0,
    interval: Interval | None = None,
    issues: tuple[Issue, ...] = (),
) -> Cell:
    return Cell(
        metric=document.id,
        version=document.version,
        scope=place.scope,
        period=place.period,
        unit=document.unit,
        currency=place.currency if document.unit == "money" else None,
        value=value,
        numerator=numerator,
        denominator=denominator,
        n=n,
        missing=missing,
        complete=place.complete,
        interval=interval,
        issues=issues,
    )


def _interval(numerator: Cell, denominator: Cell) -> Interval | None:
    """Wilson's 95 % interval of a share of counted cases; none for anything that is no such share."""
    if numerator.unit != "count" or denominator.unit != "count":
        return None
    part, whole = numerator.value, denominator.value
    if not isinstance(part, int) or not isinstance(whole, int) or not 0 <= part <= whole:
        return None
    return _wilson(part, whole)


_wilson = lru_cache(maxsize=4096)(wilson)  # of a few cases there are few different intervals, and many people with them


def not_started(document: MetricDocument, place: Place) -> Cell:
    """No number, because the period has not begun."""
    issue = Issue(
        "period_not_started",
        "info",
        f"{place.period.id} begins on {place.period.start}, after {place.as_of}: there is no number yet.",
        object=place.scope,
        hint="Ask as of a later day, or for an earlier period.",
    )
    return _cell(document, place, None, issues=(issue,))


def nothing_counted(document: MetricDocument, place: Place) -> Issue:
    """Why a ratio or a quantile is none, which is not 0."""
    return Issue(
        "nothing_counted",
        "info",
        f"{document.id} has nothing to count in {place.period.id}, so there is no number.",
        object=place.scope,
        hint="Ask for a longer period or a wider scope.",
    )


def not_matured(document: MetricDocument, place: Place, still: Number) -> Issue:
    """Why a cohort whose members can all still change has no number yet."""
    return Issue(
        "cohort_open",
        "info",
        f"All {still} members of {document.id} in {place.period.id} can still change: there is no share yet.",
        object=place.scope,
        hint=f"It is known {document.within} days after the last of them." if document.within else None,
    )


def _amount_missing(document: MetricDocument, place: Place, missing: Number, n: Number) -> Issue:
    what = "no amount" if document.unit == "money" else "no value"
    return Issue(
        "amount_missing",
        "warning",
        f"{missing} of {n} rows of {document.id} in {place.period.id} have {what} and are left out.",
        object=place.scope,
        hint="Open the number down to its rows and fill them in.",
    )


def _rate_missing(document: MetricDocument, place: Place, currencies: tuple[str, ...]) -> Issue:
    named, when = ("budget", f"on or before {place.period.start}")
    if document.rate == "day":
        named, when = "daily", "on or before the day of every row"
    return Issue(
        "rate_missing",
        "error",
        f"No {named} rate from {', '.join(currencies)} to {place.currency} {when}: the sum cannot be shown.",
        object=place.scope,
        hint=f"Import the rates (object currency_rate, rate_set {named}).",
    )


def _unscaled(value: int, scale: int) -> Number:
    return value if scale == 1 else _whole(Fraction(value, scale))


def _over(value: Number, parts: Number) -> Number:
    """A quotient, exact; most are of whole numbers, and many of one part."""
    if isinstance(value, int) and isinstance(parts, int):
        return value if parts == 1 else _whole(Fraction(value, parts))
    return _whole(Fraction(value) / Fraction(parts))


def _whole(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value
