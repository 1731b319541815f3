"""Figures of a stage, and what `hedef process check` points at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hedef.kernel.issue import Issue
from hedef.kernel.money import fraction_text
from hedef.process.schema import ProcessDocument

_SKIPPED_SHARE = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage of the funnel. `standing`: visits open now; `over_limit` none where the stage has no limit."""

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
    limit_days: int | None
    over_limit: int | None

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
            "over_limit": self.over_limit,
        }


def median(lengths: Mapping[int, int]) -> Fraction | None:
    """The middle one of whole days that occur so often, or the mean of the middle two; none without any."""
    ordered = sorted(day for day, n in lengths.items() for _ in range(n) if n > 0)
    if not ordered:
        return None
    half = len(ordered) // 2
    return Fraction(ordered[half]) if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half], 2)


def findings(document: ProcessDocument, figures: Sequence[StageFigures], outside: int) -> list[Issue]:
    """What should be looked at: stages without a way in, stages jumped over, limits below the median, lost deals
    without reasons to choose, deals in no process."""
    found = [issue for one in figures for issue in _of_stage(document, one)]
    if not document.lost_reasons:
        message = f"{document.id} has no list of lost reasons: nobody can say why deals are lost."
        found.append(_issue(document, "lost_reasons_missing", message, "Add lost_reasons to its next version."))
    if outside:
        message = f"{outside} open deals are in no process."
        found.append(_issue(document, "deal_without_process", message, "Give them a process, or map their pipeline."))
    return found


def _of_stage(document: ProcessDocument, one: StageFigures) -> Iterator[Issue]:
    if one.category != "open":
        return
    if one.reached and not one.entered:
        yield _issue(document, "stage_never_entered", f"Nobody ever entered {one.stage}.", "Drop it, or use it.")
    elif one.reached and Fraction(one.reached - one.entered, one.reached) > _SKIPPED_SHARE:
        text = f"{one.reached - one.entered} of {one.reached} deals that reached {one.stage} never stood in it."
        yield _issue(document, "stage_skipped", text, "Ask whether the stage helps anybody, or make its entry a rule.")
    if one.limit_days is not None and one.time_in_stage is not None and one.limit_days < one.time_in_stage:
        text = f"The limit of {one.stage} ({one.limit_days} days) is shorter than its median stay."
        yield _issue(document, "limit_below_median", text, "A limit that most deals break warns of nothing.")


def _issue(document: ProcessDocument, code: str, message: str, hint: str) -> Issue:
    return Issue(code, "warning", message, object=f"process:{document.id}", hint=hint)
