"""Figures of a stage, and what `hedef process check` points at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.process.engine.conditions import field_named
from hedef.process.engine.health import Chance, Cohort, Conformance
from hedef.process.schema import ProcessDocument, Stage

_SKIPPED_SHARE = Fraction(1, 2)
_WAIVED_SHARE = Fraction(3, 10)
_UNUSED_DAYS = 180


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage of the funnel. `standing`: visits open now; `over_limit` none where the stage has no limit.

    `median_days` is over all closed visits in calendar days; `time_in_stage` and `slow_days` (90 % are shorter) leave
    out those of length 0 and count as the stage's clock does.
    """

    stage: str
    category: str
    order: int
    entered: int
    reached: int
    decided: int
    won: int
    standing: int
    closed_visits: int
    median_days: Fraction | None
    time_in_stage: Fraction | None
    slow_days: Fraction | None
    clock: str | None
    limit_days: int | None
    near_limit: int | None
    over_limit: int | None
    last_entered: date | None
    chance: Chance
    cohort: Cohort

    @property
    def conversion(self) -> Fraction | None:
        """Won of decided, of the deals that reached the stage; none where none was decided."""
        return Fraction(self.won, self.decided) if self.decided else None

    def as_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "category": self.category,
            "entered": self.entered,
            "reached": self.reached,
            "decided": self.decided,
            "won": self.won,
            "conversion": fraction_text(self.conversion),
            "standing": self.standing,
            "closed_visits": self.closed_visits,
            "median_days": fraction_text(self.median_days, 1),
            "time_in_stage": fraction_text(self.time_in_stage, 1),
            "slow_days": fraction_text(self.slow_days, 1),
            "clock": self.clock or "calendar",
            "limit_days": self.limit_days,
            "near_limit": self.near_limit,
            "over_limit": self.over_limit,
            "probability": self.chance.as_json(),
            "cohort": self.cohort.as_json(),
        }


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """What became of one criterion at forward exits."""

    stage: str
    criterion: str
    counts: Conformance

    def as_json(self) -> dict[str, Any]:
        return {"stage": self.stage, "criterion": self.criterion, **self.counts.as_json()}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `told`: the names and figures of its message, so that a page says it in other words."""

    issue: Issue
    told: Mapping[str, str | int] = field(default_factory=dict)


def median(lengths: Mapping[int, int]) -> Fraction | None:
    """The middle one of whole days that occur so often, or the mean of the middle two; none without any."""
    ordered = sorted(day for day, n in lengths.items() for _ in range(n) if n > 0)
    if not ordered:
        return None
    half = len(ordered) // 2
    return Fraction(ordered[half]) if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half], 2)


def findings(
    document: ProcessDocument,
    figures: Sequence[StageFigures],
    criteria: Sequence[CriterionFigures],
    *,
    outside: int,
    as_of: date,
    unclaimed: int = 0,
    contested: int = 0,
) -> list[Finding]:
    """What should be looked at: criteria nobody can read, stages nobody enters for 180 days, stages jumped over by more
    than half, criteria waived by more than 30 %, limits below the median, deals in no process, deals that `chosen_when`
    gives to none or several, lost deals without reasons to choose."""
    alive = any(one.last_entered and (as_of - one.last_entered).days <= _UNUSED_DAYS for one in figures)
    found = [issue for one in figures for issue in _of_stage(document, one, as_of if alive else None)]
    found += [issue for stage in document.stages for issue in _of_criteria(document, stage)]
    found += [issue for one in criteria for issue in _of_waivers(document, one)]
    if not document.lost_reasons:
        message = f"{document.id} has no list of lost reasons: nobody can say why deals are lost."
        hint = "Add lost_reasons to its next version."
        found.append(_finding(document, "lost_reasons_missing", message, hint, process=document.id))
    if outside:
        message = f"{outside} open deals are in no process."
        hint = "Give them a process, or map their pipeline."
        found.append(_finding(document, "deal_without_process", message, hint, n=outside))
    if unclaimed:
        message = f"{unclaimed} open deals fit chosen_when of no process."
        hint = "Widen a condition, or fill in what it asks for."
        found.append(_finding(document, "deal_fits_no_process", message, hint, n=unclaimed))
    if contested:
        message = f"{contested} open deals fit several processes."
        hint = "Make the conditions of chosen_when exclude each other: exactly one process must match a deal."
        found.append(_finding(document, "deal_fits_several_processes", message, hint, n=contested))
    return found


def _of_stage(document: ProcessDocument, one: StageFigures, as_of: date | None) -> Iterator[Finding]:
    if one.category != "open":
        return
    if one.reached and not one.entered:
        text = f"Nobody ever entered {one.stage}."
        yield _finding(document, "stage_never_entered", text, "Drop it, or use it.", stage=one.stage)
    elif one.reached and Fraction(one.reached - one.entered, one.reached) > _SKIPPED_SHARE:
        told: dict[str, str | int] = {"n": one.reached - one.entered, "all": one.reached, "stage": one.stage}
        text = "{n} of {all} deals that reached {stage} never stood in it.".format(**told)
        hint = "Ask whether the stage helps anybody, or make its entry a rule."
        yield _finding(document, "stage_skipped", text, hint, **told)
    if as_of and one.last_entered and (days := (as_of - one.last_entered).days) > _UNUSED_DAYS:
        text = f"Nobody entered {one.stage} for {days} days."
        hint = "Drop it in the next version with a map, or use it."
        yield _finding(document, "stage_unused", text, hint, stage=one.stage, days=days)
    if one.limit_days is not None and one.time_in_stage is not None and one.limit_days < one.time_in_stage:
        text = f"The limit of {one.stage} ({one.limit_days} days) is shorter than its median stay."
        hint = "A limit that most deals break warns of nothing."
        yield _finding(document, "limit_below_median", text, hint, stage=one.stage, days=one.limit_days)


def _of_criteria(document: ProcessDocument, stage: Stage) -> Iterator[Finding]:
    for one in stage.exit:
        if one.require is not None and field_named(one.require) is None:
            text = f"{stage.id}: nobody can read what {one.id} asks ({one.require} is no field of a deal)."
            hint = "Write ask with the question in both languages."
            yield _finding(document, "criterion_text_missing", text, hint, stage=stage.id, criterion=one.id)


def _of_waivers(document: ProcessDocument, one: CriterionFigures) -> Iterator[Finding]:
    if one.counts.waived_share > _WAIVED_SHARE:
        told: dict[str, str | int] = {"criterion": one.criterion, "stage": one.stage}
        told |= {"n": one.counts.waived, "all": one.counts.applicable}
        text = "{criterion} of {stage} was waived at {n} of {all} exits.".format(**told)
        hint = "A rule that is mostly waived is no rule: change it or drop it."
        yield _finding(document, "criterion_waived", text, hint, **told)


def _finding(document: ProcessDocument, code: str, message: str, hint: str, **told: str | int) -> Finding:
    return Finding(Issue(code, "warning", message, object=f"process:{document.id}", hint=hint), told)
