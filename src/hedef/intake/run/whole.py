"""What is known of a whole file while its parts are written: counts, findings by code, sums, and what later steps need.

It is kept with every chunk (as JSON in the import's job), so a killed import goes on from exactly there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from hedef.intake.engine.shapes import Decision

type Tally = dict[str, dict[str, Any]]

VERDICTS = ("created", "updated", "unchanged")


@dataclass
class Whole:
    """One file on its way in. `floor`: the first entity number that can be one of its own new records."""

    floor: int = 0
    made: int = 0  # provisional numbers given out, where nothing is written
    rows_done: int = 0
    created: int = 0
    updated: int = 0
    rejected: int = 0
    repeated: int = 0
    changes: int = 0
    gone: int = 0
    ended: int = 0
    named: int = 0  # references in the file
    unresolved: bool = False
    apply_ms: float = 0.0
    also: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    tally: Tally = field(default_factory=dict)
    sums: dict[str, dict[str, int]] = field(default_factory=dict)  # currency -> place -> minor units
    money_rows: dict[str, int] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)  # rows that wait for a later step: name in the spool -> rows
    turned_down: list[int] = field(default_factory=list)  # rows that a step before the main one rejected
    fresh: dict[str, bool] = field(default_factory=dict)  # objects that had no key of this source before
    trust: dict[str, Any] = field(default_factory=dict)  # what the checks counted so far

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}  # a deep copy costs 0.1 s a part
        told["decisions"] = [asdict(one) for one in self.decisions]
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Whole":
        known = {name: told[name] for name in cls.__dataclass_fields__ if name in told}
        known["decisions"] = [Decision(**{**one, "options": tuple(one["options"])}) for one in told["decisions"]]
        return cls(**known)

    # --- counting ------------------------------------------------------------------------------------------------

    def count_also(self, object_: str, created: int, updated: int, unchanged: int) -> None:
        told = self.also.setdefault(object_, dict.fromkeys(VERDICTS, 0))
        for name, number in zip(VERDICTS, (created, updated, unchanged), strict=True):
            told[name] += number

    def add_history(self, deals: int, right: int) -> None:
        """How many deals have a history and how many of them end as the file says."""
        told = self.notes.setdefault("history", {"deals": 0, "right": 0})
        told["deals"] += deals
        told["right"] += right

    def add_findings(self, findings: pl.DataFrame) -> None:
        """Count findings by code, level and field; of each the one with the first row is kept as its example."""
        if findings.is_empty():
            return
        ordered = findings.sort("row", nulls_last=False, maintain_order=True)
        first = [pl.col(name).first() for name in ("row", "value", "hint", "column")]
        grouped = ordered.group_by("code", "level", "field", maintain_order=True).agg(pl.len().alias("count"), *first)
        for one in grouped.to_dicts():
            key = f"{one['code']}|{one['level']}|{one['field'] or ''}"
            before = self.tally.get(key)
            if before is None:
                self.tally[key] = one
                continue
            count = before["count"] + one["count"]
            earlier = one if _place(one) < _place(before) else before
            self.tally[key] = {**earlier, "count": count}

    def lost(self) -> int:
        """References that name nobody known."""
        return sum(one["count"] for one in self.tally.values() if one["code"].startswith("unknown_"))


def _place(one: Mapping[str, Any]) -> int:
    return -1 if one["row"] is None else int(one["row"])
