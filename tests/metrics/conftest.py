"""A small company written through the ledger: two teams under one, three people, deals that move."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from hedef.kernel.calendar import Calendar
from hedef.ledger.services import writing
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import create

SALES = """
kind: process
id: sales
version: 1
name: {en: Sales, tr: Satış}
owner: operations
stages:
  - {id: lead-in, name: {en: Lead in, tr: Giriş}, order: 10, category: open}
  - {id: offer, name: {en: Offer, tr: Teklif}, order: 20, category: open, counts_from: true}
  - {id: pause, name: {en: Pause, tr: Bekleme}, order: 25, category: hold}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 30, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 40, category: lost}
lost_reasons:
  - {id: price, name: {en: Price, tr: Fiyat}}
"""
STATUS = {"lead-in": "open", "offer": "open", "pause": "hold", "won": "won", "lost": "lost"}
CALENDAR = Calendar()


@dataclass
class Company:
    """Writes records at noon of a day, all with effective dates of their own."""

    people: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)

    def team(self, name: str, parent: str | None = None) -> int:
        fields = {"name": name, "parent": self.teams.get(parent or "")}
        self.teams[name] = create(kind="team", fields=fields, effective_us=ALWAYS_US, actor="test")
        return self.teams[name]

    def person(self, name: str, *stays: tuple[str, date | None, date | None]) -> int:
        who = create(kind="person", fields={"name": name}, effective_us=ALWAYS_US, actor="test")
        self.people[name] = who
        for team, from_day, to_day in stays:
            fields = {
                "person": who,
                "team": self.teams[team],
                "role": "rep",
                "share_bp": 10_000,
                "primary": True,
                "from_day": from_day,
                "to_day": to_day,
            }
            create(kind="membership", fields=fields, effective_us=ALWAYS_US, actor="test")
        return who

    def deal(self, owner: str | None, *steps: tuple[date, str], amount: int | None, **more: object) -> int:
        """A deal that stands in each stage from noon of a day; closing sets the close date. `amount` in minor units."""
        from hedef.records.services import change

        day, stage = steps[0]
        with writing(kind="edit", actor="test") as batch:
            entity = create(
                kind="deal",
                fields={
                    "owner": self.people[owner] if owner else None,
                    "process": "sales",
                    "stage": stage,
                    "status": STATUS[stage],
                    "amount_minor": amount,
                    "currency": "USD",
                    "close_on": day if stage in {"won", "lost"} else None,
                    "created_us": noon(day),
                    **more,
                },
                effective_us=noon(day),
                actor="test",
                batch=batch,
            )
        for day, stage in steps[1:]:
            fields = {"stage": stage, "status": STATUS[stage]}
            if stage in {"won", "lost"}:
                fields["close_on"] = day
            change(kind="deal", entity=entity, fields=fields, effective_us=noon(day), actor="test")
        return entity


def noon(day: date) -> int:
    return CALENDAR.start_us(day) + 12 * 3600 * 1_000_000


@pytest.fixture
def company(home) -> Company:
    from hedef.definitions.services import introduce

    introduce(actor="test", text=SALES)
    made = Company()
    made.team("Sales")
    made.team("East", "Sales")
    made.team("West", "Sales")
    return made
