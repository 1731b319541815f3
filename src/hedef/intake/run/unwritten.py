"""What a rehearsal would have written: ids, names and spellings that later parts and files refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from hedef.intake.run.writes import APPLY, KEYS, Writes
from hedef.records.engine.kinds import KINDS

NAMES = ("name", "code", "number", "handle", "email", "domain")
_NAMED = frozenset({"person", "team", "account", "contact", "product", "territory", "order"})

_OF_DEALS = (
    "entity", "act", "effective_us", "precision", "mask", "void_batch", "void_ord", *KINDS["deal"].names,
)  # fmt: skip


@dataclass
class Unwritten:
    """Empty while an import really writes. Records that do not exist carry numbers below zero."""

    keys: dict[tuple[int, str], list[pl.DataFrame]] = field(
        default_factory=dict
    )  # (source, object) -> key, entity, hash
    named: dict[str, list[pl.DataFrame]] = field(default_factory=dict)  # kind -> entity and its names
    aliases: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)
    processes: dict[str, Any] = field(default_factory=dict)
    given: int = 0
    deals: list[pl.DataFrame] | None = None  # changes of deals, where somebody asks what they come to

    def take(self, source: int, writes: Writes) -> None:
        """Remember the steps of a part."""
        base = -self.given
        self.given += writes.opens
        for step in (one for one in writes.steps if one.act in (APPLY, KEYS)):
            below = pl.when(pl.col("entity") < 0).then(pl.col("entity") + base).otherwise(pl.col("entity"))
            frame = step.frame.with_columns(below.alias("entity"))
            if step.act == KEYS:
                self.keys.setdefault((source, step.of), []).append(frame)
            elif step.of in _NAMED:
                self._name(step.of, frame)
            elif step.of == "deal" and self.deals is not None:
                kept = [name for name in _OF_DEALS if name in frame.columns]
                self.deals.append(frame.select(kept))

    def _name(self, kind: str, frame: pl.DataFrame) -> None:
        there = [name for name in NAMES if name in frame.columns]
        new = frame.filter(pl.col("entity") < 0).select("entity", *there)
        if there and new.height:
            told = new.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in there))
            self.named.setdefault(kind, []).append(told)

    def known(self, source: int, object_: str) -> pl.DataFrame | None:
        """`key, entity, hash` as the newest step says; none when nothing was planned."""
        told = self.keys.get((source, object_))
        if not told:
            return None
        whole = pl.concat(told).unique("key", keep="last", maintain_order=True)
        self.keys[(source, object_)] = [whole]
        return whole

    def names_of(self, kind: str, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
        """`entity` and the `wanted` names of records that would be made."""
        found: list[Mapping[str, Any]] = []
        for frame in self.named.get(kind, ()):
            given = frame.to_dicts()
            found += [{"entity": one["entity"], **{name: one.get(name) for name in wanted}} for one in given]
        return found
