"""The end of a part: what was found and planned in it is added to what is known of the whole file."""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl
from django.conf import settings

from hedef.intake.run import frames, reconcile, rejects
from hedef.intake.run.call import FileRun
from hedef.intake.run.writer import Written
from hedef.intake.run.writes import APPLY
from hedef.intake.trust import measuring
from hedef.intake.trust.measures import Part

MONEY_OF = {
    "deal": "amount",
    "deal_line": "amount",
    "order": "amount",
    "quote": "amount",
    "order_line": "amount",
    "invoice": "amount",
    "payment": "amount",
    "target_line": "value",
}
_VERDICTS, _REJECTS = "verdicts", "rejects"


def close_rows(file: FileRun, name: str, at: int, written: Written) -> None:
    """A part whose rows are the file's main records: each row is counted here and nowhere else."""
    gone = pl.Series(sorted(file.rejected), dtype=pl.Int64)
    here = file.numbers.filter(file.numbers.is_in(gone.implode()))
    created = written.created.filter(~written.created.is_in(gone.implode()))
    updated = written.updated.filter(~written.updated.is_in(gone.implode()))
    file.whole.created += len(created)
    file.whole.updated += len(updated)
    file.whole.rejected += len(here)
    file.whole.repeated += len(written.repeated)
    file.whole.rows_done += len(file.numbers)
    named = _named(file)
    file.whole.named += named
    seen = pl.DataFrame(schema={"row": pl.Int64}) if file.planned is None else file.planned
    rows, lost = len(file.numbers), _lost(file)
    told = measuring.part_of(file, rows=rows, repeated=written.repeated, named=named, lost=lost, frame=seen)
    file.measures.add(replace(told, rejected=here.to_list()))
    _add_money(file, here, written)
    reconcile.note(file, name, at, left_out=(gone, written.repeated), amount=MONEY_OF.get(file.sheet.object))
    if file.sheet.bound.also or written.changed.height:
        verdicts = (created, "created"), (updated, "updated")
        pieces = [pl.DataFrame({"row": rows}).with_columns(pl.lit(one).alias("verdict")) for rows, one in verdicts]
        file.spool.put(f"{_VERDICTS}-{name}-{at:05d}", pl.concat(pieces))
    _close(file, name, at)


def close_part(file: FileRun, name: str, at: int) -> None:
    """A part of a step beside the main one: what it found is counted, its rows are not."""
    nothing = pl.DataFrame(schema={"row": pl.Int64})
    told = measuring.part_of(file, rows=0, repeated=(), named=0, lost=_lost(file), frame=nothing)
    file.measures.add(replace(told, rejected=()))
    _close(file, name, at)


def _lost(file: FileRun) -> int:
    return file.all_findings().filter(pl.col("code").str.starts_with("unknown_")).height


def _close(file: FileRun, name: str, at: int) -> None:
    """Findings are counted, rejected rows put aside as they stand in the file, change rows counted."""
    findings = file.all_findings()
    file.whole.trust = file.measures.state()
    file.whole.add_findings(findings)
    file.whole.changes += sum(one.frame.height for one in file.writes.steps if one.act == APPLY)
    errors = findings.filter(pl.col("level") == "error")
    if errors.height:
        file.spool.put(f"{_REJECTS}-{name}-{at:05d}", rejects.rows(file.sheet, errors, set(errors["row"].drop_nulls())))


def turn_down(file: FileRun, rows: Iterable[int]) -> None:
    """Rows that a step beside the main one rejects: before it they are left out there, after it counted again."""
    wanted = sorted(set(rows))
    if not wanted:
        return
    number = pl.Series(wanted, dtype=pl.Int64)
    for name in file.spool.names(_VERDICTS):
        told = file.spool.get(name)
        assert told is not None
        hit = told.filter(pl.col("row").is_in(number.implode()))
        if hit.height:
            file.whole.created -= int((hit["verdict"] == "created").sum())
            file.whole.updated -= int((hit["verdict"] == "updated").sum())
            file.spool.put(name, told.join(hit, on="row", how="anti"))
    if file.whole.rows_done:
        file.whole.rejected += len(wanted)
        file.measures.add(Part(rows=0, rejected=wanted))
    else:
        file.whole.turned_down = sorted({*file.whole.turned_down, *wanted})


def _named(file: FileRun) -> int:
    """References that the part names."""
    typed, bound = file.sheet.typed, file.sheet.bound
    named = sum(
        len(typed.fields[name].values) - typed.fields[name].values.null_count()
        for name, specs in bound.fields.items()
        if specs[0].spec.type in (*frames.REFERENCES, "about", "stage") and name in typed.fields
    )
    return named + sum(
        len(part[name].values) - part[name].values.null_count()
        for part, of in zip(typed.also, bound.also, strict=True)
        for name, specs in of.fields.items()
        if specs[0].spec.type in frames.REFERENCES and name in part
    )


def _add_money(file: FileRun, rejected: pl.Series, written: Written) -> None:
    """Sums of the main amount by currency: of rows that are new, known, repeated or wrong."""
    column = file.sheet.typed.fields.get(MONEY_OF.get(file.sheet.object, ""))
    if column is None or column.currency is None or file.mapping.reader not in ("snapshot", "stage_dates"):
        return
    frame = pl.DataFrame({"row": file.numbers, "minor": column.values, "currency": column.currency})
    place = (
        pl.when(pl.col("row").is_in(rejected.implode()))
        .then(pl.lit("rejected"))
        .when(pl.col("row").is_in(written.repeated.implode()))
        .then(pl.lit("repeated"))
        .when(pl.col("row").is_in(written.created.implode()))
        .then(pl.lit("created"))
        .otherwise(pl.lit("said"))
    )
    told = frame.filter(pl.col("minor").is_not_null()).with_columns(place.alias("place"))
    for one in told.group_by("currency", "place").agg(pl.col("minor").sum(), pl.len().alias("rows")).to_dicts():
        of = file.whole.sums.setdefault(one["currency"], {})
        of[one["place"]] = of.get(one["place"], 0) + one["minor"]
        file.whole.money_rows[one["currency"]] = file.whole.money_rows.get(one["currency"], 0) + one["rows"]


def write_rejects(file: FileRun, name: str) -> str | None:
    """All rejected rows of the file in one rejects file of that name, in the order of the file."""
    parts = [file.spool.get(one) for one in file.spool.names(f"{_REJECTS}-")]
    found = [one for one in parts if one is not None and one.height]
    if not found:
        return None
    whole = (
        pl.concat(found, how="diagonal")
        .sort("_row", maintain_order=True)
        .unique("_row", keep="first", maintain_order=True)
    )
    folder = settings.HEDEF.rejects_dir
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{name}.new"
    try:
        whole.write_csv(draft, include_bom=True)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(folder / name)
    return name
