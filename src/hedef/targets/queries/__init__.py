"""Reads of targets for faces and higher rooms."""

from hedef.targets.queries.board import Scoreboard, scoreboard
from hedef.targets.queries.plan import plan_json, plan_lines
from hedef.targets.queries.why import why

__all__ = ["Scoreboard", "plan_json", "plan_lines", "scoreboard", "why"]
