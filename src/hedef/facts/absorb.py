"""From sealed batches to segments: read new blocks, fold what they touch, write the differences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from hedef.facts import registry, segments
from hedef.facts.calendars import company_reference
from hedef.facts.compaction import Compactor, Shape, turned_keys
from hedef.facts.engine import history, small
from hedef.facts.engine.signed import signed_rows
from hedef.facts.incoming import Incoming, in_turn
from hedef.facts.segments import Manifest, Segment
from hedef.facts.store import Store
from hedef.ledger import queries as ledger
from hedef.ledger.browsing import kinds_of_seals, seals_between
from hedef.ledger.engine import BatchLine, dead
from hedef.records.engine.kinds import Field

_TOGETHER = 250_000  # rows of a table that are written as one segment
_WAITING = 40_000_000  # bytes of rows of all tables that wait to be written
_FEW_FORMER = 2_000  # stored changes of the entities touched, up to which plain loops are faster


def store_name(kind: str) -> str:
    """Table of the stored changes of a kind."""
    return f"change_{kind}"


def table_shapes() -> dict[str, Shape]:
    """Every table that has segments, with what compaction must know of it."""
    derived = {name: Shape(one.sign, one.key, one.measures) for name, one in registry.stored().items()}
    changes = {store_name(kind): Shape("sign", "entity", order=None) for kind in registry.kept_fields()}
    return dict(sorted((derived | changes).items()))


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
        self.seals: Mapping[int, int] = {}
        self.waiting: dict[str, list[pl.DataFrame]] = {}
        for one in self.base.segments:
            self.segments[one.table] = (*self.segments.get(one.table, ()), one)

    def add(self, table: str, rows: pl.DataFrame, *, sign: str, key: str) -> None:
        """Take rows of the table; they are written as segments of some size."""
        if rows.is_empty():
            return
        waiting = self.waiting.setdefault(table, [])
        waiting.append(rows)
        if sum(one.height for one in waiting) >= _TOGETHER:
            self._write(table, sign=sign, key=key)
        while sum(sizes := [_size(one) for one in self.waiting.values()]) > _WAITING:
            largest = list(self.waiting)[sizes.index(max(sizes))]
            shape = table_shapes()[largest]
            self._write(largest, sign=shape.sign, key=shape.key)

    def _write(self, table: str, *, sign: str, key: str) -> None:
        """Write the rows that wait as one segment; nothing when none do."""
        rows = self.waiting.pop(table, [])
        if rows:
            fine, together = table.startswith(store_name("")), pl.concat(rows)
            one = segments.write_segment(self.store, self.generation, table, together, sign=sign, key=key, fine=fine)
            self.segments[table] = (*self.segments.get(table, ()), one)

    def absorb(self, upto: int) -> None:
        """Add everything that the seals after the base's watermark up to `upto` made known."""
        after = self.base.watermark
        with self.store.scratch() as scratch:
            incoming = self._read_all(Incoming(scratch), after, upto)
            batches = _batches(after, upto, voids=bool(incoming.voids))
            turned = kinds_of_seals(_toggled(batches or (), after)).intersection(self.fields)
            for kind in sorted(incoming.kinds() | turned):
                stays = kind not in turned and kind not in incoming.voids
                self._absorb_kind(kind, incoming, None if stays else batches, after, upto)
        for table in registry.stored().values():
            # an undo has no blocks: it may bring back or take away changes of any kind
            if table.reader is not None and (
                not table.kinds or batches is not None or self.kinds.intersection(table.kinds)
            ):
                rows = pl.DataFrame(table.reader(self.base.watermark, upto))
                if rows.height:
                    self.add(table.name, table.shaped(rows), sign=table.sign, key=table.key)

    def _read_all(self, incoming: Incoming, after: int, upto: int) -> Incoming:
        readers = {kind for table in registry.stored().values() for kind in table.kinds}
        for block in ledger.blocks_after(after, upto, kinds=readers | set(self.fields)):
            self.kinds.add(block.kind)
            if block.kind in self.fields:
                incoming.add(block.kind, self._read(block))
        return incoming

    def _read(self, block: ledger.SealedBlock) -> pl.DataFrame:
        table = block.table
        voids = "void_batch" in table.column_names and table.column("void_batch").null_count < table.num_rows
        return history.read_changes(
            pl.DataFrame(table),
            seal_no=block.seal_no,
            batch=block.batch,
            seals=self._seals() if voids else {},
            fields=self.fields[block.kind],
            zone=self.zone,
        )

    def _seals(self) -> Mapping[int, int]:
        if not self.seals:
            self.seals = ledger.seals()
        return self.seals

    def _absorb_kind(
        self, kind: str, incoming: Incoming, undoing: Sequence[BatchLine] | None, after: int, upto: int
    ) -> None:
        if undoing is None and (few := incoming.few(kind)) is not None and self._absorb_few(kind, few, after):
            return
        batches = undoing or []
        name, toggled = store_name(kind), _toggled(batches, after)
        turned = self._stored(kind).entities_of_seals(toggled)
        for low, high in incoming.ranges(kind, turned):
            rows = pl.concat([self._stored(kind).empty, *incoming.rows(kind, low, high)])
            for first, last, part in in_turn(rows, after, upto):
                stored = replace(self._stored(kind), low=low, high=high)
                known = [one for one in batches if one.seal_no <= last]
                new = history.signed_changes(part, stored, known, after=first)
                new = history.in_order(new, ["entity", "known_no", "eff_us", "seal_no", "ord"])
                self._derive(kind, new, stored, first)
                self.add(name, new, sign="sign", key="entity")
                if last < upto:  # the next run reads these rows
                    self._write(name, sign="sign", key="entity")

    def _absorb_few(self, kind: str, new: pl.DataFrame, after: int) -> bool:
        """The same for a handful of changes in plain loops; false where a table of the kind has no such rule."""
        tables = [one for one in registry.stored().values() if one.kinds == (kind,) and one.derive is not None]
        if any(one.small is None for one in tables):
            return False
        old = self._stored(kind).of_entities(new["entity"])
        if old.height > _FEW_FORMER:
            return False
        fields = self.fields[kind]
        found: dict[str, list[tuple[Any, ...]]] = {one.name: [] for one in tables}
        for steps in small.histories(old.to_dicts(), new.to_dicts(), after):
            epochs = [(seal_no, small.states_of(known, fields, kind, self.zone)) for seal_no, known in steps]
            for one in tables:
                if one.small is not None:
                    found[one.name] += small.signed(one.small, tuple(one.columns), one.measures, epochs, after)
        for one in tables:
            rows = pl.DataFrame(found[one.name], schema=one.polars_schema, orient="row")
            self.add(one.name, rows, sign=one.sign, key=one.key)
        self.add(store_name(kind), new, sign="sign", key="entity")
        return True

    def _stored(self, kind: str) -> "Stored":
        return Stored(self.store, self.segments.get(store_name(kind), ()), self.fields[kind])

    def _derive(self, kind: str, new: pl.DataFrame, stored: "Stored", after: int) -> None:
        old = stored.of_entities(new["entity"].unique())
        known = history.epochs(new, old, after=after)
        states = history.states(known.changes, self.fields[kind], kind, self.zone)
        for table in registry.stored().values():
            if table.kinds == (kind,) and table.derive is not None:
                rows = signed_rows(table, table.derive(states), known)
                self.add(table.name, rows, sign=table.sign, key=table.key)

    @property
    def _calendar_may_differ(self) -> bool:
        return "document" in self.kinds or not self.base.calendar

    def manifest(self, *, version: int, watermark: int, head: str, thorough: bool = False) -> Manifest:
        """The finished version; small segments of a table are written together when they are many (`compaction`)."""
        shapes = table_shapes()
        for name, shape in shapes.items():
            self._write(name, sign=shape.sign, key=shape.key)
        tables = [(self.segments[name], shape) for name, shape in shapes.items() if name in self.segments]
        compactor, turned = Compactor(self.store, self.generation), turned_keys(tables)
        found: list[Segment] = []
        for parts, shape in tables:
            found += compactor.gathered(parts, shape, thorough=thorough, turned=shape.key in turned)
        return replace(
            self.base,
            version=version,
            watermark=watermark,
            head=head,
            schema=registry.schema_digest(),
            time_zone=self.zone,
            calendar=company_reference() or "" if self._calendar_may_differ else self.base.calendar,
            rates=max((one.last_known for one in found if one.table == "rate"), default=0),
            folder=self.generation,
            segments=tuple(found),
        )


def _size(frames: Sequence[pl.DataFrame]) -> int:
    return int(sum(one.estimated_size() for one in frames))


def _batches(after: int, upto: int, *, voids: bool) -> list[BatchLine] | None:
    """All batches up to `upto` that undo another one where a batch after `after` does or voids changes; else none."""
    if not voids and not any(undoes for _, _, undoes in seals_between(after, upto)):
        return None
    return ledger.undo_lines(upto)


def _toggled(batches: Sequence[BatchLine], after: int) -> list[int]:
    """Seals whose changes an undo after `after` makes count or not count."""
    found: set[int] = set()
    for one in batches:
        if one.seal_no > after and one.undoes is not None:
            found |= dead(batches, one.seal_no - 1) ^ dead(batches, one.seal_no)
    return sorted(found)


@dataclass
class Stored:
    """The stored changes of a kind (`engine.history.Former`)."""

    store: Store
    parts: tuple[Segment, ...]
    fields: tuple[Field, ...]
    low: int | None = None  # only entities from here
    high: int | None = None  # to here

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
        if low == high:  # one edit: no join
            return rows.filter(pl.col("entity") == low).collect()
        span = rows.filter(pl.col("entity").is_between(low, high))
        return span.join(entities.to_frame("entity").lazy(), on="entity", how="semi", maintain_order="left").collect()

    def entities_of_seals(self, seals: Iterable[int]) -> pl.Series:
        wanted = sorted(seals)
        near = [one for one in self.parts if any(one.first_known <= seal <= one.last_known for seal in wanted)]
        rows = segments.read_rows(self.store, near)  # a change is first known at its own seal
        if rows is None:
            return self.empty["entity"]
        rows = rows.filter(pl.col("seal_no").is_in(wanted))
        if self.low is not None and self.high is not None:
            rows = rows.filter(pl.col("entity").is_between(self.low, self.high))
        return rows.select("entity").unique().collect()["entity"]
