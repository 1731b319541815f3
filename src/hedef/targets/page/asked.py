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
from hedef.kernel.calendar import Calendar, NoPeriod, Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.scope import Scope
from hedef.metrics.page.asked import read_period
from hedef.metrics.queries import resolve_scope
from hedef.targets.engine.board import Row
from hedef.targets.page.choices import Choice, choices
from hedef.targets.queries import Scoreboard, scoreboard
from hedef.targets.queries.kept import board_instant
from hedef.targets.queries.openness import board_scope

PATH = "/targets/scoreboard"
type By = Literal["tree", "person", "metrics"]
type With = Literal["previous", "year_before"]


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
    versus: Period | None  # what the numbers stand beside; none where the calendar has nothing alike
    beside: With = "previous"
    metrics: tuple[str, ...] = ()  # the chosen ones; none: the board of the viewer's role
    query: dict[str, str] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        return self.call.calendar

    @property
    def seen(self) -> Scope:
        """Whose lines the board shows: the viewer's scope, or everybody's where boards are open."""
        return board_scope(self.call.scope)

    @property
    def as_of_us(self) -> int:
        return board_instant(self.call)

    @property
    def as_of(self) -> date:
        return self.call.as_of

    def address(self, path: str = PATH, **changes: str) -> str:
        """The address of a page that keeps everything else of the question; an empty parameter is dropped."""
        given = {name: value for name, value in {**self.query, **changes}.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


KEPT = ("period", "as_of", "known_at", "plan", "scope", "by", "open", "list", "with", "metrics")
MOST_METRICS = 8


def read(call: Call, given: Mapping[str, str]) -> Asked:
    """The question of an address. WrongUse for a period or day that is none, NotFound for an unknown plan or scope."""
    period = read_period(call, given.get("period"))
    plans = choices(period, call)
    plan = _plan(plans, given.get("plan"))
    board = None
    if plan is not None:
        board = scoreboard(
            period=period,
            as_of=board_instant(call),
            by="tree",
            plan=plan,
            known_at=call.known_no,
            scope=board_scope(call.scope),
            wait=False,
        )
    pin = board.asked.pin if board is not None else facts.pin(wait=False, known_no=call.known_no)
    query = {name: value for name in KEPT if (value := given.get(name))} | {"period": period.id}
    beside: With = "year_before" if given.get("with") == "year_before" else "previous"
    by = given.get("by") or ""
    return Asked(
        call=call,
        period=period,
        by=by if by in {"person", "metrics"} else "tree",  # type: ignore[arg-type]  # one of By
        opened=frozenset(one for one in (given.get("open") or "").split(",") if one),
        plans=plans,
        plan=plan,
        board=board,
        pin=pin,
        focus=_focus(call, board, given.get("scope")),
        versus=_versus(call.calendar, period, beside),
        beside=beside,
        metrics=chosen(given.get("metrics") or ""),
        query=query,
    )


def _versus(calendar: Calendar, period: Period, beside: With) -> Period | None:
    try:
        return calendar.year_before(period) if beside == "year_before" else calendar.previous(period)
    except NoPeriod:
        return None


def chosen(text: str) -> tuple[str, ...]:
    """Ids of metrics in a comma list, each once. WrongUse for more than a board holds."""
    ids = tuple(dict.fromkeys(one for one in text.split(",") if one))
    if len(ids) > MOST_METRICS:
        said = _("%(count)s metrics are chosen; a board holds %(most)s.") % {"count": len(ids), "most": MOST_METRICS}
        raise WrongUse(said, hint=_("Take some away: what is left out is one click away."))
    return ids


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
