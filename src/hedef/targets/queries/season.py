"""The seasonal curve of a plan, from what its metric did in the reference periods (T11)."""

from datetime import date, timedelta
from fractions import Fraction

from hedef.facts.queries import Pin
from hedef.kernel.calendar import Calendar, Period
from hedef.targets.engine.season import Reference, Season, season
from hedef.targets.queries.actuals import actuals
from hedef.targets.schema import TargetPlan

ONE_DAY = timedelta(days=1)


def season_for(
    plan: TargetPlan, period: Period, *, as_of: date, calendar: Calendar, pinned: Pin, known_no: int | None = None
) -> Season | None:
    """The company's curve at the same place of the reference periods; none without usable ones of the same kind."""
    references = [calendar.period(name) for name in plan.phasing.seasonal_from]
    same = [one for one in references if one.kind == period.kind and one.end < period.start]
    if not same or period.kind not in {"quarter", "half", "year"}:
        return None
    months = calendar.months(period)
    same = [one for one in same if len(calendar.months(one)) == len(months)]
    day = min(max(as_of, period.start - ONE_DAY), period.end)
    place = next((number for number, month in enumerate(months) if day <= month.end), len(months) - 1)
    spans = [_up_to(one, place, months[place], day, calendar) for one in same]
    wanted = [month for one in same for month in calendar.months(one)]
    wanted += [part for before, last, _ in spans for part in (before, last) if part is not None]
    read = actuals(
        plan.metric.metric.partition("@")[0],
        by=("company",),
        periods=list(dict.fromkeys(wanted)),
        as_of=as_of,
        pinned=pinned,
        known_no=known_no,
        currency=plan.metric.currency,
    ).values

    def value(one: Period | None) -> Fraction:
        return Fraction(0) if one is None else Fraction(read.get(("company", "company", one.id)) or 0)

    found = []
    for one, (before, last, share) in zip(same, spans, strict=True):
        now = value(before) + share * value(last)
        found.append(Reference(tuple(value(month) for month in calendar.months(one)), place, now))
    return season(found)


def _up_to(
    reference: Period, place: int, month: Period, day: date, calendar: Calendar
) -> tuple[Period | None, Period | None, Fraction]:
    """Where the same share of the month's working days lies in the reference: whole days, the next day, its share."""
    half = calendar.working_half_days
    total = half(month.start, month.end)
    gone = half(month.start, day) if day >= month.start else 0
    twin = calendar.months(reference)[place]
    if day >= month.end:
        return twin, None, Fraction(0)
    wanted = Fraction(gone, total) * half(twin.start, twin.end) if total else Fraction(0)
    last, counted = twin.start - ONE_DAY, 0
    while last < twin.end and counted + half(last + ONE_DAY, last + ONE_DAY) <= wanted and wanted:
        last += ONE_DAY
        counted += half(last, last)
    before = None if last < twin.start else _span(twin.start, last)
    rest = wanted - counted
    if rest == 0 or last >= twin.end:
        return before, None, Fraction(0)
    following = last + ONE_DAY
    return before, _span(following, following), rest / half(following, following)


def _span(start: date, end: date) -> Period:
    """Some days as a period of their own: metrics sum any span of days."""
    return Period(f"{start}..{end}", "week", start, end)
