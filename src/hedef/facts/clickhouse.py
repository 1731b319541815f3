"""ClickHouse over the segments of a pin. In process (chdb): the same SQL and functions as a server."""

# ruff: noqa: S608 - only names of the registry and own paths stand in this SQL; values are literals of sqlglot

import os
import re
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hedef.facts.duck import At
from hedef.facts.engine.dialects import FILES, clickhouse_type, spoken
from hedef.facts.ported import Stored, evened, tables_at
from hedef.facts.store import Store
from hedef.kernel.errors import Refused

# null is null: in outer joins, in sums of nothing, in comparisons
_SETTINGS = (
    "join_use_nulls = 1, aggregate_functions_null_for_empty = 1, cast_keep_nullable = 1, "
    "output_format_arrow_string_as_string = 1, output_format_arrow_low_cardinality_as_dictionary = 0"
)


class ClickHouse:
    """Answers questions like `duck.Database`; every statement names its files, so no state is kept between them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = threading.Lock()

    def ask(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: At
    ) -> pa.Table:
        """Rows of a question over the tables `names`, as known at a pin. Refused with the engine's own words."""
        tables, stored = tables_at([name for name in names if name not in inputs], at)
        with tempfile.TemporaryDirectory(prefix="hedef-lent-") as folder:
            lent = {name: _lent(name, table, Path(folder)) for name, table in inputs.items()}
            told = [*tables, *((name, f"SELECT {_names(table)} FROM {FILES}{name}") for name, table in inputs.items())]
            text = spoken(sql, params, told, "clickhouse")
            for one in stored:
                text = _put(text, one.name, self._files(one))
            for name, source in lent.items():
                text = _put(text, name, source)
            return evened(self._run(f"{text} SETTINGS {_SETTINGS}"))

    def _files(self, one: Stored) -> str:
        structure = ", ".join(f"{name} {clickhouse_type(of)}" for name, of in one.columns.items())
        if not one.parts:
            nothing = ", ".join(f"CAST(NULL AS {clickhouse_type(of)}) AS {name}" for name, of in one.columns.items())
            return f"(SELECT {nothing} WHERE 1 = 0)"
        folders: dict[Path, list[str]] = {}
        for part in one.parts:
            path = self.store.local_path(part.path)
            folders.setdefault(path.parent, []).append(path.name)
        found = [f"file('{_quoted(_glob(*item))}', 'Parquet', '{structure}')" for item in folders.items()]
        if len(found) == 1:
            return found[0]
        listed = ", ".join(one.columns)
        return "(" + " UNION ALL ".join(f"SELECT {listed} FROM {source}" for source in found) + ")"

    def _run(self, text: str) -> pa.Table:
        chdb = _library()
        with self.lock:
            try:
                answer = chdb.query(text, "Arrow")
            except RuntimeError as fault:
                raise Refused(f"ClickHouse did not answer: {str(fault)[:300]}") from fault
        data = answer.bytes()
        return pa.ipc.open_file(data).read_all() if data else pa.table({})


def _put(text: str, name: str, source: str) -> str:
    return re.sub(rf"\b{FILES}{name}\b", lambda _: source, text)


def _glob(folder: Path, names: list[str]) -> str:
    """One name, or the names of a folder in braces: ClickHouse takes no slash within them."""
    return str(folder / names[0]) if len(names) == 1 else f"{folder}/{{{','.join(names)}}}"


def _names(table: pa.Table) -> str:
    return ", ".join(table.column_names)


def _lent(name: str, table: pa.Table, folder: Path) -> str:
    path = folder / f"{name}.parquet"
    pq.write_table(table, path)
    return f"file('{_quoted(str(path))}', 'Parquet')"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


@cache
def _library() -> Any:
    try:
        import chdb
    except ImportError as fault:
        raise Refused(
            "ClickHouse is not installed.", hint="Install hedef[clickhouse], or set HEDEF_FACTS_ENGINE=duckdb."
        ) from fault
    return chdb


_engines: dict[tuple[int, Store], ClickHouse] = {}


def clickhouse(store: Store) -> ClickHouse:
    return _engines.setdefault((os.getpid(), store), ClickHouse(store))
