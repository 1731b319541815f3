"""The rows behind a number. They fold back to it exactly; a ratio gives the rows of both its parts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask
from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.kernel.instants import iso
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trace import Step, Trace
from hedef.kernel.trust import Slice, Trust, worst_trust
from hedef.metrics.engine.cells import Cell, Place
from hedef.metrics.engine.org import Org
from hedef.metrics.engine.scans import Measure
from hedef.metrics.engine.show import value_json
from hedef.metrics.engine.slices import kept_days, slice_periods
from hedef.metrics.engine.totals import Grain, Key, Total
from hedef.metrics.queries.documents import PartSum, Recipe, recipes
from hedef.metrics.queries.evaluate import (
    cell_of,
    check_dimension,
    months_of,
    people_in,
    scan_of,
    scope_key,
    scope_text,
    sees,
    state_day,
    unpublished,
)
from hedef.metrics.queries.setting import Setting, setting


@dataclass(frozen=True, slots=True)
class Row:
    """One deal (activity, order) behind a number. `value` in minor units or counts, none where it has none.

    `n` is 1, a share of it for split credit, and -1 where a period holds only the withdrawal of an earlier row.
    """

    subject: str
    entity: int
    owner: int | None
    team: int | None
    day: date | None
    currency: str | None
    value: int | Fraction | None
    n: int | Fraction
    part: str


@dataclass(frozen=True)
class Drill:
    """A number and the rows behind it; `folded` is the number that the rows add up to."""

    cell: Cell
    rows: tuple[Row, ...]
    folded: int | Fraction | None
    setting: Setting
    recipe: Recipe
    trust: Trust

    def of(self, part: str) -> list[Row]:
        """The rows of one part (a metric id)."""
        return [row for row in self.rows if row.part == part]


def rows(
    metric: str,
    *,
    scope: str = "company",
    by: str | None = None,
    period: Period | str,
    as_of: date | int,
    known_at: int | None = None,
    viewer: Scope = EVERYTHING,
    currency: str | None = None,
    pinned: Pin | None = None,
) -> Drill:
    """The rows behind the number of a scope (`company`, `team:T-2`, `person:P-17`; `unassigned` of `by`).

    The viewer must see the people: of a total above the own team NotFound is raised, as for a scope that is not there.
    """
    here = setting(as_of=as_of, known_at=known_at, currency=currency, pinned=pinned)
    asked = here.periods([period])[0]
    key = scope_key(scope, by)
    _must_see(viewer, key, scope)
    recipe = recipes(metric, [asked], as_of=here.as_of, known_no=known_at)[0]
    check_dimension(_dimension(key), [recipe])
    totals: dict[Measure, Total] = {}
    found: list[Row] = []
    trusts: list[Trust] = []
    for part in recipe.sums:
        if unpublished(part.measure.table):
            continue
        details, trust = _details(here, asked, part.measure, key)
        trusts.append(trust)
        steps = _steps(here, asked, part.measure)
        totals[part.measure] = _total(details, steps)
        found += _rows(here, part, details, steps)
    at = Place(scope_text(key), asked, here.as_of, here.currency)
    cell = cell_of(recipe, here, at, lambda measure: totals.get(measure) or Total())
    return Drill(cell, tuple(found), cell.value, here, recipe, worst_trust(trusts))


def _steps(here: Setting, period: Period, measure: Measure) -> int:
    """Over how many days a state is averaged."""
    if measure.keep != "average":
        return 1
    return max(1, len(kept_days([period], here.as_of, measure.keep)[0]))


def _total(details: Sequence["_Detail"], steps: int) -> Total:
    total = Total(steps=steps)
    for detail in details:
        total.add(detail.grain)
    return total


@dataclass(frozen=True, slots=True)
class _Detail:
    entity: int
    day: date | None
    team: int | None
    grain: Grain


def _must_see(viewer: Scope, key: Key, scope: str) -> None:
    """A total of a team above may be seen as a number, never as its rows."""
    by, one = key
    whole = by == "team" and isinstance(one, int) and (viewer.everything or one in viewer.teams)
    if not (viewer.everything or whole or (by == "person" and sees(viewer, key))):
        raise NotFound(f'There are no rows of "{scope}" for you.', hint="Open your own line or a team that you lead.")


def _details(here: Setting, period: Period, measure: Measure, key: Key) -> tuple[list[_Detail], Trust]:
    people = None if measure.now else people_in(here, key)
    scan = scan_of(here, [period], [measure], detail=True, people=people, dimension=_dimension(key))
    if scan is None:
        return [], Trust("unknown")
    theirs = Slice(people=None if people is None else frozenset(people), months=months_of([period], [measure]))
    question = Question(scan.name, scan.sql, tables=scan.tables)
    answer = ask(question, params=scan.params, pin=here.pin, part=theirs)
    days = _days(here, period, measure)
    found = []
    for row in answer.as_dicts():
        grain = Grain(
            owner=row["g_owner"],
            place=row.get("g_place", 0),
            currency=row.get("g_currency"),
            dimension=row.get("g_dimension"),
            amount=row["a0"],
            n=row["n0"],
            missing=row["x0"],
            value=row.get("g_value"),
            rate_day=row.get("g_rate_day"),
        )
        if not (grain.amount or grain.n or grain.missing):
            continue
        # of an average every day that the state stands counts, with the team of that day
        standing = days[grain.place :] if measure.keep == "average" else days[grain.place : grain.place + 1]
        teams = [here.org.team_of(grain.owner, day) for day in standing]
        counted = [team for team in teams if belongs(here.org, key, grain, team)]
        if counted:
            times = len(counted)
            many = grain._replace(amount=grain.amount * times, n=grain.n * times, missing=grain.missing * times)
            found.append(_Detail(row["g_subject"], row.get("g_day"), counted[-1], many if times > 1 else grain))
    return found, answer.trust


def _days(here: Setting, period: Period, measure: Measure) -> list[date]:
    """First day of each slice, or the days at whose end a state is read: those whose teams count."""
    if measure.table.kind == "state":
        return [state_day(measure, period, here.as_of)]
    if measure.table.kind == "stock":
        found = list(kept_days([period], here.as_of, measure.keep)[0])
    else:
        slices = slice_periods([period], here.as_of, here.org.changes())
        found = list(slices.cuts) if slices else []
    return [here.as_of] * len(found) if measure.now else found


def _dimension(key: Key) -> str | None:
    return None if key[0] in {"company", "team", "person"} else key[0]


def belongs(org: Org, key: Key, grain: Grain, team: int | None) -> bool:
    """Whether a row is one of a scope's; `team` is its owner's on the row's own day."""
    by, one = key
    if by == "company":
        return True
    if by == "person":
        return grain.owner == one
    if by == "team":
        return team is None if one is None else one in org.chain(team)
    return grain.dimension == one


def _rows(here: Setting, part: PartSum, details: Sequence[_Detail], steps: int) -> list[Row]:
    """Rows by day, then by number; what is withdrawn inside the period has gone already."""
    measure = part.measure
    ordered = sorted(details, key=lambda one: (one.day or here.as_of, one.entity, one.grain.owner or 0))
    values = (
        _distinct(ordered)
        if part.document.calc == "distinct"
        else [_value(measure, one.grain, steps) for one in ordered]
    )
    return [
        Row(
            subject=spell(measure.table.subject.removesuffix("_no"), one.entity),
            entity=one.entity,
            owner=one.grain.owner,
            team=one.team,
            day=one.day,
            currency=one.grain.currency,
            value=value,
            n=_exact(one.grain.n, measure.row_scale * steps),
            part=part.name,
        )
        for one, value in zip(ordered, values, strict=True)
    ]


def _distinct(details: Sequence[_Detail]) -> list[int | Fraction | None]:
    """1 for the first row of each value that is left, 0 for its others: so the rows add up to the count."""
    left: Counter[Any] = Counter()
    for one in details:
        left[one.grain.value] += one.grain.n
    found: list[int | Fraction | None] = []
    for one in details:
        value = one.grain.value
        counts = value is not None and one.grain.n > 0 and left[value] > 0
        found.append(None if value is None else int(counts))
        if counts:
            left[value] = 0
    return found


def _value(measure: Measure, grain: Grain, steps: int) -> int | Fraction | None:
    if grain.n and grain.missing == grain.n:
        return None
    if measure.histogram:
        return grain.value if isinstance(grain.value, int) else None
    return _exact(grain.amount, measure.value_scale * steps)


def _exact(value: int, scale: int) -> int | Fraction:
    exact = Fraction(value, scale)
    return int(exact) if exact.denominator == 1 else exact


def why(drill: Drill) -> Trace:
    """How a number came about: definition, what was read, the parts and what was done with them."""
    cell, recipe = drill.cell, drill.recipe
    trace = Trace(str(recipe.version.reference).removeprefix("metric:"), (), tuple(row.subject for row in drill.rows))
    trace = trace.then(
        "read",
        len(drill.rows),
        period=cell.period.as_json(),
        as_of=iso(drill.setting.as_of_us),
        known_at=drill.setting.pin.known_no,
        scope=cell.scope,
    )
    for part in recipe.sums:
        trace = Trace(trace.definition, (*trace.steps, _part_step(drill, part)), trace.rows)
    document = recipe.document
    if document.calc == "ratio":
        detail = {"numerator": document.numerator, "denominator": document.denominator}
        trace = trace.then("numerator by denominator", _shown(cell), **detail)
    if document.calc == "quantile":
        trace = trace.then(f"quantile {document.quantile}", _shown(cell), sum=cell.numerator, n=cell.denominator)
    if document.calc == "cohort":
        trace = trace.then("reached by matured members", _shown(cell), open=cell.open_members, matured=cell.matured)
    if document.calc == "derived":
        told = {one.metric: _shown(one) for one in cell.parts}
        trace = trace.then("formula", _shown(cell), formula=document.formula, parts=told)
    return trace.then("value", _shown(cell), unit=cell.unit, currency=cell.currency)


def _shown(cell: Cell) -> str | int | None:
    return value_json(cell.value, cell.unit, cell.currency)


def _part_step(drill: Drill, part: PartSum) -> Step:
    found, measure = drill.of(part.name), part.measure
    sums: dict[str, Any] = {}
    for currency in dict.fromkeys(row.currency for row in found):
        values = [row.value for row in found if row.currency == currency and row.value is not None]
        unit, of = ("money", currency) if measure.money else ("count", None)
        quantile = part.document.calc == "quantile"
        sums[currency or "all"] = len(values) if quantile else value_json(sum(values), unit, of)
    rates = {
        f"{currency}/{drill.cell.currency}": _rate_text(drill, currency)
        for currency in sums
        if measure.money and not measure.by_day and currency not in {"all", drill.setting.currency}
    }
    step = {"table": measure.reads, "sums": sums, "rates": rates}
    if measure.by_day:
        step["rate"] = "of the day of each row"
    return Step(f"sum of {part.name}", len(found), step)


def _rate_text(drill: Drill, currency: str) -> str | None:
    rate = drill.setting.rates.rate(currency, drill.setting.currency, drill.cell.period.start)
    return None if rate is None else f"{rate.numerator}/{rate.denominator}"
