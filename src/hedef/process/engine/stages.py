"""Rows of the facts table `stage`: what each version of a process says about each stage, and from when to when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hedef.process.schema import ProcessDocument, Stage


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of one version, in force on days `from_day .. to_day` (half-open, none is open).

    `counts` is 1 on stages that are pipeline. `stands_for` is the stage of the newest version in which this one goes
    on (itself where it was never dropped).
    """

    process: str
    version: int
    stage: str
    category: str
    order_no: int
    counts: int
    limit_days: int | None
    warn_days: int | None
    clock: str | None
    stands_for: str
    probability_from: str
    probability_bp: int | None
    from_day: date | None
    to_day: date | None


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved version and the first day on which it counts no more (none: until the next one begins)."""

    document: ProcessDocument
    until: date | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """A version and the days on which it rules."""

    document: ProcessDocument
    from_day: date | None
    to_day: date | None


def in_force_ranges(approved: Iterable[Approved]) -> list[InForce]:
    """Versions of one process in order, each until the next one begins or it ends; one that never rules is left out."""
    ordered = sorted(approved, key=lambda one: (_start(one.document), one.document.version))
    found = []
    for place, one in enumerate(ordered):
        later = [_start(two.document) for two in ordered[place + 1 :]]
        ends = [day for day in (min(later, default=None), one.until) if day is not None]
        to_day = min(ends, default=None)
        if to_day is None or to_day > _start(one.document):
            found.append(InForce(one.document, one.document.effective_from, to_day))
    return found


def _start(document: ProcessDocument) -> date:
    return document.effective_from or date.min


def stage_rows(approved: Iterable[Approved]) -> list[StageRow]:
    """Rows of all approved versions of one process."""
    ranges = in_force_ranges(approved)
    return [
        _row(ranges[place], stage, _stands_for(stage.id, ranges[place + 1 :]))
        for place in range(len(ranges))
        for stage in ranges[place].document.stages
    ]


def _row(rule: InForce, stage: Stage, stands_for: str) -> StageRow:
    document, limit, chance = rule.document, stage.limit, stage.probability
    counts = stage.category in {"open", "won"} and stage.order >= document.counts_order
    return StageRow(
        process=document.id,
        version=document.version,
        stage=stage.id,
        category=stage.category,
        order_no=stage.order,
        counts=int(counts),
        limit_days=limit.most if limit else None,
        warn_days=limit.warn if limit else None,
        clock=limit.clock if limit else None,
        stands_for=stands_for,
        probability_from=chance.source if chance else "history",
        probability_bp=_basis_points(chance.value or chance.fallback) if chance else None,
        from_day=rule.from_day,
        to_day=rule.to_day,
    )


def _basis_points(share: str | None) -> int | None:
    return None if share is None else int(Fraction(share) * 10_000)


def _stands_for(stage: str, later: Sequence[InForce]) -> str:
    for rule in later:
        if rule.document.stage(stage) is None:
            stage = (rule.document.map or {}).get(stage, stage)
    return stage


def dropped_stages(old: ProcessDocument, new: ProcessDocument) -> list[str]:
    """Stages of `old` that `new` does not have, in order."""
    return [one.id for one in old.stages if new.stage(one.id) is None]


def moves(old: ProcessDocument, new: ProcessDocument) -> Mapping[str, str]:
    """Where the deals of each dropped stage go on (S11)."""
    found = new.map or {}
    return {stage: found[stage] for stage in dropped_stages(old, new) if stage in found}
