"""The known answers of the demo, added up from the lives themselves: no ledger, no facts, no SQL."""

from collections import defaultdict
from datetime import date

from hedef.demo.story import BUDGET_RATE, Life, Story


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def euros(amount_minor: int, currency: str, day: date) -> int:
    """Cents at the budget rate of the year, half away from zero (amounts are never negative here)."""
    if currency == "EUR":
        return amount_minor
    rate = BUDGET_RATE[day.year]
    return (2 * amount_minor + rate) // (2 * rate)


def _credits(life: Life) -> list[tuple[str | None, int]]:
    """Owner, or the split persons with their parts by largest remainder (two parts: the rest goes to the first)."""
    amount = life.amount_minor or 0
    if not life.splits:
        return [(life.owner, amount)]
    (first, _), (second, share) = life.splits
    part = (2 * amount * share + 10_000) // 20_000
    return [(first, amount - part), (second, part)]


def won_deals(story: Story) -> dict[str, int]:
    """Deals that stand won at the end, by quarter of their close date."""
    found: dict[str, int] = defaultdict(int)
    for life in story.lives:
        if life.status == "won" and life.close_on:
            found[quarter(life.close_on)] += 1
    return dict(sorted(found.items()))


def decided(story: Story) -> dict[str, tuple[int, int]]:
    """(won, decided) by quarter."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for life in story.lives:
        if life.status in {"won", "lost"} and life.close_on:
            cell = found[quarter(life.close_on)]
            cell[0] += life.status == "won"
            cell[1] += 1
    return {key: (won, all_) for key, (won, all_) in sorted(found.items())}


def open_deals(story: Story) -> int:
    return sum(life.status == "open" for life in story.lives)


def won_by_person(story: Story, name: str) -> dict[tuple[str | None, str], int]:
    """Minor units won in one quarter by (person key, currency), splits credited."""
    found: dict[tuple[str | None, str], int] = defaultdict(int)
    for life in story.lives:
        if life.status == "won" and life.close_on and quarter(life.close_on) == name:
            for person, amount in _credits(life):
                found[person, life.currency] += amount
    return dict(found)
