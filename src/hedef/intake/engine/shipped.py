"""The mappings that ship with Hedef: one YAML a vendor and file shape; and mappings as people save them."""

from functools import cache
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from hedef.intake.engine.decide import Decided
from hedef.intake.engine.detect import VENDORS
from hedef.intake.engine.shapes import Bound, BoundField
from hedef.intake.schema import FieldMap, Mapping

_ON_ONE_LINE = 4


@cache
def shipped_mapping(vendor: str, name: str) -> Mapping:
    """The mapping of a detected shape (`detection.mapping`). KeyError for a shape that has none."""
    file = VENDORS / vendor / f"mapping_{name}.yaml"
    if not file.is_file():
        raise KeyError(f"no mapping ships for {vendor} {name}")
    return Mapping.model_validate(YAML(typ="safe").load(file))


@cache
def shipped_mappings() -> dict[tuple[str, str], Mapping]:
    """All shipped mappings by (vendor, name)."""
    files = sorted(VENDORS.glob("*/mapping_*.yaml"))
    keys = [(file.parent.name, file.stem.removeprefix("mapping_")) for file in files]
    return {key: shipped_mapping(*key) for key in keys}


def saved_mapping(bound: Bound, decided: Decided, *, source: str) -> Mapping:
    """The mapping a source keeps after an import: the columns this file really had, and what was decided."""
    document = bound.mapping.model_dump()
    fields = {name: tuple(_settled(one, decided) for one in many) for name, many in bound.fields.items()}
    document |= {"source": source, "fields": fields}
    return Mapping.model_validate(document)


def _settled(one: BoundField, decided: Decided) -> FieldMap:
    change: dict[str, Any] = {}
    if one.spec.join:
        change["join"] = one.columns
    elif one.columns:
        change["column"] = one.columns
        for what, name in (("date_order", "order"), ("decimal_mark", "decimal"), ("scale", "scale")):
            if (value := decided.value(one.columns[0], what)) is not None:
                change[name] = value
    if one.currency_column is not None:
        change["currency"] = (one.currency_column,)
    return one.spec.model_copy(update=change)


def to_yaml(mapping: Mapping) -> str:
    """A mapping as people read and edit it: only what differs from the defaults."""
    text = StringIO()
    yaml = YAML()
    yaml.width = 1_000  # a plain key that is wrapped inside a flow mapping could not be read back
    yaml.dump(_styled(_plain(mapping.model_dump(exclude_defaults=True))), text)
    return text.getvalue()


def from_yaml(text: str) -> Mapping:
    """The way back; pydantic's ValidationError for a document that cannot be right."""
    return Mapping.model_validate(YAML(typ="safe").load(text))


def _plain(value: Any) -> Any:
    """Tuples of one text or one part become that part: `column: Amount`."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [_plain(part) for part in value]
        return parts[0] if len(parts) == 1 and isinstance(parts[0], str | dict) else parts
    return value


def _styled(value: Any) -> Any:
    """Short mappings and lists of plain values on one line, everything else line by line."""
    if isinstance(value, dict):
        parts = CommentedMap({name: _styled(part) for name, part in value.items()})
        flow = 0 < len(parts) <= _ON_ONE_LINE and not any(isinstance(part, dict | list) for part in parts.values())
        (parts.fa.set_flow_style if flow else parts.fa.set_block_style)()
        return parts
    if isinstance(value, list):
        items = CommentedSeq([_styled(part) for part in value])
        flow = not any(isinstance(part, dict) for part in value)
        (items.fa.set_flow_style if flow else items.fa.set_block_style)()
        return items
    return value
