"""Questions in the words of the other engines: macros written out, values as literals, tables as pinned files.

Pure: text in, text out. What DuckDB answers is the meaning; the golden tests hold the others to it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from sqlglot import exp, parse_one

from hedef.facts.engine.questions import bound

type Dialect = Literal["clickhouse", "spark"]
FILES = "files_of_"  # the rows of a table's files, before they are made the table


def spoken(
    sql: str,
    params: Mapping[str, Any],
    tables: Sequence[tuple[str, str]],
    dialect: Dialect,
    *,
    lent: Sequence[str] = (),
) -> str:
    """A question as one statement of another engine.

    `sql` is the dialect of the facts, with `:name` parameters; `tables` are (name, its text over `files_of_<name>`) in
    the order in which they rest on each other; `lent` are tables that the engine knows by their own name.
    ValueError for a parameter that is missing.
    """
    tree = parse_one(bound(sql), read="duckdb")
    found = _merged([(name, parse_one(bound(text), read="duckdb")) for name, text in tables if name not in lent], tree)
    ready = found.transform(lambda node: _value(node, params)).transform(_unrolled)
    _count_days(ready)
    return _written(ready.transform(lambda node: _macro(node, dialect)), dialect)


def _merged(tables: Sequence[tuple[str, exp.Expr]], tree: exp.Expr) -> exp.Expr:
    """The statement with every table as a CTE before its own; a CTE of the question hides a table of its name."""
    own = tree.args.get("with_") or tree.args.get("with")
    inner = list(own.expressions) if own is not None else []
    ctes = [
        exp.CTE(this=_apart(name, body), alias=exp.TableAlias(this=exp.to_identifier(name)))
        for name, body in tables
        if name not in {one.alias for one in inner}
    ]
    if own is not None:
        own.set("expressions", [*ctes, *inner])
    elif ctes:
        tree.set("with_" if "with_" in tree.arg_types else "with", exp.With(expressions=ctes))
    return tree


def _apart(table: str, body: exp.Expr) -> exp.Expr:
    """The text of a table with CTEs named after it: writers put inner CTEs beside the question's own ones."""
    own = body.args.get("with_") or body.args.get("with")
    inner = {one.alias: f"{table}_{one.alias}_" for one in own.expressions} if own is not None else {}
    for read in body.find_all(exp.Table):
        if read.name in inner and not read.db:
            read.set("alias", exp.TableAlias(this=exp.to_identifier(read.alias or read.name)))
            read.set("this", exp.to_identifier(inner[read.name]))
    for one in own.expressions if own is not None else ():
        one.set("alias", exp.TableAlias(this=exp.to_identifier(inner[one.alias])))
    return body


# --- values -----------------------------------------------------------------------------------------------------------


def _value(node: exp.Expr, params: Mapping[str, Any]) -> exp.Expr:
    if not isinstance(node, exp.Parameter | exp.Placeholder):
        return node
    name = node.name
    if name not in params:
        raise ValueError(f'the parameter "{name}" is missing')
    given = params[name]
    if isinstance(given, list | tuple):
        return exp.Array(expressions=[_literal(one) for one in given])
    return _literal(given)


def _literal(given: Any) -> exp.Expr:
    if given is None:
        return exp.Null()
    if isinstance(given, bool):
        return exp.Boolean(this=given)
    if isinstance(given, int):
        number: exp.Expr = exp.Literal.number(abs(given))
        return exp.Paren(this=exp.Neg(this=number)) if given < 0 else number
    if isinstance(given, date):
        return exp.cast(exp.Literal.string(given.isoformat()), "date")
    return exp.Literal.string(str(given))


def _unrolled(node: exp.Expr) -> exp.Expr:
    """`x IN (SELECT unnest([1, 2]))` as `x IN (1, 2)`; an empty list holds nothing."""
    if not isinstance(node, exp.In):
        return node
    inner = node.args.get("query")
    select = inner.this if isinstance(inner, exp.Subquery) else inner
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return node
    many = select.expressions[0]
    if not isinstance(many, exp.Unnest | exp.Explode):
        return node
    array = many.expressions[0] if isinstance(many, exp.Unnest) else many.this
    listed = list(array.expressions) or [exp.Null()]
    return exp.In(this=node.this, expressions=listed)


# --- macros -----------------------------------------------------------------------------------------------------------


def _macro(node: exp.Expr, dialect: Dialect) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and (made := _MACROS.get(node.name.lower())) is not None:
        return made(dialect, *node.expressions)
    return node


def _idiv(dialect: Dialect, a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """Whole division toward zero as DuckDB's `//`; never by way of a float."""
    if dialect == "clickhouse":
        return exp.Anonymous(this="intDiv", expressions=[a, b])
    return exp.Paren(this=exp.IntDiv(this=exp.Paren(this=a), expression=exp.Paren(this=b)))


def _days(dialect: Dialect, a: exp.Expr, b: exp.Expr) -> exp.Expr:
    if dialect == "clickhouse":
        return exp.Anonymous(this="dateDiff", expressions=[exp.Literal.string("day"), a, b])
    return exp.Anonymous(this="DATEDIFF", expressions=[b, a])


_RUNNING = {"working_days_between": "days_until", "working_halves_between": "halves_until"}


def _count_days(tree: exp.Expr) -> None:
    """Working days as differences of the calendar's running counts: the calendar is joined once for each day column.

    These engines answer no subquery that looks at an outer row inside a sum.
    """
    for call in list(tree.find_all(exp.Anonymous)):
        if (column := _RUNNING.get(call.name.lower())) is None:
            continue
        select = call.find_ancestor(exp.Select)
        assert isinstance(select, exp.Select)
        first, last = (_running(select, column, day) for day in call.expressions)
        call.replace(exp.Paren(this=exp.Sub(this=last, expression=first)))


def _running(select: exp.Select, column: str, day: exp.Expr) -> exp.Expr:
    """The calendar's running count on a day; null beyond the calendar."""
    if not day.find(exp.Column):
        picked = exp.select(exp.Max(this=exp.column(column, "days_"))).from_(exp.to_table("calendar").as_("days_"))
        return exp.Subquery(this=picked.where(exp.EQ(this=exp.column("day", "days_"), expression=day.copy())))
    joins = select.args.get("joins") or []
    alias = next((one.alias_or_name for one in joins if one.args.get("on") == _on(one.alias_or_name, day)), None)
    if alias is None:
        alias = f"days_{len(joins)}_"
        calendar = exp.to_table("calendar").as_(alias)
        select.append("joins", exp.Join(this=calendar, side="LEFT", on=_on(alias, day)))
    return exp.column(column, alias)


def _on(alias: str, day: exp.Expr) -> exp.Expr:
    return exp.EQ(this=exp.column("day", alias), expression=day.copy())


def _living(dialect: Dialect, row: exp.Expr) -> exp.Expr:
    del dialect
    return exp.GT(this=exp.column("sign", row.name), expression=exp.Literal.number(0))


_MACROS: dict[str, Callable[..., exp.Expr]] = {
    "idiv": _idiv,
    "days_between": _days,
    "living": _living,
}


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(tree: exp.Expr, dialect: Dialect) -> str:
    if dialect == "clickhouse":
        tree = tree.transform(_wide_dates)
        for select in tree.find_all(exp.Select):
            select.set("expressions", [_named(one) for one in select.expressions])
    return tree.sql(dialect=dialect, comments=False)


def _named(column: exp.Expr) -> exp.Expr:
    """ClickHouse calls a column `s.deal` where two tables of a join have one of its name: say what it is called."""
    return exp.alias_(column, column.name) if isinstance(column, exp.Column) else column


def _wide_dates(node: exp.Expr) -> exp.Expr:
    """ClickHouse's Date begins in 1970: Date32 instead."""
    if not isinstance(node, exp.Cast) or not isinstance(node.to, exp.DataType):
        return node
    if node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
        return exp.Anonymous(this="toDate32", expressions=[node.this])
    return node


@lru_cache(maxsize=256)
def clickhouse_type(of: str) -> str:
    """The type of a facts column in ClickHouse."""
    return (
        f"Nullable({ {'BIGINT': 'Int64', 'INTEGER': 'Int32', 'DATE': 'Date32', 'BOOLEAN': 'Bool'}.get(of, 'String') })"
    )


@lru_cache(maxsize=256)
def spark_type(of: str) -> str:
    """The type of a facts column in Spark."""
    return {"BIGINT": "BIGINT", "INTEGER": "INT", "DATE": "DATE", "BOOLEAN": "BOOLEAN"}.get(of, "STRING")
