# ruff: noqa: S608 - the names in the statements come from the models, never from a person
"""Records of a large kind by what a few texts say: nothing else of the kind is read."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from hedef.records.engine.names import normalise
from hedef.records.models import MODELS, NAMED
from hedef.records.tables import on_postgres, quoted, table_of


def size_of(kind: str, *, most: int) -> int:
    """How many records a kind has, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table_of(MODELS[kind])} LIMIT %s) AS first_rows", [most])
        return int(cursor.fetchone()[0])


def living_named(kind: str, columns: Sequence[str], texts: Sequence[str]) -> list[tuple[int, str]]:
    """`(entity, text)` of living records of a kind with one of `texts` in one of `columns`, by entity.

    Names are compared as `engine.names.normalise` writes them, other columns without case and outer space.
    """
    found: set[tuple[int, str]] = set()
    for column in columns:
        if column == "name" and kind in NAMED:
            found.update(_where(kind, "name", quoted("name_key"), sorted({normalise(text) for text in texts})))
        else:
            folded = sorted({text.strip().casefold() for text in texts})
            found.update(_where(kind, column, f"lower(trim({quoted(column)}))", folded))
    return sorted(found)


def _where(kind: str, column: str, compared: str, values: Sequence[str]) -> list[tuple[int, str]]:
    sql = f"SELECT entity, {quoted(column)} FROM {table_of(MODELS[kind])} WHERE ended_us IS NULL AND {compared}"
    params: list[Any] = [list(values)]
    if on_postgres():
        sql += " = ANY(%s)"
    else:
        sql, params = sql + " IN (SELECT value FROM json_each(%s))", [json.dumps(list(values))]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [(int(entity), str(text)) for entity, text in cursor.fetchall() if text is not None]
