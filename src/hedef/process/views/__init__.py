"""Pages of deals: the board and the list, one deal, a move, a new deal."""

from hedef.process.views.answering import answer
from hedef.process.views.board import board
from hedef.process.views.deal import deal, edit
from hedef.process.views.listing import list_deals
from hedef.process.views.moving import move
from hedef.process.views.opening import accounts, new

__all__ = ["accounts", "answer", "board", "deal", "edit", "list_deals", "move", "new"]
