"""`hedef.metric/1`: one number with its interval, its comparisons and how far it can be relied on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hedef.definitions.queries import in_force
from hedef.facts.engine.questions import Question
from hedef.facts.queries import ask, calendar
from hedef.kernel.calendar import Calendar, NoPeriod, Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.show import value_json, week_issues
from hedef.metrics.engine.slices import same_days
from hedef.metrics.queries.evaluate import Evaluation, evaluate, scope_key
from hedef.metrics.queries.setting import is_published, setting
from hedef.publications import queries as publications

WITH = ("previous", "year_before")
KNOWN = (*WITH, "same_days", "parent", "target")
DEFINITIONS = ("own", "same", "former")


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
    definition: str = "own",
) -> dict[str, Any]:
    """One number as JSON with any of KNOWN beside it, each computed as of the same moment.

    `definition`: each period by the version of its `own` last day, all by that of the asked period (`same`), or all by
    that of the first period it is compared with (`former`). NotFound for a metric or scope that is not there, or that
    the viewer may not see; WrongUse for a comparison that does not exist.
    """
    here = setting(as_of=as_of, known_at=known_at, currency=currency)
    periods = compared_periods(period, compare, as_of=here.as_of)
    found = evaluate(
        metric,
        periods=[one for one in periods if one is not None],
        as_of=as_of,
        by=scope_key(scope)[0],
        scopes=[scope],
        known_at=known_at,
        scope=viewer,
        at=here,
        defined_on=definition_day(definition, periods),
    )
    if not found.cells:
        raise NotFound(f'There is no "{scope}" for you.', hint="hedef metrics show ID --by team lists what you see.")
    cell, others = found.cells[0], iter(found.cells[1:])
    told: list[Cell | None] = []
    for how, one in zip(compare, periods[1:], strict=True):
        if how in {"parent", "target"}:
            told.append(parent_cell(found, cell, viewer) if how == "parent" else target_cell(found, cell))
        else:
            told.append(next(others) if one is not None else None)
    return metric_json(found, cell) | {
        "comparisons": [comparison(cell, other, how) for how, other in zip(compare, told, strict=True)]
    }


def definition_day(definition: str, periods: Sequence[Period | None]) -> date | None:
    """The day whose versions compute every period; none: each its own. WrongUse for a word that is none."""
    if definition not in DEFINITIONS:
        raise WrongUse(f'There is no definition "{definition}".', hint=f"Known: {', '.join(DEFINITIONS)}.")
    others = [one for one in periods[1:] if one is not None]
    asked = periods[0]
    if definition == "own" or asked is None:
        return None
    return asked.end if definition == "same" or not others else others[0].end


def parent_cell(found: Evaluation, cell: Cell, viewer: Scope) -> Cell | None:
    """The number of the team above, or of the company; none where there is nothing above that the viewer sees."""
    by, one = scope_key(cell.scope)
    org, day = found.setting.org, min(cell.period.end, found.setting.as_of)
    if by == "company" or not isinstance(one, int):
        return None
    above = org.team_of(one, day) if by == "person" else org.parents.get(one)
    scope = "company" if above is None else f"team:{spell('team', above)}"
    level = scope_key(scope)[0]
    here = found.setting
    told = evaluate(
        cell.metric, periods=[cell.period], as_of=here.as_of_us, by=level, scopes=[scope], scope=viewer, at=here
    )
    return told.cells[0] if told.cells else None


_NO_TARGETS = "No room publishes target_effective in this home."
_TARGETS = Question(
    "metrics/targets",
    "SELECT t.scope_kind, t.person, t.team, t.currency, sum(t.effective * t.sign) AS effective FROM target_effective t "
    "WHERE t.metric = :metric AND t.from_day >= :from_day AND t.to_day <= :until_day AND t.known_no <= :known_no "
    "GROUP BY t.scope_kind, t.person, t.team, t.currency ORDER BY t.scope_kind, t.person, t.team, t.currency",
    tables=("target_effective",),
)


def target_cell(found: Evaluation, cell: Cell) -> Cell:
    """The effective target of the scope as a cell; no value where no room publishes it or none was set."""
    issue = Issue("no_target", "info", f"{cell.scope} has no target for {cell.metric} in {cell.period.id}.")
    nothing = replace(cell, value=None, interval=None, issues=(issue,))
    by, one = scope_key(cell.scope)
    if not is_published("target_effective"):
        missing = Issue("facts_not_published", "warning", _NO_TARGETS, object="target_effective")
        return replace(nothing, issues=(missing,))
    params = {"metric": cell.metric, "from_day": cell.period.start, "until_day": cell.period.end + timedelta(1)}
    rows = ask(_TARGETS, pin=found.pin, params=params).as_dicts()
    mine = [
        row
        for row in rows
        if row["scope_kind"] == by and (by == "company" or row[by] == one) and row["currency"] in (None, cell.currency)
    ]
    if not mine or cell.unit == "ratio":
        return nothing
    return replace(nothing, value=sum(row["effective"] for row in mine), issues=())


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


def compared_periods(period: Period | str, compare: Sequence[str], *, as_of: date | None = None) -> list[Period | None]:
    """The period and those that it is compared with; none where the calendar has nothing alike (it changed between
    them, or its table begins), and for what is no period (`parent`, `target`). WrongUse for names that do not exist."""
    unknown = [one for one in compare if one not in KNOWN]
    if unknown:
        raise WrongUse(f'There is no comparison with "{unknown[0]}".', hint=f"Known: {', '.join(KNOWN)}.")
    company = calendar()
    try:
        asked = company.period(period) if isinstance(period, str) else period
        how: dict[str, Callable[[Period], Period]] = {"previous": company.previous, "year_before": company.year_before}
        how["same_days"] = lambda one: _same_days(one, company, as_of or one.end)
        return [asked, *(_or_none(how[one], asked) if one in how else None for one in compare)]
    except ValueError as fault:
        raise WrongUse(str(fault)) from fault


def _same_days(period: Period, company: Calendar, as_of: date) -> Period:
    """The first days of the period before, as many working days as have gone by now. NoPeriod before the first."""
    before = company.previous(period)
    last = same_days(period, before, as_of, company)
    if last is None:
        raise NoPeriod(f"{period.id} has no working day yet.")
    return Period(before.id, before.kind, before.start, last)


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
        "issues": [issue.as_json() for issue in (*week_issues(cell.period, other.period), *other.issues)],
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
