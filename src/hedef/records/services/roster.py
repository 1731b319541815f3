"""Who is where, under whom, and when away: dated ranges, each verb one batch with its reason.

Days are half-open ranges as everywhere (`from_day` included, `to_day` not). What was true before the day of a change
stays: boards of the past do not move.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_us
from hedef.kernel.issue import Issue
from hedef.ledger.acts import Written
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.days import start_us
from hedef.records.engine.roster import WHOLE_BP, Line, Stay, manager_circle, membership_issues
from hedef.records.models import MODELS, ManagerLine, Membership, Person, Team
from hedef.records.services.edits import change, create, end
from hedef.records.services.reasons import given_reason
from hedef.settings import now

RANGES = ("membership", "manager_line", "absence", "working_time", "skill", "territory_hold", "price")


@dataclass(frozen=True, slots=True)
class Seen:
    """A range as the page showed it, with its newest change; refused when somebody changed it meanwhile."""

    entity: int
    batch: int
    ord: int


def join_team(
    *,
    person: int,
    team: int,
    from_day: date | None,
    to_day: date | None = None,
    role: str = "rep",
    share_bp: int | None = None,
    primary: bool = True,
    actor: str,
    reason: str,
) -> Written:
    """A further membership. Refused where it would be the second main team of a day or stand twice in one team."""
    with _writing("membership", actor, reason) as batch:
        _living(Person, "person", person)
        _living(Team, "team", team)
        new = Stay(0, person, team, from_day, to_day, primary, share_bp)
        _refuse([*_stays(person), new])
        _add(batch, "membership", from_day, {**_who(person, team, role, share_bp, primary), "to_day": to_day})
    return _written(batch)


def move_person(
    *,
    person: int,
    team: int,
    on: date,
    role: str | None = None,
    actor: str,
    reason: str,
    seen: Seen | None = None,
) -> Written:
    """From the day `on` the person's main team is `team`; the former main membership ends there, others stay.

    A person without a main team joins. Refused (`conflict`) where the main membership is not the one that was seen,
    or a later one is planned already; WrongUse where the person is there already.
    """
    with _writing("membership", actor, reason) as batch:
        _living(Person, "person", person)
        _living(Team, "team", team)
        before = _main_on(person, on)
        _check_seen(before, seen)
        if before is not None and before.team == team:
            raise WrongUse(f"{spell('person', person)} is in {spell('team', team)} on {on} already.")
        later = [one for one in _own(person) if one.primary is not False and one.from_day and one.from_day > on]
        if later:
            raise Refused(
                f"{spell('person', person)} moves to {spell('team', later[0].team)} on {later[0].from_day} already.",
                hint="End or correct that membership first.",
                code="conflict",
            )
        for one in _own(person):
            if one.team == team and one.entity != getattr(before, "entity", None) and _covers(one, on):
                _close(batch, "membership", one, on)  # a second membership there becomes the main one
        told = _who(person, team, role or (before.role if before else None) or "rep", None, True)
        if before is not None:
            told["share_bp"] = before.share_bp
            _close(batch, "membership", before, on)
        _add(batch, "membership", on, told)
        _refuse(_stays(person))
    return _written(batch)


def set_manager(
    *,
    person: int,
    manager: int | None,
    on: date | None,
    line: str = "solid",
    actor: str,
    reason: str,
) -> Written:
    """From the day `on` (none: always) the person reports to `manager` (none: to nobody); the line before ends there.

    Refused (`manager_cycle`) where somebody would be their own manager, directly or through others.
    """
    with _writing("manager_line", actor, reason) as batch:
        _living(Person, "person", person)
        if manager is not None:
            _living(Person, "person", manager)
            if line == "solid":
                refuse_circle(Line(person, manager, on, None))
        for one in _lines(person, line):
            if on is None or _covers(one, on) or (one.from_day is not None and one.from_day >= on):
                _close(batch, "manager_line", one, on or one.from_day)
        if manager is not None:
            _add(batch, "manager_line", on, {"person": person, "manager": manager, "line": line})
    return _written(batch)


def put_away(
    *,
    person: int,
    from_day: date,
    last_day: date | None,
    kind: str,
    share_bp: int = WHOLE_BP,
    actor: str,
    reason: str,
) -> Written:
    """An absence of a kind (leave, parental, sick, ...) for a share of the working time; `last_day` included."""
    fields = {"person": person, "reason": kind, "share_bp": _share(share_bp), "to_day": _after(from_day, last_day)}
    return _range("absence", from_day, fields, actor, reason)


def work_part_time(
    *,
    person: int,
    from_day: date | None,
    last_day: date | None = None,
    share_bp: int,
    pattern: str | None = None,
    actor: str,
    reason: str,
) -> Written:
    """The share of a full week that a person works; `pattern`: half-days of Monday to Sunday, such as 2222100."""
    if pattern is not None and (len(pattern) != 7 or set(pattern) - set("012")):
        raise WrongUse(f'"{pattern}" is no week: write the half-days of Monday to Sunday, such as 2222100.')
    fields: dict[str, Any] = {"person": person, "share_bp": _share(share_bp), "pattern": pattern}
    fields["to_day"] = _after(from_day, last_day)
    return _range("working_time", from_day, fields, actor, reason, replaces=True)


def hold_territory(
    *,
    territory: int,
    from_day: date | None,
    person: int | None = None,
    team: int | None = None,
    share_bp: int | None = None,
    to_day: date | None = None,
    actor: str,
    reason: str,
) -> Written:
    """Who holds a territory, a person or a team; what overlaps keeps its days."""
    if (person is None) == (team is None):
        raise WrongUse("A territory is held by a person or by a team: name one of the two.")
    fields = {"territory": territory, "person": person, "team": team, "share_bp": share_bp, "to_day": to_day}
    return _range("territory_hold", from_day, fields, actor, reason)


def end_range(*, kind: str, entity: int, on: date, actor: str, reason: str, seen: Seen | None = None) -> Written:
    """A range ends before the day `on`; one that had not begun by then never counts. WrongUse for other kinds."""
    if kind not in RANGES:
        raise WrongUse(f"A {kind} has no days of its own.", hint=f"Kinds: {', '.join(RANGES)}.")
    with _writing(kind, actor, reason) as batch:
        row = MODELS[kind].objects.select_for_update().filter(entity=entity, ended_us__isnull=True).first()
        if row is None:
            raise NotFound(f"There is no {kind} {spell(kind, entity)}.")
        _check_seen(row, seen)
        _close(batch, kind, row, on)
    return _written(batch)


def leave(*, person: int, last_day: date, actor: str, reason: str) -> Written:
    """A person leaves: the last day is kept, and memberships and manager lines, own and of those led, end after it.

    Deals keep their owner: who is to take them over is a decision of its own.
    """
    after = last_day + timedelta(days=1)
    with _writing("person", actor, reason) as batch:
        row = _living(Person, "person", person)
        _change(batch, "person", row, {"left_on": last_day})
        for kind, names in (("membership", ("person",)), ("manager_line", ("person", "manager"))):
            for name in names:
                for one in MODELS[kind].objects.filter(**{name: person}, ended_us__isnull=True).order_by("entity"):
                    if one.to_day is None or one.to_day > after:
                        _close(batch, kind, one, after)
    return _written(batch)


def end_team(*, team: int, on: date, actor: str, reason: str) -> Written:
    """A team ends before the day `on`: its memberships end there, boards of earlier days keep it.

    Refused while teams below it live or people have no other team to be in on that day, with who they are.
    """
    with _writing("team", actor, reason) as batch:
        _living(Team, "team", team)
        below = list(Team.objects.filter(parent=team, ended_us__isnull=True).order_by("entity"))
        if below:
            names = ", ".join(str(one.name or spell("team", one.entity)) for one in below[:5])
            raise Refused(f"Teams stand under it: {names}.", hint="Give them another parent, or end them first.")
        for one in Membership.objects.filter(team=team, ended_us__isnull=True).order_by("entity"):
            if one.to_day is None or one.to_day > on:
                _close(batch, "membership", one, on)
        at = max(start_us(on), MODELS["team"].objects.get(entity=team).last_effective_us)
        end(kind="team", entity=team, effective_us=at, actor=actor, batch=batch)
    return _written(batch)


# --- parts ------------------------------------------------------------------------------------------------------------


def _writing(kind: str, actor: str, reason: str) -> AbstractContextManager[LedgerBatch]:
    return writing(kind="edit", actor=actor, reason=given_reason(reason), object=kind)


def _written(batch: LedgerBatch) -> Written:
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def _range(
    kind: str, from_day: date | None, fields: Mapping[str, Any], actor: str, reason: str, *, replaces: bool = False
) -> Written:
    with _writing(kind, actor, reason) as batch:
        for name in ("person", "team", "territory"):
            if fields.get(name) is not None:
                _living(MODELS[name], name, fields[name])
        if replaces:
            own = MODELS[kind].objects.filter(person=fields["person"], ended_us__isnull=True)
            for one in own.order_by("entity"):
                if from_day is None or one.to_day is None or one.to_day > from_day:
                    _close(batch, kind, one, from_day or one.from_day)
        _add(batch, kind, from_day, fields)
    return _written(batch)


def _living(model: Any, kind: str, entity: int) -> Any:
    row = model.objects.select_for_update().filter(entity=entity, ended_us__isnull=True).first()
    if row is None:
        raise NotFound(f"There is no {kind} {spell(kind, entity)}.")
    return row


def _who(person: int, team: int, role: str, share_bp: int | None, primary: bool) -> dict[str, Any]:
    share = None if share_bp is None else _share(share_bp)
    return {"person": person, "team": team, "role": role, "share_bp": share, "primary": primary}


def _share(share_bp: int) -> int:
    if not 0 < share_bp <= WHOLE_BP:
        raise WrongUse(f"A share lies above 0 and at 100 % at most, not at {share_bp / 100:g} %.")
    return share_bp


def _after(from_day: date | None, last_day: date | None) -> date | None:
    if last_day is None:
        return None
    if from_day is not None and last_day < from_day:
        raise WrongUse(f"The last day, {last_day}, lies before the first, {from_day}.")
    return last_day + timedelta(days=1)


def _add(batch: LedgerBatch, kind: str, from_day: date | None, fields: Mapping[str, Any]) -> int:
    to_day = fields.get("to_day")
    if from_day is not None and to_day is not None and to_day <= from_day:
        raise WrongUse(f"It would end on {to_day}, before it starts on {from_day}.")
    told = {name: value for name, value in {**fields, "from_day": from_day}.items() if value is not None}
    return create(kind=kind, fields=told, effective_us=start_us(from_day), actor=batch.actor, batch=batch)


def _close(batch: LedgerBatch, kind: str, row: Any, on: date | None) -> None:
    """The range ends before `on`; one that would have no day left ends as a record."""
    if on is None or (row.from_day is not None and row.from_day >= on):
        end(kind=kind, entity=row.entity, effective_us=row.last_effective_us, actor=batch.actor, batch=batch)
    else:
        _change(batch, kind, row, {"to_day": on})


def _change(batch: LedgerBatch, kind: str, row: Any, fields: Mapping[str, Any]) -> None:
    at = max(to_us(now()), row.last_effective_us)
    change(kind=kind, entity=row.entity, fields=fields, effective_us=at, actor=batch.actor, batch=batch)


def _covers(row: Any, day: date) -> bool:
    return (row.from_day is None or row.from_day <= day) and (row.to_day is None or row.to_day > day)


def _own(person: int) -> list[Any]:
    rows = Membership.objects.select_for_update().filter(person=person, ended_us__isnull=True, team__isnull=False)
    return list(rows.order_by("entity"))


def _main_on(person: int, day: date) -> Any:
    there = [one for one in _own(person) if _covers(one, day)]
    return next((one for one in there if one.primary is not False), None)


def _stays(person: int) -> list[Stay]:
    return [
        Stay(one.entity, person, one.team, one.from_day, one.to_day, one.primary is not False, one.share_bp)
        for one in _own(person)
    ]


def _lines(person: int, line: str) -> list[Any]:
    rows = ManagerLine.objects.select_for_update().filter(person=person, ended_us__isnull=True).order_by("entity")
    return [one for one in rows if (one.line or "solid") == line]


def _refuse(stays: list[Stay]) -> None:
    issues = [one for one in membership_issues(stays) if one.level == "error"]
    if issues:
        raise Refused(_sentence(issues[0]), hint=issues[0].hint, issues=issues, code="overlap_membership")


def refuse_circle(new: Line) -> None:
    """Refused (`manager_cycle`) where a solid line would make somebody their own manager on some day."""
    if new.person == new.manager:
        circle = [new.person]
    else:
        rows = ManagerLine.objects.filter(ended_us__isnull=True, person__isnull=False, manager__isnull=False)
        solid = [one for one in rows if (one.line or "solid") == "solid"]
        circle = manager_circle([Line(one.person, one.manager, one.from_day, one.to_day) for one in solid], new)
    if circle:
        way = " -> ".join(spell("person", one) for one in [*circle, circle[0]])
        issue = Issue("manager_cycle", "error", f"{way} would be a circle", object=spell("person", new.person))
        hint = "Nobody can be their own manager, directly or through others. Correct the other line first."
        raise Refused(_sentence(issue), hint=hint, issues=[issue], code="manager_cycle")


def _sentence(issue: Issue) -> str:
    return f"{issue.message[0].upper()}{issue.message[1:]}."


def _check_seen(row: Any, seen: Seen | None) -> None:
    if seen is None:
        return
    if row is None or (row.entity, row.last_batch, row.last_ord) != (seen.entity, seen.batch, seen.ord):
        raise Refused(
            "Somebody changed this meanwhile.",
            hint="Look at how it stands now and make the change again if it is still right.",
            code="conflict",
        )
