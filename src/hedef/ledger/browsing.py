"""Lists of sealed batches: by kind, and as a person looks through them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow.compute as pc
from django.db.models import Max, QuerySet

from hedef.ledger.engine import decode
from hedef.ledger.models import LedgerBatch, LedgerBlock


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: empty parts ask nothing. `upto` is a seal number, `since` and `before` instants."""

    actor: str = ""
    source: str = ""
    kind: str = ""
    object: str = ""
    since: datetime | None = None
    before: datetime | None = None
    upto: int | None = None


def sealed_of_kind(kind: str) -> list[LedgerBatch]:
    """Sealed batches of one kind, oldest first, undone ones too."""
    return list(LedgerBatch.objects.filter(kind=kind, seal_no__isnull=False).order_by("seal_no"))


def looked_for(wanted: Wanted, *, below: int | None = None, last: int = 50) -> list[LedgerBatch]:
    """Sealed batches that fit, newest first, at most `last`; with `below` only those before that seal number.

    The list is walked by seal numbers, so the millionth page costs what the first does.
    """
    rows = _fitting(wanted)
    if below is not None:
        rows = rows.filter(seal_no__lt=below)
    return list(rows.select_related("source", "undoes").order_by("-seal_no")[:last])


def above(wanted: Wanted, seal_no: int, *, last: int = 50) -> int | None:
    """The `below` of the page before the one whose first batch is `seal_no`; none where that is the first page."""
    seals = list(
        _fitting(wanted).filter(seal_no__gt=seal_no).order_by("seal_no").values_list("seal_no", flat=True)[:last]
    )
    return None if not seals else (seals[-1] or 0) + 1


def _fitting(wanted: Wanted) -> QuerySet[LedgerBatch]:
    rows = LedgerBatch.objects.filter(seal_no__isnull=False)
    if wanted.upto is not None:
        rows = rows.filter(seal_no__lte=wanted.upto)
    if wanted.actor:
        rows = rows.filter(actor=wanted.actor)
    if wanted.source:
        rows = rows.filter(source__name=wanted.source)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.object:
        rows = rows.filter(object=wanted.object)
    if wanted.since is not None:
        rows = rows.filter(recorded_at__gte=wanted.since)
    if wanted.before is not None:
        rows = rows.filter(recorded_at__lt=wanted.before)
    return rows


def choices(column: str) -> Sequence[str]:
    """What a column (`actor`, `source__name`, `kind`, `object`) says in the newest ten thousand batches, in order."""
    top = LedgerBatch.objects.aggregate(top=Max("seal_no"))["top"] or 0
    rows = LedgerBatch.objects.filter(seal_no__gt=top - _CHOSEN_FROM).exclude(**{column: None})
    return [one for one in rows.order_by(column).values_list(column, flat=True).distinct() if one]


_CHOSEN_FROM = 10_000


def kinds_of_seals(seals: Iterable[int]) -> set[str]:
    """The kinds of record that the batches with these seals have changes of."""
    wanted, found = sorted(seals), set[str]()
    for start in range(0, len(wanted), 500):
        rows = LedgerBlock.objects.filter(batch__seal_no__in=wanted[start : start + 500])
        found.update(rows.order_by().values_list("kind", flat=True).distinct())
    return found


def numbers_of(seals: Iterable[int]) -> list[int]:
    """Numbers of the batches with these seals, oldest first."""
    found = LedgerBatch.objects.filter(seal_no__in=sorted(seals)).order_by("seal_no")
    return list(found.values_list("pk", flat=True))


def touched_by(numbers: Sequence[int]) -> dict[str, pl.Series]:
    """The entities that these batches have changes of, by kind, each once and in order."""
    found: dict[str, list[pl.Series]] = {}
    for block in LedgerBlock.objects.filter(batch_id__in=numbers).defer("words").iterator(chunk_size=4):
        entities = pl.Series("entity", decode(block, words=False).column("entity").to_pylist(), dtype=pl.Int64)
        found.setdefault(block.kind, []).append(entities.unique())
    return {kind: pl.concat(parts).unique().sort() for kind, parts in found.items()}


def merges_of(number: int) -> list[tuple[int, int]]:
    """`(loser, survivor)` of each merge that a batch of kind `merge` holds."""
    found: list[tuple[int, int]] = []
    for block in LedgerBlock.objects.filter(batch_id=number, batch__kind="merge").defer("words"):
        table = decode(block, words=False)
        if "into" in table.column_names:
            rows = zip(
                table.column("act").to_pylist(),
                table.column("entity").to_pylist(),
                table.column("into").to_pylist(),
                strict=True,
            )
            found += [(loser, into) for act, loser, into in rows if act == "merge"]
    return found


def block_digest_at(number: int, ord_: int) -> str:
    """The digest of the numbers of the block that holds a change."""
    rows = LedgerBlock.objects.filter(batch_id=number, first_ord__lte=ord_).order_by("-first_ord")
    return str(rows.values_list("digest", flat=True).first() or "")


def first_effective_us(number: int) -> int | None:
    """The earliest instant at which a change of a batch became true; none for a batch without changes of its own."""
    blocks = LedgerBlock.objects.filter(batch_id=number).defer("words").iterator(chunk_size=4)
    return min((pc.min(decode(one, words=False).column("effective_us")).as_py() for one in blocks), default=None)


def seals_between(after: int, upto: int) -> list[tuple[int, str, bool]]:
    """Seal number, digest and whether it undoes another one, of the batches with `after` < seal number <= `upto`."""
    rows = LedgerBatch.objects.filter(seal_no__gt=after, seal_no__lte=upto)
    told = rows.order_by("seal_no").values_list("seal_no", "digest", "undoes_id")
    return [(seal, digest, undoes is not None) for seal, digest, undoes in told if seal is not None]
