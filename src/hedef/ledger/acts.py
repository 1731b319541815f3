"""What can be done to what was recorded. The room that keeps the records does it; the faces of the ledger ask here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hedef.kernel.issue import Issue

type Number = tuple[int, int]

ERASABLE = ("person", "contact", "lead")
"""Kinds of record whose words may be a person's."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A number that moves: its code, what it is of (a stage, a quarter, an owner), and how far.

    `count` and `amount_minor` (in `currency`) are after minus before; none where the number has no such part.
    """

    number: str
    of: str
    count: int | None = None
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """Something that was published and rests on a batch: what it is, where it is found, and since which seal."""

    what: str
    reference: str
    known_no: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Entities of one kind: how many, and the first of them (at most `SHOWN`)."""

    kind: str
    count: int
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would do (`batch` and `seal_no` are none then).

    `later`: entities that other batches have changed since; they keep those changes.
    """

    undoes: int
    batch: int | None
    seal_no: int | None
    touched: tuple[Touched, ...]
    later: int
    moved: tuple[Moved, ...]
    resting: tuple[Resting, ...]
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure blanked: entities, changes of them, blocks, spellings and kept files."""

    entity: int
    kind: str
    batch: int | None
    seal_no: int | None
    entities: tuple[int, ...]
    changes: int
    blocks: int
    spellings: int
    files: int


@dataclass(frozen=True, slots=True)
class Retained:
    """Records of each kind whose words were kept long enough, and the batches that blanked them."""

    records: Mapping[str, int]
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A batch that one of the verbs wrote, with how many changes."""

    batch: int
    seal_no: int
    changes: int


class Acts(Protocol):
    """The verbs (`records.services` says what each does); every one needs a reason and is one sealed batch."""

    def kind_of(self, entity: int) -> str | None: ...

    def undo_batch(
        self,
        batch: int,
        *,
        actor: str,
        reason: str,
        dry_run: bool = False,
        after_publication: bool = False,
        second: str | None = None,
    ) -> Undone: ...

    def correct(
        self,
        *,
        kind: str,
        entity: int,
        actor: str,
        reason: str,
        fields: Mapping[str, object] | None = None,
        change: Number | None = None,
        effective_us: int | None = None,
    ) -> Written: ...

    def read_fields(self, kind: str, entity: int, texts: Mapping[str, str]) -> dict[str, object]: ...

    def void(self, *, kind: str, entity: int, change: Number, actor: str, reason: str) -> Written: ...

    def merge(
        self,
        *,
        kind: str,
        loser: int,
        survivor: int,
        actor: str,
        reason: str,
        effective_us: int | None = None,
        fields: Sequence[str] = (),
    ) -> Written: ...

    def split(self, *, loser: int, actor: str, reason: str) -> Undone: ...

    def erase(self, entity: int, *, actor: str, reason: str, dry_run: bool = False) -> Erased: ...

    def erase_again(self, *, actor: str) -> list[Erased]: ...

    def apply_retention(self, *, on: datetime, actor: str, dry_run: bool = False) -> Retained: ...

    def finish_undos(self) -> int: ...

    def differences(self) -> list[Issue]: ...


@dataclass
class _Registry:
    acts: list[Acts] = field(default_factory=list)


_registry = _Registry()


def register_acts(acts: Acts) -> None:
    """The room that keeps the records offers its verbs."""
    _registry.acts[:] = [acts]


def acts() -> Acts:
    """The registered verbs."""
    return _registry.acts[0]
