# ruff: noqa: S608 - the names in the statements come from the models, never from a person
"""External keys in bulk: a source's own ids, the entities they mean, and what the source last said of each."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
from django.db import connection, transaction

from hedef.ledger.services import LedgerBatch, Source
from hedef.records.erased_keys import veiled
from hedef.records.models import Alias, ExternalKey
from hedef.records.tables import COPY_ROWS, copy_rows, delete_rows, insert_rows, insert_values, on_postgres, table_of

_COLUMNS = ("source_id", "object", "ext_id", "entity", "row_hash", "first_batch", "last_seen_batch", "gone_since")


def save_keys(*, source: Source, object: str, keys: pa.Table, batch: LedgerBatch | None = None) -> int:  # noqa: A002
    """Insert or overwrite external keys; answers how many.

    `keys`: ext_id string (each once), entity int64, row_hash int64 (null: not known). `gone_since` is cleared: a key
    that is saved was seen.
    """
    given = pl.from_arrow(keys)
    assert isinstance(given, pl.DataFrame)
    if given.is_empty():
        return 0
    given = given.with_columns(veiled(source.pk, object, given["ext_id"].cast(pl.String)).alias("ext_id"))
    rows = given.sort("ext_id").select(
        pl.lit(source.pk, pl.Int64).alias("source_id"),
        pl.lit(object).alias("object"),
        pl.col("ext_id").cast(pl.String),
        pl.col("entity").cast(pl.Int64),
        (pl.col("row_hash") if "row_hash" in given.columns else pl.lit(None)).cast(pl.Int64).alias("row_hash"),
        pl.lit(None if batch is None else batch.pk, pl.Int64).alias("first_batch"),
        pl.lit(None if batch is None else batch.pk, pl.Int64).alias("last_seen_batch"),
        pl.lit(None, pl.Int64).alias("gone_since"),
    )
    if not ExternalKey.objects.filter(source=source, object=object).exists():
        insert_rows(ExternalKey, rows)
        return rows.height
    if on_postgres() and rows.height >= COPY_ROWS:
        _copy_keys(rows)
        return rows.height
    insert_values(table_of(ExternalKey), rows, _CONFLICT)
    return rows.height


_CONFLICT = (
    "ON CONFLICT (source_id, object, ext_id) DO UPDATE SET entity = excluded.entity, row_hash = excluded.row_hash, "
    "last_seen_batch = excluded.last_seen_batch, gone_since = excluded.gone_since"
)


def _into() -> str:
    return f"{table_of(ExternalKey)} ({', '.join(_COLUMNS)})"


def _copy_keys(rows: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(_COLUMNS)
        cursor.execute(f"CREATE TEMP TABLE told ON COMMIT DROP AS SELECT {columns} FROM external_key LIMIT 0")
        copy_rows("told", rows)
        cursor.execute(f"INSERT INTO {_into()} SELECT {columns} FROM told ORDER BY ext_id {_CONFLICT}")
        cursor.execute("DROP TABLE told")


def drop_keys(entities: pl.Series) -> None:
    """Remove every key of entities that are no more."""
    delete_rows(ExternalKey, entities)


def forget_keys(batch: LedgerBatch, *, drop: bool = True) -> None:
    """Remove the keys that this batch brought and nobody has said since; of others forget what it said.

    Without `drop` every key stays: an undo may be undone, and must find its records by them. The next file of their
    source is compared anew. In small transactions; may be called again.
    """
    last = (0, "", "")
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WRITTEN_BY, [batch.pk, *last, _FORGOTTEN_ROWS])
            rows = cursor.fetchall()
            if drop:
                cursor.executemany(_DROP, [(*place, batch.pk) for place in rows])
            cursor.executemany(_FORGET, rows)
        if len(rows) < _FORGOTTEN_ROWS:
            return
        last = rows[-1]


_FORGOTTEN_ROWS = 5_000
_WRITTEN_BY = (
    "SELECT source_id, object, ext_id FROM external_key WHERE last_seen_batch = %s "
    "AND (source_id, object, ext_id) > (%s, %s, %s) ORDER BY source_id, object, ext_id LIMIT %s"
)
_DROP = "DELETE FROM external_key WHERE source_id = %s AND object = %s AND ext_id = %s AND first_batch = %s"
_FORGET = (
    "UPDATE external_key SET row_hash = NULL, last_seen_batch = NULL "
    "WHERE source_id = %s AND object = %s AND ext_id = %s"
)


def forget_said(source: int | None, entities: pl.Series) -> None:
    """Of all keys that a source has for these entities forget what it said; its next file of them is compared anew.

    A batch that only counted on what another one had said is not seen in the keys of that other one. In small
    transactions; may be called again.
    """
    for part in entities.to_frame("entity").iter_slices(_FORGOTTEN_ROWS):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_FORGET_SAID, [(source, entity) for entity in part["entity"].to_list()])


_FORGET_SAID = "UPDATE external_key SET row_hash = NULL WHERE source_id = %s AND entity = %s"


def mark_gone(*, source: Source, object: str, ext_ids: Sequence[str], since_us: int | None) -> None:  # noqa: A002
    """Remember since when keys are missing in the source's full exports; none clears the mark."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE external_key SET gone_since = %s WHERE source_id = %s AND object = %s AND ext_id = %s",
            [(since_us, source.pk, object, one) for one in ext_ids],
        )


def save_alias(*, source: Source, kind: str, text_key: str, entity: int) -> None:
    """Keep a spelling that a person has confirmed."""
    Alias.objects.update_or_create(source=source, kind=kind, text_key=text_key, defaults={"entity": entity})
