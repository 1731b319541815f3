"""Write verbs of the ledger. Only `records` and `definitions` call them, in the transaction of what they project."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import pyarrow as pa
from django.db import transaction

from hedef.kernel.errors import Refused
from hedef.kernel.instants import to_us
from hedef.ledger.engine import STANDARD, batch_digest, encode, words_digest_of
from hedef.ledger.models import EntityNumber, LedgerBatch, LedgerBlock, LedgerHead, Source
from hedef.settings import now

__all__ = [
    "BLOCK_ROWS",
    "LedgerBatch",
    "Source",
    "abandon_batch",
    "allocate",
    "append_block",
    "header_of",
    "open_batch",
    "seal_batch",
    "source",
    "writing",
]

BLOCK_ROWS = 50_000


def source(name: str, *, vendor: str = "", time_zone: str = "UTC", **settings: Any) -> Source:
    """The source of that name, made when it is new; `settings` are other columns of `Source` for a new one."""
    return Source.objects.get_or_create(name=name, defaults={"vendor": vendor, "time_zone": time_zone, **settings})[0]


def allocate(n: int) -> int:
    """Take `n` entity numbers for good; answers the first of them. To be called inside a transaction."""
    EntityNumber.objects.get_or_create(pk=1)
    counter = EntityNumber.objects.select_for_update().get(pk=1)
    first, counter.next = counter.next, counter.next + n
    counter.save(update_fields=["next"])
    return first


def open_batch(
    *,
    kind: str,
    actor: str,
    source: Source | str | None = None,
    object: str | None = None,  # noqa: A002 - the word of the ledger
    reason: str = "",
    file_name: str | None = None,
    file_sha256: str | None = None,
    mapping_version: str | None = None,
    undoes: LedgerBatch | None = None,
) -> LedgerBatch:
    """A batch that readers do not see before `seal_batch`. `writing` is the usual way."""
    return LedgerBatch.objects.create(
        kind=kind,
        actor=actor,
        source=_source_of(source),
        object=object,
        reason=reason,
        file_name=file_name,
        file_sha256=file_sha256,
        mapping_version=mapping_version,
        undoes=undoes,
        code_version=version("hedef"),
    )


def _source_of(given: Source | str | None) -> Source | None:
    return source(given) if isinstance(given, str) else given


def append_block(
    batch: LedgerBatch,
    table: pa.Table,
    kind: str,
    word_fields: Collection[str] = (),
    fields: Sequence[str] | None = None,
) -> None:
    """Write changes (columns of `engine.STANDARD` and fields) as blocks of at most `BLOCK_ROWS` rows.

    `ord` is given here when the table has none: it runs through the batch. `fields` lists all fields of the kind in
    the order of the mask bits; without it they are the field columns as they stand.
    """
    if not table.num_rows:
        return
    if "ord" not in table.column_names:
        numbers = pa.array(range(batch.rows, batch.rows + table.num_rows), pa.int64())
        table = table.append_column("ord", numbers)
    names = [name for name in table.column_names if name not in STANDARD] if fields is None else list(fields)
    made: list[LedgerBlock] = []
    for start in range(0, table.num_rows, BLOCK_ROWS):
        part = table.slice(start, BLOCK_ROWS)
        one = encode(part, kind=kind, fields=names, word_fields=word_fields, salt=secrets.token_bytes(16))
        made.append(
            LedgerBlock(
                batch_id=batch.pk,
                seq=batch.blocks + len(made),
                kind=one.kind,
                first_ord=one.first_ord,
                n=one.n,
                format=one.format,
                numbers=one.numbers,
                words=one.words,
                digest=one.digest,
                words_digest=one.words_digest,
            )
        )
    LedgerBlock.objects.bulk_create(made)
    batch.rows += table.num_rows
    batch.blocks += len(made)


def seal_batch(batch: LedgerBatch, counts: Mapping[str, Any] | None = None) -> int:
    """Close a batch: it gets the next seal number, under a lock held until the transaction ends.

    `recorded_at` never goes back, even when the clock does. Refused for a batch that is not open.
    """
    if batch.state != "open":
        raise Refused(f"Batch {batch.number} is {batch.state}: only an open batch can be sealed.")
    LedgerHead.objects.get_or_create(pk=1)
    head = LedgerHead.objects.select_for_update().get(pk=1)
    moment = now()
    batch.seal_no = head.seal_no + 1
    batch.recorded_at = moment if head.recorded_at is None else max(moment, head.recorded_at)
    batch.counts = {**batch.counts, **(counts or {})}
    batch.prev_digest = head.digest
    lines = list(_block_lines(batch))
    batch.words_digest = words_digest_of(words for _, words in lines)
    batch.digest = batch_digest(head.digest, header_of(batch), [line for line, _ in lines])
    batch.state = "sealed"
    batch.save()
    head.seal_no, head.digest, head.recorded_at = batch.seal_no, batch.digest, batch.recorded_at
    head.save()
    return batch.seal_no


def _block_lines(batch: LedgerBatch) -> Iterator[tuple[tuple[Any, ...], str]]:
    rows = LedgerBlock.objects.filter(batch_id=batch.pk).defer("numbers", "words").order_by("seq")
    for one in rows:
        yield one.line(), one.words_digest


def header_of(batch: LedgerBatch) -> dict[str, Any]:
    """What the digest of a sealed batch covers beside its blocks."""
    return {
        "batch": batch.pk,
        "seal_no": batch.seal_no,
        "recorded_us": None if batch.recorded_at is None else to_us(batch.recorded_at),
        "kind": batch.kind,
        "source": batch.source_id,
        "actor": batch.actor,
        "reason": batch.reason,
        "undoes": batch.undoes_id,
        "object": batch.object,
        "file_name": batch.file_name,
        "file_sha256": batch.file_sha256,
        "mapping_version": batch.mapping_version,
        "code_version": batch.code_version,
        "rows": batch.rows,
        "blocks": batch.blocks,
        "counts": batch.counts,
        "words_digest": batch.words_digest,
    }


def abandon_batch(batch: LedgerBatch) -> None:
    """Record an attempt that changed nothing. Refused when the batch holds changes: roll its transaction back."""
    if batch.rows or batch.state != "open":
        raise Refused(f"Batch {batch.number} is {batch.state} with {batch.rows} changes and cannot be abandoned.")
    batch.state = "abandoned"
    batch.save()


@contextmanager
def writing(*, kind: str, actor: str, **header: Any) -> Iterator[LedgerBatch]:
    """One transaction: open a batch, yield it, seal it. Arguments as `open_batch`.

    An error rolls everything back. Without any change the batch is no batch: it is recorded as `abandoned`.
    """
    with transaction.atomic():
        batch = open_batch(kind=kind, actor=actor, **header)
        yield batch
        if batch.rows or batch.undoes_id:
            seal_batch(batch)
        else:
            abandon_batch(batch)
