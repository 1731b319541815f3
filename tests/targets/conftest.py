"""A company written through the ledger, by hand or from the public CRM sample without the help of intake."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from hedef.kernel.calendar import Calendar
from hedef.ledger.services import writing
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import allocate, apply_changes

CALENDAR = Calendar()


class Company:
    """Teams, people, memberships and won deals, each kind in one batch."""

    def __init__(self) -> None:
        self.teams: dict[str, int] = {}
        self.people: dict[str, int] = {}

    def add(self, kind: str, columns: dict[str, pa.Array], effective_us: list[int] | None = None) -> list[int]:
        count = len(next(iter(columns.values())))
        with writing(kind="import", actor="test", object=kind) as batch:
            first = allocate(count)
            rows = {
                "entity": pa.array(range(first, first + count), pa.int64()),
                "effective_us": pa.array(effective_us or [ALWAYS_US] * count, pa.int64()),
                **columns,
            }
            apply_changes(batch=batch, kind=kind, rows=pa.table(rows))
        return list(range(first, first + count))

    def team(self, name: str, parent: str | None = None) -> int:
        fields = {
            "name": pa.array([name], pa.string()),
            "handle": pa.array([name.lower()], pa.string()),
            "parent": pa.array([self.teams[parent] if parent else None], pa.int64()),
        }
        self.teams[name] = self.add("team", fields)[0]
        return self.teams[name]

    def person(
        self,
        name: str,
        *stays: tuple[str, date | None, date | None],
        hired: date | None = None,
        left: date | None = None,
        role: str = "rep",
    ) -> int:
        fields = {
            "name": pa.array([name], pa.string()),
            "email": pa.array([f"{name.split()[0].lower()}@example.com"], pa.string()),
            "hired_on": pa.array([hired], pa.date32()),
            "left_on": pa.array([left], pa.date32()),
        }
        number = self.people[name] = self.add("person", fields)[0]
        for team, begin, until in stays:
            self.add("membership", _member([number], [self.teams[team]], [role], [begin], [until]))
        return number

    def add_manager(self, person: str, manager: str) -> int:
        fields = {
            "person": pa.array([self.people[person]], pa.int64()),
            "manager": pa.array([self.people[manager]], pa.int64()),
            "line": pa.array(["solid"], pa.string()),
        }
        return self.add("manager_line", fields)[0]

    def won(self, owner: str, day: date, amount: int, *, told: date | None = None) -> int:
        """A deal won on a day, of `amount` in cents."""
        number = self.people[owner]
        return self.add("deal", _deals([number], [amount], [day], ["won"]), [noon(told or day)])[0]


def _member(people, teams, roles, begins, ends) -> dict[str, pa.Array]:
    return {
        "person": pa.array(people, pa.int64()),
        "team": pa.array(teams, pa.int64()),
        "role": pa.array(roles, pa.string()),
        "share_bp": pa.array([10_000] * len(people), pa.int64()),
        "primary": pa.array([True] * len(people), pa.bool_()),
        "from_day": pa.array(begins, pa.date32()),
        "to_day": pa.array(ends, pa.date32()),
    }


def _deals(owners, amounts, days, statuses) -> dict[str, pa.Array]:
    return {
        "process": pa.array(["sales"] * len(owners), pa.string()),
        "stage": pa.array(statuses, pa.string()),
        "status": pa.array(statuses, pa.string()),
        "owner": pa.array(owners, pa.int64()),
        "amount_minor": pa.array(amounts, pa.int64()),
        "currency": pa.array(["USD"] * len(owners), pa.string()),
        "close_on": pa.array(days, pa.date32()),
    }


def noon(day: date) -> int:
    return CALENDAR.start_us(day) + 12 * 3600 * 1_000_000


@pytest.fixture
def company(home) -> Company:
    return Company()


@pytest.fixture
def maven(home, samples: Path) -> Company:
    """The roster and the closed deals of the public sample: three regions, six teams, 35 people."""
    made = Company()
    roster = _rows(samples / "maven_crm" / "sales_teams.csv")
    for region in sorted({row["regional_office"] for row in roster}):
        made.team(region)
    for region, manager in sorted({(row["regional_office"], row["manager"]) for row in roster}):
        made.team(manager.split()[-1], region)
    names = [row["sales_agent"] for row in roster]
    numbers = made.add("person", {"name": pa.array(names, pa.string())})
    made.people = dict(zip(names, numbers, strict=True))
    teams = [made.teams[row["manager"].split()[-1]] for row in roster]
    count = len(names)
    made.add("membership", _member(numbers, teams, ["rep"] * count, [None] * count, [None] * count))
    closed = [
        row for row in _rows(samples / "maven_crm" / "sales_pipeline.csv") if row["deal_stage"] in {"Won", "Lost"}
    ]
    days = [date.fromisoformat(row["close_date"]) for row in closed]
    made.add(
        "deal",
        _deals(
            [made.people[row["sales_agent"]] for row in closed],
            [int(row["close_value"]) * 100 if row["deal_stage"] == "Won" else None for row in closed],
            days,
            [row["deal_stage"].lower() for row in closed],
        ),
        [noon(day) for day in days],
    )
    return made


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """A CSV file of the given text."""

    def make(text: str, name: str = "targets.csv") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return make
