"""What the checks of the trust gate measure, their limits, and the level that follows. Pure.

Measures are basis points, except reconciliation (rows and minor units that differ), drift (ten-thousandths of the
index) and freshness (basis points of the source's rhythm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from hedef.kernel.trust import Reason, Trust, TrustLevel, worst_trust

CHECKS = (
    "freshness",
    "completeness",
    "uniqueness",
    "referential",
    "domain",
    "reconciliation",
    "history",
    "drift",
)


@dataclass(frozen=True, slots=True)
class Bound:
    """Above `caution` the level is caution, above `blocked` it is blocked; none never blocks."""

    caution: int
    blocked: int | None


BOUNDS: Mapping[str, Bound] = {
    "freshness": Bound(15_000, 30_000),  # age over the rhythm of the source
    "completeness": Bound(0, 0),  # known records missing in a full export, when too many to be ended
    "completeness.filled": Bound(200, 1_000),  # points by which a needed field is filled less than usual
    "completeness.rows": Bound(2_000, 5_000),  # away from the mean of the imports before
    "uniqueness": Bound(10, 100),  # repeated keys
    "uniqueness.suspect": Bound(10, 100),  # rows that may be somebody known already
    "referential": Bound(50, 300),  # references that name nobody
    "domain": Bound(50, 300),  # rejected rows
    "domain.impossible": Bound(50, 300),  # rows with a value that cannot be
    "reconciliation": Bound(0, 0),  # any difference blocks
    "history": Bound(10, 100),  # deals whose replayed last state is another one
    "drift": Bound(1_000, 2_500),  # population stability index; caution at most
}
"""Shipped limits by measure: `check`, or `check.measure` where a check has several."""

NEVER_BLOCKS = frozenset({"drift"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one import: how many of how many, or (`value`) a figure of its own, and what that means.

    `what` is the measure of a check that has several, with the field behind a colon (`filled:owner`). `slices` say in
    which people's rows and months the found ones lie. `at_most` caps the level.
    """

    check: str
    rows: int
    judged: int
    what: str = ""
    value: int | None = None
    bound: Bound | None = None
    at_most: TrustLevel | None = None
    slices: "Slices | None" = None

    @property
    def key(self) -> str:
        detailed = f"{self.check}.{self.what.partition(':')[0]}"
        return detailed if detailed in BOUNDS else self.check

    @property
    def bounds(self) -> Bound:
        return self.bound or BOUNDS[self.key]

    @property
    def exact(self) -> Fraction:
        """What is compared with the limits."""
        if self.value is not None:
            return Fraction(self.value)
        if self.check == "reconciliation":
            return Fraction(self.rows)
        return Fraction(self.rows * 10_000, self.judged) if self.judged else Fraction(0)

    @property
    def measured(self) -> int:
        return int(self.exact)

    @property
    def level(self) -> TrustLevel:
        at_most: TrustLevel | None = "caution" if self.check in NEVER_BLOCKS else self.at_most
        return capped(level_of(self.exact, self.bounds), at_most)

    @property
    def limit(self) -> int:
        """The limit that the level was measured against."""
        bound = self.bounds
        return bound.blocked if self.level == "blocked" and bound.blocked is not None else bound.caution

    def reason(self, source: str, object_: str, *, batch: int | None = None, file: str = "") -> Reason:
        return Reason(
            self.check,
            self.level,
            source,
            object_,
            self.what,
            self.rows,
            self.judged,
            self.measured,
            self.limit,
            batch,
            file,
        )

    @property
    def sentence(self) -> str:
        return str(self.reason("", ""))


def level_of(measured: Fraction | int, bound: Bound) -> TrustLevel:
    """The level of a figure against its limits: a limit itself is still kept."""
    if bound.blocked is not None and measured > bound.blocked:
        return "blocked"
    return "caution" if measured > bound.caution else "trusted"


def capped(level: TrustLevel, at_most: TrustLevel | None) -> TrustLevel:
    return at_most if at_most is not None and level == "blocked" else level


def trust_of(measures: Sequence[Measured], source: str, object_: str) -> Trust:
    """The worst level of the checks, with a reason for each that is not trusted."""
    return worst_trust(as_trust(one.reason(source, object_)) for one in measures)


def as_trust(reason: Reason) -> Trust:
    return Trust(reason.level) if reason.level == "trusted" else Trust(reason.level, (reason,))


# --- slices -----------------------------------------------------------------------------------------------------------

type Cell = tuple[int | None, str | None]
"""A person's entity (none: nobody known) and a month `2026-11` (none: no day)."""

MOST_CELLS = 4_000

type _ByPerson = dict[int | None, list[tuple[Cell, int]]]


@dataclass(frozen=True)
class Slices:
    """Found and judged rows by person and month, so that a question about some of them hears only of these."""

    found: Mapping[Cell, int]
    judged: Mapping[Cell, int]

    def of(self, people: frozenset[int] | None, months: tuple[str, str] | None) -> tuple[int, int]:
        """Found and judged rows of some people and months; rows of nobody or without a day touch everybody."""
        near, every = self.found, self.judged
        if people is not None:  # a board of hundreds asks for each of them
            one_by_one = (*people, None)
            near, every = ({cell: n for one in one_by_one for cell, n in of.get(one, ())} for of in self._by_person)
        found = _sum(near, people, months, unknown=True)
        return found, max(_sum(every, people, months, unknown=False), found)

    @cached_property
    def _by_person(self) -> tuple[_ByPerson, _ByPerson]:
        return _by_person(self.found), _by_person(self.judged)

    def as_json(self) -> list[list[object]]:
        """`[person, month, found, judged]`"""
        cells = sorted({*self.found, *self.judged}, key=lambda one: (one[0] or 0, one[1] or ""))
        return [[*cell, self.found.get(cell, 0), self.judged.get(cell, 0)] for cell in cells]


def slices_of(told: Sequence[Sequence[object]] | None) -> Slices | None:
    """The slices kept as JSON."""
    if not told:
        return None
    found: dict[Cell, int] = {}
    judged: dict[Cell, int] = {}
    for person, month, bad, every in told:
        cell: Cell = (person, month)  # type: ignore[assignment]  # as `as_json` wrote it
        found[cell], judged[cell] = int(str(bad)), int(str(every))
    return Slices({one: n for one, n in found.items() if n}, {one: n for one, n in judged.items() if n})


def _by_person(cells: Mapping[Cell, int]) -> _ByPerson:
    found: _ByPerson = {}
    for cell, number in cells.items():
        found.setdefault(cell[0], []).append((cell, number))
    return found


def _sum(
    cells: Mapping[Cell, int], people: frozenset[int] | None, months: tuple[str, str] | None, *, unknown: bool
) -> int:
    total = 0
    for (person, month), number in cells.items():
        theirs = people is None or person in people or (unknown and person is None)
        inside = months is None or (unknown if month is None else months[0] <= month <= months[1])
        total += number if theirs and inside else 0
    return total
