"""Who may carry a target in a period, and the org tree of a day, as known at a pin."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from hedef.facts.queries import Pin, Question, ask
from hedef.kernel.calendar import Period
from hedef.kernel.org import OrgTree
from hedef.records import queries as records
from hedef.targets.engine.presence import Member, with_holidays

CARRIES = frozenset({"rep"})  # the membership roles that have targets of their own; a manager's is the team's line

_MEMBERS = Question(
    "targets/members",
    'SELECT membership, person, team, role, share_bp, "primary" AS is_primary, from_day, to_day '
    "FROM membership ORDER BY membership",
    tables=("membership",),
)
_PEOPLE = Question(
    "targets/people",
    "SELECT person, hired_on, left_on, country FROM person_now ORDER BY person",
    tables=("person_now",),
)
_MANAGERS = Question(
    "targets/managers",
    "SELECT manager_line, person, manager, line, from_day, to_day FROM manager_line ORDER BY manager_line",
    tables=("manager_line",),
)
_ABSENCES = Question(
    "targets/absences",
    "SELECT absence, person, share_bp, from_day, to_day FROM absence ORDER BY absence",
    tables=("absence",),
)


_TIMES = Question(
    "targets/times",
    "SELECT working_time, person, share_bp, from_day, to_day FROM working_time ORDER BY working_time",
    tables=("working_time",),
)


@dataclass(frozen=True)
class Staff:
    """`members`: everybody with employment, teams and absences; `carriers`: reps of the day; `absent`: away on it."""

    tree: OrgTree
    members: Mapping[int, Member]
    carriers: frozenset[int]
    absent: frozenset[int]


def staff(*, pin: Pin, period: Period, day: date) -> Staff:
    """Everybody as known at the pin; the tree is that of `day`. Kept for the next board of the same facts."""
    return _staff(pin.digest, pin.known_no, period, day, _Held(pin))


class _Held:
    """A pin that does not count when a cache compares its keys: digest and seal say all."""

    def __init__(self, pin: Pin) -> None:
        self.pin = pin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _staff(_digest: str, _known_no: int, period: Period, day: date, held: _Held) -> Staff:
    pin = held.pin
    memberships = _rows(_MEMBERS, pin)
    absences = _rows(_ABSENCES, pin)
    tree = _tree(memberships, pin, day)
    carriers = frozenset(
        row.person for row in tree.memberships if row.primary and (row.role in CARRIES) and row.team in tree.parents
    )
    away = frozenset(row["person"] for row in absences if _on(row, day))
    return Staff(tree, _members(memberships, absences, pin, period), carriers, away)


def _rows(question: Question, pin: Pin) -> list[dict[str, Any]]:
    return ask(question, pin=pin).as_dicts()


def _on(row: Mapping[str, Any], day: date) -> bool:
    return (row["from_day"] is None or row["from_day"] <= day) and (row["to_day"] is None or day < row["to_day"])


def _tree(memberships: list[dict[str, Any]], pin: Pin, day: date) -> OrgTree:
    lines = [row for row in _rows(_MANAGERS, pin) if _on(row, day) and row["line"] in (None, "solid")]
    return OrgTree.build(
        teams=records.teams_on(day, pin.known_no),
        memberships=[
            (
                row["person"],
                row["team"],
                row["role"] or "rep",
                10_000 if row["share_bp"] is None else row["share_bp"],
                row["is_primary"] != 0,
            )
            for row in memberships
            if _on(row, day) and row["person"] is not None and row["team"] is not None
        ],
        managers=[(row["person"], row["manager"]) for row in lines if row["person"] and row["manager"]],
    )


def _members(
    memberships: list[dict[str, Any]], absences: list[dict[str, Any]], pin: Pin, period: Period
) -> dict[int, Member]:
    teams: dict[int, list[tuple[int, date | None, date | None]]] = defaultdict(list)
    for row in memberships:
        if row["is_primary"] != 0 and row["person"] is not None and row["team"] is not None:
            teams[row["person"]].append((row["team"], row["from_day"], row["to_day"]))
    away = _shares(absences, period, none=10_000)
    times = {
        one: tuple(part for part in found if part[2] < 1)
        for one, found in _shares(_rows(_TIMES, pin), period, none=10_000).items()
    }
    return {
        row["person"]: Member(
            row["person"],
            row["hired_on"],
            row["left_on"],
            tuple(teams[row["person"]]),
            tuple(away.get(row["person"], ())),
            times.get(row["person"], ()),
            with_holidays(row["country"]),
        )
        for row in _rows(_PEOPLE, pin)
    }


type Shares = dict[int, list[tuple[date | None, date | None, Fraction]]]


def _shares(rows: list[dict[str, Any]], period: Period, *, none: int) -> Shares:
    """Ranges that touch the period with their share, by person; a range that names no share has `none`."""
    found: Shares = defaultdict(list)
    for row in rows:
        ends_before = row["to_day"] is not None and row["to_day"] <= period.start
        if not ends_before and (row["from_day"] is None or row["from_day"] <= period.end):
            share = Fraction(none if row["share_bp"] is None else row["share_bp"], 10_000)
            found[row["person"]].append((row["from_day"], row["to_day"], share))
    return found
