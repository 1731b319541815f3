"""The table of all chosen metrics: a row a scope, a column a metric, each number with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hedef.metrics.engine.cells import Cell
from hedef.metrics.page.reasons import why_url
from hedef.metrics.page.shown import Figure, figure_of, in_words, same_days, span
from hedef.metrics.queries.evaluate import scope_key, sees
from hedef.metrics.schema import MetricDocument
from hedef.targets.engine.board import Row
from hedef.targets.page.asked import Asked
from hedef.targets.page.boards import Chosen, old_enough
from hedef.targets.page.cards import Against, against, other_board
from hedef.targets.page.tree import Line
from hedef.targets.queries import Scoreboard
from hedef.targets.queries.wide import Wide, wide


@dataclass(frozen=True, slots=True)
class Column:
    """A metric as the head of a column; `priority`: which columns a narrow page leaves out."""

    id: str
    name: str
    url: str
    priority: str
    unit: str


@dataclass(frozen=True, slots=True)
class Number:
    """One cell: the number, what it stands beside, and its target where a plan gives one. No link where the rows
    behind it are not for this viewer."""

    figure: Figure
    before: Figure
    why: str
    priority: str
    few: bool
    line: Against | None = None


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Line, tuple[Number, ...]], ...]
    found: Wide


_PRIORITY = ("", "", "p2", "p2", "p3", "p3", "p3", "p3")


def metric_table(asked: Asked, board: Scoreboard, chosen: Chosen, lines: Sequence[Line]) -> Table:
    """All metrics of the board for all its rows."""
    before = asked.versus
    until = None if before is None else same_days(asked.period, before, asked.as_of, asked.calendar)
    past = None if before is None or until is None else span(before.start, until)
    if past is not None and old_enough(asked, chosen.ids, past.end)[1]:
        past = None  # a metric that is younger than the period beside has nothing to stand beside
    found = wide(
        chosen.ids,
        periods=[asked.period] if past is None else [asked.period, past],
        as_of=asked.as_of_us,
        known_at=asked.call.known_no,
        scope=asked.seen,
        pinned=asked.pin,
    )
    boards = _boards(asked, board, chosen)
    columns = tuple(_column(asked, one, place) for place, one in enumerate(found.metrics))
    rows = tuple((line, tuple(_numbers(asked, found, boards, line, columns))) for line in lines)
    return Table(columns, rows, found)


type Rows = dict[str, tuple[Scoreboard, dict[str, Row]]]
"""Metric -> the board of its plan, and that board's rows by scope."""


def _boards(asked: Asked, board: Scoreboard, chosen: Chosen) -> Rows:
    boards = {board.metric.id: board}
    for choice in asked.plans:
        if choice.metric in chosen.ids and choice.metric not in boards:
            boards[choice.metric] = other_board(asked, choice.id, by="tree")
    return {name: (one, {row.scope: row for row in (one.total, *one.rows)}) for name, one in boards.items()}


def _column(asked: Asked, metric: MetricDocument, place: int) -> Column:
    url = asked.address(f"/metrics/{metric.id}/", plan="", open="", by="", list="", metrics="", scope=asked.focus)
    return Column(metric.id, in_words(metric.name), url, _PRIORITY[place], metric.unit)


def _numbers(asked: Asked, found: Wide, boards: Rows, line: Line, columns: Sequence[Column]) -> list[Number]:
    query = {key: asked.query.get(key, "") for key in ("period", "as_of", "known_at")}
    opens = sees(asked.call.scope, scope_key(line.scope, "team"))
    told = []
    for column in columns:
        now, past = found.of(column.id, line.scope), found.of(column.id, line.scope, 1)
        by = "team" if line.scope == "unassigned" else ""
        told.append(
            Number(
                figure=_figure(now, column),
                before=_figure(past, column),
                why=why_url(column.id, scope=line.scope, by=by, **query) if opens else "",
                priority=column.priority,
                few=now is not None and now.interval is not None and Fraction(now.n) < 10,
                line=_against(boards, column.id, line.scope),
            )
        )
    return told


def _figure(cell: Cell | None, column: Column) -> Figure:
    return Figure(None, column.unit) if cell is None else figure_of(cell.value, cell.unit, cell.currency)


def _against(boards: Rows, metric: str, scope: str) -> Against | None:
    board, rows = boards.get(metric, (None, {}))
    row = rows.get(scope)
    return None if board is None or row is None or row.standing.target is None else against(board, row)
