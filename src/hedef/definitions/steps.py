"""The steps of a version as the ledger keeps them: to which state, by whom, when and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hedef.definitions.queries import Version
from hedef.ledger.queries import Tables, batches_numbered, history, seals


@dataclass(frozen=True, slots=True)
class Step:
    """A state that a version came to."""

    state: str
    actor: str
    at: datetime | None
    reason: str


def steps_of(found: Iterable[Version]) -> dict[int, list[Step]]:
    """Every state of each version by entity, oldest first."""
    known: Mapping[int, int] = seals()
    tables: Tables = {}
    changes = {one.entity: history(one.entity, known=known, tables=tables) for one in found}
    numbers = {change.batch for several in changes.values() for change in several if change.batch is not None}
    batches = batches_numbered(numbers)
    return {
        entity: [
            Step(str(change.fields["state"]), batch.actor, batch.recorded_at, batch.reason)
            for change in several
            if "state" in change.fields and (batch := batches.get(change.batch or 0)) is not None
        ]
        for entity, several in changes.items()
    }
