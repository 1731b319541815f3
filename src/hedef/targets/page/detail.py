"""What stands behind an opened row: its deals won, its open deals that should close, and what is still needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.facts.queries import ask
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.metrics.page.reasons import Line as Deal
from hedef.metrics.page.reasons import largest, rows_url
from hedef.metrics.page.reasons import lines_of as deals_of
from hedef.metrics.page.shown import Figure, figure_of, in_words
from hedef.metrics.queries import Setting, rows, setting
from hedef.process.queries import in_force
from hedef.records import queries as records
from hedef.targets.page.asked import Asked
from hedef.targets.page.tree import Line, entity
from hedef.targets.queries import Scoreboard

SHOWN = 5


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal expected to close in the period; `late`: its day has passed."""

    url: str
    name: str
    stage: str
    day: date
    late: bool
    figure: Figure


@dataclass(frozen=True)
class Detail:
    """`won` and `open` are the largest; the counts are of all. `closed`: the viewer sees the number, not its rows."""

    won: tuple[Deal, ...]
    won_count: int
    won_url: str
    open: tuple[OpenDeal, ...]
    open_count: int
    open_value: Figure
    days_left: Fraction
    closed: bool = False


def detail(asked: Asked, board: Scoreboard, line: Line) -> Detail:
    """Rows behind a line, as far as the viewer may open them."""
    days_left = _days_left(board, line)
    try:
        drill = rows(
            board.metric.id,
            scope=line.scope,
            by="team" if line.scope == "unassigned" else None,
            period=asked.period,
            as_of=asked.as_of_us,
            known_at=asked.call.known_no,
            viewer=asked.call.scope,
            currency=board.currency,
            pinned=asked.pin,
        )
    except NotFound:
        return Detail((), 0, "", (), 0, Figure(None, "money", board.currency), days_left, closed=True)
    here = setting(as_of=asked.as_of_us, known_at=asked.call.known_no, currency=board.currency, pinned=asked.pin)
    waiting = _open(asked, here, line)
    query = {key: asked.query.get(key, "") for key in ("period", "as_of", "known_at")}
    by = "team" if line.scope == "unassigned" else ""
    return Detail(
        won=tuple(deals_of(drill, largest(drill, SHOWN))),
        won_count=len({row.subject for row in drill.rows}),
        won_url=rows_url(board.metric.id, scope=line.scope, by=by, **query),
        open=tuple(_shown(asked, waiting[:SHOWN])),
        open_count=len(waiting),
        open_value=_sum(here, asked, waiting),
        days_left=days_left,
    )


def _days_left(board: Scoreboard, line: Line) -> Fraction:
    carried = board.row(line.scope).carried
    period = board.asked.period
    clock = board.clock.of(None if carried is None else carried.country)
    return clock.days_left(period) if carried is None else clock.days_left(period, carried.stays)


def _open(asked: Asked, here: Setting, line: Line) -> list[dict[str, Any]]:
    """Open deals of the line's people that should close in the period, the largest first."""
    params = {"as_of_us": here.as_of_us, "from_day": asked.period.start, "to_day": asked.period.end}
    found = ask("targets/closing_in_period", params=params, pin=asked.pin).as_dicts()
    mine = [row for row in found if _belongs(here, line, row["owner"], min(asked.as_of, asked.period.end))]
    return sorted(mine, key=lambda row: (-(_converted(here, asked, row) or 0), row["deal"]))


def _belongs(here: Setting, line: Line, owner: int | None, day: date) -> bool:
    if line.kind == "company":
        return True
    if line.kind == "person":
        return owner == entity(line.scope)
    team = here.org.team_of(owner, day)
    return team is None if line.kind == "unassigned" else entity(line.scope) in here.org.chain(team)


def _converted(here: Setting, asked: Asked, row: dict[str, Any]) -> Fraction | None:
    if row["amount_minor"] is None or row["currency"] is None:
        return None
    return here.rates.convert(row["amount_minor"], row["currency"], here.currency, asked.period.start)


def _sum(here: Setting, asked: Asked, waiting: Sequence[dict[str, Any]]) -> Figure:
    values = [_converted(here, asked, row) for row in waiting]
    return figure_of(sum((one for one in values if one is not None), Fraction(0)), "money", here.currency)


def _shown(asked: Asked, waiting: Sequence[dict[str, Any]]) -> list[OpenDeal]:
    names = records.names((row["deal"] for row in waiting), kind="deal") if waiting else {}
    stages = _stages(asked) if waiting else {}
    return [
        OpenDeal(
            url=f"/process/deals/{spell('deal', row['deal'])}",
            name=names[row["deal"]],
            stage=stages.get((row["process"], row["stage"]), row["stage"] or ""),
            day=row["close_on"],
            late=row["close_on"] < asked.as_of,
            figure=figure_of(row["amount_minor"], "money", row["currency"]),
        )
        for row in waiting
    ]


def _stages(asked: Asked) -> dict[tuple[str | None, str | None], str]:
    found: dict[tuple[str | None, str | None], str] = {}
    for name, process in in_force(asked.as_of, known_no=asked.call.known_no).items():
        found |= {(name, stage.id): in_words(stage.name) for stage in process.stages}
    return found
