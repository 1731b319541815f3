"""Cases of a document: rows in view, a question, the expected number. They run in plain Python, without a database.

    - name: a quarter without decided deals has no win rate
      rows: {closing: []}
      ask: {scope: company, period: 2017-Q3, as_of: 2017-09-30}
      expect: null

Rows name columns as documents do; money is written in major units, and columns left out are null (sign and n are 1).
Tables of questions (`sql/*.sql`) are given as the question answers them.
`expect` is a decimal text or a whole number; `issues` are the codes that must come with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hedef.kernel.calendar import Calendar
from hedef.kernel.issue import Issue
from hedef.kernel.money import to_minor
from hedef.kernel.rates import Rates, rates_of
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
)
from hedef.metrics.engine.formulas import DAYS, parse_formula, terms_of
from hedef.metrics.engine.interpret import value_of
from hedef.metrics.engine.scans import Measure, cohort_measures, measure_of
from hedef.metrics.engine.slices import kept_days
from hedef.metrics.engine.tables import FactTable
from hedef.metrics.engine.totals import DayMoney, Total, merge
from hedef.metrics.schema import MetricDocument

UNASSIGNED = "unassigned"


class Ask(BaseModel):
    """Scope: company, `unassigned`, or a person as the rows write it (`person:1`)."""

    model_config = ConfigDict(extra="forbid")

    scope: str = "company"
    period: str
    as_of: date
    currency: str = "USD"


class Case(BaseModel):
    """One case, named as a sentence."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    name: str = Field(min_length=10)
    rows: dict[str, list[dict[str, Any]]]
    ask: Ask
    expect: str | int | None
    issues: tuple[str, ...] = ()
    rates: list[tuple[str, str, date, int, int]] = []


def own_cases(document: MetricDocument) -> list[Case] | None:
    """The cases that stand in the document itself; none where they stand elsewhere. ValidationError for a bad one."""
    return (
        None if document.cases is None or document.cases_file else [Case.model_validate(one) for one in document.cases]
    )


def run_cases(
    document: MetricDocument, others: Mapping[str, MetricDocument], cases: Iterable[Case], calendar: Calendar
) -> list[Issue]:
    """Issues of the cases whose number or issues differ from what they expect."""
    found = []
    for case in cases:
        cell = case_cell(document, others, case, calendar)
        codes = tuple(sorted({issue.code for issue in cell.issues}))
        value = shown_value(cell)
        expected = None if case.expect is None else str(case.expect)
        if value != expected or (case.issues and codes != tuple(sorted(case.issues))):
            found.append(_differs(document, case, value, codes))
    return found


def case_cell(document: MetricDocument, others: Mapping[str, MetricDocument], case: Case, calendar: Calendar) -> Cell:
    """The cell that a case asks for, folded row by row."""
    place = Place(case.ask.scope, calendar.period(case.ask.period), case.ask.as_of, case.ask.currency)
    return _cell(document, others, _Asked(case, place, calendar), None, ())


@dataclass(frozen=True)
class _Asked:
    case: Case
    place: Place
    calendar: Calendar


def _cell(
    document: MetricDocument,
    others: Mapping[str, MetricDocument],
    asked: _Asked,
    credit: str | None,
    above: tuple[str, ...],
) -> Cell:
    if document.id in above:
        raise ValueError(f"{' -> '.join((*above, document.id))}: a metric may not lead back to itself")
    place = asked.place
    held = document.credit if "credit" in document.model_fields_set else credit

    def part(name: str, way: str | None = None) -> Cell:
        other = others[name].model_copy(update={"keep": "first"}) if way == "at_start" else others[name]
        return _cell(other, others, asked, held, (*above, document.id))

    if document.calc == "ratio":
        return ratio_cell(document, place, part(document.numerator or ""), part(document.denominator or ""))
    if document.calc == "derived":
        formula = parse_formula(document.formula or "")
        cells = {one: part(one.metric, one.way) for one in terms_of(formula) if one.metric != DAYS}
        return derived_cell(document, place, formula_value(formula, place, cells), tuple(cells.values()))
    return _single(document, asked, credit)


def shown_value(cell: Cell) -> str | None:
    """A number as decimal text, the way contracts section 4 shows its unit; none stays none."""
    from hedef.metrics.engine.show import value_text

    return value_text(cell.value, cell.unit, cell.currency)


def _single(document: MetricDocument, asked: _Asked, credit: str | None) -> Cell:
    place, case = asked.place, asked.case
    rates = rates_of(case.rates) if case.rates else Rates()
    converting = Converting(rates, rates)
    if document.calc == "cohort":
        unit = document.model_copy(update={"unit": "money" if _measures(document, place, credit)[0].money else "count"})
        sums = (_total(one, asked) for one in _measures(document, place, credit))
        return cohort_cell(document, place, *(sum_cell(unit, place, one, rates=converting) for one in sums))
    total = _total(measure_of(document, credit), asked)
    if document.calc == "quantile":
        return quantile_cell(document, place, total)
    if document.calc == "distinct":
        return distinct_cell(document, place, total)
    return sum_cell(document, place, total, rates=converting)


def _measures(document: MetricDocument, place: Place, credit: str | None) -> tuple[Measure, ...]:
    return cohort_measures(document, place.as_of, credit)


def _total(measure: Measure, asked: _Asked) -> Total:
    """The total of the rows of a case; a state that is averaged is folded once for every day."""
    rows = [typed_row(row, measure.table) for row in asked.case.rows.get(measure.table.name, [])]
    if measure.table.kind != "stock":
        return fold_rows(measure, _asked(rows, measure, asked.place), asked.calendar)
    (days,) = kept_days([asked.place.period], asked.place.as_of, measure.keep)
    totals = [fold_rows(measure, _asked(rows, measure, asked.place, day), asked.calendar) for day in days]
    found = Total(steps=max(1, len(totals)))
    for total in totals:
        merge(found, total)
    return found


def fold_rows(measure: Measure, rows: Iterable[Mapping[str, Any]], calendar: Calendar) -> Total:
    """The total of rows that are known to belong to it: the naive twin of a scan."""

    def working_days(first: date, second: date) -> int:
        return calendar.working_half_days(first, second) // 2

    total = Total()
    for row in rows:
        if measure.when is not None and value_of(measure.when, row, working_days) is not True:
            continue
        weight, value = row[measure.table.weight], value_of(measure.value, row, working_days)
        total.n += weight
        if value is None:
            total.missing += weight
        elif measure.histogram:
            total.values[value] += weight
        else:
            currency = row.get("currency") if measure.money else None
            day = row.get(measure.time or "") if measure.by_day and measure.money else None
            total.sums[currency if day is None else DayMoney(currency, day)] += value
    return total


def typed_row(row: Mapping[str, Any], table: FactTable) -> dict[str, Any]:
    """A written row as the facts hold it: money in minor units, days as dates."""
    typed: dict[str, Any] = {table.weight: 1, **row}
    for name, value in row.items():
        column = table.columns.get(name)
        if column is None:
            raise ValueError(f"{table.name} has no column {name}")
        if column.type == "money" and value is not None:
            typed[name] = to_minor(Decimal(str(value)), row.get("currency") or "USD")[0]
            typed.setdefault("currency", "USD")
        elif column.type == "day" and isinstance(value, str):
            typed[name] = date.fromisoformat(value)
    return typed


def _asked(
    rows: Sequence[dict[str, Any]], measure: Measure, place: Place, at: date | None = None
) -> list[dict[str, Any]]:
    last = at or min(place.period.end, place.as_of)
    found = []
    for row in rows:
        effective = row.get("eff_day")
        if effective is not None and effective > (last if measure.time is None else place.as_of):
            continue
        day = row.get(measure.time or "") or row.get(measure.table.undated or "")
        if measure.time and (day is None or not place.period.start <= day <= last):
            continue
        if _in_scope(row.get(measure.table.owner), place.scope):
            found.append(row)
    return found


def _in_scope(owner: Any, scope: str) -> bool:
    if scope == "company":
        return True
    return owner is None if scope == UNASSIGNED else scope == f"person:{owner}"


def _differs(document: MetricDocument, case: Case, value: str | None, codes: Sequence[str]) -> Issue:
    wanted = f"{case.expect}" + (f" with {', '.join(case.issues)}" if case.issues else "")
    given = f"{value}" + (f" with {', '.join(codes)}" if codes else "")
    return Issue(
        "case_differs",
        "error",
        f'{document.id}@{document.version}, case "{case.name}": {wanted} is expected, {given} comes out.',
        object=f"metric:{document.id}",
        hint="Correct the case or the document.",
    )
