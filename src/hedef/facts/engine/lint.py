"""Refuses SQL that does not port to the other engines or is not exact (data.md section 4), node by node.

What is not known to be portable is refused: a question says only what stands in `_ALLOWED`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from hedef.facts.engine.questions import bound, header, listed, params_of
from hedef.kernel.issue import Issue, Source

MACROS = ("idiv", "days_between", "working_days_between", "working_halves_between", "living")
_MACRO_TYPE = {name: exp.DType.BOOLEAN if name == "living" else exp.DType.BIGINT for name in MACROS}
_TYPES = ("BIGINT", "INTEGER", "INT", "DATE", "VARCHAR", "TEXT")
_ALLOWED: tuple[type[exp.Expression], ...] = (
    *(exp.Select, exp.With, exp.CTE, exp.TableAlias, exp.Table, exp.From, exp.Join, exp.Where, exp.Group, exp.Having),
    *(exp.Order, exp.Ordered, exp.Limit, exp.Union, exp.Subquery, exp.Alias, exp.Column, exp.Identifier, exp.Distinct),
    *(exp.Literal, exp.Placeholder, exp.Parameter, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Star, exp.Var),
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is),
    *(exp.Exists, exp.Case, exp.If, exp.Coalesce, exp.Count, exp.Sum, exp.Min, exp.Max, exp.Add, exp.Sub, exp.Mul),
    *(exp.Neg, exp.Cast, exp.DataType, exp.Anonymous, exp.Window, exp.WindowSpec, exp.RowNumber, exp.Lag),
    *(exp.LastValue, exp.IgnoreNulls, exp.Explode, exp.Unnest),
)


@dataclass(frozen=True)
class _Finding:
    code: str
    text: str
    hint: str


# what people write by habit, each with its cure
_HABITS: tuple[tuple[tuple[type[exp.Expression], ...], str, str], ...] = (
    ((exp.Div, exp.IntDiv), "division", "Write idiv(a, b); ratios are made in the engine."),
    ((exp.GenerateSeries,), "generated_rows", "Join the calendar, or give the rows as an input."),
    ((exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime), "clock", "Take the moment as :as_of_us or :as_of_day."),
    ((exp.UnixToTime, exp.TimestampTrunc, exp.DateTrunc, exp.Extract, exp.Interval), "time_function",
     "Instants are integers; periods come from the calendar."),
)  # fmt: skip


def lint(sql: str, schema: Mapping[str, Mapping[str, str]], *, name: str = "question") -> list[Issue]:
    """Everything about a question that is refused, in the order of the text; empty when it is fine.

    `schema`: SQL type of each column by table. A header line `-- inputs: periods(day DATE, no INTEGER)` adds tables
    that the caller lends. Issue codes: `syntax`, `not_portable`, `division`, `clock`, `generated_rows`,
    `time_function`, `star`, `group_by_all`, `inexact_number`, `type_not_allowed`, `asof`, `limit_without_order`,
    `order_not_unique`, `unknown_name`, `implicit_cast`, `header`.
    """
    try:
        trees = [tree for tree in parse(bound(sql), read="duckdb") if tree is not None]
    except SqlglotError as fault:
        return [_issue(name, _Finding("syntax", str(fault).splitlines()[0], "Correct the SQL."))]
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.Union):
        return [_issue(name, _Finding("syntax", "a file holds one question: one SELECT", "Split it."))]
    tree, told = trees[0], header(sql)
    found = [*_nodes(tree), *_orders(tree, told)]
    if not found:
        found = list(_names_and_types(tree, {**schema, **_inputs(told.get("inputs", ""))}))
    return [_issue(name, one) for one in found]


def lint_file(sql: str, schema: Mapping[str, Mapping[str, str]], *, name: str) -> list[Issue]:
    """`lint`, and the header comment that every question file has: name, says, grain, and its parameters."""
    told = header(sql)
    found = [
        _Finding("header", f'no "-- {key}:" line', "Add it.") for key in ("name", "says", "grain") if key not in told
    ]
    if told.get("name", name) != name:
        found.append(_Finding("header", f'the file is {name}, its header says "{told["name"]}"', "Correct the header."))
    if set(listed(told.get("parameters", ""))) != set(params_of(sql)):
        hint = f"It uses: {', '.join(params_of(sql)) or 'none'}."
        found.append(_Finding("header", "the parameters of the header are not those of the text", hint))
    return [*(_issue(name, one) for one in found), *lint(sql, schema, name=name)]


def _issue(name: str, one: _Finding) -> Issue:
    return Issue(one.code, "error", f"{name}: {one.text}", source=Source(file=f"{name}.sql"), hint=one.hint)


def _inputs(text: str) -> dict[str, dict[str, str]]:
    """`periods(day DATE, no INTEGER); people(person BIGINT)` as a schema."""
    found = {}
    for part in text.split(";"):
        table, _, columns = part.strip().rstrip(")").partition("(")
        if table:
            found[table] = {one.split()[0]: one.split()[1] for one in columns.split(",") if len(one.split()) == 2}
    return found


def _nodes(tree: exp.Expression) -> Iterator[_Finding]:
    for node in tree.walk(bfs=False):
        habit = next((one for one in _HABITS if isinstance(node, one[0])), None)
        if habit is not None:
            yield _Finding(habit[1], f"{_text(node)} is not portable or not exact", habit[2])
        elif not isinstance(node, _ALLOWED):
            yield _Finding("not_portable", f"{_text(node)} ({type(node).__name__}) is outside the dialect", _DIALECT)
        else:
            yield from _node(node)


_DIALECT = (
    "Use CTEs, joins on equality or range, case, coalesce, sum, count, min, max, row_number, lag, last_value and the "
    f"macros {', '.join(MACROS)}."
)


def _node(node: exp.Expr) -> Iterator[_Finding]:
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        yield _Finding("star", "SELECT * changes when a table grows", "Name the columns.")
    elif isinstance(node, exp.Group) and node.args.get("all"):
        yield _Finding("group_by_all", "GROUP BY ALL is not portable", "Name the columns.")
    elif isinstance(node, exp.Var) and node.name.upper() == "ALL":
        yield _Finding("not_portable", "ORDER BY ALL is not portable", "Name the columns.")
    elif isinstance(node, exp.Literal) and not node.is_string and not node.this.isdigit():
        yield _Finding("inexact_number", f"{node.this} is no integer", "Count in minor units, basis points or days.")
    elif isinstance(node, exp.DataType) and node.sql("duckdb").upper() not in _TYPES:
        yield _Finding(
            "type_not_allowed", f"{node.sql('duckdb')} is no type of facts", "Use BIGINT, INTEGER, DATE or VARCHAR."
        )
    elif isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() == "ASOF":
        yield _Finding("asof", "ASOF joins do not port", "Sum the signed rows up to the moment instead.")
    elif isinstance(node, exp.Union) and node.args.get("distinct"):
        yield _Finding("not_portable", "UNION drops equal rows", "Write UNION ALL.")
    elif isinstance(node, exp.Anonymous) and node.name.lower() not in MACROS:
        yield _Finding("not_portable", f"{node.name}() is no function of the dialect", _DIALECT)
    elif isinstance(node, exp.Limit) and not node.parent.args.get("order"):  # type: ignore[union-attr]
        yield _Finding("limit_without_order", "LIMIT without ORDER BY takes any rows", "Order by a unique key.")


def _orders(tree: exp.Expression, told: Mapping[str, str]) -> Iterator[_Finding]:
    """The order of the answer ends with a unique key: it names every column of the header's grain."""
    order = tree.args.get("order")
    if order is None:
        return
    named = {one.this.name for one in order.expressions}
    missing = [name for name in listed(told.get("grain", "")) if name not in named]
    if missing or "grain" not in told:
        text = f"ORDER BY does not name {', '.join(missing)} of the grain" if missing else "no grain tells rows apart"
        yield _Finding("order_not_unique", text, "End the order with the columns that tell the rows apart.")


def _names_and_types(tree: exp.Expression, schema: Mapping[str, Mapping[str, str]]) -> Iterator[_Finding]:
    tables: dict[str, object] = {table: dict(columns) for table, columns in schema.items()}
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in tables and table.name not in own:
            yield _Finding("unknown_name", f'there is no table "{table.name}"', f"Known: {', '.join(sorted(tables))}.")
            return
    try:
        named = qualify(tree.copy(), schema=tables, dialect="duckdb")
    except SqlglotError as fault:
        yield _Finding("unknown_name", str(fault).splitlines()[0], "Correct the name, or say which table it is of.")
        return
    _type_macros(named)
    yield from _casts(annotate_types(named, schema=tables, dialect="duckdb"))


def _type_macros(tree: exp.Expression) -> None:
    """Give macros and parameters the type that their name promises."""
    for node in list(tree.find_all(exp.Anonymous, exp.Placeholder)):
        of = _MACRO_TYPE.get(node.name.lower()) if isinstance(node, exp.Anonymous) else _param_type(node.name)
        if of is not None and not isinstance(node.parent, exp.Cast | exp.Explode):
            node.replace(exp.Cast(this=node.copy(), to=exp.DataType.build(of)))


def _param_type(name: str) -> exp.DType | None:
    if name.endswith(("_us", "_no", "_bp", "_minor")):
        return exp.DType.BIGINT
    return exp.DType.DATE if name.endswith(("_day", "_on")) else None


_FAMILIES = {
    **dict.fromkeys(
        (exp.DType.BIGINT, exp.DType.INT, exp.DType.INT128, exp.DType.SMALLINT, exp.DType.TINYINT), "integer"
    ),
    exp.DType.DATE: "date",
    **dict.fromkeys((exp.DType.VARCHAR, exp.DType.TEXT), "code"),
    exp.DType.BOOLEAN: "truth",
}


def _family(node: exp.Expr) -> str | None:
    return _FAMILIES.get(node.type.this) if node.type is not None else None


def _casts(tree: exp.Expression) -> Iterator[_Finding]:
    """Values of two families that meet would be cast, each engine in its own way."""
    for node in tree.walk(bfs=False):
        families = {family for family in map(_family, _meeting(node)) if family is not None}
        if len(families) > 1:
            yield _Finding(
                "implicit_cast", f"{_text(node)} mixes {' and '.join(sorted(families))}", "Write CAST, or DATE '...'."
            )


def _meeting(node: exp.Expr) -> Iterable[exp.Expr]:
    """The values that one operation brings together."""
    if isinstance(node, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.Add | exp.Sub | exp.Mul):
        return [node.this, node.expression]
    if isinstance(node, exp.In):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Case):
        results = [one.args["true"] for one in node.args["ifs"]]
        return [*results, node.args["default"]] if node.args.get("default") else results
    return []


def _text(node: exp.Expr) -> str:
    text = node.sql("duckdb")
    return text if len(text) <= 60 else f"{text[:57]}..."
