"""SQL over segments: all rows, and those that were not taken back.

A row that was taken back stands in the segments twice, with opposite signs. Few entities are ever touched again, so
only theirs are added up; everything else is read as it lies there.
"""

# ruff: noqa: S608 - only names of the registry, own paths and seal numbers stand in this SQL; values are bound

from collections.abc import Mapping, Sequence
from pathlib import Path


def every_row(paths: Sequence[Path], columns: Mapping[str, str], upto: int | None) -> str:
    """All rows known at seal `upto` (none: all); `columns` are names with their SQL types."""
    if not paths:
        return "SELECT " + ", ".join(f'CAST(NULL AS {of}) AS "{name}"' for name, of in columns.items()) + " WHERE false"
    listed = ", ".join(f'"{name}"' for name in columns)
    return f"SELECT {listed} FROM read_parquet([{_quoted(paths)}])" + _known(upto)


def turned_keys(paths: Sequence[Path], key: str, sign: str, upto: int | None) -> str:
    """Entities of which something was taken back, as `it`; `paths` are the segments in which that happens."""
    rows = f'SELECT "{key}", {sign} FROM read_parquet([{_quoted(paths)}])' + _known(upto)
    return f'SELECT DISTINCT "{key}" AS it FROM ({rows}) WHERE {sign} < 0'


def turned_rows(rows: str, columns: Mapping[str, str], key: str, sign: str, turned: str) -> str:
    """What is left of the rows of the entities in `turned` once their signs are added up."""
    summed = {"known_no": "max(known_no) AS known_no", sign: f"CAST(sum({sign}) AS INTEGER) AS {sign}"}
    listed = ", ".join(summed.get(name, f'"{name}"') for name in columns)
    values = ", ".join(f'"{name}"' for name in columns if name not in summed)
    return (
        f'SELECT {listed} FROM ({rows}) WHERE "{key}" IN (SELECT it FROM {turned}) '
        f"GROUP BY {values} HAVING sum({sign}) > 0"
    )


def living_rows(rows: str, columns: Mapping[str, str], key: str, turned: str, left: str) -> str:
    """Rows of entities outside `turned`, and the rows of `left`."""
    listed = ", ".join(f'"{name}"' for name in columns)
    return f"{rows_outside(rows, columns, key, turned)} UNION ALL SELECT {listed} FROM {left}"


def rows_outside(rows: str, columns: Mapping[str, str], key: str, turned: str) -> str:
    """Rows of entities outside `turned`."""
    listed = ", ".join(f'"{name}"' for name in columns)
    outside = f'NOT EXISTS (SELECT 1 FROM {turned} AS gone WHERE gone.it = r."{key}")'
    return f"SELECT {listed} FROM ({rows}) AS r WHERE {outside}"


def _known(upto: int | None) -> str:
    return "" if upto is None else f" WHERE known_no <= {upto}"


def _quoted(paths: Sequence[Path]) -> str:
    return ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
