"""One call of an import and one file in it: who acts, what was decided, the part at hand and what was found in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from hedef.intake.engine.shapes import FINDING_SCHEMA, BoundField, Column, Decision
from hedef.intake.run.parts import Lots, Parts, cut
from hedef.intake.run.refs import Book
from hedef.intake.run.sheet import Sheet
from hedef.intake.run.spool import Spool
from hedef.intake.run.unwritten import Unwritten
from hedef.intake.run.whole import Whole
from hedef.intake.run.writes import Writes
from hedef.intake.trust.measures import Measures
from hedef.ledger.services import LedgerBatch, Source

if TYPE_CHECKING:
    from hedef.intake.run.writer import Written

type Report = Callable[[str, int, int | None], None]


def silent(_text: str, _done: int, _total: int | None) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Call:
    """What a person asked for. `decide`: column (or question) -> answer; `now_us` is the moment of the call.

    `spellings_open`: a spelling that nobody chose names nobody; it is neither asked nor taken by `yes`.

    `plans`: nothing is written, what would be is kept in `unwritten` for later parts and files.
    """

    actor: str
    now_us: int
    zone: str
    currency: str
    decide: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False
    spellings_open: bool = False
    plan: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Report = silent
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)  # notes of a source from one file to the next
    plans: bool = False
    unwritten: Unwritten = field(default_factory=Unwritten)
    opened: list[int] = field(default_factory=list)  # batches of this call that are still open
    spans: dict[tuple[int, str], dict[int, tuple[int, int]]] = field(default_factory=dict)  # entities of known blocks


@dataclass
class FileRun:
    """One file being imported: what is known of all of it (`whole`), and the part at hand.

    Planning reads and fills `writes`; it writes nothing.
    """

    call: Call
    parts: Parts
    sheet: Sheet  # the file, until `turn` names a part of it
    source: Source
    batch: LedgerBatch | None
    exported_us: int
    former_us: int | None  # export time of the former import of this object
    former_unresolved: bool = False  # it could not find everybody that it names
    whole: Whole = field(default_factory=Whole)
    spool: Spool = field(default_factory=Spool)
    measures: Measures = field(default_factory=lambda: Measures(""))
    writes: Writes = field(default_factory=Writes)
    findings: list[pl.DataFrame] = field(default_factory=list)
    rejected: set[int] = field(default_factory=set)
    set_aside: set[int] = field(default_factory=set)  # rows that are no records here, such as deleted ones
    read: set[str] = field(default_factory=set)  # columns whose findings were noted in this part
    planned: pl.DataFrame | None = None  # rows of the main object in the part at hand, for the trust gate
    lots: Lots | Parts | None = None  # the rows of a history by deal
    above: dict[int, int] = field(default_factory=dict)  # who leads whom, as far as the file was read
    _books: dict[str, Book] = field(default_factory=dict)

    @property
    def mapping(self) -> Any:
        return self.sheet.bound.mapping

    @property
    def numbers(self) -> pl.Series:
        """The rows of the file that the part at hand holds."""
        return self.sheet.table.row_numbers

    def turn(self, part: Sheet, *, counted: bool = True) -> None:
        """Take another part in hand. `counted`: findings of its cells are noted (once a row of the file)."""
        self.sheet = part
        self.findings = [part.typed.findings] if counted else []
        self.rejected = set(part.typed.rejected_rows().to_list())
        if self.whole.turned_down:
            self.rejected |= set(self.whole.turned_down) & set(self.numbers.to_list())
        self.set_aside, self.read, self.planned = set(), set(), None
        self.writes = Writes()

    def clear(self) -> None:
        """Between parts: nothing found, nothing rejected, nothing planned. The sheet stays."""
        self.findings, self.rejected, self.set_aside, self.read = [], set(), set(), set()
        self.writes = Writes()

    def column(self, one: BoundField) -> Column:
        """One more column of the part at hand, read as a field as the whole file reads it."""
        whole = self.sheet.whole
        if whole is None or self.sheet.habits is not None:
            return self.sheet.column(one)
        read = whole.column(one)
        return cut(read, self.numbers - 1, self.numbers)

    def take_findings(self, column: Column) -> None:
        """Findings of a column that was read by itself; errors reject their rows."""
        self.findings.append(column.findings)
        self.rejected.update(column.findings.filter(pl.col("level") == "error")["row"].to_list())

    def rows(self, values: pl.Series) -> pl.DataFrame:
        """`row` of the file and `value`, for the part at hand."""
        return pl.DataFrame({"row": self.numbers, "value": values})

    def book(self, kind: str) -> Book:
        if kind not in self._books:
            self._books[kind] = Book(kind, self.source, self.call.unwritten)
        return self._books[kind]

    def forget(self) -> None:
        """Records have changed: names and ids are read again."""
        self._books.clear()

    # --- findings ------------------------------------------------------------------------------------------------

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

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that were not rejected so far."""
        if not self.rejected and not self.set_aside:
            return frame
        gone = pl.Series(sorted(self.rejected | self.set_aside), dtype=pl.Int64)
        return frame.filter(~pl.col("row").is_in(gone.implode()))

    # --- decisions -----------------------------------------------------------------------------------------------

    def ask(self, question: Decision, *, suggested: str | None, by: str = "suggestion") -> str | None:
        """The answer to a question: what the person said, else the suggestion under `--yes`, else none (it stops).

        Every answer stands in the decisions of the import, once; a question that was answered is not asked again.
        """
        known = self.decided(question.column, question.what)
        if known is not None:
            return known.value
        if any(one.column == question.column and one.what == question.what for one in self.whole.decisions):
            return None  # it stands there without an answer
        given = answer_of(self.call.decide, question.column)
        value = given if given is not None else suggested if self.call.yes else None
        how: Any = "person" if given is not None else by if value is not None else None
        self.whole.decisions.append(
            Decision(question.column, question.what, value, question.proof, how, question.options, question.message)
        )
        return value

    def decided(self, column: str, what: str) -> Decision | None:
        found = (one for one in self.whole.decisions if one.column == column and one.what == what)
        return next((one for one in found if not one.undecided), None)

    def tell(self, column: str, what: Any, value: str, *, by: Any, proof: Mapping[str, int] | None = None) -> None:
        """A decision that needed nobody; told once."""
        if self.decided(column, what) is None:
            self.whole.decisions.append(Decision(column, what, value, dict(proof or {}), by))

    # --- results -------------------------------------------------------------------------------------------------

    def note_written(self, written: "Written") -> None:
        """Rows that a newer row of the same key replaced, and values that Hedef and the source both changed."""
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


def answer_of(decide: Mapping[str, str], column: str) -> str | None:
    """What a person said about a column; names are compared without case and outer space."""
    wanted = column.strip().casefold()
    return next((value for name, value in decide.items() if name.strip().casefold() == wanted), None)


def open_questions(decisions: Iterable[Decision]) -> list[Decision]:
    return [one for one in decisions if one.undecided]
