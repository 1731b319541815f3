"""A plan's next version: its document and its lines, written together."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from django.db import transaction

from hedef.definitions import queries as definitions
from hedef.definitions import services as documents
from hedef.definitions.queries import Version
from hedef.kernel.calendar import Calendar
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import allocate, apply_changes
from hedef.targets.engine.given import GivenLine, Key, in_parent_order, lines_digest, merge
from hedef.targets.engine.rollup import entity_of
from hedef.targets.queries.lines import given_lines, line_entities

KIND = "target-plan"


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a plan: its version, the batch of its lines (none when nothing changed), and the counts."""

    version: Version
    lines: tuple[GivenLine, ...]
    created: int
    updated: int
    unchanged: int
    batch: LedgerBatch | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Metric id, unit and currency of a plan's values."""

    metric: str
    unit: str
    currency: str | None


def newest(plan: str) -> Version | None:
    """The newest version of a plan that was not taken back as a draft; none for a new plan."""
    found = [one for one in definitions.versions(KIND, plan) if one.state != "retired" or one.approver]
    return found[-1] if found else None


def compare(plan: str, given: Sequence[GivenLine]) -> tuple[int, int, int]:
    """Of the given lines: new ones, changed ones, and those that already stand so in the plan's newest version."""
    version = newest(plan)
    before = {} if version is None else {line.key: line for line in given_lines(plan, version.version)}
    created = sum(1 for line in given if line.key not in before)
    same = sum(1 for line in given if line.key in before and _says_the_same(before[line.key], line))
    return created, len(given) - created - same, same


def _says_the_same(before: GivenLine, after: GivenLine) -> bool:
    return (before.value, before.floor, before.stretch) == (after.value, after.floor, after.stretch)


def save_version(
    *,
    plan: str,
    body: Mapping[str, Any],
    given: Sequence[GivenLine],
    measure: Measure,
    actor: str,
    calendar: Calendar,
    reason: str = "",
    replaced: Sequence[Key] = (),
    header: Mapping[str, Any] | None = None,
    batch: LedgerBatch | None = None,
) -> Saved:
    """The next version of a plan as a draft: the lines it had, with the given ones in place of their predecessors.

    `body`: the document without `kind, id, version, lines`; `replaced`: keys of lines that go; `header`: arguments of
    the batch (source, file), or `batch`: the open one that the lines join. A version that would say the same with the
    same lines is not made.
    """
    before = newest(plan)
    kept = [] if before is None else given_lines(plan, before.version)
    gone = set(replaced)
    lines = in_parent_order(merge([line for line in kept if line.key not in gone], given))
    counts = compare(plan, given)
    document = {"kind": KIND, "id": plan, **body, "lines": {"count": len(lines), "digest": lines_digest(lines)}}
    if before is not None and _is_the_same(before, document):
        return Saved(before, tuple(lines), *counts)
    with transaction.atomic():
        version = documents.add(document=document, actor=actor, reason=reason)  # a draft is replaced
        told = _Writing(plan, version, measure, actor, reason, _start_us(version, calendar), header or {})
        written = write_lines(told, lines, batch)
    return Saved(version, tuple(lines), *counts, written)


def _is_the_same(before: Version, document: Mapping[str, Any]) -> bool:
    """Equal up to version, start and reason: the same plan with the same lines."""
    aside = {"version", "effective_from", "change", "notes"}
    old = {key: value for key, value in before.body.items() if key not in aside}
    return old == {key: value for key, value in document.items() if key not in aside}


@dataclass(frozen=True, slots=True)
class _Writing:
    plan: str
    version: Version
    measure: Measure
    actor: str
    reason: str
    start_us: int
    header: Mapping[str, Any]


def _start_us(version: Version, calendar: Calendar) -> int:
    return ALWAYS_US if version.effective_from is None else calendar.start_us(version.effective_from)


def write_lines(told: _Writing, lines: Sequence[GivenLine], given: LedgerBatch | None) -> LedgerBatch:
    """One batch with all lines of a version; what a replaced draft had ends in it."""
    kind = "import" if told.header else "edit"
    header = {"object": "target_line", **told.header}
    own = writing(kind=kind, actor=told.actor, reason=told.reason, **header)
    with own if given is None else nullcontext(given) as batch:
        former = line_entities(told.plan, told.version.version)
        if former:
            ends = {
                "entity": pa.array(former, pa.int64()),
                "effective_us": pa.array([told.start_us] * len(former), pa.int64()),
                "act": pa.array(["end"] * len(former), pa.string()),
            }
            apply_changes(batch=batch, kind="target_line", rows=pa.table(ends))
        if lines:
            apply_changes(batch=batch, kind="target_line", rows=_rows(told, lines, allocate(len(lines))))
    return batch


def _rows(told: _Writing, lines: Sequence[GivenLine], first: int) -> pa.Table:
    number = {line.key: first + place for place, line in enumerate(lines)}
    count = len(lines)
    kinds = [line.scope.partition(":")[0] for line in lines]

    def same(value: object, of: pa.DataType) -> pa.Array:
        return pa.array([value] * count, of)

    numbers = {scope: None if scope == "company" else entity_of(scope) for scope in {line.scope for line in lines}}

    def entities(kind: str) -> pa.Array:
        return pa.array(
            [numbers[line.scope] if of == kind else None for of, line in zip(kinds, lines, strict=True)], pa.int64()
        )

    return pa.table(
        {
            "entity": pa.array(range(first, first + count), pa.int64()),
            "effective_us": same(told.start_us, pa.int64()),
            "plan": same(told.plan, pa.string()),
            "plan_version": same(told.version.version, pa.int64()),
            "scope_kind": pa.array(kinds, pa.string()),
            "team": entities("team"),
            "person": entities("person"),
            "metric": same(told.measure.metric, pa.string()),
            "period": pa.array([line.period for line in lines], pa.string()),
            "value": pa.array([line.value for line in lines], pa.int64()),
            "unit": same(told.measure.unit, pa.string()),
            "currency": same(told.measure.currency, pa.string()),
            "origin": pa.array([line.origin for line in lines], pa.string()),
            "parent": pa.array([number.get(line.parent) if line.parent else None for line in lines], pa.int64()),
            "floor": pa.array([line.floor for line in lines], pa.int64()),
            "stretch": pa.array([line.stretch for line in lines], pa.int64()),
        }
    )


def start_of(lines: Sequence[GivenLine], calendar: Calendar, before: Version | None) -> date | None:
    """First day of a new version: the earliest period of its new lines, never before the version it follows."""
    starts = [calendar.period(name).start for name in {line.period for line in lines}]
    wanted = min(starts, default=None)
    if before is None or before.effective_from is None or not before.approver:
        return wanted
    return before.effective_from if wanted is None else max(wanted, before.effective_from)
