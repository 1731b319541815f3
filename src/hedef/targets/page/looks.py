"""Worth a look: what the board itself says stands out. Nothing here is computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from hedef.kernel.issue import Issue
from hedef.metrics.page.shown import in_words
from hedef.targets.page.asked import Asked
from hedef.targets.page.cards import Card
from hedef.targets.page.tree import Line, line_name
from hedef.targets.queries import Scoreboard

SHORT = {"behind": 3, "watch": 1, "ahead": 1}
ISSUES = 3
METRICS = 2
FALLEN = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class Look:
    """A row out of pace (`line`), a metric (`card`), or an issue of the board (`text`); `act`: what to do about it."""

    band: str
    name: str
    url: str
    line: Line | None = None
    card: Card | None = None
    text: str = ""
    act: str = ""


def looks(
    asked: Asked, board: Scoreboard, lines: Sequence[Line], cards: Sequence[Card] = (), *, every: bool
) -> tuple[list[Look], int]:
    """The looks to show, and how many there are: the largest gaps first, then metrics, then issues."""
    below = [line for line in lines if line.kind == "person"] or [line for line in lines if line.kind == "team"]
    act = in_words(board.metric.act)
    found: list[Look] = []
    count = 0
    for band in ("behind", "watch", "ahead"):
        rows = [line for line in below if line.band == band]
        rows.sort(key=lambda line: (-abs(line.gap or line.points or Fraction(0)), line.name))
        count += len(rows)
        wanted = rows if every else rows[: SHORT[band]]
        found += [
            _of_line(asked, line, act if band != "ahead" and not number else "") for number, line in enumerate(wanted)
        ]
    fallen = [_of_card(card) for card in cards if card.metric != board.metric.id and fell(card)]
    count += len(fallen)
    found += fallen if every else fallen[:METRICS]
    shown = {line.scope for line in lines}
    issues = [
        _of_issue(asked, board, issue)
        for issue in board.issues
        if issue.level != "info" and _scope_of(board, issue) in {"", *shown} and not _is_rounding(board, issue)
    ]
    return found + (issues if every else issues[:ISSUES]), count + len(issues)


def _is_rounding(board: Scoreboard, issue: Issue) -> bool:
    """Lines phased to shorter periods may differ from their whole by less than anybody can read."""
    if issue.code != "over_assignment":
        return False
    scope = _scope_of(board, issue)
    row = next((one for one in (board.total, *board.rows) if one.scope == scope), None)
    return row is not None and row.over_assignment is not None and abs(row.over_assignment) * 2000 < 1


def _of_line(asked: Asked, line: Line, act: str) -> Look:
    where = asked.address(open=line.scope) + f"#{line.id}"
    return Look(line.band or "", line.name, where, line=line, act=act)


def fell(card: Card) -> bool:
    """A metric behind its target, a share that is worse, a sum that lost a fifth against the same days beside it."""
    if card.line is not None and card.line.band is not None:
        return card.line.band in {"behind", "watch"}
    if card.verdict:
        return card.verdict == "worse"
    return card.change is not None and (-card.change if card.direction == "up" else card.change) >= FALLEN


def _of_card(card: Card) -> Look:
    band = card.line.band if card.line is not None and card.line.band else "watch"
    return Look(band, card.name, card.url, card=card, act=card.act)


def _of_issue(asked: Asked, board: Scoreboard, issue: Issue) -> Look:
    scope = _scope_of(board, issue)
    name = line_name(board, scope) if scope else _("The plan")
    row = next((one for one in (board.total, *board.rows) if one.scope == scope), None)
    where = f"{asked.address()}#{scope.replace(':', '-')}" if row is not None else ""
    return Look("issue", name, where, text=board_issue(issue))


def _scope_of(board: Scoreboard, issue: Issue) -> str:
    if issue.object == "company":
        return "company"
    return next((row.scope for row in board.rows if row.scope.rpartition(":")[2] == issue.object), "")


def board_issue(issue: Issue) -> str:
    """A sentence in the viewer's language; an issue without a translation says its own."""
    told = {
        "no_target": _("No target for this period."),
        "zero_target": _("The target is 0, so there is no attainment."),
        "over_assignment": _("The lines below differ from this line by more than the plan wants."),
        "partial_lines": _("The lines cover only a part of the period."),
        "self_approved": _("Approved by its author: nobody else could."),
        "amount_missing": _("Rows without an amount are left out."),
        "rate_missing": _("A rate is missing, so a sum cannot be shown."),
        "period_not_started": _("The period has not begun."),
        "team_cycle": _("Teams stand above each other in a circle."),
        "manager_cycle": _("Managers stand above each other in a circle."),
        "two_primary_teams": _("Somebody has two main teams on one day."),
    }
    return str(told.get(issue.code, issue.message))
