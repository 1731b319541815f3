"""The tables of a pinned version in the words of another engine: text over the files of its manifest."""

# ruff: noqa: S608 - only names of the registry and seal numbers stand in this SQL; values are bound

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from hedef.facts import registry
from hedef.facts.duck import At
from hedef.facts.engine.dialects import FILES
from hedef.facts.engine.questions import tables_of
from hedef.facts.segments import Segment

ALWAYS = ("calendar",)  # the macros of working days read it


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored table at a pin: its files and its columns with their SQL types."""

    name: str
    parts: tuple[Segment, ...]
    columns: Mapping[str, str]


def tables_at(names: Sequence[str], at: At) -> tuple[list[tuple[str, str]], list[Stored]]:
    """Every table that these names rest on, as (name, text over `files_of_<name>`) from the ground up; and the stored
    ones among them."""
    texts: dict[str, str] = {}
    stored: list[Stored] = []
    for name in (*ALWAYS, *names):
        for one, text, files in _resting(name, at):
            if one not in texts:
                texts[one] = text
                stored += [files] if files is not None else []
    return list(texts.items()), stored


def _resting(name: str, at: At) -> Iterator[tuple[str, str, Stored | None]]:
    table = registry.tables().get(name)
    if table is not None and table.view is not None:
        for below in tables_of(table.view):
            yield from _resting(below, at)
        yield name, table.view, None
        return
    if table is None:
        columns: Mapping[str, str] = registry.store_columns(name.removeprefix("change_"))
        sign, shape = "sign", "rows"
    else:
        columns, sign, shape = table.schema, table.sign, table.shape
    parts = tuple(one for one in at.manifest.of(name) if one.speaks_at(at.known_no))
    turned = shape == "rows" and any(one.retracted for one in parts)
    yield name, _text(name, columns, sign, at.known_no, turned=turned), Stored(name, parts, columns)


def _text(name: str, columns: Mapping[str, str], sign: str, known_no: int, *, turned: bool) -> str:
    """Rows known at a seal; of `rows` tables those that were not taken back, as `living.py` has them for DuckDB."""
    rows = f"{FILES}{name} AS f WHERE f.known_no <= {known_no}"
    if not turned:
        return "SELECT " + ", ".join(f"f.{one}" for one in columns) + f" FROM {rows}"
    summed = {"known_no": "max(f.known_no) AS known_no", sign: f"CAST(sum(f.{sign}) AS BIGINT) AS {sign}"}
    listed = ", ".join(summed.get(one, f"f.{one}") for one in columns)
    values = ", ".join(f"f.{one}" for one in columns if one not in summed)
    return f"SELECT {listed} FROM {rows} GROUP BY {values} HAVING sum(f.{sign}) > 0"


def evened(rows: pa.Table) -> pa.Table:
    """Whole numbers as int64, text as string: the forms that answers have in every engine."""
    return pa.table([_evened(column) for column in rows.columns], names=rows.column_names)


def _evened(column: pa.ChunkedArray) -> pa.ChunkedArray:
    of = column.type
    if pa.types.is_dictionary(of):
        column, of = column.cast(of.value_type), of.value_type
    if pa.types.is_integer(of) or pa.types.is_decimal(of):
        return column.cast(pa.int64())
    if pa.types.is_large_string(of) or pa.types.is_binary(of) or pa.types.is_large_binary(of):
        return column.cast(pa.string())
    return column
