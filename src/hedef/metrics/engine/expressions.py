"""The expression language of metric documents: a small part of portable SQL, read into a tree.

Trees are equal when they mean the same text: `at`, the place of a node, does not count.

Columns of one facts table, whole numbers, codes in single quotes, `date 'YYYY-MM-DD'`, `+ - *`, comparisons,
`and or not`, `in`, `between`, `is null`, `case`, and the functions of FUNCTIONS. Nothing else can be written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

FUNCTIONS: dict[str, int | None] = {  # number of arguments; none = one or more
    "idiv": 2,
    "days_between": 2,
    "working_days_between": 2,
    "coalesce": None,
}


class ExpressionError(ValueError):
    """The text is outside the language; `at` is the place (characters from 0) where reading stopped."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A whole number, code, day, truth value or null."""

    value: int | str | date | bool | None
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: Literal["+", "-", "*"]
    left: "Node"
    right: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: "Node"
    right: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["and", "or"]
    left: "Node"
    right: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class In:
    operand: "Node"
    items: tuple["Node", ...]
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    operand: "Node"
    low: "Node"
    high: "Node"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    branches: tuple[tuple["Node", "Node"], ...]
    otherwise: "Node | None"
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...]
    at: int = field(compare=False)


type Node = Column | Constant | Arithmetic | Negative | Compare | Logic | Not | IsNull | In | Between | Case | Call

_TOKEN = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign><=|>=|<>|!=|[=<>+\-*(),])"
)
_WORDS = frozenset(
    "and or not in between is null case when then else end date true false".split()  # may not be column names
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ExpressionError(f'"{text[at]}" is not part of the language', at)
        kind = found.lastgroup
        if kind == "name":
            word = found[0].lower()
            yield _Token("word" if word in _WORDS else "name", word, at)
        elif kind:
            yield _Token(kind, "<>" if found[0] == "!=" else found[0], at)
        at = found.end()
    yield _Token("end", "", len(text))


def parse(text: str) -> Node:
    """Tree of one expression; ExpressionError names what cannot be read and where."""
    reader = _Reader(list(_tokens(text)))
    node = reader.disjunction()
    reader.expect("end", "")
    return node


def columns_of(node: Node) -> frozenset[str]:
    """Names of the columns that an expression reads."""
    if isinstance(node, Column):
        return frozenset((node.name,))
    return frozenset().union(*(columns_of(child) for child in children(node)))


def children(node: Node) -> tuple[Node, ...]:
    """Direct parts of a node, in reading order."""
    match node:
        case Arithmetic() | Compare() | Logic():
            return (node.left, node.right)
        case Negative() | Not() | IsNull():
            return (node.operand,)
        case In():
            return (node.operand, *node.items)
        case Between():
            return (node.operand, node.low, node.high)
        case Case():
            pairs = tuple(part for branch in node.branches for part in branch)
            return pairs if node.otherwise is None else (*pairs, node.otherwise)
        case Call():
            return node.arguments
        case _:
            return ()


class _Reader:
    """Reads tokens by precedence: or, and, not, comparison, + -, *, unary minus, atoms."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *texts: str) -> _Token | None:
        token = self.here
        if token.text in texts and token.kind in {"word", "sign"}:
            self.place += 1
            return token
        return None

    def expect(self, kind: str, text: str) -> _Token:
        token = self.here
        if token.kind != kind or (text and token.text != text):
            wanted = f'"{text}"' if text else {"end": "the end", "text": "a code in quotes"}.get(kind, kind)
            raise ExpressionError(f"{wanted} is expected here, found {_shown(token)}", token.at)
        self.place += 1
        return token

    def disjunction(self) -> Node:
        node = self.conjunction()
        while token := self.take("or"):
            node = Logic("or", node, self.conjunction(), token.at)
        return node

    def conjunction(self) -> Node:
        node = self.negation()
        while token := self.take("and"):
            node = Logic("and", node, self.negation(), token.at)
        return node

    def negation(self) -> Node:
        if token := self.take("not"):
            return Not(self.negation(), token.at)
        return self.comparison()

    def comparison(self) -> Node:
        left = self.total()
        if token := self.take("=", "<>", "<", "<=", ">", ">="):
            return Compare(token.text, left, self.total(), token.at)  # type: ignore[arg-type]  # one of the six
        if token := self.take("is"):
            negated = self.take("not")
            self.expect("word", "null")
            return _maybe_not(IsNull(left, token.at), negated)
        negated = self.take("not")
        if token := self.take("in"):
            return _maybe_not(In(left, self.listed(), token.at), negated)
        if token := self.take("between"):
            low = self.total()
            self.expect("word", "and")
            return _maybe_not(Between(left, low, self.total(), token.at), negated)
        if negated:
            raise ExpressionError('"not" must stand before "in" or "between" here', negated.at)
        return left

    def total(self) -> Node:
        node = self.product()
        while token := self.take("+", "-"):
            node = Arithmetic("+" if token.text == "+" else "-", node, self.product(), token.at)
        return node

    def product(self) -> Node:
        node = self.unary()
        while token := self.take("*"):
            node = Arithmetic("*", node, self.unary(), token.at)
        return node

    def unary(self) -> Node:
        if token := self.take("-"):
            return Negative(self.unary(), token.at)
        return self.atom()

    def listed(self) -> tuple[Node, ...]:
        self.expect("sign", "(")
        items = [self.total()]
        while self.take(","):
            items.append(self.total())
        self.expect("sign", ")")
        return tuple(items)

    def atom(self) -> Node:
        token = self.here
        self.place += 1
        match token.kind, token.text:
            case "number", text:
                return _number(text, token.at)
            case "text", text:
                return Constant(_unquoted(text), token.at)
            case "word", "null":
                return Constant(None, token.at)
            case "word", ("true" | "false") as text:
                return Constant(text == "true", token.at)
            case "word", "date":
                return _day(self.expect("text", ""))
            case "word", "case":
                return self.case(token.at)
            case "sign", "(":
                node = self.disjunction()
                self.expect("sign", ")")
                return node
            case "name", name:
                return self.call(token) if self.here.text == "(" else Column(name, token.at)
        self.place -= 1
        raise ExpressionError(f"a value is expected here, found {_shown(token)}", token.at)

    def call(self, token: _Token) -> Node:
        if token.text not in FUNCTIONS:
            raise ExpressionError(f'there is no function "{token.text}" (there are {", ".join(FUNCTIONS)})', token.at)
        arguments = self.listed()
        wanted = FUNCTIONS[token.text]
        if wanted is not None and len(arguments) != wanted:
            raise ExpressionError(f'"{token.text}" takes {wanted} values, {len(arguments)} are given', token.at)
        return Call(token.text, arguments, token.at)

    def case(self, at: int) -> Node:
        branches: list[tuple[Node, Node]] = []
        while self.take("when"):
            condition = self.disjunction()
            self.expect("word", "then")
            branches.append((condition, self.disjunction()))
        if not branches:
            raise ExpressionError('"case" needs at least one "when"', at)
        otherwise = self.disjunction() if self.take("else") else None
        self.expect("word", "end")
        return Case(tuple(branches), otherwise, at)


def _maybe_not(node: Node, negated: _Token | None) -> Node:
    return Not(node, negated.at) if negated else node


def _number(text: str, at: int) -> Constant:
    if "." in text:
        raise ExpressionError(f"{text} has a fraction; only whole numbers are exact here", at)
    if int(text) >= 2**63:
        raise ExpressionError(f"{text} is larger than any value in the facts", at)
    return Constant(int(text), at)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _day(token: _Token) -> Constant:
    try:
        return Constant(date.fromisoformat(_unquoted(token.text)), token.at)
    except ValueError:
        raise ExpressionError(f"{token.text} is no calendar date (write date '2017-08-31')", token.at) from None


def _shown(token: _Token) -> str:
    return "the end" if token.kind == "end" else f'"{token.text}"'
