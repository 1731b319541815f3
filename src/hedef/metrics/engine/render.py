"""An expression as SQL of the portable dialect. Codes are quoted here, at one place; nothing else is pasted."""

from datetime import date

from hedef.metrics.engine.expressions import (
    Arithmetic,
    Between,
    Call,
    Case,
    Column,
    Compare,
    Constant,
    In,
    IsNull,
    Logic,
    Negative,
    Node,
    Not,
)
from hedef.metrics.engine.tables import FactTable

_ALIAS = {"deal": "d", "account": "c"}  # of the living records that `sources` joins


def sql_of(node: Node, table: FactTable, alias: str) -> str:
    """SQL text of a checked expression over `table`, whose columns are named `alias.column`."""

    def of(child: Node) -> str:
        return sql_of(child, table, alias)

    match node:
        case Column():
            column = table.columns[node.name]
            return f"{_ALIAS[column.via] if column.via else alias}.{column.sql}"
        case Constant():
            return _literal(node.value)
        case Negative():
            return f"(- {of(node.operand)})"
        case Arithmetic() | Compare() | Logic():
            return f"({of(node.left)} {node.op} {of(node.right)})"
        case Not():
            return f"(not {of(node.operand)})"
        case IsNull():
            return f"({of(node.operand)} is null)"
        case In():
            return f"({of(node.operand)} in ({', '.join(of(item) for item in node.items)}))"
        case Between():
            return f"({of(node.operand)} between {of(node.low)} and {of(node.high)})"
        case Case():
            whens = " ".join(f"when {of(condition)} then {of(value)}" for condition, value in node.branches)
            otherwise = "" if node.otherwise is None else f" else {of(node.otherwise)}"
            return f"(case {whens}{otherwise} end)"
        case Call():
            return f"{node.name}({', '.join(of(argument) for argument in node.arguments)})"


def _literal(value: int | str | date | bool | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case date():
            return f"date '{value.isoformat()}'"
        case _:
            return "'" + value.replace("'", "''") + "'"
