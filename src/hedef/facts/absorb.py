"""From sealed batches to segments: read new blocks, fold what they touch, write the differences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from hedef.facts import registry, segments
from hedef.facts.calendars import company_reference
from hedef.facts.engine import history
from hedef.facts.engine.signed import signed_rows
from hedef.facts.segments import Manifest, Segment
from hedef.facts.store import Store
from hedef.ledger import queries as ledger
from hedef.ledger.engine import BatchLine
from hedef.records.engine.kinds import Field

_STEP_ROWS = 2_000_000  # changes read before they are folded (a batch is never cut)
_SLICE_ROWS = 500_000  # changes folded at once


def store_name(kind: str) -> str:
    """Table of the stored changes of a kind."""
    return f"change_{kind}"


@dataclass
class Build:
    """A version of the facts in the making: the segments of `base` and those added since."""

    store: Store
    generation: str
    base: Manifest
    zone: str

    def __post_init__(self) -> None:
        self.fields: dict[str, tuple[Field, ...]] = registry.kept_fields()
        self.kinds: set[str] = set()  # of the blocks read
        self.segments: dict[str, tuple[Segment, ...]] = {}
        for one in self.base.segments:
            self.segments[one.table] = (*self.segments.get(one.table, ()), one)

    def add(self, table: str, rows: pl.DataFrame, *, sign: str, key: str) -> None:
        """Write rows as a segment of the table; nothing for no rows."""
        if rows.is_empty():
            return
        one = segments.write_segment(self.store, self.generation, table, rows, sign=sign, key=key)
        self.segments[table] = (*self.segments.get(table, ()), one)

    def absorb(self, upto: int) -> None:
        """Add everything that the seals after the base's watermark up to `upto` made known."""
        after = self.base.watermark
        for last, frames in self._steps(after, upto):
            self._step(after, last, frames)
            after = last
        for table in registry.stored().values():
            if table.reader is not None and (not table.kinds or self.kinds.intersection(table.kinds)):
                rows = pl.DataFrame(table.reader(self.base.watermark, upto))
                if rows.height:
                    self.add(table.name, table.shaped(rows), sign=table.sign, key=table.key)

    def _steps(self, after: int, upto: int) -> Iterator[tuple[int, dict[str, list[pl.DataFrame]]]]:
        """Changes read from the blocks, in whole seals of together some millions of rows."""
        frames: dict[str, list[pl.DataFrame]] = {}
        rows, last = 0, after
        readers = {kind for table in registry.stored().values() for kind in table.kinds}
        for block in ledger.blocks_after(after, upto, kinds=readers | set(self.fields)):
            self.kinds.add(block.kind)
            if block.kind not in self.fields:
                continue
            if block.seal_no != last and rows >= _STEP_ROWS:
                yield last, frames
                frames, rows = {}, 0
            last = block.seal_no
            frames.setdefault(block.kind, []).append(self._read(block))
            rows += block.table.num_rows
        if upto > after:
            yield upto, frames

    def _read(self, block: ledger.SealedBlock) -> pl.DataFrame:
        table = block.table
        voids = "void_batch" in table.column_names and table.column("void_batch").null_count < table.num_rows
        return history.read_changes(
            pl.DataFrame(table),
            seal_no=block.seal_no,
            batch=block.batch,
            seals=ledger.seals() if voids else {},
            fields=self.fields[block.kind],
            zone=self.zone,
        )

    def _step(self, after: int, upto: int, frames: dict[str, list[pl.DataFrame]]) -> None:
        batches = _batches(after, upto, frames)
        for kind, fields in self.fields.items():
            if kind not in frames and not batches:
                continue
            stored = Stored(self.store, self.segments.get(store_name(kind), ()), fields)
            new = pl.concat(frames.pop(kind)) if kind in frames else stored.empty
            new = history.signed_changes(new, stored, batches, after=after)
            new = new.sort("entity", "known_no", "eff_us", "seal_no", "ord")
            for part in _slices(new):
                self._derive(kind, part, stored, after)
            self.add(store_name(kind), new, sign="sign", key="entity")

    def _derive(self, kind: str, new: pl.DataFrame, stored: "Stored", after: int) -> None:
        old = stored.of_entities(new["entity"].unique())
        known = history.epochs(new, old, after=after)
        states = history.states(known.changes, self.fields[kind], kind, self.zone)
        for table in registry.stored().values():
            if table.kinds == (kind,) and table.derive is not None:
                rows = signed_rows(table, table.derive(states), known)
                self.add(table.name, rows, sign=table.sign, key=table.key)

    def manifest(self, *, version: int, watermark: int, head: str) -> Manifest:
        """The finished version; small segments of a table are written together when they are many."""
        every = {**registry.stored(), **{store_name(kind): None for kind in self.fields}}
        found: list[Segment] = []
        for name, table in sorted(every.items()):
            sign, key = ("sign", "entity") if table is None else (table.sign, table.key)
            have = self.segments.get(name, ())
            found += segments.gathered(self.store, self.generation, have, sign=sign, key=key) if have else ()
        return replace(
            self.base,
            version=version,
            watermark=watermark,
            head=head,
            schema=registry.schema_digest(),
            time_zone=self.zone,
            calendar=company_reference() or "",
            rates=max((one.last_known for one in found if one.table == "rate"), default=0),
            folder=self.generation,
            segments=tuple(found),
        )


def _batches(after: int, upto: int, frames: dict[str, list[pl.DataFrame]]) -> list[BatchLine]:
    """All sealed batches up to `upto` where one after `after` undoes another or voids changes; else none are needed."""
    undoing = any(one.undoes_id for one in ledger.batches(last=None, after=after, upto=upto))
    if not undoing and not any((part["act"] == "void").any() for parts in frames.values() for part in parts):
        return []
    every = ledger.batches(last=None, upto=upto)
    return [BatchLine(one.seal_no or 0, one.undoes.seal_no if one.undoes else None) for one in every]


def _slices(new: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The changes (sorted by entity) in parts of whole entities."""
    start, entity = 0, new["entity"]
    while start < new.height:
        end = min(start + _SLICE_ROWS, new.height)
        end += int(entity.search_sorted(entity[end - 1], side="right")) - end
        yield new.slice(start, end - start)
        start = end


@dataclass
class Stored:
    """The stored changes of a kind (`engine.history.Former`)."""

    store: Store
    parts: tuple[Segment, ...]
    fields: tuple[Field, ...]

    @property
    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=history.store_schema(self.fields))

    def of_entities(self, entities: pl.Series) -> pl.DataFrame:
        if entities.is_empty():
            return self.empty
        low, high = entities.min(), entities.max()
        near = [one for one in self.parts if one.first_entity <= high and low <= one.last_entity]  # type: ignore[operator]
        rows = segments.read_rows(self.store, near)
        if rows is None:
            return self.empty
        span = rows.filter(pl.col("entity").is_between(low, high))
        return span.join(entities.to_frame("entity").lazy(), on="entity", how="semi", maintain_order="left").collect()

    def entities_of_seals(self, seals: Iterable[int]) -> pl.Series:
        wanted = list(seals)
        rows = segments.read_rows(self.store, self.parts)
        if rows is None or not wanted:
            return self.empty["entity"]
        return rows.filter(pl.col("seal_no").is_in(wanted)).select("entity").unique().collect()["entity"]
