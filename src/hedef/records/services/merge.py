"""One record becomes part of another: its keys, spellings and references point to the survivor from then on.

References are changes of their own in the merge batch, so that facts, history and undo need no special case: what was
true before the merge stays as it was, and taking the batch back splits the two again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.conf import settings
from django.db.models import Q

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_datetime, to_us
from hedef.ledger.acts import Undone, Written
from hedef.ledger.services import LedgerBatch, allocate, writing
from hedef.records.engine.combine import arrow_type
from hedef.records.engine.kinds import ALWAYS_US, KINDS, Kind
from hedef.records.engine.roster import Line
from hedef.records.models import MODELS, Alias, ExternalKey, MovedKey
from hedef.records.queries.merged import merges
from hedef.records.services.apply import apply_changes
from hedef.records.services.edits import canonical_json
from hedef.records.services.reasons import given_reason
from hedef.records.services.roster import refuse_circle
from hedef.settings import now

MERGEABLE = ("person", "account", "contact", "lead", "deal", "product")
_ALIAS = "alias/"

type Take = Callable[[int, int], Sequence[str]]
type Give = Callable[[str, int], None]
_followers: dict[str, tuple[Take, Give]] = {}


def register_follower(name: str, *, take: Take, give: Give) -> None:
    """A higher room that points to records outside the ledger (users to people) follows a merge and its undo.

    `take(loser, survivor)` repoints and answers the names of what it repointed; `give(name, entity)` points it back.
    """
    _followers[name] = (take, give)


def merge(
    *,
    kind: str,
    loser: int,
    survivor: int,
    actor: str,
    reason: str,
    effective_us: int | None = None,
    fields: Sequence[str] = (),
) -> Written:
    """`loser` becomes part of `survivor` at `effective_us` (none: now), in one batch of kind `merge`.

    What refers to the loser refers to the survivor from then on; ranges that lie across that day are cut there.
    What would refer to itself ends: a line to oneself, an account above itself. `fields`: values of the loser that the
    survivor takes over. WrongUse for a kind that is never merged and for a record with itself, NotFound for unknown
    ones, Refused where one of them has ended or was merged before, and where a circle would close through a third.
    """
    _check(kind, loser, survivor, fields)
    why = given_reason(reason)
    at = to_us(now()) if effective_us is None else effective_us
    with writing(kind="merge", actor=actor, reason=why, object=kind) as batch:
        of, rows = KINDS[kind], _both(kind, loser, survivor)
        _tell(batch, of, [{"entity": loser, "effective_us": at, "act": "merge", "into": survivor}])
        taken = {
            name: _not_itself(getattr(rows[loser], name), of.get(name).refers == kind, survivor) for name in fields
        }
        if taken:
            after = max(at, rows[survivor].last_effective_us)
            _tell(batch, of, [{"entity": survivor, "effective_us": after, **taken}])
        _repoint(batch, kind, loser, survivor, at)
        _refuse_circles(kind, survivor)
        keys = move_keys(batch.pk, loser, survivor)
        batch.counts = {"loser": loser, "survivor": survivor, "keys": keys}
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def split(*, loser: int, actor: str, reason: str) -> Undone:
    """Take the living merge of a record back: it lives again, with its keys and what referred to it.

    NotFound where the record was not merged; Refused while its survivor is itself part of another record.
    """
    from hedef.records.services.undo import undo_batch

    found = next((one for one in merges() if one.loser == loser), None)
    if found is None:
        raise NotFound(f"There is no merge of the record {loser}.", hint="hedef ledger show lists the batches.")
    return undo_batch(found.batch, actor=actor, reason=reason)


def _check(kind: str, loser: int, survivor: int, fields: Sequence[str]) -> None:
    if kind not in MERGEABLE:
        raise WrongUse(f"Records of the kind {kind} are never merged.", hint=f"Kinds: {', '.join(MERGEABLE)}.")
    if loser == survivor:
        raise WrongUse(f"{spell(kind, loser)} cannot be merged with itself.")
    strange = [name for name in fields if name not in KINDS[kind].names]
    if strange:
        raise WrongUse(f"A {kind} has no field {', '.join(strange)}.", hint=f"Fields: {', '.join(KINDS[kind].names)}.")


def _both(kind: str, loser: int, survivor: int) -> dict[int, Any]:
    """The two rows, locked in the order of their numbers."""
    found = MODELS[kind].objects.select_for_update().filter(entity__in=(loser, survivor)).order_by("entity")
    rows = {row.entity: row for row in found}
    for entity in (loser, survivor):
        if entity not in rows or rows[entity].ended_us == ALWAYS_US:
            raise NotFound(f"There is no {kind} {spell(kind, entity)}.")
        if rows[entity].ended_us is not None:
            raise Refused(
                f"{spell(kind, entity)} has ended, or is part of another record.",
                hint="Merge the record that it is part of, or let it live again first.",
            )
    return rows


def _tell(batch: LedgerBatch, of: Kind, told: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that each name their own fields."""
    names = [name for name in of.names if any(name in row for row in told)]
    columns: dict[str, Any] = {
        "entity": pa.array([row["entity"] for row in told], pa.int64()),
        "effective_us": pa.array([row["effective_us"] for row in told], pa.int64()),
        "act": pa.array([row.get("act", "set") for row in told], pa.string()),
        "into": pa.array([row.get("into") for row in told], pa.int64()),
        "mask": pa.array([sum(of.bit(name) for name in names if name in row) for row in told], pa.int64()),
    }
    columns |= {name: pa.array([row.get(name) for row in told], arrow_type(of, name)) for name in names}
    apply_changes(batch=batch, kind=of.name, rows=pa.table(columns))


def _not_itself(value: Any, refers: bool, survivor: int) -> Any:
    return None if refers and value == survivor else value


def _refuse_circles(kind: str, survivor: int) -> None:
    """Refused where the survivor would now stand above itself through others."""
    if kind == "person":
        for one in MODELS["manager_line"].objects.filter(person=survivor, manager__isnull=False, ended_us__isnull=True):
            if (one.line or "solid") == "solid" and (one.from_day is None or one.from_day != one.to_day):
                refuse_circle(Line(one.person, one.manager, one.from_day, one.to_day))
    elif "parent" in KINDS[kind].names:
        way = [survivor]
        while (
            above := MODELS[kind].objects.filter(entity=way[-1]).values_list("parent", flat=True).first()
        ) not in way:
            if above is None:
                return
            way.append(above)
        if above == survivor:
            told = " -> ".join(spell(kind, one) for one in [*way, survivor])
            raise Refused(f"{told} would be a circle.", hint="Correct what stands above the one in between first.")


# --- references -------------------------------------------------------------------------------------------------------


def _repoint(batch: LedgerBatch, kind: str, loser: int, survivor: int, at: int) -> None:
    for of in list(KINDS.values()):
        names = [one.name for one in of.fields if one.refers == kind]
        told: list[dict[str, Any]] = []
        if names and of.range:
            told = _ranges(of, names, loser, survivor, at)
        elif names:
            told = _references(of, names, loser, survivor, at)
        if of.name == "deal" and kind == "person":
            told = _with_splits(told, loser, survivor, at)
        if told:
            _tell(batch, of, told)


def _pointing(of: Kind, names: Iterable[str], loser: int) -> Iterable[Any]:
    wanted = Q()
    for name in names:
        wanted |= Q(**{name: loser})
    return MODELS[of.name].objects.filter(wanted).exclude(ended_us=ALWAYS_US).order_by("entity").iterator()  # type: ignore[no-any-return]


def _references(of: Kind, names: Sequence[str], loser: int, survivor: int, at: int) -> list[dict[str, Any]]:
    return [
        {
            "entity": row.entity,
            "effective_us": max(at, row.last_effective_us),
            # nothing refers to itself
            **{name: None if row.entity == survivor else survivor for name in names if getattr(row, name) == loser},
        }
        for row in _pointing(of, names, loser)
    ]


def _ranges(of: Kind, names: Sequence[str], loser: int, survivor: int, at: int) -> list[dict[str, Any]]:
    """Past ranges stay, coming ones move; one that lies across the day ends there and goes on under the survivor,
    unless the survivor has one of its own that day."""
    day = to_datetime(at).astimezone(ZoneInfo(settings.HEDEF.time_zone)).date()
    told, going_on = [], []
    for row in _pointing(of, names, loser):
        if row.ended_us is not None or (row.to_day is not None and row.to_day <= day):
            continue
        moved = {name: survivor for name in names if getattr(row, name) == loser}
        effective = max(at, row.last_effective_us)
        to_itself = len(names) > 1 and all(moved.get(name, getattr(row, name)) == survivor for name in names)
        if row.from_day is not None and row.from_day >= day:
            told.append(
                {"entity": row.entity, "effective_us": effective, **({"to_day": row.from_day} if to_itself else moved)}
            )
            continue
        told.append({"entity": row.entity, "effective_us": effective, "to_day": day})
        if not to_itself and not ("person" in moved and _has_own(of, names, survivor, loser, day)):
            values = {name: value for name in of.names if (value := getattr(row, name)) is not None}
            going_on.append({**values, **moved, "from_day": day, "effective_us": at})
    first = allocate(len(going_on)) if going_on else 0
    return told + [{"entity": first + place, **row} for place, row in enumerate(going_on)]


def _has_own(of: Kind, names: Sequence[str], person: int, loser: int, day: date) -> bool:
    """Whether a range of the person covers the day; one to the loser ends there and is none."""
    own = MODELS[of.name].objects.filter(person=person, ended_us__isnull=True)
    for other in names:
        own = own.exclude(**{other: loser})
    return bool(
        own.filter(Q(from_day__isnull=True) | Q(from_day__lte=day), Q(to_day__isnull=True) | Q(to_day__gt=day)).exists()
    )


def _with_splits(told: list[dict[str, Any]], loser: int, survivor: int, at: int) -> list[dict[str, Any]]:
    """The deals whose splits name the loser, each once with its other references."""
    rows = {row["entity"]: row for row in told}
    deals = MODELS["deal"].objects.filter(splits__contains=f'"person":{loser}').exclude(ended_us=ALWAYS_US)
    for deal in deals.order_by("entity").iterator():
        members = json.loads(deal.splits)
        if any(one["person"] == loser for one in members):
            row = rows.setdefault(deal.entity, {"entity": deal.entity, "effective_us": max(at, deal.last_effective_us)})
            row["splits"] = canonical_json(_joined(members, loser, survivor))
    return [rows[entity] for entity in sorted(rows)]


def _joined(members: Sequence[Mapping[str, Any]], loser: int, survivor: int) -> list[dict[str, Any]]:
    """The members of a split with the survivor in the loser's place; two equal parts of one person become one."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in members:
        person = survivor if one["person"] == loser else one["person"]
        key = (person, one.get("role"), one.get("kind") or "revenue")
        if key in found:
            found[key]["share_bp"] += one["share_bp"]
        else:
            found[key] = {**one, "person": person}
    return list(found.values())


# --- keys and spellings -----------------------------------------------------------------------------------------------


def move_keys(batch: int, loser: int, survivor: int) -> int:
    """Keys and spellings of the loser point to the survivor; whose they were is kept. Answers how many."""
    keys = list(ExternalKey.objects.filter(entity=loser).values_list("source_id", "object", "ext_id"))
    spellings = Alias.objects.filter(entity=loser).values_list("source_id", "kind", "text_key")
    keys += [(source, f"{_ALIAS}{kind}", text) for source, kind, text in spellings]
    keys += [(0, name, told) for name, (take, _) in _followers.items() for told in take(loser, survivor)]
    MovedKey.objects.bulk_create(
        [MovedKey(batch=batch, source_id=source, object=name, ext_id=text, loser=loser) for source, name, text in keys],
        batch_size=500,
    )
    ExternalKey.objects.filter(entity=loser).update(entity=survivor)
    Alias.objects.filter(entity=loser).update(entity=survivor)
    return len(keys)


def return_keys(batch: int) -> int:
    """Keys and spellings that a merge batch moved point to their own record again. Answers how many."""
    moved = MovedKey.objects.filter(batch=batch)
    for one in moved.iterator():
        if one.object in _followers:
            _followers[one.object][1](one.ext_id, one.loser)
        elif one.object.startswith(_ALIAS):
            kind = one.object.removeprefix(_ALIAS)
            Alias.objects.filter(source_id=one.source_id, kind=kind, text_key=one.ext_id).update(entity=one.loser)
        else:
            keys = ExternalKey.objects.filter(source_id=one.source_id, object=one.object, ext_id=one.ext_id)
            keys.update(entity=one.loser)
    return moved.delete()[0]
