"""Words blanked by law: in every block of the ledger, with a sealed list that says so. No number is touched.

A block keeps the words digest that it was sealed with; the `erase` batch lists the blocks and their new digests, so the
chain still verifies and says what was erased.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from hedef.ledger.browsing import sealed_of_kind
from hedef.ledger.engine import blank, owners_of, sha256
from hedef.ledger.models import LedgerBatch, LedgerBlock
from hedef.ledger.sealed import forget_links, newest_of

type Place = tuple[int, int]  # batch, seq


@dataclass(frozen=True, slots=True)
class Erasure:
    """One sealed erasure: its batch, the entity it was asked for, all that were blanked, and where."""

    batch: int
    kind: str
    entity: int
    entities: tuple[int, ...]
    blocks: Mapping[Place, str]
    asked: bool  # by the person; otherwise the words were kept for their time


def erasures() -> list[Erasure]:
    """Every sealed erasure, oldest first."""
    return [
        Erasure(
            one.pk,
            str(one.object),
            one.counts["entity"],
            tuple(one.counts["entities"]),
            {(place["batch"], place["seq"]): place["words"] for place in one.counts["blocks"]},
            one.counts["asked"],
        )
        for one in sealed_of_kind("erase")
    ]


def kept_out() -> frozenset[int]:
    """Everybody who asked to be erased: their words are not taken again."""
    seal_no, digest = newest_of("erase")
    return _kept_out(digest) if seal_no else frozenset()


@lru_cache(maxsize=4)
def _kept_out(newest: str) -> frozenset[int]:  # noqa: ARG001 - the chain's digest says whether the answer still holds
    return frozenset(entity for one in erasures() if one.asked for entity in one.entities)


def erased_words() -> dict[Place, str]:
    """The digest that the words of each blanked block have now."""
    found: dict[Place, str] = {}
    for one in erasures():
        found |= one.blocks
    return found


def blocks_with(
    wanted: Mapping[str, Collection[int]], *, beside: Collection[Place] = ()
) -> tuple[list[Place], list[Place]]:
    """Blocks that may hold words of these entities (by kind), and all that were looked at. Abandoned batches too.

    Blocks of `beside` were looked at before.
    """
    found, looked = list[Place](), list[Place]()
    for kind, entities in wanted.items():
        among = pa.array(sorted(entities), pa.int64())
        rows = LedgerBlock.objects.filter(kind=kind, words__isnull=False)
        seen = set(beside)
        for place in rows.order_by("batch_id", "seq").values_list("batch_id", "seq"):
            if place in seen:
                continue
            block = rows.defer("words").get(batch_id=place[0], seq=place[1])
            looked.append(place)
            if pc.any(pc.is_in(owners_of(block), value_set=among)).as_py():
                found.append(place)
    return found, looked


def blank_words(places: Collection[Place], entities: Collection[int]) -> tuple[dict[Place, str], int]:
    """Blank the words of these entities in the blocks, inside a transaction.

    Answers the new digests of those sealed, and how many changes had words. A block of a batch that is not sealed has
    its own digest anew: nothing covers it yet.
    """
    forget_links()
    digests, changes = dict[Place, str](), 0
    sealed = set(LedgerBatch.objects.filter(state="sealed").values_list("pk", flat=True))
    for batch, seq in places:
        block = LedgerBlock.objects.select_for_update().get(batch_id=batch, seq=seq)
        blanked = blank(block, entities, salt=secrets.token_bytes(16))
        if blanked is None:
            continue
        words, rows = blanked
        told = {"words": words} if batch in sealed else {"words": words, "words_digest": sha256(words)}
        LedgerBlock.objects.filter(batch_id=batch, seq=seq).update(**told)
        changes += rows
        if batch in sealed:
            digests[batch, seq] = sha256(words)
    return digests, changes
