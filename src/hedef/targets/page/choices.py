"""Which plans have targets for a period, and where else there are targets."""

from dataclasses import dataclass

from hedef.call import Call
from hedef.definitions.queries import Version, list_documents, versions
from hedef.kernel.calendar import Period
from hedef.metrics.page.shown import in_words
from hedef.targets.queries.lines import periods_with_lines
from hedef.targets.queries.plans import DEFAULT_METRIC, KIND, in_force
from hedef.targets.schema import TargetPlan


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan that speaks for the period; `main` is the one that a page shows unasked."""

    id: str
    name: str
    metric: str
    main: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A plan with targets for other periods; `waiting` when no version of it is in force yet."""

    id: str
    name: str
    periods: tuple[str, ...]
    waiting: str | None


def choices(period: Period, call: Call) -> tuple[Choice, ...]:
    """Plans with lines for the period, by id."""
    found = []
    for one in list_documents(KIND):
        force = in_force(one.id, period, as_of=call.as_of, calendar=call.calendar, known_no=call.known_no)
        if force is not None:
            plan: TargetPlan = force.version.document
            found.append((one.id, in_words(plan.name), plan.metric.metric.partition("@")[0]))
    mains = [id_ for id_, _, metric in found if metric == DEFAULT_METRIC]
    return tuple(Choice(id_, name, metric, id_ == next(iter(mains), None)) for id_, name, metric in found)


def elsewhere(call: Call) -> list[Elsewhere]:
    """Every plan with the periods for which it has lines; for a page that has none to show."""
    found = []
    for newest in list_documents(KIND):
        approved = [one for one in versions(KIND, newest.id, known_no=call.known_no) if one.approver]
        spoken = approved[-1] if approved else newest
        found.append(Elsewhere(newest.id, _name(newest), _longest(spoken), None if approved else newest.reference))
    return found


def _name(version: Version) -> str:
    plan: TargetPlan = version.document
    return in_words(plan.name)


def _longest(version: Version) -> tuple[str, ...]:
    """The newest periods that have lines, at most eight."""
    names = sorted(periods_with_lines(version.id, version.version))
    return tuple(names[-8:])
