"""Reads of the ledger: head, blocks in seal order, history of an entity, verification of the chain."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa
from django.db.models import Max
from django.utils.translation import gettext as _

from hedef.kernel.errors import NotFound
from hedef.kernel.scope import Scope
from hedef.ledger.engine import PENDING, Change, changes_of, decode, entities_in
from hedef.ledger.models import LedgerBatch, LedgerBlock, LedgerHead, Source
from hedef.ledger.sealed import Link, links, living, newest_of, seals, stamp, undo_lines
from hedef.ledger.verification import verify

__all__ = [
    "Head",
    "Last",
    "SealedBlock",
    "all_open",
    "batch",
    "batches",
    "batches_numbered",
    "blocks_after",
    "blocks_back",
    "blocks_in",
    "blocks_of",
    "changes_in",
    "entities_of_blocks",
    "head",
    "histories",
    "history",
    "kinds_in",
    "links_left",
    "living",
    "newest_of",
    "orders",
    "register_last_finder",
    "register_lasts_finder",
    "register_viewer",
    "seal_at",
    "seals",
    "seen",
    "source_there",
    "stamp",
    "undo_lines",
    "undoings",
    "undone_by",
    "verify",
]


class Last(NamedTuple):
    """Where the newest change of an entity stands."""

    kind: str
    batch: int
    ord: int


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal; number 0 and an empty digest before the first."""

    seal_no: int
    digest: str
    recorded_at: datetime | None


class SealedBlock(NamedTuple):
    """One block of a sealed batch with its decoded change table (metadata `kind`, `fields`)."""

    seal_no: int
    batch: int
    kind: str
    table: pa.Table


type LastFinder = Callable[[int], Last | None]
_finders: list[LastFinder] = []


def register_last_finder(finder: LastFinder) -> None:
    """A room that keeps the state of entities says where the newest change of one stands."""
    if finder not in _finders:
        _finders.append(finder)


type LastsFinder = Callable[[str, Sequence[int]], dict[int, Last]]
_many_finders: list[LastsFinder] = []


def register_lasts_finder(finder: LastsFinder) -> None:
    """The same for many entities of a kind in one question; what it does not answer is asked one by one."""
    if finder not in _many_finders:
        _many_finders.append(finder)


type Viewer = Callable[[str, Sequence[int], Scope], set[int]]
_viewers: list[Viewer] = []


def register_viewer(viewer: Viewer) -> None:
    """A room says which entities of its kinds a scope sees: `viewer(kind, entities, scope) -> the seen ones`."""
    if viewer not in _viewers:
        _viewers.append(viewer)


def seen(kind: str, entities: Sequence[int], scope: Scope) -> set[int]:
    """Those of `entities` that `scope` may see; what no room answers for is seen only by who sees everything."""
    if scope.everything:
        return set(entities)
    return set().union(*(viewer(kind, entities, scope) for viewer in _viewers))


def head() -> Head:
    """The newest seal."""
    row = LedgerHead.objects.filter(pk=1).first()
    return Head(0, "", None) if row is None else Head(row.seal_no, row.digest, row.recorded_at)


def source_there(name: str) -> Source | None:
    """The source of that name, where something was read from it before."""
    return Source.objects.filter(name=name).first()


def blocks_after(
    seal_no: int, upto: int | None = None, *, kinds: set[str] | None = None, words: bool = False
) -> Iterator[SealedBlock]:
    """Blocks of the batches sealed after `seal_no` up to `upto`, in order. Undone batches are among them."""
    batches = LedgerBatch.objects.filter(seal_no__gt=seal_no)
    if upto is not None:
        batches = batches.filter(seal_no__lte=upto)
    for number, seal in batches.order_by("seal_no").values_list("pk", "seal_no"):
        assert seal is not None
        blocks = LedgerBlock.objects.filter(batch_id=number).order_by("seq")
        if kinds is not None:
            blocks = blocks.filter(kind__in=kinds)
        if not words:
            blocks = blocks.defer("words")
        for block in blocks.iterator(chunk_size=4):
            yield SealedBlock(seal, number, block.kind, decode(block, words=words))


def blocks_of(kind: str, places: Collection[tuple[int, int]] | None = None) -> Iterator[tuple[int, pa.Table]]:
    """Every block of a kind with its words as (batch, change table): of sealed batches and of those still open.

    Only those at `places` (batch, seq) when given.
    """
    for block in _counting_blocks(kind, places):
        yield block.batch_id, decode(block)


def entities_of_blocks(kind: str) -> Iterator[tuple[tuple[int, int], pa.ChunkedArray]]:
    """For the same blocks their place (batch, seq) and the entity of each row."""
    for block in _counting_blocks(kind, None):
        yield (block.batch_id, block.seq), entities_in(block)


def _counting_blocks(kind: str, places: Collection[tuple[int, int]] | None) -> Iterator[LedgerBlock]:
    rows = LedgerBlock.objects.filter(kind=kind).exclude(batch__state="abandoned").order_by("batch_id", "seq")
    if places is None:
        yield from rows.iterator(chunk_size=4)
        return
    for batch, seq in sorted(places):
        yield from rows.filter(batch_id=batch, seq=seq)


def kinds_in(no: int) -> list[str]:
    """The kinds of which a batch holds blocks, by name."""
    return sorted(set(LedgerBlock.objects.filter(batch_id=no).values_list("kind", flat=True)))


def links_left(kind: str, *, beside: int | None = None) -> Iterator[tuple[int, pa.Table]]:
    """Blocks of abandoned batches (but `beside`) as (batch, numbers): their rows are links of chains, no changes.

    Columns entity, ord, and prev_batch, prev_ord where any row has them.
    """
    rows = LedgerBlock.objects.filter(kind=kind, batch__state="abandoned").exclude(batch_id=beside)
    for block in rows.defer("words").iterator(chunk_size=4):
        yield block.batch_id, decode(block, words=False)


def blocks_back(no: int, *, kind: str) -> Iterator[tuple[LedgerBlock, pa.Table]]:
    """Stored blocks of one kind of a batch, the newest first, each with its numbers drawer; open or not."""
    rows = LedgerBlock.objects.filter(batch_id=no, kind=kind).order_by("-seq")
    for seq in list(rows.values_list("seq", flat=True)):  # who reads may delete the one it was given
        block = rows.defer("words").get(seq=seq)
        yield block, decode(block, words=False)


def blocks_in(
    no: int, *, kind: str, words: bool = False, seqs: Collection[int] | None = None
) -> Iterator[tuple[int, pa.Table]]:
    """Blocks of one kind of a batch in their order as (seq, change table), those of `seqs` alone when given; open or
    not. For who writes a batch and must know what it holds so far."""
    rows = LedgerBlock.objects.filter(batch_id=no, kind=kind).order_by("seq")
    rows = rows if seqs is None else rows.filter(seq__in=seqs)
    for block in (rows if words else rows.defer("words")).iterator(chunk_size=4):
        yield block.seq, decode(block, words=words)


def all_open() -> frozenset[int]:
    """Numbers of the batches that are open now."""
    rows = LedgerBatch.objects.filter(seal_no__isnull=True, state="open")  # by the index of seals
    return frozenset(rows.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Orders(Mapping[int, int]):
    sealed: Mapping[int, int]
    opened: Mapping[int, int]

    def __getitem__(self, number: int) -> int:
        found = self.opened.get(number)
        return self.sealed[number] if found is None else found

    def __contains__(self, number: object) -> bool:
        return number in self.opened or number in self.sealed

    def __iter__(self) -> Iterator[int]:
        yield from self.opened
        yield from (number for number in self.sealed if number not in self.opened)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def orders(own: int | None = None) -> Mapping[int, int]:
    """The number by which each batch that counts is ordered: its seal, or PENDING and more while it is open.

    For who keeps the state of records: `own`, the batch being written, comes last of all. Abandoned ones are missing.
    """
    opened = {number: PENDING + number + (_LAST if number == own else 0) for number in all_open()}
    return _Orders(seals(), opened)


_LAST = 1 << 60  # above every batch number


def batch(no: int) -> LedgerBatch:
    """The batch B-`no`; NotFound otherwise."""
    found = LedgerBatch.objects.select_related("source", "undoes").filter(pk=no).first()
    if found is None:
        raise NotFound(
            _("There is no batch B-%(number)s.") % {"number": no},
            hint=_("The page Batches and hedef ledger show list the newest ones."),
        )
    return found


def batches_numbered(numbers: Collection[int]) -> dict[int, LedgerBatch]:
    """The batches of these numbers, open ones too; nothing for a number that no batch has."""
    wanted = sorted(set(numbers))
    found: dict[int, LedgerBatch] = {}
    for start in range(0, len(wanted), 500):
        found |= LedgerBatch.objects.select_related("source").in_bulk(wanted[start : start + 500])
    return found


def batches(*, last: int | None = 20, after: int = 0, upto: int | None = None) -> list[LedgerBatch]:
    """Sealed batches with `after` < seal number <= `upto`, newest first, at most `last`."""
    rows = LedgerBatch.objects.select_related("source", "undoes").filter(seal_no__gt=after)
    if upto is not None:
        rows = rows.filter(seal_no__lte=upto)
    return list(rows.order_by("-seal_no")[:last])


def undone_by(no: int) -> LedgerBatch | None:
    """The living batch that undoes B-`no`, if there is one."""
    undoing = list(LedgerBatch.objects.filter(undoes_id=no, seal_no__isnull=False).order_by("-seal_no"))
    alive_now = living() if undoing else frozenset()
    return next((one for one in undoing if one.seal_no in alive_now), None)


def undoings(numbers: Collection[int]) -> dict[int, LedgerBatch]:
    """The living batch that undoes each of the batches, for those that one undoes."""
    rows = list(LedgerBatch.objects.filter(undoes_id__in=list(numbers), seal_no__isnull=False).order_by("seal_no"))
    alive_now = living() if rows else frozenset()
    return {one.undoes_id: one for one in rows if one.undoes_id is not None and one.seal_no in alive_now}


def seal_at(instant: datetime) -> int:
    """The newest seal number recorded at `instant` or before; 0 when there is none."""
    return LedgerBatch.objects.filter(recorded_at__lte=instant).aggregate(top=Max("seal_no"))["top"] or 0


Tables = dict[tuple[int, int], pa.Table]


def histories(wanted: Collection[tuple[str, int]]) -> dict[int, list[Change]]:
    """`history` of many entities, given as (kind, entity): each block is read once, each kind asked once."""
    by_kind: dict[str, list[int]] = {}
    for kind, entity in sorted(set(wanted)):
        by_kind.setdefault(kind, []).append(entity)
    lasts: dict[int, Last] = {}
    for kind, entities in by_kind.items():
        for finder in _many_finders:
            lasts |= finder(kind, entities)
    tables, known = Tables(), seals()
    return {entity: history(entity, last=lasts.get(entity), tables=tables, known=known) for _, entity in set(wanted)}


def history(
    entity: int, *, last: Last | None = None, tables: Tables | None = None, known: Mapping[int, int] | None = None
) -> list[Change]:
    """All sealed changes of one entity, oldest recorded first, undone and voided ones too. Words are read.

    Walks from the newest change (`last`, or asked from the room that keeps the entity) through `prev_batch, prev_ord`;
    changes of open and abandoned batches are links of that chain and no part of the answer.
    Whoever asks for many in a row lends `tables`, which keeps the blocks that were read, and `known` (`seals()`; with
    `orders()` the changes of open batches are answered too).
    """
    at = last or _newest(entity)
    known, tables = seals() if known is None else known, {} if tables is None else tables
    while at is not None:
        try:
            return _walk(at, tables, known)
        except NotFound:  # a batch was abandoned while we read: its rows are no longer in the chain
            before, at = at, _newest(entity)
            if at == before:
                raise
    return []


def _newest(entity: int) -> Last | None:
    return next((at for finder in _finders if (at := finder(entity)) is not None), None)


def _walk(last: Last, tables: Tables, known: Mapping[int, int]) -> list[Change]:
    found: list[Change] = []
    kept = links()
    place: tuple[int, int] | None = (last.batch, last.ord)
    while place is not None:
        link = kept.get(place)
        if link is None:
            link = _link(place, tables, known)
            kept.put(place, known.get(place[0]), link)
        if place[0] in known:
            found += link[0]
        place = link[1]
    return sorted(found, key=lambda change: change.number)  # two open batches may have written in turns


def _link(place: tuple[int, int], tables: Tables, known: Mapping[int, int]) -> Link:
    number, ord_ = place
    row = _row(tables, number, ord_)
    told = changes_of(row, seal_no=known[number], batch=number, seals=known) if number in known else ()
    before = row.column("prev_batch")[0].as_py() if "prev_batch" in row.column_names else None
    return tuple(told), None if before is None else (before, row.column("prev_ord")[0].as_py())


def changes_in(no: int, *, first: int = 0, limit: int = 50) -> list[Change]:
    """Changes of one batch in the order they were recorded, from `first`, at most `limit`. Words are read."""
    found: list[Change] = []
    known = seals()
    blocks = LedgerBlock.objects.filter(batch_id=no, first_ord__lt=first + limit).exclude(batch__state="abandoned")
    for seq, at, n in blocks.order_by("first_ord").values_list("seq", "first_ord", "n"):
        start, end = max(first, at), min(first + limit, at + n)
        if start < end:
            table = decode(LedgerBlock.objects.get(batch_id=no, seq=seq)).slice(start - at, end - start)
            found += changes_of(table, seal_no=known.get(no, PENDING), batch=no, seals=known)
    return found


def _row(tables: Tables, number: int, ord_: int) -> pa.Table:
    for (of, first), table in tables.items():
        if of == number and first <= ord_ < first + table.num_rows:
            return table.slice(ord_ - first, 1)
    block = LedgerBlock.objects.filter(batch_id=number, first_ord__lte=ord_).order_by("-first_ord").first()
    if block is None or ord_ >= block.first_ord + block.n:  # let go: the batch was abandoned
        raise NotFound(f"Batch B-{number} holds no change {ord_}.", hint="hedef ledger verify checks every block.")
    table = tables[number, block.first_ord] = decode(block)
    return table.slice(ord_ - block.first_ord, 1)
