"""What an import tells: defaults it took, findings by code, totals by currency, references it could not follow."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from hedef.intake.answer import IssueCount
from hedef.intake.engine.shapes import DecidedBy, Decision
from hedef.intake.run.call import FileRun
from hedef.intake.run.closing import MONEY_OF
from hedef.intake.run.reconcile import Difference
from hedef.kernel.instants import iso
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor
from hedef.ledger.queries import blocks_in
from hedef.records.engine.kinds import KINDS

_SHOWN = 10  # groups that differ


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
    told += [Decision(column, "late", "not for scoring", {}, "mapping") for column in file.sheet.bound.late]
    return told + [Decision(column, "column", "not stored", {}, "default") for column in unmapped]


def _by(said: bool) -> DecidedBy:
    return "person" if said else "default"


def issues(file: FileRun) -> tuple[IssueCount, ...]:
    """Findings counted by code and field with the first example, then what concerns the whole file."""
    whole = (_whole_file(issue) for issue in file.parts.sheet.issues)
    return (*_counted(file), *_new_columns(file), *whole)


def differences(found: Sequence[Difference]) -> list[IssueCount]:
    """Groups in which file and ledger differ, the largest ones with the figures of both sides."""
    shown = [
        IssueCount("not_reconciled", "error", one.size, None, None, f"{one}. Undo the import, then import it again.")
        for one in found[:_SHOWN]
    ]
    if not found[_SHOWN:]:
        return shown
    more = f"{len(found) - _SHOWN} more groups differ. Undo the import, then import it again."
    return [*shown, IssueCount("not_reconciled", "error", sum(one.size for one in found[_SHOWN:]), None, None, more)]


def _counted(file: FileRun) -> list[IssueCount]:
    told, lines = [], _lines(file)
    for one in sorted(file.whole.tally.values(), key=_weight):
        line = lines.get(one["row"])
        example = {"row": one["row"], "line": line, "column": one["column"], "value": one["value"]}
        told.append(IssueCount(one["code"], one["level"], one["count"], one["field"], example, one["hint"]))
    return told


def _weight(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Errors first, then what is frequent."""
    return one["level"], -one["count"], one["code"], one["field"] or ""


def _lines(file: FileRun) -> dict[int | None, int]:
    """Physical lines of the examples, where the file must be counted for its rejects anyway."""
    sheet = file.parts.sheet
    rows = sorted({one["row"] for one in file.whole.tally.values() if one["row"] is not None})
    if not rows or not (file.whole.rejected or (sheet.part_count == 1 and sheet.table.lines is not None)):
        return {}
    lines = sheet.all_lines if sheet.part_count > 1 else sheet.lines
    return {row: int(lines[row - 1]) for row in rows if row <= len(lines)}


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
    return file.whole.named, min(file.whole.lost(), file.whole.named)


def totals(file: FileRun) -> tuple[tuple[dict[str, Any], ...], int]:
    """Sums of the main amount by currency, and by how many minor units file and ledger differ.

    file = sealed + rejected + repeated, where sealed is what the ledger's blocks hold of new records plus the rows
    that say what was known or changes it.
    """
    name = MONEY_OF.get(file.sheet.object)
    if name is None or not file.whole.sums:
        return (), 0
    sealed = _sealed(file, name)
    lines, difference = [], 0
    for currency, parts in sorted(file.whole.sums.items()):
        told = sum(parts.values())
        kept = (sealed.get(currency, 0) if sealed else parts.get("created", 0)) + parts.get("said", 0)
        outside = parts.get("rejected", 0) + parts.get("repeated", 0)
        difference += abs(told - kept - outside)
        lines.append(_line(currency, file.whole.money_rows[currency], told, kept, parts))
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


def _sealed(file: FileRun, name: str) -> dict[str, int]:
    """Sum by currency of what the sealed blocks of this batch give to records that they open."""
    kind = KINDS.get(file.sheet.object)
    place = f"{name}_minor"
    if kind is None or place not in kind.names or file.batch is None or file.batch.seal_no is None:
        return {}
    sums: dict[str, int] = {}
    for _, block in blocks_in(file.batch.pk, kind=kind.name):
        table = pl.from_arrow(block)
        assert isinstance(table, pl.DataFrame)
        if place not in table.columns:
            continue
        opened = pl.col("entity") >= file.whole.floor
        given = table.filter(opened & (pl.col("mask") & pl.lit(kind.bit(place), dtype=pl.Int64) != 0))
        told = given.group_by(_currency(given)).agg(pl.col(place).sum())
        for currency, minor in told.iter_rows():
            sums[currency] = sums.get(currency, 0) + minor
    return sums


def _currency(table: pl.DataFrame) -> pl.Expr:
    return pl.col("currency") if "currency" in table.columns else pl.lit(None, dtype=pl.String).alias("currency")


def sentences(told: Sequence[IssueCount]) -> list[str]:
    """One line an issue, for a person."""
    return [_sentence(one) for one in told]


def _sentence(one: IssueCount) -> str:
    example = one.example or {}
    where = f' column "{example["column"]}"' if example.get("column") else ""
    shown = f': "{example["value"]}"' if example.get("value") is not None else ""
    value = f", for example row {example['row']}{shown}" if example.get("row") else ""
    hint = f" {one.hint}" if one.hint else ""
    return f"{one.level} {one.code} ({one.count} rows){where}{value}.{hint}"
