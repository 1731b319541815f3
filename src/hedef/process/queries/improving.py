"""Reads of the improvement log, and which processes are due for a review."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hedef.facts.queries import calendar
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.records import queries as records

DUE_DAYS = 180


@dataclass(frozen=True, slots=True)
class Improvement:
    """One entry: an idea on its way to a decision."""

    entity: int
    process: str
    idea: str
    evidence: str
    fingerprint: str
    version: int | None
    trial: str
    verdict: str
    decision: str
    owner: int | None
    review_on: date | None
    logged_on: date
    last_effective_us: int
    based_on: tuple[int, int]

    @property
    def stage(self) -> str:
        """How far it is: idea, evidence, version, trial, decided."""
        if self.decision:
            return "decided"
        if self.trial:
            return "trial"
        if self.version is not None:
            return "version"
        return "evidence" if self.evidence else "idea"

    def as_json(self) -> dict[str, Any]:
        return {
            "improvement": spell("improvement", self.entity),
            "process": self.process,
            "stage": self.stage,
            "idea": self.idea or None,
            "evidence": self.evidence or None,
            "fingerprint": self.fingerprint or None,
            "version": self.version,
            "trial": self.trial or None,
            "verdict": self.verdict or None,
            "decision": self.decision or None,
            "owner": None if self.owner is None else spell("person", self.owner),
            "review_on": None if self.review_on is None else self.review_on.isoformat(),
            "logged_on": self.logged_on.isoformat(),
        }


def improvements(process: str) -> list[Improvement]:
    """The log of a process, newest first."""
    rows = [_of(row) for row in records.rows("improvement") if row["process"] == process]
    return sorted(rows, key=lambda one: -one.entity)


def improvement(entity: int) -> Improvement:
    """One entry; NotFound otherwise."""
    rows = records.rows("improvement", entities=[entity])
    if not rows:
        raise NotFound(f"There is no improvement {spell('improvement', entity)}.")
    return _of(rows[0])


def _of(row: dict[str, Any]) -> Improvement:
    words = {name: row[name] or "" for name in ("idea", "evidence", "fingerprint", "trial", "verdict", "decision")}
    return Improvement(
        entity=row["entity"],
        process=row["process"],
        **words,
        version=row["version"],
        owner=row["owner"],
        review_on=row["review_on"],
        logged_on=calendar().day_of(row["created_us"]),
        last_effective_us=row["last_effective_us"],
        based_on=(row["last_batch"], row["last_ord"]),
    )


def review_due(process: str, *, since: date | None, as_of: date) -> bool:
    """Whether nobody looked at the process for 180 days, or a review date has passed.

    `since`: the first day of its newest version (none: always). An entry or a decision counts as a look.
    """
    found = improvements(process)
    if any(one.review_on is not None and one.review_on <= as_of and not one.decision for one in found):
        return True
    looks = [calendar().day_of(one.last_effective_us) for one in found] + ([since] if since else [])
    return as_of - max(looks, default=date.min) > timedelta(days=DUE_DAYS)
