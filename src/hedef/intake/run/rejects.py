"""The rejects file: rows that stayed out, as the person wrote them, with what is wrong and how to cure it."""

from pathlib import Path

import polars as pl

from hedef.intake.run.sheet import Sheet

ADDED = ("_row", "_line", "_code", "_field", "_value", "_hint")


def write(sheet: Sheet, findings: pl.DataFrame, rejected: set[int], *, folder: Path, name: str) -> str:
    """Write `name` into `folder`: the original columns and text of every rejected row, then the added columns.

    Several faults of a row are parted by `; `. Returns the file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows(sheet, findings, rejected).write_csv(folder / name, include_bom=True)
    return name


def rows(sheet: Sheet, findings: pl.DataFrame, rejected: set[int]) -> pl.DataFrame:
    """One row a rejected row, in the order of the file."""
    wanted = pl.Series("row", sorted(rejected), dtype=pl.Int64)
    errors = findings.filter((pl.col("level") == "error") & pl.col("row").is_in(wanted.implode()))
    told = errors.group_by("row").agg(
        pl.col("code").unique(maintain_order=True).str.join("; ").alias("_code"),
        pl.coalesce("column", "field", pl.lit("")).unique(maintain_order=True).str.join("; ").alias("_field"),
        pl.col("value").fill_null("").unique(maintain_order=True).str.join("; ").alias("_value"),
        pl.col("hint").fill_null("").unique(maintain_order=True).str.join(" ").alias("_hint"),
    )
    return pl.concat([_original(part, wanted) for part in sheet.parts()]).join(
        told.rename({"row": "_row"}), on="_row", how="left", maintain_order="left"
    )


def _original(part: Sheet, wanted: pl.Series) -> pl.DataFrame:
    """The rejected rows of a part as they stood; lines are looked up only where there are some."""
    table = part.table
    hit = table.row_numbers.is_in(wanted.implode())
    original = table.frame.select(guarded(name) for name in table.frame.columns if name not in ADDED)
    found = original.with_columns(table.row_numbers.alias("_row")).filter(hit)
    lines = part.lines.cast(pl.Int64).filter(hit) if found.height else pl.Series([], dtype=pl.Int64)
    return found.with_columns(lines.alias("_line"))


def guarded(column: str) -> pl.Expr:
    """Cells that a spreadsheet would run get a leading `'`, numbers excepted; the import takes it off again."""
    runs = pl.col(column).str.contains(r"^[=+\-@\t\r]") & ~pl.col(column).str.contains(r"^[+-]?[\d.,\s]+$")
    return pl.when(runs).then(pl.lit("'") + pl.col(column)).otherwise(pl.col(column)).alias(column)
