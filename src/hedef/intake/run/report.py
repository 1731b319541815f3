"""What an import tells: defaults it took, findings by code, totals by currency, references it could not follow."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from hedef.intake.answer import IssueCount
from hedef.intake.engine.shapes import DecidedBy, Decision
from hedef.intake.run import frames, writer
from hedef.intake.run.call import FileRun
from hedef.kernel.instants import iso
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor
from hedef.ledger.queries import blocks_after
from hedef.records.engine.kinds import KINDS

_MONEY_OF = {"deal": "amount", "deal_line": "amount", "order": "amount", "order_line": "amount", "target_line": "value"}


def defaults(file: FileRun) -> list[Decision]:
    """What nobody said and was therefore presumed."""
    mapping, options = file.mapping, file.call.options
    zoned = mapping.time_zone is not None
    told = [
        Decision("file", "scope", options.get("scope") or mapping.scope, by=_by("scope" in options)),
        Decision("file", "source", file.source.name, by=_by("source" in options)),
        Decision("file", "time_zone", mapping.time_zone or file.call.zone, by="mapping" if zoned else "default"),
        Decision("file", "currency", file.call.currency, by="default"),
        Decision("file", "exported_at", iso(file.exported_us), by=_by("exported_at" in options)),
    ]
    unmapped = file.sheet.bound.unmapped
    return told + [Decision(column, "column", "not stored", {}, "default") for column in unmapped]


def _by(said: bool) -> DecidedBy:
    return "person" if said else "default"


def issues(file: FileRun, findings: pl.DataFrame) -> tuple[IssueCount, ...]:
    """Findings counted by code and field with the first example, then what concerns the whole file."""
    return (*_counted(file, findings), *_new_columns(file), *(_whole_file(issue) for issue in file.sheet.issues))


def _counted(file: FileRun, findings: pl.DataFrame) -> list[IssueCount]:
    if findings.is_empty():
        return []
    lines = file.sheet.lines if file.rejected else file.sheet.table.lines
    first = [pl.col(name).first() for name in ("row", "value", "hint", "column")]
    grouped = findings.group_by("code", "level", "field", maintain_order=True).agg(pl.len().alias("count"), *first)
    told = []
    for one in grouped.sort("level", "count", "code", "field", descending=[False, True, False, False]).to_dicts():
        line = lines[one["row"] - 1] if lines is not None and one["row"] is not None else None
        example = {"row": one["row"], "line": line, "column": one["column"], "value": one["value"]}
        told.append(IssueCount(one["code"], one["level"], one["count"], one["field"], example, one["hint"]))
    return told


def _new_columns(file: FileRun) -> list[IssueCount]:
    """Columns that appeared since a person saved the mapping of this source."""
    if not file.mapping.source:
        return []
    hint = "The saved mapping does not read this column. Map it, or leave it: it is not stored."
    return [
        IssueCount("column_new", "info", 1, None, {"row": None, "line": None, "column": name, "value": None}, hint)
        for name in file.sheet.bound.unmapped
    ]


def _whole_file(issue: Issue) -> IssueCount:
    column = issue.source.column if issue.source else None
    example = {"row": None, "line": None, "column": column, "value": None}
    return IssueCount(issue.code, issue.level, 1, None, example, issue.hint or issue.message)


def references(file: FileRun) -> tuple[int, int]:
    """How many references the file names, and how many of these nobody knows."""
    typed, bound = file.sheet.typed, file.sheet.bound
    named = sum(
        len(typed.fields[name].values) - typed.fields[name].values.null_count()
        for name, specs in bound.fields.items()
        if specs[0].spec.type in (*frames.REFERENCES, "about", "stage") and name in typed.fields
    )
    named += sum(
        len(part[name].values) - part[name].values.null_count()
        for part, of in zip(typed.also, bound.also, strict=True)
        for name, specs in of.fields.items()
        if specs[0].spec.type in frames.REFERENCES and name in part
    )
    lost = file.all_findings().filter(pl.col("code").str.starts_with("unknown_")).height
    return named, min(lost, named)


def totals(file: FileRun, written: writer.Written) -> tuple[tuple[dict[str, Any], ...], int]:
    """Sums of the main amount by currency, and by how many minor units file and ledger differ.

    file = sealed + rejected + repeated, where sealed is what the ledger's blocks hold of new records plus the rows
    that say what was known or changes it.
    """
    name = _MONEY_OF.get(file.sheet.object)
    column = file.sheet.typed.fields.get(name or "")
    if (
        name is None
        or column is None
        or column.currency is None
        or file.mapping.reader not in ("snapshot", "stage_dates")
    ):
        return (), 0
    frame = pl.DataFrame(
        {
            "row": pl.int_range(1, file.sheet.table.rows + 1, dtype=pl.Int64, eager=True),
            "minor": column.values,
            "currency": column.currency,
        }
    ).filter(pl.col("minor").is_not_null())
    rejected = pl.Series(sorted(file.rejected), dtype=pl.Int64)
    place = (
        pl.when(pl.col("row").is_in(rejected.implode()))
        .then(pl.lit("rejected"))
        .when(pl.col("row").is_in(written.repeated.implode()))
        .then(pl.lit("repeated"))
        .when(pl.col("row").is_in(written.created.implode()))
        .then(pl.lit("created"))
        .otherwise(pl.lit("said"))
    )
    sums = (
        frame.with_columns(place.alias("place"))
        .group_by("currency", "place")
        .agg(pl.col("minor").sum(), pl.len().alias("rows"))
    )
    by: dict[str, dict[str, int]] = {}
    count: dict[str, int] = {}
    for one in sums.sort("currency", "place").to_dicts():
        by.setdefault(one["currency"], {})[one["place"]] = one["minor"]
        count[one["currency"]] = count.get(one["currency"], 0) + one["rows"]
    sealed = _sealed(file, name, written.opened) if file.batch.seal_no is not None else {}
    lines, difference = [], 0
    for currency, parts in by.items():
        told = sum(parts.values())
        kept = (sealed.get(currency, 0) if sealed else parts.get("created", 0)) + parts.get("said", 0)
        outside = parts.get("rejected", 0) + parts.get("repeated", 0)
        difference += abs(told - kept - outside)
        lines.append(_line(currency, count[currency], told, kept, parts))
    return tuple(lines), difference


def _line(currency: str, rows: int, told: int, kept: int, parts: dict[str, int]) -> dict[str, Any]:
    return {
        "currency": currency,
        "rows": rows,
        "file": format_minor(told, currency),
        "sealed": format_minor(kept, currency),
        "rejected": format_minor(parts.get("rejected", 0), currency),
        "repeated": format_minor(parts.get("repeated", 0), currency),
    }


def _sealed(file: FileRun, name: str, opened: pl.Series) -> dict[str, int]:
    """Sum by currency of what the sealed blocks of this batch give to records that they open."""
    kind = KINDS.get(file.sheet.object)
    place = f"{name}_minor"
    if kind is None or place not in kind.names or file.batch.seal_no is None:
        return {}
    seal, parts = file.batch.seal_no, []
    for block in blocks_after(seal - 1, seal, kinds={kind.name}):
        table = pl.from_arrow(block.table)
        assert isinstance(table, pl.DataFrame)
        if place in table.columns:
            given = table.filter(pl.col("mask") & pl.lit(kind.bit(place), dtype=pl.Int64) != 0)
            parts.append(given.select("entity", pl.col(place).alias("minor"), _currency(given)))
    if not parts:
        return {}
    told = pl.concat(parts).join(pl.DataFrame({"entity": opened}), on="entity", how="semi")
    return dict(told.group_by("currency").agg(pl.col("minor").sum()).iter_rows())


def _currency(table: pl.DataFrame) -> pl.Expr:
    return pl.col("currency") if "currency" in table.columns else pl.lit(None, dtype=pl.String).alias("currency")


def sentences(told: Sequence[IssueCount]) -> list[str]:
    """One line an issue, for a person."""
    return [_sentence(one) for one in told]


def _sentence(one: IssueCount) -> str:
    example = one.example or {}
    where = f' column "{example["column"]}"' if example.get("column") else ""
    value = f', for example row {example["row"]}: "{example.get("value")}"' if example.get("row") else ""
    hint = f" {one.hint}" if one.hint else ""
    return f"{one.level} {one.code} ({one.count} rows){where}{value}.{hint}"
