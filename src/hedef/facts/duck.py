"""DuckDB over pinned segments: one database a process, one schema of views for each version and seal asked for."""

# ruff: noqa: S608 - only names of the registry, own paths and seal numbers stand in this SQL; values are bound

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from hedef.facts import registry
from hedef.facts.engine.tables import Shape
from hedef.facts.segments import Manifest, Segment
from hedef.kernel.errors import Refused

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


@dataclass
class Database:
    """The DuckDB of one facts folder. Objects are made when a question first names them and shared by versions."""

    folder: Path
    connection: duckdb.DuckDBPyConnection = field(default_factory=lambda: duckdb.connect(":memory:"))
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
            self.connection.execute(f"DROP {'TABLE' if name.startswith('t') else 'VIEW'} main.{name}")
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
        parts = tuple(one for one in at.manifest.of(name) if one.first_known <= at.known_no)
        upto = at.known_no if any(one.last_known > at.known_no for one in parts) else None
        key_of = (name, tuple(one.path for one in parts), upto)
        if key_of not in self.made:
            body = self._body(parts, columns, sign, key, shape, upto)
            small = sum(one.rows for one in parts) <= _IN_MEMORY_ROWS
            self.count += 1
            of = f"{'t' if small else 'v'}{self.count}_{name}"
            self.connection.execute(f"CREATE {'TABLE' if small else 'VIEW'} main.{of} AS {body}")
            self.made[key_of] = of
        return self.made[key_of]

    def _body(
        self,
        parts: Sequence[Segment],
        columns: Mapping[str, str],
        sign: str,
        key: str,
        shape: Shape,
        upto: int | None,
    ) -> str:
        listed = ", ".join(f'"{name}"' for name in columns)
        if not parts:
            nothing = ", ".join(f'CAST(NULL AS {of}) AS "{name}"' for name, of in columns.items())
            return f"SELECT {nothing} WHERE false"
        paths = ", ".join(_quoted(self._path(one)) for one in parts)
        rows = f"SELECT {listed} FROM read_parquet([{paths}])"
        if upto is not None:
            rows += f" WHERE known_no <= {upto}"
        if shape == "signed" or not any(one.retracted for one in parts):
            return rows
        return _living(rows, columns, sign, key)

    def _path(self, one: Segment) -> Path:
        path = self.folder / one.path
        if not path.is_file():
            raise Refused(f"A file of the facts is missing: {path}.", hint="hedef facts rebuild makes the facts again.")
        return path


@dataclass(frozen=True)
class At:
    """What a question reads: a version, as known at a seal."""

    manifest: Manifest
    known_no: int


def _living(rows: str, columns: Mapping[str, str], sign: str, key: str) -> str:
    """The rows that were not taken back. Only entities of which something was taken back are added up."""
    values = [f'"{name}"' for name in columns if name not in ("known_no", sign)]
    listed = ", ".join(f'"{name}"' for name in columns)
    summed = ", ".join(
        {"known_no": "max(known_no) AS known_no", sign: f"CAST(sum({sign}) AS INTEGER) AS {sign}"}.get(
            name, f'"{name}"'
        )
        for name in columns
    )
    is_turned = f'EXISTS (SELECT 1 FROM turned WHERE turned.it IS NOT DISTINCT FROM every_row."{key}")'
    return (
        f'WITH every_row AS ({rows}), turned AS (SELECT DISTINCT "{key}" AS it FROM every_row WHERE {sign} < 0) '
        f"SELECT {listed} FROM every_row WHERE {sign} > 0 AND NOT {is_turned} "
        f"UNION ALL SELECT {summed} FROM every_row WHERE {is_turned} "
        f"GROUP BY {', '.join(values)} HAVING sum({sign}) > 0"
    )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


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


_databases: dict[tuple[int, Path], Database] = {}
_databases_lock = threading.Lock()


def database(folder: Path) -> Database:
    """The process's DuckDB for a facts folder (a fork gets its own)."""
    key = (os.getpid(), folder)
    with _databases_lock:
        if key not in _databases:
            if len(_databases) >= 2:  # a process serves one home; tests open many
                _databases.pop(next(iter(_databases)))
            _databases[key] = Database(folder)
        return _databases[key]
