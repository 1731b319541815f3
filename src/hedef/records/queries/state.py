"""State of entities: current rows from the tables, any other point from the ledger."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, Sum

from hedef.kernel.scope import EVERYTHING, Scope
from hedef.ledger.engine import fold
from hedef.ledger.queries import Last, history, living
from hedef.records.engine.kinds import ALWAYS_US, KINDS
from hedef.records.models import MODELS
from hedef.records.tables import find_last, select_rows

_STANDARD = ("entity", "ended_us", "last_batch", "last_ord", "last_effective_us")


def last_change(entity: int, kind: str | None = None) -> Last | None:
    """Where the newest change of an entity stands; none for an unknown entity."""
    found = find_last(entity, [kind] if kind else list(MODELS))
    return None if found is None else Last(*found)


def last_changes(kind: str, entities: Sequence[int]) -> dict[int, Last]:
    """Where the newest change of each entity of a kind stands; nothing for unknown ones and other rooms' kinds."""
    if kind not in MODELS:
        return {}
    rows = columns_of(kind, ("entity", "last_batch", "last_ord"), entities=list(entities))
    return {entity: Last(kind, batch, place) for entity, batch, place in rows}


def kind_of(entity: int) -> str | None:
    """Which kind an entity number belongs to."""
    found = last_change(entity)
    return None if found is None else found.kind


def state(
    entity: int, *, kind: str | None = None, as_of_us: int | None = None, known_no: int | None = None
) -> dict[str, Any] | None:
    """One entity as of (effective, known), folded from its history; none where nothing is known of it.

    Keys: entity, kind, since_us (its earliest change), ended_us, last (seal_no, ord), last_effective_us and every
    field of the kind (null where never set).
    """
    last = last_change(entity, kind)
    if last is None:
        return None
    found = fold(history(entity, last=last), effective_us=as_of_us, known_no=known_no, living=living(known_no))
    if found is None:
        return None
    told = {name: found.fields.get(name) for name in KINDS[last.kind].names}
    standing = {"since_us": found.created_us, "ended_us": found.ended_us, "last": found.last}
    return {"entity": entity, "kind": last.kind, **standing, "last_effective_us": found.last_effective_us, **told}


def rows(
    kind: str,
    *,
    entities: Iterable[int] | None = None,
    scope: Scope = EVERYTHING,
    ended: bool = False,
) -> list[dict[str, Any]]:
    """Current rows of a kind in the order of their numbers: `entity, ended_us, last_batch, last_ord,
    last_effective_us` and the fields (json fields as canonical text).

    Without `ended` only living ones. `scope` keeps what its people own or are.
    """
    found = MODELS[kind].objects.filter(in_scope(kind, scope)).order_by("entity")
    if not ended:
        found = found.filter(ended_us__isnull=True)
    columns = (*_STANDARD, *KINDS[kind].names)
    if entities is None:
        return list(found.values(*columns))
    wanted = list(dict.fromkeys(entities))
    told: list[dict[str, Any]] = []
    for start in range(0, len(wanted), 500):
        told += found.filter(entity__in=wanted[start : start + 500]).values(*columns)
    return sorted(told, key=lambda row: row["entity"])


def sums(
    kind: str, column: str, *, by: Sequence[str], batch: int | None = None
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Sum of a whole-number field (none counts 0) and number of the living records, by the values of other fields.

    `batch`: only of records whose newest change is of that batch.
    """
    living_now = MODELS[kind].objects.filter(ended_us__isnull=True).order_by()
    if batch is not None:
        living_now = living_now.filter(last_batch=batch)
    told = living_now.values_list(*by).annotate(Sum(column, default=0), Count("entity"))
    return {tuple(values): (int(total), int(count)) for *values, total, count in told}


def in_scope(kind: str, scope: Scope) -> Q:
    """The condition on a record table that keeps what `scope` may see.

    People: themselves and those they lead; teams: theirs and those whose totals they see; what has an owner: by the
    owner; what belongs to a person: by the person; lines and contacts: with their parent; master data: all of it.
    """
    if scope.everything:
        return Q()
    people = sorted(scope.people)
    if kind == "person":
        return Q(entity__in=people)
    if kind == "team":
        return Q(entity__in=sorted(scope.teams | scope.totals))
    names = KINDS[kind].names
    for name in ("owner", "person"):
        if name in names:
            return Q(**{f"{name}__in": people})
    parents = {"deal_line": "deal", "order_line": "order"}
    if kind in parents:
        parent = MODELS[parents[kind]].objects.filter(in_scope(parents[kind], scope)).values("entity")
        return Q(**{f"{parents[kind]}__in": parent})
    return Q()


def seen(kind: str, entities: Sequence[int], scope: Scope) -> set[int]:
    """Those of `entities` that `scope` may see, ended ones too; none of a kind that is no record."""
    if kind not in MODELS:
        return set()
    found: set[int] = set()
    visible = MODELS[kind].objects.filter(in_scope(kind, scope))
    for start in range(0, len(entities), 500):
        found.update(visible.filter(entity__in=entities[start : start + 500]).values_list("entity", flat=True))
    return found


def columns_of(kind: str, columns: Sequence[str], *, entities: Sequence[int] | None = None) -> list[tuple[Any, ...]]:
    """Bulk read for intake: tuples of `columns` ordered by entity, ended ones too. Days are ISO text on SQLite."""
    return select_rows(MODELS[kind], columns, entities=entities)


def never_lived(row: dict[str, Any]) -> bool:
    """Whether every change of a row of `rows(ended=True)` was taken back."""
    return bool(row["ended_us"] == ALWAYS_US)
