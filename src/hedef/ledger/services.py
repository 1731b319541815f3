"""Write verbs of the ledger. Only `records` and `definitions` call them, in the transaction of what they project."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from hedef.kernel.errors import Refused
from hedef.kernel.instants import to_us
from hedef.ledger.engine import STANDARD, batch_digest, decode, encode, words_digest_of
from hedef.ledger.models import EntityNumber, LedgerBatch, LedgerBlock, LedgerHead, Source
from hedef.settings import now

__all__ = [
    "BLOCK_ROWS",
    "Chunk",
    "LedgerBatch",
    "LedgerBlock",
    "Source",
    "abandon_batch",
    "allocate",
    "append_block",
    "chunk",
    "give_up",
    "head_held",
    "header_of",
    "hold",
    "let_go",
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
    """Take `n` entity numbers for good; answers the first of them.

    Inside a transaction other writers of new records wait for its end: a large import takes its numbers before.
    """
    with transaction.atomic():
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
        opened_no=LedgerHead.objects.filter(pk=1).values_list("seal_no", flat=True).first() or 0,
    )


@dataclass(slots=True)
class Chunk:
    """What one `chunk` did, filled when it is done: changes written, milliseconds of its transaction.

    On SQLite nobody else can write for that time, on PostgreSQL nobody can change the same records.
    """

    rows: int = 0
    ms: float = 0.0


@contextmanager
def chunk(batch: LedgerBatch) -> Iterator[Chunk]:
    """One transaction of an open batch that is written in many; keeps its counters, also after a kill and a reload.

    An error rolls back this chunk alone: the batch stays open, to be continued, sealed or abandoned by
    `records.services`. Refused for a batch that is not open. No chunk stands inside another transaction.
    """
    before, done = (batch.rows, batch.blocks), Chunk()
    try:
        with transaction.atomic(durable=True):
            started = perf_counter()
            first = hold(batch)
            yield done
            LedgerBatch.objects.filter(pk=batch.pk).update(rows=batch.rows, blocks=batch.blocks)
    except BaseException:
        batch.rows, batch.blocks = before
        raise
    done.rows, done.ms = batch.rows - first, (perf_counter() - started) * 1000


def hold(batch: LedgerBatch) -> int:
    """Hold an open batch for this transaction and take its counters as they stand; answers its rows.

    Refused when somebody else has closed it.
    """
    stands = LedgerBatch.objects.select_for_update().only("state", "rows", "blocks").get(pk=batch.pk)
    if stands.state != "open":
        raise Refused(f"Batch {batch.number} is {stands.state}: nothing more can be written to it.")
    batch.rows, batch.blocks = stands.rows, stands.blocks
    return stands.rows


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
    head = head_held()
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


def head_held() -> LedgerHead:
    """The head, locked until the transaction ends: nothing else is sealed meanwhile."""
    LedgerHead.objects.get_or_create(pk=1)
    return LedgerHead.objects.select_for_update().get(pk=1)


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


def give_up(batch: LedgerBatch, *, reason: str) -> None:
    """Abandon an open batch with all it holds: from now on none of its changes counts anywhere.

    `records.services.abandon` calls it first, then takes the changes back and lets go of its blocks.
    """
    rows = hold(batch)
    batch.state, batch.rows = "abandoned", 0
    batch.reason = "; ".join(one for one in (batch.reason, reason) if one)
    batch.counts = {**batch.counts, "changes_taken_back": rows}
    batch.save()


_LINKS = ("ord", "entity", "prev_batch", "prev_ord")


def let_go(block: LedgerBlock, *, followed: Collection[int]) -> None:
    """Delete a block of an abandoned batch, or leave its links where changes of other batches follow its rows.

    `followed`: the entities of the block with such changes. Values and words are gone in any case.
    """
    if not followed:
        block.delete()
        return
    table = decode(block, words=False)
    kept = pc.is_in(table.column("entity"), value_set=pa.array(list(followed), pa.int64()))
    links = table.select([name for name in _LINKS if name in table.column_names])
    for name in set(_LINKS[2:]).intersection(links.column_names):
        place = links.column_names.index(name)
        links = links.set_column(place, name, pc.if_else(kept, links.column(name), None))
    one = encode(links, kind=block.kind, fields=(), word_fields=(), salt=b"")
    block.format, block.numbers, block.digest = one.format, one.numbers, one.digest
    block.words, block.words_digest = None, ""
    block.save()


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
