"""Exports in the language of the person who made them: what their columns are called in English.

`vendors/<vendor>/labels.yaml` holds, for each English name, what other languages call it. Where a vendor marks its
own columns by their place or form, an unknown language is read by that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from hedef.intake.engine.detect import VENDORS
from hedef.intake.engine.headers import fold
from hedef.intake.schema import Mapping as MappingModel

_PREFIXED = re.compile(r"^(?P<of>[^-]{2,40}?) - (?P<name>\S.*)$")
_HIDDEN = re.compile(r"^\((?P<mark>[^()]{3,40})\) ?(?P<name>\S.*)$")
_MARK = "(Do Not Modify)"
_HIDDEN_NAMES = ("Row Checksum", "Modified On")  # behind the id of the record, in this order
# parts of a mapping whose texts are names of columns
_COLUMNS = ("column", "join", "currency", "key", "weak_key", "key_join", "ignore", "entity", "effective")
_CONDITIONS = ("only_if", "unless")


def english(header: Sequence[str]) -> dict[str, str]:
    """English name -> name in this header, for the columns of a vendor that are called otherwise here.

    Empty for a header in English and for one that no vendor translates so.
    """
    found = _hidden(header) or _prefixed(header)
    return {name: actual for name, actual in found.items() if fold(name) != fold(actual)}


def in_english(header: Sequence[str], told: Mapping[str, str]) -> tuple[str, ...]:
    """The header by its English names."""
    names = {actual: name for name, actual in told.items()}
    return tuple(names.get(one, one) for one in header)


def spoken(mapping: MappingModel, told: Mapping[str, str]) -> MappingModel:
    """The mapping with the names that its columns have in the file."""
    if not told:
        return mapping
    names = {fold(name): actual for name, actual in told.items()}
    return MappingModel.model_validate(_renamed(mapping.model_dump(mode="json", exclude_defaults=True), names))


def _renamed(told: Any, names: Mapping[str, str], part: str = "") -> Any:
    if isinstance(told, dict):
        if part in _CONDITIONS:
            return {"|".join(_called(one, names) for one in key.split("|")): value for key, value in told.items()}
        return {key: _renamed(value, names, key) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_renamed(one, names, part) for one in told]
    return _called(told, names) if part in _COLUMNS and isinstance(told, str) else told


def _called(name: str, names: Mapping[str, str]) -> str:
    return names.get(fold(name), name)


# --- Dynamics: three hidden columns with one mark in front ----------------------------------------------------------


def _hidden(header: Sequence[str]) -> dict[str, str]:
    """`(Nicht ändern) Verkaufschance` and the two behind it: the mark stands in brackets, whatever its language."""
    first = [_HIDDEN.match(name.strip()) for name in header[:3]]
    marks = {found["mark"] for found in first if found}
    if len(first) < 3 or not all(first) or len(marks) != 1:
        return {}
    labels = _labels("dynamics")
    assert first[0] is not None
    record = labels.get(fold(first[0]["name"]), first[0]["name"])
    names = (record, *_HIDDEN_NAMES)
    found = {f"{_MARK} {name}": actual for name, actual in zip(names, header[:3], strict=True)}
    return found | _labelled(header[3:], labels)


def _labelled(header: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    """English names of a plain header; the first column of a name has it."""
    found: dict[str, str] = {}
    for actual in header:
        if (name := labels.get(fold(actual))) is not None:
            found.setdefault(name, actual)
    return found


# --- Pipedrive: `Deal - Title`, both words translated ---------------------------------------------------------------


def _prefixed(header: Sequence[str]) -> dict[str, str]:
    """`Anlaşma - Başlık` is `Deal - Title`; a prefix nobody knows is told by the words behind it."""
    parts = [(actual, part) for actual in header if (part := _PREFIXED.match(actual.strip()))]
    if len(parts) < 3 or len(parts) * 10 < len(header) * 5:
        return {}
    labels = _labels("pipedrive")
    of = {part["of"] for _, part in parts}
    objects = {prefix: labels.get(fold(prefix)) or _object_of(prefix, parts, labels) for prefix in of}
    found: dict[str, str] = {}
    for actual, part in parts:
        name = labels.get(fold(part["name"]), part["name"])
        if objects[part["of"]] is not None:
            found.setdefault(f"{objects[part['of']]} - {name}", actual)
    plain = [actual for actual in header if not _PREFIXED.match(actual.strip())]
    return found | _labelled(plain, labels)


_PROOF = {"Deal": ("Title", "Value", "Stage", "Pipeline"), "Activity": ("Subject", "Due date", "Type")}
_PROOF |= {"Person": ("Email", "Phone", "First name", "Last name"), "Organization": ("Address",)}


def _object_of(prefix: str, parts: Sequence[tuple[str, re.Match[str]]], labels: Mapping[str, str]) -> str | None:
    """Which object the columns of an unknown prefix speak of; none where nothing says so."""
    names = {labels.get(fold(part["name"]), part["name"]) for _, part in parts if part["of"] == prefix}
    hits = {of: len(names & set(proof)) for of, proof in _PROOF.items()}
    best = max(hits, key=lambda one: hits[one])
    return best if hits[best] else None


@cache
def _labels(vendor: str) -> dict[str, str]:
    """Folded word of any language -> English name. Words of several meanings stand once, at the likelier one."""
    told = YAML(typ="safe").load(VENDORS / vendor / "labels.yaml")
    found: dict[str, str] = {}
    for name, words in told.items():
        for word in (name, *words):
            found.setdefault(fold(word), name)
    return found
