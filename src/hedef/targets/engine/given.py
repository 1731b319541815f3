"""Lines as they are given or made, before they have a number in the ledger; and the digest that approves them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

type Origin = Literal["manual", "import", "split", "phased", "rolled_up", "prorated"]
type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A target of a scope (`company`, `team:T-2`, `person:P-17`) and period; `parent` is the key of another line."""

    scope: str
    period: str
    value: int
    origin: Origin = "manual"
    parent: Key | None = None
    floor: int | None = None
    stretch: int | None = None

    @property
    def key(self) -> Key:
        return (self.scope, self.period)


def merge(before: Iterable[GivenLine], given: Iterable[GivenLine]) -> list[GivenLine]:
    """The lines of the next version: what was there, with the given ones in place of their predecessors."""
    found = {line.key: line for line in before}
    for line in given:
        found[line.key] = line
    return list(found.values())


def lines_digest(lines: Sequence[GivenLine]) -> str:
    """`sha256:...` over scope, period and values, whatever the order; where a line comes from does not count."""
    told = sorted(f"{one.scope}|{one.period}|{one.value}|{one.floor}|{one.stretch}" for one in lines)
    return "sha256:" + hashlib.sha256("\n".join(told).encode()).hexdigest()


def in_parent_order(lines: Sequence[GivenLine]) -> list[GivenLine]:
    """Parents before children, else as given. A parent that is not among the lines is no parent."""
    by_key = {line.key: line for line in lines}
    placed: dict[Key, GivenLine] = {}
    for line in lines:
        chain: list[GivenLine] = []
        one: GivenLine | None = line
        while one is not None and one.key not in placed and one not in chain:
            chain.append(one)
            one = by_key.get(one.parent) if one.parent else None
        placed.update((step.key, step) for step in reversed(chain))
    return list(placed.values())
