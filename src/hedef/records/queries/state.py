"""State of entities: current rows from the tables, any other point from the ledger."""

from hedef.ledger.queries import Last
from hedef.records.models import MODELS


def last_change(entity: int, kind: str | None = None) -> Last | None:
    """Where the newest change of an entity stands; none for an unknown entity."""
    for name in [kind] if kind else list(MODELS):
        found = MODELS[name].objects.filter(entity=entity).values_list("last_batch", "last_ord").first()
        if found is not None:
            return Last(name, *found)
    return None
