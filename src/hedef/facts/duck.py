"""DuckDB over pinned segments: one database a process, one schema of views for each version and seal asked for."""

# ruff: noqa: S608 - only names of the registry, own paths and seal numbers stand in this SQL; values are bound

import atexit
import os
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hedef.facts import registry
from hedef.facts.answers import Answers, key_of
from hedef.facts.engine.tables import Shape
from hedef.facts.hot import LARGEST, HotTable, load, refresh
from hedef.facts.living import every_row, living_rows, rows_outside, turned_keys, turned_rows
from hedef.facts.segments import Manifest, Segment, digest_upto
from hedef.facts.store import Store
from hedef.kernel.errors import Refused

if TYPE_CHECKING:
    import duckdb

_IN_MEMORY_ROWS = 300_000
_ASKED = 2  # questions after which a large table is worth being kept in memory
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

    connection = duckdb.connect(":memory:")
    connection.execute("ATTACH ':memory:' AS hot (COMPRESS)")
    for macro in _MACROS:
        connection.execute(macro)
    return connection


@dataclass
class Database:
    """The DuckDB of one store of facts. Objects are made when a question first names them and shared by versions."""

    store: Store
    connection: "duckdb.DuckDBPyConnection" = field(default_factory=_connect)
    hot: dict[str, HotTable] = field(default_factory=dict)  # the newest of each table
    keep: bool = True  # large tables in memory, and answers
    answers: Answers = field(default_factory=Answers)
    in_files: set[str] = field(default_factory=set)  # objects whose rows are read from files
    cold: set[tuple[str, str]] = field(default_factory=set)  # views over such objects that could be in memory
    loaded: set[str] = field(default_factory=set)  # hot tables that are there, former ones too
    asked: Counter[str] = field(default_factory=Counter)  # how often a large table was read from its files
    lock: threading.RLock = field(default_factory=threading.RLock)
    loading: threading.Lock = field(default_factory=threading.Lock)  # one large table at a time
    made: dict[tuple[Any, ...], str] = field(default_factory=dict)
    schemas: dict[str, dict[str, str]] = field(default_factory=dict)  # views of each and what they read
    spare: dict[str, list["duckdb.DuckDBPyConnection"]] = field(default_factory=dict)  # cursors that nobody uses now
    count: int = 0
    ending: bool = False  # the process ends: nothing is loaded any more

    def ask(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: "At"
    ) -> pa.Table:
        """Rows of a question over the tables `names`; sums come as BIGINT (more than 64 bits raise)."""
        if inputs or not self.keep:
            return self._asked(sql, names, params, inputs, at)
        key = key_of(sql, names, params, at.manifest, at.known_no)
        rows = self.answers.get(key)
        if rows is None:
            rows = self._asked(sql, names, params, inputs, at)
            self.answers.put(key, rows)
        return rows

    def _asked(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: "At"
    ) -> pa.Table:
        with self.lock:
            schema = self._schema(at)
            for name in names:
                self._view(at, schema, name)
            spare = self.spare[schema]
            cursor = spare.pop() if spare else None
        if cursor is None:  # a new one looks for names in the schema of this version
            cursor = self.connection.cursor()
            cursor.execute(f"SET search_path = '{schema},main'")
        try:
            for name, table in inputs.items():
                cursor.register(name, table)
            rows = _narrowed(cursor.sql(sql, params=dict(params)).to_arrow_table())
            for name in inputs:
                cursor.unregister(name)
        except BaseException:
            cursor.close()
            raise
        spare.append(cursor)
        return rows

    def open(self, at: "At") -> None:
        """Make ready what every question at this pin needs."""
        with self.lock:
            self._schema(at)

    def _schema(self, at: "At") -> str:
        schema = f"v{at.manifest.version}_{at.manifest.digest[:16]}_k{at.known_no}"
        if schema not in self.schemas:
            self._forget_old()
            self.connection.execute(f"CREATE SCHEMA {schema}")
            self.schemas[schema], self.spare[schema] = {}, []
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
        for cursor in self.spare.pop(oldest):
            cursor.close()
        self.cold = {one for one in self.cold if one[0] != oldest}
        used = {one for views in self.schemas.values() for one in views.values()}
        for key, name in [item for item in self.made.items() if item[1] not in used]:
            self.connection.execute(f"DROP VIEW main.{name}")
            for more in ("turned", "left", "rows"):
                self.connection.execute(f"DROP TABLE IF EXISTS main.{name}_{more}")
            del self.made[key]
        kept = {one.name for one in self.hot.values()} | {key[1] for key in self.made}
        for name in self.loaded - kept:
            self.connection.execute(f"DROP TABLE hot.{name}")
        self.loaded &= kept

    def _view(self, at: "At", schema: str, name: str) -> None:
        """Make the view `name` in the schema, and first what it rests on."""
        views = self.schemas[schema]
        if name in views and (schema, name) not in self.cold:
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
        made = _Made(name, columns, sign, key, shape)
        of = self._object(at, made)
        if views.get(name) != of:
            self.connection.execute(f"CREATE OR REPLACE VIEW {schema}.{name} AS SELECT * FROM main.{of}")
            views[name] = of
        in_files = of in self.in_files and at.known_no == at.manifest.watermark
        (self.cold.add if in_files else self.cold.discard)((schema, name))

    def _object(self, at: "At", of: "_Made") -> str:
        """Name of the shared object that holds a table's rows as known at `known_no`."""
        parts = tuple(one for one in at.manifest.of(of.name) if one.speaks_at(at.known_no))
        hot = self._hot(at, of)
        upto = at.known_no if hot or any(one.last_known > at.known_no for one in parts) else None
        key = (of.name, hot.name if hot else tuple(one.path for one in parts), upto)
        if key not in self.made:
            self.count += 1
            self.made[key] = f"o{self.count}_{of.name}"
            self._make(self.made[key], of, parts, upto, hot)
        return self.made[key]

    def _make(self, made: str, of: "_Made", parts: Sequence[Segment], upto: int | None, hot: HotTable | None) -> None:
        if hot is not None:
            self.connection.execute(f"CREATE VIEW main.{made} AS {hot.at(upto or 0)}")
            return
        rows = self._rows(self.connection, made, of, parts, upto)
        if sum(one.rows for one in parts) <= _IN_MEMORY_ROWS:
            self.connection.execute(f"CREATE TABLE main.{made}_rows AS {rows}")
            rows = f"SELECT * FROM main.{made}_rows"
        else:
            self.in_files.add(made)
        self.connection.execute(f"CREATE VIEW main.{made} AS {rows}")

    def _rows(
        self,
        connection: "duckdb.DuckDBPyConnection",
        made: str,
        of: "_Made",
        parts: Sequence[Segment],
        upto: int | None,
    ) -> str:
        """SQL of a table's rows, from its files; where something was taken back two tables are made for it first."""
        rows = every_row([self._path(one) for one in parts], of.columns, upto)
        turning = [self._path(one) for one in parts if one.retracted]
        if of.shape != "rows" or not turning:
            return rows
        turned, left = f"main.{made}_turned", f"main.{made}_left"
        connection.execute(f"CREATE TABLE {turned} AS {turned_keys(turning, of.key, of.sign, upto)}")
        connection.execute(f"CREATE TABLE {left} AS {turned_rows(rows, of.columns, of.key, of.sign, turned)}")
        return living_rows(rows, of.columns, of.key, turned, left)

    # --- in memory

    def _hot(self, at: "At", of: "_Made") -> HotTable | None:
        """The table in memory where it answers for this pin; loaded or brought up to date first where it can be."""
        found = self.hot.get(of.name)
        if found is not None and found.answers(at.manifest, at.known_no):
            return found
        parts = at.manifest.of(of.name)
        rows = sum(one.rows for one in parts)
        newest = found is None or found.known_no <= at.known_no
        if not self.keep or at.known_no != at.manifest.watermark or rows > LARGEST or not newest:
            return None  # what was known once, and former versions: the files are right there
        if found is not None and self._continues(found, at.manifest, of.name):
            refresh(self.connection, found, parts, at.manifest, self._path)
            return found
        if rows <= _IN_MEMORY_ROWS:
            return self._load(self.connection, at, of)
        self.asked[of.name] += 1
        if self.asked[of.name] > _ASKED:
            self.asked[of.name] = 0
            self._load_beside(at, of)
        return None

    def _load_beside(self, at: "At", of: "_Made") -> None:
        """Load a large table while questions go on being answered from the files."""

        cursor = self.connection.cursor()

        def run() -> None:
            with suppress(Exception), closing(cursor), self.loading:  # then the files go on answering
                if not self.ending:
                    self._load(cursor, at, of)

        thread = threading.Thread(target=run, name=f"hot {of.name}", daemon=True)
        atexit.register(partial(self._give_up, thread, cursor))
        thread.start()

    def _give_up(self, thread: threading.Thread, cursor: "duckdb.DuckDBPyConnection") -> None:
        """End a load before the interpreter ends: a thread that comes back from DuckDB later ends the process with it.

        An interrupt ends the statement that runs and not the next one, so it is said until the thread is over.
        """
        self.ending = True
        while thread.is_alive():
            with suppress(Exception):  # closed meanwhile
                cursor.interrupt()
            thread.join(0.02)

    def _continues(self, found: HotTable, manifest: Manifest, name: str) -> bool:
        """Whether `manifest` says the same as the hot table of the seals already known, and more only by key."""
        if found.stale or digest_upto(self.store, manifest.of(name), found.known_no) != found.digest:
            return False
        table = registry.tables().get(name)
        derived = table is None or table.derive is not None
        return derived or all(one.last_known <= found.known_no for one in manifest.of(name))

    def _load(self, connection: "duckdb.DuckDBPyConnection", at: "At", of: "_Made") -> HotTable:
        """A table made anew from the files of a version; the former one stays for the pins that read it."""
        with self.lock:
            self.count += 1
            number = self.count
        every = at.manifest.of(of.name)
        parts = [one for one in every if one.speaks_at(at.known_no)]
        lives = of.shape == "rows"
        first = at.known_no if lives else max((one.settled or 0 for one in every), default=0)
        made = HotTable(of.name, f"h{number}_{of.name}", of.columns, of.sign, of.key, lives, first)
        pack = sum(one.rows for one in parts) > _IN_MEMORY_ROWS
        rows = self._rows(connection, made.name, of, parts, None)
        slices = self._slices(made.name, of, parts) if pack else [rows]
        load(connection, made, slices, at.manifest, pack=pack)
        for more in ("turned", "left"):
            connection.execute(f"DROP TABLE IF EXISTS main.{made.name}_{more}")
        with self.lock:
            self.loaded.add(made.name)
            self.hot[of.name] = made
        return made

    def _slices(self, made: str, of: "_Made", parts: Sequence[Segment]) -> list[str]:
        """`_rows` file by file."""
        every = [every_row([self._path(one)], of.columns, None) for one in parts]
        if of.shape != "rows" or not any(one.retracted for one in parts):
            return every
        turned = f"main.{made}_turned"
        listed = ", ".join(f'"{name}"' for name in of.columns)
        left = f"SELECT {listed} FROM main.{made}_left"
        return [*(rows_outside(rows, of.columns, of.key, turned) for rows in every), left]

    def _path(self, one: Segment) -> Path:
        try:
            return self.store.local_path(one.path)
        except FileNotFoundError as fault:
            raise Refused(
                f"A file of the facts is missing: {one.path}.", hint="hedef facts rebuild makes the facts again."
            ) from fault


@dataclass(frozen=True)
class _Made:
    """A stored table as this file must know it: those of the registry, and the changes of a kind."""

    name: str
    columns: Mapping[str, str]
    sign: str
    key: str
    shape: Shape


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
