"""The list of open deals as a table that leaves Hedef."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from hedef.exports.sheet import Cell, Column, Head, Sheet
from hedef.kernel.ids import spell
from hedef.process.queries.board import Board, BoardDeal, texts
from hedef.process.views.shown import major

COLUMNS = (
    Column("deal"),
    Column("name"),
    Column("account"),
    Column("owner"),
    Column("process"),
    Column("stage"),
    Column("amount", "money", currency_of="currency"),
    Column("currency"),
    Column("close_on", "day"),
    Column("days_in_stage", "integer"),
)


def sheet(shown: Board, listed: Sequence[BoardDeal], head: Head) -> Sheet:
    """Every deal of the list, in its order; amounts in the currency of the deal."""
    told = texts([one.standing.deal for one in listed])
    rows: list[list[Cell]] = []
    for one in listed:
        deal, words = one.standing, told.get(one.standing.deal)
        if words is None:
            continue
        amount = None if deal.amount_minor is None or deal.currency is None else major(deal.amount_minor, deal.currency)
        rows.append(
            [
                spell("deal", deal.deal),
                words.name or None,
                words.account_name or None,
                words.owner_name or None,
                deal.process,
                deal.stage,
                amount,
                deal.currency,
                deal.close_on,
                one.days,
            ]
        )
    return Sheet(f"deals-{shown.process or 'all'}", _("Open deals"), COLUMNS, rows, head)
