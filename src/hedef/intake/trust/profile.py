"""The shape of an import in a few hundred numbers: what the next ones are compared with. Pure.

A profile adds up over the parts of a file and over imports: counts only, no words.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

# E12 steps of minor units: fine enough for deciles, and the same for every import
EDGES = tuple(step * 10**power for power in range(17) for step in (10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82))
FEWEST = 100  # rows on both sides below which a distribution says nothing
RARE = 25  # groups with fewer rows before are counted together
MOST_GROUPS = 2_000
_FLOOR = Decimal("0.0001")  # the share of an empty group


@dataclass
class Profile:
    """Rows and those taken; of these the filled cells of needed fields, counts by stage, owner (entity) and amount."""

    rows: int = 0
    taken: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    groups: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: "Profile") -> None:
        self.rows += other.rows
        self.taken += other.taken
        self.filled.update(other.filled)
        for name, counts in other.groups.items():
            self.groups.setdefault(name, Counter()).update(counts)

    def as_json(self) -> dict[str, Any]:
        groups = {name: dict(counts.most_common(MOST_GROUPS)) for name, counts in sorted(self.groups.items())}
        return {"rows": self.rows, "taken": self.taken, "filled": dict(sorted(self.filled.items())), "groups": groups}


def profile_from(told: Mapping[str, Any]) -> Profile:
    """The profile kept as JSON."""
    groups = {name: Counter(counts) for name, counts in told.get("groups", {}).items()}
    rows = int(told["rows"])
    return Profile(rows, int(told.get("taken", rows)), Counter(told.get("filled", {})), groups)


def profile_of(frame: pl.DataFrame, needed: Sequence[str]) -> Profile:
    """Rows of a part: any of `stage`, `owner` (int64), `amount_minor` (int64), `currency` and the needed fields."""
    filled = Counter({name: frame.height - frame[name].null_count() for name in needed if name in frame.columns})
    groups: dict[str, Counter[str]] = {}
    for name in ("stage", "owner"):
        if name in frame.columns:
            groups[name] = _counts(frame[name])
    if "amount_minor" in frame.columns:
        groups["amount"] = _amounts(frame)
    return Profile(frame.height, frame.height, filled, groups)


def _counts(values: pl.Series) -> Counter[str]:
    told = values.drop_nulls().value_counts()
    return Counter({str(value): int(number) for value, number in told.iter_rows()})


def _amounts(frame: pl.DataFrame) -> Counter[str]:
    """Counts by currency and step: `EUR 57`; 0 and less is step 0."""
    known = frame.filter(pl.col("amount_minor").is_not_null())
    if known.is_empty():
        return Counter()
    steps = pl.Series(EDGES, dtype=pl.Int64).search_sorted(known["amount_minor"], side="right")
    currency = known["currency"] if "currency" in known.columns else pl.Series([None] * known.height, dtype=pl.String)
    told = pl.DataFrame({"currency": currency.fill_null("-"), "step": steps}).group_by("currency", "step").len()
    return Counter({f"{code} {step}": int(number) for code, step, number in told.iter_rows()})


# --- against what was usual -------------------------------------------------------------------------------------------


def together(profiles: Iterable[Profile]) -> Profile:
    """Several imports as one."""
    found = Profile()
    for one in profiles:
        found.add(one)
    return found


def drift(now: Profile, usual: Profile) -> dict[str, int]:
    """Population stability index of each distribution that both sides have enough rows of, in ten-thousandths.

    Amounts are grouped by the deciles of what was usual. Siddiqi, Credit Risk Scorecards (2006), ch. 6: the index is
    the sum of (p - q) * ln(p / q) over the groups.
    """
    found = {}
    for name in sorted(set(now.groups) & set(usual.groups)):
        here, before = now.groups[name], usual.groups[name]
        if min(here.total(), before.total()) < FEWEST:
            continue
        if name == "amount":
            here, before = _in_deciles(here, before)
        found[name] = index(*_without_rare(here, before))
    return found


def index(now: Mapping[str, int], usual: Mapping[str, int]) -> int:
    """The index over groups of counts, in ten-thousandths, cut."""
    here, before = sum(now.values()), sum(usual.values())
    with localcontext() as context:
        context.prec = 28
        total = Decimal(0)
        for group in sorted({*now, *usual}):
            p = max(Decimal(now.get(group, 0)) / here, _FLOOR)
            q = max(Decimal(usual.get(group, 0)) / before, _FLOOR)
            total += (p - q) * (p / q).ln()
        return int(total * 10_000)


def _without_rare(now: Mapping[str, int], usual: Mapping[str, int]) -> tuple[Counter[str], Counter[str]]:
    here: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for group in {*now, *usual}:
        name = group if usual.get(group, 0) >= RARE else "rare"
        here[name] += now.get(group, 0)
        before[name] += usual.get(group, 0)
    return here, before


def _in_deciles(now: Counter[str], usual: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Steps of the amount by the tenth of the usual amounts of their currency in which they lie."""
    tenth = _tenths(usual)
    here: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for step, number in usual.items():
        before[tenth(step)] += number
    for step, number in now.items():
        here[tenth(step)] += number
    return here, before


def _tenths(usual: Counter[str]) -> Any:
    by_currency: dict[str, list[tuple[int, int]]] = {}
    for text, number in usual.items():
        code, _, step = text.partition(" ")
        by_currency.setdefault(code, []).append((int(step), number))
    ends: dict[str, list[int]] = {}
    for code, steps in by_currency.items():
        total, passed = sum(number for _, number in steps), 0
        ends[code] = []
        for place, number in sorted(steps):
            passed += number
            while len(ends[code]) < 9 and passed * 10 >= total * (len(ends[code]) + 1):
                ends[code].append(place)

    def tenth(text: str) -> str:
        code, _, step = text.partition(" ")
        if code not in ends:
            return f"{code} new"
        return f"{code} {sum(int(step) > end for end in ends[code])}"

    return tenth
