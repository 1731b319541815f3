"""The chain of sealed batches as a process knows it: read once, later only what was sealed since.

The digest of the head covers all batches before it, so equal digests mean an equal chain, in whatever database it lies.
What was read is only added to; each view of it ends at the seal that its reader saw.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from django.db import connection

from hedef.ledger.engine import BatchLine, Change, dead
from hedef.ledger.models import LedgerBatch

type Stamp = tuple[int, str]
NO_SEAL: Stamp = (0, "")
_ASKED = ("definition", "undo", "erase")


def stamp() -> Stamp:
    """Number and digest of the newest seal, without a model: it is asked before everything that is kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seal_no, digest FROM ledger_head WHERE id = 1")
        row = cursor.fetchone()
    return NO_SEAL if row is None else (int(row[0]), str(row[1]))


@dataclass
class _Chain:
    """Batches in the order of their seals, which have no gaps: the first one has seal 1."""

    digests: list[str] = field(default_factory=lambda: [""])  # by seal
    seals: dict[int, int] = field(default_factory=dict)  # by batch
    undos: list[BatchLine] = field(default_factory=list)
    kinds: dict[str, list[int]] = field(default_factory=dict)  # seals of the kinds that `newest_of` is asked for
    dead: dict[int, frozenset[int]] = field(default_factory=dict)  # by the number of undos that are known

    def stands(self, at: Stamp) -> bool:
        """Whether the chain goes as far as a seal and says the same of it."""
        return at[0] < len(self.digests) and self.digests[at[0]] == at[1]

    def read(self, upto: int) -> bool:
        """Take what was sealed up to `upto`; false where it does not follow what is known."""
        rows = LedgerBatch.objects.filter(seal_no__gt=len(self.digests) - 1, seal_no__lte=upto).order_by("seal_no")
        told = rows.values_list("pk", "seal_no", "digest", "prev_digest", "kind", "undoes__seal_no")
        for number, seal, digest, before, kind, undone in told.iterator():
            if seal != len(self.digests) or before != self.digests[-1]:
                return False
            self.seals[number] = seal
            if undone is not None:
                self.undos.append(BatchLine(seal, undone))
            asked = kind if undone is None else "undo"
            if asked in _ASKED:
                self.kinds.setdefault(asked, []).append(seal)
            self.digests.append(digest)
        return True


_lock = Lock()
_known = _Chain()


def _chain(at: Stamp) -> _Chain | None:
    """The chain up to a seal; none for a ledger whose seals do not follow each other (`ledger.verify` says where)."""
    global _known
    with _lock:
        if _known.stands(at):
            return _known
        if at[0] >= len(_known.digests) and _known.read(at[0]) and _known.stands(at):
            return _known
        fresh = _Chain()
        if not fresh.read(at[0]) or not fresh.stands(at):
            return None
        _known = fresh
        return fresh


@dataclass(frozen=True, slots=True)
class Seals(Mapping[int, int]):
    """Seal number of every sealed batch by its number, up to a seal."""

    known: Mapping[int, int]
    upto: int

    def __getitem__(self, number: int) -> int:
        seal = self.known[number]
        if seal > self.upto:
            raise KeyError(number)
        return seal

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.known.get(number, self.upto + 1) <= self.upto

    def __iter__(self) -> Iterator[int]:
        return (number for number, seal in list(self.known.items()) if seal <= self.upto)

    def __len__(self) -> int:
        return self.upto


@dataclass(frozen=True, slots=True, eq=False)
class Living(Set[int]):
    """Seal numbers of the batches that count at a seal: all up to it, but those that are dead."""

    upto: int
    dead: frozenset[int]

    def __contains__(self, seal: object) -> bool:
        return isinstance(seal, int) and 1 <= seal <= self.upto and seal not in self.dead

    def __iter__(self) -> Iterator[int]:
        return (seal for seal in range(1, self.upto + 1) if seal not in self.dead)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @classmethod
    def _from_iterable(cls, seals: Iterable[int]) -> frozenset[int]:  # type: ignore[override]  # what `&` and `-` give
        return frozenset(seals)


def seals() -> Mapping[int, int]:
    """Seal number of every sealed batch by its batch number."""
    at = stamp()
    chain = _chain(at)
    if chain is None:
        rows = LedgerBatch.objects.filter(seal_no__isnull=False).values_list("pk", "seal_no")
        return {number: seal for number, seal in rows if seal is not None}
    return Seals(chain.seals, at[0])


def newest_of(kind: Literal["definition", "undo", "erase"]) -> Stamp:
    """The newest sealed batch of a kind: what rests on such batches alone stays as it is until there is another."""
    at = stamp()
    chain = _chain(at)
    if chain is None:
        return at  # then nothing is kept longer than a seal
    seal = next((seal for seal in reversed(chain.kinds.get(kind, ())) if seal <= at[0]), 0)
    return seal, chain.digests[seal]


def undo_lines(upto: int | None = None) -> list[BatchLine]:
    """The sealed batches that undo another one, oldest first: all that `engine.dead` must see."""
    at = stamp()
    chain, last = _chain(at), at[0] if upto is None else min(upto, at[0])
    if chain is None:
        rows = LedgerBatch.objects.filter(seal_no__lte=last, undoes__seal_no__isnull=False).order_by("seal_no")
        return [BatchLine(seal or 0, undone) for seal, undone in rows.values_list("seal_no", "undoes__seal_no")]
    return chain.undos[: _count(chain.undos, last)]


def living(known_no: int | None = None) -> Living:
    """Seal numbers of the batches that count at `known_no`: sealed by then and not undone."""
    at = stamp()
    chain, last = _chain(at), at[0] if known_no is None else min(known_no, at[0])
    if chain is None:
        return Living(last, dead(undo_lines(last)))
    count = _count(chain.undos, last)
    gone = chain.dead.get(count)
    if gone is None:
        if len(chain.dead) > _KEPT:
            chain.dead = {}
        gone = chain.dead[count] = dead(chain.undos[:count])
    return Living(last, gone)


_KEPT = 8


def _count(undos: list[BatchLine], upto: int) -> int:
    """How many of the undos were sealed by then; nearly always all."""
    count = len(undos)
    while count and undos[count - 1].seal_no > upto:
        count -= 1
    return count


# --- changes that were read ------------------------------------------------------------------------------------------

type Place = tuple[int, int]  # batch, ord
type Link = tuple[tuple[Change, ...], Place | None]  # the changes of a row, and where the one before it stands
_MOST_LINKS = 20_000
_links: dict[tuple[str, str, int], Link] = {}


@dataclass(frozen=True, slots=True)
class Links:
    """Rows of sealed batches as they were read: they never change, but for words that an erasure blanks."""

    digest_of: Callable[[int], Stamp | None]
    erased: str

    def get(self, place: Place) -> Link | None:
        sealed = self.digest_of(place[0])
        return None if sealed is None else _links.get((sealed[1], self.erased, place[1]))

    def put(self, place: Place, seal: int | None, link: Link) -> None:
        """Keep what was read, if the reader knew the batch by the seal that it has (it may have been open then)."""
        sealed = self.digest_of(place[0])
        if sealed is None or sealed[0] != seal:
            return
        if len(_links) >= _MOST_LINKS:
            _links.clear()
        _links[sealed[1], self.erased, place[1]] = link


def links() -> Links:
    """What is kept of rows, as far as the ledger goes for this reader."""
    at = stamp()
    chain, erased = _chain(at), newest_of("erase")[1]

    def digest_of(batch: int) -> Stamp | None:
        seal = None if chain is None else chain.seals.get(batch)
        return None if chain is None or seal is None or seal > at[0] else (seal, chain.digests[seal])

    return Links(digest_of, erased)


def forget_links() -> None:
    """Words are about to be blanked."""
    _links.clear()
