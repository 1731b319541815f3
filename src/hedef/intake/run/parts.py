"""The rows of a file in parts of bounded size: in file order, by what they repeat, and by the deal they belong to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from hedef.intake.engine.parts import PART_ROWS
from hedef.intake.engine.shapes import Column, TypedTable
from hedef.intake.run.sheet import Sheet


@dataclass(frozen=True)
class Parts:
    """A file in parts: as it was read, or, where it is in memory as a whole, cut into parts of `size` rows."""

    sheet: Sheet
    size: int = PART_ROWS

    @cached_property
    def count(self) -> int:
        if self.sheet.part_count > 1:
            return self.sheet.part_count
        return max(1, -(-self.sheet.rows // self.size))

    def part(self, at: int) -> Sheet:
        """Part `at` (from 0), in the order of the file."""
        if self.count == 1 or self.sheet.part_count > 1:
            return self.sheet.part(at)
        first = at * self.size
        here = range(first, min(first + self.size, self.sheet.rows))
        return subset(self.sheet, pl.Series(here, dtype=pl.Int64))

    def each(self) -> Iterator[Sheet]:
        return (self.part(at) for at in range(self.count))

    @cached_property
    def repeated(self) -> pl.DataFrame:
        """`row, key` of rows whose key another row of the file has too, those of one key together."""
        return self.sheet.repeated()

    def rows(self, wanted: pl.Series) -> Sheet:
        """Some rows of the file, in file order."""
        found: list[Sheet] = []
        left = wanted.sort()
        for part in self.each():
            numbers = part.table.row_numbers
            here = left.filter(left <= numbers[-1])
            if len(here):
                found.append(subset(part, numbers.is_in(here.implode()).arg_true().cast(pl.Int64)))
                left = left.filter(left > numbers[-1])
            if not len(left):
                break
        return together(found)


@dataclass(frozen=True)
class Lots:
    """A file in memory cut into lots of rows that belong together."""

    sheet: Sheet
    rows: tuple[pl.Series, ...]

    @property
    def count(self) -> int:
        return len(self.rows)

    def part(self, at: int) -> Sheet:
        return subset(self.sheet, self.rows[at] - 1)

    def each(self) -> Iterator[Sheet]:
        return (self.part(at) for at in range(self.count))


def groups(repeated: pl.DataFrame, size: int) -> list[pl.Series]:
    """Rows of `repeated` in lots of at least `size` (the last one smaller), all rows of one key in the same lot."""
    if repeated.is_empty():
        return []
    first = repeated["key"].ne_missing(repeated["key"].shift(1)).fill_null(value=True)
    place = repeated.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("at"), first.alias("begins"))
    begin = place.with_columns(pl.when("begins").then("at").forward_fill().alias("begin"))
    lots = begin.with_columns((pl.col("begin") // size).alias("lot"))
    return [one["row"].sort() for one in lots.partition_by("lot", maintain_order=True)]


# --- pieces of sheets -------------------------------------------------------------------------------------------------


def subset(sheet: Sheet, places: pl.Series) -> Sheet:
    """The rows at some places (from 0) of a sheet."""
    table, numbers = sheet.table, sheet.table.row_numbers.gather(places)
    cut = replace(
        table,
        frame=table.frame[places],
        lines=None if table.lines is None else table.lines.gather(places),
        row_findings=_of_rows(table.row_findings, numbers),
        numbers=numbers,
    )
    return sheet.with_rows(cut, _typed(sheet.typed, places, numbers))


def _typed(typed: TypedTable, places: pl.Series, numbers: pl.Series) -> TypedTable:
    def one(column: Column | None) -> Column | None:
        return None if column is None else cut(column, places)

    def every(columns: dict[str, Column]) -> dict[str, Column]:
        return {name: cut(one, places) for name, one in columns.items()}

    return TypedTable(
        typed.key.gather(places),
        every(dict(typed.fields)),
        one(typed.modified_at),
        one(typed.deleted),
        one(typed.merged_into),
        one(typed.merged),
        every(dict(typed.times)),
        every(dict(typed.stage_times)),
        every(dict(typed.checks)),
        tuple(every(dict(one)) for one in typed.also),
        _of_rows(typed.findings, numbers),
    )


def cut(column: Column, places: pl.Series, numbers: pl.Series | None = None) -> Column:
    """A column at some places. Without the `numbers` of these rows its findings stand in those of the table."""
    return Column(
        column.values.gather(places),
        column.findings.clear() if numbers is None else _of_rows(column.findings, numbers),
        None if column.currency is None else column.currency.gather(places),
        None if column.day_only is None else column.day_only.gather(places),
        column.rounding,
    )


def _of_rows(findings: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    return findings.filter(pl.col("row").is_in(numbers.implode()))


def together(sheets: Sequence[Sheet]) -> Sheet:
    """Several pieces of one file as one."""
    if len(sheets) == 1:
        return sheets[0]
    tables = [one.table for one in sheets]
    lines = [one.lines for one in tables if one.lines is not None]
    table = replace(
        tables[0],
        frame=pl.concat([one.frame for one in tables]),
        lines=pl.concat(lines) if len(lines) == len(tables) else None,
        row_findings=pl.concat([one.row_findings for one in tables]),
        numbers=pl.concat([one.row_numbers for one in tables]),
    )
    return sheets[0].with_rows(table, _joined([one.typed for one in sheets]))


def _joined(many: Sequence[TypedTable]) -> TypedTable:
    def one(columns: Sequence[Column | None]) -> Column | None:
        there = [column for column in columns if column is not None]
        return _stacked(there) if there else None

    def every(tables: Sequence[dict[str, Column]]) -> dict[str, Column]:
        return {name: _stacked([table[name] for table in tables]) for name in tables[0]}

    return TypedTable(
        pl.concat([typed.key for typed in many]),
        every([dict(typed.fields) for typed in many]),
        one([typed.modified_at for typed in many]),
        one([typed.deleted for typed in many]),
        one([typed.merged_into for typed in many]),
        one([typed.merged for typed in many]),
        every([dict(typed.times) for typed in many]),
        every([dict(typed.stage_times) for typed in many]),
        every([dict(typed.checks) for typed in many]),
        tuple(every([dict(typed.also[at]) for typed in many]) for at in range(len(many[0].also))),
        pl.concat([typed.findings for typed in many]),
    )


def _stacked(columns: Sequence[Column]) -> Column:
    first = columns[0]
    return Column(
        pl.concat([one.values for one in columns]),
        pl.concat([one.findings for one in columns]),
        None if first.currency is None else pl.concat([one.currency for one in columns if one.currency is not None]),
        None if first.day_only is None else pl.concat([one.day_only for one in columns if one.day_only is not None]),
        first.rounding,
    )
