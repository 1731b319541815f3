"""A line over shorter periods (T4): even, by working days, by season, or by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.issue import Issue
from hedef.kernel.money import largest_remainder
from hedef.targets.engine.season import Season


@dataclass(frozen=True)
class Phasing:
    """The `phasing` part of a plan; `manual` holds period id -> value, `season` the shares of the reference periods."""

    by: str = "working"  # even | working | seasonal | manual
    manual: Mapping[str, int] = field(default_factory=dict)
    season: Season | None = None


def weights(calendar: Calendar, whole: Period, parts: Sequence[Period], phasing: Phasing) -> list[Fraction]:
    """One weight a part, summing to 1. A whole without any working day is spread evenly."""
    raw = _raw_weights(calendar, whole, parts, phasing)
    total = sum(raw)
    if total == 0:
        return [Fraction(1, len(parts))] * len(parts)
    return [weight / total for weight in raw]


def _raw_weights(calendar: Calendar, whole: Period, parts: Sequence[Period], phasing: Phasing) -> list[Fraction]:
    if phasing.by == "even":
        return [Fraction(1)] * len(parts)
    if phasing.by == "seasonal" and phasing.season is not None and len(phasing.season.shares) == len(parts):
        return list(phasing.season.shares)
    if phasing.by == "manual" and all(part.id in phasing.manual for part in parts):
        return [Fraction(phasing.manual[part.id]) for part in parts]
    return [
        Fraction(calendar.working_half_days(max(whole.start, part.start), min(whole.end, part.end))) for part in parts
    ]


def phase(
    value: int, *, calendar: Calendar, whole: Period, parts: Sequence[Period], phasing: Phasing
) -> tuple[list[int], list[Issue]]:
    """`value` over `parts` of `whole`; the parts always sum to it.

    Manual values that do not sum to the line are an issue with the difference, and nothing is phased then.
    """
    if phasing.by == "manual":
        issues = check_manual(value, whole=whole, parts=parts, manual=phasing.manual)
        return ([] if issues else [phasing.manual[part.id] for part in parts]), issues
    return largest_remainder(value, weights(calendar, whole, parts, phasing)), []


def check_manual(value: int, *, whole: Period, parts: Sequence[Period], manual: Mapping[str, int]) -> list[Issue]:
    """Every part named, and their sum the line's value."""
    absent = [part.id for part in parts if part.id not in manual]
    if absent:
        return [
            Issue(
                "manual_phasing_incomplete",
                "error",
                f"Manual phasing of {whole.id} names no value for {', '.join(absent)}.",
                object=whole.id,
                hint="Give every period a value; write 0 where nothing is expected.",
            )
        ]
    difference = sum(manual[part.id] for part in parts) - value
    if difference == 0:
        return []
    return [
        Issue(
            "manual_phasing_sum",
            "error",
            f"Manual phasing of {whole.id} sums to {value + difference}, the line says {value}: "
            f"difference {difference:+d} (smallest units).",
            object=whole.id,
            hint="Change one of the parts by the difference, or change the line.",
        )
    ]
