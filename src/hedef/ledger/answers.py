"""Batches and changes in the words of the faces: the shape `hedef.ledger/1`."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from hedef.kernel.errors import NotFound
from hedef.kernel.ids import parse, spell
from hedef.kernel.instants import ALWAYS_US, iso, to_us
from hedef.kernel.issue import Issue
from hedef.kernel.scope import Scope
from hedef.kernel.trust import UNKNOWN
from hedef.ledger.acts import acts
from hedef.ledger.browsing import Wanted, looked_for
from hedef.ledger.engine import Change, State, fold, in_order
from hedef.ledger.queries import batch as batch_of
from hedef.ledger.queries import (
    batches,
    batches_numbered,
    changes_in,
    head,
    histories,
    history,
    living,
    seen,
    undoings,
    undone_by,
    verify,
)
from hedef.ledger.verification import said_erased

if TYPE_CHECKING:
    from hedef.ledger.models import LedgerBatch


def answer(
    *,
    as_of: date | None = None,
    known_no: int | None = None,
    issues: Sequence[Issue] = (),
    batches: Sequence[dict[str, Any]] = (),
    changes: Sequence[dict[str, Any]] = (),
    entity: str | None = None,
    verified: bool | None = None,
    act: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`hedef.ledger/1`: every key is always there. `verified` is null where nothing was verified, `act` where nothing
    was done (or rehearsed)."""
    newest = head()
    return {
        "schema": "hedef.ledger/1",
        "as_of": None if as_of is None else as_of.isoformat(),
        "known_at": known_no,
        "issues": [issue.as_json() for issue in issues],
        "trust": UNKNOWN.as_json(),
        "fingerprint": f"sha256:{newest.digest}" if newest.digest else None,
        "seal_no": newest.seal_no,
        "entity": entity,
        "verified": verified,
        "act": act,
        "batches": list(batches),
        "changes": list(changes),
    }


def batch_number(text: str) -> int:
    """`B-412` or `412` as a number; NotFound for anything else."""
    number = text.strip().upper().removeprefix("B-")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound(f'"{text}" is no batch such as B-412.')
    return int(number)


def entity_of(text: str) -> int:
    """`D-10482`, or the bare number; NotFound for anything else."""
    try:
        number = int(text) if text.isascii() and text.isdigit() else parse(text.upper())[1]
    except ValueError as fault:
        raise NotFound(str(fault)) from fault
    if number >= 1 << 63:
        raise NotFound(f"There is no entity {text}.")
    return number


def newest_batches(*, last: int = 20, known_no: int | None = None) -> list[dict[str, Any]]:
    """The newest sealed batches, newest first."""
    found = batches(last=last, upto=known_no)
    undone = undoings([one.pk for one in found])
    return [_batch_json(one, undone.get(one.pk)) for one in found]


def found_batches(wanted: Wanted, *, below: int | None = None, last: int = 50) -> list[dict[str, Any]]:
    """Sealed batches that fit, newest first, before the seal `below`."""
    found = looked_for(wanted, below=below, last=last)
    undone = undoings([one.pk for one in found])
    return [_batch_json(one, undone.get(one.pk)) for one in found]


def one_batch(no: int) -> dict[str, Any]:
    """The batch B-`no`. NotFound otherwise."""
    return batch_json(batch_of(no))


def batch_json(one: "LedgerBatch") -> dict[str, Any]:
    """One batch as faces show it."""
    return _batch_json(one, undone_by(one.pk))


def _batch_json(one: "LedgerBatch", undoing: "LedgerBatch | None") -> dict[str, Any]:
    return {
        "batch": one.number,
        "seal_no": one.seal_no,
        "state": one.state,
        "kind": one.kind,
        "source": None if one.source is None else one.source.name,
        "actor": one.actor,
        "reason": one.reason,
        "recorded_at": None if one.recorded_at is None else iso(to_us(one.recorded_at)),
        "object": one.object,
        "file": {"name": one.file_name, "sha256": one.file_sha256},
        "mapping_version": one.mapping_version,
        "code_version": one.code_version,
        "undoes": None if one.undoes_id is None else f"B-{one.undoes_id}",
        "undone_by": None if undoing is None else undoing.number,
        "changes": one.rows,
        "counts": one.counts,
        "digest": f"sha256:{one.digest}" if one.digest else None,
    }


def batch_answer(no: int, *, scope: Scope, first: int = 0, limit: int = 50) -> dict[str, Any]:
    """One batch with its changes from `first`, each with the values before and after. NotFound for no batch."""
    batch = batch_of(no)
    told = [json for json, _ in batch_changes(no, scope=scope, first=first, limit=limit)]
    return answer(batches=[batch_json(batch)], changes=told)


def batch_changes(
    no: int, *, scope: Scope, first: int = 0, limit: int = 50
) -> list[tuple[dict[str, Any], Mapping[str, object]]]:
    """The changes of a batch that the scope sees, from `first`, each with what stood beside it afterwards."""
    found = changes_in(no, first=first, limit=limit)
    visible = _visible(found, scope)
    seen_ones = [one for one in found if one.entity in visible]
    every = histories([(one.kind, one.entity) for one in seen_ones])
    alive_now = living()
    return [
        (change_json(one, every[one.entity], living=alive_now), {**_stood(one, every[one.entity]), **one.fields})
        for one in seen_ones
    ]


def _stood(one: Change, every: Sequence[Change]) -> dict[str, object]:
    before = fold([other for other in every if other.number < one.number], effective_us=one.effective_us)
    return {} if before is None else dict(before.fields)


def _visible(changes: Iterable[Change], scope: Scope) -> set[int]:
    by_kind: dict[str, list[int]] = {}
    for one in changes:
        by_kind.setdefault(one.kind, []).append(one.entity)
    return set().union(*(seen(kind, entities, scope) for kind, entities in by_kind.items()))


def entity_answer(
    entity: int, *, scope: Scope, as_of_us: int | None = None, as_of: date | None = None, known_no: int | None = None
) -> dict[str, Any]:
    """The history of one entity up to (as of, known), in the order in which its changes became true.

    NotFound for an unknown entity and for one outside the scope: the two must look the same.
    """
    every = history(entity)
    if not every or not seen(every[0].kind, [entity], scope):
        raise NotFound(f"There is no entity {entity}.", hint="Write its id as D-10482 or P-17.")
    alive_then = living(known_no)
    known = [one for one in every if known_no is None or one.seal_no <= known_no]
    shown = [one for one in known if as_of_us is None or one.effective_us <= as_of_us]
    shown.sort(key=lambda change: (change.effective_us, change.seal_no, change.ord))
    counting = {one.number for one in in_order(known, living=alive_then)}
    told = [change_json(one, known, counting=counting) for one in shown]
    numbers = {one.batch for one in shown if one.batch is not None}
    rows = [batch_json(batch_of(number)) for number in sorted(numbers)]
    name = spell(every[0].kind, entity)
    return answer(as_of=as_of, known_no=known_no, batches=rows, changes=told, entity=name)


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change as faces show it: its JSON, what stood beside it afterwards, and its values as they are stored."""

    json: dict[str, Any]
    beside: Mapping[str, object]
    fields: Mapping[str, object]
    batch: int | None


@dataclass(frozen=True, slots=True)
class EntityTold:
    """A record for a page: how it stands, and its changes, the last ones to become true first.

    `known` are all its changes known then, `living` the seals that count; only those changes that a page shows are
    told in full.
    """

    kind: str
    entity: int
    changes: list[Change]
    known: Sequence[Change]
    living: Container[int]
    state: State | None

    @property
    def fields(self) -> Mapping[str, object]:
        return {} if self.state is None else self.state.fields

    @property
    def currency(self) -> str:
        return str(self.fields.get("currency") or self.fields.get("revenue_currency") or "")

    @property
    def ended(self) -> bool:
        return self.state is None or self.state.ended_us is not None

    @property
    def into(self) -> int | None:
        return None if self.state is None else self.state.merged_into

    def told(self, some: Sequence[Change]) -> list[ToldChange]:
        """Some of the changes with the values before and after."""
        counting = {one.number for one in in_order(self.known, living=self.living)}
        return [
            ToldChange(
                change_json(one, self.known, counting=counting),
                {**_stood(one, self.known), **one.fields},
                one.fields,
                one.batch,
            )
            for one in some
        ]

    def batches(self, some: Sequence[Change]) -> dict[str, dict[str, Any]]:
        """The batches of some of the changes by their number, as JSON."""
        found = batches_numbered([one.batch for one in some if one.batch is not None])
        undone = undoings(list(found))
        return {one.number: _batch_json(one, undone.get(one.pk)) for one in found.values()}


def entity_told(entity: int, *, scope: Scope, as_of_us: int | None = None, known_no: int | None = None) -> EntityTold:
    """One record up to (as of, known). NotFound as `entity_answer`."""
    every = history(entity)
    if not every or not seen(every[0].kind, [entity], scope):
        raise NotFound(f"There is no entity {entity}.", hint="Write its id as D-10482 or P-17.")
    alive_then = living(known_no)
    known = [one for one in every if known_no is None or one.seal_no <= known_no]
    shown = [one for one in known if as_of_us is None or one.effective_us <= as_of_us]
    shown.sort(key=lambda change: (change.effective_us, change.seal_no, change.ord), reverse=True)
    state = fold(known, effective_us=as_of_us, known_no=known_no, living=alive_then)
    return EntityTold(every[0].kind, entity, shown, known, alive_then, state)


def change_json(
    one: Change,
    every: Sequence[Change],
    *,
    living: Container[int] | None = None,
    counting: Container[tuple[int, int]] | None = None,
) -> dict[str, Any]:
    """One change with, for each of its fields, the value that stood at that instant when it was recorded, and its own.

    `every` is the history of the entity. `effective_at` is null for what is true since always. `counts` is false for a
    change that was undone or voided since; whoever asks for many of one history lends `counting`, the numbers of those
    that count.
    """
    stood, always = _stood(one, every), one.effective_us <= ALWAYS_US
    if counting is None:
        counting = {other.number for other in in_order(every, living=living)}
    return {
        "change": f"{one.seal_no}:{one.ord}",
        "batch": None if one.batch is None else f"B-{one.batch}",
        "entity": spell(one.kind, one.entity),
        "kind": one.kind,
        "act": one.act,
        "effective_at": None if always else iso(one.effective_us),
        "not_before": None if one.not_before_us is None else iso(one.not_before_us),
        "precision": "always" if always else one.precision,
        "counts": one.act == "void" or one.number in counting,
        "file_row": one.file_row,
        "void_of": None if one.void_of is None else f"{one.void_of[0]}:{one.void_of[1]}",
        "into": one.into,
        "fields": [
            {"field": name, "before": _plain(stood.get(name)), "after": _plain(value)}
            for name, value in one.fields.items()
        ],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def verify_answer() -> dict[str, Any]:
    """What `hedef ledger verify` found, with `verified` true when it found nothing: chain, references and records.

    Erasures are said too.
    """
    acts().finish_undos()
    found = [*verify(), *acts().differences()]
    return answer(issues=[*found, *said_erased()], verified=not found)
