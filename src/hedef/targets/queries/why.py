"""Why a number of the board is what it is: the steps of its making, from the lines and rows up."""

from datetime import date
from typing import Any

from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trace import Trace
from hedef.metrics import queries as metrics
from hedef.targets.engine.board import Row
from hedef.targets.queries.board import Scoreboard, scoreboard
from hedef.targets.queries.lines import line_rows, related_periods
from hedef.targets.queries.show import pace_json, row_json, step_json

FIELDS = ("target", "actual", "attainment", "expected", "pace", "points_to_pace", "gap", "needed_per_day", "projection")


def why(
    scope: str,
    *,
    period: str | Period,
    as_of: date | int,
    field: str = "pace",
    by: str | None = None,
    plan: str | None = None,
    known_at: int | None = None,
    viewer: Scope = EVERYTHING,
    pace: str | None = None,
) -> Trace:
    """The trace of one number of the board. WrongUse for an unknown field, NotFound for a row not seen."""
    if field not in FIELDS:
        raise WrongUse(f'"{field}" is no number of the board.', hint=f"Known: {', '.join(FIELDS)}.")
    level = by or ("person" if scope.startswith("person:") else "team")
    board = scoreboard(period=period, as_of=as_of, by=level, plan=plan, known_at=known_at, scope=viewer, pace=pace)
    row = board.row(scope)
    trace = Trace(f"{board.plan}@{board.version.version}" if board.version else board.plan)
    if field != "actual":
        trace = _target(trace, board, row)
    if field not in {"target", "expected"}:
        trace = _actual(trace, board, row, viewer, level)
    if field in {"target", "actual"}:
        return trace
    return _asked(trace, board, row, field)


def _target(trace: Trace, board: Scoreboard, row: Row) -> Trace:
    """The lines that make the target, and how: given, summed, phased, rolled up, carried in part."""
    assert board.version is not None
    names = {one.id for one in related_periods(board.asked.period, board.asked.calendar)}
    lines = [
        {"line": f"E-{line['entity']}", "period": line["period"], "value": _shown(board, line["value"])}
        for line in line_rows(board.version.id, board.version.version)
        if line["scope"] == row.scope and line["period"] in names
    ]
    carried = row.carried
    how = "none" if carried is None else carried.how
    told = trace.then("lines", len(lines), plan=board.plan, version=board.version.version, lines=lines)
    if carried is not None and carried.notes:
        share = board.clock.of(carried.country).carried(board.asked.period, carried.stays)
        stays = [
            {"from": str(stay.start), "to": str(stay.end), "factor": fraction_text(stay.factor)}
            for stay in carried.stays
        ]
        told = told.then("carried", fraction_text(share, 6), notes=list(carried.notes), stays=stays)
    return told.then("target", row_json(board, row)["target"], how=how, period=board.asked.period.as_json())


def _shown(board: Scoreboard, value: int) -> str | int | None:
    return step_json(value, board.metric.unit, board.currency)


def _actual(trace: Trace, board: Scoreboard, row: Row, viewer: Scope, by: str) -> Trace:
    """The metric's own trace: its rows become the rows of this one, where the viewer may see them."""
    value = row_json(board, row)["actual"]
    try:
        drill = metrics.rows(
            board.metric.id,
            scope=row.scope,
            by=by,
            period=board.asked.period,
            as_of=board.asked.as_of_us,
            known_at=board.asked.known_no,
            viewer=viewer,
            currency=board.currency,
            pinned=board.asked.pin,
        )
    except NotFound:  # a total above the own team: the number, not its rows
        return trace.then("actual", value, metric=board.metric.id)
    inner = metrics.why(drill)
    steps: dict[str, Any] = {"metric": inner.definition, "steps": [step.as_json() for step in inner.steps]}
    told = trace.then("actual", value, **steps)
    return Trace(told.definition, told.steps, inner.rows)


def _asked(trace: Trace, board: Scoreboard, row: Row, field: str) -> Trace:
    told = row_json(board, row)
    elapsed = pace_json(board)
    for name in _NEEDS[field]:
        detail = elapsed if name == "expected" else {"formula": _FORMULAS[name]}
        trace = trace.then(name, told[name], **detail)
    return trace


_NEEDS = {
    "attainment": ("attainment",),
    "expected": ("expected",),
    "pace": ("expected", "pace"),
    "points_to_pace": ("attainment", "expected", "points_to_pace"),
    "gap": ("expected", "gap"),
    "needed_per_day": ("needed_per_day",),
    "projection": ("expected", "projection"),
}
_FORMULAS = {
    "attainment": "actual / target",
    "pace": "actual / expected",
    "points_to_pace": "attainment - expected / target",
    "gap": "actual - expected",
    "needed_per_day": "(target - actual) / working days left",
    "projection": "actual / elapsed share",
}
