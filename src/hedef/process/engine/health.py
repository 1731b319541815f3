"""How a process is doing: chances, cohorts, conformance and the bottleneck. Pure: counts in, figures out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from hedef.kernel.evidence import Comparison, Interval, Verdict, compare_shares, compare_spreads, wilson
from hedef.kernel.money import fraction_text
from hedef.process.engine.exits import RESULTS

FEW_CASES = 40  # decided deals below which the page says `few cases`
ENOUGH_CHECKS = 20  # applicable criteria of a person from which on a rate is shown
WITHIN_DAYS = 90
_WEIGHT = 20  # company deals that a stage's own ones are mixed with
_POINTS = Fraction(5, 100)  # the smallest change of a conversion that matters
_NINETY = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Chance:
    """The probability of a stage and where it comes from; `few`: fewer than 40 decided deals stand behind it."""

    source: str
    value: Fraction | None
    won: int
    decided: int
    few: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.source,
            "value": fraction_text(self.value),
            "won": self.won,
            "decided": self.decided,
            "few_cases": self.few,
        }


def history_chance(won: int, decided: int, company: tuple[int, int], fallback: Fraction | None) -> Fraction | None:
    """(won + 20 x company win rate) / (decided + 20); the fallback where the company decided nothing yet."""
    company_won, company_decided = company
    if company_decided <= 0:
        return fallback
    return (won + _WEIGHT * Fraction(company_won, company_decided)) / (decided + _WEIGHT)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Of deals that reached a stage in a window: those that have had `within_days`, and of these who went on in them.

    `reached` less `matured` is still open.
    """

    reached: int = 0
    matured: int = 0
    converted: int = 0

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.converted, self.matured) if self.matured else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.converted, self.matured)

    def as_json(self) -> dict[str, Any]:
        interval = self.interval
        return {
            "reached": self.reached,
            "matured": self.matured,
            "converted": self.converted,
            "still_open": self.reached - self.matured,
            "rate": fraction_text(self.rate),
            "interval": None if interval is None else interval.as_json(),
        }


def quantile(lengths: Mapping[int, int], share: Fraction = _NINETY) -> Fraction | None:
    """The smallest day up to which at least that share of the stays lasted; none without any."""
    total, seen = sum(lengths.values()), 0
    for day in sorted(lengths):
        seen += lengths[day]
        if seen >= share * total:
            return Fraction(day)
    return None


# --- conformance


@dataclass(frozen=True, slots=True)
class Conformance:
    """Criteria at forward exits by what became of them. Rate = (met + waived) / applicable."""

    met: int = 0
    late: int = 0
    waived: int = 0
    skipped: int = 0

    @property
    def applicable(self) -> int:
        return self.met + self.late + self.waived + self.skipped

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.met + self.waived, self.applicable) if self.applicable else None

    @property
    def waived_share(self) -> Fraction:
        return Fraction(self.waived, self.applicable) if self.applicable else Fraction(0)

    def as_json(self) -> dict[str, Any]:
        counts: dict[str, int] = {name: getattr(self, name) for name in RESULTS}
        return {"applicable": self.applicable, **counts, "rate": fraction_text(self.rate)}


def conformance_of(rows: Iterable[tuple[str, int]]) -> Conformance:
    """From (result, how often)."""
    found: Counter[str] = Counter()
    for result, n in rows:
        found[result] += n
    return Conformance(**{name: found[name] for name in RESULTS})


# --- bottleneck


@dataclass(frozen=True, slots=True)
class Window:
    """One stage in one window: its cohort and its closed stays (how many took how many days)."""

    cohort: Cohort
    lengths: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage that converts less, or holds longer, than in the same window before. `before`, `now`: share or days."""

    stage: str
    what: Literal["conversion", "time"]
    before: Fraction
    now: Fraction
    n_before: int
    n_now: int
    interval: Interval
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "what": self.what,
            "before": fraction_text(self.before),
            "now": fraction_text(self.now),
            "n_before": self.n_before,
            "n_now": self.n_now,
            "interval": self.interval.as_json(),
            "verdict": self.verdict,
        }


def bottleneck(stages: Sequence[str], before: Mapping[str, Window], now: Mapping[str, Window]) -> Bottleneck | None:
    """The stage with the verdict `worse` whose change is the largest against its interval's width; none otherwise."""
    found = [
        one
        for stage in stages
        for one in (_conversion(stage, before[stage], now[stage]), _time(stage, before[stage], now[stage]))
        if one is not None and one.verdict == "worse"
    ]
    return max(found, key=_weight, default=None)


def _weight(one: Bottleneck) -> Fraction:
    """How much of it was lost: of the conversion before, or of the time before."""
    return abs(one.now - one.before) / one.before if one.before else Fraction(0)


def _conversion(stage: str, before: Window, now: Window) -> Bottleneck | None:
    one, other = before.cohort, now.cohort
    told = compare_shares((one.converted, one.matured), (other.converted, other.matured), smallest_effect=_POINTS)
    if told.interval is None or one.rate is None or other.rate is None:
        return None
    return Bottleneck(
        stage, "conversion", one.rate, other.rate, one.matured, other.matured, told.interval, told.verdict
    )


def _time(stage: str, before: Window, now: Window) -> Bottleneck | None:
    told: Comparison = compare_spreads(before.lengths, now.lengths, better="down")
    if told.interval is None:
        return None
    means = [_mean(one.lengths) for one in (before, now)]
    counts = [sum(one.lengths.values()) for one in (before, now)]
    return Bottleneck(stage, "time", means[0], means[1], counts[0], counts[1], told.interval, told.verdict)


def _mean(lengths: Mapping[int, int]) -> Fraction:
    return Fraction(sum(day * n for day, n in lengths.items()), sum(lengths.values()))
