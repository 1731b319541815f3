"""Columns of a company's own: a mapping's field `custom:Tier` is kept in the record's `extra` under its name."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from hedef.intake.engine.headers import fold
from hedef.intake.engine.shapes import Column, Decision
from hedef.intake.schema import CUSTOM, FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.records.engine.kinds import KINDS

PREFIX = CUSTOM
FIELD = "extra"  # of the records that keep them

KEPT = "custom"  # the answer that keeps a column: --decide "Tier=custom"


def with_own(
    mapping: MappingModel, header: Sequence[str], answers: Mapping[str, str]
) -> tuple[MappingModel, list[Decision]]:
    """The mapping with the columns that a person answers `custom` for kept as own fields, and these decisions."""
    wanted = {fold(column) for column, answer in answers.items() if answer.strip().casefold() == KEPT}
    columns = [one for one in header if fold(one) in wanted]
    if not columns or mapping.object not in KINDS or FIELD not in KINDS[mapping.object].names:
        return mapping, []
    own = {name_of(one): (FieldMap(column=(one,)),) for one in columns}
    told = [Decision(one, "column", KEPT, {}, "person") for one in columns]
    return mapping.model_copy(update={"fields": {**mapping.fields, **own}}), told


def name_of(label: str) -> str:
    """The mapping's field of a column: `Deal - Label` is `custom:Deal - Label`."""
    return PREFIX + label


def is_custom(name: str) -> bool:
    return name.startswith(PREFIX)


def extra_of(fields: Mapping[str, Column]) -> pl.Series | None:
    """What rows say in columns of their own, as canonical JSON texts: `{"Tier":"Gold"}`; null where they say nothing.

    None where the mapping keeps no such column.
    """
    own = {name.removeprefix(PREFIX): column.values for name, column in fields.items() if is_custom(name)}
    if not own:
        return None
    labels = sorted(own)
    rows = zip(*(own[label].to_list() for label in labels), strict=True)
    return pl.Series(FIELD, [_told(zip(labels, values, strict=True)) for values in rows], dtype=pl.String)


def _told(pairs: Iterable[tuple[str, object]]) -> str | None:
    said = {label: _text(value) for label, value in pairs if value is not None}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
