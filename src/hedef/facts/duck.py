"""DuckDB over pinned segments: one database a process, one schema of views for each version and seal asked for."""

# ruff: noqa: S608 - only names of the registry, own paths and seal numbers stand in this SQL; values are bound

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hedef.facts import registry
from hedef.facts.engine.tables import Shape
from hedef.facts.living import every_row, living_rows, turned_keys, turned_rows
from hedef.facts.segments import Manifest, Segment
from hedef.facts.store import Store
from hedef.kernel.errors import Refused

if TYPE_CHECKING:
    import duckdb

_IN_MEMORY_ROWS = 300_000
_KEPT_VERSIONS = 8  # more than a page or run can fall behind
_MACROS = (
    "CREATE MACRO idiv(a, b) AS (a // b)",
    "CREATE MACRO days_between(a, b) AS (b - a)",
    "CREATE MACRO living(row_) AS (row_.sign > 0)",
)
# by the calendar's running counts; days beyond it give null. A macro is pasted in: its alias must not be a caller's
_WORKING = (
    "CREATE MACRO working_{what}_between(first_, last_) AS ("
    "(SELECT days_.{what}_until FROM {calendar} AS days_ WHERE days_.day = last_) - "
    "(SELECT days_.{what}_until FROM {calendar} AS days_ WHERE days_.day = first_))"
)


def _connect() -> "duckdb.DuckDBPyConnection":
    import duckdb  # 0.15 s that commands without a question do not pay

    return duckdb.connect(":memory:")


@dataclass
class Database:
    """The DuckDB of one store of facts. Objects are made when a question first names them and shared by versions."""

    store: Store
    connection: "duckdb.DuckDBPyConnection" = field(default_factory=_connect)
    lock: threading.RLock = field(default_factory=threading.RLock)
    made: dict[tuple[Any, ...], str] = field(default_factory=dict)
    schemas: dict[str, dict[str, str]] = field(default_factory=dict)  # views of each and what they read
    count: int = 0

    def ask(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: "At"
    ) -> pa.Table:
        """Rows of a question over the tables `names`; sums come as BIGINT (more than 64 bits raise)."""
        with self.lock:
            schema = self._schema(at)
            for name in names:
                self._view(at, schema, name)
            cursor = self.connection.cursor()
        try:
            cursor.execute(f"SET search_path = '{schema},main'")
            for name, table in inputs.items():
                cursor.register(name, table)
            return _narrowed(cursor.sql(sql, params=dict(params)).to_arrow_table())
        finally:
            cursor.close()

    def _schema(self, at: "At") -> str:
        schema = f"v{at.manifest.version}_{at.manifest.digest[:16]}_k{at.known_no}"
        if schema not in self.schemas:
            self._forget_old()
            self.connection.execute(f"CREATE SCHEMA {schema}")
            self.schemas[schema] = {}
            for macro in _MACROS:
                self.connection.execute(macro.replace("MACRO ", f"MACRO {schema}."))
            self._view(at, schema, "calendar")
            for what in ("days", "halves"):
                macro = _WORKING.format(what=what, calendar=f"{schema}.calendar")
                self.connection.execute(macro.replace("MACRO ", f"MACRO {schema}."))
        return schema

    def _forget_old(self) -> None:
        """Drop the oldest version, and the loaded tables that no kept version uses."""
        if len(self.schemas) < _KEPT_VERSIONS:
            return
        oldest = next(iter(self.schemas))
        self.connection.execute(f"DROP SCHEMA {oldest} CASCADE")
        del self.schemas[oldest]
        used = {one for views in self.schemas.values() for one in views.values()}
        for key, name in [item for item in self.made.items() if item[1] not in used]:
            self.connection.execute(f"DROP VIEW main.{name}")
            for more in ("turned", "left", "rows"):
                self.connection.execute(f"DROP TABLE IF EXISTS main.{name}_{more}")
            del self.made[key]

    def _view(self, at: "At", schema: str, name: str) -> None:
        """Make the view `name` in the schema, and first what it rests on."""
        views = self.schemas[schema]
        if name in views:
            return
        table = registry.tables().get(name)
        if table is not None and table.view is not None:
            from hedef.facts.engine.questions import tables_of

            for below in tables_of(table.view):
                self._view(at, schema, below)
            body = _qualified(table.view, schema)
            self.connection.execute(f"CREATE VIEW {schema}.{name} AS {body}")
            views[name] = ""
            return
        columns: Mapping[str, str]
        if table is not None:
            columns, sign, key, shape = table.schema, table.sign, table.key, table.shape
        else:
            columns, sign, key, shape = registry.store_columns(name.removeprefix("change_")), "sign", "entity", "rows"
        of = self._object(at, name, columns, sign, key, shape)
        self.connection.execute(f"CREATE VIEW {schema}.{name} AS SELECT * FROM main.{of}")
        views[name] = of

    def _object(self, at: "At", name: str, columns: Mapping[str, str], sign: str, key: str, shape: Shape) -> str:
        """Name of the shared object that holds a table's rows as known at `known_no`."""
        parts = tuple(one for one in at.manifest.of(name) if one.speaks_at(at.known_no))
        upto = at.known_no if any(one.last_known > at.known_no for one in parts) else None
        key_of = (name, tuple(one.path for one in parts), upto)
        if key_of not in self.made:
            self.count += 1
            of = f"o{self.count}_{name}"
            rows = every_row([self._path(one) for one in parts], columns, upto)
            turning = [self._path(one) for one in parts if one.retracted]
            if shape == "rows" and turning:
                self._table(f"{of}_turned", turned_keys(turning, key, sign, upto))
                self._table(f"{of}_left", turned_rows(rows, columns, key, sign, f"main.{of}_turned"))
                rows = living_rows(rows, columns, key, f"main.{of}_turned", f"main.{of}_left")
            if sum(one.rows for one in parts) <= _IN_MEMORY_ROWS:
                self._table(f"{of}_rows", rows)
                rows = f"SELECT * FROM main.{of}_rows"
            self.connection.execute(f"CREATE VIEW main.{of} AS {rows}")
            self.made[key_of] = of
        return self.made[key_of]

    def _table(self, name: str, rows: str) -> None:
        self.connection.execute(f"CREATE TABLE main.{name} AS {rows}")

    def _path(self, one: Segment) -> Path:
        try:
            return self.store.local_path(one.path)
        except FileNotFoundError as fault:
            raise Refused(
                f"A file of the facts is missing: {one.path}.", hint="hedef facts rebuild makes the facts again."
            ) from fault


@dataclass(frozen=True)
class At:
    """What a question reads: a version, as known at a seal."""

    manifest: Manifest
    known_no: int


def _qualified(sql: str, schema: str) -> str:
    """View text with its tables named by schema, so that it can be read from anywhere."""
    from sqlglot import exp, parse_one

    tree = parse_one(sql, read="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in own:
            table.set("db", exp.to_identifier(schema))
    return tree.sql(dialect="duckdb")


def _narrowed(rows: pa.Table) -> pa.Table:
    """HUGEINT sums (decimal in Arrow) as int64; ArrowInvalid when one does not fit."""
    columns = [column.cast(pa.int64()) if pa.types.is_decimal(column.type) else column for column in rows.columns]
    return pa.table(columns, names=rows.column_names)


_databases: dict[tuple[int, Store], Database] = {}
_databases_lock = threading.Lock()


def database(store: Store) -> Database:
    """The process's DuckDB for a store of facts (a fork gets its own)."""
    key = (os.getpid(), store)
    with _databases_lock:
        if key not in _databases:
            if len(_databases) >= 2:  # a process serves one home; tests open many
                _databases.pop(next(iter(_databases)))
            _databases[key] = Database(store)
        return _databases[key]
