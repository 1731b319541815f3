"""What a page shows of a file before it is imported: its columns, what becomes of them, and the dry run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hedef.definitions.queries import list_in_force
from hedef.facts.queries import calendar
from hedef.intake import byhand, documents, wordings
from hedef.intake.answer import ImportAnswers
from hedef.intake.drafts import Draft
from hedef.intake.engine.bind import bind
from hedef.intake.engine.custom import is_custom
from hedef.intake.engine.guess import guess, samples_of
from hedef.intake.engine.key import candidates
from hedef.intake.engine.parts import Rows
from hedef.intake.engine.shapes import Bound, Sniffed
from hedef.intake.models import TrustState
from hedef.intake.run.call import Report, silent
from hedef.intake.run.control import ROWS
from hedef.intake.run.foreseen import Foreseen, Sums
from hedef.intake.run.one import object_of
from hedef.intake.run.sheet import (
    Received,
    Recognised,
    only_text,
    receive,
    recognise,
    rows_of,
    sniff_received,
    unknown_answers,
)
from hedef.intake.run.unwritten import Unwritten
from hedef.intake.schema import Mapping as MappingModel
from hedef.intake.services import run_import
from hedef.intake.wordings import Spelling, StageWord
from hedef.kernel.errors import HedefError, NeedsDecision, WrongUse
from hedef.ledger.queries import source_there
from hedef.ledger.services import Source

_SURE = 0.9
_FREE = ("field", "check", "choose", "aside")  # a person may choose what such a column becomes


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column: three values of it, the field it fills (none: none), and how that is known.

    `state`: key, field, currency, time, also (another record of the row), compared; or check (a suggestion of 0.9 and
    more), choose, aside (left out).
    """

    name: str
    samples: tuple[str, ...]
    field: str | None
    state: str
    suggestion: str | None = None
    by_hand: bool = False
    sure: bool = True

    @property
    def free(self) -> bool:
        return self.state in _FREE or self.by_hand


@dataclass(frozen=True)
class FileLook:
    """One file of a draft. `fault` says why it cannot be read; then nothing else is there.

    `strange`: no known shape, so a person says what it holds (`object`) and which column is its `key`.
    """

    stored: str
    name: str
    vendor: str | None = None
    object: str | None = None
    encoding: str = ""
    separator: str = ""
    rows: int = 0
    columns: tuple[ColumnLook, ...] = ()
    choices: tuple[str, ...] = ()
    strange: bool = False
    key: str | None = None
    keys: tuple[str, ...] = ()
    saved: bool = False
    currency: str | None = None  # what amounts are read in where no column says it
    fault: HedefError | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A total of all living deals before and after: status, currency, minor units and number of deals."""

    status: str
    currency: str | None
    before: int
    after: int
    count_before: int
    count_after: int


@dataclass(frozen=True)
class Look:
    """The draft as far as it can be seen: files, the questions that stop it, or what an import would do."""

    files: tuple[FileLook, ...]
    questions: tuple[dict[str, Any], ...] = ()
    answers: tuple[dict[str, Any], ...] = ()  # hedef.import/1 of each file
    checks: tuple[TrustState, ...] = ()
    moved: tuple[Moved, ...] = ()
    stages: tuple[StageWord, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    fault: HedefError | None = None

    @property
    def ready(self) -> bool:
        return not self.questions and self.fault is None and any(one["object"] for one in self.answers)


@dataclass
class _Known:
    """A file of the draft, recognised: shipped, saved or made by hand; `mapping` only where a person made it."""

    stored: str
    file: Received
    recognised: Recognised | None = None
    rows: Rows | None = None
    samples: dict[str, list[str]] = field(default_factory=dict)
    mapping: MappingModel | None = None
    strange: bool = False
    unplaced: MappingModel | None = None  # before words were given to stages
    asked: tuple[dict[str, Any], ...] = ()  # which sheet or list of the file is meant
    fault: HedefError | None = None

    @property
    def used(self) -> MappingModel | None:
        return self.mapping or (self.recognised.mapping if self.recognised else None)


def look_at(draft: Draft, *, report: Report = silent) -> Look:
    """Read the files of a draft and run the import without writing anything."""
    report("look", 0, len(draft.files))
    known = [_know(draft, stored) for stored in draft.files]
    look = Look(tuple(_file(draft, one) for one in known), tuple(told for one in known for told in one.asked))
    if look.questions or any(one.fault is not None or (one.strange and one.mapping is None) for one in known):
        return look
    look = replace(look, stages=_stages(draft, known))
    seen = _Seen()
    try:
        answers = _run(draft, known, look=seen.after, report=report)
    except NeedsDecision as asked:
        alone = _spellings(draft, known, seen.told.unwritten) if len(known) == 1 else ()
        return replace(look, questions=tuple(asked.decisions), spellings=alone)
    except HedefError as fault:
        return replace(look, fault=fault)
    told = tuple(one.as_json() for one in answers.files)
    look = replace(look, spellings=_spellings(draft, known, seen.told.unwritten))
    return replace(look, answers=told, checks=tuple(seen.told.checks), moved=seen.moved(answers))


def _stages(draft: Draft, known: list["_Known"]) -> tuple[StageWord, ...]:
    """Words for stages that a person may have to explain, of the files that are read with a mapping."""
    found: dict[tuple[str, str], StageWord] = {}
    for one, used, rows in _mapped(known):
        words = wordings.stage_words(one.unplaced or used, rows, draft.source or used.vendor, draft.stages)
        found |= {(word.process, word.word): word for word in words}
    return tuple(found.values())


def _spellings(draft: Draft, known: list["_Known"], brought: Unwritten) -> tuple[Spelling, ...]:
    """Texts that name nobody, neither here nor in what the files of the upload bring themselves (`brought`)."""
    found: dict[str, Spelling] = {}
    for _one, used, rows in _mapped(known):
        source = draft.source or used.vendor
        there = source_there(source) or Source(pk=0, name=source)
        found |= {text.name: text for text in wordings.spellings(used, rows, there, brought)}
    return tuple(found.values())


def _mapped(known: list["_Known"]) -> list[tuple["_Known", MappingModel, Rows]]:
    return [(one, one.used, one.rows) for one in known if one.used is not None and one.rows is not None]


def import_draft(draft: Draft, *, report: Report = silent) -> ImportAnswers:
    """Import the files of a draft as the person has mapped and answered them; all of them or none."""
    known = [_know(draft, stored) for stored in draft.files]
    for one in known:
        if one.fault is not None:
            raise one.fault
        if one.asked:
            raise NeedsDecision(str(one.asked[0]["message"]), decisions=list(one.asked))
        if one.strange and one.mapping is None:
            told = _("%(name)s: what it holds was not said.") % {"name": one.file.name}
            raise WrongUse(told, hint=_("Choose it, or leave the file out."))
    return _run(draft, known, report=report)


def _run(draft: Draft, known: list[_Known], *, look: Any = None, report: Report = silent) -> ImportAnswers:
    mappings = {str(one.file.given): one.mapping for one in known if one.mapping is not None}
    headers = [one.rows.header for one in known if one.rows is not None]
    strange = unknown_answers(draft.decide, headers)  # answers for a file that was left out since
    return run_import(
        files=draft.paths,
        names=draft.names,
        mappings=mappings,
        actor=draft.actor,
        source=draft.source,
        decide={name: value for name, value in draft.decide.items() if name not in strange},
        yes=True,
        spellings_open=True,
        control_totals={code: told for code, told in draft.control.items() if code != ROWS},
        control_rows=int(draft.control[ROWS]) if ROWS in draft.control else None,
        dry_run=look is not None,
        look=look,
        progress=report,
    )


class _Seen:
    """What a rehearsal comes to; nothing of it was written."""

    def __init__(self) -> None:
        self.told = Foreseen((), {}, {})

    def after(self, told: Foreseen) -> None:
        self.told = told

    def moved(self, answers: ImportAnswers) -> tuple[Moved, ...]:
        if not any(one.object in ("deal", "deal_history") for one in answers.files):
            return ()
        before, after = self.told.before, self.told.after
        places = sorted({*before, *after}, key=lambda one: (one[1] is None, str(one[1]), one[0] != "won"))
        lines = [_moved(str(one[0]), one[1], before, after) for one in places if one[0] in ("won", "open")]
        return tuple(one for one in lines if (one.before, one.count_before) != (one.after, one.count_after))


def _moved(status: str, currency: Any, before: Sums, after: Sums) -> Moved:
    (was, of), (told, now_of) = before.get((status, currency), (0, 0)), after.get((status, currency), (0, 0))
    return Moved(status, currency, was, told, of, now_of)


# --- files ------------------------------------------------------------------------------------------------------------


def _know(draft: Draft, stored: str) -> _Known:
    """The file as far as it can be recognised; a fault stands in it, none is raised."""
    path, name = draft.folder / stored, draft.files[stored]
    known = _Known(stored, Received(path, name, "", 0))
    try:
        limit = settings.HEDEF.upload_limit_mb * 1024 * 1024
        known.file = only_text(receive(path, name, limit_bytes=limit), draft.decide, draft.unfolded(stored))
        _recognise(draft, known)
    except NeedsDecision as asked:
        known.asked = tuple({**one, "column": f"{one['file']}: {one['column']}"} for one in asked.decisions)
    except HedefError as fault:
        known.fault = fault
    return known


def _recognise(draft: Draft, known: _Known) -> None:
    try:
        known.recognised = recognise(known.file, object_=None, mapping=None, kept=lambda v, h: _kept(draft, v, h))
    except WrongUse as fault:
        if fault.error_code != "unknown_object":
            raise
        known.strange = True
    if known.recognised is not None and not known.recognised.sniffed.readable:
        raise _unreadable(known.file.name, known.recognised.sniffed)
    if known.recognised is not None and known.recognised.mapping is None:
        return
    sniffed = known.recognised.sniffed if known.recognised else sniff_received(known.file)
    known.rows = rows_of(known.file, sniffed, settings.HEDEF.row_limit)
    known.samples = samples_of(known.rows.part(0).frame, known.rows.header)
    known.mapping = _by_hand(draft, known)
    known.unplaced = known.used
    if known.used is not None and draft.stages and "stage" in known.used.fields:
        known.mapping = wordings.with_stages(known.used, draft.stages)


def _unreadable(name: str, sniffed: Sniffed) -> WrongUse:
    """Why there is nothing to read, for a person at the page."""
    empty = any(one.code == "empty_file" for one in sniffed.issues)
    text = _("%(name)s is empty.") if empty else _("%(name)s is no table of text.")
    hint = _("Export it again; at least a header line is needed.") if empty else _("Export the records as CSV.")
    return WrongUse(text % {"name": name}, hint=hint, issues=sniffed.issues)


def _kept(draft: Draft, vendor: str | None, header: tuple[str, ...]) -> MappingModel | None:
    return documents.saved(draft.source or vendor or "files", None, header)


def _by_hand(draft: Draft, known: _Known) -> MappingModel | None:
    """The mapping as the person made it; none where nothing was changed."""
    assert known.rows is not None
    base, chosen = known.used, draft.columns.get(known.stored) or {}
    object_ = draft.objects.get(known.stored)
    if known.strange:
        if object_ not in byhand.OBJECTS:
            return None
        processes = list_in_force("process")
        sole = processes[0].id if len(processes) == 1 else None
        key = draft.keys.get(known.stored) or draft.decide.get("key")
        base = byhand.made_up(known.rows, known.samples, object_, key=key, process=sole)
        return byhand.adjusted(base, known.rows.header, chosen)
    return byhand.adjusted(base, known.rows.header, chosen) if base is not None and chosen else None


def _file(draft: Draft, known: _Known) -> FileLook:
    name, used, rows = known.file.name, known.used, known.rows
    if known.fault is not None:
        return FileLook(known.stored, name, fault=known.fault)
    if rows is None:
        return FileLook(known.stored, name)
    sniffed = rows.sniffed
    plain = FileLook(
        known.stored,
        name,
        encoding=sniffed.encoding,
        separator=sniffed.separator,
        rows=rows.rows,
        strange=known.strange,
        keys=candidates(rows) if known.strange else (),
    )
    if used is None:
        columns = tuple(ColumnLook(one, tuple(known.samples[one][:3]), None, "aside") for one in rows.header)
        return replace(plain, columns=columns)
    object_ = object_of(used)
    bound = bind(used, rows.header)
    chosen = draft.columns.get(known.stored) or {}
    guesses = {one.column: one for one in guess(bound.unmapped, known.samples, object_)}
    columns = tuple(_column(bound, one, known.samples[one], guesses, chosen) for one in rows.header)
    if known.strange:
        unsure = {one.column for one in guess(rows.header, known.samples, object_) if one.confidence < _SURE}
        columns = tuple(replace(one, sure=one.name not in unsure or one.by_hand) for one in columns)
    return replace(
        plain,
        vendor=used.vendor,
        object=object_,
        columns=columns,
        choices=tuple(byhand.choices(object_)),
        key=next(iter(bound.key), None),
        saved=bool(used.source) and known.mapping is None,
        currency=calendar().base_currency if _without_currency(bound) else None,
    )


def _without_currency(bound: Bound) -> bool:
    """Amounts are read, and nothing in the file or its mapping says in which currency."""
    money = [one for one in bound.all_fields() if one.spec.type == "money"]
    return any(one.currency_column is None and one.spec.currency_code is None for one in money)


def _column(
    bound: Bound, column: str, samples: list[str], guesses: Mapping[str, Any], chosen: Mapping[str, str]
) -> ColumnLook:
    three, by_hand, own = tuple(samples[:3]), column in chosen, bound.mapping.shape == byhand.SHAPE
    filled = next((name for name, many in bound.fields.items() for one in many if column in one.columns), None)
    if filled is not None and is_custom(filled):
        filled = byhand.CUSTOM
    if column in bound.key and not own:
        return ColumnLook(column, three, filled, "key")
    if filled is not None:
        return ColumnLook(column, three, filled, "field", by_hand=by_hand)
    if use := _other_use(bound, column):
        state, name = use
        return ColumnLook(column, three, name, "field" if own and name == byhand.CURRENCY else state, by_hand=by_hand)
    told = guesses.get(column)
    if told is None or told.field is None or told.field in bound.fields:
        return ColumnLook(column, three, None, "aside" if told is None else "choose", by_hand=by_hand)
    state = "check" if told.confidence >= _SURE else "choose"
    return ColumnLook(column, three, None, state, told.field, by_hand)


def _other_use(bound: Bound, column: str) -> tuple[str, str | None] | None:
    """What else a column does: it names a currency, dates changes, makes another record, is only compared."""
    if any(one.currency_column == column for one in bound.all_fields()):
        return "currency", byhand.CURRENCY
    stage_columns = {one.column for one in bound.history.stages} if bound.history else set()
    history = bound.history
    named = {history.entity, history.actor, history.field, history.value, history.old_value} if history else set()
    moments = [bound.modified_at, *bound.times.values(), *bound.stage_times.values()]
    moments += [history.effective] if history else []
    if column in stage_columns or any(one is not None and column in one.columns for one in moments):
        return "time", None
    if column in named:
        return "field", None
    for part in bound.also:
        for name, many in part.fields.items():
            if column in part.key or any(column in one.columns for one in many):
                return "also", name
    if any(column in one.columns for one in bound.checks.values()):
        return "compared", None
    ends = [one for one in (bound.deleted, bound.merged_into, bound.merged) if one is not None]
    return ("time", None) if any(column in one.columns for one in ends) else None
