"""Types of expressions: what may be added, compared and summed. Every finding is an issue, none an exception."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

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

type Type = Literal["int", "money", "bp", "day", "instant", "code", "ref", "bool", "null", "unknown"]

_NUMBERS = {"int", "money", "bp"}
_ORDERED = {"int", "money", "bp", "day", "instant"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of the language that a node breaks; `rule` is M1 (unknown name) or M2 (type or unit)."""

    rule: Literal["M1", "M2"]
    message: str
    at: int
    hint: str | None = None


class Typing:
    """Type of each node over the columns of one table, with the findings of the walk."""

    def __init__(self, table: FactTable) -> None:
        self.table = table
        self.findings: list[Finding] = []

    def of(self, node: Node) -> Type:
        """The type of a node; `unknown` after a finding, so that one mistake is told once."""
        match node:
            case Column():
                return self._column(node)
            case Constant():
                return _literal(node)
            case Negative():
                return self._number(self.of(node.operand), node.at)
            case Arithmetic():
                return self._arithmetic(node)
            case Compare():
                return self._alike([node.left, node.right], node.at, ordered=node.op not in {"=", "<>"})
            case Between():
                return self._alike([node.operand, node.low, node.high], node.at, ordered=True)
            case In():
                return self._alike([node.operand, *node.items], node.at, ordered=False)
            case Logic():
                return self._truths([node.left, node.right], node.at)
            case Not():
                return self._truths([node.operand], node.at)
            case IsNull():
                self.of(node.operand)
                return "bool"
            case Case():
                return self._case(node)
            case Call():
                return self._call(node)

    def _say(self, message: str, at: int, hint: str | None = None) -> Type:
        self.findings.append(Finding("M2", message, at, hint))
        return "unknown"

    def _column(self, node: Column) -> Type:
        column = self.table.columns.get(node.name)
        if column is None:
            known = ", ".join(sorted(self.table.columns))
            self.findings.append(
                Finding("M1", f'{self.table.name} has no column "{node.name}"', node.at, f"Its columns: {known}.")
            )
            return "unknown"
        return column.type

    def _number(self, kind: Type, at: int) -> Type:
        if kind in _NUMBERS or kind in {"unknown", "null"}:
            return kind
        return self._say(f"a number is needed, this is {_article(kind)}", at)

    def _arithmetic(self, node: Arithmetic) -> Type:
        left, right = self._number(self.of(node.left), node.at), self._number(self.of(node.right), node.at)
        if "unknown" in {left, right}:
            return "unknown"
        if node.op == "*":
            if left == right == "money":
                return self._say("money times money has no meaning", node.at)
            return "money" if "money" in {left, right} else "int"
        if left != right and not _zero(node.left) and not _zero(node.right):
            return self._say(f"{_article(left)} and {_article(right)} cannot be added", node.at, _MONEY_HINT)
        return right if _zero(node.left) else left

    def _alike(self, nodes: list[Node], at: int, *, ordered: bool) -> Type:
        kinds = {self.of(node) for node in nodes if not _zero(node)} - {"unknown", "null"}
        if len(kinds) > 1 or (kinds and not kinds <= _NUMBERS and any(_zero(node) for node in nodes)):
            shown = " and ".join(_article(kind) for kind in sorted(kinds)) or "these"
            return self._say(f"{shown} cannot be compared", at, _MONEY_HINT if "money" in kinds else None)
        if ordered and kinds and not kinds <= _ORDERED:
            return self._say(f"{_article(next(iter(kinds)))} has no order", at, "Use = , <> or in.")
        return "bool"

    def _truths(self, nodes: list[Node], at: int) -> Type:
        wrong = {self.of(node) for node in nodes} - {"bool", "unknown", "null"}
        if wrong:
            return self._say(f"a condition is needed, this is {_article(min(wrong))}", at)
        return "bool"

    def _case(self, node: Case) -> Type:
        self._truths([condition for condition, _ in node.branches], node.at)
        values = [value for _, value in node.branches]
        return self._same(values if node.otherwise is None else [*values, node.otherwise], node.at)

    def _same(self, nodes: list[Node], at: int) -> Type:
        kinds = {self.of(node) for node in nodes if not _zero(node)} - {"null"}
        if "unknown" in kinds:
            return "unknown"
        if len(kinds) > 1:
            shown = " and ".join(_article(kind) for kind in sorted(kinds))
            return self._say(f"all values must be of one type, these are {shown}", at)
        return next(iter(kinds), "int")

    def _call(self, node: Call) -> Type:
        if node.name == "coalesce":
            return self._same(list(node.arguments), node.at)
        first, second = (self.of(argument) for argument in node.arguments)
        if "unknown" in {first, second}:
            return "unknown"
        if node.name == "idiv":
            if not {first, second} <= _NUMBERS | {"null"}:
                return self._say("idiv divides numbers", node.at)
            return "money" if first == "money" and second != "money" else "int"
        if not {first, second} <= {"day", "null"}:
            return self._say(f"{node.name} counts between two days", node.at)
        return "int"


_MONEY_HINT = "Amounts are in a currency; only 0 can be written beside them."


def _literal(node: Constant) -> Type:
    match node.value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int():
            return "int"
        case date():
            return "day"
        case _:
            return "code"


def _zero(node: Node) -> bool:
    return isinstance(node, Constant) and node.value == 0 and node.value is not False


def _article(kind: str) -> str:
    words = {
        "int": "a whole number",
        "money": "an amount of money",
        "bp": "a share",
        "day": "a day",
        "instant": "an instant",
        "code": "a code",
        "ref": "a reference",
        "bool": "a condition",
        "null": "nothing",
    }
    return words.get(kind, kind)


def signed(node: Node, table: FactTable) -> bool:
    """Whether withdrawn rows take their value back: every added part has exactly one signed factor."""
    return _degrees(node, table) == {1}


def _degrees(node: Node, table: FactTable) -> set[int]:
    match node:
        case Column():
            column = table.columns.get(node.name)
            return {1 if column and column.signed else 0}
        case Constant():
            return {0} if node.value else {1}  # 0 and null add nothing, with or without a sign
        case Negative():
            return _degrees(node.operand, table)
        case Arithmetic(op="*"):
            return {a + b for a in _degrees(node.left, table) for b in _degrees(node.right, table)}
        case Arithmetic():
            return _degrees(node.left, table) | _degrees(node.right, table)
        case Case():
            values = [value for _, value in node.branches]
            values += [] if node.otherwise is None else [node.otherwise]
            return set().union(*(_degrees(value, table) for value in values))
        case Call(name="coalesce"):
            return set().union(*(_degrees(value, table) for value in node.arguments))
        case _:
            return {0}
