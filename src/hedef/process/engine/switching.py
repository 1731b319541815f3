"""Which process a deal belongs to by its fields, and how one goes on in another process (S10). Pure."""

from collections.abc import Mapping
from typing import Any

from hedef.kernel.errors import Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.process.engine.conditions import read_condition
from hedef.process.engine.moves import known_stage
from hedef.process.schema import ProcessDocument

NO_STAGE = "-"  # in a map: where deals go that stand in no stage


def matching(documents: Mapping[str, ProcessDocument], fields: Mapping[str, Any]) -> list[str]:
    """Ids of the processes for deals whose `chosen_when` is true of these fields, in order.

    Where no condition is true the processes without one take the deal.
    """
    deals = {name: one for name, one in sorted(documents.items()) if one.applies_to == "deal"}
    said = [name for name, one in deals.items() if one.chosen_when and read_condition(one.chosen_when).holds(fields)]
    return said or [name for name, one in deals.items() if one.chosen_when is None]


def is_chosen(documents: Mapping[str, ProcessDocument]) -> bool:
    """Whether any process says by a condition which deals are its own."""
    return any(one.chosen_when for one in documents.values() if one.applies_to == "deal")


def fields_of_switch(document: ProcessDocument, row: Mapping[str, Any], into: Mapping[str, str]) -> dict[str, Any]:
    """Process, stage and status of a deal that goes on in `document`; `into` names the new stage of its old one.

    A switch neither closes nor opens a deal. WrongUse for a map without its stage, or with a stage that is not there;
    Refused for a deal that already is in that process, and for a new stage of another kind.
    """
    name = spell("deal", row["entity"])
    if row["process"] == document.id:
        raise Refused(f"{name} is in {document.id} already.", hint="Move it to a stage instead.")
    here = row["stage"] or NO_STAGE
    if here not in into:
        known = ", ".join(one.id for one in document.stages)
        hint = f"Add {here}=STAGE to the map. Stages of {document.id}: {known}."
        raise WrongUse(f"The map does not say where {name} goes on: it stands in {here}.", hint=hint)
    target = known_stage(document, into[here])
    before, after = _kind(row["status"] or "open"), _kind(target.category)
    if before != after:
        hint = "Map it to a stage of the same kind, and close or reopen it by a move."
        raise Refused(f"{name} is {before}, but {target.id} of {document.id} is {after}.", hint=hint)
    return {"process": document.id, "stage": target.id, "status": target.category}


def _kind(category: str) -> str:
    return "open" if category == "hold" else category
