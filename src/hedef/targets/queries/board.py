"""The scoreboard: targets against actuals and where everyone should be, as of any day, as known at any seal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.definitions.queries import Version
from hedef.facts import queries as facts
from hedef.facts.queries import Pin
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import parse
from hedef.kernel.issue import Issue
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Trust
from hedef.metrics.queries import metric_in_force
from hedef.metrics.schema import MetricDocument
from hedef.publications.queries import fingerprint
from hedef.targets.engine.board import Board, BoardFacts, By, PlanRules, Row, board
from hedef.targets.engine.clock import Clock, Method
from hedef.targets.engine.lines import Edition
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.rollup import COMPANY
from hedef.targets.engine.units import to_steps
from hedef.targets.queries.actuals import Actuals, actuals
from hedef.targets.queries.kept import kept
from hedef.targets.queries.letters import acknowledged_people
from hedef.targets.queries.lines import kept_books, related_periods
from hedef.targets.queries.people import Staff, staff
from hedef.targets.queries.plans import InForce, find_plan, rules_of
from hedef.targets.queries.scopes import scope_names, sees_scope
from hedef.targets.queries.season import season_for
from hedef.targets.queries.wide import Wide
from hedef.targets.schema import TargetPlan

LEVELS: dict[str, tuple[str, ...]] = {
    "company": ("company",),
    "team": ("company", "team"),
    "person": ("company", "team", "person"),
    "tree": ("company", "team", "person"),
}
MIN_SEASONS = 4  # reference periods from which the seasonal curve counts without being asked for (T10)


@dataclass(frozen=True)
class Asked:
    """The question, with its names read: what every number of the board has in common."""

    period: Period
    as_of: date
    as_of_us: int
    known_no: int | None
    by: By
    calendar: Calendar
    pin: Pin


@dataclass(frozen=True)
class Scoreboard:
    """A board with everything it rests on. Numbers are exact and in smallest steps; `as_json` shows them."""

    asked: Asked
    plan: str
    version: Version | None
    metric: MetricDocument
    metric_version: Version
    currency: str | None
    clock: Clock
    board: Board
    issues: tuple[Issue, ...]
    trust: Trust
    fingerprint: str
    names: Mapping[str, str]
    rules: PlanRules
    trusts: Mapping[str, Trust] = field(default_factory=dict)  # scope -> trust of the rows behind its numbers
    wide: Wide | None = None  # values of further metrics, where they were asked for
    acknowledged: Mapping[str, int] = field(default_factory=dict)  # scope -> people who acknowledged this version

    def trust_of(self, scope: str) -> Trust:
        """The trust of one row; that of the board where nothing narrower is known."""
        return self.trusts.get(scope, self.trust)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.board.rows

    @property
    def total(self) -> Row:
        return self.board.total

    def row(self, scope: str) -> Row:
        """The row of a scope. NotFound when the board has none."""
        for row in (self.total, *self.rows):
            if row.scope == scope:
                return row
        raise NotFound(f'The board has no row "{scope}".', hint="Ask with --by team or --by person.")

    def as_json(self) -> dict[str, Any]:
        """`hedef.scoreboard/1`."""
        from hedef.targets.queries.show import scoreboard_json

        return scoreboard_json(self)


def scoreboard(
    *,
    period: str | Period,
    as_of: date | int,
    by: str = "team",
    plan: str | None = None,
    known_at: int | None = None,
    scope: Scope = EVERYTHING,
    pace: str | None = None,
    wait: bool = True,
) -> Scoreboard:
    """The board of a period. `as_of` is a day (its end) or an instant in microseconds, `known_at` a seal number.

    `pace` overrides how elapsed shares are counted (working, calendar, seasonal). A viewer sees the rows of the own
    scope; shares and sums are always of everybody. NotFound without a plan in force; WrongUse for wrong names.
    """
    return scoreboard_of(ask_board(period, as_of, by, known_at, wait=wait), plan=plan, pace=pace, scope=scope)


def scoreboard_of(asked: Asked, *, plan: str | None, pace: str | None, scope: Scope) -> Scoreboard:
    """The board of a question that was read already."""
    key = ("board", asked.period, asked.as_of_us, asked.by, plan, asked.known_no, pace)
    whole = kept(
        key,
        asked.pin,
        lambda: _whole(asked, plan, pace),
        periods=[asked.period],
        weight=lambda one: 4 * len(one.board.rows),
    )
    shown = seen(whole.board, scope)
    document: TargetPlan = whole.force.version.document
    return Scoreboard(
        asked=asked,
        plan=whole.plan,
        version=whole.force.version,
        metric=whole.metric.document,
        metric_version=whole.metric,
        currency=document.metric.currency,
        clock=whole.clock,
        board=shown,
        issues=(*_visible(whole.board.issues, shown, scope), *whole.issues, *_of_plan(whole.force)),
        trust=whole.trust,
        fingerprint=whole.fingerprint,
        names=scope_names(row.scope for row in shown.rows),
        rules=whole.rules,
        trusts=whole.trusts,
        acknowledged=_acknowledged(shown, whole.force, whole.people),
    )


@dataclass(frozen=True)
class _Whole:
    """The board of everybody, as it is kept for every viewer: without names and without open files."""

    plan: str
    force: InForce
    metric: Version
    clock: Clock
    board: Board
    issues: tuple[Issue, ...]
    trust: Trust
    trusts: Mapping[str, Trust]
    fingerprint: str
    rules: PlanRules
    people: Staff


def _whole(asked: Asked, plan: str | None, pace: str | None) -> _Whole:
    name, force = find_plan(plan, asked.period, as_of=asked.as_of, calendar=asked.calendar, known_no=asked.known_no)
    if force is None:
        raise _no_lines(name, asked.period)
    document: TargetPlan = force.version.document
    metric_name = document.metric.metric.partition("@")[0]
    version = metric_in_force(metric_name, day=asked.period.end, known_no=asked.known_no)
    metric: MetricDocument = version.document
    rules = rules_of(document, metric)
    people = staff(pin=asked.pin, period=asked.period, day=_day(asked))
    read = actuals(
        metric_name,
        by=LEVELS[asked.by],
        periods=[asked.period],
        as_of=asked.as_of_us,
        pinned=asked.pin,
        known_no=asked.known_no,
        currency=document.metric.currency,
    )
    clock = _clock(asked, document, metric, pace)
    found = board(period=asked.period, by=asked.by, facts=_facts(asked, force, people, read), rules=rules, clock=clock)
    return _Whole(
        plan=name,
        force=force,
        metric=version,
        clock=clock,
        board=found,
        issues=read.issues,
        trust=read.trust,
        trusts={row.scope: read.evaluation.trust_in(row.scope) for row in (*found.rows, found.total)},
        fingerprint=_fingerprint(asked, force, read),
        rules=rules,
        people=people,
    )


def ask_board(period: str | Period, as_of: date | int, by: str, known_at: int | None, *, wait: bool) -> Asked:
    """The question of a board with its names read. WrongUse for a name that is none."""
    if by not in LEVELS:
        raise WrongUse(f'--by: "{by}" is none of {", ".join(LEVELS)}.')
    calendar = facts.calendar()
    try:
        one = calendar.period(period) if isinstance(period, str) else period
    except ValueError as fault:
        raise WrongUse(f"--period: {fault}.") from fault
    instant = as_of if isinstance(as_of, int) else calendar.end_us(as_of)
    day = calendar.day_of(instant)
    level: By = by  # type: ignore[assignment]  # one of LEVELS
    return Asked(one, day, instant, known_at, level, calendar, facts.pin(wait=wait, known_no=known_at))


def _day(asked: Asked) -> date:
    """The day whose org tree the board shows: as_of, kept inside the period."""
    return max(min(asked.as_of, asked.period.end), asked.period.start)


def _no_lines(plan: str, period: Period) -> NotFound:
    return NotFound(
        f"{plan} has no version in force with targets for {period.id}.",
        hint=f"hedef targets show --plan {plan} lists its versions; hedef targets publish makes a draft effective.",
        code="no_effective_plan",
    )


def _facts(asked: Asked, force: InForce, people: Staff, read: Actuals) -> BoardFacts:
    periods = related_periods(asked.period, asked.calendar)
    editions: list[Edition] = []
    bounds: dict[str, Any] = {}
    for version, start, end in force.versions:
        found, bounds = kept_books(version, tuple(periods))
        editions.append(Edition(version.version, found, start, end))
    return BoardFacts(
        editions=tuple(editions),
        tree=people.tree,
        members=people.members,
        actuals=read.of(asked.period, "team" if asked.by == "tree" else asked.by),
        original=_original(force, editions, periods),
        carriers=people.carriers,
        absent=people.absent,
        bounds=bounds,
    )


def _original(force: InForce, editions: list[Edition], periods: list[Period]) -> Edition | None:
    if force.original is None:
        return None
    number = force.original.version
    if number == editions[-1].version:
        return editions[-1]
    return Edition(number, kept_books(force.original, tuple(periods))[0])


def _clock(asked: Asked, plan: TargetPlan, metric: MetricDocument, pace: str | None) -> Clock:
    method = pace or plan.pace
    if method not in {None, "working", "calendar", "seasonal"}:
        raise WrongUse(f'--pace: "{method}" is none of working, calendar, seasonal.')
    if pace == "seasonal" and not plan.phasing.seasonal_from:
        raise WrongUse(
            f"--pace: {plan.id} names no reference periods for a season.",
            hint="Give the plan phasing.seasonal_from (hedef targets split --seasonal-from 2016-Q3,2017-Q2).",
        )
    manual = {
        asked.calendar.period(name).id: to_steps(Fraction(value), metric.unit, plan.metric.currency)[0]
        for name, value in plan.phasing.values.items()
    }
    wants = method == "seasonal" or (method is None and plan.phasing.by == "seasonal")
    curve = None
    if wants or (method is None and len(plan.phasing.seasonal_from) >= MIN_SEASONS):
        curve = season_for(
            plan,
            asked.period,
            as_of=asked.as_of,
            calendar=asked.calendar,
            pinned=asked.pin,
            known_no=asked.known_no,
        )
    counted: Method = "calendar" if method == "calendar" else "working"
    if curve is not None and (wants or curve.references >= MIN_SEASONS):
        counted = "seasonal"
    return Clock(asked.calendar, asked.as_of, Phasing(plan.phasing.by, manual, curve), counted)


def seen(found: Board, scope: Scope) -> Board:
    """The rows that a viewer may see: own lines, led teams and people, totals of the teams above."""
    if scope.everything:
        return found
    total = found.total if scope.company_total else _hidden(found.total)
    return replace(found, rows=tuple(row for row in found.rows if sees_scope(scope, row.scope)), total=total)


def _hidden(row: Row) -> Row:
    from hedef.targets.engine.standing import Standing

    return Row(row.scope, row.parent, Standing(None, None))


def _visible(issues: tuple[Issue, ...], kept: Board, scope: Scope) -> tuple[Issue, ...]:
    """Issues about people and teams that a viewer does not see stay with those who do."""
    if scope.everything:
        return issues
    names = {row.scope.rpartition(":")[2] for row in kept.rows} | {"company"}
    return tuple(issue for issue in issues if issue.object is None or issue.object.rpartition(":")[2] in names)


def _acknowledged(found: Board, force: InForce, people: Staff) -> dict[str, int]:
    """How many of the people of each row have acknowledged the version: of a team with all teams below it."""
    said = acknowledged_people(force.version)
    told: dict[str, int] = {COMPANY: len(said)} if found.total.people is not None else {}
    for row in found.rows:
        kind, _, name = row.scope.partition(":")
        if kind == "team":
            told[row.scope] = len(said.intersection(people.tree.members(parse(name)[1], deep=True))) if said else 0
        elif kind == "person" and row.standing.target is not None:
            told[row.scope] = int(parse(name)[1] in said)
    return told


def _of_plan(force: InForce) -> tuple[Issue, ...]:
    version = force.version
    if not version.self_approved:
        return ()
    return (
        Issue(
            "self_approved",
            "info",
            f"{version.id}@{version.version} was approved by its author: nobody else could.",
            object=version.reference,
        ),
    )


def _fingerprint(asked: Asked, force: InForce, read: Actuals) -> str:
    used = [version for version, _, _ in force.versions]
    used += [one for recipe in read.evaluation.recipes for one in (recipe.version, *recipe.part_versions)]
    return fingerprint(definitions={one.reference: one.hash for one in used}, pin=asked.pin, as_of_us=asked.as_of_us)


__all__ = ["Scoreboard", "ask_board", "scoreboard", "scoreboard_of"]
