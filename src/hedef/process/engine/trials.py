"""Trials: arms without dice, the size needed before the start, and verdicts that are only given at the end. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from hedef.kernel.evidence import (
    ENOUGH_CASES,
    Comparison,
    Verdict,
    compare_means,
    compare_shares,
    needed_per_arm,
    needed_per_arm_of_means,
)
from hedef.process.trial_schema import ProcessTrial

EARLIER = 4  # periods before a before/after trial that must be there
_SCALE = 2**64

type Arm = Literal["old", "new"]
type State = Literal["planned", "running", "finished"]


@dataclass(frozen=True, slots=True)
class Case:
    """One deal of a trial: its person, the day on which it counts, and its outcome.

    `value` is 1 or 0 for a conversion and days for a time in stage; none: not known yet (not matured, still there).
    """

    deal: int
    person: int | None
    day: date
    value: int | None


def arm_of(trial: str, unit: int, share: Fraction) -> Arm:
    """The arm of a deal or person: the same on every machine and day (SHA-256 of trial and unit, below the share)."""
    digest = hashlib.sha256(f"{trial}:{unit}".encode()).digest()
    return "new" if Fraction(int.from_bytes(digest[:8], "big"), _SCALE) < share else "old"


def matured_on(trial: ProcessTrial) -> date:
    """The first day on which a verdict may be given: the last day is over and its deals have had their time."""
    return trial.last + timedelta(days=trial.outcome.within_days or 0) + timedelta(days=1)


def state_of(trial: ProcessTrial, today: date) -> State:
    """`running` until the last date and maturity: nothing to peek at before."""
    if today < trial.first:
        return "planned"
    return "finished" if today >= matured_on(trial) else "running"


# --- before it starts


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trial needs: the base from history, cases an arm, and how many the dates will bring to the smaller arm."""

    base: Fraction | None
    base_cases: int
    needed: int | None
    expected: int
    enough: bool | None

    def as_json(self, show: Any) -> dict[str, Any]:
        return {
            "base": show(self.base),
            "base_cases": self.base_cases,
            "needed_per_arm": self.needed,
            "expected_per_arm": self.expected,
            "enough": self.enough,
        }


def plan_of(trial: ProcessTrial, history: Sequence[Case], days: int) -> Plan:
    """From what the `days` before the start brought; power 80 %, two-sided 5 %."""
    values = [one.value for one in history if one.value is not None]
    arms = Fraction(1) if trial.design.kind == "before_after" else _smaller(Fraction(trial.design.share))
    length = (trial.last - trial.first).days + 1
    expected = int(Fraction(len(history) * length, days) * arms) if days else 0
    if len(values) < 2:
        return Plan(None, len(values), None, expected, None)
    base = Fraction(sum(values), len(values))
    needed = _needed(trial, base, values)
    return Plan(base, len(values), needed, expected, None if needed is None else expected >= needed)


def _smaller(share: Fraction) -> Fraction:
    return min(share, 1 - share)


def _needed(trial: ProcessTrial, base: Fraction, values: Sequence[int]) -> int | None:
    if trial.outcome.time_in is not None:
        squares = sum((value - base) ** 2 for value in values)
        return needed_per_arm_of_means(Fraction(squares) / (len(values) - 1), trial.effect)
    hoped = base + trial.effect if trial.outcome.better == "up" else base - trial.effect
    return needed_per_arm(base, hoped) if 0 < hoped < 1 else None


# --- at its end


@dataclass(frozen=True, slots=True)
class Side:
    """One arm or period: cases with a known outcome, their sum, and how many are still open."""

    cases: int
    total: int
    still_open: int
    people: int

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.total, self.cases) if self.cases else None


def side_of(cases: Iterable[Case]) -> Side:
    found = list(cases)
    values = [one.value for one in found if one.value is not None]
    people = {one.person for one in found if one.person is not None and one.value is not None}
    return Side(len(values), sum(values), len(found) - len(values), len(people))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The old way against the new one. `earlier`: the periods before a before/after trial, oldest first."""

    old: Side
    new: Side
    comparison: Comparison
    verdict: Verdict
    earlier: tuple[Side, ...] = ()
    reason: str = ""  # earlier_periods, earlier_step: why a before/after trial says less than its interval


def split_outcome(trial: ProcessTrial, cases: Sequence[Case]) -> Outcome:
    """Both arms of a split; with the unit `person` whoever works on a deal decides its arm."""
    share = Fraction(trial.design.share)
    arms: dict[Arm, list[Case]] = {"old": [], "new": []}
    for one in cases:
        unit = one.deal if trial.design.unit == "deal" else one.person
        if unit is not None:
            arms[arm_of(trial.id, unit, share)].append(one)
    found = _compare(trial, arms["old"], arms["new"])
    return Outcome(side_of(arms["old"]), side_of(arms["new"]), found, found.verdict)


def before_after_outcome(trial: ProcessTrial, cases: Sequence[Case]) -> Outcome:
    """The trial's dates against the period of the same length before it, with the earlier periods beside them."""
    length = trial.last - trial.first + timedelta(days=1)
    starts = [trial.first - length * back for back in range(EARLIER + 1, -1, -1)]
    periods = [[one for one in cases if start <= one.day < start + length] for start in starts]
    sides = [side_of(one) for one in periods]
    while len(sides) > 2 and not sides[0].cases:  # before the first data there is no period
        sides, periods = sides[1:], periods[1:]
    found = _compare(trial, periods[-2], periods[-1])
    return judged(found, sides)


def judged(found: Comparison, sides: Sequence[Side]) -> Outcome:
    """What a before/after comparison may say: nothing with fewer than 4 earlier periods, and `better` only when its
    step is also larger than every step between those. `sides`: all periods, oldest first, the trial's own last."""
    old, new, earlier = sides[-2], sides[-1], tuple(sides[:-1])
    filled = [one for one in earlier if one.value is not None]
    if len(filled) < EARLIER:
        return Outcome(old, new, found, "not_enough_data", earlier, "earlier_periods")
    if found.verdict == "better" and found.difference is not None:
        values = [one.value for one in filled if one.value is not None]
        steps = [abs(after - before) for before, after in pairwise(values)]
        if abs(found.difference) <= max(steps):
            return Outcome(old, new, found, "not_enough_data", earlier, "earlier_step")
    return Outcome(old, new, found, found.verdict, earlier)


def _compare(trial: ProcessTrial, old: Sequence[Case], new: Sequence[Case]) -> Comparison:
    better, effect = trial.outcome.better, trial.effect
    if trial.design.unit == "person":
        return compare_means(_by_person(old), _by_person(new), smallest_effect=effect, better=better)
    first, second = _values(old), _values(new)
    if trial.outcome.time_in is not None:
        return compare_means(first, second, smallest_effect=effect, better=better, enough=ENOUGH_CASES)
    shares = (sum(first), len(first)), (sum(second), len(second))
    return compare_shares(*shares, smallest_effect=effect, better=better)


def _values(cases: Iterable[Case]) -> list[int]:
    return [one.value for one in cases if one.value is not None]


def _by_person(cases: Iterable[Case]) -> list[Fraction]:
    found: dict[int, list[int]] = defaultdict(list)
    for one in cases:
        if one.person is not None and one.value is not None:
            found[one.person].append(one.value)
    return [Fraction(sum(values), len(values)) for _, values in sorted(found.items())]
