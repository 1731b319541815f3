"""What happened to one deal in its process: the history rules S1-S12 of the design, each small enough to read.

    S1 order   S2 visit   S3 same instant   S4 re-entry   S5 skip   S6 reached   S7 back   S8 reopen
    S9 lost from, born closed   S10 moved to another process   S11 process changed   S12 out of place

The facts compute the same over millions of deals; this is the definition they are tested against.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from hedef.kernel.ids import spell
from hedef.kernel.instants import iso
from hedef.kernel.issue import Issue

type Category = Literal["open", "hold", "won", "lost"]

MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Moment:
    """How a deal stands from `eff_us` on; `stage` none means: in no known stage."""

    eff_us: int
    seal_no: int
    ord: int
    process: str | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One unbroken stay of a deal in a stage. `left_us` none: it stands there. `left_to`: next stage, or `moved`."""

    process: str | None
    stage: str
    visit_no: int
    entry_no: int
    entered_us: int
    left_us: int | None = None
    left_to: str | None = None

    @property
    def length_us(self) -> int | None:
        return None if self.left_us is None else self.left_us - self.entered_us


@dataclass(frozen=True, slots=True)
class StageInfo:
    """What the process version in force at an instant says about a stage."""

    stage: str
    order: int
    category: Category


type StagesAt = Callable[[str | None, int], Mapping[str, StageInfo]]
"""Stages by id of a process, by the version in force at an instant."""


@dataclass(frozen=True)
class Journey:
    """A deal's way through its process up to an instant."""

    entered: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    backs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    reopened: int = 0
    outcome: Literal["won", "lost"] | None = None
    lost_from: str | None = None
    born_closed: bool = False
    moved_away: bool = False


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """S1: by effective instant, then seal number, then the source's own sequence within the batch."""
    return sorted(moments, key=lambda one: (one.eff_us, one.seal_no, one.ord))


def in_place(
    deal: int, moments: Iterable[Moment], *, created_us: int | None, as_of_us: int
) -> tuple[list[Moment], list[Issue]]:
    """S12: moments before the deal's creation or after `as_of` are not counted; the former are told."""
    kept, issues = [], []
    for one in in_order(moments):
        if one.eff_us > as_of_us:
            continue
        if created_us is not None and one.eff_us < created_us:
            issues.append(_before_creation(deal, one, created_us))
        else:
            kept.append(one)
    return kept, issues


def visits(moments: Iterable[Moment]) -> list[Visit]:
    """S1-S4 and S10: the stays of a deal, in order, with its number among all and among those in the same stage.

    A moment that names the same stage again opens no visit; at one instant the former visit has length 0.
    """
    found: list[Visit] = []
    entries: Counter[tuple[str | None, str]] = Counter()
    here: Moment | None = None
    for one in in_order(moments):
        if here is not None and (one.process, one.stage) == (here.process, here.stage):
            continue
        if here is not None and here.stage is not None:
            left_to = one.stage if one.process == here.process else MOVED
            found[-1] = replace(found[-1], left_us=one.eff_us, left_to=left_to)
        if one.stage is not None:
            entries[one.process, one.stage] += 1
            count = entries[one.process, one.stage]
            found.append(Visit(one.process, one.stage, len(found) + 1, count, one.eff_us))
        here = one
    return found


def journey(stays: Sequence[Visit], stages_at: StagesAt) -> Journey:
    """S5-S11 over the visits of one deal. Visits in stages that the version in force does not know are passed over."""
    known = [(visit, info) for visit in stays if (info := _info(visit, stages_at)) is not None]
    if not known:
        return Journey()
    open_stages = [info for _, info in known if info.category == "open"]
    outcome = _outcome(known[-1][1])
    return Journey(
        entered=frozenset(info.stage for _, info in known),
        reached=_reached(known, outcome, stages_at),
        skipped=_skipped(known, stages_at),
        backs=_backs(known, stages_at),
        reopened=sum(_closed(a) and not _closed(b) for (_, a), (_, b) in _pairs(known)),
        outcome=outcome,
        lost_from=open_stages[-1].stage if outcome == "lost" and open_stages else None,
        born_closed=_closed(known[0][1]) and not open_stages,
        moved_away=known[-1][0].left_to == MOVED,
    )


type _Stay = tuple[Visit, StageInfo]


def _pairs(known: Sequence[_Stay]) -> list[tuple[_Stay, _Stay]]:
    return [pair for pair in pairwise(known) if pair[0][0].process == pair[1][0].process]


def _info(visit: Visit, stages_at: StagesAt) -> StageInfo | None:
    return stages_at(visit.process, visit.entered_us).get(visit.stage)


def _closed(info: StageInfo) -> bool:
    return info.category in {"won", "lost"}


def _outcome(last: StageInfo) -> Literal["won", "lost"] | None:
    if last.category == "won":
        return "won"
    return "lost" if last.category == "lost" else None


def _reached(known: Sequence[_Stay], outcome: str | None, stages_at: StagesAt) -> frozenset[str]:
    """S6: every open stage up to the furthest one entered; all of them when the deal is won.

    A deal that was never seen open (S9, born closed) has reached none: it belongs to no stage's conversion.
    """
    furthest = max((info.order for _, info in known if info.category == "open"), default=None)
    if furthest is None:
        return frozenset()
    last = known[-1][0]
    stages = stages_at(last.process, last.entered_us).values()
    return frozenset(
        one.stage for one in stages if one.category == "open" and (one.order <= furthest or outcome == "won")
    )


def _skipped(known: Sequence[_Stay], stages_at: StagesAt) -> frozenset[str]:
    """S5: open stages that a forward move passes over, and that were never entered."""
    passed: set[str] = set()
    for (before, a), (after, b) in _pairs(known):
        if b.category == "lost" or b.order <= a.order or process_changed(before, after, stages_at):
            continue
        between = stages_at(after.process, after.entered_us).values()
        passed |= {one.stage for one in between if one.category == "open" and a.order < one.order < b.order}
    return frozenset(passed - {info.stage for _, info in known})


def _backs(known: Sequence[_Stay], stages_at: StagesAt) -> dict[tuple[str, str], int]:
    """S7: moves to a lower order, counted per pair of stages; reopening a closed deal is counted apart (S8)."""
    found: Counter[tuple[str, str]] = Counter()
    for (before, a), (after, b) in _pairs(known):
        if b.order < a.order and not _closed(a) and not process_changed(before, after, stages_at):
            found[a.stage, b.stage] += 1
    return dict(found)


def process_changed(before: Visit, after: Visit, stages_at: StagesAt) -> bool:
    """S11: a move out of a stage that the version now in force has dropped is no progress, no way back, no skip."""
    return before.stage not in stages_at(after.process, after.entered_us)


def _before_creation(deal: int, one: Moment, created_us: int) -> Issue:
    return Issue(
        "stage_before_create",
        "warning",
        f"{spell('deal', deal)} stands in {one.stage} on {iso(one.eff_us)}, before it was created "
        f"({iso(created_us)}); the change is not counted.",
        object=spell("deal", deal),
        hint="Correct the time of the change or of the creation.",
    )
