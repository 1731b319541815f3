"""Records folded anew from all blocks; the result equals what stands there, or something is broken."""

from collections.abc import Collection

import polars as pl
from django.db import transaction

from hedef.ledger.queries import links_left, orders
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.models import MODELS
from hedef.records.services.apply import overwrite, with_name_key
from hedef.records.services.refold import block_frames, folded_frame, link_frame, refolded, row_schema
from hedef.records.tables import empty_table, insert_rows, standing


def rebuild() -> dict[str, int]:
    """Fold every kind again from the ledger and replace its table; answers the number of entities of each kind."""
    with transaction.atomic():
        return {name: _rebuild(kind) for name, kind in KINDS.items()}


def refold(*, kind: str, entities: Collection[int]) -> int:
    """Fold known entities again from their histories, as after an undo; answers how many."""
    of = KINDS[kind]
    with transaction.atomic():
        places = standing(MODELS[kind], pl.Series(sorted(entities), dtype=pl.Int64))
        if not places.is_empty():
            overwrite(of, refolded(of, places.select("entity", "last_batch", "last_ord")))
        return places.height


def _rebuild(kind: Kind) -> int:
    empty_table(MODELS[kind.name])
    rows = rebuilt_rows(kind)
    insert_rows(MODELS[kind.name], with_name_key(kind, rows))
    return rows.height


def rebuilt_rows(kind: Kind) -> pl.DataFrame:
    """What the table of a kind must hold, by the ledger alone."""
    parts = list(block_frames(kind, orders()))
    if not parts:
        return pl.DataFrame(schema=row_schema(kind))
    changes = pl.concat(parts, how="diagonal")
    return folded_frame(kind, changes, ends_of_chains(kind, changes)).sort("entity")


def ends_of_chains(kind: Kind, changes: pl.DataFrame) -> pl.DataFrame:
    """Where the newest change of each entity stands: entity, last_batch, last_ord. No other change follows it.

    The last one by seal it need not be: two open batches may have written in turns.
    """
    places = changes.select("entity", last_batch="batch", last_ord="ord")
    if "prev_batch" not in changes.columns:
        return places
    links = changes.select("entity", "batch", "ord", "prev_batch", "prev_ord")
    followed = pl.concat([links, _still_linked(kind, links)]).select("prev_batch", "prev_ord").drop_nulls()
    return places.join(followed, left_on=["last_batch", "last_ord"], right_on=["prev_batch", "prev_ord"], how="anti")


def _still_linked(kind: Kind, links: pl.DataFrame) -> pl.DataFrame:
    """The rows that abandoned batches left in chains: those that a change follows, itself or through others."""
    left = pl.concat([links.clear(), *(link_frame(*one) for one in links_left(kind.name))])
    while True:
        followed = pl.concat([links, left]).select(batch="prev_batch", ord="prev_ord")
        linked = left.join(followed, on=["batch", "ord"], how="semi")
        if linked.height == left.height:
            return left
        left = linked
