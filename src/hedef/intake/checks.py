"""The trust gate, first part: what an import measures, and the level of each check. Pure.

Measures are basis points of the rows or references judged; reconciliation is in minor units that do not add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hedef.kernel.trust import Trust, TrustLevel, worst_trust


@dataclass(frozen=True, slots=True)
class Bound:
    """Above `caution` the level is caution, above `blocked` it is blocked (basis points)."""

    caution: int
    blocked: int


BOUNDS: Mapping[str, Bound] = {
    "uniqueness": Bound(10, 100),  # repeated keys
    "referential": Bound(50, 300),  # references that name nobody
    "domain": Bound(50, 300),  # rejected rows
    "history": Bound(10, 100),  # deals whose replayed last state is another one
    "completeness": Bound(0, 0),  # known records missing in a full export, when too many to be ended
    "reconciliation": Bound(0, 0),  # any difference blocks
}
_SENTENCES = {
    "uniqueness": "{rows} of {judged} rows repeat a key",
    "referential": "{rows} of {judged} references name nobody known",
    "domain": "{rows} of {judged} rows were rejected",
    "history": "{rows} of {judged} deals end in another stage than their history",
    "completeness": "{rows} of {judged} known records are missing in a full export and were not ended",
    "reconciliation": "the amounts of the file and of the ledger differ by {rows} minor units",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One check of one import: how many of how many, and what that means."""

    check: str
    rows: int
    judged: int

    @property
    def measured(self) -> int:
        if self.check == "reconciliation":
            return self.rows
        return self.rows * 10_000 // self.judged if self.judged else 0

    @property
    def level(self) -> TrustLevel:
        bound = BOUNDS[self.check]
        share = self.rows if self.check == "reconciliation" else self.rows * 10_000
        scale = 1 if self.check == "reconciliation" else max(self.judged, 1)
        if share > bound.blocked * scale:
            return "blocked"
        return "caution" if share > bound.caution * scale else "trusted"

    @property
    def bound(self) -> int:
        """The limit that the level was measured against."""
        bound = BOUNDS[self.check]
        return bound.blocked if self.level == "blocked" else bound.caution

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.check].format(rows=self.rows, judged=self.judged)

    def trust(self, of: str) -> Trust:
        return Trust(self.level) if self.level == "trusted" else Trust(self.level, (f"{of}: {self.sentence}",))


def trust_of(measures: Sequence[Measured], of: str) -> Trust:
    """The worst level of the checks, with a sentence for each that is not trusted."""
    return worst_trust(one.trust(of) for one in measures)
