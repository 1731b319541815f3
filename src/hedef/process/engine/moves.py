"""Whether a deal may go from one stage to another, and which fields say so afterwards."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hedef.kernel.errors import Refused, WrongUse
from hedef.process.engine.exits import Standing, standings
from hedef.process.schema import OTHER, ProcessDocument, Stage


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to move: the deal's fields now, the stage it shall stand in, when, and why it was lost."""

    deal: Mapping[str, Any]
    stage: str
    at_us: int
    day: date
    lost_reason: str | None = None
    sentence: str = ""


def fields_of_move(document: ProcessDocument, move: Move) -> dict[str, Any]:
    """The fields to set together, so that stage and status never disagree.

    Won and lost close the deal on the day of the move; back to an open stage opens it again. WrongUse for a stage or
    reason that is not there, Refused where the process forbids the move.
    """
    target = known_stage(document, move.stage)
    current = document.stage(move.deal["stage"] or "")
    if current is not None:
        _check_way(document, current, target)
        _check_exit(document, current, target, move.deal)
    fields: dict[str, Any] = {"stage": target.id, "status": target.category}
    if target.category in {"won", "lost"}:
        fields |= {"closed_us": move.at_us, "close_on": move.day}
    else:
        fields |= {"closed_us": None}
    return fields | {"lost_reason": _lost_reason(document, target, move)}


def known_stage(document: ProcessDocument, stage: str) -> Stage:
    """The stage of that id; WrongUse with the nearest three otherwise (S12)."""
    found = document.stage(stage)
    if found is None:
        names = [one.id for one in document.stages]
        near = difflib.get_close_matches(stage, names, n=3, cutoff=0) or names[:3]
        raise WrongUse(f'{document.id} has no stage "{stage}".', hint=f"Nearest: {', '.join(near)}.")
    return found


def ways(document: ProcessDocument, stage: str | None) -> list[Stage]:
    """Stages to which a deal may go from a stage (none, or one that is not there: to all), in order."""
    current = document.stage(stage or "")
    return [one for one in document.stages if current is None or (one != current and _is_open_way(current, one))]


def _is_open_way(current: Stage, target: Stage) -> bool:
    """Going back is always allowed; forward only to the stages of `next`, where the document names them."""
    return target.order <= current.order or current.next is None or target.id in current.next


def _check_way(document: ProcessDocument, current: Stage, target: Stage) -> None:
    if _is_open_way(current, target) or current.next is None:
        return
    raise Refused(
        f"In {document.id} a deal goes from {current.id} on to {', '.join(current.next)}, not to {target.id}.",
        hint="Move it step by step, or change the process.",
    )


def _check_exit(document: ProcessDocument, current: Stage, target: Stage, deal: Mapping[str, Any]) -> None:
    """Criteria that block must be met or waived before the deal goes on. Losing a deal is always possible."""
    stopping = [one for one in open_exits(document, current, target, deal) if one.stops]
    if stopping:
        asked = ", ".join(one.criterion.require or one.criterion.id for one in stopping)
        raise Refused(
            f"{document.id} asks for {asked} before a deal leaves {current.id}.",
            hint="Fill it in, answer it, or waive it with a sentence; all three are on the page of the deal.",
            code="exit_criterion",
        )


def open_exits(
    document: ProcessDocument, current: Stage | None, target: Stage, deal: Mapping[str, Any]
) -> list[Standing]:
    """Criteria of the stage that a move forward leaves unmet; none on the way back and when a deal is lost."""
    if current is None or target.order <= current.order or target.category == "lost":
        return []
    return [one for one in standings(document, current, deal) if one.state == "missing"]


def _lost_reason(document: ProcessDocument, target: Stage, move: Move) -> str | None:
    if target.category != "lost":
        return None
    known = [one.id for one in document.lost_reasons]
    if not move.lost_reason:
        raise WrongUse("A lost deal needs its reason.", hint=f"One of: {', '.join(known)}." if known else None)
    if known and move.lost_reason not in known:
        raise WrongUse(f'"{move.lost_reason}" is no lost reason of {document.id}.', hint=f"One of: {', '.join(known)}.")
    if move.lost_reason == OTHER and not move.sentence.strip():
        raise WrongUse('The reason "other" needs a sentence.', hint="Say in a few words why the deal was lost.")
    return move.lost_reason
