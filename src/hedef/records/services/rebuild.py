"""Records folded anew from all blocks; the result equals what stands there, or something is broken."""

from collections.abc import Collection

import polars as pl
from django.db import transaction

from hedef.records.engine.combine import polars_type
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.models import MODELS
from hedef.records.services.apply import with_name_key, write_refolded
from hedef.records.services.refold import block_frames, folded_frame, refolded
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
            write_refolded(of, refolded(of, places.select("entity", "last_batch", "last_ord")))
        return places.height


def _rebuild(kind: Kind) -> int:
    empty_table(MODELS[kind.name])
    rows = rebuilt_rows(kind)
    insert_rows(MODELS[kind.name], with_name_key(kind, rows))
    return rows.height


def rebuilt_rows(kind: Kind) -> pl.DataFrame:
    """What the table of a kind must hold, by the ledger alone."""
    parts = list(block_frames(kind))
    if not parts:
        return pl.DataFrame(schema={"entity": pl.Int64} | {name: polars_type(kind, name) for name in kind.names})
    changes = pl.concat(parts, how="diagonal")
    places = changes.group_by("entity").agg(
        last_ord=pl.col("ord").sort_by("seal_no", "ord").last(),
        last_batch=pl.col("batch").sort_by("seal_no", "ord").last(),
    )
    return folded_frame(kind, changes, places).drop("mask").sort("entity")
