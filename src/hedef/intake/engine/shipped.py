"""The mappings that ship with Hedef: one YAML a vendor and file shape."""

from functools import cache

from ruamel.yaml import YAML

from hedef.intake.engine.detect import VENDORS
from hedef.intake.schema import Mapping


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
