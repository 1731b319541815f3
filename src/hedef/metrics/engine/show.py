"""Numbers as contracts section 4 writes them: money in major units, ratios with 4 decimals, counts as they are."""

from fractions import Fraction

from hedef.kernel.calendar import Period
from hedef.kernel.issue import Issue
from hedef.kernel.money import format_minor, fraction_text, round_half_away

_PLACES = {"ratio": 4, "days": 1, "hours": 1, "index": 4}


def value_text(value: int | Fraction | None, unit: str, currency: str | None) -> str | None:
    """Decimal text of a value in its unit, half up; none stays none. Whole counts have no decimals."""
    if value is None:
        return None
    if unit == "money":
        return format_minor(round_half_away(value), currency or "USD")
    if unit == "count":
        return str(value) if isinstance(value, int) else fraction_text(value, 4)
    if unit == "hours":  # durations are whole minutes until they are shown
        value = Fraction(value) / 60
    return fraction_text(value, _PLACES[unit])


def value_json(value: int | Fraction | None, unit: str, currency: str | None) -> str | int | None:
    """The same for JSON: whole counts are numbers, everything else is a decimal text."""
    if unit == "count" and isinstance(value, int):
        return value
    return value_text(value, unit, currency)


def week_issues(period: Period, other: Period) -> tuple[Issue, ...]:
    """`week_53` when a week 53 (ISO or 4-4-5) stands beside the last week of a year that has 52."""
    if period.kind != "week" or other.kind != "week" or not period.id.endswith("W53") or other.id.endswith("W53"):
        return ()
    if period.start.toordinal() - other.end.toordinal() < _HALF_A_YEAR:
        return ()  # the week just before is a week like any other
    message = f"{period.id} has nothing like it in the year before: it is compared with {other.id}."
    return (Issue("week_53", "warning", message, object=other.id),)


_HALF_A_YEAR = 180  # days
