"""Two years of selling at Poyraz Instruments, drawn with a fixed seed: the same story on every machine.

Pure: events with symbolic keys, no ledger. `build` writes them through the ledger; `answers` adds up the same
lives in the plainest way, so that the house can be checked against its own demo.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hedef.demo import cast
from hedef.kernel.instants import ALWAYS_US

STAGES = (
    ("qualify", 9, 0.74),
    ("discover", 14, 0.76),
    ("propose", 12, 0.73),
    ("negotiate", 11, 0.80),
    ("close", 5, 0.88),
)
ORDER = [stage for stage, _, _ in STAGES]
BUDGET_RATE = {2024: 38, 2025: 44, 2026: 50}  # lira for a euro, fixed for each fiscal year
_ZONE = ZoneInfo(cast.ZONE)


@dataclass(frozen=True, slots=True)
class Event:
    """One change set of one record. Refs are keys such as `person:deniz`; `known` is when Hedef hears of it."""

    kind: str
    key: str
    effective_us: int
    known: date
    fields: dict[str, Any]
    act: str = "set"


@dataclass(slots=True)
class Life:
    """One deal as it truly went; what the answers are added up from."""

    key: str
    owner: str | None
    currency: str
    amount_minor: int | None
    created: date
    stage: str = "qualify"
    status: str = "open"
    close_on: date | None = None
    splits: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    events: list[Event]
    lives: list[Life]


def instant(day: date, minutes: int) -> int:
    """Microseconds UTC of a minute of a day in the company's zone."""
    moment = datetime(day.year, day.month, day.day, tzinfo=_ZONE) + timedelta(minutes=minutes)
    return int(moment.astimezone(UTC).timestamp()) * 1_000_000


def tell() -> Story:
    """The whole story, in order of the day on which Hedef hears of each event."""
    dice = random.Random(cast.SEED)  # noqa: S311  (a story, not a secret)
    events = list(_people())
    accounts = list(_accounts(dice))
    events += [event for _, _, event in accounts]
    by_country: dict[str, list[Event]] = {}
    for _, country, event in accounts:
        by_country.setdefault(country, []).append(event)
    lives: list[Life] = []
    for rep in cast.REPS:
        for day, number in _openings(rep, dice):
            teller = _Teller(dice, rep, _team_on(rep, day), f"deal:{rep.key}-{number:04d}", day)
            teller.tell(dice.choice(by_country[teller.team.country]))
            events += teller.events
            lives.append(teller.life)
    events.sort(key=lambda event: event.known)
    return Story(events, lives)


def _team_on(rep: cast.Rep, day: date) -> cast.Team:
    key = rep.moved[1] if rep.moved and day >= rep.moved[0] else rep.team
    return next(team for team in cast.TEAMS if team.key == key)


def _openings(rep: cast.Rep, dice: random.Random) -> Iterator[tuple[date, int]]:
    day, number = max(cast.FIRST_DAY, rep.joined or cast.FIRST_DAY), 0
    last = (rep.left or cast.TODAY + timedelta(days=1)) - timedelta(days=1)
    while day <= last:
        if day.weekday() < 5 and dice.random() < _team_on(rep, day).deals_a_week / 5:
            number += 1
            yield day, number
        day += timedelta(days=1)


def _people() -> Iterator[Event]:
    def tell_(
        kind: str, key: str, fields: dict[str, Any], since: date | None = None, known: date | None = None
    ) -> Event:
        return Event(kind, key, instant(since, 0) if since else ALWAYS_US, known or since or cast.FIRST_DAY, fields)

    for team in cast.TEAMS:
        fields: dict[str, Any] = {"name": team.name, "handle": team.key, "kind": "sales"}
        yield tell_("team", f"team:{team.key}", fields)
        handle = team.manager.split()[0].lower().translate(str.maketrans("çı", "ci"))
        manager = f"person:{handle}"
        yield tell_("person", manager, {"name": team.manager, "handle": handle, "email": f"{handle}@poyraz.example"})
        member = {"person": manager, "team": f"team:{team.key}", "role": "manager", "primary": True, "share_bp": 10_000}
        yield tell_("membership", f"membership:{handle}", member)
    for rep in cast.REPS:
        yield from _rep_events(rep, tell_)
    for year, rate in BUDGET_RATE.items():
        day = date(year, 1, 1)
        fields = {
            "base": "EUR",
            "quote": "TRY",
            "day": day,
            "numerator": rate,
            "denominator": 1,
            "rate_set": "budget",
        }
        yield tell_("currency_rate", f"rate:{year}", fields, known=max(day, cast.FIRST_DAY))


def _rep_events(rep: cast.Rep, tell_: Any) -> Iterator[Event]:
    person = f"person:{rep.key}"
    known = max(rep.joined or cast.FIRST_DAY, cast.FIRST_DAY)
    fields: dict[str, Any] = {"name": rep.name, "handle": rep.key, "email": f"{rep.key}@poyraz.example"}
    if rep.joined:
        fields["hired_on"] = rep.joined
    yield tell_("person", person, fields, since=rep.joined, known=known)
    spans = [(rep.team, rep.joined, rep.moved[0] if rep.moved else rep.left)]
    if rep.moved:
        spans.append((rep.moved[1], rep.moved[0], rep.left))
    for number, (team, start, end) in enumerate(spans):
        member = {"person": person, "team": f"team:{team}", "role": "rep", "primary": True, "share_bp": 10_000}
        key = f"membership:{rep.key}-{number}"
        yield tell_("membership", key, {**member, "from_day": start, "to_day": None}, since=start, known=start or known)
        manager = next(one.manager for one in cast.TEAMS if one.key == team).split()[0].lower()
        manager = manager.translate(str.maketrans("çı", "ci"))
        line = {"person": person, "manager": f"person:{manager}", "line": "solid", "from_day": start, "to_day": None}
        yield tell_("manager_line", f"line:{rep.key}-{number}", line, since=start, known=start or known)
        if end:
            told = end - timedelta(days=7)
            yield tell_("membership", key, {"to_day": end}, since=end, known=told)
            yield tell_("manager_line", f"line:{rep.key}-{number}", {"to_day": end}, since=end, known=told)
    if rep.left:
        yield tell_("person", person, {"left_on": rep.left - timedelta(days=1)}, since=rep.left, known=rep.left)


def _accounts(dice: random.Random) -> Iterator[tuple[str, str, Event]]:
    for country, firsts in cast.ACCOUNT_FIRST.items():
        for number, (first, last) in enumerate(
            (first, last) for first in firsts for last in cast.ACCOUNT_LAST[country]
        ):
            key = f"account:{country.lower()}-{number:03d}"
            name = f"{first}{last}" if last == "werk" else f"{first} {last}"
            fields = {"name": name, "country": country, "industry": dice.choice(cast.INDUSTRIES)}
            yield key, country, Event("account", key, ALWAYS_US, cast.FIRST_DAY, fields)


class _Teller:
    """Tells one deal from its opening to today; needs the dice, so its order of throws is fixed."""

    def __init__(self, dice: random.Random, rep: cast.Rep, team: cast.Team, key: str, day: date) -> None:
        self.dice, self.rep, self.team, self.key, self.day = dice, rep, team, key, day
        self.minute = 540 + dice.randrange(480)
        self.events: list[Event] = []
        lira = dice.random() < team.lira_share
        euros = team.median_eur * dice.lognormvariate(0, 0.55)
        rate = BUDGET_RATE[day.year] if lira else 1
        amount = round(euros * rate / 10) * 1000
        owner = None if key in cast.UNCLAIMED else f"person:{rep.key}"
        self.life = Life(key, owner, "TRY" if lira else "EUR", amount, day)

    def tell(self, account: Event) -> None:
        self._open(account)
        position = 1 if self.dice.random() < 0.05 else 0  # some skip Qualify
        while self.life.status == "open":
            stage, usual, chance = STAGES[position]
            if stage != self.life.stage and not self._set(stage=stage):
                return
            if not self._wait(usual):
                return
            chance = 1 - (1 - chance) / self.rep.odds**1.6
            if self.dice.random() >= chance:
                self._lose()
                position = self._reopened()
            elif stage == "close":
                self._win()
            else:
                position = self._next(position)

    def _open(self, account: Event) -> None:
        life, dice = self.life, self.dice
        life.close_on = self.day + timedelta(days=40 + dice.randrange(50))
        hidden = dice.random() < 0.03  # the amount is not known before the proposal
        fields = {
            "created_us": instant(self.day, self.minute),
            "name": f"{account.fields['name']}{dice.choice(cast.PHRASES)}",
            "account": account.key,
            "process": "new-business",
            "stage": "qualify",
            "status": "open",
            "amount_minor": None if hidden else life.amount_minor,
            "currency": life.currency,
            "owner": life.owner,
            "close_on": life.close_on,
            "source": dice.choice(cast.SOURCES),
            "deal_type": "new" if dice.random() < 0.7 else "expansion",
        }
        if dice.random() < 0.02:
            other = dice.choice(
                [one for one in cast.REPS if one.key != self.rep.key and not one.left and not one.joined]
            )
            life.splits = [(f"person:{self.rep.key}", 6_000), (f"person:{other.key}", 4_000)]
            fields["splits"] = [
                {"person": person, "role": "rep", "kind": "revenue", "share_bp": share} for person, share in life.splits
            ]
        self._write(fields)

    def _next(self, position: int) -> int:
        roll = self.dice.random()
        if roll < 0.03 and position:
            return position - 1  # goes back
        if roll < 0.08 and position < 3:
            return position + 2  # skips
        return position + 1

    def _wait(self, usual: int) -> bool:
        """Some days in the stage; false when the story ends first."""
        days = max(1, round(self.dice.lognormvariate(0, 0.6) * usual * 0.8))
        if self.dice.random() < 0.01:
            days = 0  # two changes at one instant
        return self._move_to(self.day + timedelta(days=days))

    def _move_to(self, day: date) -> bool:
        while day.weekday() > 4:
            day += timedelta(days=1)
        if self.rep.left and self.day < self.rep.left <= day:
            self._hand_over(self.rep.left)
        if day > cast.TODAY:
            return False
        if day > self.day:
            self.day, self.minute = day, 540 + self.dice.randrange(480)
        return True

    def _hand_over(self, day: date) -> None:
        """The owner left: an heir takes the deal."""
        heir = self.dice.choice(["deniz", "gizem", "nazli", "tolga", "emre"])
        self.life.owner = f"person:{heir}"
        self._write({"owner": self.life.owner}, at=instant(day, 480), known=day)

    def _set(self, *, stage: str) -> bool:
        life, dice = self.life, self.dice
        fields: dict[str, Any] = {"stage": stage}
        life.stage = stage
        if stage == "propose" and life.amount_minor:
            life.amount_minor = round(life.amount_minor * dice.uniform(0.85, 1.15) / 1000) * 1000
            fields["amount_minor"] = life.amount_minor
        if life.close_on and life.close_on < self.day + timedelta(days=5) and dice.random() < 0.8:
            life.close_on = self.day + timedelta(days=14 + dice.randrange(30))
            fields["close_on"] = life.close_on
        self._write(fields)
        return True

    def _close(self, status: str, **more: Any) -> None:
        self.life.stage = self.life.status = status
        self.life.close_on = self.day
        fields = {"stage": status, "status": status, "close_on": self.day, "closed_us": instant(self.day, self.minute)}
        self._write({**fields, **more})

    def _win(self) -> None:
        self._close("won")
        if self.dice.random() < 0.02 and self.life.amount_minor:  # heard later, true earlier
            self.life.amount_minor = round(self.life.amount_minor * 0.95 / 1000) * 1000
            known = self.day + timedelta(days=9)
            if known <= cast.TODAY:
                self._write({"amount_minor": self.life.amount_minor}, known=known)
            else:
                self.life.amount_minor = self._last_amount()

    def _last_amount(self) -> int | None:
        told: list[int | None] = [
            event.fields["amount_minor"] for event in self.events if "amount_minor" in event.fields
        ]
        return told[-1]

    def _lose(self) -> None:
        self._close("lost", lost_reason=self.dice.choice(cast.LOST_REASONS))

    def _reopened(self) -> int:
        """A few lost deals come back into Negotiate; returns the stage to go on from."""
        if self.dice.random() < 0.02 and self._move_to(self.day + timedelta(days=10 + self.dice.randrange(30))):
            self.life.status, self.life.close_on = "open", self.day + timedelta(days=21)
            self.life.stage = "negotiate"
            fields = {"stage": "negotiate", "status": "open", "close_on": self.life.close_on, "closed_us": None}
            self._write({**fields, "lost_reason": None})
            return ORDER.index("negotiate")
        return 0

    def _write(self, fields: dict[str, Any], *, at: int | None = None, known: date | None = None) -> None:
        moment = at if at is not None else instant(self.day, self.minute)
        self.events.append(Event("deal", self.key, moment, known or self.day, fields))
