"""People, teams and names as of a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from hedef.kernel.errors import NotFound
from hedef.kernel.ids import parse, spell
from hedef.kernel.org import OrgTree
from hedef.ledger.queries import head
from hedef.records.days import end_us
from hedef.records.engine.kinds import ALWAYS_US, KINDS
from hedef.records.engine.names import normalise
from hedef.records.models import MODELS, NAMED, ManagerLine, Membership, Person, Team
from hedef.records.queries.state import state

_SHOWN = ("name", "code", "number", "subject")  # the first of these that a kind has is its name


def _on(day: date) -> Q:
    """Living ranges that cover `day`; half-open, an open end is null."""
    starts = Q(from_day__isnull=True) | Q(from_day__lte=day)
    ends = Q(to_day__isnull=True) | Q(to_day__gt=day)
    return Q(ended_us__isnull=True) & starts & ends


def team_tree(day: date) -> OrgTree:
    """Teams, memberships and solid manager lines as of a day, each in the order of their numbers.

    A team that has another parent since, or has ended since, stands as it did on that day.
    """
    members = Membership.objects.filter(_on(day), person__isnull=False, team__isnull=False).order_by("entity")
    lines = ManagerLine.objects.filter(_on(day), person__isnull=False, manager__isnull=False).order_by("entity")
    solid = lines.filter(Q(line__isnull=True) | Q(line="solid"))
    return OrgTree.build(
        teams=teams_on(day),
        memberships=[
            (person, team, role or "rep", 10_000 if share is None else share, primary is not False)
            for person, team, role, share, primary in members.values_list(
                "person", "team", "role", "share_bp", "primary"
            )
        ],
        managers=list(solid.values_list("person", "manager")),
    )


def teams_on(day: date, known_no: int | None = None) -> list[tuple[int, int | None]]:
    """`(team, parent)` of every team that lives on a day, as it stood at the day's end and was known at a seal (none:
    the newest), by number."""
    moment, found = end_us(day), []
    then_known = None if known_no is None or known_no >= head().seal_no else known_no
    rows = Team.objects.exclude(ended_us=ALWAYS_US).order_by("entity")
    for entity, parent, ended_us, last_us in rows.values_list("entity", "parent", "ended_us", "last_effective_us"):
        if last_us <= moment and then_known is None:
            if ended_us is None:
                found.append((entity, parent))
            continue
        then = state(entity, kind="team", as_of_us=moment, known_no=then_known)  # few: changed after that day
        if then is not None and then["ended_us"] is None:
            found.append((entity, then["parent"]))
    return found


def members_on(team: int, day: date, *, deep: bool = False) -> list[int]:
    """People of a team on a day; `deep` counts the teams below it too."""
    return list(team_tree(day).members(team, deep=deep))


def manager_of(person: int, day: date) -> int | None:
    """The solid manager of a person on a day; the newest line where there are several."""
    lines = ManagerLine.objects.filter(_on(day), person=person).filter(Q(line__isnull=True) | Q(line="solid"))
    newest: int | None = lines.order_by("-entity").values_list("manager", flat=True).first()
    return newest


def names(entities: Iterable[int | None], *, kind: str | None = None) -> dict[int, str]:
    """Names to show, by entity; a nameless or unknown one gets its number as people read it.

    Answers every number that was asked for. With `kind` one table is read, without all that have names.
    """
    wanted = sorted({one for one in entities if one is not None})
    found: dict[int, str] = {}
    for name in [kind] if kind else list(MODELS):
        column = next((one for one in _SHOWN if one in KINDS[name].names), None)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            if column is None:
                numbers = MODELS[name].objects.filter(entity__in=part).values_list("entity", flat=True)
                found |= {one: spell(name, one) for one in numbers}
            else:
                told = MODELS[name].objects.filter(entity__in=part).values_list("entity", column)
                found |= {one: text or spell(name, one) for one, text in told}
    return {one: found.get(one, spell(kind or "", one)) for one in wanted}


def resolve(kind: str, text: str) -> int:
    """The entity a person means: its id (`P-17`, `17`), handle, e-mail, exact name without case and accents.

    NotFound when there is none, or when the name fits several living ones.
    """
    wanted = text.strip()
    found = _by_number(kind, wanted)
    if found is not None:
        return found
    living = MODELS[kind].objects.filter(ended_us__isnull=True)
    for column in ("handle", "email", "code", "number"):
        if column in KINDS[kind].names:
            one = _only(kind, text, living.filter(**{column: wanted}))
            if one is None and column in ("handle", "email"):
                one = _only(kind, text, living.filter(**{column: wanted.lower()}))
            if one is not None:
                return one
    if kind in NAMED:
        one = _only(kind, text, living.filter(name_key=normalise(wanted)))
        if one is not None:
            return one
    raise NotFound(f'There is no {kind} "{text}".', hint=f"Write its id ({spell(kind, 17)}), handle, e-mail or name.")


def find(kind: str, text: str, *, limit: int = 10) -> list[tuple[int, str]]:
    """`(entity, name)` of living ones of a named kind whose name has these words, in the order of names; names that
    begin so come first. Nothing for a text without letters."""
    wanted = normalise(text)
    if not wanted or kind not in NAMED:
        return []
    living = MODELS[kind].objects.filter(ended_us__isnull=True)
    for word in wanted.split():
        living = living.filter(name_key__contains=word)
    starts = living.filter(name_key__startswith=wanted).order_by("name_key", "entity")
    found = list(starts.values_list("entity", "name")[:limit])
    if len(found) < limit:
        others = living.exclude(name_key__startswith=wanted).order_by("name_key", "entity")
        found += list(others.values_list("entity", "name")[: limit - len(found)])
    return found


def _by_number(kind: str, text: str) -> int | None:
    try:
        of, number = parse(text)
    except ValueError:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            return None
        of, number = kind, int(text)
    if of not in (None, kind) or number >= 1 << 63:
        return None
    return number if MODELS[kind].objects.filter(entity=number).exists() else None


def _only(kind: str, text: str, found: Any) -> int | None:
    numbers = list(found.order_by("entity").values_list("entity", flat=True)[:4])
    if len(numbers) > 1:
        which = ", ".join(spell(kind, one) for one in numbers)
        raise NotFound(f'"{text}" fits several: {which}.', hint="Write the id of the one you mean.")
    return int(numbers[0]) if numbers else None


def people_by_key() -> dict[str, list[int]]:
    """Living people by the search key of their name: who may be meant by a spelling."""
    found: dict[str, list[int]] = {}
    rows = Person.objects.filter(ended_us__isnull=True, name_key__isnull=False).order_by("entity")
    for key, entity in rows.values_list("name_key", "entity"):
        found.setdefault(key, []).append(entity)
    return found
