"""What a page shows of a file before it is imported: its columns, what becomes of them, and the dry run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hedef.intake.answer import ImportAnswer, ImportAnswers
from hedef.intake.drafts import SKIP, Draft
from hedef.intake.engine.bind import bind
from hedef.intake.engine.guess import field_types, guess, samples_of
from hedef.intake.engine.read import read_table
from hedef.intake.engine.shapes import Bound, BoundField
from hedef.intake.run.one import RANK, object_of
from hedef.intake.run.sheet import Recognised, receive, recognise
from hedef.intake.schema import FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.intake.services import run_import
from hedef.kernel.errors import HedefError, NeedsDecision

_SURE = 0.9


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column: three values of it, the field it fills (none: left out), and how sure that is."""

    name: str
    samples: tuple[str, ...]
    field: str | None
    state: str  # key, sure, check, choose, aside
    suggestion: str | None
    by_hand: bool


@dataclass(frozen=True)
class FileLook:
    """One file of a draft. `fault` says why it cannot be read; then nothing else is there."""

    name: str
    vendor: str | None
    object: str | None
    encoding: str
    separator: str
    rows: int
    skipped: int
    columns: tuple[ColumnLook, ...]
    choices: tuple[str, ...]
    fault: HedefError | None = None


@dataclass(frozen=True)
class Look:
    """The draft as far as it can be seen: files, the questions that stop it, or what an import would do."""

    files: tuple[FileLook, ...]
    questions: tuple[dict[str, Any], ...]
    answers: tuple[ImportAnswer, ...]
    fault: HedefError | None

    @property
    def ready(self) -> bool:
        return not self.questions and self.fault is None and any(one.object for one in self.answers)


def look_at(draft: Draft) -> Look:
    """Read the files of a draft and run the import without writing anything."""
    files = tuple(_file(draft, stored) for stored in draft.files)
    try:
        answers = import_draft(draft, dry_run=True)
    except NeedsDecision as asked:
        return Look(files, tuple(asked.decisions), (), None)
    except HedefError as fault:
        return Look(files, (), (), fault)
    return Look(files, (), answers.files, None)


def import_draft(draft: Draft, *, dry_run: bool = False) -> ImportAnswers:
    """Import the files of a draft as the person has mapped and answered them; all of them or none.

    A file with columns mapped by hand is read alone, with its own mapping, so such drafts go file by file in the
    order that references need.
    """
    common: dict[str, Any] = {
        "actor": draft.actor,
        "source": draft.source,
        "decide": draft.decide,
        "yes": True,
        "dry_run": dry_run,
    }
    if not any(draft.columns.values()):
        return run_import(files=draft.paths, names=draft.names, **common)
    answers: list[ImportAnswer] = []
    for stored in sorted(draft.files, key=lambda one: _rank(draft, one)):
        known, mapping = _mapped(draft, stored)
        path = str(known.file.path)
        one = run_import(files=[path], names={path: known.file.name}, mapping=mapping, **common)
        answers += one.files
    return ImportAnswers(tuple(answers))


def _rank(draft: Draft, stored: str) -> int:
    known, mapping = _mapped(draft, stored)
    found = mapping or known.mapping
    return RANK.get(object_of(found), 50) if found is not None else 99


def _recognise(draft: Draft, stored: str) -> Recognised:
    limit = settings.HEDEF.upload_limit_mb * 1024 * 1024
    file = receive(draft.folder / stored, draft.files[stored], limit_bytes=limit)
    return recognise(file, object_=None, mapping=None)


def _mapped(draft: Draft, stored: str) -> tuple[Recognised, MappingModel | None]:
    """The file, and its mapping where a person changed it (none: the shipped one)."""
    known = _recognise(draft, stored)
    chosen = draft.columns.get(draft.files[stored]) or {}
    if known.mapping is None or not chosen:
        return known, None
    return known, adjusted(known.mapping, known.sniffed.header, chosen)


def adjusted(mapping: MappingModel, header: tuple[str, ...], chosen: Mapping[str, str]) -> MappingModel:
    """The mapping with some columns read as other fields; `-` leaves a column out."""
    types = field_types(object_of(mapping))
    bound = bind(mapping, header)
    taken = set(chosen)
    fields: dict[str, tuple[FieldMap, ...]] = {}
    for name, specs in mapping.fields.items():
        kept = tuple(
            spec
            for spec, one in ((spec, _bound_of(bound, name, spec)) for spec in specs)
            if one is None or not taken & set(one.columns)
        )
        if kept:
            fields[name] = kept
    for column, name in chosen.items():
        if name == SKIP:
            continue
        same = next((spec for spec in mapping.fields.get(name, ()) if _reads(bound, name, spec, column)), None)
        spec = same or FieldMap(column=(column,), type=types[name])
        fields[name] = (spec, *(one for one in fields.get(name, ()) if one is not spec))
    ignore = (*mapping.ignore, *(column for column, name in chosen.items() if name == SKIP))
    return mapping.model_copy(update={"fields": fields, "ignore": ignore})


def _bound_of(bound: Bound, name: str, spec: FieldMap) -> BoundField | None:
    return next((one for one in bound.fields.get(name, ()) if one.spec is spec), None)


def _reads(bound: Bound, name: str, spec: FieldMap, column: str) -> bool:
    one = _bound_of(bound, name, spec)
    return one is not None and column in one.columns


def _file(draft: Draft, stored: str) -> FileLook:
    name = draft.files[stored]
    try:
        known, mapping = _mapped(draft, stored)
    except HedefError as fault:
        return FileLook(name, None, None, "", "", 0, 0, (), (), fault)
    sniffed, chosen = known.sniffed, draft.columns.get(name) or {}
    used = mapping or known.mapping
    if used is None:
        return FileLook(name, None, None, sniffed.encoding, sniffed.separator, 0, sniffed.skipped_lines, (), ())
    table = read_table(known.file.path, sniffed)
    samples = samples_of(table.frame, table.header)
    object_ = object_of(used)
    bound = bind(used, table.header)
    guesses = {one.column: one for one in guess(bound.unmapped, samples, object_)}
    columns = tuple(_column(bound, column, samples.get(column, []), guesses, chosen) for column in table.header)
    choices = tuple(sorted(field_types(object_)))
    vendor = used.vendor
    return FileLook(
        name, vendor, object_, sniffed.encoding, sniffed.separator, table.rows, len(table.skipped), columns, choices
    )


def _column(
    bound: Bound, column: str, samples: list[str], guesses: Mapping[str, Any], chosen: Mapping[str, str]
) -> ColumnLook:
    three = tuple(samples[:3])
    by_hand = column in chosen
    if column in bound.key:
        return ColumnLook(column, three, None, "key", None, by_hand)
    field = next((name for name, many in bound.fields.items() for one in many if column in one.columns), None)
    if field is not None:
        return ColumnLook(column, three, field, "sure", None, by_hand)
    told = guesses.get(column)
    if told is None:
        return ColumnLook(column, three, None, "aside", None, by_hand)
    if told.field is not None and told.field not in bound.fields:
        state = "check" if told.confidence >= _SURE else "choose"
        return ColumnLook(column, three, None, state, told.field, by_hand)
    return ColumnLook(column, three, None, "choose", None, by_hand)
