"""What stands beside the lines of a split before it is published: what each scope did in the periods before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hedef.facts import queries as facts
from hedef.kernel.calendar import Period
from hedef.kernel.errors import HedefError
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.standing import Number
from hedef.targets.queries.actuals import actuals
from hedef.targets.queries.board import scoreboard
from hedef.targets.queries.plans import KIND

BACK = 2  # periods that are looked at


@dataclass(frozen=True)
class Past:
    """One scope in one earlier period: actual in smallest steps, and its attainment where it had a target."""

    period: str
    actual: Number | None
    attainment: Fraction | None


def pasts(
    plan: str, metric: str, currency: str | None, period: Period, *, as_of: date, back: int = BACK
) -> dict[str, list[Past]]:
    """Scope -> the last `back` periods of the same kind, the newest first, as of a day.

    Attainment comes from the plan's own boards of those periods; a period without targets has only actuals.
    """
    calendar = facts.calendar()
    earlier: list[Period] = []
    one = period
    for _ in range(back):
        one = calendar.previous(one)
        earlier.append(one)
    read = actuals(
        metric,
        by=("company", "team", "person"),
        periods=earlier,
        as_of=as_of,
        pinned=facts.pin(),
        currency=currency,
    )
    found: dict[str, list[Past]] = {}
    for past in earlier:
        reached = _attained(plan, past, as_of)
        for scope, value in read.of(past).items():
            found.setdefault(scope, []).append(Past(past.id, value, reached.get(scope)))
    return found


def _attained(plan: str, period: Period, as_of: date) -> dict[str, Fraction | None]:
    from hedef.definitions.queries import versions

    if not versions(KIND, plan):
        return {}
    try:
        board = scoreboard(period=period, as_of=min(as_of, period.end), by="tree", plan=plan)
    except HedefError:  # the plan says nothing about that period
        return {}
    return {row.scope: row.standing.attainment for row in (board.total, *board.rows)}


def in_tree_order(lines: Sequence[GivenLine]) -> list[tuple[int, GivenLine]]:
    """Lines of one period with their depth, each parent before what was cut from it."""
    below: dict[str | None, list[GivenLine]] = {}
    scopes = {line.scope for line in lines}
    for line in lines:
        parent = line.parent[0] if line.parent is not None and line.parent[0] in scopes else None
        below.setdefault(parent, []).append(line)
    found: list[tuple[int, GivenLine]] = []

    def walk(parent: str | None, depth: int) -> None:
        for line in below.get(parent, ()):
            found.append((depth, line))
            walk(line.scope, depth + 1)

    walk(None, 0)
    return found


def shares(lines: Sequence[GivenLine]) -> Mapping[str, Fraction]:
    """Each line's share of the line it was cut from."""
    values = {line.scope: line.value for line in lines}
    return {
        line.scope: Fraction(line.value, values[line.parent[0]])
        for line in lines
        if line.parent is not None and values.get(line.parent[0])
    }
