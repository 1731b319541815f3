"""`hedef.metric/1`: one number with its interval, its comparisons and how far it can be relied on."""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.definitions.queries import in_force
from hedef.facts.queries import calendar
from hedef.kernel.calendar import NoPeriod, Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.show import value_json
from hedef.metrics.queries.evaluate import Evaluation, evaluate, scope_key
from hedef.publications import queries as publications

WITH = ("previous", "year_before")


def show(
    metric: str,
    *,
    scope: str = "company",
    period: Period | str,
    as_of: date | int,
    known_at: int | None = None,
    viewer: Scope = EVERYTHING,
    currency: str | None = None,
    compare: Sequence[str] = WITH,
) -> dict[str, Any]:
    """One number as JSON. `compare`: `previous` and `year_before`; each is computed as of the same moment.

    NotFound for a metric or scope that is not there, or that the viewer may not see.
    """
    by = scope_key(scope)[0]
    periods = compared_periods(period, compare)
    found = evaluate(
        metric,
        periods=[one for one in periods if one is not None],
        as_of=as_of,
        by=by,
        scopes=[scope],
        known_at=known_at,
        scope=viewer,
        currency=currency,
    )
    if not found.cells:
        raise NotFound(f'There is no "{scope}" for you.', hint="hedef metrics show ID --by team lists what you see.")
    cell, others = found.cells[0], iter(found.cells[1:])
    told = [next(others) if one is not None else None for one in periods[1:]]
    return metric_json(found, cell) | {
        "comparisons": [comparison(cell, other, how) for how, other in zip(compare, told, strict=True)]
    }


def metric_json(found: Evaluation, cell: Cell) -> dict[str, Any]:
    """One cell as `hedef.metric/1`, without comparisons."""
    recipe = next(
        one for one in found.recipes if one.document.id == cell.metric and one.version.version == cell.version
    )
    document = recipe.document
    return {
        "schema": "hedef.metric/1",
        "metric": cell.metric,
        "version": cell.version,
        "name": document.name.model_dump(),
        "unit": cell.unit,
        "currency": cell.currency,
        "direction": document.direction,
        "scope": cell.scope,
        "period": cell.period.as_json(),
        "as_of": found.setting.as_of.isoformat(),
        "known_at": found.pin.known_no,
        "value": value_json(cell.value, cell.unit, cell.currency),
        "parts": parts_json(found, cell),
        "n": _count(cell.n),
        "interval": cell.interval.as_json() if cell.interval else None,
        "complete": cell.complete,
        "matured": cell.matured,
        "open_members": _count(cell.open_members),
        "comparisons": [],
        "issues": [issue.as_json() for issue in (*cell.issues, *found.issues)],
        "trust": found.trust_in(cell.scope).as_json(),
        "fingerprint": fingerprint(found),
    }


def parts_json(found: Evaluation, cell: Cell) -> dict[str, Any]:
    """Numerator and denominator in their own units; none for a metric that has no parts."""
    recipe = next(
        one for one in found.recipes if one.document.id == cell.metric and one.version.version == cell.version
    )
    units: list[str] = [child.document.unit for child in recipe.children] if recipe.document.calc == "ratio" else []
    units = units or [recipe.sums[0].unit if recipe.document.calc == "cohort" else recipe.document.unit, "count"]
    if recipe.document.calc == "cohort":
        units[1] = units[0]
    currency = found.setting.currency
    return {
        "numerator": value_json(cell.numerator, units[0], currency),
        "denominator": value_json(cell.denominator, units[-1], currency),
    }


def fingerprint(found: Evaluation) -> str:
    """What decides every number of an evaluation, as one digest."""
    used = {one.reference: one.hash for recipe in found.recipes for one in (recipe.version, *recipe.part_versions)}
    return publications.fingerprint(
        definitions=used | calendar_hash(found.setting.as_of), pin=found.pin, as_of_us=found.setting.as_of_us
    )


def calendar_hash(day: date) -> dict[str, str]:
    """The company's calendar as a part of fingerprints."""
    version = in_force("calendar", "company", day=day)
    return {version.reference: version.hash} if version else {}


def compared_periods(period: Period | str, compare: Sequence[str]) -> list[Period | None]:
    """The period and those that it is compared with; none where the calendar has nothing alike (it changed between
    them, or its table begins). WrongUse for names that do not exist."""
    unknown = [one for one in compare if one not in WITH]
    if unknown:
        raise WrongUse(f'There is no comparison with "{unknown[0]}".', hint=f"Known: {', '.join(WITH)}.")
    company = calendar()
    try:
        asked = company.period(period) if isinstance(period, str) else period
        how = {"previous": company.previous, "year_before": company.year_before}
        return [asked, *(_or_none(how[one], asked) for one in compare)]
    except ValueError as fault:
        raise WrongUse(str(fault)) from fault


def _or_none(find: Callable[[Period], Period], period: Period) -> Period | None:
    try:
        return find(period)
    except NoPeriod:
        return None


def comparison(cell: Cell, other: Cell | None, how: str) -> dict[str, Any]:
    """Difference to another period; of a ratio in points, and relative only where the base is a number but 0.

    Without a period to compare with every value is none, and an issue says so.
    """
    if other is None:
        nothing = dict.fromkeys(("period", "value", "difference", "relative"))
        return {"with": how, **nothing, "complete": False, "issues": [_NO_PERIOD.as_json()]}
    both = cell.value is not None and other.value is not None
    difference = Fraction(cell.value or 0) - Fraction(other.value or 0) if both else None
    relative = None
    if difference is not None and other.value and cell.unit != "ratio":
        relative = fraction_text(difference / abs(Fraction(other.value)))
    return {
        "with": how,
        "period": other.period.as_json(),
        "value": value_json(other.value, other.unit, other.currency),
        "difference": _difference(difference, cell),
        "relative": relative,
        "complete": other.complete,
        "issues": [issue.as_json() for issue in other.issues],
    }


_NO_PERIOD = Issue(
    "no_period",
    "info",
    "The company's calendar has no period like this one to compare with.",
    hint="It changed between the two, or its table begins later.",
)


def _difference(value: Fraction | None, cell: Cell) -> str | int | None:
    if value is not None and value.denominator == 1 and cell.unit == "count":
        return int(value)
    return value_json(value, cell.unit, cell.currency)


def _count(value: int | Fraction) -> int | str | None:
    return value if isinstance(value, int) else fraction_text(value)
