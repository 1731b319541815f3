"""One call of an import and one file in it: who acts, what was decided, what was found so far."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from hedef.intake.engine.shapes import FINDING_SCHEMA, Decision
from hedef.intake.run.refs import Book
from hedef.intake.run.sheet import Sheet
from hedef.ledger.services import LedgerBatch, Source

if TYPE_CHECKING:
    from hedef.intake.run.writer import Written

type Report = Callable[[str, int, int | None], None]


def silent(_text: str, _done: int, _total: int | None) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Call:
    """What a person asked for. `decide`: column (or question) -> answer; `now_us` is the moment of the call."""

    actor: str
    now_us: int
    zone: str
    currency: str
    decide: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False
    plan: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Report = silent
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)  # notes of a source from one file to the next


@dataclass
class FileRun:
    """One file being written: its sheet, its batch and everything found on the way."""

    call: Call
    sheet: Sheet
    source: Source
    batch: LedgerBatch
    exported_us: int
    former_us: int | None  # export time of the former import of this object
    former_unresolved: bool = False  # it could not find everybody that it names
    decisions: list[Decision] = field(default_factory=list)
    findings: list[pl.DataFrame] = field(default_factory=list)
    rejected: set[int] = field(default_factory=set)
    set_aside: set[int] = field(default_factory=set)  # rows that are no records, such as deleted ones
    also: dict[str, dict[str, int]] = field(default_factory=dict)
    changes: int = 0
    unresolved: bool = False
    gone: int = 0
    apply_ms: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)
    _books: dict[str, Book] = field(default_factory=dict)

    @property
    def mapping(self) -> Any:
        return self.sheet.bound.mapping

    def book(self, kind: str) -> Book:
        return self._books.setdefault(kind, Book(kind, self.source))

    def forget(self, kind: str) -> None:
        """The kind has changed: its names and ids are read again."""
        self._books.pop(kind, None)

    def note(
        self,
        code: str,
        level: str,
        rows: pl.DataFrame,
        *,
        field_name: str | None = None,
        column: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Findings of one code. rows: `row`, maybe `value` (text) and `hint`. Level error rejects the rows."""
        if rows.is_empty():
            return
        told = rows.select(
            pl.col("row").cast(pl.Int64),
            pl.lit(column, dtype=pl.String).alias("column"),
            pl.lit(field_name, dtype=pl.String).alias("field"),
            pl.lit(code).alias("code"),
            pl.lit(level).alias("level"),
            (pl.col("value").cast(pl.String) if "value" in rows.columns else pl.lit(None, dtype=pl.String)).alias(
                "value"
            ),
            (pl.col("hint") if "hint" in rows.columns else pl.lit(hint, dtype=pl.String)).alias("hint"),
        )
        self.findings.append(told)
        if level == "error":
            self.rejected.update(told["row"].to_list())

    def all_findings(self) -> pl.DataFrame:
        return pl.concat([pl.DataFrame(schema=FINDING_SCHEMA), *self.findings])

    def ask(self, question: Decision, *, suggested: str | None, by: str = "suggestion") -> str | None:
        """The answer to a question: what the person said, else the suggestion under `--yes`, else none (it stops).

        Every answer stands in the decisions of the import.
        """
        given = answer_of(self.call.decide, question.column)
        value = given if given is not None else suggested if self.call.yes else None
        how: Any = "person" if given is not None else by if value is not None else None
        self.decisions.append(
            Decision(question.column, question.what, value, question.proof, how, question.options, question.message)
        )
        return value

    def tell(self, column: str, what: Any, value: str, *, by: Any, proof: Mapping[str, int] | None = None) -> None:
        """A decision that needed nobody."""
        self.decisions.append(Decision(column, what, value, dict(proof or {}), by))

    def count_also(self, object_: str, created: int, updated: int, unchanged: int) -> None:
        told = self.also.setdefault(object_, {"created": 0, "updated": 0, "unchanged": 0})
        told["created"] += created
        told["updated"] += updated
        told["unchanged"] += unchanged

    def note_written(self, written: "Written") -> None:
        """Rows that a newer row of the same key replaced, and values that Hedef and the source both changed."""
        self.apply_ms += written.apply_ms
        told = written.replaced.with_columns(pl.col("key").alias("value"))
        hint = "The newest row of the key counts, else the last one in the file."
        self.note("duplicate_in_file", "warning", told, field_name="key", hint=hint)
        for code, rows, which in (
            ("kept_local_edit", written.kept_local, "What Hedef holds was kept"),
            ("overrode_local_edit", written.overrode, "What the source says was taken"),
        ):
            for (name,), part in rows.group_by("field", maintain_order=True):
                hint = f"Changed in Hedef and in the source since. {which}."
                self.note(code, "warning", part.select("row"), field_name=str(name), hint=hint)

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that were not rejected so far."""
        if not self.rejected and not self.set_aside:
            return frame
        gone = pl.Series(sorted(self.rejected | self.set_aside), dtype=pl.Int64)
        return frame.filter(~pl.col("row").is_in(gone.implode()))


def answer_of(decide: Mapping[str, str], column: str) -> str | None:
    """What a person said about a column; names are compared without case and outer space."""
    wanted = column.strip().casefold()
    return next((value for name, value in decide.items() if name.strip().casefold() == wanted), None)


def open_questions(decisions: Iterable[Decision]) -> list[Decision]:
    return [one for one in decisions if one.undecided]
