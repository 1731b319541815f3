"""References in words become entities: by the source's id, a confirmed spelling, e-mail, domain or exact name.

Nothing is joined by likeness. A likely match is offered with its score; a person confirms it once, then the spelling
is an alias of that source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from hedef.intake.run import keys
from hedef.intake.run.unwritten import NAMES, Unwritten
from hedef.kernel.ids import parse
from hedef.ledger.services import Source
from hedef.records.engine.kinds import KINDS
from hedef.records.engine.names import normalise
from hedef.records.queries import aliases, columns_of, living_named, size_of

LOADED = 50_000  # records of a kind that are read at once
LIKELY = 90  # ratio from which a match is offered
AHEAD = 5  # and how far the second must be behind
_ASKED = 500  # texts for which likeness is looked up; a file with more unknown names has another fault
_NAME = {"product": ("name", "code"), "team": ("name", "handle"), "order": ("number",), "invoice": ("number",)}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely match for a text that matches nothing exactly. `clear`: nobody else is near."""

    kind: str
    text: str
    entity: int
    name: str
    score: int
    clear: bool


@dataclass(frozen=True)
class Resolved:
    """`entities` int64 a row (null where blank or unknown); `unknown` the texts without a match."""

    entities: pl.Series
    unknown: pl.Series


@dataclass
class Book:
    """All entities of one kind as one source may name them. Forget it when the kind has changed.

    Up to `LOADED` records are read at once; of larger kinds only what a text asks for, and nothing is offered by
    likeness: a file of a million accounts has ids.
    """

    kind: str
    source: Source
    unwritten: Unwritten = field(default_factory=Unwritten)
    _suggestions: dict[str, Suggestion | None] = field(default_factory=dict)
    _asked: dict[str, int | None] = field(default_factory=dict)  # texts of a large kind that were looked up

    @cached_property
    def is_large(self) -> bool:
        return size_of(self.kind, most=LOADED + 1) > LOADED

    @cached_property
    def by_key(self) -> pl.DataFrame:
        return keys.known(self.source, self.kind, self.unwritten).select("key", "entity")

    def _keyed(self, texts: pl.Series) -> pl.DataFrame:
        """`key, entity` for distinct texts, null where the source has no such id."""
        asked = pl.DataFrame({"key": texts, "kept": keys.as_stored(self.source, self.kind, texts)})
        known = keys.known(self.source, self.kind, self.unwritten, asked["kept"]) if self.is_large else self.by_key
        known = known.select(pl.col("key").alias("kept"), "entity")
        return asked.join(known, on="kept", how="left", maintain_order="left").drop("kept")

    @cached_property
    def _living(self) -> list[dict[str, Any]]:
        wanted = [one for one in NAMES if one in KINDS[self.kind].names]
        told = columns_of(self.kind, ["entity", "ended_us", *wanted])
        living = [dict(zip(("entity", *wanted), (row[0], *row[2:]), strict=True)) for row in told if row[1] is None]
        return [*living, *map(dict, self.unwritten.names_of(self.kind, wanted))]

    @cached_property
    def _name_columns(self) -> tuple[str, ...]:
        return _NAME.get(self.kind, ("name",) if "name" in KINDS[self.kind].names else ())

    @cached_property
    def names(self) -> Mapping[int, str]:
        spelled = (
            (row["entity"], next((row[one] for one in self._name_columns if row[one]), None)) for row in self._living
        )
        return {entity: text for entity, text in spelled if text}

    @cached_property
    def by_name(self) -> Mapping[str, int]:
        """Only names that mean one entity."""
        return _unique(
            (normalise(row[one]), row["entity"]) for row in self._living for one in self._name_columns if row[one]
        )

    @cached_property
    def _shared(self) -> Mapping[str, tuple[int, ...]]:
        """Names that mean several entities: they mean nobody until a person says which."""
        found: dict[str, dict[int, None]] = {}
        for row in self._living:
            for one in self._name_columns:
                if row[one]:
                    found.setdefault(normalise(row[one]), {})[row["entity"]] = None
        return {name: tuple(entities) for name, entities in found.items() if len(entities) > 1}

    def sharing(self, text: str) -> tuple[int, ...]:
        """The entities that share a name; empty when it is the name of one or of nobody."""
        if self.is_large:
            found = {entity for entity, _ in living_named(self.kind, self._name_columns, [text])}
            return tuple(sorted(found)) if len(found) > 1 else ()
        return self._shared.get(normalise(text), ())

    def by_number(self, text: str) -> int | None:
        """The living entity of a spelled id such as P-17; None for anything else."""
        try:
            kind, entity = parse(text)
        except ValueError:
            return None
        if kind not in (None, self.kind):
            return None
        told = columns_of(self.kind, ["entity", "ended_us"], entities=[entity])
        return entity if told and told[0][1] is None else None

    def _exact(self, column: str) -> Mapping[str, int]:
        if column not in KINDS[self.kind].names:
            return {}
        return _unique((row[column].strip().casefold(), row["entity"]) for row in self._living if row[column])

    @cached_property
    def by_email(self) -> Mapping[str, int]:
        return self._exact("email")

    @cached_property
    def by_domain(self) -> Mapping[str, int]:
        return self._exact("domain")

    @cached_property
    def by_alias(self) -> Mapping[str, int]:
        return {**aliases(self.source, self.kind), **self.unwritten.aliases.get((self.source.pk, self.kind), {})}

    def by_id(self, texts: pl.Series) -> pl.Series:
        """Entities by the source's ids alone."""
        found = self._keyed(texts.drop_nulls().unique(maintain_order=True))
        return pl.DataFrame({"key": texts}).join(found, on="key", how="left", maintain_order="left")["entity"]

    def resolve(self, texts: pl.Series, *, by_key: bool = True) -> Resolved:
        """Entities of a whole column. `by_key`: the source's ids are tried first."""
        spelled = texts.drop_nulls().unique(maintain_order=True)
        if by_key:
            found = self._keyed(spelled)
        else:
            found = pl.DataFrame({"key": spelled}).with_columns(pl.lit(None, dtype=pl.Int64).alias("entity"))
        left = found.filter(pl.col("entity").is_null())["key"]
        by_words = {text: entity for text, entity in self._worded(left).items() if entity is not None}
        if by_words:
            words = pl.DataFrame({"key": list(by_words), "worded": list(by_words.values())})
            found = found.join(words, on="key", how="left", maintain_order="left").select(
                "key", pl.coalesce("entity", "worded").alias("entity")
            )
        column = pl.DataFrame({"key": texts}).join(found, on="key", how="left", maintain_order="left")
        return Resolved(column["entity"], found.filter(pl.col("entity").is_null())["key"])

    def _worded(self, texts: pl.Series) -> dict[str, int | None]:
        if not self.is_large:
            return {text: self._in_words(text) for text in texts}
        unasked = [text for text in texts if text not in self._asked]
        if len(self._asked) > LOADED:
            self._asked.clear()
        if unasked:
            self._asked.update(self._looked_up(unasked))
        return {text: self._asked.get(text) for text in texts}

    def _looked_up(self, texts: Sequence[str]) -> dict[str, int | None]:
        """Texts of a large kind, asked from the database at once."""
        named = _unique(
            (normalise(text), entity) for entity, text in living_named(self.kind, self._name_columns, texts)
        )
        exact = [one for one in ("email", "domain") if one in KINDS[self.kind].names]
        folded = _unique((text.strip().casefold(), entity) for entity, text in living_named(self.kind, exact, texts))
        found: dict[str, int | None] = {}
        for text in texts:
            key = normalise(text)
            entity = self.by_alias.get(key)
            entity = named.get(key) if entity is None else entity
            found[text] = folded.get(text.strip().casefold()) if entity is None else entity
        return found

    def _in_words(self, text: str) -> int | None:
        key = normalise(text)
        for book in (self.by_alias, self.by_name):
            if (entity := book.get(key)) is not None:
                return entity
        exact = text.strip().casefold()
        if "@" in exact and (entity := self.by_email.get(exact)) is not None:
            return entity
        return self.by_domain.get(exact)

    def suggest(self, texts: Iterable[str]) -> list[Suggestion]:
        """Likely matches of unknown texts, best first in the order of the texts."""
        found: list[Suggestion] = []
        if self.is_large:
            return found
        for text in list(texts)[:_ASKED]:
            if text not in self._suggestions:
                self._suggestions[text] = self._likely(text)
            if (one := self._suggestions[text]) is not None:
                found.append(one)
        return found

    def _likely(self, text: str) -> Suggestion | None:
        key = normalise(text)
        if not key or "@" in text:
            return None
        near = process.extract(key, self._choices, scorer=fuzz.ratio, limit=5, score_cutoff=LIKELY - AHEAD)
        if not near or near[0][1] < LIKELY:
            return None
        name, score = near[0][:2]
        entity = self.by_name.get(name)
        if entity is None:  # two share it: a person says which one by its number
            return None
        second = next((one[1] for one in near[1:] if self.by_name.get(one[0]) != entity), 0)
        return Suggestion(self.kind, text, entity, self.names.get(entity, name), int(score), score - second >= AHEAD)

    @cached_property
    def _choices(self) -> list[str]:
        return [*self.by_name, *self._shared]


def _unique(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Spellings that mean one entity; what two share means nobody."""
    found: dict[str, int] = {}
    shared: set[str] = set()
    for text, entity in pairs:
        if found.setdefault(text, entity) != entity:
            shared.add(text)
    return {text: entity for text, entity in found.items() if text and text not in shared}
