"""Write verbs of the records; everything goes through the ledger."""

from hedef.ledger.acts import ERASABLE
from hedef.ledger.services import allocate
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.queries.state import kind_of
from hedef.records.services.apply import apply_changes
from hedef.records.services.closing import abandon, seal
from hedef.records.services.correct import correct, void
from hedef.records.services.duplicates import suspect_again, tell_apart
from hedef.records.services.edits import begin_again, canonical_json, change, create, end, revive
from hedef.records.services.erase import erase, erase_again, register_eraser
from hedef.records.services.keys import mark_gone, save_alias, save_keys
from hedef.records.services.merge import MERGEABLE, merge, register_follower, split
from hedef.records.services.money import drop_rate, set_price, set_rates
from hedef.records.services.opening import NewRecords, fold_new, open_records
from hedef.records.services.reading import read_fields
from hedef.records.services.rebuild import differences, rebuild, refold
from hedef.records.services.refold import foreseen
from hedef.records.services.retention import apply_retention
from hedef.records.services.roster import (
    RANGES,
    Seen,
    end_range,
    end_team,
    hold_territory,
    join_team,
    leave,
    move_person,
    put_away,
    set_manager,
    work_part_time,
)
from hedef.records.services.said import acknowledge_document, mark_read, notify
from hedef.records.services.undo import finish_undos, register_guard, register_mover, register_seconds, undo_batch

__all__ = [
    "ERASABLE",
    "MERGEABLE",
    "RANGES",
    "NewRecords",
    "Seen",
    "abandon",
    "acknowledge_document",
    "allocate",
    "apply_changes",
    "apply_retention",
    "begin_again",
    "canonical_json",
    "change",
    "correct",
    "create",
    "differences",
    "drop_rate",
    "end",
    "end_range",
    "end_team",
    "erase",
    "erase_again",
    "finish_undos",
    "fold_new",
    "foreseen",
    "hold_territory",
    "join_team",
    "kind_of",
    "leave",
    "mark_gone",
    "mark_read",
    "merge",
    "move_person",
    "notify",
    "open_records",
    "put_away",
    "read_fields",
    "rebuild",
    "refold",
    "register_eraser",
    "register_follower",
    "register_guard",
    "register_kind",
    "register_mover",
    "register_seconds",
    "revive",
    "save_alias",
    "save_keys",
    "seal",
    "set_manager",
    "set_price",
    "set_rates",
    "split",
    "suspect_again",
    "tell_apart",
    "undo_batch",
    "void",
    "work_part_time",
]


def register_kind(kind: Kind) -> None:
    """A higher room adds a kind of its own (with a model from `records.models.record_model`).

    ValueError when the name is taken by another list of fields.
    """
    if KINDS.setdefault(kind.name, kind).fields != kind.fields:
        raise ValueError(f"kind {kind.name} is there already with other fields")
