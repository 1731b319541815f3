"""Records folded anew from all blocks, some at a time; the result equals what stands there, or something is broken."""

from collections.abc import Collection, Iterator

import polars as pl
from django.db import transaction

from hedef.kernel.ids import spell
from hedef.kernel.issue import Issue
from hedef.ledger.queries import all_open, blocks_back, entities_of_blocks, links_left, orders
from hedef.records.engine.kinds import KINDS, Kind
from hedef.records.models import MODELS
from hedef.records.services.apply import overwrite
from hedef.records.services.naming import with_name_key
from hedef.records.services.refold import Wanted, block_frames, folded_frame, link_frame, refolded, row_schema
from hedef.records.tables import empty_table, insert_rows, standing, whole_rows

FOLDED_AT_ONCE = 200_000  # entities: what is held in memory
_SHOWN = 20  # entities that an issue names


def rebuild() -> dict[str, int]:
    """Fold every kind again from the ledger and replace its table; answers the number of entities of each kind.

    One transaction; memory for some hundred thousand entities at a time.
    """
    with transaction.atomic():
        return {name: _rebuild(kind) for name, kind in KINDS.items()}


def refold(*, kind: str, entities: Collection[int]) -> int:
    """Fold known entities again from their histories, as after an undo; answers how many."""
    of = KINDS[kind]
    with transaction.atomic():
        places = standing(MODELS[kind], pl.Series(sorted(entities), dtype=pl.Int64))
        if not places.is_empty():
            overwrite(of, refolded(of, places.select("entity", "last_batch", "last_ord")))
        return places.height


def _rebuild(kind: Kind) -> int:
    empty_table(MODELS[kind.name])
    count = 0
    for _, rows in _rebuilt_parts(kind):
        insert_rows(MODELS[kind.name], with_name_key(kind, rows))
        count += rows.height
    return count


def rebuilt_rows(kind: Kind) -> pl.DataFrame:
    """What the table of a kind must hold, by the ledger alone."""
    parts = [rows for _, rows in _rebuilt_parts(kind)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=row_schema(kind))


def _rebuilt_parts(kind: Kind) -> Iterator[tuple[Wanted, pl.DataFrame]]:
    """Record rows by the ledger, in ranges of entities that follow each other."""
    known = orders()
    for wanted in _ranges(kind):
        parts = list(block_frames(kind, known, wanted))
        if parts:
            changes = pl.concat(parts, how="diagonal")
            yield wanted, folded_frame(kind, changes, ends_of_chains(kind, changes)).sort("entity")


def _ranges(kind: Kind) -> Iterator[Wanted]:
    """Ranges of at most `FOLDED_AT_ONCE` entities with the blocks that hold any of them."""
    spans: list[tuple[tuple[int, int], int, int]] = []
    every = pl.Series("entity", [], pl.Int64)
    for place, column in entities_of_blocks(kind.name):
        found = pl.Series("entity", column, dtype=pl.Int64).unique()
        spans.append((place, _first(found), _last(found)))
        every = pl.concat([every, found])
        if len(every) > 4 * FOLDED_AT_ONCE:
            every = every.unique()
    for part in every.unique().sort().to_frame().iter_slices(FOLDED_AT_ONCE):
        first, last = _first(part["entity"]), _last(part["entity"])
        places = frozenset(place for place, low, high in spans if low <= last and high >= first)
        yield Wanted(first=first, last=last, places=places)


def _first(entities: pl.Series) -> int:
    return int(entities.min())  # type: ignore[arg-type]


def _last(entities: pl.Series) -> int:
    return int(entities.max())  # type: ignore[arg-type]


def ends_of_chains(kind: Kind, changes: pl.DataFrame) -> pl.DataFrame:
    """Where the newest change of each entity stands: entity, last_batch, last_ord. No other change follows it.

    The last one by seal it need not be: two open batches may have written in turns.
    """
    places = changes.select("entity", last_batch="batch", last_ord="ord")
    if "prev_batch" not in changes.columns:
        return places
    links = changes.select("entity", "batch", "ord", "prev_batch", "prev_ord")
    followed = pl.concat([links, _still_linked(kind, links)]).select("prev_batch", "prev_ord").drop_nulls()
    return places.join(followed, left_on=["last_batch", "last_ord"], right_on=["prev_batch", "prev_ord"], how="anti")


def _still_linked(kind: Kind, links: pl.DataFrame) -> pl.DataFrame:
    """The rows that abandoned batches left in chains: those that a change follows, itself or through others."""
    left = pl.concat([links.clear(), *(link_frame(*one) for one in links_left(kind.name))])
    while True:
        followed = pl.concat([links, left]).select(batch="prev_batch", ord="prev_ord")
        linked = left.join(followed, on=["batch", "ord"], how="semi")
        if linked.height == left.height:
            return left
        left = linked


# --- what differs -----------------------------------------------------------------------------------------------------


def differences(kinds: Collection[str] | None = None) -> list[Issue]:
    """Records that are not what the ledger folds to: one issue `record_differs` a kind; empty when all are.

    Parts whose digests are equal are not looked at further. Records that an open batch has changed are left out: they
    are brought in order at its end. What differs is folded a second time before it is named, so others may write.
    """
    found = []
    for name in KINDS if kinds is None else kinds:
        odd = sorted(_odd(KINDS[name]))
        if odd:
            found.append(_issue(name, odd))
    return found


def _issue(kind: str, odd: list[int]) -> Issue:
    shown = ", ".join(spell(kind, one) for one in odd[:_SHOWN]) + (", …" if len(odd) > _SHOWN else "")
    return Issue(
        "record_differs",
        "error",
        f"{len(odd)} records of kind {kind} are not what the ledger says: {shown}.",
        object=kind,
        hint="Look whether the ledger is whole (hedef ledger verify), then fold the records anew from it.",
    )


def _odd(kind: Kind) -> set[int]:
    before = -1
    odd: set[int] = set()
    for wanted, expected in _rebuilt_parts(kind):
        odd |= _unequal(kind, expected, _kept(kind, before + 1, wanted.last))
        before = wanted.last
    odd |= set(_kept(kind, before + 1, (1 << 63) - 1)["entity"])  # records of which the ledger knows nothing
    odd -= _open_entities(kind)
    return odd and _odd_again(kind, pl.Series("entity", sorted(odd), dtype=pl.Int64))


def _kept(kind: Kind, first: int, last: int) -> pl.DataFrame:
    return whole_rows(MODELS[kind.name], row_schema(kind), first=first, last=last)


def _unequal(kind: Kind, expected: pl.DataFrame, kept: pl.DataFrame) -> set[int]:
    if digest_of(expected) == digest_of(kept):
        return set()
    names = list(row_schema(kind))
    one = expected.join(kept, on=names, how="anti", nulls_equal=True)["entity"]
    other = kept.join(expected, on=names, how="anti", nulls_equal=True)["entity"]
    return set(one) | set(other)


def digest_of(rows: pl.DataFrame) -> tuple[int, int]:
    """Number of rows and a sum over their hashes, whatever their order."""
    return rows.height, int(rows.hash_rows().cast(pl.UInt64).cast(pl.Decimal(38, 0)).sum() or 0)


def _open_entities(kind: Kind) -> set[int]:
    found: set[int] = set()
    for number in all_open():
        for _, table in blocks_back(number, kind=kind.name):
            found.update(pl.Series(table.column("entity")))
    return found


def _odd_again(kind: Kind, entities: pl.Series) -> set[int]:
    """Those that still differ when both are read once more, one after the other."""
    places = standing(MODELS[kind.name], entities, lock=False).select("entity", "last_batch", "last_ord")
    wanted = Wanted(entities)
    parts = list(block_frames(kind, orders(), wanted))
    expected = pl.DataFrame(schema=row_schema(kind))
    if parts:
        changes = pl.concat(parts, how="diagonal")
        expected = folded_frame(kind, changes, ends_of_chains(kind, changes))
    kept = [_kept(kind, one, one) for one in places["entity"]]
    return _unequal(kind, expected, pl.concat([expected.clear(), *kept]))
