"""What a room lends to the pages of its documents: fields of a form, and blocks of what a person should see.

Numbers stay exact here (money in major units); the page rounds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from django.utils.functional import Promise

from hedef.kernel.scope import Scope
from hedef.kernel.trust import Trust

type Text = str | Promise
type Tone = Literal["", "good", "warn", "bad", "muted"]
type Input = Literal["text", "area", "code", "number", "day", "choice", "many", "words"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and at which truth."""

    actor: str
    scope: Scope
    as_of: date
    as_of_us: int
    known_no: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `path` is the place in the document (`fact.value`); `words` has both languages below it.

    `choices` are the values that exist, with what a person reads; of a `choice` they are all there are.
    """

    path: str
    label: Text
    input: Input = "text"
    choices: tuple[tuple[str, Text], ...] = ()
    hint: Text = ""
    required: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together."""

    title: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a block: a text, or a number in its unit; `url` leads to its reason."""

    text: Text = ""
    value: Fraction | None = None
    unit: str = ""
    currency: str | None = None
    url: str = ""
    tone: Tone = ""

    @property
    def numeric(self) -> bool:
        return bool(self.unit)


@dataclass(frozen=True, slots=True)
class Block:
    """One thing to see: a sentence, a table, or both, with how far its numbers can be relied on."""

    title: Text
    text: Text = ""
    head: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[Text, ...] = ()
    tone: Tone = ""
    trust: Trust | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A case of a document that ran: what it proves, and where the two numbers differ."""

    name: str
    passed: bool
    said: str = ""
    path: tuple[str | int, ...] = ()
    of: str = ""  # the document whose case it is, when it is another one that rests on this

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, "message": self.said or None, "of": self.of or None}


@dataclass(frozen=True, slots=True)
class Use:
    """A document that rests on another one."""

    kind: str
    id: str
    version: int
    name: Mapping[str, str]
    state: str
    url: str = ""

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.id}@{self.version}"

    def as_json(self) -> dict[str, Any]:
        return {"reference": self.reference, "name": dict(self.name), "state": self.state}
