"""The text of `hedef.scoreboard/1` as it is sent: kept for the next reader, without the names of people."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hedef.kernel.calendar import Period
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.targets.queries.board import Asked, ask_board, scoreboard_of
from hedef.targets.queries.kept import kept
from hedef.targets.queries.scopes import scope_names
from hedef.targets.queries.wide import with_metrics

_NAME = "\x00name\x00"  # stands in a kept text where a name belongs
_WEIGHT = 4  # a row of text takes about the room of so many kept numbers


@dataclass(frozen=True, slots=True)
class Text:
    """A board as text with gaps: between part n and the next one belongs the name of the n-th scope."""

    parts: tuple[str, ...]
    scopes: tuple[str, ...]


def scoreboard_text(
    metrics: Sequence[str],
    *,
    period: str | Period,
    as_of: int,
    by: str = "team",
    plan: str | None = None,
    known_at: int | None = None,
    scope: Scope = EVERYTHING,
    pace: str | None = None,
    wait: bool = True,
) -> str:
    """`scoreboard` with the values of `metrics` beside it, as JSON text; errors as those of both.

    Names are read anew for every reader, so that the memory never holds one that was erased.
    """
    asked = ask_board(period, as_of, by, known_at, wait=wait)
    key = ("text", asked.period, asked.as_of_us, asked.by, plan, known_at, pace, scope, tuple(metrics))
    found = kept(
        key,
        asked.pin,
        lambda: _text(asked, plan, pace, scope, metrics),
        periods=[asked.period],
        weight=lambda one: _WEIGHT * len(one.scopes),
    )
    names = scope_names(found.scopes)
    told = [found.parts[0]]
    for scope_, part in zip(found.scopes, found.parts[1:], strict=True):
        told += (_said(names[scope_]), part)
    return "".join(told)


_said = json.JSONEncoder().encode


def _text(asked: Asked, plan: str | None, pace: str | None, scope: Scope, metrics: Sequence[str]) -> Text:
    board = with_metrics(scoreboard_of(asked, plan=plan, pace=pace, scope=scope), metrics, scope=scope)
    named = tuple(row.scope for row in (*board.rows, board.total) if row.scope in board.names)
    text = json.dumps(replace(board, names=dict.fromkeys(named, _NAME)).as_json())
    return Text(tuple(text.split(json.dumps(_NAME))), named)
