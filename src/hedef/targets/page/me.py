"""What a person's own page shows: own goals from year to week with the team's beside them, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from django.utils.translation import get_language

from hedef.call import Call
from hedef.kernel.calendar import NoPeriod, Period, PeriodKind
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import parse, spell
from hedef.kernel.scope import Scope
from hedef.metrics.page.shown import Figure, figure_of, in_words
from hedef.process.queries.board import BoardDeal, texts
from hedef.process.queries.board import board as deals_board
from hedef.records import queries as records
from hedef.records.queries import team_tree
from hedef.targets.page import asked as question
from hedef.targets.page.asked import Asked
from hedef.targets.page.cards import BESIDE, Against, against
from hedef.targets.page.tree import Line, Past, line_name, line_of
from hedef.targets.queries import Scoreboard

NO_PAST = Past({}, {}, None, None, None)
KINDS: tuple[PeriodKind, ...] = ("year", "quarter", "month", "week")
DEALS = 12  # that wait longest; all of them are on the board of deals


@dataclass(frozen=True)
class Goal:
    """One period: the own line, and how team or company stand; `line` is none where no plan speaks for it."""

    kind: str
    asked: Asked
    line: Line | None
    above: Against | None
    above_name: str
    urls: Mapping[str, str]

    @property
    def board(self) -> Scoreboard | None:
        return self.asked.board

    @property
    def partial(self) -> bool:
        """Whether the lines cover a part of the period only, so that nothing can be measured against them."""
        return self.line is not None and "partly_summed" in self.line.notes

    @property
    def measured(self) -> Line | None:
        """The line where it has a target that speaks for the whole period."""
        return None if self.line is None or self.line.target is None or self.partial else self.line


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open deal that needs a hand. `late`: its close date has passed; `over`: longer in its stage than usual."""

    url: str
    name: str
    account: str
    owner: str
    stage: str
    figure: Figure
    day: date | None
    days: int | None
    usual: Fraction | None
    over: bool
    late: bool
    next_step: str


@dataclass(frozen=True)
class Subject:
    """Whom a page is about: a person, and the scope of the lines (a leader's are those of the led team)."""

    person: int
    name: str
    scope: str
    leads: frozenset[int]


def subject_of(call: Call, wanted: str | None) -> Subject | None:
    """The viewer, or somebody in the viewer's scope; none where the viewer stands for no person. NotFound otherwise."""
    person = None if call.actor.user is None else call.actor.user.person
    if wanted:
        person = _wanted(call, wanted)
    if person is None:
        return None
    tree = team_tree(call.as_of)
    teams = frozenset(tree.led_by(person)[0])
    tops = [team for team in sorted(teams) if not teams.intersection(tree.path(team)[1:])]
    names = records.names([person], kind="person")
    scope = f"team:{spell('team', tops[0])}" if tops else f"person:{spell('person', person)}"
    return Subject(person, names.get(person, ""), scope, teams)


def _wanted(call: Call, text: str) -> int:
    try:
        kind, number = parse(text)
    except ValueError:
        kind, number = "", 0
    if kind != "person" or not call.scope.sees_person(number):
        raise NotFound(f'There is no person "{text}" for you.', hint="hedef records list person shows whom you see.")
    return number


def goals(call: Call, subject: Subject) -> list[Goal]:
    """Year, quarter, month and week around the day."""
    found = []
    for kind in KINDS:
        period = _around(call, kind)
        if period is not None:
            found.append(_goal(call, subject, kind, period))
    return found


def _around(call: Call, kind: PeriodKind) -> Period | None:
    try:
        own = call.calendar.month_kind_on(call.as_of) if kind == "month" else kind
        return call.calendar.period_of(call.as_of, own)
    except NoPeriod:
        return None


def _goal(call: Call, subject: Subject, kind: str, period: Period) -> Goal:
    given = {"period": period.id, "as_of": call.as_of_text or "", "known_at": call.known_at_text or ""}
    asked = replace(question.read(call, given), focus=subject.scope)
    rows = {} if asked.board is None else {row.scope: row for row in (asked.board.total, *asked.board.rows)}
    row = rows.get(subject.scope)
    if asked.board is None or row is None:
        return Goal(kind, asked, None, None, "", _urls(asked, subject.scope))
    over = rows.get(row.parent or "company")
    return Goal(
        kind=kind,
        asked=asked,
        line=line_of(asked, asked.board, NO_PAST, row),
        above=None if over is None or over.standing.target is None else against(asked.board, over),
        above_name="" if over is None else line_name(asked.board, over.scope),
        urls=_urls(asked, subject.scope),
    )


def _urls(asked: Asked, scope: str) -> dict[str, str]:
    found = {
        name: asked.address("/targets/why", scope=scope, field=name, **BESIDE)
        for name in ("target", "actual", "attainment", "points_to_pace", "needed_per_day", "expected")
    }
    return found | {"board": asked.address(scope=scope)}


def team_lines(asked: Asked, lines: Sequence[Line], subject: Subject) -> list[Line]:
    """People of the led teams, the one furthest behind pace first."""
    teams = {f"team:{spell('team', one)}" for one in subject.leads}
    board = asked.board
    if board is None:
        return []
    mine = {row.scope for row in board.rows if row.parent in teams and row.scope.startswith("person:")}
    found = [line for line in lines if line.scope in mine]
    return sorted(found, key=lambda line: (line.points is None, line.points or 0, line.name))


def waiting_deals(call: Call, subject: Subject) -> tuple[list[Waiting], int]:
    """Open deals over their usual stay or past their close date, the longest over first; and how many there are."""
    people = frozenset({subject.person, *_led(call, subject)})
    seen = Scope(people=people if call.scope.everything else people & call.scope.people)
    shown = deals_board(as_of=call.as_of, as_of_us=call.as_of_us, scope=seen, known_at=call.known_no, wait=False)
    boards = [shown]
    for process, count in shown.processes.items():
        if count and process != shown.process:
            more = deals_board(
                as_of=call.as_of,
                as_of_us=call.as_of_us,
                scope=seen,
                process=process,
                known_at=call.known_no,
                wait=False,
            )
            boards.append(more)
    stages: dict[tuple[str | None, str], str] = {
        (name, stage.id): in_words(stage.name)
        for name, document in shown.documents.items()
        for stage in document.stages
    }
    found = [one for board in boards for one in board.deals if one.older or one.past]
    found.sort(key=lambda one: (-(one.ratio or 0), one.standing.close_on or date.max, one.standing.deal))
    return _told(found[:DEALS], stages), len(found)


def _led(call: Call, subject: Subject) -> set[int]:
    if not subject.leads:
        return set()
    tree = team_tree(call.as_of)
    return {person for team in subject.leads for person in tree.members(team, deep=True)}


def _told(deals: Sequence[BoardDeal], stages: Mapping[tuple[str | None, str], str]) -> list[Waiting]:
    numbers = [one.standing.deal for one in deals]
    words = texts(numbers)
    rows = {row["entity"]: row for row in records.rows("deal", entities=numbers)} if numbers else {}
    found = []
    for one in deals:
        deal, told = one.standing, words.get(one.standing.deal)
        found.append(
            Waiting(
                url=f"/process/deals/{spell('deal', deal.deal)}",
                name=told.name if told else spell("deal", deal.deal),
                account=told.account_name if told else "",
                owner=told.owner_name if told else "",
                stage=stages.get((deal.process, deal.stage or ""), deal.stage or ""),
                figure=figure_of(deal.amount_minor, "money", deal.currency),
                day=deal.close_on,
                days=one.days,
                usual=one.usual.days,
                over=one.older,
                late=one.past,
                next_step=(rows.get(deal.deal) or {}).get("next_step") or "",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in the viewer's language."""

    entity: int
    level: str
    text: str
    at_us: int


def notices_of(person: int, *, limit: int = 8) -> list[Said]:
    """Unread notices of a person, newest first."""
    language = "tr" if (get_language() or "en").startswith("tr") else "en"
    found = records.notices(person=person, unread=True, limit=limit)
    return [Said(one.entity, one.level, one.text(language), one.at_us) for one in found]
