"""Numbers of scopes and periods: one scan per facts table, everything above it is addition."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, overload

import pyarrow as pa

from hedef.facts.engine.questions import Question
from hedef.facts.queries import Pin, ask, objects_of, trust_of
from hedef.kernel.calendar import Period
from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import parse, spell
from hedef.kernel.issue import Issue
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Slice, Trust, worst_trust
from hedef.metrics.engine.cells import (
    Cell,
    Converting,
    Place,
    cohort_cell,
    derived_cell,
    distinct_cell,
    formula_value,
    quantile_cell,
    ratio_cell,
    sum_cell,
    unpublished_cell,
)
from hedef.metrics.engine.formulas import parse_formula
from hedef.metrics.engine.scans import (
    DIMENSIONS,
    Measure,
    Scan,
    Span,
    flow_scan,
    scans_of,
    state_scan,
    stock_scan,
)
from hedef.metrics.engine.slices import kept_days, slice_periods
from hedef.metrics.engine.tables import FactTable
from hedef.metrics.engine.totals import (
    Grain,
    Key,
    Total,
    Totals,
    averaged_totals,
    flow_totals,
    state_totals,
    stock_totals,
)
from hedef.metrics.queries.documents import Recipe, definition_issues, recipes
from hedef.metrics.queries.setting import Setting, is_published, setting
from hedef.metrics.schema import MetricDocument, Unit
from hedef.metrics.shipped import questions

UNASSIGNED = "unassigned"
ORG = ("company", "team", "person")
_CLOSING = frozenset({"close_on"})  # the day by which the gate places rows of deals in months


@dataclass(frozen=True, slots=True)
class Read:
    """What one scan rests on: kinds of record, and the months of their days (none: any)."""

    objects: tuple[str, ...]
    months: tuple[str, str] | None


@dataclass(frozen=True)
class Evaluation(Sequence[Cell]):
    """Cells in a stable order (metric, then scope, then period), with where and how far they can be relied on."""

    cells: tuple[Cell, ...]
    setting: Setting
    trust: Trust
    recipes: tuple[Recipe, ...]
    issues: tuple[Issue, ...] = ()
    reads: tuple[Read, ...] = ()

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Cell]: ...
    def __getitem__(self, place: int | slice) -> Cell | Sequence[Cell]:
        return self.cells[place]

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    @property
    def pin(self) -> Pin:
        return self.setting.pin

    def trust_in(self, scope: str) -> Trust:
        """How far the numbers of one scope can be relied on: rows of other people say nothing about it."""
        people = people_in(self.setting, scope_key(scope))
        if people is None or not self.reads:
            return self.trust
        theirs = frozenset(people)
        return worst_trust(
            trust_of(one.objects, pin=self.pin, part=Slice(theirs, one.months), asked_us=self.setting.as_of_us)
            for one in self.reads
        )

    def by_scope(self, metric: str | None = None) -> dict[tuple[str, str], Cell]:
        """Cells by (scope, period id); with several metrics name the one that is meant."""
        return {(one.scope, one.period.id): one for one in self.cells if metric in (None, one.metric)}


def evaluate(
    metric: str | Sequence[str],
    *,
    periods: Sequence[Period | str],
    as_of: date | int,
    by: str | Sequence[str] = "company",
    scopes: Sequence[str] | None = None,
    known_at: int | None = None,
    scope: Scope = EVERYTHING,
    currency: str | None = None,
    pinned: Pin | None = None,
    at: Setting | None = None,
    defined_on: date | None = None,
) -> Evaluation:
    """Cells of one or several metrics.

    `by` is any of company, team, person and one of process, source, segment, region; `scopes` (`team:T-2`) keeps only
    these. Teams hold their sub-teams; each row belongs to the team of its owner on the row's own day. Without `scopes`
    every team, everybody with a team in the periods and everyone with rows has a cell, and `unassigned` where rows
    have no owner or team, so that the parts of a level equal the company. Cells outside the viewer's `scope` are left
    out. `as_of` is a day or an instant, `known_at` a seal number. `defined_on` computes every period by the versions in
    force on that day, instead of each by those of its own last day. WrongUse, NotFound for names that do not exist.
    """
    here = at or setting(as_of=as_of, known_at=known_at, currency=currency, pinned=pinned)
    asked = here.periods(periods)
    bys = [by] if isinstance(by, str) else list(by)
    dimension = _dimension(bys)
    names = [metric] if isinstance(metric, str) else list(metric)
    found = {name: recipes(name, asked, as_of=here.as_of, known_no=known_at, defined_on=defined_on) for name in names}
    check_dimension(dimension, [recipe for made in found.values() for recipe in made])
    wanted = dict.fromkeys(one for made in found.values() for recipe in made for one in recipe.measures)
    sums, trust, reads = measure_totals(here, asked, list(wanted), bys, dimension)
    keys = _keys(here, bys, asked, sums.values(), scopes, scope)
    places = [(key, [Place(scope_text(key), one, here.as_of, here.currency) for one in asked]) for key in keys]
    told = _Told(sums)
    cells = tuple(cell for name in names for cell in _cells(here, found[name], places, told))
    issues = tuple(issue for made in found.values() for issue in definition_issues(made))
    every = {recipe.version.reference: recipe for made in found.values() for recipe in made}
    return Evaluation(cells, here, trust, tuple(every.values()), issues, reads)


def measure_totals(
    here: Setting, periods: Sequence[Period], measures: Sequence[Measure], bys: Sequence[str], dimension: str | None
) -> tuple[dict[Measure, Totals], Trust, tuple[Read, ...]]:
    """Totals of each measure by scope and period, the trust of what was read, and what that was."""
    totals: dict[Measure, Totals] = {}
    trusts: list[Trust] = []
    reads: list[Read] = []
    for group in scans_of(measures):
        if unpublished(group[0].table):
            continue
        if group[0].table.kind == "state":
            answers = [_asked(here, [period], group, dimension) for period in periods]
            for number, measure in enumerate(group):
                totals[measure] = _state_totals(here, periods, measure, [one[0] for one in answers], number, bys)
        else:
            answers = [_asked(here, periods, group, dimension)]
            for number, measure in enumerate(group):
                rows = answers[0][0]
                totals[measure] = _totals(here, periods, measure, grains_of(rows, number) if rows else [], bys)
        trusts += [trust for _, trust, _ in answers if trust is not None]
        reads += [read for _, _, read in answers if read is not None]
    return totals, worst_trust(trusts), tuple(dict.fromkeys(reads))


def unpublished(table: FactTable) -> dict[str, str]:
    """Tables that no room publishes in this home, with the room that would; empty when all are there."""
    if table.published_by is None:
        return {}
    return {name: table.published_by for name in table.reads if not is_published(name)}


def _asked(
    here: Setting, periods: Sequence[Period], group: Sequence[Measure], dimension: str | None
) -> tuple[pa.Table | None, Trust | None, Read | None]:
    scan = scan_of(here, periods, group, dimension=dimension)
    if scan is None:
        return None, None, None
    part = Slice(months=months_of(periods, group))
    answer = ask(Question(scan.name, scan.sql, tables=scan.tables), params=scan.params, pin=here.pin, part=part)
    return answer.rows, answer.trust, Read(objects_of(list(scan.tables)), part.months)


def months_of(periods: Sequence[Period], measures: Sequence[Measure]) -> tuple[str, str] | None:
    """The months in which the rows of some measures close; none where they are counted by another day."""
    if not periods or any(one.time not in _CLOSING for one in measures):
        return None
    first, last = min(one.start for one in periods), max(one.end for one in periods)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def people_in(here: Setting, key: Key) -> list[int] | None:
    """Owners whose rows may belong to a scope; none: all of them."""
    by, one = key
    if by == "person" and isinstance(one, int):
        return [one]
    if by == "team" and isinstance(one, int):
        teams = here.org.below(one)
        return sorted({member.person for member in here.org.members if member.team in teams})
    return None


def scan_of(
    here: Setting, periods: Sequence[Period], group: Sequence[Measure], *, dimension: str | None = None, **more: Any
) -> Scan | None:
    """The scan that answers measures of one kind; none when no period has begun."""
    first = group[0]
    more |= {"files": questions(), "dimension": dimension}
    if first.table.kind == "state":
        (period,) = periods
        return state_scan(group, span=_span(here, period), **more) if period.start <= here.as_of else None
    if first.table.kind == "stock":
        days = sorted({day for one in kept_days(periods, here.as_of, first.keep) for day in one})
        if not days:
            return None
        instants = [here.instant(day) for day in days]
        return stock_scan(group, instants=instants, known_no=here.pin.known_no, **more)
    slices = slice_periods(periods, here.as_of, here.org.changes())
    if slices is None:
        return None
    return flow_scan(
        group,
        slices=slices,
        movers=[] if first.now else here.org.movers(slices.cuts[0], slices.cuts[-1]),
        as_of_us=here.as_of_us,
        as_of=here.as_of,
        known_no=here.pin.known_no,
        **more,
    )


def _span(here: Setting, period: Period) -> Span:
    at_day = min(period.end, here.as_of)
    return Span(
        from_day=period.start,
        end_day=at_day + timedelta(1),
        from_us=here.instant(period.start - timedelta(1)),
        at_us=here.instant(at_day),
        as_of_us=here.as_of_us,
        as_of_day=here.as_of,
        until_day=period.end + timedelta(1),
        known_no=here.pin.known_no,
    )


def grains_of(rows: pa.Table, number: int) -> list[Grain]:
    """Grains of the n-th measure of a scan."""
    sums = (f"a{number}", f"n{number}", f"x{number}")
    names = ("g_owner", "g_place", "g_currency", "g_dimension", *sums, "g_value", "g_rate_day")
    columns = [rows.column(name).to_pylist() if name in rows.column_names else None for name in names]
    zeros, nothing = [0] * rows.num_rows, [None] * rows.num_rows
    filled = [column or (zeros if name == "g_place" else nothing) for name, column in zip(names, columns, strict=True)]
    return [Grain(*values) for values in zip(*filled, strict=True) if any(values[4:7])]


def _totals(
    here: Setting, periods: Sequence[Period], measure: Measure, grains: Sequence[Grain], bys: Sequence[str]
) -> Totals:
    on = here.as_of if measure.now else None
    if measure.table.kind == "stock":
        days = kept_days(periods, here.as_of, measure.keep)
        if measure.keep == "average":
            return averaged_totals(grains, days, bys, here.org, on=on)
        single = [one[0] if one else None for one in days]
        return stock_totals(grains, single, bys, here.org, len(periods), on=on)
    slices = slice_periods(periods, here.as_of, here.org.changes())
    return flow_totals(grains, slices, bys, here.org, len(periods), on=on)


def _state_totals(
    here: Setting,
    periods: Sequence[Period],
    measure: Measure,
    answers: Sequence[pa.Table | None],
    number: int,
    bys: Sequence[str],
) -> Totals:
    """Rows of each period's own question; the teams are those of its last counted day, or of its first."""
    totals: Totals = defaultdict(lambda: [Total() for _ in periods])
    for place, (period, rows) in enumerate(zip(periods, answers, strict=True)):
        if rows is None:
            continue
        day = state_day(measure, period, here.as_of)
        for key, told in state_totals(grains_of(rows, number), day, bys, here.org).items():
            totals[key][place] = told[0]
    return totals


def state_day(measure: Measure, period: Period, as_of: date) -> date:
    """The day whose teams the rows of a question of one period belong to."""
    if measure.now:
        return as_of
    return period.start if measure.table.opening else min(period.end, as_of)


def _cells(
    here: Setting, made: Sequence[Recipe], places: Sequence[tuple[Key, Sequence[Place]]], told: "_Told"
) -> Iterator[Cell]:
    """Cells of one metric by scope, then period."""
    for key, periods in places:
        for number, (recipe, at) in enumerate(zip(made, periods, strict=True)):
            yield cell_of(recipe, here, at, partial(told.total, key, number))


def cell_of(recipe: Recipe, here: Setting, at: Place, total: Callable[[Measure], Total]) -> Cell:
    """The cell of a recipe; `total` gives the total of each of its measures at this scope and period."""
    cell = _cell_of(recipe, here, at, total)
    if recipe.document.credit == "owner_now":
        return replace(cell, issues=(*cell.issues, _owner_now(recipe.document, at)))
    return cell


def _cell_of(recipe: Recipe, here: Setting, at: Place, total: Callable[[Measure], Total]) -> Cell:
    document = recipe.document
    if recipe.children:
        cells = tuple(cell_of(child, here, at, total) for child in recipe.children)
        if document.calc == "ratio":
            return ratio_cell(document, at, cells[0], cells[1])
        value = formula_value(parse_formula(document.formula or ""), at, dict(zip(recipe.terms, cells, strict=True)))
        return derived_cell(document, at, value, cells)
    missing = unpublished(recipe.own[0].table)
    if missing:
        return unpublished_cell(document, at, missing)
    if document.calc == "quantile":
        return quantile_cell(document, at, total(recipe.own[0]))
    if document.calc == "distinct":
        return distinct_cell(document, at, total(recipe.own[0]))
    rates = Converting(here.rates, here.day_rates)
    unit = document.model_copy(update={"unit": _unit(recipe.own[0])}) if document.calc == "cohort" else document
    sums = [
        sum_cell(unit, at, total(one), rates=rates, value_scale=one.value_scale, row_scale=one.row_scale)
        for one in recipe.own
    ]
    return sums[0] if document.calc != "cohort" else cohort_cell(document, at, *sums)


def _unit(measure: Measure) -> Unit:
    return "money" if measure.money else "count"


def _owner_now(document: MetricDocument, at: Place) -> Issue:
    message = f"{document.id} counts every row for who owns it on {at.as_of}, not for who owned it then."
    return Issue("owner_now", "info", message, object=at.scope)


class _Told:
    """Totals by measure. A measure is found again by its place in memory: its hash would be made for every cell."""

    def __init__(self, sums: Mapping[Measure, Totals]) -> None:
        self.sums = sums
        self.found: dict[int, tuple[Measure, Mapping[Key, list[Total]]]] = {}  # holds the measure: no place is reused

    def total(self, key: Key, number: int, measure: Measure) -> Total:
        found = self.found.get(id(measure))
        if found is None:
            found = self.found[id(measure)] = (measure, self.sums.get(measure, {}))
        totals = found[1].get(key)
        return totals[number] if totals else _NOTHING


_NOTHING = Total()  # read only: cells never change a total


# --- scopes


def scope_text(key: Key) -> str:
    """`company`, `team:T-2`, `person:P-17`, `region:emea`; without owner or team `unassigned`."""
    by, one = key
    if by == "company":
        return by
    if one is None:
        return UNASSIGNED
    return f"{by}:{spell(by, one)}" if isinstance(one, int) and by in ORG else f"{by}:{one}"


def scope_key(text: str, by: str | None = None) -> Key:
    """The key of a written scope; `unassigned` belongs to `by`. WrongUse for anything else."""
    if text == "company":
        return ("company", None)
    if text == UNASSIGNED:
        return (by or "person", None)
    kind, _, name = text.partition(":")
    if kind in DIMENSIONS:
        return (kind, name)
    try:
        of, number = parse(name)
    except ValueError:
        of, number = None, 0
    if of != kind or kind not in ORG:
        raise WrongUse(f'"{text}" is no scope.', hint="Write company, team:T-2, person:P-17 or unassigned.")
    return (kind, number)


def _dimension(bys: Sequence[str]) -> str | None:
    others = [by for by in bys if by not in ORG]
    if len(others) > 1:
        raise WrongUse(f"A question is split by one dimension besides people and teams, not by {', '.join(others)}.")
    return others[0] if others else None


def check_dimension(dimension: str | None, made: Iterable[Recipe]) -> None:
    """WrongUse when there is no such dimension, or a metric does not have it."""
    if dimension is None:
        return
    if dimension not in DIMENSIONS:
        raise WrongUse(f'"{dimension}" is no dimension.', hint=f"Known: {', '.join((*ORG, *DIMENSIONS))}.")
    for recipe in made:
        if dimension not in recipe.document.dimensions:
            known = ", ".join(recipe.document.dimensions)
            raise WrongUse(f"{recipe.document.id} has no dimension {dimension}.", hint=f"It has: {known}.")


def _keys(
    here: Setting,
    bys: Sequence[str],
    periods: Sequence[Period],
    sums: Iterable[Totals],
    scopes: Sequence[str] | None,
    scope: Scope,
) -> list[Key]:
    """Scopes to answer: the asked ones, or all of each level in a stable order, as far as the viewer sees them."""
    if scopes is not None:
        by = next((one for one in bys if one != "company"), None)
        return [key for key in dict.fromkeys(scope_key(one, by) for one in scopes) if sees(scope, key)]
    with_rows = {key for totals in sums for key in totals}
    found: list[Key] = []
    for by in bys:
        keys = {key for key in with_rows if key[0] == by} | set(_everyone(here, by, periods))
        found += sorted(keys, key=lambda key: (key[1] is None, key[1]))
    return [key for key in found if sees(scope, key)]


def _everyone(here: Setting, by: str, periods: Sequence[Period]) -> Iterator[Key]:
    if by == "company":
        yield ("company", None)
    if by == "team":
        yield from (("team", team) for team in here.org.parents)
    if by == "person":
        first, last = min(one.start for one in periods), max(one.end for one in periods)
        for member in here.org.members:
            if (member.from_day or date.min) <= last and (member.to_day is None or member.to_day > first):
                yield ("person", member.person)


def sees(scope: Scope, key: Key) -> bool:
    """Whether a viewer may see the number of a scope: own line, own teams, totals of the teams above."""
    by, one = key
    if scope.everything:
        return True
    if by == "person":
        return isinstance(one, int) and scope.sees_person(one)
    if by == "team":
        return isinstance(one, int) and scope.sees_team(one)
    return scope.company_total and (by == "company" or one is not None)
