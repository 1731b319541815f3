"""What must be true inside one version of a process: each fault with the place in the document where it stands."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hedef.kernel.yaml_source import Path
from hedef.process.schema import OTHER, ProcessDocument, Stage


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a document; `path` is where it stands, `warning`: it may stay."""

    code: str
    path: Path
    message: str
    hint: str
    warning: bool = False


def faults(document: ProcessDocument) -> Iterator[Fault]:
    """Every fault, in the order of the document."""
    yield from _categories(document)
    yield from _order(document)
    yield from _names(document)
    yield from _counting(document)
    yield from _reasons(document)
    yield from _clock(document)
    for place, stage in enumerate(document.stages):
        yield from _stage(document, place, stage)


def _categories(document: ProcessDocument) -> Iterator[Fault]:
    found = Counter(one.category for one in document.stages)
    for need in ("open", "won", "lost"):
        if not found[need]:
            hint = f"Every process has at least one stage with category: {need}."
            yield Fault("stage_category", ("stages",), f"there is no stage of category {need}", hint)


def _order(document: ProcessDocument) -> Iterator[Fault]:
    for place, (before, after) in enumerate(pairwise(document.stages), 1):
        if after.order <= before.order:
            message = f"the order must rise, but {after.id} ({after.order}) follows {before.id} ({before.order})"
            yield Fault("stage_order", ("stages", place, "order"), message, f"Write more than {before.order}.")
    closed = [one.order for one in document.stages if one.category in {"won", "lost"}]
    for place, one in enumerate(document.stages):
        if one.category in {"open", "hold"} and closed and one.order > min(closed):
            message = f"{one.id} is {one.category} but stands after a closing stage"
            yield Fault("stage_order", ("stages", place, "order"), message, "Put it before the closing stages.")


def _names(document: ProcessDocument) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, one in enumerate(document.stages):
        if one.id in seen:
            message = f"the stage {one.id} occurs twice"
            yield Fault("repeated_id", ("stages", place, "id"), message, "Give each stage an id of its own.")
        seen.add(one.id)


def _counting(document: ProcessDocument) -> Iterator[Fault]:
    marked = [(place, one) for place, one in enumerate(document.stages) if one.counts_from]
    for place, one in marked[1:]:
        message = f"counts_from is true on {marked[0][1].id} and on {one.id}"
        yield Fault("counts_from", ("stages", place, "counts_from"), message, "Mark the first one only.")
    for place, one in marked[:1]:
        if one.category != "open":
            message = f"{one.id} counts as pipeline but is {one.category}"
            yield Fault("counts_from", ("stages", place, "counts_from"), message, "Mark an open stage.")


def _reasons(document: ProcessDocument) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, one in enumerate(document.lost_reasons):
        if one.id in seen:
            message = f"the reason {one.id} occurs twice"
            yield Fault("repeated_id", ("lost_reasons", place, "id"), message, "Take one of them out.")
        seen.add(one.id)
    if document.lost_reasons and OTHER not in seen:
        hint = "Add {id: other, name: {en: Other, tr: Diğer}}; it then asks for a sentence."
        message = "nobody can say a reason that is not in the list"
        yield Fault("lost_reason_other", ("lost_reasons",), message, hint, warning=True)


def _clock(document: ProcessDocument) -> Iterator[Fault]:
    if document.age_clock == "keep":
        message = "keep is not counted: after a move between processes ages begin anew with the visit"
        yield Fault("age_clock", ("age_clock",), message, "Write age_clock: restart, or leave it out.")


def _stage(document: ProcessDocument, place: int, stage: Stage) -> Iterator[Fault]:
    where: Path = ("stages", place)
    known = {one.id for one in document.stages}
    for number, name in enumerate(stage.next or ()):
        path = (*where, "next", number)
        if name not in known:
            hint = f"Stages: {', '.join(one.id for one in document.stages)}."
            yield Fault("next_unknown", path, f"{stage.id}: next names {name}, which is no stage", hint)
        elif name == stage.id:
            yield Fault("next_unknown", path, f"{stage.id} leads to itself", "Take it out of next.")
    parts = [*(("exit", n, one.id) for n, one in enumerate(stage.exit))]
    parts += [("steps", n, step.id) for n, step in enumerate(stage.steps)]
    seen: set[str] = set()
    for group, number, name in parts:
        if name in seen:
            message = f"{stage.id}: the id {name} occurs twice among its criteria and steps"
            yield Fault("repeated_id", (*where, group, number, "id"), message, "Criteria and steps share their ids.")
        seen.add(name)
    yield from _closing(where, stage)
    yield from _units(document, where, stage)


def _closing(where: Path, stage: Stage) -> Iterator[Fault]:
    """Nothing is asked of a deal that is closed, and its clock stands still."""
    if stage.category in {"open", "hold"}:
        return
    for name in ("exit", "steps", "limit", "next"):
        if getattr(stage, name):
            message = f"{stage.id} is {stage.category}: {name} says nothing there"
            yield Fault("closing_stage", (*where, name), message, "Take it out.", warning=True)


def _units(document: ProcessDocument, where: Path, stage: Stage) -> Iterator[Fault]:
    if stage.limit is not None and stage.limit.clock == "hours" and document.applies_to != "lead":
        message = f"{stage.id}: a limit in hours is for leads; deals are counted in days"
        yield Fault("limit_clock", (*where, "limit", "clock"), message, "Write clock: working or calendar.")
    if stage.limit is not None and stage.category == "hold":
        message = f"{stage.id}: the clock stands still in a stage of category hold"
        yield Fault("limit_clock", (*where, "limit"), message, "Take the limit out.", warning=True)
