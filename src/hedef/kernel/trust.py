"""How far a number can be relied on; carried by every answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

type TrustLevel = Literal["trusted", "caution", "blocked", "unknown"]

# unknown counts as caution, but caution has a reason a person can read, so it wins over unknown
_RANK: dict[str, int] = {"trusted": 0, "unknown": 1, "caution": 2, "blocked": 3}

SENTENCES: dict[str, str] = {
    "uniqueness": "{rows} of {judged} rows repeat a key",
    "uniqueness.suspect": "{rows} of {judged} rows may be somebody known already",
    "referential": "{rows} of {judged} references name nobody known",
    "domain": "{rows} of {judged} rows were rejected",
    "domain.impossible": "{rows} of {judged} rows hold a value that cannot be",
    "history": "{rows} of {judged} deals end in another stage than their history",
    "completeness": "{rows} of {judged} known records are missing in a full export and were not ended",
    "completeness.filled": "{field} is filled in {points} points fewer rows than usual",
    "completeness.rows": "{judged} rows came, {percent} % away from the usual number",
    "reconciliation": "file and ledger differ by {rows}",
    "reconciliation.group": "{field}: file and ledger differ by {rows}",
    "reconciliation.control": "{field}: the control total differs by {rows}",
    "drift": "{field} is spread otherwise than in the imports before (stability index {index})",
    "freshness": "nothing came since {day}; usually something comes every {usual} days",
    "history_starts": "before {day} the times of changes are assumed",
}
"""English words of a reason by its key; pages translate them by the same key."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a level is what it is: a check and its numbers. Faces make words of it; `str` gives the English ones.

    `what` tells measures of one check apart. `rows` of `judged` were found; `measured` and `limit` are basis points
    (drift: ten-thousandths of the index; freshness: minutes; reconciliation: rows and minor units that differ).
    """

    code: str
    level: TrustLevel
    source: str = ""
    object: str = ""
    what: str = ""
    rows: int = 0
    judged: int = 0
    measured: int = 0
    limit: int = 0
    batch: int | None = None
    file: str = ""
    day: date | None = None

    @property
    def key(self) -> str:
        """`check`, or `check.measure` where a check has several."""
        detailed = f"{self.code}.{self.what.partition(':')[0]}"
        return detailed if detailed in SENTENCES else self.code

    @property
    def params(self) -> dict[str, str | int]:
        """Numbers of the sentence, as texts where they are no plain integers."""
        return {
            "rows": self.rows,
            "judged": self.judged,
            "field": self.what.partition(":")[2] or self.what,
            "points": tenths(self.measured, 100),
            "percent": tenths(self.measured, 100),
            "index": f"{self.measured // 10_000}.{self.measured % 10_000:04d}",
            "day": "" if self.day is None else self.day.isoformat(),
            "usual": tenths(self.limit, 24 * 60),
        }

    def words(self, sentence: str) -> str:
        """The numbers put into a sentence of one's own language."""
        return sentence.format(**self.params)

    def __str__(self) -> str:
        said = self.words(SENTENCES.get(self.key, self.code.replace("_", " ")))
        return f"{self.object} of {self.source}: {said}" if self.source else said

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "what": self.what or None,
            "level": self.level,
            "source": self.source or None,
            "object": self.object or None,
            "rows": self.rows,
            "judged": self.judged,
            "measured": self.measured,
            "limit": self.limit,
            "batch": None if self.batch is None else f"B-{self.batch}",
            "file": self.file or None,
            "day": None if self.day is None else self.day.isoformat(),
            "message": str(self),
        }


def tenths(value: int, unit: int) -> str:
    """`value / unit` with one decimal, cut, without one where it is whole."""
    whole, rest = divmod(abs(value) * 10 // unit, 10)
    return f"{whole}.{rest}" if rest else str(whole)


@dataclass(frozen=True, slots=True)
class Trust:
    """Worst level of the sources and objects that a question reads, with its reasons."""

    level: TrustLevel
    reasons: tuple[Reason, ...] = ()

    @property
    def history_starts(self) -> date | None:
        """Before this day the times of changes are assumed; none where they are known."""
        return max((one.day for one in self.reasons if one.code == "history_starts" and one.day), default=None)

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level, "reasons": [str(one) for one in self.reasons]}


UNKNOWN = Trust("unknown")


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of the rows that a question reads: of some people (none: of all), in months from `2026-10` to `2026-12`."""

    people: frozenset[int] | None = None
    months: tuple[str, str] | None = None

    @property
    def whole(self) -> bool:
        return self.people is None and self.months is None


WHOLE = Slice()


def worst_level(levels: Iterable[TrustLevel]) -> TrustLevel:
    """The worst of the levels; `unknown` when there is none."""
    return max(levels, key=_RANK.__getitem__, default="unknown")


def worst_trust(trusts: Iterable[Trust]) -> Trust:
    """The worst level with the reasons of all, each once; `unknown` when there is nothing to judge."""
    found = list(trusts)
    if not found:
        return UNKNOWN
    level = worst_level(trust.level for trust in found)
    return Trust(level, tuple(dict.fromkeys(reason for trust in found for reason in trust.reasons)))
