"""Reads of processes and of the deals in them, for faces and higher rooms."""

from hedef.process.queries.health import ProcessCheck, check
from hedef.process.queries.processes import (
    in_force,
    only,
    process_in_force,
    show,
    stage_of,
    stage_visits,
)

__all__ = ["ProcessCheck", "check", "in_force", "only", "process_in_force", "show", "stage_of", "stage_visits"]
