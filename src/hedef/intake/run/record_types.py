"""Record types of a CRM: a process each where their stage lists differ, else a code of one process."""

from collections.abc import Mapping
from itertools import combinations

import polars as pl

from hedef.intake.engine.shapes import BoundField
from hedef.intake.run import keys, memory
from hedef.intake.run.call import FileRun
from hedef.intake.run.processes import category_of, in_force
from hedef.intake.schema import FieldMap
from hedef.records.engine.names import normalise
from hedef.records.queries import columns_of, has_keys

FIELD = "record_type"
ONE, EACH = "one", "each"


def pipeline_field(file: FileRun) -> str:
    """The field whose words part the deals of this file into processes."""
    return FIELD if file.mapping.processes == "record_types" else "process"


def apart(file: FileRun, frame: pl.DataFrame, values: Mapping[str, str]) -> bool:
    """Whether each record type is a process of its own, from rows with `pipeline` and `label`.

    Decided by the first file of a source that brings deals and kept: a later file with few rows of a record type must
    not move its deals.
    """
    if file.mapping.processes != "record_types" or FIELD not in file.sheet.bound.fields:
        return False
    kept = memory.recall(file, memory.RECORD_TYPES)
    if kept is None:
        kept = ONE if has_keys(file.source, "deal") or not differ(frame, _shipped(file, values)) else EACH
        memory.keep(file, memory.RECORD_TYPES, kept)
    return bool(kept == EACH)


def kept_apart(file: FileRun) -> bool:
    """Whether an earlier file of the source put its record types into processes of their own."""
    return bool(memory.recall(file, memory.RECORD_TYPES) == EACH)


def of_deals(file: FileRun) -> pl.Series | None:
    """The process in which the deal of every row of a history stands; none where the source has one for all.

    A history names no record type: its rows follow the deals that their own file brought. Null for unknown deals.
    """
    told = file.sheet.bound.history
    if told is None or told.entity is None or not kept_apart(file):
        return None
    texts = file.column(BoundField("deal", FieldMap(type="id"), (told.entity,))).values
    found = keys.known(file.source, "deal", file.call.unwritten, texts.drop_nulls().unique())
    stand = dict(columns_of("deal", ["entity", "process"], entities=found["entity"].to_list()))
    placed = {key: stand.get(entity) for key, entity in found.select("key", "entity").iter_rows()}
    return texts.replace_strict(placed, default=None, return_dtype=pl.String)


def own_list(file: FileRun, process_id: str) -> bool:
    """Whether a process stands for one record type, not for the list that the vendor ships."""
    return file.mapping.processes == "record_types" and process_id not in file.mapping.process_start


def differ(frame: pl.DataFrame, shipped: set[str]) -> bool:
    """Whether two record types share fewer than half of the open stages of the shorter list.

    Ends are shared by every list, and rows of one list seldom show all its stages: where the known list of the vendor
    holds every label, it is one list.
    """
    pairs = frame.select("pipeline", "label").drop_nulls().unique(maintain_order=True)
    lists: dict[str, set[str]] = {}
    for kind, label in pairs.iter_rows():
        if category_of(label) == "open":
            lists.setdefault(kind, set()).add(normalise(label))
    if all(labels <= shipped for labels in lists.values()):
        return False
    return any(len(one & other) * 2 < min(len(one), len(other)) for one, other in combinations(lists.values(), 2))


def _shipped(file: FileRun, values: Mapping[str, str]) -> set[str]:
    starts, names = file.mapping.process_start, set(values)
    names |= {stage for start in starts.values() for stage, _category in start}
    for of in filter(None, map(in_force, starts)):
        names |= {name for stage in of.stages for name in (stage.id, stage.name)}
    return set(map(normalise, names))
