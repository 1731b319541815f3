"""Sources as the gate sees them: what came when, in which rhythm, what each check says and said before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hedef.facts.queries import calendar as company_calendar
from hedef.intake.models import ImportJob, TrustState
from hedef.intake.trust.asking import heard as heard_of
from hedef.intake.trust.freshness import Heard, freshness, rhythm_of
from hedef.intake.trust.overrides import Override, overrides
from hedef.intake.trust.rules import Rhythm, rules_of
from hedef.intake.trust.states import newest_states, reason_of
from hedef.intake.trust.steps import next_step
from hedef.kernel.trust import Reason, TrustLevel, worst_level

TREND = 12


@dataclass(frozen=True)
class CheckView:
    """One check: its reason, the levels of its last measurements (oldest first) and what to do."""

    reason: Reason
    trend: tuple[TrustLevel, ...]
    figures: tuple[int, ...]

    @property
    def level(self) -> TrustLevel:
        return self.reason.level

    @property
    def step(self) -> str:
        return "" if self.level == "trusted" else next_step(self.reason)


@dataclass(frozen=True)
class ObjectView:
    """One kind of record that a source brings."""

    object: str
    job: ImportJob
    heard_us: int
    rhythm: Rhythm | None
    set_by_rules: bool
    checks: tuple[CheckView, ...]

    @property
    def level(self) -> TrustLevel:
        return worst_level(one.level for one in self.checks)


@dataclass(frozen=True)
class SourceView:
    """One source with everything it brings, the newest first."""

    name: str
    objects: tuple[ObjectView, ...]
    overrides: tuple[Override, ...]

    @property
    def level(self) -> TrustLevel:
        return worst_level(one.level for one in self.objects)

    @property
    def blocked(self) -> list[CheckView]:
        return [check for one in self.objects for check in one.checks if check.level == "blocked"]


def overview(*, asked_us: int, today: date, source: str | None = None) -> list[SourceView]:
    """Every source (or one) as of a moment."""
    names = None if source is None else [source]
    heard = heard_of(names, None, None)
    jobs = _last_jobs(names)
    states: dict[tuple[str, str], list[TrustState]] = {}
    for one in newest_states(sources=names):
        states.setdefault((one.source, one.object), []).append(one)
    history = _history(names)
    found: dict[str, list[ObjectView]] = {}
    for key, job in jobs.items():
        view = _object(key, job, heard.get(key), states.get(key, []), history, asked_us)
        found.setdefault(key[0], []).append(view)
    asked = overrides(today=today, source=source)
    return [
        SourceView(
            name,
            tuple(sorted(views, key=lambda one: -one.heard_us)),
            tuple(one for one in asked if one.source == name and one.state in ("asked", "living")),
        )
        for name, views in sorted(found.items(), key=lambda pair: -max(one.heard_us for one in pair[1]))
    ]


def _last_jobs(sources: Sequence[str] | None) -> dict[tuple[str, str], ImportJob]:
    jobs = ImportJob.objects.filter(state=ImportJob.State.DONE).exclude(object="").order_by("-pk")
    if sources is not None:
        jobs = jobs.filter(source__in=sources)
    found: dict[tuple[str, str], ImportJob] = {}
    for one in jobs.defer("answer", "issues", "decisions")[:2_000]:
        found.setdefault((one.source, one.object), one)
    return found


def _history(sources: Sequence[str] | None) -> Mapping[tuple[str, str, str], list[TrustState]]:
    """The last measurements of every check, oldest first."""
    rows = TrustState.objects.defer("slices", "detail").order_by("-pk")
    if sources is not None:
        rows = rows.filter(source__in=sources)
    found: dict[tuple[str, str, str], list[TrustState]] = {}
    for one in rows[:5_000]:
        told = found.setdefault((one.source, one.object, one.check_name), [])
        if len(told) < TREND:
            told.insert(0, one)
    return found


def _object(
    key: tuple[str, str],
    job: ImportJob,
    heard: Heard | None,
    states: Sequence[TrustState],
    history: Mapping[tuple[str, str, str], list[TrustState]],
    asked_us: int,
) -> ObjectView:
    rules = rules_of(*key)
    moments = heard.moments if heard is not None else (job.started_us,)
    rhythm = rules.rhythm or rhythm_of(moments, company_calendar())
    checks = [_check(one, history.get((*key, one.check_name), [])) for one in states]
    fresh = freshness(
        Heard(*key, moments),
        asked_us=asked_us,
        rhythm=rhythm,
        calendar=company_calendar(),
        bound=rules.limits.bounds.get("freshness"),
    )
    if fresh is not None:
        checks.insert(0, CheckView(fresh, (), ()))
    return ObjectView(key[1], job, max(moments), rhythm, rules.rhythm is not None, tuple(checks))


def _check(state: TrustState, before: Sequence[TrustState]) -> CheckView:
    levels: list[TrustLevel] = [one.level for one in before]  # type: ignore[misc]  # the gate writes the four words
    return CheckView(reason_of(state), tuple(levels), tuple(one.measured for one in before))
