"""Which facts tables there are: Hedef's own and those that higher rooms register."""

import json
from functools import cache
from hashlib import sha256

from hedef.facts.engine.history import store_schema, stored_fields
from hedef.facts.engine.own import OWN
from hedef.facts.engine.tables import SqlType, Table
from hedef.records.engine.kinds import Field

FORMAT = 2  # of segments and derived rows; raise it when a derive function changes what it says
_SQL = {"Int64": "BIGINT", "Int32": "INTEGER", "Date": "DATE", "String": "VARCHAR", "Boolean": "BOOLEAN"}
_tables: dict[str, Table] = {table.name: table for table in OWN}


def register(table: Table) -> None:
    """Add a facts table of a higher room (from its AppConfig.ready). ValueError for a name taken by another one."""
    if _tables.get(table.name, table).schema != table.schema:
        raise ValueError(f"there is a facts table {table.name} with other columns already")
    _tables[table.name] = table
    kept_fields.cache_clear()
    schema_digest.cache_clear()


def tables() -> dict[str, Table]:
    """Every table by name."""
    return _tables


def stored() -> dict[str, Table]:
    """The tables that have segments of their own (beside the changes of each kind)."""
    return {name: table for name, table in _tables.items() if table.view is None}


@cache
def kept_fields() -> dict[str, tuple[Field, ...]]:
    """The fields that facts keep of each kind from which a table is derived."""
    wanted: dict[str, set[str]] = {}
    for table in stored().values():
        for kind in table.kinds if table.derive is not None else ():
            wanted.setdefault(kind, set()).update(table.fields)
    return {kind: stored_fields(kind, names) for kind, names in sorted(wanted.items())}


def question_schema() -> dict[str, dict[str, SqlType]]:
    """Tables and columns that a question may name."""
    return {name: table.schema for name, table in sorted(_tables.items()) if not table.hidden}


def store_columns(kind: str) -> dict[str, str]:
    """SQL types of the stored changes of a kind."""
    return {name: _SQL[str(of)] for name, of in store_schema(kept_fields()[kind]).items()}


def view_schema() -> dict[str, dict[str, str]]:
    """Everything that the SQL of a view may name: hidden tables and stored changes too."""
    every: dict[str, dict[str, str]] = {name: {**table.schema} for name, table in _tables.items()}
    return every | {f"change_{kind}": store_columns(kind) for kind in kept_fields()}


@cache
def schema_digest() -> str:
    """Changes whenever the facts must be built again: other tables, columns, fields or rules."""
    content = {
        "format": FORMAT,
        "tables": {name: [table.schema, table.shape, table.measures] for name, table in stored().items()},
        "changes": {
            kind: {name: str(of) for name, of in store_schema(fields).items()} for kind, fields in kept_fields().items()
        },
    }
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
