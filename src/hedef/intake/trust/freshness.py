"""Freshness: how old the newest import of an object is against the rhythm in which it comes. Asked, never stored.

The moment of an import is its export time. An import that changed nothing counts too: the source was heard.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from hedef.intake.checks import BOUNDS, Bound, level_of
from hedef.intake.trust.rules import Rhythm
from hedef.kernel.calendar import Calendar
from hedef.kernel.instants import to_datetime
from hedef.kernel.trust import Reason

GAPS = 8  # the last gaps between days of import that make a rhythm
FEWEST_GAPS = 2
SHORT_DAYS = 5  # a rhythm below counts working days: nobody exports on a Sunday
_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Heard:
    """When an object of a source came: moments in microseconds UTC, in any order."""

    source: str
    object: str
    moments: tuple[int, ...]


def rhythm_of(moments: Iterable[int], calendar: Calendar) -> Rhythm | None:
    """The rhythm learnt from moments of import: the median gap between days, none below three days of import.

    Several imports of one day are one. A short rhythm is counted in working days.
    """
    days = sorted({calendar.day_of(one) for one in moments})[-(GAPS + 1) :]
    if len(days) <= FEWEST_GAPS:
        return None
    gaps = [(after - before).days for before, after in pairwise(days)]
    usual = _median(gaps)
    if usual >= SHORT_DAYS:
        return Rhythm(days=min(usual, 400))
    working = [working_days(calendar, before, after) for before, after in pairwise(days)]
    return Rhythm(working_days=max(_median(working), 1))


def _median(values: Sequence[int]) -> int:
    """The upper median: a source is not late for its own habits."""
    return sorted(values)[len(values) // 2]


def working_days(calendar: Calendar, after: date, upto: date) -> int:
    """Working days behind `after` up to `upto`; half holidays count as whole ones."""
    return (calendar.working_half_days(after + timedelta(days=1), upto) + 1) // 2


def age_us(heard_us: int, asked_us: int, rhythm: Rhythm, calendar: Calendar) -> int:
    """Age of what was heard; for a rhythm of working days without the days between on which nobody works."""
    age = max(asked_us - heard_us, 0)
    if rhythm.working_days is None:
        return age
    last, today = calendar.day_of(heard_us), calendar.day_of(asked_us)
    between = (today - last).days
    idle = sum(not calendar.half_days_of(last + timedelta(days=one)) for one in range(1, min(between, 60) + 1))
    return max(age - idle * _DAY_US, 0)


def freshness(
    heard: Heard, *, asked_us: int, rhythm: Rhythm | None, calendar: Calendar, bound: Bound | None = None
) -> Reason | None:
    """The freshness of an object at a moment; none where no rhythm is known, so that the check does not run.

    What came at or after the asked moment has seen it: then nothing is old.
    """
    known = rhythm or rhythm_of(heard.moments, calendar)
    if known is None or not heard.moments:
        return None
    newest = max(heard.moments)
    days = known.days or known.working_days or 1
    usual = days * _DAY_US
    age = age_us(newest, asked_us, known, calendar)
    limits = bound or BOUNDS["freshness"]
    told = level_of(age * 10_000 // usual, limits)
    day = to_datetime(newest).date() if newest >= 0 else None
    return Reason(
        "freshness",
        told,
        heard.source,
        heard.object,
        "working_days" if known.working_days else "days",
        measured=age // _MINUTE_US,
        limit=days * 24 * 60,
        day=day if day is None else calendar.day_of(newest),
    )


def by_object(rows: Iterable[tuple[str, str, int]]) -> Mapping[tuple[str, str], Heard]:
    """Moments of import grouped by source and object."""
    found: dict[tuple[str, str], list[int]] = {}
    for source, object_, moment in rows:
        found.setdefault((source, object_), []).append(moment)
    return {key: Heard(*key, tuple(moments)) for key, moments in found.items()}
