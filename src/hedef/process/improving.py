"""Write verbs of the improvement log: idea, evidence, version, trial, verdict, decision; a revert writes a version."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hedef.definitions.queries import get, versions
from hedef.definitions.services import undo
from hedef.facts.queries import calendar
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.process.queries import process_in_force
from hedef.process.queries.improving import improvement
from hedef.process.queries.trials import trial
from hedef.records import queries as records
from hedef.records.services import change, create

type Number = tuple[int, int]

DECISIONS = ("keep", "revert", "repeat")
_EDITABLE = frozenset({"idea", "evidence", "fingerprint", "version", "trial", "owner", "review_on"})


def log_idea(
    *, process: str, idea: str, actor: str, at_us: int, fields: Mapping[str, Any] | None = None, reason: str = ""
) -> int:
    """A new entry with its idea in a sentence; answers its number. NotFound for an unknown process, WrongUse."""
    process_in_force(process, day=calendar().day_of(at_us))
    told = {"idea": " ".join(idea.split()), **(fields or {})}
    if not told["idea"]:
        raise WrongUse("An improvement begins with an idea.", hint="Say in a sentence what should be better.")
    _check(process, told)
    start = {"process": process, "created_us": at_us}
    return create(kind="improvement", fields=start | told, effective_us=at_us, actor=actor, reason=reason)


def change_improvement(
    *, entity: int, fields: Mapping[str, Any], actor: str, at_us: int, based_on: Number | None = None
) -> Number:
    """Add evidence, a version, a trial, an owner or the next review date. NotFound, WrongUse, Refused."""
    row = improvement(entity)
    _check(row.process, fields)
    at = max(at_us, row.last_effective_us)
    return change(kind="improvement", entity=entity, fields=fields, effective_us=at, actor=actor, based_on=based_on)


def decide(*, entity: int, decision: str, actor: str, at_us: int, reason: str = "", as_of: date) -> Number:
    """Keep, revert or repeat, with the verdict of its trial as it stands on `as_of`.

    `revert` writes the next version of the process with the body of the one before it, as a draft that a second person
    approves; nothing is deleted. Refused while the trial runs.
    """
    row = improvement(entity)
    if decision not in DECISIONS:
        raise WrongUse(f'"{decision}" is no decision.', hint=f"One of: {', '.join(DECISIONS)}.")
    verdict = None
    if row.trial:
        found = trial(row.trial, as_of=as_of)
        if found.outcome is None:
            raise Refused(
                f"{row.trial} is {found.state}: there is no verdict yet.",
                hint="Decide once it is over.",
                code="trial_runs",
            )
        verdict = found.verdict
    if decision == "revert":
        undo(kind="process", id=row.process, actor=actor, on=as_of, reason=reason or f"revert: {row.idea}")
    fields = {"decision": decision, "verdict": verdict}
    at = max(at_us, row.last_effective_us)
    return change(kind="improvement", entity=entity, fields=fields, effective_us=at, actor=actor, reason=reason)


def _check(process: str, fields: Mapping[str, Any]) -> None:
    strange = sorted(set(fields) - _EDITABLE)
    if strange:
        raise WrongUse(f"{', '.join(strange)} of an improvement cannot be edited.", hint="A decision has its own verb.")
    number = fields.get("version")
    if number is not None and number not in {one.version for one in versions("process", process)}:
        raise NotFound(f"There is no {process}@{number}.")
    if fields.get("trial"):
        tried = get("process-trial", fields["trial"]).document.process
        if tried != process:
            raise WrongUse(f"{fields['trial']} tries {tried}, not {process}.")
    if fields.get("evidence") and not fields.get("fingerprint"):
        raise WrongUse("Evidence is a number with its fingerprint.", hint="Copy both from the page of the number.")
    if fields.get("owner") is not None and not records.rows("person", entities=[fields["owner"]]):
        raise NotFound(f"There is no person P-{fields['owner']}.")
