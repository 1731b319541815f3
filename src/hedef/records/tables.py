# ruff: noqa: S608 - the names in the statements come from the models, never from a person
"""Bulk reads and writes of record tables on Django's own connection: many rows a statement, COPY on PostgreSQL."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import polars as pl
from django.db import connection, models

from hedef.records.models import MODELS

COPY_ROWS = 200  # from here COPY beats single statements
VALUES_ROWS = 50  # rows in one statement
SORTED_ONCE = 50_000  # rows from which a first load makes its indexes at the end
_STANDING = ("entity", "last_batch", "last_ord", "last_effective_us", "ended_us")


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def table_of(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


def on_postgres() -> bool:
    return connection.vendor == "postgresql"


def one_of(values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a column is one of the values, and its parameters; any number of values."""
    if on_postgres():
        return "= ANY(%s)", [list(values)]
    if len(values) <= _MARKS:  # half the time of json_each
        return f"IN ({', '.join(['%s'] * len(values))})", list(values)
    return "IN (SELECT value FROM json_each(%s))", [json.dumps(list(values))]


_MARKS = 30_000  # SQLite takes 32,766 parameters


def select_rows(
    model: type[models.Model], columns: Sequence[str], *, entities: Sequence[int] | None = None, lock: bool = False
) -> list[tuple[Any, ...]]:
    """Rows of `columns` for `entities` (none: all), ordered by entity; `lock` holds them until the transaction ends."""
    sql = f"SELECT {', '.join(map(quoted, columns))} FROM {table_of(model)}"
    params: list[Any] = []
    if entities is not None:
        among, params = one_of(entities)
        sql += f" WHERE entity {among}"
    sql += " ORDER BY entity" + (" FOR UPDATE" if lock and on_postgres() else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def whole_rows(model: type[models.Model], schema: Mapping[str, pl.DataType], *, first: int, last: int) -> pl.DataFrame:
    """Rows of the columns of `schema` of the entities from `first` to `last`, by number."""
    columns = ", ".join(map(quoted, schema))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table_of(model)} WHERE entity BETWEEN %s AND %s ORDER BY entity", [first, last]
        )
        return framed(cursor, schema)


def framed(cursor: Any, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """What a cursor still has, as a frame; read in parts, so that few rows are Python objects at once."""
    parts = [pl.DataFrame(schema=dict(schema))]
    while rows := cursor.fetchmany(20_000):
        columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
        parts.append(pl.DataFrame([pl.Series(name, list(told), of) for (name, of), told in columns]))
    return pl.concat(parts)


def find_last(entity: int, kinds: Sequence[str]) -> tuple[str, int, int] | None:
    """Kind, batch and ord of the newest change of an entity, looked for in the tables of `kinds` in one question."""
    asked = (
        f"SELECT {place}, last_batch, last_ord FROM {table_of(MODELS[kind])} WHERE entity = %s"
        for place, kind in enumerate(kinds)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), [entity] * len(kinds))
        found = cursor.fetchone()
    return None if found is None else (kinds[found[0]], found[1], found[2])


def standing(model: type[models.Model], entities: pl.Series, *, lock: bool = True) -> pl.DataFrame:
    """Where each known entity stands (entity, last_batch, last_ord, last_effective_us, ended_us), locked if wanted.

    Entities above the largest one of the table are new and are not asked for.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(entity) FROM {table_of(model)}")
        top = cursor.fetchone()[0]
    known = entities.filter(entities <= top).unique() if top is not None else entities.head(0)
    rows = select_rows(model, _STANDING, entities=known.to_list(), lock=lock) if len(known) else []
    return pl.DataFrame(rows, schema=dict.fromkeys(_STANDING, pl.Int64), orient="row")


def insert_rows(model: type[models.Model], rows: pl.DataFrame) -> None:
    """Insert rows with the columns that `rows` has; the others stay null."""
    if rows.is_empty():
        return
    with _indexes_made_after(model, rows.height):
        if on_postgres() and rows.height >= COPY_ROWS:
            copy_rows(table_of(model), rows)
        else:
            insert_values(table_of(model), rows)


def insert_values(table: str, rows: pl.DataFrame, conflict: str = "") -> None:
    """INSERT with the values in the statement; `conflict` is an ON CONFLICT clause."""
    columns = ", ".join(map(quoted, rows.columns))
    if on_postgres():
        marks = ", ".join(["%s"] * rows.width)
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks}) {conflict}", plain(rows))
        return
    # Many rows a statement take half the time of one a statement. OR FAIL: else SQLite keeps a journal of each
    # statement for its own undo, which costs more than that wins; the transaction undoes a failed one here.
    row = f"({', '.join('?' * rows.width)})"
    head = f"INSERT OR FAIL INTO {table} ({columns}) VALUES "
    connection.ensure_connection()
    with connection.wrap_database_errors:
        for part in _iso_days(rows).iter_slices(VALUES_ROWS * 100):
            flat: list[Any] = [None] * (part.width * part.height)
            for place, column in enumerate(part.iter_columns()):
                flat[place :: part.width] = column.to_list()
            step = part.width * VALUES_ROWS
            for start in range(0, len(flat), step):
                values = flat[start : start + step]
                many = ", ".join([row] * (len(values) // part.width))
                connection.connection.execute(f"{head}{many} {conflict}", values)


@contextmanager
def _indexes_made_after(model: type[models.Model], coming: int) -> Iterator[None]:
    """A large load is faster when its indexes are sorted once at the end, in the same transaction.

    On PostgreSQL only into an empty table: dropping an index shuts readers out until the end. On SQLite also into one
    with fewer rows than are coming: readers keep seeing the former state.
    """
    limit = 1 if on_postgres() else coming
    if coming < SORTED_ONCE or _rows_upto(model, limit) >= limit:
        yield
        return
    sql = _PG_INDEXES if on_postgres() else _SQLITE_INDEXES
    with connection.cursor() as cursor:
        cursor.execute(sql, [model._meta.db_table])
        made = cursor.fetchall()
        for name, _ in made:
            cursor.execute(f"DROP INDEX {quoted(name)}")
        yield
        for _, definition in made:
            cursor.execute(definition)


def _rows_upto(model: type[models.Model], limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table_of(model)} LIMIT %s) AS first_rows", [limit])
        return int(cursor.fetchone()[0])


_SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
_PG_INDEXES = (
    "SELECT of_index.relname, pg_get_indexdef(indexrelid) FROM pg_index "
    "JOIN pg_class of_index ON of_index.oid = indexrelid "
    "WHERE indrelid = %s::regclass AND NOT indisunique ORDER BY 1"
)


def update_rows(model: type[models.Model], rows: pl.DataFrame) -> None:
    """Overwrite every column of `rows` beside `entity` in the rows of those entities."""
    if rows.is_empty():
        return
    columns = [name for name in rows.columns if name != "entity"]
    if on_postgres() and rows.height >= COPY_ROWS:
        _update_by_copy(model, rows, columns)
        return
    setting = ", ".join(f"{quoted(name)} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table_of(model)} SET {setting} WHERE entity = %s", plain(rows.select([*columns, "entity"]))
        )


def _update_by_copy(model: type[models.Model], rows: pl.DataFrame, columns: Sequence[str]) -> None:
    table = table_of(model)
    picked = ", ".join(map(quoted, rows.columns))
    setting = ", ".join(f"{quoted(name)} = told.{quoted(name)}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE told ON COMMIT DROP AS SELECT {picked} FROM {table} LIMIT 0")
        copy_rows("told", rows)
        cursor.execute(f"UPDATE {table} SET {setting} FROM told WHERE {table}.entity = told.entity")
        cursor.execute("DROP TABLE told")


def delete_rows(model: type[models.Model], entities: pl.Series) -> None:
    """Delete the rows of these entities."""
    with connection.cursor() as cursor:
        for part in entities.to_frame().iter_slices(500):
            marks = ", ".join(["%s"] * part.height)
            cursor.execute(f"DELETE FROM {table_of(model)} WHERE entity IN ({marks})", part["entity"].to_list())


def empty_table(model: type[models.Model]) -> None:
    """Delete every row of a table that is written anew in the same transaction; nobody else gets in before."""
    with connection.cursor() as cursor:
        if on_postgres():
            cursor.execute(f"LOCK TABLE {table_of(model)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"DELETE FROM {table_of(model)}")


def copy_rows(table: str, rows: pl.DataFrame) -> None:
    """COPY a frame into a table (quoted name) by CSV; an empty text stays an empty text."""
    columns = ", ".join(map(quoted, rows.columns))
    with connection.cursor() as cursor:
        sql = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')"
        with cursor.copy(sql) as copy:
            for part in rows.iter_slices(100_000):
                copy.write(csv_bytes(part))


def csv_bytes(rows: pl.DataFrame) -> bytes:
    return rows.write_csv(include_header=False, null_value="\\N", quote_style="non_numeric").encode()


def plain(rows: pl.DataFrame) -> Any:
    """An iterator of tuples as the drivers take them: days as dates on PostgreSQL, as ISO text on SQLite."""
    parts = (rows if on_postgres() else _iso_days(rows)).iter_slices(20_000)
    return chain.from_iterable(
        zip(*(column.to_list() for column in part.iter_columns()), strict=True) for part in parts
    )


def _iso_days(rows: pl.DataFrame) -> pl.DataFrame:
    days = [name for name, of in rows.schema.items() if of == pl.Date]
    return rows.with_columns(pl.col(name).dt.strftime("%Y-%m-%d") for name in days)
