"""Answers as JSON for faces: many cells, the rows behind one, and the documents themselves."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.show import value_json
from hedef.metrics.queries.documents import metrics_in_force
from hedef.metrics.queries.drill import Drill, Row, why
from hedef.metrics.queries.evaluate import Evaluation, evaluate
from hedef.metrics.queries.setting import setting
from hedef.metrics.queries.show import compared_periods, comparison, fingerprint, metric_json
from hedef.records import queries as records


def resolve_scope(text: str) -> str:
    """A scope as stored: `team:East` or `person:holly@...` become `team:T-2`, `person:P-17`."""
    kind, _, name = text.partition(":")
    if kind not in {"team", "person"}:
        return text
    if not name:
        raise WrongUse(f'"{text}" is no scope.', hint="Write company, team:East or person:P-17.")
    return f"{kind}:{spell(kind, records.resolve(kind, name))}"


def scope_names(scopes: Sequence[str]) -> dict[str, str]:
    """Names to show for scopes: of teams and people their names, of everything else the scope itself."""
    found: dict[str, str] = {}
    for kind in ("team", "person"):
        numbers = {one: int(one.rpartition("-")[2]) for one in scopes if one.startswith(f"{kind}:")}
        names = records.names(numbers.values(), kind=kind)
        found |= {one: names[number] for one, number in numbers.items()}
    return {one: found.get(one, one.partition(":")[2] or one) for one in scopes}


def cells_json(found: Evaluation) -> dict[str, Any]:
    """All cells of an evaluation as `hedef.metric/1` with `rows`; the total's own keys come from its first cell."""
    if not found.cells:
        raise NotFound("There is nothing here that you may see.")
    names = scope_names([cell.scope for cell in found])
    return metric_json(found, found.cells[0]) | {"rows": [_cell_json(cell, names) for cell in found]}


def compare(
    metric: str,
    *,
    period: Period | str,
    by: Sequence[str],
    against: str = "previous",
    as_of: date | int,
    known_at: int | None = None,
    viewer: Scope = EVERYTHING,
    currency: str | None = None,
) -> dict[str, Any]:
    """`hedef.metric/1` of the first scope, with `rows` of every scope beside those of another period.

    `against` is `previous`, `year_before` or `same_days`. WrongUse, NotFound for names that do not exist.
    """
    here = setting(as_of=as_of, known_at=known_at, currency=currency)
    asked = compared_periods(period, [against], as_of=here.as_of)
    periods = [one for one in asked if one is not None]
    found = evaluate(metric, periods=periods, as_of=as_of, by=by, known_at=known_at, scope=viewer, currency=currency)
    if not found.cells:
        raise NotFound("There is nothing here that you may see.")
    names = scope_names([cell.scope for cell in found])
    step = len(periods)
    starts = range(0, len(found.cells), step)
    pairs = [(found.cells[place], found.cells[place + 1] if step > 1 else None) for place in starts]
    rows = [_cell_json(cell, names) | {"comparisons": [comparison(cell, other, against)]} for cell, other in pairs]
    return metric_json(found, found.cells[0]) | {"comparisons": rows[0]["comparisons"], "rows": rows}


def _cell_json(cell: Cell, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "scope": cell.scope,
        "name": names[cell.scope],
        "period": cell.period.id,
        "value": value_json(cell.value, cell.unit, cell.currency),
        "n": _count(cell.n),
        "complete": cell.complete,
        "interval": cell.interval.as_json() if cell.interval else None,
        "issues": [issue.as_json() for issue in cell.issues],
    }


def rows_json(drill: Drill, *, first: int = 0, last: int | None = None) -> dict[str, Any]:
    """A number and the rows behind it; `first` and `last` cut the list, the number stays whole."""
    shown = drill.rows[first:last]
    deals = records.names((row.entity for row in shown), kind=_kind(shown))
    owners = records.names((row.owner for row in shown), kind="person")
    teams = records.names((row.team for row in shown), kind="team")
    recipe = drill.recipe
    units = {part.name: part.unit for part in recipe.sums}
    evaluation = Evaluation((drill.cell,), drill.setting, drill.trust, (recipe,))
    return metric_json(evaluation, drill.cell) | {
        "fingerprint": fingerprint(evaluation),
        "total_rows": len(drill.rows),
        "rows": [
            {
                "subject": row.subject,
                "name": deals.get(row.entity),
                "part": row.part,
                "owner": None if row.owner is None else spell("person", row.owner),
                "owner_name": owners.get(row.owner or 0),
                "team": None if row.team is None else spell("team", row.team),
                "team_name": teams.get(row.team or 0),
                "day": None if row.day is None else row.day.isoformat(),
                "currency": row.currency,
                "value": value_json(row.value, units[row.part], row.currency),
                "n": _count(row.n),
            }
            for row in shown
        ],
    }


def why_json(drill: Drill) -> dict[str, Any]:
    """A number with its trace."""
    evaluation = Evaluation((drill.cell,), drill.setting, drill.trust, (drill.recipe,))
    return metric_json(evaluation, drill.cell) | {"trace": why(drill).as_json()}


def documents_json(day: date, *, known_no: int | None = None) -> list[dict[str, Any]]:
    """Every metric in force on a day."""
    return [
        {
            "metric": one.id,
            "version": one.version,
            "name": one.document.name.model_dump(),
            "says": one.document.says.model_dump() if one.document.says else None,
            "act": one.document.act.model_dump() if one.document.act else None,
            "unit": one.document.unit,
            "direction": one.document.direction,
            "calc": one.document.calc,
            "dimensions": list(one.document.dimensions),
            "self_approved": one.self_approved,
        }
        for one in metrics_in_force(day, known_no=known_no)
    ]


def _kind(rows: Sequence[Row]) -> str | None:
    return "deal" if all(row.subject.startswith("D-") for row in rows) else None


def _count(value: Any) -> int | str | None:
    return value if isinstance(value, int) else fraction_text(value)
