"""How far a number can be relied on; carried by every answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

type TrustLevel = Literal["trusted", "caution", "blocked", "unknown"]

# unknown counts as caution, but caution has a reason a person can read, so it wins over unknown
_RANK: dict[str, int] = {"trusted": 0, "unknown": 1, "caution": 2, "blocked": 3}


@dataclass(frozen=True, slots=True)
class Trust:
    """Worst level of the sources and objects that a question reads, with its reasons as sentences."""

    level: TrustLevel
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level, "reasons": list(self.reasons)}


UNKNOWN = Trust("unknown")


def worst_trust(trusts: Iterable[Trust]) -> Trust:
    """The worst level with the reasons of all, each once; `unknown` when there is nothing to judge."""
    found = list(trusts)
    if not found:
        return UNKNOWN
    level = max((trust.level for trust in found), key=_RANK.__getitem__)
    return Trust(level, tuple(dict.fromkeys(reason for trust in found for reason in trust.reasons)))
