"""Numbers, texts and days as templates take them."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import get_language

from hedef.kernel.calendar import Period
from hedef.kernel.definition import Words
from hedef.kernel.money import exponent
from hedef.metrics.engine.slices import same_days as same_days

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in its unit, money in major units; none stays none."""

    value: Fraction | None
    unit: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A small number with its label; a range has `low` and `high` instead of a figure."""

    label: str
    figure: Figure | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    url: str = ""


def figure_of(value: int | Fraction | None, unit: str, currency: str | None) -> Figure:
    """A metric's own value (money in minor units) as a figure."""
    if value is None:
        return Figure(None, unit, currency)
    exact = Fraction(value) / 60 if unit == "hours" else Fraction(value)
    return Figure(exact / 10 ** exponent(currency) if unit == "money" and currency else exact, unit, currency)


def in_words(words: Words | None) -> str:
    """The text of the viewer's language."""
    if words is None:
        return ""
    return words.tr if (get_language() or "en").startswith("tr") else words.en


def span(start: date, end: date) -> Period:
    """Some days as a period of their own: metrics sum any span of days."""
    return Period(f"{start}..{end}", "week", start, end)


def weeks_to(day: date, count: int = WEEKS) -> list[Period]:
    """The last `count` times seven days, the newest ending on `day`."""
    ends = [day - timedelta(7 * number) for number in reversed(range(count))]
    return [span(end - timedelta(6), end) for end in ends]


def cut(period: Period, until: date | None) -> Period:
    """The first days of a period, up to and including `until`."""
    if until is None or until >= period.end:
        return period
    return Period(period.id, period.kind, period.start, max(until, period.start))
