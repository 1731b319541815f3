"""What must be true between the versions of a process: no id used twice, and no deal left standing nowhere (S11)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hedef.kernel.issue import Issue
from hedef.process.engine.moves import blocks
from hedef.process.engine.stages import dropped_stages
from hedef.process.schema import ProcessDocument
from hedef.records.engine.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Standing:
    """Open deals in a stage, and their value as people read it ("12,400.00 EUR")."""

    deals: int
    value: str


type StandingIn = Callable[[Sequence[str]], Standing]


def check_version(new: ProcessDocument, earlier: Sequence[ProcessDocument], standing: StandingIn) -> list[Issue]:
    """Issues of a version against the approved ones before it, oldest first. `standing` counts deals in stages."""
    return [
        *_texts(new),
        *_criteria(new),
        *_reused(new, earlier),
        *_unmapped(new, earlier, standing),
        *_map_targets(new, earlier),
    ]


def _issue(new: ProcessDocument, code: str, message: str, hint: str, *, warning: bool = False) -> Issue:
    text = f"{new.id}@{new.version}: {message}"
    return Issue(code, "warning" if warning else "error", text, object=f"process:{new.id}", hint=hint)


def _texts(new: ProcessDocument) -> Iterator[Issue]:
    if new.applies_to != "deal":
        yield _issue(
            new,
            "applies_to_not_built",
            f"processes for {new.applies_to} cannot be followed yet.",
            "This version of Hedef follows deals: applies_to: deal.",
        )


def _criteria(new: ProcessDocument) -> Iterator[Issue]:
    """Criteria that are kept with the document and that a move of a deal does not check."""
    fields = dict.fromkeys(KINDS["deal"].names)
    for stage in new.stages:
        kept = [one.id for one in stage.exit if one.level == "block" and not blocks(one, fields)]
        if kept:
            message = f"{', '.join(kept)} of {stage.id} cannot stop a deal: only fields of the deal without `when` can."
            yield _issue(new, "criterion_kept", message, "It is kept and shown.", warning=True)


def _reused(new: ProcessDocument, earlier: Sequence[ProcessDocument]) -> Iterator[Issue]:
    if not earlier:
        return
    known = {one.id for document in earlier[:-1] for one in document.stages}
    current = {one.id for one in earlier[-1].stages}
    for stage in new.stages:
        if stage.id in known - current:
            hint = "Give the stage a new id; its name may be the same."
            yield _issue(new, "stage_reused", f"the id {stage.id} belonged to a stage that was dropped before.", hint)


def _unmapped(new: ProcessDocument, earlier: Sequence[ProcessDocument], standing: StandingIn) -> Iterator[Issue]:
    if not earlier:
        return
    gone = dropped_stages(earlier[-1], new)
    open_ends = [stage for stage in gone if stage not in (new.map or {})]
    if open_ends:
        found = standing(open_ends)
        yield _issue(
            new,
            "map_missing",
            f"{', '.join(open_ends)} is dropped without saying where its deals go on; "
            f"{found.deals} open deals worth {found.value} stand there.",
            f"Add map: {{{open_ends[0]}: <stage of this version>}} for every dropped stage.",
        )


def _map_targets(new: ProcessDocument, earlier: Sequence[ProcessDocument]) -> Iterator[Issue]:
    gone = dropped_stages(earlier[-1], new) if earlier else []
    for old, target in (new.map or {}).items():
        if new.stage(target) is None:
            yield _issue(new, "map_target", f"map leads {old} to {target}, which is no stage of it.", "Correct it.")
        if old not in gone:
            hint = "Map only stages that this version drops."
            yield _issue(new, "map_needless", f"map names {old}, which is not dropped.", hint, warning=True)
