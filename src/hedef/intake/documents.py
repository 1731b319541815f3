"""Mappings that a person gave are documents of their source: dated, versioned, used by the next import."""

import re
from typing import Any, Literal

from hedef.definitions.kinds import DocumentKind
from hedef.intake.engine.headers import find
from hedef.intake.schema import Mapping
from hedef.kernel.definition import Document

KIND = "mapping"


class MappingDocument(Document):
    """Kind `mapping`: how the files of one source with one object are read."""

    kind: Literal["mapping"]
    source: str
    object: str
    mapping: Mapping


MAPPING_KIND = DocumentKind(name=KIND, model=MappingDocument)


def id_of(source: str, object_: str) -> str:
    """`acme-salesforce-deal`"""
    return re.sub(r"[^a-z0-9]+", "-", f"{source} {object_}".lower()).strip("-")


def save(mapping: Mapping, *, source: str, object_: str, actor: str) -> None:
    """Keep the mapping for the next import of this source. What the newest version already says changes nothing."""
    from hedef.definitions import services
    from hedef.definitions.queries import in_force

    told = mapping.model_copy(update={"source": source}).model_dump(mode="json", exclude_defaults=True)
    name = f"{source}: {object_}"
    body: dict[str, Any] = {"kind": KIND, "id": id_of(source, object_), "name": {"en": name, "tr": name}}
    body |= {"owner": actor, "source": source, "object": object_, "mapping": told}
    former = in_force(KIND, body["id"])
    if former is not None and former.body.get("mapping") == told:
        return
    made = services.add(document=body, actor=actor, reason="given with an import")
    if made.state == "draft":
        services.approve(kind=KIND, id=made.id, version=made.version, actor=actor)


def saved(source: str, object_: str | None, header: tuple[str, ...]) -> Mapping | None:
    """The mapping kept for files of a source with these columns: all key columns are there, most fields win."""
    from hedef.definitions.queries import list_in_force

    found = []
    for version in list_in_force(KIND):
        if version.body["source"] != source or object_ not in (None, version.body["object"]):
            continue
        document = version.document
        assert isinstance(document, MappingDocument)
        mapping = document.mapping
        if (number := _fitting(mapping, header)) > 0:
            found.append((number, mapping))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _fitting(mapping: Mapping, header: tuple[str, ...]) -> int:
    """How many fields of the mapping have a column in the file; 0 without its key."""
    key = find(mapping.key, header) or (mapping.weak_key and all(find((one,), header) for one in mapping.weak_key))
    history = mapping.history is not None and find(mapping.history.entity, header)
    if not key and not history:
        return 0
    return sum(any(find(spec.column, header) for spec in specs) for specs in mapping.fields.values())
