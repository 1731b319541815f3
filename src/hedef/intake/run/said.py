"""What a source has said so far, read from the ledger, and what the records hold now."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from hedef.intake.run.columns import dtype_of
from hedef.ledger.queries import batches, blocks_in, living
from hedef.records.engine.kinds import Kind
from hedef.records.queries import columns_of, moved_from

if TYPE_CHECKING:
    from hedef.intake.run.call import FileRun

_AHEAD = 500  # more blocks than one part ever adds


def by_key(file: "FileRun", kind: Kind, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`rows` (`key`, `entity`) with `said_as` and `speaker`; what the source said so far, with speakers as `entity`.

    After a merge several keys of a source mean one record; what each of them said is kept apart by the record that the
    key had of its own (`said_as`; null for a key that never moved).
    """
    moved = moved_from(file.source, kind.name, rows["key"].to_list()) if rows.height else {}
    own = {key: of[0] for key, of in moved.items()}
    said_as = [own.get(key) for key in rows["key"]] if own else [None] * rows.height
    told = rows.with_columns(pl.Series("said_as", said_as, dtype=pl.Int64))
    told = told.with_columns(
        pl.when(pl.col("said_as") != pl.col("entity")).then("said_as").alias("said_as"),
        pl.coalesce("said_as", "entity").alias("speaker"),
    )
    before = pl.Series("entity", [one for of in moved.values() for one in of], dtype=pl.Int64)
    changes = changes_of_source(file, kind, pl.concat([rows["entity"], before]))
    return told, changes.with_columns(pl.coalesce("said_as", "entity").alias("entity"))


def changes_of_source(file: "FileRun", kind: Kind, entities: pl.Series, *, words: bool = True) -> pl.DataFrame:
    """Living change rows of the file's source for some entities, in the order of recording.

    Columns: batch, ord, act, entity, effective_us, precision, mask, void_batch, void_ord, said_as and the fields.
    What this call has written so far is among them, though it is not sealed yet.
    """
    wanted = pl.DataFrame({"entity": entities.unique()})
    parts = [_empty(kind)]
    if wanted.height:
        for number in _batches(file):
            for table in _near(file, number, kind, wanted["entity"], words=words):
                found = table.join(wanted, on="entity", how="semi", maintain_order="left")
                if found.height:
                    parts.append(found.with_columns(pl.lit(number, dtype=pl.Int64).alias("batch")))
    every = pl.concat(parts, how="diagonal_relaxed")
    gone = every.filter(pl.col("act") == "void").select(
        pl.col("void_batch").alias("batch"), pl.col("void_ord").alias("ord")
    )
    if gone.is_empty():
        return every
    return every.filter(pl.col("act") != "void").join(gone, on=["batch", "ord"], how="anti", maintain_order="left")


def _batches(file: "FileRun") -> list[int]:
    """Batches of the source that count, in the order of their seals, then those that this call has open."""
    alive = living()
    sealed = [
        one.pk for one in reversed(batches(last=None)) if one.source_id == file.source.pk and one.seal_no in alive
    ]
    return [*sealed, *(one for one in file.call.opened if one not in sealed)]


def _near(file: "FileRun", number: int, kind: Kind, wanted: pl.Series, *, words: bool) -> Iterator[pl.DataFrame]:
    """Blocks of a batch that may hold one of the `wanted` entities. Which entities a block spans is kept."""
    low, high = int(wanted.min()), int(wanted.max())  # type: ignore[arg-type]
    spans = file.call.spans.setdefault((number, kind.name), {})
    is_open = number in file.call.opened
    if not spans or is_open:
        news = range(max(spans) + 1, max(spans) + _AHEAD) if spans else None
        for seq, table in blocks_in(number, kind=kind.name, seqs=news):
            column = _frame(table)["entity"]
            spans[seq] = (int(column.min()), int(column.max()))  # type: ignore[arg-type]
    near = [seq for seq, (first, last) in spans.items() if first <= high and low <= last]
    if near:
        for _, table in blocks_in(number, kind=kind.name, words=words, seqs=near):
            yield _frame(table)


def _frame(table: Any) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found


def _empty(kind: Kind) -> pl.DataFrame:
    numbers = ("batch", "ord", "entity", "effective_us", "mask", "void_batch", "void_ord", "said_as")
    schema: dict[str, pl.DataType] = dict.fromkeys(numbers, pl.Int64())
    schema |= {"act": pl.String(), "precision": pl.String()}
    return pl.DataFrame(schema=schema | {one.name: dtype_of(one) for one in kind.fields})


def state_of(kind: Kind, entities: pl.Series) -> pl.DataFrame:
    """Current record rows of some entities, ended ones too: entity, last_effective_us, ended_us and the fields."""
    names = ["entity", "last_effective_us", "ended_us", *kind.names]
    told = columns_of(kind.name, names, entities=entities.unique().to_list())
    columns = list(zip(*told, strict=True)) or [()] * len(names)
    return pl.DataFrame([_series(kind, name, values) for name, values in zip(names, columns, strict=True)])


def _series(kind: Kind, name: str, values: Sequence[Any]) -> pl.Series:
    if name not in kind.names:
        return pl.Series(name, values, dtype=pl.Int64)
    of = dtype_of(kind.get(name))
    if of == pl.Date and any(isinstance(value, str) for value in values):
        return pl.Series(name, values, dtype=pl.String).str.to_date()
    if of == pl.Boolean:
        values = [None if value is None else bool(value) for value in values]
    return pl.Series(name, values, dtype=of)
