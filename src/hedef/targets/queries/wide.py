"""Several metrics beside each other for every scope of a board: one question to the facts, all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hedef.facts import queries as facts
from hedef.facts.queries import Pin
from hedef.kernel.calendar import Period
from hedef.kernel.errors import WrongUse
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Trust, worst_trust
from hedef.metrics.engine.cells import Cell
from hedef.metrics.engine.show import value_json
from hedef.metrics.schema import MetricDocument
from hedef.targets.queries.kept import Evaluated, evaluated

if TYPE_CHECKING:
    from hedef.targets.queries.board import Scoreboard

LEVELS = ("company", "team", "person")


@dataclass(frozen=True)
class Wide:
    """`cells[metric, scope]`: one cell a period of the question, in its order; metrics in the asked order."""

    metrics: tuple[MetricDocument, ...]
    versions: Mapping[str, int]
    cells: Mapping[tuple[str, str], tuple[Cell, ...]]
    evaluation: Evaluated

    @property
    def trust(self) -> Trust:
        return self.evaluation.trust

    def of(self, metric: str, scope: str, place: int = 0) -> Cell | None:
        """The cell of a scope in the n-th period; none where nothing is known or the viewer may not see it."""
        found = self.cells.get((metric, scope), ())
        return found[place] if place < len(found) else None


def wide(
    metrics: Sequence[str],
    *,
    periods: Sequence[Period],
    as_of: date | int,
    by: Sequence[str] = LEVELS,
    known_at: int | None = None,
    scope: Scope = EVERYTHING,
    pinned: Pin | None = None,
) -> Wide:
    """Values of up to eight metrics for the levels `by` in the periods. NotFound for a metric not in force.

    Metrics of one facts table are read in one scan of it, whatever their number.
    """
    company = facts.calendar()
    found = evaluated(
        metrics,
        by=by,
        periods=periods,
        as_of=as_of if isinstance(as_of, int) else company.end_us(as_of),
        known_at=known_at,
        scope=scope,
        pinned=pinned or facts.pin(wait=False, known_no=known_at),
    )
    cells: dict[tuple[str, str], list[Cell]] = {}
    for cell in found.cells:
        cells.setdefault((cell.metric, cell.scope), []).append(cell)
    documents = {one.document.id: one.document for one in found.recipes}
    versions = {one.document.id: one.version.version for one in found.recipes}
    told = tuple(documents[one] for one in metrics)
    return Wide(told, versions, {key: tuple(value) for key, value in cells.items()}, found)


MOST = 8


def split_ids(text: str) -> tuple[str, ...]:
    """Ids of metrics in a comma list, each once. WrongUse for more than a board holds."""
    ids = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if len(ids) > MOST:
        raise WrongUse(f"{len(ids)} metrics are asked for; a board holds {MOST}.", hint="Ask in two calls.")
    return ids


def with_metrics(board: "Scoreboard", metrics: Sequence[str], *, scope: Scope = EVERYTHING) -> "Scoreboard":
    """The board with the values of several metrics beside each of its rows, of the same moment and period."""
    if not metrics:
        return board
    asked = board.asked
    levels = {"company": ("company",), "team": ("company", "team"), "person": ("company", "person")}
    found = wide(
        metrics,
        periods=[asked.period],
        as_of=asked.as_of_us,
        by=levels.get(asked.by, LEVELS),
        known_at=asked.known_no,
        scope=scope,
        pinned=asked.pin,
    )
    return replace(board, wide=found, trust=worst_trust([board.trust, found.trust]))


def metrics_json(found: Wide) -> list[dict[str, Any]]:
    """The head of the columns: which metric of which version, its unit and currency."""
    return [
        {
            "metric": f"{one.id}@{found.versions[one.id]}",
            "name": one.name.model_dump(),
            "unit": one.unit,
            "currency": _currency(found, one.id),
            "direction": one.direction,
        }
        for one in found.metrics
    ]


def values_json(found: Wide, scope: str) -> dict[str, Any]:
    """Metric id -> its value for a scope, as `hedef.metric/1` shows it."""
    told: dict[str, Any] = {}
    for one in found.metrics:
        cell = found.of(one.id, scope)
        told[one.id] = None if cell is None else value_json(cell.value, cell.unit, cell.currency)
    return told


def _currency(found: Wide, metric: str) -> str | None:
    cell = next((cells[0] for (name, _), cells in found.cells.items() if name == metric and cells), None)
    return cell.currency if cell is not None and cell.unit == "money" else None
