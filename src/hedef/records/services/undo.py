"""Take a batch back: it counts no more from then on, what it touched is folded again, its keys go home."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl
from django.db import transaction

from hedef import jobs
from hedef.kernel.errors import Refused
from hedef.kernel.issue import Issue
from hedef.ledger.acts import Moved, Resting, Touched, Undone
from hedef.ledger.browsing import merges_of, numbers_of, touched_by
from hedef.ledger.engine import BatchLine, dead
from hedef.ledger.queries import batch as batch_of
from hedef.ledger.queries import head, undo_lines, undone_by
from hedef.ledger.services import LedgerBatch, open_batch, seal_batch
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS, Unfolded
from hedef.records.queries.merged import merges
from hedef.records.services.closing import FOLDED_ROWS, fold_again
from hedef.records.services.keys import forget_keys, forget_said
from hedef.records.services.merge import move_keys, return_keys
from hedef.records.services.reasons import given_reason
from hedef.records.services.rebuild import refold
from hedef.records.services.refold import WALKED
from hedef.records.tables import select_rows

SHOWN = 50  # entities of a kind that an answer names
_NEVER = {
    "definition": "Documents have an undo of their own: hedef definitions undo",
    "erase": "Words that were erased are gone; nothing brings them back.",
}

type Guard = Callable[[LedgerBatch], Sequence[Resting]]
type Mover = Callable[[LedgerBatch], Sequence[Moved]]
type Seconds = Callable[[str], Sequence[str]]
_guards: list[Guard] = []
_movers: list[Mover] = []
_seconds: list[Seconds] = []


def register_guard(guard: Guard) -> None:
    """A higher room says what was published and rests on a batch; such a batch needs a second person."""
    if guard not in _guards:
        _guards.append(guard)


def register_mover(mover: Mover) -> None:
    """A higher room says which numbers move when a batch is taken back (it is asked before that happens)."""
    if mover not in _movers:
        _movers.append(mover)


def register_seconds(seconds: Seconds) -> None:
    """The room of users says who has a right: `seconds(right) -> usernames`."""
    if seconds not in _seconds:
        _seconds.append(seconds)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an undo turns over: `toggled` batches (dead or alive again) and the entities of each kind."""

    target: LedgerBatch
    toggled: tuple[LedgerBatch, ...]
    entities: dict[str, pl.Series]
    later: int


def undo_batch(
    batch: int,
    *,
    actor: str,
    reason: str,
    dry_run: bool = False,
    after_publication: bool = False,
    second: str | None = None,
) -> Undone:
    """Take the batch B-`batch` back (an undo too: then what it undid counts again), in one batch of kind `undo`.

    `dry_run` writes nothing and says in `refused` why it would be refused. NotFound for no batch; Refused for one that
    is open or undone already, for documents, erasures and lines of target plans, for a merge whose survivor was
    merged itself, and where a publication rests on it, unless `after_publication` and a `second` person who may undo.
    """
    if not dry_run:
        finish_undos()
    plan = _planned(batch_of(batch))
    resting = tuple(one for guard in _guards for one in guard(plan.target))
    moved = tuple(one for mover in _movers for one in mover(plan.target)) if plan.entities else ()
    told = Undone(batch, None, None, _touched(plan), plan.later, moved, resting)
    no = _refusal(plan, resting, actor=actor, after_publication=after_publication, second=second)
    if dry_run:
        return replace(told, refused=None if no is None else no.message)
    why = given_reason(reason)
    if no is not None:
        raise no
    made = _sealed(plan, actor=actor, reason=why, counts=_signed(resting, second))
    finish_undos()
    return replace(told, batch=made.pk, seal_no=made.seal_no)


def _signed(resting: Sequence[Resting], second: str | None) -> dict[str, object]:
    return {"resting": [one.reference for one in resting], "second": second} if resting else {}


def _planned(target: LedgerBatch) -> _Plan:
    if target.seal_no is None:
        return _Plan(target, (), {}, 0)
    lines = undo_lines()
    turned = dead(lines) ^ dead([*lines, BatchLine(head().seal_no + 1, target.seal_no)])
    toggled = tuple(batch_of(number) for number in numbers_of(turned))
    entities = touched_by([one.pk for one in toggled])
    return _Plan(target, toggled, entities, _changed_later(entities, {one.pk for one in toggled}))


def _changed_later(entities: dict[str, pl.Series], toggled: set[int]) -> int:
    later = 0
    for kind, wanted in entities.items():
        if kind in MODELS:
            rows = select_rows(MODELS[kind], ("entity", "last_batch"), entities=wanted.to_list())
            later += sum(batch > max(toggled) for _, batch in rows)
    return later


def _touched(plan: _Plan) -> tuple[Touched, ...]:
    return tuple(
        Touched(kind, len(entities), tuple(entities.head(SHOWN).to_list()))
        for kind, entities in sorted(plan.entities.items())
    )


# --- what stands against it -------------------------------------------------------------------------------------------


def _refusal(
    plan: _Plan, resting: Sequence[Resting], *, actor: str, after_publication: bool, second: str | None
) -> Refused | None:
    target = plan.target
    if target.seal_no is None:
        return Refused(f"Batch {target.number} is {target.state}: only a sealed batch can be taken back.")
    if target.kind in _NEVER:
        return Refused(f"Batch {target.number} cannot be taken back.", hint=_NEVER[target.kind])
    undoing = undone_by(target.pk)
    if undoing is not None:
        return Refused(
            f"Batch {target.number} was taken back already, by {undoing.number}.",
            hint=f"To let it count again: hedef ledger undo {undoing.number}",
        )
    strange = sorted(kind for kind in plan.entities if kind not in KINDS or kind == "target_line")
    if strange:
        return Refused(
            f"Batch {target.number} belongs to a document ({', '.join(strange)}).",
            hint="Make a new version of the document: what it holds is replaced by it.",
        )
    return _refused_merge(plan) or _refused_publication(
        target, resting, actor=actor, after_publication=after_publication, second=second
    )


def _refused_merge(plan: _Plan) -> Refused | None:
    """A merge is taken back before the merges into which its survivor went."""
    dying = {one.pk for one in plan.toggled if one.kind == "merge"}
    now_living = merges()
    for one in now_living:
        over = next((other for other in now_living if one.batch in dying and other.loser == one.survivor), None)
        if over is not None and over.batch not in dying:
            return Refused(
                f"The record that B-{one.batch} merged into was itself merged by B-{over.batch}.",
                hint=f"Take that back first: hedef ledger undo B-{over.batch}",
            )
    return None


def _refused_publication(
    target: LedgerBatch, resting: Sequence[Resting], *, actor: str, after_publication: bool, second: str | None
) -> Refused | None:
    if not resting:
        return None
    issues = [
        Issue("publication_rests", "error", f"{one.what} rests on {target.number}.", object=one.reference)
        for one in resting
    ]
    first = ", ".join(one.what for one in resting[:3])
    if not after_publication:
        return Refused(
            f"{len(resting)} published results rest on {target.number}: {first}.",
            hint="With --after-publication and --second USER the difference shows as a correction from now on.",
            code="publication_rests",
            issues=issues,
        )
    may = {name for seconds in _seconds for name in seconds("undo")}
    others = may - {actor}
    if second is not None and second not in (others or {actor}):
        return Refused(
            f'"{second}" cannot be the second person: somebody else who may undo is needed.',
            hint=f"They may: {', '.join(sorted(others)) or 'nobody yet'}.",
            code="second_person",
            issues=issues,
        )
    if second is None and others:
        return Refused(
            f"A second person is needed: published results rest on {target.number}.",
            hint=f"--second USER, one of: {', '.join(sorted(others))}.",
            code="second_person",
            issues=issues,
        )
    return None


# --- turning it over --------------------------------------------------------------------------------------------------


def _sealed(plan: _Plan, *, actor: str, reason: str, counts: Mapping[str, object]) -> LedgerBatch:
    """Seal the undo. A few records are folded in the same transaction; many are noted, to be folded after it."""
    target = plan.target
    numbers = [one.pk for one in plan.toggled]
    with transaction.atomic():
        made = open_batch(
            kind="undo", actor=actor, reason=reason, source=target.source, object=target.object, undoes=target
        )
        seal_batch(made, counts)
        _turn_merges(plan.toggled)
        if sum(map(len, plan.entities.values())) > WALKED:
            Unfolded.objects.create(batch=made.pk, toggled=numbers)
            return made
        for kind, entities in plan.entities.items():
            refold(kind=kind, entities=entities.to_list())
        _forget(numbers)
    return made


_STEPS, _FEWEST = 8, 5_000  # a person sees it move; each step reads the blocks of the kind once


def finish_undos() -> int:
    """Fold the records of large undos that are sealed but not folded yet, also those of a process that was killed.

    Folded without a lock and written in small transactions. Answers how many undos were finished.
    """
    done = 0
    for one in Unfolded.objects.order_by("batch"):
        touched = {kind: entities for kind, entities in touched_by(one.toggled).items() if kind in MODELS}
        folded, every = 0, sum(map(len, touched.values()))
        size = min(FOLDED_ROWS, max(_FEWEST, -(-every // _STEPS)))
        for kind, entities in touched.items():
            for start in range(0, len(entities), size):
                _report("undo", folded, every)
                folded += len(entities.slice(start, size))
                fold_again(KINDS[kind], entities.slice(start, size))
        _forget(one.toggled)
        one.delete()
        done += 1
    return done


def _report(step: str, done: int, total: int) -> None:
    """Say how far a job is. What is sealed goes on to its end, though a person stopped the job."""
    with suppress(jobs.Stopped):
        jobs.report(step, done, total)


def _forget(batches: Sequence[int]) -> None:
    """What a source last said in these batches is not known any more: its next files are compared anew."""
    for batch in LedgerBatch.objects.filter(pk__in=batches, source__isnull=False):
        forget_keys(batch, drop=False)
        for entities in touched_by([batch.pk]).values():  # later files said some of them again, as if they stood
            forget_said(batch.source_id, entities)


def _turn_merges(toggled: Sequence[LedgerBatch]) -> None:
    """Keys of merges that were turned over go home, or away again."""
    living = {one.batch for one in merges()}
    for one in toggled:
        for loser, survivor in merges_of(one.pk):
            if one.pk in living:
                move_keys(one.pk, loser, survivor)
            else:
                return_keys(one.pk)
