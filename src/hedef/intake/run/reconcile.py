"""Does the ledger hold what the file says? Count and sum by currency, stage and owner, part by part after the seal.

The file's side is what its cells say; the other side is read back from the records. Where a record says something
else, the ledger must tell why: the file is older than what its source said since, a history decides the field, somebody
else has set it, or two records became one. Anything else is a difference.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from hedef.intake.engine import plan
from hedef.intake.run import deals, keys, memory
from hedef.intake.run.call import FileRun
from hedef.intake.run.columns import bits, dtype_of
from hedef.intake.run.said import changes_of_source
from hedef.kernel.money import format_minor
from hedef.ledger.queries import batches, blocks_in, living
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.queries import columns_of, sums
from hedef.records.queries.merged import survivors

type Group = tuple[str | None, str | None, int | None]
"""Currency, stage, owner (its record)."""

_PIECE = "told"
_BY = ("currency", "stage", "owner")


@dataclass(frozen=True, slots=True)
class Difference:
    """One group in which file and ledger differ: rows and minor units of both."""

    group: Group
    file_rows: int
    file_minor: int
    sealed_rows: int
    sealed_minor: int

    @property
    def size(self) -> int:
        return abs(self.file_rows - self.sealed_rows) + abs(self.file_minor - self.sealed_minor)

    @property
    def name(self) -> str:
        currency, stage, owner = self.group
        words = (currency, stage and f"stage {stage}", owner and f"owner {owner}")
        return ", ".join(word for word in words if word) or "all rows"

    def __str__(self) -> str:
        return (
            f"{self.name}: the file has {_amount(self.file_rows, self.file_minor, self.group[0])}, "
            f"the ledger {_amount(self.sealed_rows, self.sealed_minor, self.group[0])}"
        )


@dataclass
class Sides:
    """Rows and minor units by group, of the file and of the ledger."""

    file_rows: Counter[Group] = field(default_factory=Counter)
    file_minor: Counter[Group] = field(default_factory=Counter)
    sealed_rows: Counter[Group] = field(default_factory=Counter)
    sealed_minor: Counter[Group] = field(default_factory=Counter)

    def differences(self) -> list[Difference]:
        """Groups that differ, the largest first."""
        groups = self.file_rows.keys() | self.sealed_rows.keys()
        told = (
            Difference(one, self.file_rows[one], self.file_minor[one], self.sealed_rows[one], self.sealed_minor[one])
            for one in groups
        )
        return sorted((one for one in told if one.size), key=lambda one: (-one.size, one.name))


def _amount(rows: int, minor: int, currency: str | None) -> str:
    counted = f"{rows:,} {'row' if rows == 1 else 'rows'}"
    return f"{counted}, {format_minor(minor, currency)} {currency}" if currency else counted


def note(file: FileRun, name: str, at: int, *, left_out: Sequence[pl.Series], amount: str | None) -> None:
    """Keep what a part says of the rows that it takes, for `differences`. `amount`: its field with the main sum."""
    if file.call.plans or file.planned is None or file.sheet.object not in KINDS:
        return
    kind = KINDS[file.sheet.object]
    told = pl.DataFrame({"row": file.numbers, "key": file.sheet.typed.key})
    told = told.join(_said(file, kind, amount), on="row", how="left")
    out = pl.concat([*left_out, pl.Series(sorted(file.set_aside), dtype=pl.Int64)])
    told = told.filter(pl.col("key").is_not_null() & ~pl.col("row").is_in(out.implode()))
    if told.height:
        file.spool.put(f"{_PIECE}-{name}-{at:05d}", told)


def _said(file: FileRun, kind: Kind, amount: str | None) -> pl.DataFrame:
    """`row`, and of `stage, owner, minor, currency` those that both the file and the kind speak of."""
    assert file.planned is not None
    spoken = [name for name in ("stage", "owner") if name in file.planned.columns and name in kind.names]
    told = file.planned.select("row", *spoken)
    column = file.sheet.typed.fields.get(amount or "")
    if column is None or f"{amount}_minor" not in kind.names:
        return told
    cells = {"row": file.numbers, "minor": column.values.cast(pl.Int64)}
    if column.currency is not None and "currency" in kind.names:
        cells["currency"] = column.currency.set(column.values.is_null(), None)
    return told.join(pl.DataFrame(cells), on="row", how="left")


def differences(file: FileRun, amount: str | None) -> list[Difference]:
    """Groups in which the sealed file and the records differ; none for a file that sealed nothing."""
    kind = KINDS.get(file.parts.sheet.object)
    if kind is None or file.batch is None or file.batch.seal_no is None:
        return []
    if file.whole.fresh.get(kind.name) and _agree_at_once(file, kind, amount):
        return []
    sides = Sides()
    for told in _pieces(file):
        _add(sides, told, _sealed(file, kind, told, amount))
    return sides.differences()


def _agree_at_once(file: FileRun, kind: Kind, amount: str | None) -> bool:
    """Whether the groups of a first import are those of the records that its batch wrote, asked in one question.

    Where they are not, each row is looked at: it may be for a reason that the ledger tells.
    """
    assert file.batch is not None
    rows, minor = Counter[Group](), Counter[Group]()
    fields: dict[str, str] | None = None
    for told in _pieces(file):
        here = _fields(told, amount)
        if "minor" not in here or (fields is not None and here != fields):
            return False
        fields = here
        for group, number, total in _grouped(told):
            rows[group] += number
            minor[group] += total
    if fields is None:
        return False
    by = [name for name in _BY if name in fields]
    sealed = sums(kind.name, fields["minor"], by=[fields[name] for name in by], batch=file.batch.pk)
    found = {
        (one.get("currency"), one.get("stage"), one.get("owner")): told
        for values, told in sealed.items()
        for one in [dict(zip(by, values, strict=True))]
    }
    return found == {group: (minor[group], rows[group]) for group in rows}


def _pieces(file: FileRun) -> Iterator[pl.DataFrame]:
    for name in file.spool.names(f"{_PIECE}-"):
        told = file.spool.get(name)
        if told is not None:
            yield told


def _add(sides: Sides, told: pl.DataFrame, sealed: pl.DataFrame) -> None:
    for frame, rows, minor in (
        (told, sides.file_rows, sides.file_minor),
        (sealed, sides.sealed_rows, sides.sealed_minor),
    ):
        for group, number, total in _grouped(frame):
            rows[group] += number
            minor[group] += total


def _grouped(frame: pl.DataFrame) -> Iterator[tuple[Group, int, int]]:
    there = [name for name in _BY if name in frame.columns]
    total = pl.col("minor").sum() if "minor" in frame.columns else pl.lit(0)
    counted = [pl.len().alias("rows"), total.alias("total")]
    found = frame.group_by(there).agg(counted) if there else frame.select(counted)
    for one in found.to_dicts():
        yield (one.get("currency"), one.get("stage"), one.get("owner")), one["rows"], one["total"]


# --- what the ledger holds --------------------------------------------------------------------------------------------


def _sealed(file: FileRun, kind: Kind, told: pl.DataFrame, amount: str | None) -> pl.DataFrame:
    """The rows of a part as the records have them; where the ledger tells why they differ, as the file has them."""
    fields = _fields(told, amount)
    known = keys.known(file.source, kind.name, None, told["key"]).select("key", "entity")
    records = _records(kind, known["entity"], fields)
    both = told.join(known, on="key", how="inner").join(records, on="entity", how="inner", suffix="_sealed")
    differs = {name: pl.col(name).ne_missing(pl.col(f"{name}_sealed")) for name in fields}
    odd = both.filter(pl.any_horizontal(*differs.values())) if fields else both.clear()
    why = _explained(file, kind, odd, fields)
    as_told = [
        pl.when(pl.col("entity").is_in(why[name].implode())).then(pl.col(name)).otherwise(pl.col(f"{name}_sealed"))
        for name in fields
    ]
    return both.select(one.alias(name) for one, name in zip(as_told, fields, strict=True)) if fields else both


def _fields(told: pl.DataFrame, amount: str | None) -> dict[str, str]:
    """Column of the part -> field of the kind."""
    names = {"stage": "stage", "owner": "owner", "minor": f"{amount}_minor", "currency": "currency"}
    return {column: name for column, name in names.items() if column in told.columns}


def _records(kind: Kind, entities: pl.Series, fields: Mapping[str, str]) -> pl.DataFrame:
    names = ["entity", *fields.values()]
    rows = columns_of(kind.name, names, entities=entities.unique().to_list())
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    types = [pl.Int64(), *(dtype_of(kind.get(name)) for name in fields.values())]
    made = zip(("entity", *fields), columns, types, strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype=of) for name, values, of in made])


def _explained(file: FileRun, kind: Kind, odd: pl.DataFrame, fields: Mapping[str, str]) -> dict[str, pl.Series]:
    """Column -> records whose value in it differs from the file for a reason that the ledger tells."""
    why: dict[str, list[int]] = {name: [] for name in fields}
    if odd.height:
        merged = set(survivors().values()) & set(odd["entity"])
        by_history = _by_history(file, odd) if kind.name == "deal" else {}
        said, newest = _said_by_source(file, kind, odd, fields)
        others = _set_by_others(file, kind, odd["entity"], fields)
        both = odd.join(said, on="entity", how="left", suffix="_said").join(
            newest, on="entity", how="left", suffix="_newest"
        )
        for column, name in fields.items():
            said_before = pl.col(column).eq_missing(pl.col(f"{column}_said"))
            newer = pl.col(f"{column}_sealed").eq_missing(pl.col(f"{column}_newest"))
            older = both.filter(said_before & newer)["entity"]  # an export of the past: the source said more since
            why[column] = [*older, *merged, *by_history.get(name, ()), *others[column]]
    return {name: pl.Series(sorted(set(entities)), dtype=pl.Int64) for name, entities in why.items()}


def _by_history(file: FileRun, odd: pl.DataFrame) -> dict[str, pl.Series]:
    """Field -> deals in which dates or a history of this source decide it."""
    if file.mapping.reader == "stage_dates":
        return {"stage": odd["entity"]}
    fields = memory.recall(file, memory.HISTORY_FIELDS)
    return dict.fromkeys(fields, deals.histories_of(file, odd)) if fields else {}


def _said_by_source(
    file: FileRun, kind: Kind, odd: pl.DataFrame, fields: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`entity` and the columns as the living changes of this source give them: recorded last, and newest by time."""
    flags = bits(kind, list(fields.values()))
    changes = changes_of_source(file, kind, odd["entity"])
    asked = [pl.col(name).cast(odd.schema[column]).alias(column) for column, name in fields.items()]
    recorded = plan.last_said(changes, flags).select("entity", *asked)
    return recorded, plan.last_said(changes.sort("effective_us", maintain_order=True), flags).select("entity", *asked)


def _set_by_others(file: FileRun, kind: Kind, entities: pl.Series, fields: Mapping[str, str]) -> dict[str, set[int]]:
    """Column -> records in which a person or another source has set that field."""
    wanted, alive = entities.unique(), living()
    flags = bits(kind, list(fields.values()))
    found: dict[str, set[int]] = {column: set() for column in fields}
    for one in batches(last=None):
        if one.seal_no not in alive or one.source_id == file.source.pk:
            continue
        for _, block in blocks_in(one.pk, kind=kind.name, words=False):
            table = _frame(block).filter(pl.col("entity").is_in(wanted.implode()))
            for column, name in fields.items() if table.height else ():
                hit = table.filter(pl.col("mask") & pl.lit(flags[name], dtype=pl.Int64) != 0)
                found[column].update(hit["entity"].to_list())
    return found


def _frame(block: Any) -> pl.DataFrame:
    found = pl.from_arrow(block)
    assert isinstance(found, pl.DataFrame)
    return found
