"""What a page needs to know of kinds and fields that the ledger itself does not understand: a registered teller."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.utils.functional import Promise

from hedef.kernel.scope import Scope


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field as people read it. `type` as in records: ref, int, bp, day, instant, code, text, bool, json; or money.

    `refers`: the kind of a ref.
    """

    label: str | Promise
    type: str
    refers: str | None = None


class Teller(Protocol):
    """A room that knows what its kinds and fields are called."""

    def kind_words(self, kind: str, /) -> str | Promise | None:
        """The kind in the reader's language; none for a kind of another room."""
        ...

    def field_words(self, kind: str, field: str, /) -> FieldWords | None:
        """The field in the reader's language; none for one of another room."""
        ...

    def names_seen(self, kind: str, entities: Collection[int], scope: Scope, /) -> dict[int, str]:
        """Names of those of the entities that the scope sees."""
        ...


_tellers: list[Teller] = []


def register_teller(teller: Teller) -> None:
    """A room says what its kinds and fields are called."""
    if teller not in _tellers:
        _tellers.append(teller)


def kind_words(kind: str) -> str | Promise:
    """The kind in the reader's language; its code where no room answers."""
    return next((told for one in _tellers if (told := one.kind_words(kind)) is not None), kind.replace("_", " "))


def field_words(kind: str, field: str) -> FieldWords:
    """The field in the reader's language; its code as text where no room answers."""
    found = next((told for one in _tellers if (told := one.field_words(kind, field)) is not None), None)
    return found or FieldWords(field.replace("_", " "), "text")


def names_seen(kind: str, entities: Collection[int], scope: Scope) -> dict[int, str]:
    """Names of those of the entities that the scope sees."""
    found: dict[int, str] = {}
    for one in _tellers:
        found |= one.names_seen(kind, entities, scope)
    return found


class Link(NamedTuple):
    """A page of another room, and what it is called."""

    url: str
    label: str


type BatchLinker = Callable[[int], Link | None]
_linkers: list[BatchLinker] = []


def register_batch_link(linker: BatchLinker) -> None:
    """A room that has a page of its own for some batches (an import, a version) says where it is."""
    if linker not in _linkers:
        _linkers.append(linker)


def batch_link(batch: int) -> Link | None:
    """The page of the room that made a batch, if it has one."""
    return next((found for one in _linkers if (found := one(batch)) is not None), None)
