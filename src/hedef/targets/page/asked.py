"""What an address of the Performance page asks for, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from hedef.call import Call
from hedef.facts import queries as facts
from hedef.facts.queries import Pin
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.metrics.page.asked import read_period
from hedef.metrics.queries import resolve_scope
from hedef.targets.engine.board import Row
from hedef.targets.page.choices import Choice, choices
from hedef.targets.queries import Scoreboard, scoreboard

PATH = "/targets/scoreboard"
type By = Literal["tree", "person"]


@dataclass(frozen=True)
class Asked:
    """`board` is none where no plan in force has targets for the period; `focus` is what cards and lines are about."""

    call: Call
    period: Period
    by: By
    opened: frozenset[str]
    plans: tuple[Choice, ...]
    plan: str | None
    board: Scoreboard | None
    pin: Pin
    focus: str
    query: dict[str, str] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        return self.call.calendar

    @property
    def as_of(self) -> date:
        return self.call.as_of

    def address(self, path: str = PATH, **changes: str) -> str:
        """The address of a page that keeps everything else of the question; an empty parameter is dropped."""
        given = {name: value for name, value in {**self.query, **changes}.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


KEPT = ("period", "as_of", "known_at", "plan", "scope", "by", "open", "list")


def read(call: Call, given: Mapping[str, str]) -> Asked:
    """The question of an address. WrongUse for a period or day that is none, NotFound for an unknown plan or scope."""
    period = read_period(call, given.get("period"))
    plans = choices(period, call)
    plan = _plan(plans, given.get("plan"))
    board = None
    if plan is not None:
        board = scoreboard(
            period=period,
            as_of=call.as_of_us,
            by="tree",
            plan=plan,
            known_at=call.known_no,
            scope=call.scope,
            wait=False,
        )
    pin = board.asked.pin if board is not None else facts.pin(wait=False, known_no=call.known_no)
    query = {name: value for name in KEPT if (value := given.get(name))} | {"period": period.id}
    return Asked(
        call=call,
        period=period,
        by="person" if given.get("by") == "person" else "tree",
        opened=frozenset(one for one in (given.get("open") or "").split(",") if one),
        plans=plans,
        plan=plan,
        board=board,
        pin=pin,
        focus=_focus(call, board, given.get("scope")),
        query=query,
    )


def _plan(plans: tuple[Choice, ...], wanted: str | None) -> str | None:
    if wanted is None:
        return next((one.id for one in plans if one.main), plans[0].id if plans else None)
    if wanted not in {one.id for one in plans}:
        names = ", ".join(one.id for one in plans) or "–"
        said = _("The plan “%(plan)s” has no targets for this period.") % {"plan": wanted}
        raise NotFound(said, hint=_("Plans with targets: %(names)s.") % {"names": names})
    return wanted


def row_of(board: Scoreboard, scope: str) -> Row:
    """The row of a scope. NotFound, in the viewer's language, for one that is not there or not for this viewer."""
    found = next((row for row in (board.total, *board.rows) if row.scope == scope), None)
    if found is None:
        said = _("This board has no row “%(scope)s” for you.") % {"scope": scope}
        raise NotFound(said, hint=_("Open your own line or a team that you lead."))
    return found


def _focus(call: Call, board: Scoreboard | None, wanted: str | None) -> str:
    """The asked scope; else what the viewer stands for: the own line, the one team that is led, the company."""
    if wanted:
        scope = resolve_scope(wanted)
        if board is not None:
            row_of(board, scope)
        return scope
    seen = call.scope
    if seen.everything:
        return "company"
    rows = {row.scope: row.parent for row in board.rows} if board is not None else {}
    led = [f"team:{spell('team', one)}" for one in sorted(seen.teams)]
    tops = [one for one in led if rows.get(one) not in led]
    if len(tops) == 1 and (board is None or tops[0] in rows):
        return tops[0]
    own = [f"person:{spell('person', one)}" for one in sorted(seen.people)]
    if not led and len(own) == 1 and (board is None or own[0] in rows):
        return own[0]
    return "company"
