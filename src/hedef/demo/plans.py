"""The targets of Poyraz Instruments: one plan a year, made as operations would make it, approved by finance."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hedef.demo import cast

OPERATIONS, FINANCE = "defne", "levent"
# share of the quota of 2026-Q4 that each quarter asks for
SHARES = {
    2025: {"2025-Q1": 0.62, "2025-Q2": 0.65, "2025-Q3": 0.68, "2025-Q4": 0.70},
    2026: {"2026-Q1": 0.72, "2026-Q2": 0.76, "2026-Q3": 0.80, "2026-Q4": 1.0},
}


@dataclass(frozen=True, slots=True)
class Making:
    """A version of a plan: made in the week that ends on `week`, for the people who are there on `day`."""

    week: date
    day: date
    year: int
    quarters: tuple[str, ...]
    reason: str


MAKINGS = (
    Making(date(2025, 1, 5), date(2025, 1, 1), 2025, tuple(SHARES[2025]), "targets of the year"),
    Making(date(2026, 1, 4), date(2026, 1, 1), 2026, tuple(SHARES[2026]), "targets of the year"),
    Making(date(2026, 7, 5), date(2026, 7, 1), 2026, ("2026-Q3", "2026-Q4"), "people who joined, moved and left"),
)


def quotas(day: date) -> dict[str, tuple[str, int]]:
    """Team and quota of 2026-Q4 (EUR) of every rep who is there on a day."""
    found = {}
    for rep in cast.REPS:
        if (rep.joined is None or rep.joined <= day) and (rep.left is None or day < rep.left):
            key = rep.moved[1] if rep.moved and rep.moved[0] <= day else rep.team
            found[rep.key] = (key, next(team.quota_eur for team in cast.TEAMS if team.key == key))
    return found


def lines(day: date, quarters: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """(handle or `company`, quarter, EUR), people first; teams and company are the sums of their people."""
    made: list[tuple[str, str, int]] = []
    for quarter in quarters:
        share = round(SHARES[int(quarter[:4])][quarter] * 100)
        people = {rep: (team, quota * share // 100) for rep, (team, quota) in quotas(day).items()}
        made += [(rep, quarter, value) for rep, (_, value) in people.items()]
        for team in cast.TEAMS:
            made.append((team.key, quarter, sum(value for of, value in people.values() if of == team.key)))
        made.append(("company", quarter, sum(value for _, value in people.values())))
    return made


def make_plans(week: date, keys: Mapping[str, int]) -> None:
    """Make the versions that are due in the week that ends on `week`."""
    for making in MAKINGS:
        if making.week == week:
            _make(making, keys)


def _make(making: Making, keys: Mapping[str, int]) -> None:
    from hedef.targets.services.imports import SheetOrder, import_lines
    from hedef.targets.services.plans import PlanOptions
    from hedef.targets.services.publish import publish_plan

    plan = f"sales-{making.year}"
    spelled = {key.partition(":")[2]: _spell(key, entity) for key, entity in keys.items() if key[0] in "pt"}
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"targets-{making.year}.csv"
        with file.open("w", newline="", encoding="utf-8") as sheet:
            writer = csv.writer(sheet)
            writer.writerow(["scope", "period", "value"])
            for scope, period, value in lines(making.day, making.quarters):
                writer.writerow([spelled.get(scope, scope), period, f"{value}.00"])
        options = PlanOptions(
            metric="won_value",
            currency="EUR",
            name=f"Sales {making.year}",
            owner=OPERATIONS,
            starts=making.day,
            reason=making.reason,
        )
        order = SheetOrder(file=file, plan=plan, decimal=".", options=options)
        import_lines(order, actor=OPERATIONS)
    publish_plan(plan=plan, actor=FINANCE, may_approve=True)


def _spell(key: str, entity: int) -> str:
    return f"{'P' if key.startswith('person') else 'T'}-{entity}"
