"""Shares of a deal come as rows, one a person; a deal keeps them together and changes them as a whole."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from hedef.intake.importables import Given, Importable, Rejected, Taken
from hedef.records.engine.kinds import KINDS
from hedef.records.engine.roster import split_issues
from hedef.records.queries import columns_of
from hedef.records.services import apply_changes
from hedef.records.services.edits import canonical_json

OBJECT = "deal_split"
_OVERLAY = "overlay"


def take(given: Given) -> Taken:
    """Rows with `deal`, `person`, `share` (basis points), maybe `role` and `kind`, as the splits of their deals.

    All rows of a deal are rejected together: without a deal or a person (`required_missing`), and where the revenue
    shares are not the whole (`split_sum`); the deal then keeps what it had.
    """
    rows = given.rows
    for name in ("role", "kind"):
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    blank = rows.filter(pl.any_horizontal(pl.col("deal", "person", "share").is_null()))
    hint = "A share needs its deal, its person and its size. Import deals and people first."
    rejected = [Rejected(row, "required_missing", "deal", None, hint) for row in blank["row"]]
    whole = rows.join(blank.select("deal").drop_nulls(), on="deal", how="anti").filter(pl.col("deal").is_not_null())
    left = rows.join(blank, on="row", how="anti").join(whole, on="row", how="anti")["row"]
    hint = "Another share of its deal is missing."
    rejected += [Rejected(row, "required_missing", "deal", None, hint) for row in left]
    deals, names = whole["deal"].unique(maintain_order=True).to_list(), ("splits", "created_us", "last_effective_us")
    known = {one[0]: one for one in columns_of("deal", ["entity", *names], entities=deals)}
    created: list[int] = []
    updated: list[int] = []
    changes: list[tuple[int, int, str]] = []
    for (deal,), part in whole.group_by("deal", maintain_order=True):
        told = [_share(one) for one in part.sort("person", "kind", "role").iter_rows(named=True)]
        if issues := split_issues(told):
            rejected += [Rejected(row, "split_sum", "share", None, issues[0].message) for row in part["row"]]
            continue
        _, before, made, last = known[deal]
        text = canonical_json(told)
        if before is not None and json.loads(before) == json.loads(text):
            continue
        at = _at(given, made) if before is None else max(_at(given, None), last)
        changes.append((deal, at, text))
        (created if before is None else updated).extend(part["row"])
    _write(given, changes)
    return Taken(created=created, updated=updated, rejected=rejected, changes=len(changes))


def _share(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = _OVERLAY if (row["kind"] or "").casefold() == _OVERLAY else "revenue"
    return {"person": row["person"], "role": row["role"] or "rep", "kind": kind, "share_bp": row["share"]}


def _at(given: Given, made: int | None) -> int:
    """The first shares of a deal count from its beginning, later ones from the import."""
    return made if made is not None else int(given.options["exported_us"])


def _write(given: Given, changes: list[tuple[int, int, str]]) -> None:
    if not changes:
        return
    entities, times, texts = zip(*changes, strict=True)
    mask = KINDS["deal"].bit("splits")
    told = {
        "entity": pa.array(entities, pa.int64()),
        "effective_us": pa.array(times, pa.int64()),
        "mask": pa.array([mask] * len(changes), pa.int64()),
        "splits": pa.array(texts, pa.string()),
    }
    apply_changes(batch=given.batch, kind="deal", rows=pa.table(told))


DEAL_SPLIT = Importable(OBJECT, take)
