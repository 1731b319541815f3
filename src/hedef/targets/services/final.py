"""A board marked final: kept as a publication with everything it rests on, and told again to the byte."""

from datetime import datetime
from typing import Any

from hedef.definitions.queries import get
from hedef.facts.queries import Pin, pin, trust_of
from hedef.kernel.errors import Refused
from hedef.kernel.scope import EVERYTHING
from hedef.kernel.trust import Trust
from hedef.publications.queries import Published
from hedef.publications.services import publish
from hedef.targets.queries import Scoreboard
from hedef.targets.queries.board import scoreboard
from hedef.targets.queries.plans import KIND

BOARD = "scoreboard"
QUOTA_OBJECTS = ("deal", "membership", "person", "team")
"""What quotas rest on: the deals that weigh them, and the people and teams that carry them."""


def keep_board(
    *,
    period: str,
    as_of_us: int,
    by: str,
    plan: str | None,
    pace: str | None,
    known_no: int | None,
    actor: str,
    made_at: datetime,
) -> tuple[Published, Scoreboard]:
    """Mark the board of everybody as final. Refused while a check blocks what it reads (publications.gate)."""
    at = pin(known_no=known_no)
    board = _board(period, as_of_us, by, plan, pace, at.known_no)
    made = publish(
        kind=BOARD,
        subject=f"{board.plan}/{board.asked.period.id}",
        body=body_of(board, pace),
        definitions=_definitions(board),
        pin=at,
        as_of_us=board.asked.as_of_us,
        trust=board.trust,
        actor=actor,
        made_at=made_at,
    )
    return made, board


def _board(period: str, as_of_us: int, by: str, plan: str | None, pace: str | None, known_no: int) -> Scoreboard:
    return scoreboard(period=period, as_of=as_of_us, by=by, plan=plan, pace=pace, known_at=known_no, scope=EVERYTHING)


def body_of(board: Scoreboard, pace: str | None) -> dict[str, Any]:
    """The board without what stands beside it on the publication, and with what it was asked for."""
    told = {name: value for name, value in board.as_json().items() if name not in ("trust", "fingerprint")}
    told |= {"rows": [_bare(row) for row in told["rows"]], "total": _bare(told["total"])}
    return told | {"asked": {"plan": board.plan, "period": board.asked.period.id, "by": board.asked.by, "pace": pace}}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """Without what may change afterwards: the trust of a row, and who has acknowledged since."""
    return {name: value for name, value in row.items() if name != "trust"} | {"acknowledged": None}


def tell_board(published: Published) -> dict[str, Any]:
    """The body of a kept board, computed anew."""
    asked = published.body["asked"]
    if published.as_of_us is None:
        raise Refused(f"Publication {published.no} names no instant.")
    board = _board(asked["period"], published.as_of_us, asked["by"], asked["plan"], asked["pace"], published.known_no)
    return body_of(board, asked["pace"])


def _definitions(board: Scoreboard) -> dict[str, str]:
    found = {board.metric_version.reference: board.metric_version.hash}
    if board.version is not None:
        whole = get(KIND, board.version.id, board.version.version)
        found[whole.reference] = whole.hash
    return found


def quota_trust(at: Pin | None = None) -> Trust:
    """The trust of what quotas rest on, now."""
    return trust_of(QUOTA_OBJECTS, pin=at or pin())
