"""Reads of targets for faces and higher rooms."""

from hedef.targets.queries.board import Scoreboard, scoreboard
from hedef.targets.queries.letters import Letter, letter, letter_json, letters, letters_of
from hedef.targets.queries.plan import plan_json, plan_lines
from hedef.targets.queries.why import why

__all__ = [
    "Letter",
    "Scoreboard",
    "letter",
    "letter_json",
    "letters",
    "letters_of",
    "plan_json",
    "plan_lines",
    "scoreboard",
    "why",
]
