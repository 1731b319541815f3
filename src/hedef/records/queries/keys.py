# ruff: noqa: S608 - the statement is fixed text
"""External keys: which entity a source's own id means, and what the source last said of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import connection

from hedef.ledger.services import Source
from hedef.records.erased_keys import veiled
from hedef.records.models import Alias, ExternalKey, MovedKey
from hedef.records.tables import framed, one_of

_KEY_SCHEMA: dict[str, pl.DataType] = {
    "ext_id": pl.String(),
    "entity": pl.Int64(),
    "row_hash": pl.Int64(),
    "last_seen_batch": pl.Int64(),
    "gone_since": pl.Int64(),
}
_COLUMNS = ", ".join(_KEY_SCHEMA)
_FEW = 60_000  # up to here ids are asked for; above, all keys of the object are read and joined


def _source_id(source: Source | str) -> int:
    if isinstance(source, Source):
        return int(source.pk)
    return Source.objects.filter(name=source).values_list("pk", flat=True).first() or 0  # no source, no key


def key_table(source: Source | str, object: str, ext_ids: Sequence[str] | None = None) -> pa.Table:  # noqa: A002
    """Keys of a source's object (only `ext_ids` when given): ext_id, entity, row_hash, last_seen_batch, gone_since."""
    sql = f"SELECT {', '.join(_KEY_SCHEMA)} FROM external_key WHERE source_id = %s AND object = %s"
    params: list[Any] = [_source_id(source), object]
    few = ext_ids is not None and len(ext_ids) <= _FEW
    if ext_ids is not None and few:
        among, wanted = one_of(ext_ids)
        sql, params = f"{sql} AND ext_id {among}", [*params, *wanted]
    found = _asked(sql, params)
    if ext_ids is not None and not few:
        found = found.join(pl.DataFrame({"ext_id": pl.Series(ext_ids, dtype=pl.String)}), on="ext_id", how="semi")
    return _arrow(found)


def _asked(sql: str, params: Sequence[Any]) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return framed(cursor, _KEY_SCHEMA)


def _arrow(found: pl.DataFrame) -> pa.Table:
    return found.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_ARROW_KEYS)


def key_pages(source: Source | str, object: str, *, rows: int = 25_000) -> Iterator[pa.Table]:  # noqa: A002
    """All keys of a source's object in the order of the ids, `rows` at a time; columns as `key_table`."""
    last = ""
    sql = (
        f"SELECT {_COLUMNS} FROM external_key WHERE source_id = %s AND object = %s AND ext_id > %s "
        "ORDER BY ext_id LIMIT %s"
    )
    while True:
        found = _asked(sql, [_source_id(source), object, last, rows])
        if found.is_empty():
            return
        last = found["ext_id"][-1]
        yield _arrow(found)


def stored_ids(source: Source | str, object: str, texts: pl.Series) -> pl.Series:  # noqa: A002
    """Ids as they are kept: those of erased people are hashes. `texts` itself where none of them is erased."""
    return veiled(_source_id(source), object, texts)


def has_keys(source: Source | str, object: str) -> bool:  # noqa: A002
    """Whether a source has named anything of an object so far."""
    return ExternalKey.objects.filter(source_id=_source_id(source), object=object).exists()


def keyed(source: Source | str, object: str, entities: Sequence[int]) -> set[int]:  # noqa: A002
    """Those of `entities` that have a key of an object of a source."""
    found: set[int] = set()
    keys = ExternalKey.objects.filter(source_id=_source_id(source), object=object)
    for start in range(0, len(entities), 500):
        found.update(keys.filter(entity__in=entities[start : start + 500]).values_list("entity", flat=True))
    return found


_ARROW_KEYS = pa.schema([(name, pa.string() if of == pl.String else pa.int64()) for name, of in _KEY_SCHEMA.items()])


def owner_keys(source: Source | str, object: str = "person") -> dict[str, int]:  # noqa: A002
    """`{ext_id: entity}` of one object of a source; of people by default. For up to some ten thousand keys."""
    keys = ExternalKey.objects.filter(source_id=_source_id(source), object=object)
    return dict(keys.values_list("ext_id", "entity"))


def keys_of(entity: int) -> list[tuple[str, str, str]]:
    """`(source, object, ext_id)` of every key of an entity."""
    keys = ExternalKey.objects.filter(entity=entity).order_by("source__name", "object", "ext_id")
    return list(keys.values_list("source__name", "object", "ext_id"))


def moved_from(source: Source | str, object: str, ext_ids: Sequence[str]) -> dict[str, list[int]]:  # noqa: A002
    """Ids that merges moved to another record: `{ext_id: the records that they meant before, the first one first}`."""
    wanted, found = set(ext_ids), dict[str, list[int]]()
    moved = MovedKey.objects.filter(source_id=_source_id(source), object=object).order_by("batch", "pk")
    for ext_id, loser in moved.values_list("ext_id", "loser"):
        if ext_id in wanted:
            found.setdefault(ext_id, []).append(loser)
    return found


def aliases(source: Source | str, kind: str) -> dict[str, int]:
    """Spellings that a person has confirmed for this source: `{text_key: entity}`."""
    return dict(Alias.objects.filter(source_id=_source_id(source), kind=kind).values_list("text_key", "entity"))


def every_key(object: str) -> list[tuple[str, int, str]]:  # noqa: A002
    """`(ext_id, entity, source)` of one object in all sources, by source and id."""
    keys = ExternalKey.objects.filter(object=object).order_by("source__name", "ext_id")
    return list(keys.values_list("ext_id", "entity", "source__name"))


def every_alias(kind: str) -> list[tuple[str, int]]:
    """`(text_key, entity)` of every spelling that a person has confirmed, in any source."""
    return list(Alias.objects.filter(kind=kind).order_by("text_key", "entity").values_list("text_key", "entity"))
