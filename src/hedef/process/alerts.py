"""Ageing alerts: a deal over the limit of its stage is told to its owner, after 5 more working days to the manager."""

from datetime import date, timedelta

from hedef.facts.queries import calendar, pin
from hedef.kernel.scope import EVERYTHING
from hedef.ledger.services import writing
from hedef.process.queries import in_force
from hedef.process.queries.board import Point
from hedef.process.queries.stale import StaleDeal, stale_deals
from hedef.process.schema import ProcessDocument
from hedef.records import queries as records
from hedef.records.services import notify

CODE = "deal_over_limit"
MANAGER_DAYS = 5
_HALVES = 2

type Key = tuple[int, str | None, str | None]
"""Person, deal and the stay of which it was told."""


def tell_ageing(*, actor: str, as_of: date, at_us: int) -> int:
    """Write the notices that are due at the end of `as_of`; answers how many are new.

    Each person is told once of each stay, however often this runs; a deal without an owner is told to nobody.
    """
    point = Point(pin(), as_of, calendar().end_us(as_of), EVERYTHING)
    due = [
        (document, one, person)
        for document in in_force(as_of).values()
        for one in stale_deals(point, document.id)
        if one.ageing == "over"
        for person in _people(one, as_of)
    ]
    told = {_key(one.person, one.object, one.value) for one in records.notices(room="process", code=CODE)}
    new = [one for one in due if _key(one[2], f"deal:D-{one[1].deal}", _stay(one[1])) not in told]
    if not new:
        return 0
    names = records.names({one.deal for _, one, _ in new}, kind="deal")
    with writing(kind="edit", actor=actor, object="notice") as batch:
        for document, one, person in new:
            notify(
                room="process",
                code=CODE,
                scope=f"person:P-{one.owner}",
                person=person,
                text=_text(document, one, names[one.deal]),
                object=f"deal:D-{one.deal}",
                value=_stay(one),
                actor=actor,
                at_us=at_us,
                batch=batch,
            )
    return len(new)


def _key(person: int, about: str | None, value: str | None) -> Key:
    return person, about, value


def _stay(one: StaleDeal) -> str:
    return f"{one.stage}:{one.entered_day.isoformat()}"


def _people(one: StaleDeal, as_of: date) -> list[int]:
    """The owner, and the manager once the deal was over for 5 working days."""
    if one.owner is None:
        return []
    manager = records.manager_of(one.owner, as_of) if _working_days_over(one, as_of) >= MANAGER_DAYS else None
    return [one.owner] if manager is None else [one.owner, manager]


def _working_days_over(one: StaleDeal, as_of: date) -> int:
    """Working days since the limit was passed."""
    if one.clock == "working":
        return one.days - one.limit_days
    passed = one.entered_day + timedelta(days=one.limit_days)
    return calendar(as_of).working_half_days(passed + timedelta(days=1), as_of) // _HALVES


def _text(document: ProcessDocument, one: StaleDeal, name: str) -> dict[str, str]:
    stage = document.stage(one.stage)
    words = (stage.name.en, stage.name.tr) if stage else (one.stage, one.stage)
    return {
        "en": f"{name}: {one.days} days in {words[0]}, over its limit of {one.limit_days}.",
        "tr": f"{name}: {words[1]} aşamasında {one.days} gün, sınırı {one.limit_days} gün.",
    }
