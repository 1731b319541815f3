"""The end of a batch that was written in chunks: sealed, or abandoned as if it had never been.

While such a batch is open its changes stand in the records (lists say that an import runs), chained in the order of
writing. What counts in the end is the order of the seals. So whoever seals folds again those records that a batch
sealed meanwhile has changed too, and whoever abandons folds back all it has touched: both in small transactions, of
which the last, with the seal number, is as short for a million rows as for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import transaction

from hedef.kernel.errors import Refused
from hedef.ledger import queries as ledger
from hedef.ledger.services import (
    LedgerBatch,
    LedgerBlock,
    abandon_batch,
    give_up,
    head_held,
    hold,
    let_go,
    seal_batch,
)
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.models import MODELS
from hedef.records.services.apply import overwrite
from hedef.records.services.keys import drop_keys, forget_keys
from hedef.records.services.refold import link_frame, refolded
from hedef.records.tables import delete_rows, standing

FOLDED_ROWS = 200_000  # entities folded at once: memory; more than one pass over the blocks beyond
WRITTEN_ROWS = 2_000  # folded rows written in one transaction
_TRIES = 50


def seal(batch: LedgerBatch, *, counts: Mapping[str, Any] | None = None) -> int | None:
    """Close a batch written in chunks; answers its seal number, none where it changed nothing (an attempt).

    Records that another batch changed and sealed while this one was open are folded again in the order of the seals,
    in transactions of their own; the last one only takes the number. Killed in between the batch is still open and
    can be sealed again. Refused for a batch that is not open.
    """
    batch.counts = {**batch.counts, **(counts or {})}
    if not batch.rows and not batch.undoes_id:
        with transaction.atomic():
            hold(batch)
            abandon_batch(batch)
        return None
    seen = batch.opened_no or 0
    for _ in range(_TRIES):
        upto = ledger.head().seal_no
        for of, entities in _shared(batch, seen, upto):
            fold_again(of, entities)
        seen = upto
        with transaction.atomic(durable=True):
            hold(batch)
            if head_held().seal_no == seen:
                return seal_batch(batch)
    raise Refused(
        f"Batch {batch.number} could not be sealed: the same records are changed again and again.",
        hint="It is still open; seal it when the others are done.",
    )


def _shared(batch: LedgerBatch, after: int, upto: int) -> Iterator[tuple[Kind, pl.Series]]:
    """Entities of the batch that batches sealed after `after` up to `upto` changed too, in parts."""
    theirs: dict[str, list[pl.Series]] = {}
    for other in ledger.batches(last=None, after=after, upto=upto):
        for kind in ledger.kinds_in(other.pk):
            theirs.setdefault(kind, []).extend(_entities(table) for _, table in ledger.blocks_back(other.pk, kind=kind))
    for kind in MODELS.keys() & theirs.keys():
        wanted = pl.concat(theirs[kind]).unique()
        yield from ((KINDS[kind], one) for one in _parts(batch, kind, wanted))


def _parts(batch: LedgerBatch, kind: str, wanted: pl.Series) -> Iterator[pl.Series]:
    held: list[pl.Series] = []
    for _, table in ledger.blocks_back(batch.pk, kind=kind):
        held.append(_among(_entities(table), wanted))
        if sum(map(len, held)) >= FOLDED_ROWS:
            yield pl.concat(held).unique()
            held = []
    if any(map(len, held)):
        yield pl.concat(held).unique()


def _among(entities: pl.Series, wanted: pl.Series) -> pl.Series:
    return entities.filter(entities.is_in(wanted.implode()))


def _entities(table: Any) -> pl.Series:
    return pl.Series("entity", table.column("entity"), dtype=pl.Int64).unique()


def fold_again(of: Kind, entities: pl.Series) -> None:
    """Fold records again from their histories: folded without a lock, written in small transactions.

    A record that was changed in the meantime, or that rests on a batch that was closed in the meantime, is folded
    once more.
    """
    left = entities
    for _ in range(_TRIES):
        opened = ledger.all_open()
        places = standing(MODELS[of.name], left, lock=False).select("entity", "last_batch", "last_ord")
        if places.is_empty():
            return
        rows = refolded(of, places)
        moved = [_write(of, part, opened) for part in rows.iter_slices(WRITTEN_ROWS)]
        left = pl.concat(moved)
        if left.is_empty():
            return
    raise _busy(of)


def _write(of: Kind, rows: pl.DataFrame, opened: frozenset[int]) -> pl.Series:
    """Write folded rows whose records stand where they stood; answers the entities that do not."""
    with transaction.atomic():
        stands = standing(MODELS[of.name], rows["entity"])
        if ledger.all_open() >= opened:
            same = rows.join(stands, on=["entity", "last_batch", "last_ord"], how="semi")
            overwrite(of, same)
            return stands.join(same, on="entity", how="anti")["entity"]
        return stands["entity"]


def abandon(batch: LedgerBatch, *, reason: str) -> None:
    """Take everything back that an open batch has written and record it as an attempt.

    Records are folded without it, records that only it knew are removed with their keys, and what its source last
    said is forgotten, so that the next import compares anew. From the first moment none of its changes counts; a kill
    in between leaves records to be folded back: called again for the abandoned batch it goes on. Refused for a sealed
    one.
    """
    if batch.state != "abandoned":
        with transaction.atomic():
            give_up(batch, reason=reason)
    for kind in ledger.kinds_in(batch.pk):
        _take_back(batch, KINDS[kind])
    forget_keys(batch)


def _take_back(batch: LedgerBatch, of: Kind) -> None:
    """Fold back the records of one kind, the newest blocks first, and let go of the blocks."""
    group: list[tuple[LedgerBlock, Any]] = []
    for one in ledger.blocks_back(batch.pk, kind=of.name):
        group.append(one)
        if sum(table.num_rows for _, table in group) >= FOLDED_ROWS:
            _take_back_group(batch, of, group)
            group = []
    if group:
        _take_back_group(batch, of, group)


def _take_back_group(batch: LedgerBatch, of: Kind, group: Sequence[tuple[LedgerBlock, Any]]) -> None:
    links = _links(batch, of, group)
    followed = pl.Series("entity", [], pl.Int64)
    left = links.filter(pl.col("batch") == batch.pk)["entity"].unique()
    for _ in range(_TRIES):
        opened = ledger.all_open()
        told = _before(batch, links, standing(MODELS[of.name], left, lock=False))
        rows = refolded(of, told.filter("kept").select("entity", "last_batch", "last_ord"))
        moved = [_put_back(of, part, rows, opened) for part in told.iter_slices(WRITTEN_ROWS)]
        followed = pl.concat([followed, told.filter("followed")["entity"]])
        left = pl.concat(moved) if moved else left.clear()
        if left.is_empty():
            break
    else:
        raise _busy(of)
    for block, table in group:
        with transaction.atomic():
            let_go(block, followed=_among(_entities(table), followed).to_list())


def _links(batch: LedgerBatch, of: Kind, group: Sequence[tuple[LedgerBlock, Any]]) -> pl.DataFrame:
    """Changes that count no more, each with the one before it: those of these blocks, and of other abandoned batches.

    Columns: entity, batch, ord, prev_batch, prev_ord (null: none).
    """
    parts = [link_frame(batch.pk, table) for _, table in group]
    return pl.concat(parts + [link_frame(*one) for one in ledger.links_left(of.name, beside=batch.pk)])


def _before(batch: LedgerBatch, links: pl.DataFrame, stands: pl.DataFrame) -> pl.DataFrame:
    """Where each record goes back to: `was_*` as it stands, `last_*` the newest change that is not among `links`.

    `kept`: there is such a change; `followed`: a change of another batch comes after one of this batch.
    """
    places = stands.select(
        "entity", "last_batch", "last_ord", pl.col("last_batch").alias("was_batch"), pl.col("last_ord").alias("was_ord")
    )
    back = links.select("prev_batch", "prev_ord", last_batch="batch", last_ord="ord")
    while True:
        here = places.join(back, on=["last_batch", "last_ord"])
        if here.is_empty():
            break
        rest = places.join(here, on="entity", how="anti")
        stepped = here.drop("last_batch", "last_ord").rename({"prev_batch": "last_batch", "prev_ord": "last_ord"})
        places = pl.concat([rest, stepped.select(rest.columns)])
    own = links.filter(pl.col("batch") == batch.pk).sort("ord").unique("entity", keep="first")
    told = places.join(own.select("entity", "prev_batch", "prev_ord"), on="entity", how="left")
    passed = pl.col("last_batch").eq_missing(pl.col("prev_batch")) & pl.col("last_ord").eq_missing(pl.col("prev_ord"))
    there = pl.col("last_batch").is_not_null()
    return told.with_columns(followed=there & ~passed, kept=there)


def _put_back(of: Kind, part: pl.DataFrame, rows: pl.DataFrame, opened: frozenset[int]) -> pl.Series:
    """Write folded rows and remove records without any other change; answers those that were changed meanwhile."""
    model = MODELS[of.name]
    with transaction.atomic():
        stands = standing(model, part["entity"]).select("entity", was_batch="last_batch", was_ord="last_ord")
        if not ledger.all_open() >= opened:
            return stands["entity"]
        same = part.join(stands, on=["entity", "was_batch", "was_ord"], how="semi")
        kept = rows.join(same, on="entity", how="semi")
        overwrite(of, kept)
        gone = same.filter(~pl.col("kept"))["entity"]
        delete_rows(model, gone)
        drop_keys(gone)
        return stands.join(same, on="entity", how="anti")["entity"]


def _busy(of: Kind) -> Refused:
    return Refused(
        f"Records of kind {of.name} are changed again and again.", hint="Try once more when the others are done."
    )
