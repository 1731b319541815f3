"""Alerts of targets (T13) as notices in the records: bands, people without a target, unread letters, data in doubt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hedef.definitions import queries as definitions
from hedef.facts import queries as facts
from hedef.kernel.calendar import Period
from hedef.kernel.errors import HedefError
from hedef.kernel.ids import parse
from hedef.ledger.services import writing
from hedef.records import queries as records
from hedef.records.services import notify
from hedef.targets.engine.alerts import crossed
from hedef.targets.engine.board import Row
from hedef.targets.queries.board import Scoreboard, scoreboard
from hedef.targets.queries.letters import is_over, letters
from hedef.targets.queries.people import Staff, staff
from hedef.targets.queries.plans import KIND

ROOM = "targets"
UNREAD_AFTER = timedelta(days=5)
_WORDS = {
    "ahead": ("ahead", "önde"),
    "on_pace": ("on pace", "tempoda"),
    "watch": ("to watch", "izlenmeli"),
    "behind": ("behind", "geride"),
}
_LEVELS = {"ahead": "info", "on_pace": "info", "watch": "warning", "behind": "error"}


type Told = dict[tuple[str, str, int, str], str]
"""Code, scope, person and document of a matter, to the state that was told last."""


@dataclass(frozen=True)
class Alert:
    """What somebody is to be told; `value` is the state that was crossed."""

    code: str
    scope: str
    person: int
    en: str
    tr: str
    level: str
    period: str
    object: str
    value: str | None = None


def alert_targets(*, as_of: date, actor: str, at_us: int) -> int:
    """Look at every plan's quarter of the day and tell what is new; answers how many notices were written.

    A band is told to the person and the manager once a crossing; a missing target, an unread letter and data in doubt
    once a period or version. Nothing that was told is told again, read or not.
    """
    calendar = facts.calendar()
    period = calendar.period_of(as_of, "quarter")
    told = _told(period)
    found = [one for plan in definitions.list_documents(KIND) for one in _alerts(plan.id, period, as_of, told)]
    if not found:
        return 0
    with writing(kind="edit", actor=actor, object="notice") as batch:
        for one in found:
            notify(
                room=ROOM,
                code=one.code,
                scope=one.scope,
                person=one.person,
                text={"en": one.en, "tr": one.tr},
                level=one.level,
                period=one.period,
                object=one.object,
                value=one.value,
                actor=actor,
                at_us=at_us,
                batch=batch,
            )
    return len(found)


def _alerts(plan: str, period: Period, as_of: date, told: Told) -> Iterator[Alert]:
    try:
        board = scoreboard(period=period, as_of=as_of, by="tree", plan=plan)
    except HedefError:  # it says nothing about this quarter
        return
    people = staff(pin=board.asked.pin, period=period, day=as_of)
    yield from _bands(board, people, told)
    yield from _without_target(board, people, told)
    yield from _doubt(board, people, told)
    yield from _unread(plan, period, as_of, told)


def _told(period: Period) -> Told:
    """The newest notice of each matter in a period, "" for one without a value; read once for everybody."""
    oldest_first = reversed(records.notices(room=ROOM, period=period.id))
    return {(one.code, one.scope, one.person, one.object or ""): one.value or "" for one in oldest_first}


def _bands(board: Scoreboard, people: Staff, told: Told) -> Iterator[Alert]:
    period = board.asked.period
    over = board.asked.as_of >= period.end
    for row in board.rows:
        value = row.standing.attainment if over else row.standing.pace
        if row.standing.band is None:
            continue
        for person in _whom(row, people):
            before = told.get(("target_band", row.scope, person, board.plan))
            word = crossed(before, value, board.rules.bands)
            if word is not None:
                name = board.names.get(row.scope, row.scope)
                en, tr = _WORDS[word]
                text_en = f"{name} is {en} in {period.id}."
                text_tr = f"{name}, {period.id} döneminde {tr}."
                yield Alert(
                    "target_band", row.scope, person, text_en, text_tr, _LEVELS[word], period.id, board.plan, word
                )


def _whom(row: Row, people: Staff) -> list[int]:
    """A person and the manager; of a team those who lead it."""
    kind, _, name = row.scope.partition(":")
    if kind == "person":
        one = parse(name)[1]
        return [who for who in (one, people.tree.managers.get(one)) if who is not None]
    return _leaders(people, parse(name)[1]) if kind == "team" else []


def _leaders(people: Staff, team: int) -> list[int]:
    return sorted({one.person for one in people.tree.memberships if one.team == team and one.role == "manager"})


def _without_target(board: Scoreboard, people: Staff, told: Told) -> Iterator[Alert]:
    period = board.asked.period
    for issue in board.issues:
        if issue.code != "no_target" or issue.object is None:
            continue
        person = parse(issue.object)[1]
        manager = people.tree.managers.get(person)
        scope = f"person:{issue.object}"
        if manager is None or ("no_target", scope, manager, board.plan) in told:
            continue
        name = board.names.get(scope, issue.object)
        yield Alert(
            "no_target",
            scope,
            manager,
            f"{name} has no target for {period.id}.",
            f"{name} için {period.id} döneminde hedef yok.",
            "warning",
            period.id,
            board.plan,
        )


def _doubt(board: Scoreboard, people: Staff, told: Told) -> Iterator[Alert]:
    """Data at caution or blocked: told to everybody who leads a team, once a period and level."""
    level, period = board.trust.level, board.asked.period
    if level not in {"caution", "blocked"}:
        return
    leaders = {one.person for one in people.tree.memberships if one.role == "manager"}
    for person in sorted(leaders):
        if told.get(("target_data", "company", person, board.plan)) != level:
            yield Alert(
                "target_data",
                "company",
                person,
                f"The board of {period.id} rests on data in doubt ({level}).",
                f"{period.id} karnesi kuşkulu verilere dayanıyor ({level}).",
                "error" if level == "blocked" else "warning",
                period.id,
                board.plan,
                level,
            )


def _unread(plan: str, period: Period, as_of: date, told: Told) -> Iterator[Alert]:
    """Letters that nobody answered five days after the version was in force: told to their person, once a version."""
    for letter in letters(plan):
        start = letter.version.effective_from or as_of - UNREAD_AFTER
        scope = f"person:P-{letter.person}"
        reference = letter.version.reference
        if letter.state != "open" or as_of < start + UNREAD_AFTER or is_over(letter, as_of):
            continue
        if ("target_unread", scope, letter.person, reference) not in told:
            yield Alert(
                "target_unread",
                scope,
                letter.person,
                f"Your target letter {letter.version.id}@{letter.version.version} waits for your answer.",
                f"{letter.version.id}@{letter.version.version} hedef mektubunuz yanıtınızı bekliyor.",
                "warning",
                period.id,
                reference,
            )
