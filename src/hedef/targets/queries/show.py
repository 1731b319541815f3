"""Boards and plans as JSON (`hedef.scoreboard/1`, `hedef.targets/1`): decimal strings, none is null."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hedef.kernel.money import fraction_text
from hedef.metrics.engine.show import value_json
from hedef.targets.engine.board import Row
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.standing import Number
from hedef.targets.engine.units import from_steps
from hedef.targets.queries.scopes import scope_names
from hedef.targets.queries.wide import metrics_json, values_json

if TYPE_CHECKING:
    from hedef.targets.queries.board import Scoreboard


def scoreboard_json(found: "Scoreboard") -> dict[str, Any]:
    """The whole board; all keys always present."""
    asked = found.asked
    return {
        "schema": "hedef.scoreboard/1",
        "plan": None if found.version is None else f"{found.version.id}@{found.version.version}",
        "metric": f"{found.metric.id}@{found.metric_version.version}",
        "unit": found.metric.unit,
        "currency": found.currency if found.metric.unit == "money" else None,
        "period": asked.period.as_json(),
        "as_of": asked.as_of.isoformat(),
        "known_at": asked.known_no,
        "by": asked.by,
        "pace": pace_json(found),
        "metrics": [] if found.wide is None else metrics_json(found.wide),
        "rows": [row_json(found, row) for row in found.rows],
        "total": row_json(found, found.total),
        "issues": [issue.as_json() for issue in found.issues],
        "trust": found.trust.as_json(),
        "fingerprint": found.fingerprint,
    }


def pace_json(found: "Scoreboard") -> dict[str, Any]:
    """How elapsed shares were counted: days, or the shares of a seasonal curve with its middle half."""
    clock, period = found.clock, found.asked.period
    season = clock.phasing.season
    if clock.method == "seasonal" and season is not None:
        return {
            "method": "seasonal",
            "elapsed": fraction_text(clock.elapsed(period)),
            "total": "1.0000",
            "low": fraction_text(season.low),
            "high": fraction_text(season.high),
        }
    day = min(found.asked.as_of, period.end)
    if clock.method == "calendar":
        gone, total = max((day - period.start).days + 1, 0), (period.end - period.start).days + 1
        return {"method": "calendar", "elapsed": gone, "total": total, "low": None, "high": None}
    half = clock.calendar.working_half_days
    gone_halves = half(period.start, day) if day >= period.start else 0
    elapsed, total_days = _days(gone_halves), _days(half(period.start, period.end))
    return {"method": "working", "elapsed": elapsed, "total": total_days, "low": None, "high": None}


def _days(halves: int) -> int | str:
    """Whole days as a number; with a half holiday as text (`20.5`)."""
    return halves // 2 if halves % 2 == 0 else f"{halves // 2}.5"


def row_json(found: "Scoreboard", row: Row) -> dict[str, Any]:
    """One row. Money in major units half up, ratios with 4 decimals."""
    standing = row.standing

    def shown(value: Number | None) -> str | int | None:
        return step_json(value, found.metric.unit, found.currency)

    told: dict[str, Any] = {
        "scope": row.scope,
        "name": found.names.get(row.scope),
        "parent": row.parent,
        "target": shown(standing.target),
        "original_target": shown(row.original),
        "actual": shown(standing.actual),
        "attainment": fraction_text(standing.attainment),
        "expected": shown(standing.expected),
        "pace": fraction_text(standing.pace),
        "points_to_pace": fraction_text(standing.points_to_pace),
        "gap": shown(standing.gap),
        "needed_per_day": shown(standing.needed_per_day),
        "projection": shown(standing.projection),
        "band": standing.band,
        "assigned": shown(row.assigned),
        "over_assignment": fraction_text(row.over_assignment),
        "people": row.people,
        "acknowledged": found.acknowledged.get(row.scope),
        "notes": list(row.notes),
        "values": {} if found.wide is None else values_json(found.wide, row.scope),
        "trust": found.trust_of(row.scope).as_json(),
    }
    if found.asked.by in {"person", "tree"} and row.scope.startswith("person:"):
        told |= {
            "team": row.team,
            "team_attainment": fraction_text(row.team_attainment),
            "team_pace": fraction_text(row.team_pace),
            "status": row.status,
        }
    return told


def step_json(value: Number | None, unit: str, currency: str | None) -> str | int | None:
    """A value in smallest steps as JSON shows it in its unit."""
    if value is None:
        return None
    if unit in {"money", "count"}:
        return value_json(value, unit, currency)
    return value_json(Fraction(from_steps(value, unit, currency)), unit, currency)


def lines_json(lines: Sequence[GivenLine], unit: str, currency: str | None) -> list[dict[str, Any]]:
    """Lines just made: scope with its name, period, value in the metric's unit, origin and the scope above."""
    names = scope_names([line.scope for line in lines])
    return [
        {
            "scope": line.scope,
            "name": names.get(line.scope),
            "period": line.period,
            "value": step_json(line.value, unit, currency),
            "currency": currency,
            "origin": line.origin,
            "parent": None if line.parent is None else line.parent[0],
        }
        for line in lines
    ]
