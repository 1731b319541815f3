"""An expression over one row, in plain Python: runs the cases of a document and is the twin of its SQL."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

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

type Row = Mapping[str, Any]
type WorkingDays = Callable[[date, date], int]  # working days after the first day up to the second


def value_of(node: Node, row: Row, working_days: WorkingDays | None = None) -> Any:
    """Value of a checked expression for `row`, columns as documents name them; null is none, truth has three values."""

    def of(child: Node) -> Any:
        return value_of(child, row, working_days)

    match node:
        case Column():
            return row.get(node.name)
        case Constant():
            return node.value
        case Negative():
            operand = of(node.operand)
            return None if operand is None else -operand
        case Arithmetic():
            return _arithmetic(node.op, of(node.left), of(node.right))
        case Compare():
            return _compare(node.op, of(node.left), of(node.right))
        case Logic(op="and"):
            return _and(of(node.left), of(node.right))
        case Logic():
            return _or(of(node.left), of(node.right))
        case Not():
            operand = of(node.operand)
            return None if operand is None else not operand
        case IsNull():
            return of(node.operand) is None
        case In():
            return _in(of(node.operand), [of(item) for item in node.items])
        case Between():
            operand = of(node.operand)
            return _and(_compare(">=", operand, of(node.low)), _compare("<=", operand, of(node.high)))
        case Case():
            chosen = next((value for condition, value in node.branches if of(condition) is True), node.otherwise)
            return None if chosen is None else of(chosen)
        case Call():
            return _call(node, [of(argument) for argument in node.arguments], working_days)


def _arithmetic(op: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if op == "*":
        return left * right
    return left + right if op == "+" else left - right


def _compare(op: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    match op:
        case "=":
            return bool(left == right)
        case "<>":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _in(operand: Any, items: list[Any]) -> bool | None:
    if operand is None:
        return None
    if operand in [item for item in items if item is not None]:
        return True
    return None if None in items else False


def _call(node: Call, values: list[Any], working_days: WorkingDays | None) -> Any:
    if node.name == "coalesce":
        return next((value for value in values if value is not None), None)
    first, second = values
    if first is None or second is None:
        return None
    if node.name == "idiv":
        return None if second == 0 else _truncated(first, second)
    if node.name == "days_between":
        return (second - first).days
    if working_days is None:
        raise ValueError("working_days_between needs a calendar")
    return working_days(first, second)


def _truncated(dividend: int, divisor: int) -> int:
    """Division towards zero, as the macro `idiv` of the facts."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient
