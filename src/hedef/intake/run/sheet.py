"""A file as it comes in: received, sniffed, recognised, mapped, decided, typed. Nothing is written here."""

import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from hedef.intake.engine import languages
from hedef.intake.engine.bind import bind, used_columns
from hedef.intake.engine.custom import with_own
from hedef.intake.engine.decide import Decided, Evidence, gather, merge
from hedef.intake.engine.decide import decide as decide_columns
from hedef.intake.engine.detect import detect
from hedef.intake.engine.formats.unfold import names_a_list
from hedef.intake.engine.grouping import group_rows
from hedef.intake.engine.headers import fold, is_translated
from hedef.intake.engine.key import decide_key
from hedef.intake.engine.parts import Held, Rows, Staged, lots_of, parts_of
from hedef.intake.engine.read import line_numbers, read_table
from hedef.intake.engine.shapes import (
    Bound,
    BoundField,
    Column,
    Decision,
    Detection,
    Skipped,
    Sniffed,
    TextTable,
    TypedTable,
)
from hedef.intake.engine.shipped import shipped_mapping
from hedef.intake.engine.sniff import Made, sniff
from hedef.intake.engine.typed import (
    REFERENCES,
    Habits,
    Reading,
    look,
    read_column,
    read_fields,
    read_key,
    read_some,
)
from hedef.intake.run.reader import folder_of_its_own, staged
from hedef.intake.run.received import Received, receive, unfold
from hedef.intake.schema import FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.errors import WrongUse
from hedef.kernel.issue import Issue

COPIES, APART = "copies", "apart"  # rows that agree in every column: --decide copies=apart

__all__ = [
    "NoSheet",
    "Received",
    "Recognised",
    "Sheet",
    "only_text",
    "open_sheet",
    "receive",
    "recognise",
    "refuse_unknown_answers",
    "rows_of",
    "sniff_received",
    "unfold",
    "unknown_answers",
]


@dataclass(frozen=True)
class Sheet:
    """One file, read as far as it can be without writing; a part of a file is a sheet too.

    Rows are numbered through the file, whatever part they stand in: `table.row_numbers`, and `row` of all findings.
    `table`, `typed` and `lines` hold all rows of this sheet: ask a large file for its parts instead.
    """

    file: Received
    sniffed: Sniffed
    detection: Detection
    bound: Bound
    decided: Decided
    reading: Reading
    asked: tuple[Decision, ...]
    issues: tuple[Issue, ...]
    content: Rows
    habits: Habits | None = None  # of the whole file; none where this sheet is the whole file in one part
    whole: "Sheet | None" = None  # the file that this is a part of

    @property
    def object(self) -> str:
        return str(self.bound.mapping.object)

    @property
    def rows(self) -> int:
        return self.content.rows

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self.content.skipped

    @property
    def part_count(self) -> int:
        return self.content.count

    def part(self, at: int) -> "Sheet":
        """The rows of one part (from 0) as a sheet; a file of one part is that part itself."""
        if not 0 <= at < self.part_count:
            raise IndexError(f"{self.file.name} has {self.part_count} parts, none of them is {at}")
        if self.part_count == 1:
            return self
        return replace(self, content=Held(self.content.part(at), single=True), whole=self.whole or self)

    def parts(self) -> Iterator["Sheet"]:
        """All parts in the order of the file."""
        return (self.part(at) for at in range(self.part_count))

    def with_rows(self, table: TextTable, typed: TypedTable | None = None) -> "Sheet":
        """Some rows of this sheet as a sheet of one part; `typed` where they are typed already."""
        made = replace(self, content=Held(table, single=True), whole=self.whole or self)
        if typed is not None:
            made.__dict__["typed"] = typed  # what `cached_property` would find out again
        return made

    @cached_property
    def table(self) -> TextTable:
        return self.content.whole()

    @cached_property
    def typed(self) -> TypedTable:
        return read_fields(self.table, self.bound, self.decided, self.reading, self.habits)

    @cached_property
    def lines(self) -> pl.Series:
        """Physical line of every row; the careful reader counts them, so ask only when a row is to be shown."""
        if self.table.lines is not None:
            return self.table.lines
        if self.whole is not None:
            return self.whole.all_lines.gather(self.table.row_numbers - 1)
        return self.all_lines

    @cached_property
    def all_lines(self) -> pl.Series:
        """Physical line of every row of the file, read without its cells."""
        return line_numbers(self.file.path, self.sniffed)

    def column(self, field: BoundField) -> Column:
        """One more column of the file, read as a field."""
        return read_column(self.table, self.bound, self.decided, self.reading, field, self._habits_of(field))

    def _habits_of(self, field: BoundField) -> Habits | None:
        """How the column looks in the whole file, looked up once where nobody asked before."""
        if self.habits is None or self.habits.know(field):
            return self.habits
        more = (self.whole or self)._more_habits
        key = repr(field)
        if key not in more:
            source = (self.whole or self).content
            found = Habits({}, {}, {})
            for part in lots_of(source, columns_of(field)):
                found = look(part, self.bound, [field], before=found)
            more[key] = self.habits.and_more(found)
        return more[key]

    @cached_property
    def _more_habits(self) -> dict[str, Habits]:
        return {}

    def keys(self) -> pl.DataFrame:
        """`row` Int64, `key` String and `modified_us` Int64 of every row of the file (null where it has none).

        About 60 bytes a row: where a file may be large, ask `key_hashes` and `repeated` instead.
        """
        bound, modified = self.bound, self.bound.modified_at
        needed = {*bound.key, *(columns_of(modified) if modified is not None else ())}
        found = []
        for part in parts_of(self.content, _in_order(self.content, needed)):
            times = None
            if modified is not None:
                times = read_column(part, bound, self.decided, self.reading, modified, self.habits).values
            found.append(
                pl.DataFrame(
                    {
                        "row": part.row_numbers,
                        "key": read_key(part, bound, self.habits),
                        "modified_us": times if times is not None else pl.Series([None] * part.rows, dtype=pl.Int64),
                    }
                )
            )
        return pl.concat(found)

    @cached_property
    def key_hashes(self) -> pl.Series:
        """Hash of the key of every row of the file in its order (UInt64, null where a row has none), eight bytes each.

        Equal keys have equal hashes; as polars' `hash()` of the key itself.
        """
        needed = _in_order(self.content, self.bound.key)
        parts = (read_key(part, self.bound, self.habits) for part in parts_of(self.content, needed))
        return pl.concat([keys.hash().set(keys.is_null(), None) for keys in parts]).alias("hash")

    def repeated(self) -> pl.DataFrame:
        """`row, key` of rows whose key another row of the file has too, those of one key together, first ones first."""
        hashes = self.key_hashes
        twice = hashes.is_duplicated() & hashes.is_not_null()
        found = [pl.DataFrame(schema={"row": pl.Int64, "key": pl.String})]
        at, needed = 0, _in_order(self.content, self.bound.key)
        for place in range(self.part_count) if twice.any() else ():
            part = self.content.part(place, needed)
            here = twice.slice(at, part.rows)
            at += part.rows
            if here.any():
                told = {"row": part.row_numbers, "key": read_key(part, self.bound, self.habits)}
                found.append(pl.DataFrame(told).filter(here))
        same = pl.concat(found).filter(pl.col("key").is_duplicated())  # other keys of one hash are no repetition
        first = same.group_by("key").agg(pl.col("row").min().alias("first"))
        return same.join(first, on="key").sort("first", "row").select("row", "key")

    def distinct(self, field: str, also: int | None = None) -> pl.Series:
        """Different values of a typed field over the whole file, in the order they first stand there.

        `owner~2` names the second alternative of a reference; `also`: the number of another record of the rows.
        """
        fields = self.bound.fields if also is None else self.bound.also[also].fields
        name = field.partition("~")[0]
        chosen = {name: fields[name]}
        needed = {column for one in fields[name] for column in columns_of(one)}
        found = pl.Series(field, [], dtype=pl.String)
        for part in parts_of(self.content, _in_order(self.content, needed)):
            read = read_some(part, self.bound, self.decided, self.reading, chosen, self.habits)
            if field in read:
                values = read[field].values.drop_nulls().unique(maintain_order=True)
                found = values if found.is_empty() else pl.concat([found, values]).unique(maintain_order=True)
        return found.alias(field)

    def pairs(self, *names: str) -> pl.DataFrame:
        """Different combinations of some typed fields over the whole file, in the order they first stand there."""
        chosen = {name: self.bound.fields[name] for name in names}
        needed = {column for many in chosen.values() for one in many for column in columns_of(one)}
        found: list[pl.DataFrame] = []
        for part in parts_of(self.content, _in_order(self.content, needed)):
            read = read_some(part, self.bound, self.decided, self.reading, chosen, self.habits)
            told = pl.DataFrame({name: read[name].values for name in names}).unique(maintain_order=True)
            found = [pl.concat([*found, told]).unique(maintain_order=True)]
        return found[0]

    def by_key(self) -> "Sheet":
        """The same file in parts that hold all rows of one record together, in file order, for readers of histories.

        The record is the one a history names, else the key. Rows keep their numbers; parts may be larger than usual.
        """
        if self.part_count == 1:
            return self
        history = self.bound.history
        record = None
        if history is not None and history.entity is not None:
            record = BoundField(history.entity, FieldMap(type="id"), (history.entity,))

        def keys(table: TextTable) -> pl.Series:
            if record is None:
                return read_key(table, self.bound, self.habits)
            return read_column(table, self.bound, self.decided, self.reading, record, self._habits_of(record)).values

        folder = self.content.folder if isinstance(self.content, Staged) else folder_of_its_own()
        grouped = group_rows(
            self.content, keys, (folder.parent if isinstance(self.content, Staged) else folder) / "by-key"
        )
        if not isinstance(self.content, Staged):
            weakref.finalize(grouped, shutil.rmtree, folder, ignore_errors=True)
        return replace(self, content=grouped)

    def file_json(self) -> dict[str, Any]:
        return file_json(self.file, self.sniffed, len(self.skipped))


def columns_of(field: BoundField) -> list[str]:
    """Every column that the reading of a field needs."""
    names = [*field.columns, *(one.column for one in field.conditions)]
    return [*names, field.currency_column] if field.currency_column else names


def _in_order(rows: Rows, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [name for name in rows.header if name in wanted] or list(rows.header[:1])


@dataclass(frozen=True)
class NoSheet:
    """A file without records: empty, no text, or one that describes data."""

    file: Received
    sniffed: Sniffed
    detection: Detection | None
    issues: tuple[Issue, ...]

    def file_json(self) -> dict[str, Any]:
        return file_json(self.file, self.sniffed, self.sniffed.skipped_lines)


def file_json(file: Received, sniffed: Sniffed, skipped: int) -> dict[str, Any]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "encoding": sniffed.encoding if file.origin == "text" else file.origin,
        "separator": sniffed.separator,
        "skipped_lines": skipped,
    }


@dataclass(frozen=True)
class Recognised:
    """A file whose shape is known and that is not read yet; `mapping` none: there is nothing to import."""

    file: Received
    sniffed: Sniffed
    detection: Detection | None
    mapping: MappingModel | None

    def file_json(self) -> dict[str, Any]:
        return file_json(self.file, self.sniffed, self.sniffed.skipped_lines)


type Kept = Callable[[str | None, tuple[str, ...]], MappingModel | None]


def _none_kept(_vendor: str | None, _header: tuple[str, ...]) -> MappingModel | None:
    return None


def recognise(
    file: Received,
    *,
    object_: str | None,
    mapping: MappingModel | None,
    kept: Kept = _none_kept,
    decide: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Recognised:
    """Whose file it is and how it is read: as a person says now, as one said before (`kept`), else as shipped.

    A file of another format is unfolded first (`decide` and `folder` as in `unfold`). WrongUse for a shape nobody
    knows and for an archive of several files; Refused for a file that is no table at all.
    """
    file = only_text(file, decide or {}, folder)
    sniffed = sniff_received(file)
    if not sniffed.readable:
        return Recognised(file, sniffed, None, None)
    told = languages.english(sniffed.header)
    detection = detect(languages.in_english(sniffed.header, told))
    mapping = mapping or kept(detection.vendor if detection.accepted else None, sniffed.header)
    if mapping is None and detection.describes_data:
        return Recognised(file, sniffed, detection, None)
    if mapping is None:
        mapping = languages.spoken(_shipped(file, sniffed.header, detection, object_), told)
    return Recognised(file, sniffed, detection, mapping)


def only_text(file: Received, decide: Mapping[str, str], folder: Path | None = None) -> Received:
    """The file as text, which must be one; `decide` and `folder` as in `unfold`. WrongUse for several."""
    files = unfold(file, answers=decide, folder=folder)
    if len(files) > 1:
        raise WrongUse(
            f"{file.name} holds {len(files)} files: {', '.join(one.name for one in files[:5])}.",
            hint="Unpack it and choose the files, or import it with hedef import.",
        )
    return files[0]


def sniff_received(file: Received) -> Sniffed:
    """The layout of an unfolded file. WrongUse for one that is too wide."""
    made = None if file.origin in ("text", "gzip", "zip") else Made(plain=file.plain)
    sniffed = sniff(file.path, file_name=file.name, made=made)
    for one in sniffed.issues:
        if one.code == "too_large" and one.level == "error":
            raise WrongUse(one.message, hint=one.hint, code="too_large")
    return replace(sniffed, issues=(*sniffed.issues, *file.issues))


def open_sheet(
    known: Recognised,
    *,
    decide: Mapping[str, str],
    saved: Sequence[Decision],
    zone: str,
    currency: str,
    far_after: date,
    row_limit: int,
    folder: Path | None = None,
) -> Sheet | NoSheet:
    """Read a recognised file as far as possible without writing; questions stand in `asked`.

    `folder`: where the parts of a large file are kept for this job, and found again by the next try; without it they
    are gone with the sheet.
    """
    file, sniffed, detection = known.file, known.sniffed, known.detection
    if known.mapping is None or detection is None:
        note = Issue("not_data", "info", f"{file.name} describes data; it holds no records.")
        return NoSheet(file, sniffed, detection, sniffed.issues if detection is None else (*sniffed.issues, note))
    rows = rows_of(file, sniffed, row_limit, folder)
    mapping, kept = with_own(known.mapping, rows.header, decide)
    bound = bind(mapping, rows.header)
    _check_columns(file, bound)
    bound, key = decide_key(rows, bound, decide)
    evidence, habits = _look_through(rows, bound)
    decided = decide_columns(evidence, bound, sniffed.file_name, person=decide, saved=saved)
    said_first = [*kept, *([key] if key is not None else [])]
    decided = Decided((*said_first, *decided.decisions), decided.issues)
    said = next((value for name, value in decide.items() if name.strip().casefold() == COPIES), None)
    reading = Reading(zone=zone, currency=currency, far_after=far_after, serials=file.origin == "xlsx")
    issues = (*rows.issues, *decided.issues)
    sheet = Sheet(file, sniffed, detection, bound, decided, reading, decided.questions, issues, rows, habits)
    asked = bound.mapping.copies == "ask" and said == APART
    return _told_apart(sheet) if bound.key_is_weak and (asked or bound.mapping.copies == APART) else sheet


def _told_apart(sheet: Sheet) -> Sheet:
    """Every row of a file a record of its own, also those that agree in every column: the second one is `#2`."""
    twice = sheet.repeated()
    number = twice.with_columns(pl.int_range(1, pl.len() + 1).over("key").alias("number")).filter(pl.col("number") > 1)
    bound = replace(sheet.bound, apart=dict(number.select("row", "number").iter_rows()))
    return replace(sheet, bound=bound)


def rows_of(file: Received, sniffed: Sniffed, row_limit: int, folder: Path | None = None) -> Rows:
    """All rows of an unfolded file: a large text in parts that the reader's process writes. WrongUse for too many."""
    if sniffed.large is not None:
        return staged(file.path, sniffed, row_limit=row_limit, folder=folder)
    table = read_table(file.path, sniffed)
    if table.rows > row_limit:
        raise WrongUse(
            f"{file.name} has {table.rows:,} rows; the limit is {row_limit:,}.",
            hint="Split the export, or raise HEDEF_ROW_LIMIT.",
            code="too_large",
        )
    return Held(table)


def _look_through(rows: Rows, bound: Bound) -> tuple[Evidence, Habits | None]:
    """One pass over all parts: what the columns prove, and how they look."""
    needed = _in_order(rows, used_columns(bound))
    if rows.count == 1:
        return gather(rows.part(0), bound), None
    evidence: Evidence | None = None
    habits: Habits | None = None
    for table in lots_of(rows, needed):
        found = gather(table, bound)
        evidence = found if evidence is None else merge(evidence, found)
        habits = look(table, bound, before=habits)
    assert evidence is not None
    return evidence, habits


_BY_HAND = "Upload it on the page Data, which asks what each column is, or name a mapping with --mapping FILE."
_TRANSLATED = (
    "It looks like an export of Pipedrive in another language. Export it again with English as the language of the "
    "user, or upload it on the page Data, which asks what each column is and remembers it."
)


def _shipped(file: Received, header: Sequence[str], detection: Detection, object_: str | None) -> MappingModel:
    if not detection.accepted or detection.vendor is None or detection.mapping is None:
        near = f" (nearest: {detection.vendor}/{detection.shape}, {detection.score:.2f})" if detection.vendor else ""
        raise WrongUse(
            f"{file.name}: its columns fit no known export{near}.",
            hint=_TRANSLATED if is_translated(header) else _BY_HAND,
            code="unknown_object",
        )
    shipped = shipped_mapping(detection.vendor, detection.mapping)
    if object_ is not None and shipped.object != object_:
        raise WrongUse(
            f"{file.name} looks like {shipped.object} ({detection.vendor}), not like {object_}.",
            hint="Leave --object out, or name a mapping with --mapping FILE.",
            code="unknown_object",
        )
    return shipped


_ALWAYS = ("key", COPIES)


def unknown_answers(decide: Mapping[str, str], headers: Iterable[Sequence[str]]) -> list[str]:
    """Names in `decide` that no file of these headers has, and no question of an import could have.

    Columns, `key`, `sheet` and `list` (`FILE: sheet` for one of several); `person:TEXT`, `process:ID` and the like;
    `COLUMN: part`; and the stages of a process in their order, which stand behind the name of the process.
    """
    columns = {fold(name) for header in headers for name in header}

    def is_known(name: str, value: str) -> bool:
        before, colon, _ = name.partition(":")
        return (
            fold(name) in columns
            or name.strip().casefold() in _ALWAYS
            or names_a_list(name)
            or (bool(colon) and (before.strip() in (*REFERENCES, "process") or fold(before) in columns))
            or ">" in value
        )

    return [name for name, value in decide.items() if not is_known(name, value)]


def refuse_unknown_answers(decide: Mapping[str, str], headers: Sequence[Sequence[str]]) -> None:
    """WrongUse for answers to a column that no file has; they would be passed over in silence."""
    unknown = unknown_answers(decide, headers)
    if unknown:
        names = ", ".join(dict.fromkeys(name for header in headers for name in header if not name.startswith("_")))
        raise WrongUse(
            f'--decide: no file has a column "{unknown[0]}"'
            + (f" (nor {', '.join(unknown[1:4])})." if unknown[1:] else "."),
            hint=f"Its columns: {names[:600]}.",
        )


def _check_columns(file: Received, bound: Bound) -> None:
    """A mapping that a person saved names columns that must be there."""
    if bound.mapping.source and bound.missing:
        raise WrongUse(
            f"{file.name}: the mapping of {bound.mapping.source} names columns that are not there: "
            f"{', '.join(bound.missing)}.",
            hint="Export these columns too, or save a mapping without them.",
            code="column_missing",
        )
