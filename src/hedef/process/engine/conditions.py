"""Conditions over the fields of a deal, as process documents write them: `amount >= 50000 and deal_type = 'new'`.

Fields by their names (`amount` for `amount_minor`, in major units), numbers, texts in single quotes (days too:
`close_on < '2026-12-31'`), `= != <> < <= > >=`, `in (...)`, `is null`, `and or not` and brackets. Nothing else.
A comparison with a field that is empty is false, whatever the operator; only `is null` asks for that.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from hedef.kernel.money import exponent, is_currency
from hedef.records.engine.kinds import KINDS

ALIASES = {"primary_contact": "contact"}
_MONEY = "_minor"
_TOKEN = re.compile(
    r"\s+|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),])"
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

type Fields = Mapping[str, Any]


class ConditionError(ValueError):
    """The text is no condition; `at` is the place (characters from 0) where reading stopped."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read: `holds(fields)`, and the fields of the record that it reads."""

    text: str
    holds: Callable[[Fields], bool] = field(compare=False)
    names: frozenset[str]


def field_named(name: str) -> str | None:
    """The field of a deal that a document calls so: `amount` is `amount_minor`; none for no field of a deal."""
    told = ALIASES.get(name, name)
    known = KINDS["deal"].names
    if f"{told}{_MONEY}" in known:
        return f"{told}{_MONEY}"
    return told if told in known else None


def spelled(name: str) -> str:
    """How documents write a field of the record."""
    return name.removesuffix(_MONEY)


@lru_cache(maxsize=512)
def read_condition(text: str) -> Condition:
    """The condition of a text. ConditionError says what cannot be read and where."""
    reader = _Reader(list(_tokens(text)), set())
    test = reader.either()
    if reader.here[0] != "end":
        raise ConditionError(f'"{reader.here[1]}" is one word too many', reader.here[2])
    return Condition(text, test, frozenset(reader.names))


def value_of(fields: Fields, name: str) -> Any:
    """A field as conditions compare it: money in major units, whole numbers as fractions, days as days."""
    value = fields.get(name)
    if name.endswith(_MONEY) and value is not None:
        currency = fields.get("currency")
        places = exponent(currency) if currency and is_currency(currency) else 2
        return Fraction(value, 10**places)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    return value or None if isinstance(value, str) else value


type _Token = tuple[str, str, int]
type _Test = Callable[[Fields], bool]


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ConditionError(f'"{text[at]}" is not part of a condition', at)
        kind = found.lastgroup
        if kind == "name" and found[0].lower() in _WORDS:
            yield "word", found[0].lower(), at
        elif kind:
            yield kind, found[0], at
        at = found.end()
    yield "end", "the end", at


@dataclass
class _Reader:
    """Reads by precedence: or, and, not, comparison."""

    tokens: list[_Token]
    names: set[str]
    place: int = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *texts: str) -> str | None:
        kind, text, _at = self.here
        if kind in {"word", "sign"} and text in texts:
            self.place += 1
            return text
        return None

    def need(self, text: str) -> None:
        if self.take(text) is None:
            raise ConditionError(f'"{text}" is missing before {self.here[1]}', self.here[2])

    def either(self) -> _Test:
        tests = [self.both()]
        while self.take("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda fields: any(one(fields) for one in tests)

    def both(self) -> _Test:
        tests = [self.turned()]
        while self.take("and"):
            tests.append(self.turned())
        return tests[0] if len(tests) == 1 else lambda fields: all(one(fields) for one in tests)

    def turned(self) -> _Test:
        if self.take("not"):
            inner = self.turned()
            return lambda fields: not inner(fields)
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        return self.comparison()

    def comparison(self) -> _Test:
        name = self.name()
        if self.take("is"):
            turned = self.take("not") is not None
            self.need("null")
            return lambda fields: (value_of(fields, name) is None) != turned
        turned = self.take("not") is not None
        if self.take("in"):
            items = self.items(name)
            return lambda fields: (value := value_of(fields, name)) is not None and (value in items) != turned
        sign = self.take(*_COMPARE)
        if sign is None or turned:
            raise ConditionError(f"a comparison such as = is missing before {self.here[1]}", self.here[2])
        compare, other = _COMPARE[sign], self.constant(name)
        return lambda fields: (value := value_of(fields, name)) is not None and compare(value, other)

    def name(self) -> str:
        kind, text, at = self.here
        if kind != "name":
            raise ConditionError(f"a field of the deal is missing before {text}", at)
        found = field_named(text)
        if found is None:
            raise ConditionError(f'a deal has no field "{text}"', at)
        self.place += 1
        self.names.add(found)
        return found

    def items(self, name: str) -> frozenset[Any]:
        self.need("(")
        found = [self.constant(name)]
        while self.take(","):
            found.append(self.constant(name))
        self.need(")")
        return frozenset(found)

    def constant(self, name: str) -> Any:
        kind, text, at = self.here
        self.place += 1
        of = KINDS["deal"].get(name).type
        if kind == "number" and of in {"int", "bp", "ref", "instant"}:
            return Fraction(text)
        if kind == "text" and of == "day":
            return _day(text[1:-1], at)
        if kind == "text" and of in {"code", "text"}:
            return text[1:-1].replace("''", "'")
        wanted = {"day": "a day such as '2026-12-31'", "code": "a text in single quotes", "text": "a text in quotes"}
        raise ConditionError(f"{spelled(name)} is compared with {wanted.get(of, 'a number')}, not with {text}", at)


def _day(text: str, at: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise ConditionError(f"'{text}' is no day of the calendar", at) from fault
