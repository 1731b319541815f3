"""Which version of which plan speaks for a period, as of a day and as known at a seal."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from hedef.definitions import queries as definitions
from hedef.definitions.engine import choose
from hedef.definitions.queries import Version
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.metrics.schema import MetricDocument
from hedef.targets.checks import metric_version
from hedef.targets.engine.board import PlanRules
from hedef.targets.engine.presence import PeopleRules
from hedef.targets.engine.standing import Band
from hedef.targets.engine.units import ADDITIVE
from hedef.targets.queries.lines import has_lines, related_periods
from hedef.targets.schema import TargetPlan

KIND = "target-plan"
DEFAULT_METRIC = "won_value"


@dataclass(frozen=True)
class InForce:
    """The versions that speak for days of a period, oldest first, with the first day of each; and the one that the
    period began with. Several only where a version applies from its date (T8)."""

    versions: tuple[tuple[Version, date, date], ...]
    original: Version | None

    @property
    def version(self) -> Version:
        return self.versions[-1][0]


def in_force(plan: str, period: Period, *, as_of: date, calendar: Calendar, known_no: int | None) -> InForce | None:
    """None where no approved version has lines for the period. A closed period keeps the version of its last day."""
    approved = [one for one in definitions.versions(KIND, plan, known_no=known_no) if one.approver]
    day = max(min(as_of, period.end), period.start)
    version = choose(approved, day)
    if version is None or not _has_lines(version, period, calendar):
        version = _later(approved, version, period, calendar)
    if version is None:
        return None
    before = choose(approved, period.start)
    original = before if before is not None and _has_lines(before, period, calendar) else version
    return InForce(_editions(approved, version, period, calendar), original)


def _later(approved: list[Version], chosen: Version | None, period: Period, calendar: Calendar) -> Version | None:
    """Targets that were given to a period afterwards: the first later version with lines for it."""
    after = [one for one in approved if chosen is None or one.version > chosen.version]
    return next((one for one in after if _has_lines(one, period, calendar)), None)


def _has_lines(version: Version, period: Period, calendar: Calendar) -> bool:
    return has_lines(version.id, version.version, (one.id for one in related_periods(period, calendar)))


def _editions(
    approved: list[Version], newest: Version, period: Period, calendar: Calendar
) -> tuple[tuple[Version, date, date], ...]:
    found: list[tuple[Version, date, date]] = []
    version, until = newest, date.max
    while True:
        plan: TargetPlan = version.document
        start = version.effective_from
        if plan.change.applies != "from_date" or start is None or start <= period.start or start > period.end:
            found.append((version, date.min, until))
            return tuple(reversed(found))
        before = choose([one for one in approved if one.version < version.version], start - timedelta(days=1))
        if before is None or not _has_lines(before, period, calendar):
            found.append((version, date.min, until))
            return tuple(reversed(found))
        found.append((version, start, until))
        version, until = before, start


def find_plan(
    plan: str | None, period: Period, *, as_of: date, calendar: Calendar, known_no: int | None
) -> tuple[str, InForce | None]:
    """The named plan, or the only one with lines for the period (of several, the only one about won value).

    NotFound for an unknown plan or where no plan has lines; WrongUse where several do.
    """
    if plan is not None:
        if not definitions.versions(KIND, plan):
            raise _unknown(plan)
        return plan, in_force(plan, period, as_of=as_of, calendar=calendar, known_no=known_no)
    names = [one.id for one in definitions.list_documents(KIND)]
    forces = {name: in_force(name, period, as_of=as_of, calendar=calendar, known_no=known_no) for name in names}
    found = {name: one for name, one in forces.items() if one is not None}
    if len(found) > 1:
        main = {name: one for name, one in found.items() if _metric_of(one.version) == DEFAULT_METRIC}
        found = main if len(main) == 1 else found
    if len(found) > 1:
        raise WrongUse(
            f"Several plans have targets for {period.id}: {', '.join(found)}.", hint=f"Choose one: --plan {min(found)}"
        )
    if not found:
        raise _nothing(period, names)
    return next(iter(found.items()))


def newest_version(plan: str) -> Version:
    """The newest version of a plan; NotFound for an unknown one."""
    found = definitions.versions(KIND, plan)
    if not found:
        raise _unknown(plan)
    return found[-1]


def _metric_of(version: Version) -> str:
    plan: TargetPlan = version.document
    return plan.metric.metric.partition("@")[0]


def _unknown(plan: str) -> NotFound:
    names = ", ".join(one.id for one in definitions.list_documents(KIND))
    hint = f"Known: {names}." if names else "hedef targets split or hedef targets import makes one."
    return NotFound(f'There is no target plan "{plan}".', hint=hint)


def _nothing(period: Period, names: list[str]) -> NotFound:
    waiting = [one for name in names for one in definitions.versions(KIND, name) if not one.approver]
    if waiting:
        last = waiting[-1]
        return NotFound(
            f"No plan in force has targets for {period.id}; {last.id}@{last.version} is only a {last.state}.",
            hint=f"hedef targets publish --plan {last.id}",
            code="no_effective_plan",
        )
    hint = "hedef targets split or hedef targets import gives it some."
    return NotFound(f"No plan has targets for {period.id}.", hint=hint, code="no_effective_plan")


def metric_of(plan: TargetPlan) -> MetricDocument:
    """The metric that a plan is about."""
    found = metric_version(plan.metric.metric)
    if found is None:
        raise NotFound(f'There is no metric "{plan.metric.metric}".', hint="hedef metrics list shows every metric.")
    document: MetricDocument = found.document
    return document


def rules_of(plan: TargetPlan, metric: MetricDocument) -> PlanRules:
    """How the plan wants its lines to be read."""
    people = plan.people
    return PlanRules(
        people=PeopleRules(people.joiner, people.leaver, tuple(map(Fraction, people.ramp)), people.absence),
        bands=tuple(Band(one.word, None if one.below is None else Fraction(one.below)) for one in plan.bands),
        direction=metric.direction,
        additive=metric.calc in ADDITIVE,
        warn=(Fraction(plan.warn[0]), Fraction(plan.warn[1])),
    )
