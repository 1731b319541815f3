"""A manager adjusts lines within the own teams: the plan's next draft, with the difference to the team's own line."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from hedef.definitions import queries as definitions
from hedef.facts import queries as facts
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import Forbidden, NotFound, Refused, WrongUse
from hedef.kernel.money import largest_remainder
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.rollup import entity_of
from hedef.targets.engine.units import to_steps
from hedef.targets.queries.lines import given_lines
from hedef.targets.services.plans import PlanOptions, exact, measure_of, plan_data
from hedef.targets.services.versions import Measure, Saved, newest, save_version


@dataclass(frozen=True)
class AdjustOrder:
    """New values of lines of a period, scope -> text in the metric's unit.

    `keep_sum`: the other people below the same line share the difference, so that the team's sum stays.
    """

    plan: str
    period: str
    values: Mapping[str, str]
    keep_sum: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Gap:
    """A team or the company: its own line, the sum of the lines cut from it, and the difference (T3)."""

    scope: str
    line: int
    below: int

    @property
    def gap(self) -> int:
        return self.below - self.line


@dataclass(frozen=True)
class AdjustAnswer:
    """The draft made (none with `dry_run`), the lines of the period as they would stand, and the gaps."""

    saved: Saved | None
    lines: tuple[GivenLine, ...]
    changed: tuple[GivenLine, ...]
    gaps: tuple[Gap, ...]
    measure: Measure


def adjust_plan(
    order: AdjustOrder, *, actor: str, viewer: Scope = EVERYTHING, own: int | None = None, dry_run: bool = False
) -> AdjustAnswer:
    """Change lines of people (and teams) that the viewer leads, as the plan's next draft.

    Neither the team's line nor anybody else's is overwritten; the gap between them is in the answer. NotFound without
    such a line; Forbidden for lines outside the own teams and for the own line (`own`); Refused where `keep_sum` finds
    nobody to take the difference.
    """
    calendar = facts.calendar()
    period = _period(order.period, calendar)
    before = newest(order.plan)
    if before is None:
        raise NotFound(f'There is no target plan "{order.plan}".', hint="hedef targets split makes one.")
    options = PlanOptions(reason=order.reason)
    data = plan_data(order.plan, before, options, base_currency=calendar.base_currency)
    _, measure = measure_of(data)
    every = given_lines(order.plan, before.version)
    here = {line.scope: line for line in every if line.period == period.id}
    wanted = {scope: _value(scope, text, here, measure) for scope, text in order.values.items()}
    wanted = {scope: value for scope, value in wanted.items() if value != here[scope].value}
    for scope in wanted:
        if not may_adjust(scope, viewer, own):
            message = f"{scope} is not in your teams: somebody above adjusts it."
            raise Forbidden(message, hint="Ask the manager, or operations.")
    if order.keep_sum:
        others = {scope for scope in here if may_adjust(scope, viewer, own)}
        wanted |= _shared(wanted, here, others)
    changed = tuple(_with(here[scope], value) for scope, value in wanted.items())
    after = {**here, **{line.scope: line for line in changed}}
    saved = None
    if changed and not dry_run:
        saved = save_version(
            plan=order.plan,
            body=_dated(data, before.effective_from, period, before.approver),
            given=changed,
            measure=measure,
            actor=actor,
            calendar=calendar,
            reason=order.reason,
        )
    return AdjustAnswer(saved, tuple(after.values()), changed, gaps_of(tuple(after.values())), measure)


def _period(text: str, calendar: Calendar) -> Period:
    try:
        return calendar.period(text)
    except ValueError as fault:
        raise WrongUse(f"--period: {fault}.") from fault


def _value(scope: str, text: str, here: Mapping[str, GivenLine], measure: Measure) -> int:
    if scope not in here:
        raise NotFound(f"{scope} has no line of this period to adjust.", hint="hedef targets show lists the lines.")
    steps, rounded = to_steps(exact(text, scope), measure.unit, measure.currency)
    if rounded:
        raise WrongUse(f'{scope}: "{text}" has more decimals than {measure.currency or measure.unit}.')
    return steps


def may_adjust(scope: str, viewer: Scope, own: int | None) -> bool:
    """Whether a viewer changes the line of a scope: people and teams that he leads, never the own line (`own`)."""
    if viewer.everything:
        return True
    match scope.partition(":")[0]:
        case "person":
            return viewer.sees_person(entity_of(scope)) and entity_of(scope) != own
        case "team":
            return entity_of(scope) in viewer.teams
    return False


def _shared(wanted: Mapping[str, int], here: Mapping[str, GivenLine], others: Set[str]) -> dict[str, int]:
    """What those of `others` below the same parent take, so that the sum below each parent stays."""
    found: dict[str, int] = {}
    for parent in dict.fromkeys(here[scope].parent for scope in wanted):
        among = [scope for scope, line in here.items() if line.parent == parent]
        rest = [scope for scope in among if scope in others and scope not in wanted]
        told = sum(here[scope].value - wanted[scope] for scope in among if scope in wanted)
        left = told + sum(here[scope].value for scope in rest)
        if not rest or left < 0:
            raise Refused(
                "The sum cannot be kept: nobody else below the same line can take the difference.",
                hint="Change fewer lines, or let the difference show.",
                code="sum_not_kept",
            )
        weights = [max(here[scope].value, 0) for scope in rest]
        parts = largest_remainder(left, weights if any(weights) else [1] * len(rest))
        found |= dict(zip(rest, parts, strict=True))
    return found


def _with(line: GivenLine, value: int) -> GivenLine:
    return GivenLine(line.scope, line.period, value, "manual", line.parent, line.floor, line.stretch)


def _dated(data: dict[str, object], start: date | None, period: Period, approver: str) -> dict[str, object]:
    """A draft keeps its first day; a version in force is followed from today on, inside the period."""
    if not approver:
        return data
    today = definitions.today()
    day = max(start or period.start, min(today, period.end), period.start)
    return {**data, "effective_from": day.isoformat()}


def gaps_of(lines: tuple[GivenLine, ...]) -> tuple[Gap, ...]:
    """Company and teams that have lines cut from theirs: what is below, beside what they have (T3)."""
    values = {line.key: line.value for line in lines}
    below: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.parent is not None and line.parent in values:
            below[line.parent] = below.get(line.parent, 0) + line.value
    return tuple(Gap(key[0], values[key], total) for key, total in below.items())
