"""Parquet into CSV, a batch at a time: integers and decimals digit for digit, floats by their shortest text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from hedef.intake.engine.formats.limits import Counter, Limits, Unfolded, too_large
from hedef.intake.engine.formats.table import plain_number, spelled
from hedef.kernel.errors import WrongUse

_BATCH = 25_000


def unfold_parquet(path: Path, name: str, out: Path, limits: Limits) -> Unfolded:
    """Write the rows of a Parquet file as CSV. WrongUse for a file that is cut off or encrypted."""
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            _check(file, name, limits)
            _write(file, out, Counter(name, path.stat().st_size, limits))
    except (pa.ArrowException, OSError) as fault:
        raise WrongUse(
            f"{name} is no Parquet that can be read ({str(fault).splitlines()[0][:120]}).",
            hint="It may be cut off or encrypted: export it again.",
            code="not_data",
        ) from fault
    return Unfolded(out.name, name, "parquet", plain=True)


def _check(file: pq.ParquetFile, name: str, limits: Limits) -> None:
    if file.metadata.num_rows > limits.rows:
        raise too_large(name, f"has more than {limits.rows:,} rows")
    if file.metadata.num_columns > limits.columns:
        raise too_large(name, f"has more than {limits.columns:,} columns")


def _write(file: pq.ParquetFile, out: Path, counter: Counter) -> None:
    names: list[str] = []
    with out.open("wb") as target:
        for batch in file.iter_batches(batch_size=_BATCH):
            counter.add(batch.nbytes)
            table = pa.table(dict(_texts(pa.table(batch))))
            options = arrow_csv.WriteOptions(include_header=not names)
            names = names or table.column_names
            arrow_csv.write_csv(table, target, options)
        if not names:
            empty = pa.table({one.name: pa.array([], pa.string()) for one in file.schema_arrow})
            arrow_csv.write_csv(empty, target)


def _texts(table: pa.Table) -> Iterator[tuple[str, Any]]:
    """Every column as text; the fields of a struct as columns of their own."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_struct(column.type):
            parts = pa.table(column.combine_chunks().flatten(), [f"{name}.{one.name}" for one in column.type])
            yield from _texts(parts)
        else:
            yield name, _text(column)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_floating(kind):
        return _numbers(pc.if_else(pc.is_nan(column), pa.scalar(None, pa.string()), column.cast(pa.string())))
    if pa.types.is_decimal(kind):
        return _numbers(column.cast(pa.string()))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        told = [None if one is None else spelled([str(part) for part in one]) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(told, pa.string())])
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        told = [None if one is None else str(one) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(told, pa.string())])


def _numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Exponents written out, and no text that could be read in two ways; most columns need neither."""
    if not pc.any(pc.match_substring_regex(texts, r"[eE]|\.\d{3}$")).as_py():
        return texts
    told = [None if one is None else plain_number(one) for one in texts.to_pylist()]
    return pa.chunked_array([pa.array(told, pa.string())])
