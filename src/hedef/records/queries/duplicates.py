# ruff: noqa: S608 - the names in the statements come from this file and from the models, never from a person
"""Records that may be one and the same: suspects with reasons. Only a person says that they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from hedef.kernel.scope import EVERYTHING, Scope
from hedef.records.engine.kinds import KINDS
from hedef.records.engine.names import normalise
from hedef.records.models import MODELS, ExternalKey, NotDuplicate
from hedef.records.queries.state import seen
from hedef.records.tables import table_of

SUSPECTED = ("person", "account", "contact", "lead")
_LIMIT = 500
# one address of these says nothing about the company
_FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com gmx.com gmx.de "
    "web.de mail.com proton.me protonmail.com yandex.com mail.ru".split()
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two records of one kind that may be the same. `entity` is the older one (the lower number).

    `reasons`: `same_email`, `same_domain`, `same_name`, `same_name_and_account`, `same_name_and_company`,
    `two_sources` (each is known to another source). `shared`: the value that made them suspects, by reason.
    """

    kind: str
    entity: int
    other: int
    reasons: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, ...], tuple[str, ...]]


def duplicates(kind: str, scope: Scope = EVERYTHING, *, limit: int = _LIMIT) -> list[Suspect]:
    """Living pairs of a kind (person, account, contact, lead) that may be one, most reasons first, at most `limit`.

    Of several that share a value each stands beside the oldest. Pairs that a person has told apart, and pairs of which
    the scope does not see both, are left out.
    """
    if kind not in SUSPECTED:
        return []
    found: dict[tuple[int, int], dict[str, str]] = {}
    for reason, value, members in _groups(kind, limit):
        for other in members[1:]:
            found.setdefault((members[0], other), {})[reason] = value
    apart = set(NotDuplicate.objects.filter(kind=kind).values_list("one", "other"))
    pairs = {pair: told for pair, told in found.items() if pair not in apart}
    if not scope.everything:
        visible = seen(kind, sorted({one for pair in pairs for one in pair}), scope)
        pairs = {pair: told for pair, told in pairs.items() if visible.issuperset(pair)}
    return _suspects(kind, pairs)[:limit]


def _suspects(kind: str, pairs: dict[tuple[int, int], dict[str, str]]) -> list[Suspect]:
    known = _sources({one for pair in pairs for one in pair})
    told = []
    for (entity, other), shared in pairs.items():
        ours, theirs = known.get(entity, ()), known.get(other, ())
        reasons = list(shared)
        if ours and theirs and not set(ours) & set(theirs):
            reasons.append("two_sources")
        told.append(Suspect(kind, entity, other, tuple(reasons), tuple(shared.items()), (ours, theirs)))
    return sorted(told, key=lambda one: (-len(one.reasons), one.entity, one.other))


def _sources(entities: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Names of the sources that know each entity."""
    wanted, found = sorted(entities), dict[int, set[str]]()
    for start in range(0, len(wanted), 500):
        keys = ExternalKey.objects.filter(entity__in=wanted[start : start + 500])
        for entity, name in keys.values_list("entity", "source__name").distinct():
            found.setdefault(entity, set()).add(name)
    return {entity: tuple(sorted(names)) for entity, names in found.items()}


# --- groups that share a value ----------------------------------------------------------------------------------------


def _groups(kind: str, limit: int) -> Iterable[tuple[str, str, list[int]]]:
    """Reason, shared value and members (lowest first) of each group of living records that share something."""
    have = KINDS[kind].names
    if "email" in have:
        yield from _sharing(kind, "same_email", "lower(trim(email))", limit)
    if kind == "account":
        yield from (group for group in _sharing(kind, "same_domain", _DOMAIN, limit) if group[1] not in _FREE_MAIL)
    if kind in ("person", "account"):
        yield from _sharing(kind, "same_name", "name_key", limit)
    if kind == "contact":
        yield from _sharing(kind, "same_name_and_account", "name_key", limit, beside="account")
    if kind == "lead":
        yield from _leads_by_name(limit)


_DOMAIN = (
    "replace(replace(replace(lower(trim(domain)), 'https://', ''), 'http://', ''), 'www.', '')"  # how people write it
)


def _sharing(
    kind: str, reason: str, value: str, limit: int, *, beside: str | None = None
) -> Iterable[tuple[str, str, list[int]]]:
    table = table_of(MODELS[kind])
    keys = [value] if beside is None else [value, beside]
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    columns = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    same = " AND ".join(f"r.k{place} = g.k{place}" for place in range(len(keys)))
    living = f"SELECT entity, {columns} FROM {table} WHERE ended_us IS NULL AND {filled} AND {value} <> ''"
    sql = (
        f"SELECT r.k0, r.entity, {', '.join(f'r.k{place}' for place in range(len(keys)))} FROM ({living}) AS r JOIN "
        f"(SELECT {names} FROM ({living}) AS every GROUP BY {names} HAVING count(*) > 1 ORDER BY {names} LIMIT %s) "
        f"AS g ON {same} ORDER BY {', '.join(f'r.k{place}' for place in range(len(keys)))}, r.entity"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [limit])
        rows = cursor.fetchall()
    yield from _grouped(reason, [(tuple(key), shown, entity) for shown, entity, *key in rows])


def _leads_by_name(limit: int) -> Iterable[tuple[str, str, list[int]]]:
    """Leads have no search key: equal spellings are found in the table, then compared as names are."""
    leads = MODELS["lead"].objects.filter(ended_us__isnull=True, name__isnull=False, company__isnull=False)
    told = [
        ((normalise(name), normalise(company)), name, entity)
        for entity, name, company in leads.values_list("entity", "name", "company").iterator()
        if name.strip() and company.strip()
    ]
    groups = _grouped("same_name_and_company", sorted(told, key=lambda row: (row[0], row[2])))
    yield from [group for group in groups if len(group[2]) > 1][:limit]


def _grouped(reason: str, rows: Sequence[tuple[tuple[Any, ...], str, int]]) -> Iterable[tuple[str, str, list[int]]]:
    groups: dict[tuple[Any, ...], tuple[str, list[int]]] = {}
    for key, shown, entity in rows:
        groups.setdefault(key, (shown, []))[1].append(entity)
    for shown, members in groups.values():
        yield reason, shown, sorted(members)
