"""Values of a metric in smallest steps, by scope: the only place where this room asks `metrics`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from hedef.facts.queries import Pin
from hedef.kernel.calendar import Period
from hedef.kernel.issue import Issue
from hedef.kernel.trust import Trust
from hedef.metrics.queries import Evaluation, evaluate
from hedef.targets.engine.standing import Number
from hedef.targets.engine.units import measured

UNASSIGNED = "unassigned"
LEVELS = ("company", "team", "person")


@dataclass(frozen=True)
class Actuals:
    """`values[level, scope, period id]`: `unassigned` stands once in the level of teams, once in that of people."""

    values: dict[tuple[str, str, str], Number | None]
    issues: tuple[Issue, ...]
    trust: Trust
    evaluation: Evaluation

    def of(self, period: Period, level: str | None = None) -> dict[str, Number | None]:
        """Scope -> value in a period; `unassigned` is that of `level`."""
        return {
            scope: value
            for (where, scope, name), value in self.values.items()
            if name == period.id and (scope != UNASSIGNED or where == level)
        }


def actuals(
    metric: str,
    *,
    by: Iterable[str],
    periods: Sequence[Period],
    as_of: date | int,
    pinned: Pin,
    known_no: int | None = None,
    currency: str | None = None,
) -> Actuals:
    """Values of all scopes of the levels `by` (company, team, person) in all periods, in one question.

    Not narrowed by the viewer: shares and roll-ups need everybody; rows are hidden afterwards.
    """
    levels = [level for level in LEVELS if level in set(by)]
    found = evaluate(
        metric, by=levels, periods=periods, as_of=as_of, known_at=known_no, currency=currency, pinned=pinned
    )
    values: dict[tuple[str, str, str], Number | None] = {}
    for cell in found:
        scope, level = cell.scope, cell.scope.partition(":")[0]
        if scope == UNASSIGNED:  # teams are answered before people, and what has no owner has no team either
            level = "person" if ("team", scope, cell.period.id) in values or "team" not in levels else "team"
        values[level, scope, cell.period.id] = measured(cell.value, cell.unit)
    issues = tuple(dict.fromkeys(issue for cell in found for issue in cell.issues if cell.scope == "company"))
    return Actuals(values, (*issues, *found.issues), found.trust, found)
