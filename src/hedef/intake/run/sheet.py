"""A file as it comes in: received, sniffed, recognised, mapped, decided, typed. Nothing is written here."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from hedef.intake.engine.bind import bind
from hedef.intake.engine.decide import Decided, decide_table
from hedef.intake.engine.detect import detect
from hedef.intake.engine.key import decide_key
from hedef.intake.engine.read import line_numbers, read_table
from hedef.intake.engine.shapes import Bound, BoundField, Column, Decision, Detection, Sniffed, TextTable, TypedTable
from hedef.intake.engine.shipped import shipped_mapping
from hedef.intake.engine.sniff import sniff
from hedef.intake.engine.typed import Reading, read_column, read_fields
from hedef.intake.schema import Mapping as MappingModel
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.issue import Issue


@dataclass(frozen=True, slots=True)
class Received:
    """A file on the disk and what identifies it. `name` is what the person called it."""

    path: Path
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Sheet:
    """One file, read as far as it can be without writing. `bound` is none where there is nothing to import."""

    file: Received
    sniffed: Sniffed
    table: TextTable
    detection: Detection
    bound: Bound
    decided: Decided
    reading: Reading
    typed: TypedTable
    asked: tuple[Decision, ...]
    issues: tuple[Issue, ...]

    @property
    def object(self) -> str:
        return str(self.bound.mapping.object)

    @cached_property
    def lines(self) -> pl.Series:
        """Physical line of every row; the careful reader counts them, so ask only when a row is to be shown."""
        return self.table.lines if self.table.lines is not None else line_numbers(self.file.path, self.sniffed)

    def column(self, field: BoundField) -> Column:
        """One more column of the file, read as a field."""
        return read_column(self.table, self.bound, self.decided, self.reading, field)

    def file_json(self) -> dict[str, Any]:
        return file_json(self.file, self.sniffed, len(self.table.skipped))


@dataclass(frozen=True)
class NoSheet:
    """A file without records: empty, no text, or one that describes data."""

    file: Received
    sniffed: Sniffed
    detection: Detection | None
    issues: tuple[Issue, ...]

    def file_json(self) -> dict[str, Any]:
        return file_json(self.file, self.sniffed, self.sniffed.skipped_lines)


def receive(path: Path, name: str | None = None, *, limit_bytes: int) -> Received:
    """The file with its digest. NotFound and WrongUse name the path and the cure."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", hint="Give the path of a CSV file.")
    size = path.stat().st_size
    if size > limit_bytes:
        raise WrongUse(
            f"{path.name} has {size:,} bytes; the limit is {limit_bytes:,}.",
            hint="Split the export, or raise HEDEF_UPLOAD_LIMIT_MB.",
            code="too_large",
        )
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return Received(path, name or path.name, digest.hexdigest(), size)


def file_json(file: Received, sniffed: Sniffed, skipped: int) -> dict[str, Any]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "encoding": sniffed.encoding,
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
    file: Received, *, object_: str | None, mapping: MappingModel | None, kept: Kept = _none_kept
) -> Recognised:
    """Whose file it is and how it is read: as a person says now, as one said before (`kept`), else as shipped.

    WrongUse for a shape nobody knows.
    """
    sniffed = sniff(file.path, file_name=file.name)
    if not sniffed.readable:
        return Recognised(file, sniffed, None, None)
    detection = detect(sniffed.header)
    mapping = mapping or kept(detection.vendor if detection.accepted else None, sniffed.header)
    if mapping is None and detection.describes_data:
        return Recognised(file, sniffed, detection, None)
    return Recognised(file, sniffed, detection, mapping or _shipped(file, detection, object_))


def open_sheet(
    known: Recognised,
    *,
    decide: Mapping[str, str],
    saved: Sequence[Decision],
    zone: str,
    currency: str,
    far_after: date,
    row_limit: int,
) -> Sheet | NoSheet:
    """Read a recognised file as far as possible without writing; questions stand in `asked`."""
    file, sniffed, detection = known.file, known.sniffed, known.detection
    if known.mapping is None or detection is None:
        note = Issue("not_data", "info", f"{file.name} describes data; it holds no records.")
        return NoSheet(file, sniffed, detection, sniffed.issues if detection is None else (*sniffed.issues, note))
    table = read_table(file.path, sniffed)
    if table.rows > row_limit:
        raise WrongUse(
            f"{file.name} has {table.rows:,} rows; the limit is {row_limit:,}.",
            hint="Split the export, or raise HEDEF_ROW_LIMIT.",
            code="too_large",
        )
    bound = bind(known.mapping, table.header)
    _check_columns(file, bound)
    bound, key = decide_key(table, bound, decide)
    decided = decide_table(table, bound, person=decide, saved=saved)
    if key is not None:
        decided = Decided((key, *decided.decisions), decided.issues)
    reading = Reading(zone=zone, currency=currency, far_after=far_after)
    typed = read_fields(table, bound, decided, reading)
    issues = (*table.issues, *decided.issues)
    return Sheet(file, sniffed, table, detection, bound, decided, reading, typed, decided.questions, issues)


def _shipped(file: Received, detection: Detection, object_: str | None) -> MappingModel:
    if not detection.accepted or detection.vendor is None or detection.mapping is None:
        near = f" (nearest: {detection.vendor}/{detection.shape}, {detection.score:.2f})" if detection.vendor else ""
        raise WrongUse(
            f"{file.name}: its columns fit no known export{near}.",
            hint="Upload it on the page Data, which asks what each column is, or name a mapping with --mapping FILE.",
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


def _check_columns(file: Received, bound: Bound) -> None:
    """A mapping that a person saved names columns that must be there."""
    if bound.mapping.source and bound.missing:
        raise WrongUse(
            f"{file.name}: the mapping of {bound.mapping.source} names columns that are not there: "
            f"{', '.join(bound.missing)}.",
            hint="Export these columns too, or save a mapping without them.",
            code="column_missing",
        )
