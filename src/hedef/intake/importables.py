"""Objects of higher rooms that a file may hold: the room registers itself, intake never imports upwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from hedef.ledger.services import LedgerBatch


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that the room does not take."""

    row: int
    code: str
    field: str | None = None
    value: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows; row numbers count from 1. `changes` are the ledger rows written."""

    created: Sequence[int] = ()
    updated: Sequence[int] = ()
    unchanged: Sequence[int] = ()
    rejected: Sequence[Rejected] = ()
    changes: int = 0


@dataclass(frozen=True)
class Given:
    """What the room gets: `rows` with `row` int64, `key` text and one column a mapped field.

    Dates are `Date`, instants int64 microseconds, money int64 minor units with `<field>_currency`, references int64
    entities (null: nobody known). `plan` is the `--plan` of the call. The batch is open: the room writes through
    `records.services` inside it.
    """

    rows: pl.DataFrame
    batch: LedgerBatch
    actor: str
    plan: str | None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Importable:
    """An object of a higher room: its name and the service that takes its rows."""

    object: str
    take: Callable[[Given], Taken]
    needs_plan: bool = False


_known: dict[str, Importable] = {}


def register(importable: Importable) -> None:
    """A higher room offers an object (from its AppConfig.ready)."""
    _known[importable.object] = importable


def importable(object_: str) -> Importable | None:
    return _known.get(object_)
