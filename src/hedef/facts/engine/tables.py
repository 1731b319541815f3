"""What a facts table is: its columns, where its rows come from and how a question may read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl
import pyarrow as pa

type SqlType = Literal["BIGINT", "INTEGER", "DATE", "VARCHAR"]
type Shape = Literal["signed", "rows"]
type Derive = Callable[[pl.DataFrame], pl.DataFrame]
type Derived = Iterable[tuple[int, dict[str, Any]]]
"""Rows with their sign; what a row does not name is null."""
type Small = Callable[[Sequence[dict[str, Any]]], Derived]
type Reader = Callable[[int, int], pa.Table]

POLARS: dict[SqlType, pl.DataType] = {
    "BIGINT": pl.Int64(),
    "INTEGER": pl.Int32(),
    "DATE": pl.Date(),
    "VARCHAR": pl.String(),
}
KNOWN = "known_no"


@dataclass(frozen=True)
class Table:
    """One facts table. Exactly one of `derive`, `reader` and `view` says where its rows come from.

    `derive(states) -> rows` is pure over the folded states of one kind (`engine.history.states`): columns `_entity`,
    `_epoch`, the sign column and `columns` (or an empty frame); no two rows of one entity and epoch may be equal.
    `reader(after_no,
    upto_no)` gives signed rows that became known in seals after..upto (columns known_no, the sign column, `columns`);
    with `kinds` it is only asked where one of those seals holds changes of such a kind, or undoes another one.
    `view` is SQL over other tables; its text names them as a question would.

    `shape` says what a question sees: `signed` rows to be summed up with their sign, or `rows` that live at the pin's
    known_no (retracted ones are gone, the sign is 1). `key` is the column of the entity, never null: rows that were
    taken back are found by it. Measures are stored multiplied by the sign. `objects` are the kinds of record whose
    trust an answer from this table carries.
    """

    name: str
    columns: Mapping[str, SqlType]
    kinds: tuple[str, ...] = ()
    derive: Derive | None = None
    reader: Reader | None = None
    view: str | None = None
    small: Small | None = None  # `derive` for the states of one entity, as a loop (`engine.small`)
    shape: Shape = "rows"
    key: str = ""
    sign: str = "sign"
    measures: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # fields beside the tracked ones that `derive` reads
    objects: tuple[str, ...] = field(default=())
    hidden: bool = False  # building stone of a view; not for questions

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.derive, self.reader, self.view)) != 1:
            raise ValueError(f"facts table {self.name}: give one of derive, reader and view")
        if self.derive is not None and len(self.kinds) != 1:
            raise ValueError(f"facts table {self.name}: a derived table reads exactly one kind")
        if self.view is None and self.key not in self.columns:
            raise ValueError(f"facts table {self.name}: rows need a key column, by which those taken back are found")

    @property
    def schema(self) -> dict[str, SqlType]:
        """Every column a question may name."""
        if self.view is not None:
            return dict(self.columns)
        return {KNOWN: "BIGINT", **self.columns, self.sign: "INTEGER"}

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        return {name: POLARS[kind] for name, kind in self.schema.items()}

    def shaped(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with exactly this table's columns, in order and with its types."""
        return rows.select(pl.col(name).cast(kind) for name, kind in self.polars_schema.items())
