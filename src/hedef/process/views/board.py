"""The board of deals: a lane for every open stage, folded ones for what closed lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.kernel.ids import spell
from hedef.process.queries.board import CLOSED_DAYS, Board, BoardDeal, ClosedDeal, Texts, texts
from hedef.process.views.asked import read_asked
from hedef.process.views.cards import Card, cards_of, context_of, mover, open_stages, parts_of
from hedef.process.views.shown import major, reason_name, usual_text, word
from hedef.web.pages import page, show

CARDS = 6  # of a lane, the rest is in the list
_OLDEST = 10


@dataclass(frozen=True)
class Lane:
    """One stage of the board. `more`: how many cards are not shown."""

    stage: str | None
    name: str
    deals: int
    total: Fraction | None
    parts: tuple[tuple[Fraction, str], ...]
    without_amount: int
    usual: str
    cards: tuple[Card, ...]
    more: int


@dataclass(frozen=True)
class ClosedLane:
    """Deals won or lost lately, folded."""

    outcome: str
    deals: int
    total: Fraction | None
    parts: tuple[tuple[Fraction, str], ...]
    rows: tuple[dict[str, Any], ...]
    more: int


@require_safe
@page()
def board(request: HttpRequest, call: Call) -> HttpResponse:
    """Lanes of the open stages, and below them the deals that stay longest."""
    filters, whole, shown = read_asked(request, call)
    editor = mover(call)
    oldest = sorted((one for one in shown.deals if one.older), key=lambda one: -(one.ratio or 0))[:_OLDEST]
    lanes = _lane_deals(shown)
    numbers = {one.standing.deal for _name, _stage, deals in lanes for one in deals[:CARDS]}
    cards = cards_of(shown, numbers | {one.standing.deal for one in oldest}, editor)
    context = context_of(request, call, filters, whole, shown) | {
        "view": "board",
        "lanes": [_lane(shown, name, stage, deals, cards) for name, stage, deals in lanes],
        "closed": _closed_lanes(shown),
        "closed_days": CLOSED_DAYS,
        "oldest": [cards[one.standing.deal] for one in oldest if one.standing.deal in cards],
        "may_open": editor.any,
    }
    return show(request, "process/board.html", context)


def _lane_deals(shown: Board) -> list[tuple[str, str | None, list[BoardDeal]]]:
    lanes: list[tuple[str, str | None, list[BoardDeal]]] = [
        (word(one.name), one.id, shown.in_stage(one.id)) for one in open_stages(shown.document)
    ]
    stray = shown.stray()
    return [*lanes, (_("In no stage"), None, stray)] if stray else lanes


def _lane(shown: Board, name: str, stage: str | None, deals: Sequence[BoardDeal], cards: dict[int, Card]) -> Lane:
    sums = shown.sums(deals)
    first = [cards[one.standing.deal] for one in deals[:CARDS] if one.standing.deal in cards]
    return Lane(
        stage=stage,
        name=name,
        deals=len(deals),
        total=major(sums.value, shown.currency),
        parts=parts_of(sums),
        without_amount=sums.without_amount,
        usual=usual_text(shown.usual.get(stage)) if stage else "",
        cards=tuple(first),
        more=max(len(deals) - CARDS, 0),
    )


def _closed_lanes(shown: Board) -> list[ClosedLane]:
    by_outcome = {name: [one for one in shown.closed if one.outcome == name] for name in ("won", "lost")}
    told = texts({one.deal for deals in by_outcome.values() for one in deals[:CARDS]})
    return [_closed_lane(shown, name, deals, told) for name, deals in by_outcome.items() if deals]


def _closed_lane(shown: Board, outcome: str, deals: Sequence[ClosedDeal], told: dict[int, Texts]) -> ClosedLane:
    sums = shown.sums(deals)
    rows = tuple(
        {
            "deal": one.deal,
            "name": told[one.deal].name or spell("deal", one.deal),
            "owner": told[one.deal].owner_name,
            "amount": major(one.amount_minor, one.currency),
            "currency": one.currency or "",
            "day": one.closed_day,
            "reason": reason_name(shown.document, one.reason),
        }
        for one in deals[:CARDS]
        if one.deal in told
    )
    total = major(sums.value, shown.currency)
    return ClosedLane(outcome, len(deals), total, parts_of(sums), rows, max(len(deals) - CARDS, 0))
