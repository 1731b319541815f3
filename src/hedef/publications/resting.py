"""What was published and rests on a batch: whoever takes the batch back hears of it first."""

from collections.abc import Sequence

from hedef.ledger.acts import Resting
from hedef.ledger.browsing import first_effective_us
from hedef.ledger.services import LedgerBatch
from hedef.publications.models import Publication


def resting_on(batch: LedgerBatch) -> Sequence[Resting]:
    """Publications that knew the batch when they were made, oldest first.

    One whose instant lies before everything that the batch says does not rest on it.
    """
    if batch.seal_no is None:
        return ()
    rows = Publication.objects.filter(known_no__gte=batch.seal_no).order_by("no")
    if not rows.exists():
        return ()
    begins = first_effective_us(batch.pk)
    return [
        Resting(f"{one.kind} {one.subject}", f"publication {one.no}", one.known_no)
        for one in rows
        if begins is None or one.as_of_us is None or one.as_of_us >= begins
    ]
