"""The search key beside the name of a record."""

from functools import lru_cache

import polars as pl

from hedef.records.engine.kinds import Kind
from hedef.records.engine.names import normalise
from hedef.records.models import NAMED

_key_of = lru_cache(maxsize=100_000)(normalise)


def with_name_key(of: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the search key beside `name` where the kind is searched by name."""
    if of.name not in NAMED or "name" not in rows.columns:
        return rows
    keys = [None if name is None else _key_of(name) for name in rows["name"]]
    return rows.with_columns(pl.Series("name_key", keys, dtype=pl.String))
