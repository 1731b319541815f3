"""What the steps of reading hand to each other: frozen values, no behaviour beyond small look-ups."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl

from hedef.intake.engine.headers import fold
from hedef.intake.engine.kinds import FileKind
from hedef.intake.engine.stream import Counts
from hedef.intake.schema import FieldMap, LogEntry, Mapping
from hedef.kernel.issue import Issue, Level

type DecidedBy = Literal["evidence", "mapping", "person", "default", "suggestion"]

# Findings about rows and cells: row counts data rows from 1, `level` error rejects the row.
FINDING_SCHEMA: dict[str, Any] = {
    "row": pl.Int64,
    "column": pl.String,
    "field": pl.String,
    "code": pl.String,
    "level": pl.String,
    "value": pl.String,
    "hint": pl.String,
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no row: title, footer, blank tail, `sep=`, repeated header."""

    line: int
    text: str
    why: Literal["sep", "title", "footer", "blank", "header"]


@dataclass(frozen=True, slots=True)
class Large:
    """A text that is read block by block: its size in UTF-8, what it holds, its beginning up to the rows, its end."""

    size: int
    counts: Counts
    cr_ends: bool
    head: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is. `start` and `end` are byte offsets of the data in the file's UTF-8 text without BOM."""

    kind: FileKind
    encoding: str  # utf-8, utf-8-sig, utf-16-le, utf-16-be, cp1252
    separator: str
    header: tuple[str, ...]  # cleaned and unique: empty -> column_8, repeated -> Name#2
    header_line: int  # physical line, 1 = first; 0 without a header
    skipped: tuple[Skipped, ...]
    start: int
    end: int
    first_line: int  # physical line of the byte at `start`
    issues: tuple[Issue, ...]
    file_name: str
    large: Large | None = None  # none: small enough to be held in memory
    by_record: bool = False  # text made of another format: its lines are records (rows of a sheet), not physical lines

    @property
    def skipped_lines(self) -> int:
        return len(self.skipped)

    @property
    def readable(self) -> bool:
        """False when an issue of level error says that there is nothing to read."""
        return self.kind == "text" and bool(self.header)


@dataclass(frozen=True)
class TextTable:
    """Every cell as the file has it (blank = ""), one String column per header, one row per data row.

    A table may be a part of its file: `first_row` is the number of its first row in the file (from 1); `numbers` holds
    the numbers where they do not run on (rows of one key brought together). Findings always carry these numbers.
    """

    frame: pl.DataFrame
    sniffed: Sniffed
    row_findings: pl.DataFrame  # FINDING_SCHEMA: ragged_row, row_too_large, unclosed_quote
    issues: tuple[Issue, ...]
    skipped: tuple[Skipped, ...]  # of the whole file, those met while reading too
    careful: bool  # read by the careful reader
    path: Path
    lines: pl.Series | None = None  # physical line of every row, when the careful reader ran
    first_row: int = 1
    numbers: pl.Series | None = None

    @property
    def rows(self) -> int:
        return self.frame.height

    @property
    def row_numbers(self) -> pl.Series:
        """Number of every row in the file (Int64, from 1)."""
        if self.numbers is not None:
            return self.numbers
        return pl.int_range(self.first_row, self.first_row + self.rows, dtype=pl.Int64, eager=True).alias("row")

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(self.frame.columns)


@dataclass(frozen=True, slots=True)
class Detection:
    """Vendor and file shape by headers; `accepted` at score >= 0.35 and >= 1.2 times the second."""

    vendor: str | None
    shape: str | None
    object: str | None  # main kind of record; none for files that describe data
    score: float
    second: float
    second_shape: str | None
    accepted: bool
    mapping: str | None = None  # name of the shipped mapping

    @property
    def describes_data(self) -> bool:
        """A data dictionary or header list: answered with `not_data`."""
        return self.accepted and self.object is None


@dataclass(frozen=True, slots=True)
class Decision:
    """One ambiguity, answered for a whole column; `value` none = a question for a person."""

    column: str
    what: Literal[
        "date_order", "decimal_mark", "scale", "precision", "boolean", "object", "key", "currency", "time_zone",
        "process", "lost_by", "same_instant", "column", "alias", "exported_at", "scope", "source",
        "copies", "late",
    ]  # fmt: skip
    value: str | None
    proof: Map[str, int] = field(default_factory=dict)
    by: DecidedBy | None = None
    options: tuple[str, ...] = ()
    message: str | None = None  # the question as a sentence, when undecided

    @property
    def undecided(self) -> bool:
        return self.value is None

    def as_json(self) -> dict[str, Any]:
        """Shape of `decisions` in `hedef.import/1`; questions carry `options` and `message` too."""
        answer: dict[str, Any] = {
            "column": self.column,
            "what": self.what,
            "value": self.value,
            "proof": dict(self.proof),
        }
        answer |= {"by": self.by}
        if self.undecided:
            answer |= {"options": list(self.options), "message": self.message}
        return answer


@dataclass(frozen=True, slots=True)
class Condition:
    """A row counts where the text of `column` matches `pattern` as a whole (or, with `wanted` false, does not)."""

    column: str
    pattern: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field of the mapping met with the columns of this file."""

    name: str  # as in mapping documents: amount, close_on, owner, created_at
    spec: FieldMap
    columns: tuple[str, ...]  # actual headers; several only for `join`; none for a constant
    currency_column: str | None = None
    conditions: tuple["Condition", ...] = ()

    @property
    def label(self) -> str:
        """The column as messages name it."""
        return " + ".join(self.columns)


@dataclass(frozen=True, slots=True)
class BoundAlso:
    """Another record of the same row."""

    object: str
    name: str
    key: tuple[str, ...]
    key_prefix: str
    fields: Map[str, tuple[BoundField, ...]]
    conditions: tuple["Condition", ...] = ()
    key_extract: str | None = None


@dataclass(frozen=True, slots=True)
class BoundHistory:
    """Columns of a history file; `stages` pairs (header, process, stage, entered?) of stage date columns."""

    entity: str | None
    effective: BoundField | None
    actor: str | None
    field: str | None
    value: str | None
    old_value: str | None
    entries: Map[str, LogEntry]
    created_event: str | None
    closes: Map[str, str]
    stages: tuple["StageColumn", ...] = ()


@dataclass(frozen=True, slots=True)
class StageColumn:
    """`Date entered "Proposal (Sales Pipeline)"`."""

    column: str
    stage: str
    process: str | None
    entered: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A mapping met with a header. `fields` keeps alternatives in order: the first non-blank one counts per row."""

    mapping: Mapping
    key: tuple[str, ...]  # one column, or several of a weak key
    key_is_weak: bool
    fields: Map[str, tuple[BoundField, ...]]
    modified_at: BoundField | None
    deleted: BoundField | None
    merged_into: BoundField | None
    merged: BoundField | None
    times: Map[str, BoundField]
    stage_times: Map[str, BoundField]
    history: BoundHistory | None
    also: tuple[BoundAlso, ...]
    checks: Map[str, BoundField]
    ignored: tuple[str, ...]
    unmapped: tuple[str, ...]  # columns nobody reads: reported, guessed, not stored
    missing: tuple[str, ...]  # fields of the mapping whose columns are not in the file
    apart: Map[int, int] = field(default_factory=dict)  # rows that agree in every column and count apart -> which one

    @property
    def late(self) -> tuple[str, ...]:
        """Columns that are filled after the first contact."""
        columns = (*(name for one in self.all_fields() for name in one.columns), *self.unmapped)
        wanted = {fold(name) for name in self.mapping.late}
        return tuple(dict.fromkeys(name for name in columns if fold(name) in wanted))

    def all_fields(self) -> tuple[BoundField, ...]:
        """Every bound column reading, once per place of use."""
        plain = [one for many in self.fields.values() for one in many]
        single = [self.modified_at, self.deleted, self.merged_into, self.merged]
        plain += [one for one in single if one is not None]
        plain += [*self.times.values(), *self.stage_times.values(), *self.checks.values()]
        plain += [one for part in self.also for many in part.fields.values() for one in many]
        if self.history is not None and self.history.effective is not None:
            plain.append(self.history.effective)
        return tuple(plain)


@dataclass(frozen=True, slots=True)
class Guess:
    """A suggested field for a column that no mapping names."""

    column: str
    field: str | None
    confidence: float  # 0..1; used unseen only from 0.9 with --yes
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column read: `values` has the row count of the file and is null where blank or wrong.

    dtypes: text, code, id, stage, references -> String; money, number, integer, percent (bp), duration (s) -> Int64;
    date -> Date; instant -> Int64 microseconds UTC; boolean -> Boolean.
    """

    values: pl.Series
    findings: pl.DataFrame  # FINDING_SCHEMA (column and field may be null until `read_fields` names them)
    currency: pl.Series | None = None  # money: ISO code per row
    day_only: pl.Series | None = None  # instants: True where the text had no time of day
    rounding: Map[str, Decimal] = field(default_factory=dict)  # currency (or "") -> sum of (rounded - exact)


@dataclass(frozen=True)
class TypedTable:
    """All bound fields as typed columns.

    Names: `fields` by field name (alternatives of a reference keep their own columns as `owner`, `owner~2`, ...),
    `key` String, `modified_us` Int64, `deleted` Boolean; `times` and `stage_times` Int64; `also` by part.
    """

    key: pl.Series
    fields: Map[str, Column]
    modified_at: Column | None
    deleted: Column | None
    merged_into: Column | None
    merged: Column | None
    times: Map[str, Column]
    stage_times: Map[str, Column]
    checks: Map[str, Column]
    also: tuple[Map[str, Column], ...]
    findings: pl.DataFrame  # of all columns and rows; level error rejects the row

    def rejected_rows(self) -> pl.Series:
        """Row numbers with at least one error, ascending, each once."""
        errors = self.findings.filter(pl.col("level") == "error")
        return errors["row"].unique().sort()


def finding(code: str, level: Level, row: int, value: str | None, hint: str | None) -> dict[str, Any]:
    """One finding as a row of FINDING_SCHEMA, column and field still open."""
    return {"row": row, "column": None, "field": None, "code": code, "level": level, "value": value, "hint": hint}
