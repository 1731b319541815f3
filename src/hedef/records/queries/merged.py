"""Which records became part of others: the living merges."""

from typing import NamedTuple

from hedef.ledger.browsing import sealed_of_kind
from hedef.ledger.queries import living


class Merge(NamedTuple):
    """A living merge: whose record it was, whose it is now (as said then), and the batch that says so."""

    kind: str
    loser: int
    survivor: int
    batch: int


def merges() -> list[Merge]:
    """Every merge that counts now, oldest first."""
    alive = living()
    return [
        Merge(str(one.object), one.counts["loser"], one.counts["survivor"], one.pk)
        for one in sealed_of_kind("merge")
        if one.seal_no in alive
    ]


def survivors() -> dict[int, int]:
    """`{loser: record that it is part of today}`, chains followed to their end."""
    into = {one.loser: one.survivor for one in merges()}
    return {loser: _end_of(into, loser) for loser in into}


def survivor(entity: int) -> int:
    """The record that an entity is part of today; itself where it was not merged."""
    return _end_of({one.loser: one.survivor for one in merges()}, entity)


def losers(entity: int) -> list[int]:
    """All records that are part of an entity today, lowest first."""
    return sorted(loser for loser, into in survivors().items() if into == entity)


def _end_of(into: dict[int, int], entity: int) -> int:
    seen = {entity}
    while entity in into and into[entity] not in seen:
        entity = into[entity]
        seen.add(entity)
    return entity
