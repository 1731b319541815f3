"""People and teams over time, as their pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from hedef.kernel.issue import Issue
from hedef.kernel.org import OrgTree
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.records.engine.kinds import KINDS
from hedef.records.engine.names import normalise
from hedef.records.engine.roster import Stay, membership_issues
from hedef.records.models import MODELS, NAMED, Deal, Membership, Person
from hedef.records.queries.state import in_scope

TIMED = ("membership", "manager_line", "absence", "working_time", "skill", "territory_hold")


@dataclass(frozen=True, slots=True)
class Span:
    """One dated line of a person or team; `to_day` is the first day on which it counts no more."""

    kind: str
    entity: int
    from_day: date | None
    to_day: date | None
    last: tuple[int, int]
    fields: dict[str, Any] = field(hash=False)

    def covers(self, day: date) -> bool:
        return (self.from_day is None or self.from_day <= day) and (self.to_day is None or day < self.to_day)

    @property
    def seen(self) -> str:
        """What a form sends back, so that nobody overwrites another's change unseen."""
        return f"{self.entity}:{self.last[0]}:{self.last[1]}"


def spans(kinds: Iterable[str], condition: Q) -> list[Span]:
    """Living ranges of these kinds that meet a condition, the newest begin first."""
    found = []
    for kind in kinds:
        for row in MODELS[kind].objects.filter(condition, ended_us__isnull=True).order_by("entity").values():
            own = {name: value for name, value in row.items() if name not in _STANDING}
            last = (row["last_batch"], row["last_ord"])
            found.append(Span(kind, row["entity"], row["from_day"], row["to_day"], last, own))
    return sorted(found, key=lambda one: (one.from_day or date.min, one.entity), reverse=True)


_STANDING = frozenset({"entity", "ended_us", "last_batch", "last_ord", "last_effective_us", "created_us"})


def person_spans(person: int) -> list[Span]:
    """Memberships, managers, absences, working times, skills and territories of a person, newest first."""
    return spans(TIMED, Q(person=person))


def reports(person: int, day: date) -> list[int]:
    """Who has a solid line to a person on a day, by number."""
    lines = spans(["manager_line"], Q(manager=person))
    return sorted(
        one.fields["person"] for one in lines if one.covers(day) and (one.fields["line"] or "solid") == "solid"
    )


def team_spans(team: int) -> list[Span]:
    """Memberships of a team through all time, newest first."""
    return spans(["membership"], Q(team=team, person__isnull=False))


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in the list: where and under whom on the day of the list."""

    person: int
    name: str
    email: str
    teams: tuple[int, ...]
    manager: int | None
    hired_on: date | None
    left_on: date | None


def list_people(
    *, tree: OrgTree, day: date, scope: Scope = EVERYTHING, text: str = "", team: int | None = None, state: str = "here"
) -> list[Listed]:
    """People in the order of their names. `text`: words of a name in any case and with any i, or a part of e-mail or
    handle. `team`: with those below it. `state`: `here` (not left by the day), `left`, `alone` (in no team), `all`."""
    rows = Person.objects.filter(in_scope("person", scope), ended_us__isnull=True)
    for word in normalise(text).split():
        rows = rows.filter(Q(name_key__contains=word) | Q(email__icontains=word) | Q(handle__icontains=word))
    if team is not None:
        rows = rows.filter(entity__in=tree.members(team, deep=True))
    told = rows.order_by("name_key", "entity").values("entity", "name", "email", "hired_on", "left_on")
    found = [_listed(row, tree) for row in told]
    return [one for one in found if _fits(one, state, day)]


def _listed(row: dict[str, Any], tree: OrgTree) -> Listed:
    person = row["entity"]
    teams = tuple(dict.fromkeys(one.team for one in tree.memberships_of(person)))
    manager = tree.manager_of(person)
    return Listed(person, row["name"] or "", row["email"] or "", teams, manager, row["hired_on"], row["left_on"])


def _fits(one: Listed, state: str, day: date) -> bool:
    gone = one.left_on is not None and one.left_on < day
    if state == "left":
        return gone
    if state == "alone":
        return not gone and not one.teams
    return state == "all" or not gone


def owned_open(person: int) -> list[tuple[str, int, int]]:
    """`(currency, number, minor units)` of the open deals that a person owns: what goes along with a move."""
    open_now = Deal.objects.filter(owner=person, ended_us__isnull=True, status__in=("open", "hold")).order_by()
    told = open_now.values_list("currency").annotate(Count("entity"), Sum("amount_minor", default=0))
    return sorted((code or "", count, total) for code, count, total in told)


def roster_issues(tree: OrgTree, people_seen: Sequence[int] | None = None) -> list[Issue]:
    """What does not fit together: circles and strangers of the day's tree, overlapping memberships of all time."""
    rows = Membership.objects.filter(ended_us__isnull=True, person__isnull=False, team__isnull=False)
    if people_seen is not None:
        rows = rows.filter(person__in=people_seen)
    stays = [
        Stay(one.entity, one.person, one.team, one.from_day, one.to_day, one.primary is not False, one.share_bp)
        for one in rows.order_by("entity")
    ]
    return [*tree.issues, *membership_issues(stays)]


def list_rows(kind: str, *, scope: Scope = EVERYTHING, text: str = "", where: Q | None = None) -> Any:
    """Living records of a kind in scope, by name where it has one, as a lazy list that pages cut.

    `text`: words of a name in any case and with any i, or a part of an e-mail; `where`: a further condition.
    """
    columns = KINDS[kind].names
    found = MODELS[kind].objects.filter(in_scope(kind, scope), ended_us__isnull=True)
    found = found if where is None else found.filter(where)
    searched = [one for one in ("email", "domain", "company", "code") if one in columns]
    for word in normalise(text).split():
        hit = Q(name_key__contains=word) if kind in NAMED else Q(name__icontains=word)
        for column in searched:
            hit |= Q(**{f"{column}__icontains": word})
        found = found.filter(hit)
    order = "name_key" if kind in NAMED else "name" if "name" in columns else "entity"
    return found.order_by(order, "entity")
