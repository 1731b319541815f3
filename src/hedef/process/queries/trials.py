"""Reads of trials: what one needs before it starts, how it stands, and its verdict once it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hedef.definitions.queries import Version, get, list_documents
from hedef.definitions.queries import in_force as document_in_force
from hedef.facts.queries import Pin, ask, calendar, pin
from hedef.kernel.errors import WrongUse
from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Trust, worst_trust
from hedef.process.engine.trials import (
    EARLIER,
    Case,
    Outcome,
    Plan,
    Side,
    State,
    before_after_outcome,
    matured_on,
    plan_of,
    split_outcome,
    state_of,
)
from hedef.process.queries.health import must_see_totals
from hedef.process.queries.processes import process_in_force
from hedef.process.trial_schema import ProcessTrial
from hedef.publications import queries as publications

KIND = "process-trial"
_HISTORY = 365


@dataclass(frozen=True)
class Trial:
    """A trial as of a day: its plan, and its outcome once it is over (none before: nothing to peek at)."""

    version: Version
    document: ProcessTrial
    as_of: date
    known_no: int
    state: State
    plan: Plan
    cases: int
    outcome: Outcome | None
    issues: tuple[Issue, ...]
    trust: Trust
    fingerprint: str

    @property
    def verdict(self) -> str:
        """`planned` and `running` until it is over, then one of the four words."""
        return self.outcome.verdict if self.outcome else self.state

    def as_json(self) -> dict[str, Any]:
        """`hedef.process_trial/1`."""
        outcome = self.outcome
        interval = outcome.comparison.interval if outcome else None
        return {
            "schema": "hedef.process_trial/1",
            "trial": self.version.id,
            "version": self.version.version,
            "change": self.document.change,
            "design": self.document.design.kind,
            "unit": self.document.design.unit,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_no,
            "dates": [self.document.first.isoformat(), self.document.last.isoformat()],
            "verdict_from": matured_on(self.document).isoformat(),
            "state": self.state,
            "plan": self.plan.as_json(fraction_text),
            "cases": self.cases,
            "old": _side(outcome.old) if outcome else None,
            "new": _side(outcome.new) if outcome else None,
            "difference": fraction_text(outcome.comparison.difference) if outcome else None,
            "interval": None if interval is None else interval.as_json(),
            "earlier": [_side(one) for one in outcome.earlier] if outcome else [],
            "verdict": self.verdict,
            "issues": [one.as_json() for one in self.issues],
            "trust": self.trust.as_json(),
            "fingerprint": self.fingerprint,
        }


def _side(one: Side) -> dict[str, Any]:
    counts = {"cases": one.cases, "total": one.total, "still_open": one.still_open, "people": one.people}
    return counts | {"value": fraction_text(one.value)}


def list_trials(process: str | None = None) -> list[Version]:
    """The newest version of every trial, of one process or of all, the one that ends last first."""
    found = [one for one in list_documents(KIND) if process in (None, one.document.process)]
    return sorted(found, key=lambda one: (one.document.last, one.id), reverse=True)


def trial(
    name: str,
    *,
    as_of: date,
    as_of_us: int | None = None,
    known_at: int | None = None,
    pinned: Pin | None = None,
    viewer: Scope = EVERYTHING,
) -> Trial:
    """A trial as of a day. NotFound for an unknown one, WrongUse when its process has no such stages any more;
    Forbidden for a viewer to whom the company's totals are not shown."""
    must_see_totals(viewer)
    at = pinned or pin(known_no=known_at)
    version = get(KIND, name)
    document: ProcessTrial = version.document
    moment = calendar().end_us(as_of) if as_of_us is None else as_of_us
    state = state_of(document, as_of)
    asked = _Asked(at, document, as_of, moment)
    plan = asked.plan(min(as_of, document.first - timedelta(days=1)))
    current = asked.cases(document.first, document.last)
    outcome = asked.outcome(current) if state == "finished" else None
    return Trial(
        version=version,
        document=document,
        as_of=as_of,
        known_no=at.known_no,
        state=state,
        plan=plan,
        cases=len(current),
        outcome=outcome,
        issues=tuple(_issues(version, document, plan, outcome)),
        trust=worst_trust(asked.trusts),
        fingerprint=publications.fingerprint(definitions=_used(version, as_of), pin=at, as_of_us=moment),
    )


def _used(version: Version, as_of: date) -> list[Version]:
    company = document_in_force("calendar", "company", day=as_of)
    return [version, *([company] if company else [])]


class _Asked:
    """The questions behind one trial."""

    def __init__(self, at: Pin, document: ProcessTrial, as_of: date, moment: int) -> None:
        self.pin, self.document, self.as_of = at, document, as_of
        self.params: dict[str, Any] = {"process": document.process, "as_of_us": moment}
        self.trusts: list[Trust] = []

    def cases(self, first: date, last: date) -> list[Case]:
        """The deals that count between two days, both included."""
        outcome = self.document.outcome
        params = {**self.params, "from_day": first, "to_day": last}
        if outcome.convert is None:
            rows = self._rows("trial_times", {**params, "stage": outcome.time_in})
            return [Case(row["deal"], row["owner"], row["day"], row["days"]) for row in rows]
        orders = dict(zip(("first_order", "second_order"), self._orders(), strict=True))
        rows = self._rows("trial_conversions", {**params, **orders, "as_of_day": self.as_of})
        within = outcome.within_days or 0
        return [Case(row["deal"], row["owner"], row["day"], _converted(row, within)) for row in rows]

    def _rows(self, name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        answer = ask(f"process/{name}", params=params, pin=self.pin)
        self.trusts.append(answer.trust)
        return answer.as_dicts()

    def _orders(self) -> list[int]:
        process = process_in_force(self.document.process, day=self.as_of).document
        found = [process.stage(name) for name in self.document.outcome.convert or ()]
        if None in found:
            names = ", ".join(self.document.outcome.convert or ())
            raise WrongUse(f"{process.reference} has not all of the stages {names} that {self.document.id} measures.")
        return [one.order for one in found if one is not None]

    def plan(self, until: date) -> Plan:
        """From the deals of the year before, those that have had their time."""
        last = until - timedelta(days=self.document.outcome.within_days or 0)
        return plan_of(self.document, self.cases(last - timedelta(days=_HISTORY - 1), last), _HISTORY)

    def outcome(self, current: list[Case]) -> Outcome:
        if self.document.design.kind == "split":
            return split_outcome(self.document, current)
        length = self.document.last - self.document.first + timedelta(days=1)
        before = self.cases(self.document.first - length * (EARLIER + 1), self.document.first - timedelta(days=1))
        return before_after_outcome(self.document, [*before, *current])


def _converted(row: Mapping[str, Any], within: int) -> int | None:
    if row["age"] < within:
        return None  # it has not had its days
    return int(row["days"] is not None and row["days"] <= within)


def _issues(version: Version, document: ProcessTrial, plan: Plan, outcome: Outcome | None) -> list[Issue]:
    about, found = version.reference, []
    if plan.enough is False:
        message = f"{about} needs {plan.needed} cases an arm; its dates bring about {plan.expected}."
        hint = "Choose a later last day, a larger smallest_effect, or a stage that more deals reach."
        found.append(Issue("trial_too_small", "warning", message, object=about, hint=hint))
    elif plan.needed is None:
        message = f"{about}: history holds too little to say how many cases it needs."
        found.append(Issue("trial_without_base", "warning", message, object=about, hint="Wait for decided deals."))
    if document.design.kind == "before_after":
        message = "Other causes are possible: the season, the people, the market changed too."
        hint = "A split at the same time tells them apart."
        found.append(Issue("other_causes_possible", "info", message, object=about, hint=hint))
    if outcome is not None and outcome.reason:
        told = {
            "earlier_periods": f"fewer than {EARLIER} earlier periods stand beside it",
            "earlier_step": "the step is no larger than one between the earlier periods",
        }
        message = f"{about}: {told[outcome.reason]}, so it says not enough data."
        found.append(Issue(outcome.reason, "info", message, object=about))
    return found
