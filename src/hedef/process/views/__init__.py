"""Pages of deals (board, list, one deal, a move, a new deal) and of processes (document, health, trials)."""

from hedef.process.views.answering import answer
from hedef.process.views.board import board
from hedef.process.views.deal import deal, edit
from hedef.process.views.health import exits, health
from hedef.process.views.improving import log
from hedef.process.views.listing import list_deals
from hedef.process.views.moving import move
from hedef.process.views.opening import accounts, new
from hedef.process.views.processes import process, processes
from hedef.process.views.switching import switch
from hedef.process.views.trials import trial, trials

__all__ = [
    "accounts",
    "answer",
    "board",
    "deal",
    "edit",
    "exits",
    "health",
    "list_deals",
    "log",
    "move",
    "new",
    "process",
    "processes",
    "switch",
    "trial",
    "trials",
]
