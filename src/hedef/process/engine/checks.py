"""What must be true between the versions of a process: no id used twice, and no deal left standing nowhere (S11)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hedef.process.engine.conditions import field_named
from hedef.process.engine.stages import dropped_stages
from hedef.process.engine.structure import Fault
from hedef.process.schema import ProcessDocument


@dataclass(frozen=True, slots=True)
class Standing:
    """Open deals in a stage, and their value as people read it ("12,400.00 EUR")."""

    deals: int
    value: str


type StandingIn = Callable[[Sequence[str]], Standing]


def check_version(new: ProcessDocument, earlier: Sequence[ProcessDocument], standing: StandingIn) -> list[Fault]:
    """Faults of a version against the approved ones before it, oldest first. `standing` counts deals in stages."""
    return [
        *_built(new),
        *_asked(new),
        *_reused(new, earlier),
        *_unmapped(new, earlier, standing),
        *_undated(new, earlier),
        *_map_targets(new, earlier),
    ]


def _built(new: ProcessDocument) -> Iterator[Fault]:
    if new.applies_to != "deal":
        message = f"processes for {new.applies_to} cannot be followed yet"
        yield Fault("applies_to_not_built", ("applies_to",), message, "This version of Hedef follows deals.")
    for place, stage in enumerate(new.stages):
        if stage.probability is not None and stage.probability.source == "model":
            message = f"{stage.id}: the chance of a model comes from the forecast; until there is one, history is shown"
            path = ("stages", place, "probability", "from")
            yield Fault("probability_model", path, message, "Nothing to do.", warning=True)


def _asked(new: ProcessDocument) -> Iterator[Fault]:
    """Required fields that deals do not have: they are columns of the company's own, or asked as a question."""
    for place, stage in enumerate(new.stages):
        for number, one in enumerate(stage.exit):
            if one.require is not None and field_named(one.require) is None:
                path = ("stages", place, "exit", number, "require")
                message = f"{stage.id}: {one.require} is no field of every deal; where it is missing it is asked"
                hint = f"Map a column to custom:{one.require}, or write ask with the question in both languages."
                yield Fault("criterion_asked", path, message, hint, warning=True)


def _reused(new: ProcessDocument, earlier: Sequence[ProcessDocument]) -> Iterator[Fault]:
    if not earlier:
        return
    known = {one.id for document in earlier[:-1] for one in document.stages}
    current = {one.id for one in earlier[-1].stages}
    for place, stage in enumerate(new.stages):
        if stage.id in known - current:
            hint = "Give the stage a new id; its name may be the same."
            message = f"the id {stage.id} belonged to a stage that was dropped before"
            yield Fault("stage_reused", ("stages", place, "id"), message, hint)


def _unmapped(new: ProcessDocument, earlier: Sequence[ProcessDocument], standing: StandingIn) -> Iterator[Fault]:
    if not earlier:
        return
    gone = dropped_stages(earlier[-1], new)
    open_ends = [stage for stage in gone if stage not in (new.map or {})]
    if open_ends:
        found = standing(open_ends)
        verb = "is" if len(open_ends) == 1 else "are"
        message = (
            f"{', '.join(open_ends)} {verb} dropped without saying where its deals go on; "
            f"{found.deals} open deals worth {found.value} stand there"
        )
        hint = f"Add map: {{{open_ends[0]}: <stage of this version>}} for every dropped stage."
        yield Fault("map_missing", ("map",) if new.map else (), message, hint)


def _undated(new: ProcessDocument, earlier: Sequence[ProcessDocument]) -> Iterator[Fault]:
    """Deals move on a day: a version that drops a stage begins on one."""
    if earlier and dropped_stages(earlier[-1], new) and new.effective_from is None:
        message = "a version that drops a stage moves deals, and nobody says on which day"
        yield Fault("map_without_day", (), message, "Add effective_from: its first day.")


def _map_targets(new: ProcessDocument, earlier: Sequence[ProcessDocument]) -> Iterator[Fault]:
    gone = dropped_stages(earlier[-1], new) if earlier else []
    former = {one.id: one for one in earlier[-1].stages} if earlier else {}
    for old, target in (new.map or {}).items():
        found = new.stage(target)
        if found is None:
            hint = f"Stages: {', '.join(one.id for one in new.stages)}."
            yield Fault("map_target", ("map", old), f"map leads {old} to {target}, which is no stage of it", hint)
        elif (
            old in former
            and {former[old].category, found.category} & {"won", "lost"}
            and (former[old].category != found.category)
        ):
            message = f"map leads {old} ({former[old].category}) to {target} ({found.category}): that would close deals"
            yield Fault("map_target", ("map", old), message, "Map open stages to open ones, won to won, lost to lost.")
        if old not in gone:
            hint = "Map only stages that this version drops."
            yield Fault("map_needless", ("map", old), f"map names {old}, which is not dropped", hint, warning=True)
