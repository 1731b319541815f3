"""Formulas of derived metrics: a little arithmetic over other metrics at the same level and period.

    (at_start(open_deals) + new_deals) * win_rate * average_deal / mean(cycle_time)

Names are metrics; whole numbers, `+ - * /`, `max`, `min`, `abs`, `mean(quantile metric)`, `at_start(stock metric)` and
`period_days` are all there is. A part that is none, and a division by 0, make the whole none.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from hedef.metrics.engine.expressions import ExpressionError

DAYS = "period_days"
_OF_METRIC = ("mean", "at_start")
_OPS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True, slots=True)
class Term:
    """A metric in a formula, as it is (`way` none), its mean, or its state when the period began."""

    metric: str
    way: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Operation:
    """`+ - * /`, `max`, `min`, `abs` or `neg` of its parts."""

    name: str
    parts: tuple["Formula", ...]


type Formula = Term | Number | Operation


@lru_cache(maxsize=512)
def parse_formula(text: str) -> Formula:
    """The tree of a formula. ExpressionError for what is outside the language."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as fault:
        raise ExpressionError("this is no formula", (fault.offset or 1) - 1) from fault
    return _read(tree.body)


def terms_of(formula: Formula) -> tuple[Term, ...]:
    """Every metric of a formula once, in the order of the text."""
    return tuple(dict.fromkeys(_terms(formula)))


def result_of(formula: Formula, values: Mapping[Term, int | Fraction | None]) -> Fraction | None:
    """The exact value; none where a part is none or something is divided by 0."""
    match formula:
        case Number():
            return Fraction(formula.value)
        case Term():
            value = values[formula]
            return None if value is None else Fraction(value)
    parts = [result_of(part, values) for part in formula.parts]
    told = [part for part in parts if part is not None]
    if len(told) != len(parts) or (formula.name == "/" and told[1] == 0):
        return None
    return _DO[formula.name](told)


_DO: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "+": lambda parts: parts[0] + parts[1],
    "-": lambda parts: parts[0] - parts[1],
    "*": lambda parts: parts[0] * parts[1],
    "/": lambda parts: parts[0] / parts[1],
    "neg": lambda parts: -parts[0],
    "abs": lambda parts: abs(parts[0]),
    "max": max,
    "min": min,
}


def _read(node: ast.expr) -> Formula:
    match node:
        case ast.Name(id=name):
            return Term(name)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return Number(value)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPS:
            return Operation(_OPS[type(op)], (_read(left), _read(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("neg", (_read(operand),))
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]):
            return _call(name, parts, node.col_offset)
    raise ExpressionError(
        "only metrics, whole numbers, + - * / and the named functions may stand here", node.col_offset
    )


def _call(name: str, parts: list[ast.expr], at: int) -> Formula:
    if name in _OF_METRIC:
        if len(parts) == 1 and isinstance(parts[0], ast.Name):
            return Term(parts[0].id, name)
        raise ExpressionError(f"{name} takes one metric", at)
    if (name in {"max", "min"} and len(parts) > 1) or (name == "abs" and len(parts) == 1):
        return Operation(name, tuple(_read(part) for part in parts))
    raise ExpressionError(f"{name} with {len(parts)} parts is no function of formulas", at)


def _terms(formula: Formula) -> Iterator[Term]:
    if isinstance(formula, Term):
        yield formula
    elif isinstance(formula, Operation):
        for part in formula.parts:
            yield from _terms(part)
