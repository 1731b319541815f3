"""Words of a file that a person gives a meaning to: stages of its pipelines, spellings of people and products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from hedef.intake.engine.bind import bind
from hedef.intake.engine.parts import Rows, parts_of
from hedef.intake.engine.shapes import BoundField
from hedef.intake.run import memory, processes
from hedef.intake.run.refs import Book
from hedef.intake.run.unwritten import Unwritten
from hedef.intake.schema import FieldMap
from hedef.intake.schema import Mapping as MappingModel
from hedef.ledger.services import Source
from hedef.records.engine.names import normalise

NAMED = ("person", "product", "team")
LIKELY_ONLY = ("account",)  # shown where a known one is near: a file may name thousands that nobody has yet
_MOST = 50  # words of one kind that a page asks about


@dataclass(frozen=True, slots=True)
class StageWord:
    """A word of the file for a stage of a process. `stage`: what it means, none where nobody knows."""

    process: str
    process_name: str
    word: str
    rows: int
    stage: str | None
    by_hand: bool
    nearest: str | None
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text that names nobody known. `likely`: who may be meant, with the likeness in per cent."""

    kind: str
    column: str
    text: str
    rows: int
    likely: str | None
    score: int
    choices: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Its key among the answers of a person."""
        return f"{self.kind}:{self.text}"


def stage_words(
    mapping: MappingModel, rows: Rows, source: str, chosen: Mapping[str, Mapping[str, str]]
) -> list[StageWord]:
    """Every word of the stage column for each process that exists, unknown ones first.

    A process that the import would make has no stages to choose from yet: its order is a question of its own.
    """
    bound = bind(mapping, rows.header)
    column = _plain(bound.fields.get("stage", ()))
    if column is None:
        return []
    spec = bound.fields["stage"][0].spec
    values = {**(memory.of_source(source, memory.STAGES) or {}), **spec.values}
    pipeline = _plain(bound.fields.get("process", ()))
    own = memory.of_source(source, memory.PROCESSES) or {}  # a second source may have processes of its own
    found = []
    for name, word, many in _counted(rows, column, pipeline):
        wanted = _process_of(mapping, spec, name)
        of = processes.in_force(own.get(wanted, wanted))
        if of is not None:
            found.append(_stage_word(of, word, many, values, chosen.get(of.id, {})))
    return sorted(found, key=lambda one: (one.process, one.stage is not None and not one.by_hand, -one.rows))


def _stage_word(
    of: processes.Process, word: str, rows: int, values: Mapping[str, str], chosen: Mapping[str, str]
) -> StageWord:
    known = processes.stage_in(of, word, values)
    stages = tuple((one.id, one.name) for one in of.stages)
    near = of.nearest(word)
    nearest = next((id_ for id_, name in stages if near and name == near[0]), None)
    given = chosen.get(word)
    return StageWord(of.id, of.id, word, rows, given or known, given is not None, nearest, stages)


def _process_of(mapping: MappingModel, spec: FieldMap, pipeline: str | None) -> str:
    if pipeline and mapping.processes == "each":
        return processes.slug(pipeline)
    return str(spec.process or next(iter(mapping.process_start), "sales"))


def _plain(many: Sequence[BoundField]) -> str | None:
    """The one column whose text is the field's, word for word."""
    if len(many) != 1 or many[0].spec.extract or len(many[0].columns) != 1:
        return None
    return many[0].columns[0]


def _counted(rows: Rows, column: str, pipeline: str | None) -> list[tuple[str | None, str, int]]:
    """Different texts of a column, by pipeline where one is named, with their rows; read part by part."""
    by = [pl.col(column).str.strip_chars().alias("word")]
    by += [pl.col(pipeline).str.strip_chars().alias("pipeline")] if pipeline else []
    counted: dict[tuple[str | None, str], int] = {}
    for part in parts_of(rows, list(dict.fromkeys(name for name in (column, pipeline) if name))):
        told = part.frame.select(by).filter(pl.col("word").fill_null("") != "")
        for row in told.group_by(told.columns, maintain_order=True).len().iter_rows(named=True):
            of = row.get("pipeline"), row["word"]
            counted[of] = counted.get(of, 0) + row["len"]
    return [(name, word, many) for (name, word), many in counted.items()]


def with_stages(mapping: MappingModel, chosen: Mapping[str, Mapping[str, str]]) -> MappingModel:
    """The mapping with words given to stages, each in its own process."""
    told = {f"{process}:{word}": stage for process, words in chosen.items() for word, stage in words.items()}
    if not told or "stage" not in mapping.fields:
        return mapping
    fields = dict(mapping.fields)
    fields["stage"] = tuple(
        one.model_copy(update={"values": {**one.values, **told}}) if one.type == "stage" else one
        for one in fields["stage"]
    )
    return mapping.model_copy(update={"fields": fields})


# --- people, products, teams ------------------------------------------------------------------------------------------


def spellings(mapping: MappingModel, rows: Rows, source: Source, brought: Unwritten) -> list[Spelling]:
    """Texts of the references that name nobody known, with who is likely meant; the most frequent first."""
    bound = bind(mapping, rows.header)
    found: list[Spelling] = []
    seen: set[tuple[str, str]] = set()
    named = [bound.fields, *(part.fields for part in bound.also)]
    made = {part.object for part in bound.also}  # what the very file brings is no unknown word in it
    for many in (many for fields in named for many in fields.values()):
        kind, column = many[0].spec.type, _plain(many)
        if kind not in (*NAMED, *LIKELY_ONLY) or kind in made or column is None:
            continue
        book = Book(kind, source, brought)
        counted = {word: many for _none, word, many in _counted(rows, column, None)}
        unknown = book.resolve(pl.Series("key", list(counted), dtype=pl.String)).unknown.to_list()
        fresh = [text for text in unknown if (kind, text) not in seen]
        seen |= {(kind, text) for text in fresh}
        frequent = sorted(fresh, key=lambda text: -counted[text])
        if kind in LIKELY_ONLY:
            frequent = [one.text for one in book.suggest(frequent)]
        found += _spelled(book, column, frequent[:_MOST], counted)
    return found


def _spelled(book: Book, column: str, texts: Sequence[str], counted: Mapping[str, int]) -> list[Spelling]:
    likely = {one.text: one for one in book.suggest(texts)}
    names = tuple(sorted({(name, name) for name in book.names.values()}, key=lambda pair: normalise(pair[0])))
    if not names:
        return []  # nobody of the kind is known yet: there is nothing to choose
    found = []
    for text in texts:
        one = likely.get(text)
        told: dict[str, Any] = {"likely": one.name if one else None, "score": one.score if one else 0}
        found.append(
            Spelling(book.kind, column, text, counted[text], **told, choices=names if len(names) <= 500 else ())
        )
    return found
