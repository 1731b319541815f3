"""Mappings that a person makes on the page: columns given to other fields, files of no known shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from hedef.intake.drafts import SKIP
from hedef.intake.engine.bind import bind
from hedef.intake.engine.custom import FIELD, name_of
from hedef.intake.engine.guess import field_types, guess
from hedef.intake.engine.headers import fold
from hedef.intake.engine.key import candidates
from hedef.intake.engine.parts import Rows
from hedef.intake.engine.shapes import Bound, BoundField
from hedef.intake.run.one import object_of
from hedef.intake.schema import FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.records.engine.kinds import KINDS

CURRENCY = "currency"  # no field of its own: it says what the amounts of its row are in
OBJECTS = ("deal", "account", "contact", "lead", "person", "product", "order", "activity")
SHAPE = "by-hand"
CUSTOM = "custom"  # kept in the record under the name of the column
_OTHER = (SKIP, CURRENCY, CUSTOM)
TAKEN = 0.75  # every column is shown before anything is written; below it a person chooses
_KEY_ENDS = ("id", "no", "number", "key", "code", "numarası", "kodu")


def choices(object_: str) -> list[str]:
    """What a column of such a file can become."""
    types = field_types(object_)
    found = [*types, CURRENCY] if "money" in types.values() else list(types)
    return [*found, CUSTOM] if object_ in KINDS and FIELD in KINDS[object_].names else found


def made_up(
    rows: Rows, samples: Mapping[str, Sequence[str]], object_: str, *, key: str | None, process: str | None
) -> MappingModel:
    """A mapping for a file of no known shape: columns by guesses of 0.75 and more, the key as told or by its name.

    `process`: the sales process of its stages where no column names one.
    """
    bare = MappingModel(vendor="files", shape=SHAPE, object=object_)
    told = {one.column: one.field for one in guess(rows.header, samples, object_) if one.confidence >= TAKEN}
    found = {column: field for column, field in told.items() if field is not None}
    if CURRENCY in choices(object_):
        found |= {name: CURRENCY for name in rows.header if fold(name) in ("currency", "currencycode", "parabirimi")}
    columns = candidates(rows)
    chosen = key if key in columns else next((one for one in columns if fold(one).endswith(_KEY_ENDS)), None)
    if chosen is not None and found.get(chosen) not in ("number", "code", "employee_no", "name", None):
        found.pop(chosen)
    mapping = adjusted(bare, rows.header, found)
    fields = dict(mapping.fields)
    if "stage" in fields and "process" not in fields and process is not None:
        fields["stage"] = tuple(one.model_copy(update={"process": process}) for one in fields["stage"])
    several = "each" if "process" in fields else "one"
    return mapping.model_copy(
        update={"fields": fields, "key": () if chosen is None else (chosen,), "processes": several}
    )


def adjusted(mapping: MappingModel, header: Sequence[str], chosen: Mapping[str, str]) -> MappingModel:
    """The mapping with some columns read as other fields; `-` leaves a column out."""
    types = field_types(object_of(mapping))
    chosen = {one: name for one, name in chosen.items() if one in header and (name in types or name in _OTHER)}
    bound = bind(mapping, header)
    fields = _without(mapping, bound, set(chosen))
    for column, name in chosen.items():
        if name == CUSTOM:
            fields[name_of(column)] = (FieldMap(column=(column,)),)
        if name in _OTHER:
            continue
        same = next((spec for spec in mapping.fields.get(name, ()) if _reads(bound, name, spec, column)), None)
        spec = same or _like(mapping, name, column, types[name])
        fields[name] = (spec, *(one for one in fields.get(name, ()) if one is not spec))
    fields = _in_currency(fields, header, chosen)
    ignore = (*mapping.ignore, *(column for column, name in chosen.items() if name == SKIP))
    return mapping.model_copy(update={"fields": fields, "ignore": ignore})


def _without(mapping: MappingModel, bound: Bound, taken: set[str]) -> dict[str, tuple[FieldMap, ...]]:
    """The fields without the readings that use one of these columns."""
    fields: dict[str, tuple[FieldMap, ...]] = {}
    for name, specs in mapping.fields.items():
        readings = ((spec, _bound_of(bound, name, spec)) for spec in specs)
        kept = tuple(spec for spec, one in readings if one is None or not taken & set(one.columns))
        if kept:
            fields[name] = kept
    return fields


def _like(mapping: MappingModel, name: str, column: str, kind: str) -> FieldMap:
    """A new column read as the field is read elsewhere in the mapping: same labels, same process."""
    former = next((spec for spec in mapping.fields.get(name, ()) if spec.type == kind), None)
    if former is None:
        return FieldMap.model_validate({"column": (column,), "type": kind})
    plain: dict[str, Any] = {
        "column": (column,),
        "join": (),
        "constant": None,
        "only_if": {},
        "unless": {},
        "extract": None,
    }
    return former.model_copy(update=plain)


def _in_currency(
    fields: dict[str, tuple[FieldMap, ...]], header: Sequence[str], chosen: Mapping[str, str]
) -> dict[str, tuple[FieldMap, ...]]:
    """Amounts take their currency from the column chosen for it, and no longer from one chosen for something else."""
    column = next((one for one in header if chosen.get(one) == CURRENCY), None)
    turned = {fold(one) for one, name in chosen.items() if name != CURRENCY}

    def told(spec: FieldMap) -> FieldMap:
        if spec.type != "money":
            return spec
        kept = tuple(one for one in spec.currency if fold(one) not in turned)
        return spec.model_copy(update={"currency": kept if column is None else (column, *kept)})

    return {name: tuple(told(spec) for spec in specs) for name, specs in fields.items()}


def _bound_of(bound: Bound, name: str, spec: FieldMap) -> BoundField | None:
    return next((one for one in bound.fields.get(name, ()) if one.spec is spec), None)


def _reads(bound: Bound, name: str, spec: FieldMap, column: str) -> bool:
    one = _bound_of(bound, name, spec)
    return one is not None and column in one.columns
