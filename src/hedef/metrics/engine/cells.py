"""The number of a scope and a period, made of its totals by the kind of the metric."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from hedef.kernel.calendar import Period
from hedef.kernel.evidence import Interval, wilson
from hedef.kernel.issue import Issue
from hedef.kernel.rates import Rates, converted_sum
from hedef.metrics.engine.quantiles import quantile
from hedef.metrics.engine.totals import Total
from hedef.metrics.schema import MetricDocument, Unit

type Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: money in minor units, ratios and quantiles exact. None is "no such number", never 0.

    `numerator` and `denominator` are the parts of a ratio, or sum and number of the values of a quantile;
    `n` counts the rows behind it; `complete` is false while the period runs.
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


def sum_cell(
    document: MetricDocument, place: Place, total: Total, *, rates: Rates, value_scale: int = 1, row_scale: int = 1
) -> Cell:
    """The cell of a sum or a stock. The scales say by what the total's sums and rows are larger (split credit)."""
    if not place.begun:
        return _not_started(document, place)
    n, missing = _unscaled(total.n, row_scale), _unscaled(total.missing, row_scale)
    issues = [_amount_missing(document, place, missing, n)] if missing > 0 else []
    value: Number | None
    if document.unit == "money":
        value, unknown = converted_sum(total.sums, place.currency, rates, place.period.start)
        if unknown:
            value = None
            issues.append(_rate_missing(place, unknown))
    else:
        value = _unscaled(sum(total.sums.values()), value_scale)
    if n and missing == n:
        value = None
    return _cell(document, place, value, n=n, missing=missing, issues=tuple(issues))


def quantile_cell(document: MetricDocument, place: Place, total: Total) -> Cell:
    """The cell of a quantile, with sum and number of its values beside it (their ratio is the mean)."""
    if not place.begun:
        return _not_started(document, place)
    numerator = sum(value * n for value, n in total.values.items())
    issues = (_amount_missing(document, place, total.missing, total.n),) if total.missing > 0 else ()
    if not total.values:
        issues = (*issues, _nothing_counted(document, place))
    return _cell(
        document,
        place,
        quantile(total.values, document.at),
        numerator=numerator,
        denominator=total.n - total.missing,
        n=total.n,
        missing=total.missing,
        issues=issues,
    )


def ratio_cell(document: MetricDocument, place: Place, numerator: Cell, denominator: Cell) -> Cell:
    """The cell of a ratio: the parts at this very level, never a mean of lower ratios."""
    if not place.begun:
        return _not_started(document, place)
    issues = tuple(dict.fromkeys((*numerator.issues, *denominator.issues)))
    value = None
    if numerator.value is not None and denominator.value:
        value = _whole(Fraction(numerator.value) / Fraction(denominator.value))
    elif denominator.value == 0:
        issues = (*issues, _nothing_counted(document, place))
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
    return wilson(part, whole)


def _not_started(document: MetricDocument, place: Place) -> Cell:
    issue = Issue(
        "period_not_started",
        "info",
        f"{place.period.id} begins on {place.period.start}, after {place.as_of}: there is no number yet.",
        object=place.scope,
        hint="Ask as of a later day, or for an earlier period.",
    )
    return _cell(document, place, None, issues=(issue,))


def _nothing_counted(document: MetricDocument, place: Place) -> Issue:
    """Why a ratio or a quantile is none, which is not 0."""
    return Issue(
        "nothing_counted",
        "info",
        f"{document.id} has nothing to count in {place.period.id}, so there is no number.",
        object=place.scope,
        hint="Ask for a longer period or a wider scope.",
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


def _rate_missing(place: Place, currencies: tuple[str, ...]) -> Issue:
    return Issue(
        "rate_missing",
        "error",
        f"No budget rate from {', '.join(currencies)} to {place.currency} on or before {place.period.start}: "
        "the sum cannot be shown.",
        object=place.scope,
        hint="Import the rates (object currency_rate, rate_set budget).",
    )


def _unscaled(value: int, scale: int) -> Number:
    return value if scale == 1 else _whole(Fraction(value, scale))


def _whole(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value
