"""Walk the chain of sealed batches and find what was altered behind Hedef's back."""

from collections.abc import Container, Iterator
from datetime import datetime

from hedef.kernel.ids import spell
from hedef.kernel.issue import Issue
from hedef.ledger.engine import batch_digest, sha256, voided_batches, words_digest_of
from hedef.ledger.erasing import erased_words, erasures
from hedef.ledger.models import LedgerBatch, LedgerBlock, LedgerHead
from hedef.ledger.services import header_of

_CURE = "Restore the database from a backup; published numbers name the head digest they rest on."


def verify() -> list[Issue]:
    """Every difference between the blocks, headers and head and their digests; empty when all is as it was sealed.

    Codes: numbers_changed, words_changed, block_missing, header_changed, chain_broken, seal_gap, recorded_backwards,
    head_changed, undo_of_nothing, change_of_nothing. Each names its batch, and its block where there is one. Words
    that a sealed erasure lists are right as it says.
    """
    return list(_walk())


def said_erased() -> list[Issue]:
    """What was erased, as information beside a verification that found nothing."""
    return [
        Issue(
            "words_erased",
            "info",
            f"Batch B-{one.batch} erased the words of {spell(one.kind, one.entity)} in {len(one.blocks)} blocks.",
            object=f"B-{one.batch}",
        )
        for one in erasures()
    ]


def _walk() -> Iterator[Issue]:
    digests, seal_no, recorded_at, last = {""}, 0, None, ""
    before, erased = set[int](), erased_words()
    for batch in LedgerBatch.objects.filter(seal_no__isnull=False).order_by("seal_no").iterator(chunk_size=500):
        yield from _sequence(batch, seal_no, recorded_at)
        if batch.undoes_id is not None and batch.undoes_id not in before:
            yield _issue("undo_of_nothing", batch, f"undoes B-{batch.undoes_id}, which was not sealed before it")
        before.add(batch.pk)
        lines, words = [], []
        for block in LedgerBlock.objects.filter(batch_id=batch.pk).order_by("seq").iterator(chunk_size=4):
            yield from _block(batch, block, erased.get((batch.pk, block.seq), block.words_digest), before)
            lines.append(block.line())
            words.append(block.words_digest)
        if len(lines) != batch.blocks:
            yield _issue("block_missing", batch, f"has {len(lines)} blocks, {batch.blocks} were sealed")
        if batch.prev_digest not in digests:
            yield _issue("chain_broken", batch, "does not follow the digest of the batch before it")
        again = batch_digest(batch.prev_digest, header_of(batch), lines)
        if again != batch.digest or words_digest_of(words) != batch.words_digest or batch.state != "sealed":
            yield _issue("header_changed", batch, "has a header, or a list of blocks, that does not match its digest")
        # either is right here: a batch is named once, not again by the one that follows it
        digests, last = {batch.digest, again}, batch.digest
        seal_no, recorded_at = batch.seal_no or 0, batch.recorded_at
    yield from _head(seal_no, last, recorded_at)


def _sequence(batch: LedgerBatch, before: int, recorded_at: datetime | None) -> Iterator[Issue]:
    if batch.seal_no != before + 1:
        yield _issue("seal_gap", batch, f"follows seal {before}: batches between them are missing")
    if batch.recorded_at is None or (recorded_at is not None and batch.recorded_at < recorded_at):
        yield _issue("recorded_backwards", batch, f"was recorded at {batch.recorded_at}, before the batch before it")


def _block(batch: LedgerBatch, block: LedgerBlock, words_digest: str, sealed: Container[int]) -> Iterator[Issue]:
    place = f"block {block.seq}, changes {block.first_ord} to {block.first_ord + block.n - 1} of kind {block.kind}"
    if sha256(bytes(block.numbers)) != block.digest:
        yield _issue("numbers_changed", batch, f"holds numbers that do not match their digest ({place})", block)
    else:
        for number in sorted(one for one in voided_batches(block) if one not in sealed):
            yield _issue("change_of_nothing", batch, f"takes back a change of B-{number}, which was not sealed", block)
    words = "" if block.words is None else sha256(bytes(block.words))
    if words != words_digest:
        yield _issue("words_changed", batch, f"holds words that do not match their digest ({place})", block)


def _head(seal_no: int, digest: str, recorded_at: datetime | None) -> Iterator[Issue]:
    head = LedgerHead.objects.filter(pk=1).first()
    stands = (0, "", None) if head is None else (head.seal_no, head.digest, head.recorded_at)
    if stands != (seal_no, digest, recorded_at):
        message = f"The head says seal {stands[0]}, digest {stands[1][:12]}; the newest batch is seal {seal_no}, "
        yield Issue("head_changed", "error", f"{message}digest {digest[:12]}.", object="head", hint=_CURE)


def _issue(code: str, batch: LedgerBatch, what: str, block: LedgerBlock | None = None) -> Issue:
    place = batch.number if block is None else f"{batch.number}/{block.seq}"
    return Issue(code, "error", f"Batch {batch.number} (seal {batch.seal_no}) {what}.", object=place, hint=_CURE)
