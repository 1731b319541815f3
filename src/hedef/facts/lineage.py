"""Which versions of the facts belong to the ledger as it is: it may have been rolled back or restored since."""

from hedef.facts import registry, segments
from hedef.facts.segments import Manifest
from hedef.facts.store import Store
from hedef.ledger import queries as ledger
from hedef.ledger.browsing import seals_between

_LOOK_BACK = 50  # versions; a transaction that was rolled back has absorbed but a few


def is_whole(found: Manifest, head: ledger.Head) -> bool:
    """Whether a version knows exactly the ledger up to `head`."""
    same = found.watermark == head.seal_no and found.head == head.digest
    return same and found.schema == registry.schema_digest()


def standing(store: Store, head: ledger.Head, *, zone: str) -> Manifest | None:
    """The newest version whose seals are the ledger's; none when all must be built again. `zone` is the company's.

    A version can know seals that the ledger does not: of a transaction that is still open or was rolled back, or of a
    database that was restored from an older copy. Such versions are passed over, and come back if the seals do.
    """
    newest = segments.newest(store)
    if newest is None:
        return None
    if is_whole(newest, head):
        return newest
    for version in range(newest.version, max(newest.version - _LOOK_BACK, 0), -1):
        found = newest if version == newest.version else segments.read_version(store, version)
        if found is not None and _continues(found, head, zone):
            return found
    return None


def _continues(found: Manifest, head: ledger.Head, zone: str) -> bool:
    """Whether new seals can be added to this version: same rules, same company zone, and its seals are the ledger's."""
    if found.schema != registry.schema_digest() or found.watermark > head.seal_no or found.time_zone != zone:
        return False
    return found.watermark == 0 or digest_at(found.watermark) == found.head


def digest_at(seal_no: int) -> str:
    """Digest of the ledger at a seal; empty before the first."""
    found = seals_between(seal_no - 1, seal_no)
    return found[0][1] if found else ""
