"""Changes and their fold: the state of one entity as of (effective, known). Every other projection is tested by it."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pyarrow as pa

from hedef.ledger.engine.blocks import STANDARD, fields_of, kind_of

type Act = Literal["set", "end", "revive", "merge", "void"]
type Precision = Literal["instant", "day", "interval", "always"]
type Number = tuple[int, int]

PENDING = 1 << 62  # seal number of an open batch, plus its batch number: later than every sealed one


class BatchLine(NamedTuple):
    """A sealed batch as `alive` reads it; `undoes` is the seal number of the batch it undoes."""

    seal_no: int
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change set of one entity. `fields` holds only what is part of the change; a null there is "set to null".

    Instants are microseconds UTC; `void_of` and (`seal_no`, `ord`) name changes; `batch` is the number as written.
    """

    seal_no: int
    ord: int
    entity: int
    kind: str
    act: Act
    effective_us: int
    fields: Mapping[str, object] = field(default_factory=dict)
    not_before_us: int | None = None
    precision: Precision = "instant"
    void_of: Number | None = None
    into: int | None = None  # survivor of a merge
    file_row: int | None = None
    batch: int | None = None

    @property
    def number(self) -> Number:
        return self.seal_no, self.ord


@dataclass(frozen=True, slots=True)
class State:
    """One entity as of a point. `created_us` is its earliest living change; `ended_us` its end, if it has ended."""

    kind: str
    fields: Mapping[str, object]
    created_us: int
    ended_us: int | None
    last_effective_us: int
    last: Number
    merged_into: int | None = None


def alive(batches: Iterable[BatchLine], known_no: int | None = None) -> frozenset[int]:
    """Seal numbers whose changes count at `known_no` (none: the newest seal).

    Undo batches are read newest first, so a batch whose undo was undone lives again. An undo is itself alive or not.
    """
    known = [one for one in batches if known_no is None or one.seal_no <= known_no]
    return frozenset(one.seal_no for one in known) - dead(known)


def dead(batches: Iterable[BatchLine], known_no: int | None = None) -> frozenset[int]:
    """Seal numbers that an undo which counts at `known_no` takes back: what `alive` leaves out.

    Only batches that undo another one say something here.
    """
    found: set[int] = set()
    undos = ((one.seal_no, one.undoes) for one in batches if one.undoes is not None)
    for seal_no, undone in sorted(undos, reverse=True):
        if seal_no not in found and (known_no is None or seal_no <= known_no):
            found.add(undone)
    return frozenset(found)


def in_order(
    changes: Iterable[Change],
    *,
    effective_us: int | None = None,
    known_no: int | None = None,
    living: Container[int] | None = None,
) -> list[Change]:
    """The changes of one entity that count, in the order (effective, seal, ord); without voids and voided rows.

    `living` are the seal numbers of `alive`; none takes every batch as alive. Rows of an open batch (PENDING) count.
    """
    known = [
        one
        for one in changes
        if (known_no is None or one.seal_no <= known_no)
        and (living is None or one.seal_no >= PENDING or one.seal_no in living)
    ]
    voided: set[Number] = set()
    for one in sorted(known, key=lambda change: change.number, reverse=True):
        if one.void_of is not None and one.number not in voided:
            voided.add(one.void_of)
    counting = [
        one
        for one in known
        if one.act != "void" and one.number not in voided and (effective_us is None or one.effective_us <= effective_us)
    ]
    return sorted(counting, key=lambda change: (change.effective_us, change.seal_no, change.ord))


def fold(
    changes: Iterable[Change],
    *,
    effective_us: int | None = None,
    known_no: int | None = None,
    living: Container[int] | None = None,
) -> State | None:
    """State of one entity at (effective, known); none when nothing is known of it there.

    The last change that sets a field wins. `end` and `merge` end it, `revive` clears the end; a `set` after an end
    changes fields and leaves it ended. See `in_order` for the arguments.
    """
    counting = in_order(changes, effective_us=effective_us, known_no=known_no, living=living)
    if not counting:
        return None
    fields: dict[str, object] = {}
    ended_us: int | None = None
    into: int | None = None
    for one in counting:
        fields.update(one.fields)
        if one.act in ("end", "merge"):
            ended_us, into = one.effective_us, one.into
        elif one.act == "revive":
            ended_us = into = None
    last = counting[-1]
    return State(last.kind, fields, counting[0].effective_us, ended_us, last.effective_us, last.number, into)


def changes_of(
    table: pa.Table, *, seal_no: int, batch: int | None = None, seals: Mapping[int, int] | None = None
) -> Iterator[Change]:
    """Read the rows of a decoded change table. `seals` turns the batch of a void into its seal number."""
    kind, names = kind_of(table), fields_of(table)
    bits = {name: 1 << place for place, name in enumerate(names)}
    present = [name for name in table.column_names if name not in STANDARD]
    for row in table.to_pylist():
        void_of = None
        if row.get("void_batch") is not None:
            void_batch = row["void_batch"]
            void_of = (seal_no if void_batch == batch else (seals or {}).get(void_batch, PENDING), row["void_ord"])
        yield Change(
            seal_no=seal_no,
            ord=row["ord"],
            entity=row["entity"],
            kind=kind,
            act=row["act"],
            effective_us=row["effective_us"],
            fields={name: row[name] for name in present if row["mask"] & bits[name]},
            not_before_us=row.get("not_before_us"),
            precision=row.get("precision") or "instant",
            void_of=void_of,
            into=row.get("into"),
            file_row=row.get("file_row"),
            batch=batch,
        )
