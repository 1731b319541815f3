"""Definitions: dated, versioned documents. Their envelope, references, canonical bytes and what is wrong with them."""

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import NOWHERE, Locate, Path, document_issue

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SNAKE_KINDS = frozenset({"metric"})
_REFERENCE = re.compile(
    r"(?:(?P<kind>[a-z0-9]+(?:-[a-z0-9]+)*):)?"
    r"(?P<id>[a-z0-9]+(?:[-_][a-z0-9]+)*)"
    r"(?:@(?P<version>[1-9][0-9]{0,8}))?"
    r"(?:#(?P<part>[a-z0-9]+(?:[-_][a-z0-9]+)*))?"
)

Sentence = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Part(BaseModel):
    """Base of everything inside a document: unknown fields are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """One text in both languages."""

    en: Sentence
    tr: Sentence


class Document(Part):
    """The envelope of every kind. `effective_from` none means always; `notes` are free and never enter the hash."""

    kind: str
    id: str
    version: int = Field(ge=1)
    effective_from: date | None = None
    name: Words
    owner: Sentence
    notes: Any = None

    @field_validator("id")
    @classmethod
    def _spelled(cls, value: str, info: ValidationInfo) -> str:
        snake = info.data.get("kind") in _SNAKE_KINDS
        if not (_SNAKE if snake else _KEBAB).fullmatch(value):
            shape = "small letters, digits and _ , such as won_value" if snake else "small letters, digits and -"
            raise ValueError(f"an id is written in {shape}")
        return value

    @property
    def reference(self) -> str:
        return str(Reference(self.kind, self.id, self.version))


Envelope = Document


@dataclass(frozen=True, slots=True)
class Reference:
    """`process:new-business@4#qualification`; without version the one in force at `as_of` is meant."""

    kind: str | None
    id: str
    version: int | None = None
    part: str | None = None

    def __str__(self) -> str:
        kind = f"{self.kind}:" if self.kind else ""
        version = f"@{self.version}" if self.version else ""
        part = f"#{self.part}" if self.part else ""
        return f"{kind}{self.id}{version}{part}"


def reference(text: str) -> Reference:
    """Read `kind:id@version#part`, of which only the id is needed. ValueError for anything else."""
    found = _REFERENCE.fullmatch(text.strip())
    if not found:
        raise ValueError(f'"{text}" names no document; write it as kind:id@version, such as metric:won_value@1')
    version = found["version"]
    return Reference(found["kind"], found["id"], int(version) if version else None, found["part"])


def as_text(document: Mapping[str, Any]) -> str:
    """The whole document as JSON in its own order. TypeError for a float: write it as text."""
    return _json(document, sort_keys=False)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that the hash is made of: JSON in UTF-8 with sorted keys and without `notes`."""
    return _json({key: value for key, value in document.items() if key != "notes"}, sort_keys=True).encode()


def _json(document: Mapping[str, Any], *, sort_keys: bool) -> str:
    return json.dumps(document, sort_keys=sort_keys, ensure_ascii=False, separators=(",", ":"), cls=_Exact)


def document_hash(document: Mapping[str, Any]) -> str:
    """`sha256:...` of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(document)).hexdigest()


class _Exact(json.JSONEncoder):
    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:
        _refuse_floats(o)
        return super().iterencode(o, _one_shot)

    def default(self, o: Any) -> Any:
        if isinstance(o, Decimal | Fraction):
            return str(o)
        if isinstance(o, date):
            return o.isoformat()
        if isinstance(o, BaseModel):
            return o.model_dump(mode="python", exclude_unset=True)
        return super().default(o)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f'{value} is a float; write it as text ("{value}") or Decimal, so that it stays exact')
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def validate[D: Document](
    model: type[D], data: Any, locate: Locate = NOWHERE, file: str | None = None
) -> tuple[D | None, list[Issue]]:
    """The document, or none and every fault as an issue with file, line (`row`) and column."""
    try:
        return model.model_validate(data), []
    except ValidationError as fault:
        return None, [_issue_of(error, model, locate, file) for error in fault.errors(include_url=False)]


def _issue_of(error: ErrorDetails, model: type[BaseModel], locate: Locate, file: str | None) -> Issue:
    describe = _SENTENCES.get(error["type"], _other)
    code, path, message, hint = describe(error, model, locate)
    place = locate(path, key=error["type"] == "extra_forbidden")
    return document_issue(code, message, file=file, place=place, path=path, hint=hint)


type _Said = tuple[str, Path, str, str | None]


def _missing(error: ErrorDetails, _: type[BaseModel], locate: Locate) -> _Said:
    *above, name = error["loc"]
    return "required_missing", (*locate.known(above), name), f'"{name}" is missing', f'Add "{name}".'


def _unknown(error: ErrorDetails, model: type[BaseModel], locate: Locate) -> _Said:
    name = str(error["loc"][-1])
    near = difflib.get_close_matches(name, model.model_fields, n=1) if len(error["loc"]) == 1 else []
    hint = f'Did you mean "{near[0]}"?' if near else "Take it out, or correct its spelling."
    return "unknown_field", locate.known(error["loc"]) or (name,), f'there is no field "{name}" here', hint


def _other(error: ErrorDetails, _: type[BaseModel], locate: Locate) -> _Said:
    path = locate.known(error["loc"]) or tuple(error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    value = error["input"]
    if not isinstance(value, dict | list | BaseModel) and len(str(value)) <= 80:
        message += f" (found: {json.dumps(value, ensure_ascii=False, default=str)})"
    return "invalid_value", path, message, None


_SENTENCES: dict[str, Callable[[ErrorDetails, type[BaseModel], Locate], _Said]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
}
