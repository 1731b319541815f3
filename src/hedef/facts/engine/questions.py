"""Questions as text: their header, parameters and tables. Values are always bound, never pasted."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

_PIECES = re.compile(
    r"'(?:[^']|'')*'"  # text
    r'|"(?:[^"]|"")*"'
    r"|--[^\n]*"
    r"|/\*.*?\*/"
    r"|(?<![:\w]):(?P<name>[a-z_][a-z0-9_]*)",
    re.DOTALL,
)
_HEADER = re.compile(r"--\s*([a-z]+):\s*(.*)")


@dataclass(frozen=True)
class Question:
    """One question. `tables`: the facts tables it reads (none: found in the text). `objects`: the kinds of record
    whose trust its answer carries (none: those of its tables)."""

    name: str
    sql: str
    tables: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    objects: tuple[str, ...] = field(default=())


def header(sql: str) -> dict[str, str]:
    """The `-- key: text` lines at the top of a question file; a line without key continues the one above."""
    found: dict[str, str] = {}
    last = ""
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        if named := _HEADER.match(line):
            last = named[1]
            found[last] = named[2].strip()
        elif last:
            found[last] = f"{found[last]} {line.removeprefix('--').strip()}".strip()
    return found


def listed(text: str) -> tuple[str, ...]:
    """The first word of each entry of a comma-separated header line."""
    return tuple(part.split()[0] for part in text.split(",") if part.strip())


def question_of(name: str, sql: str) -> Question:
    """A question file as a question."""
    told = header(sql)
    return Question(name, sql, params=params_of(sql), objects=listed(told.get("objects", "")))


@lru_cache(maxsize=1024)
def params_of(sql: str) -> tuple[str, ...]:
    """Names of the parameters (`:as_of_us`) in the order of their first use."""
    return tuple(dict.fromkeys(found["name"] for found in _PIECES.finditer(sql) if found["name"]))


@lru_cache(maxsize=1024)
def bound(sql: str) -> str:
    """The text with its parameters in DuckDB's form: `$as_of_us`."""
    return _PIECES.sub(lambda found: f"${found['name']}" if found["name"] else found[0], sql)


@lru_cache(maxsize=1024)
def tables_of(sql: str) -> tuple[str, ...]:
    """Tables that a question names (names of its own CTEs left out), sorted."""
    from sqlglot import exp, parse_one

    tree = parse_one(bound(sql), read="duckdb")
    own = {one.alias for one in tree.find_all(exp.CTE)}
    return tuple(sorted({one.name for one in tree.find_all(exp.Table)} - own))
