"""Answers that are kept for the next reader: everybody looks at the same boards, and little changes between two looks.

An answer is found again only under the digest of the ledger's newest seal and the states of the trust gate, so one
changed deal, document, person or check makes all of them anew. Nothing that holds files or words of people is kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hedef.call import Call
from hedef.definitions.queries import trying
from hedef.facts.queries import Pin, objects_of, table_names, trust_of
from hedef.kernel.calendar import Period
from hedef.kernel.issue import Issue
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import Slice, Trust
from hedef.ledger.queries import head
from hedef.metrics.engine.cells import Cell
from hedef.metrics.queries import evaluate
from hedef.metrics.queries.documents import Recipe

MOST = 250_000  # numbers that are kept together; some hundred bytes each: a board of 10,000 people has 160,000
MINUTE_US = 60 * 1_000_000

_lock = threading.Lock()
_kept: "OrderedDict[Hashable, tuple[int, Any]]" = OrderedDict()


def kept[T](
    key: tuple[Hashable, ...], pin: Pin, make: Callable[[], T], *, periods: Sequence[Period], weight: Callable[[T], int]
) -> T:
    """What `make` answers, or answered to the same question about these periods on the same ledger and facts.

    What is computed while a draft is tried is neither kept nor found.
    """
    if trying():
        return make()
    full = (head().digest, pin.digest, pin.known_no, _gate(pin, periods), *key)
    with _lock:
        if full in _kept:
            _kept.move_to_end(full)
            found: T = _kept[full][1]
            return found
    made = make()
    with _lock:
        _kept[full] = (weight(made), made)
        while len(_kept) > 1 and sum(size for size, _ in _kept.values()) > MOST:
            _kept.popitem(last=False)
    return made


def _gate(pin: Pin, periods: Sequence[Period]) -> Trust:
    """What the gate says of the months of the periods: its states are kept beside the ledger."""
    first, last = min(one.start for one in periods), max(one.end for one in periods)
    return trust_of(_objects(), pin=pin, part=Slice(months=(f"{first:%Y-%m}", f"{last:%Y-%m}")))


@cache
def _objects() -> tuple[str, ...]:
    return objects_of(table_names())


def board_instant(call: Call) -> int:
    """The instant of a board: as asked for; without an asked day the end of the running minute, so that two looks in
    one minute ask the same. Changes of this very second are in it."""
    if call.as_of_text:
        return call.as_of_us
    ends = (call.as_of_us // MINUTE_US + 1) * MINUTE_US - 1
    return min(ends, call.calendar.end_us(call.as_of))


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation said, without the files that it was read from."""

    cells: tuple[Cell, ...]
    trust: Trust
    recipes: tuple[Recipe, ...]
    issues: tuple[Issue, ...]


def evaluated(
    metrics: str | Sequence[str],
    *,
    periods: Sequence[Period],
    as_of: int,
    pinned: Pin,
    by: str | Sequence[str] = "company",
    scopes: Sequence[str] | None = None,
    known_at: int | None = None,
    scope: Scope = EVERYTHING,
    currency: str | None = None,
) -> Evaluated:
    """As `metrics.queries.evaluate`, kept for the next reader of the same scope."""
    names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    levels = (by,) if isinstance(by, str) else tuple(by)
    wanted = None if scopes is None else tuple(scopes)
    key = ("evaluate", names, tuple(periods), as_of, levels, wanted, known_at, scope, currency)

    def make() -> Evaluated:
        found = evaluate(
            list(names),
            by=list(levels),
            scopes=wanted,
            periods=periods,
            as_of=as_of,
            known_at=known_at,
            scope=scope,
            currency=currency,
            pinned=pinned,
        )
        return Evaluated(found.cells, found.trust, found.recipes, found.issues)

    return kept(key, pinned, make, periods=periods, weight=lambda one: len(one.cells))
