"""The facts table `exit_check`: what became of each exit criterion whenever a deal left a stage forward.

Computed deal by deal from the ledger, for the deals that the new seals touch; homes whose processes ask nothing pay
nothing. Rows are signed: a criterion fulfilled after leaving takes its `skipped` back and adds `late` from that
instant on, so a sum over `eff_us <= as_of` is right for any day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import batched
from typing import Any

import pyarrow as pa

from hedef.definitions.queries import list_documents
from hedef.facts.engine.tables import SqlType, Table
from hedef.facts.queries import calendar
from hedef.kernel.calendar import Calendar
from hedef.ledger import queries as ledger
from hedef.ledger.engine import Change, dead, in_order
from hedef.process.engine.exits import Known, results_of
from hedef.process.engine.history import Moment, Visit, visits
from hedef.process.engine.stages import InForce, in_force_ranges
from hedef.process.schema import ProcessDocument
from hedef.process.stages import approved_versions, changed_seals
from hedef.records import queries as records

_COLUMNS: dict[str, SqlType] = {
    "deal": "BIGINT",
    "process": "VARCHAR",
    "version": "INTEGER",
    "stage": "VARCHAR",
    "visit_no": "INTEGER",
    "criterion": "VARCHAR",
    "result": "VARCHAR",
    "owner": "BIGINT",
    "left_us": "BIGINT",
    "left_day": "DATE",
    "eff_us": "BIGINT",
    "eff_day": "DATE",
}
_ARROW = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "VARCHAR": pa.string()}
_SCHEMA = pa.schema({"known_no": pa.int64(), "sign": pa.int32(), **{name: _ARROW[of] for name, of in _COLUMNS.items()}})
_TOGETHER = 1_000  # deals whose histories are held at once

type Rules = dict[str, list[InForce]]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One criterion at one forward exit; `eff_us` from when on it counts."""

    deal: int
    process: str
    version: int
    stage: str
    visit_no: int
    criterion: str
    result: str
    owner: int | None
    left_us: int
    left_day: date
    eff_us: int
    eff_day: date


def read_exit_checks(after: int, upto: int) -> pa.Table:
    """Signed rows that the seals after..upto made known."""
    processes = [one.id for one in list_documents("process")]
    if not any(_asks(one.document) for process in processes for one in approved_versions(process)):
        return _SCHEMA.empty_table()
    rows: list[dict[str, Any]] = []
    touched = _touched(processes, after, upto)
    rules = _RulesAt(processes)
    for some in batched(sorted(touched), _TOGETHER):
        histories = ledger.histories([("deal", deal) for deal in some])
        for deal in some:
            rows += _of_deal(deal, histories[deal], sorted(touched[deal]), after, rules)
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _of_deal(
    deal: int, changes: Sequence[Change], seals: Sequence[int], after: int, rules: "_RulesAt"
) -> Iterator[dict[str, Any]]:
    """What each seal added and took back for one deal."""
    before = _counted(deal, changes, after, rules)
    for seal in seals:
        now = _counted(deal, changes, seal, rules)
        for row, sign in [
            *((one, -1) for one in (before - now).elements()),
            *((one, 1) for one in (now - before).elements()),
        ]:
            told = asdict(row)
            yield {"known_no": seal, "sign": told.pop("sign") * sign, **told}
        before = now


@dataclass(frozen=True, slots=True)
class _Signed(CheckRow):
    sign: int


def _counted(deal: int, changes: Sequence[Change], known_no: int, rules: "_RulesAt") -> Counter[_Signed]:
    if known_no == 0 or not any(one.seal_no <= known_no for one in changes):
        return Counter()
    return Counter(check_rows(deal, changes, known_no, rules.at(known_no), rules.calendar))


def check_rows(deal: int, changes: Sequence[Change], known_no: int, rules: Rules, days: Calendar) -> Iterator[_Signed]:
    """Rows of one deal as known at a seal, from its whole history."""
    states, moments = _states(changes, known_no)
    for visit in visits(moments):
        found = _forward(visit, rules, days)
        if found is None or visit.left_us is None:
            continue
        stage = found.stage(visit.stage)
        assert stage is not None
        owner = next((one.fields.get("owner") for one in reversed(states) if one.eff_us <= visit.left_us), None)
        for one in results_of(found, stage, states, visit.left_us):
            told = (deal, found.id, found.version, visit.stage, visit.visit_no, one.criterion)
            left = (owner if isinstance(owner, int) else None, visit.left_us, days.day_of(visit.left_us))
            since = (one.since_us, days.day_of(one.since_us))
            if one.result == "late":
                yield _Signed(*told, "skipped", *left, *since, sign=-1)
            yield _Signed(*told, one.result, *left, *since, sign=1)


def _states(changes: Sequence[Change], known_no: int) -> tuple[list[Known], list[Moment]]:
    """The deal's states instant by instant, and where it stood after every change."""
    fields: dict[str, Any] = {}
    ended = False
    states: dict[int, Known] = {}
    moments = []
    for one in in_order(changes, known_no=known_no, living=ledger.living(known_no)):
        fields = {**fields, **one.fields}
        ended = one.act in {"end", "merge"} or (ended and one.act != "revive")
        states[one.effective_us] = Known(one.effective_us, fields)
        stage = None if ended else fields.get("stage")
        moments.append(Moment(one.effective_us, one.seal_no, one.ord, fields.get("process"), stage))
    return list(states.values()), moments


def _forward(visit: Visit, rules: Rules, days: Calendar) -> ProcessDocument | None:
    """The version in force at the instant of leaving, where that was a move forward and not to a lost stage."""
    if visit.left_us is None or visit.left_to is None:
        return None
    day = days.day_of(visit.left_us)
    for rule in rules.get(visit.process or "", []):
        if (rule.from_day is None or rule.from_day <= day) and (rule.to_day is None or day < rule.to_day):
            here, there = rule.document.stage(visit.stage), rule.document.stage(visit.left_to)
            forward = here and there and there.order > here.order and there.category != "lost"
            return rule.document if forward else None
    return None


class _RulesAt:
    """Versions in force by process as known at a seal; read again only where a document changed."""

    def __init__(self, processes: Sequence[str]) -> None:
        self.processes = processes
        self.calendar = calendar()
        self.seals = sorted(changed_seals(list(processes), 0, ledger.head().seal_no))
        self.known: dict[int, Rules] = {}

    def at(self, known_no: int) -> Rules:
        place = max((one for one in self.seals if one <= known_no), default=0)
        if place not in self.known:
            self.known[place] = {
                one: in_force_ranges(approved_versions(one, known_no=place)) if place else [] for one in self.processes
            }
        return self.known[place]


def _asks(document: ProcessDocument) -> bool:
    return any(stage.exit for stage in document.stages)


def _touched(processes: list[str], after: int, upto: int) -> dict[int, set[int]]:
    """Deals of which the seals after..upto say something new, with those seals."""
    found: dict[int, set[int]] = defaultdict(set)
    for block in ledger.blocks_after(after, upto, kinds={"deal"}):
        for deal in block.table.column("entity").unique().to_pylist():
            found[deal].add(block.seal_no)
    for seal, deals in _undone(after, upto):
        for deal in deals:
            found[deal].add(seal)
    for seal in changed_seals(processes, after, upto):
        for deal in _moved_since(processes, seal):
            found[deal].add(seal)
    return found


def _undone(after: int, upto: int) -> Iterator[tuple[int, set[int]]]:
    """Undo batches among the seals, with the deals of the batches that they turn."""
    lines = ledger.undo_lines(upto)
    numbers = {seal: number for number, seal in ledger.seals().items()}
    for one in lines:
        if one.seal_no > after and one.undoes is not None:
            turned = dead(lines, one.seal_no - 1) ^ dead(lines, one.seal_no)
            deals = {
                deal
                for seal in turned
                for _seq, table in ledger.blocks_in(numbers[seal], kind="deal")
                for deal in table.column("entity").unique().to_pylist()
            }
            yield one.seal_no, deals


def _moved_since(processes: Iterable[str], seal: int) -> list[int]:
    """Deals that changed since the first day of a version that a seal changed: earlier exits stay as they are."""
    starts = []
    for process in processes:
        was, now = (
            {one.document.version: one for one in approved_versions(process, known_no=no)} for no in (seal - 1, seal)
        )
        starts += [one.document.effective_from for number, one in now.items() if was.get(number) != one]
    if not starts:
        return []
    since = None if any(day is None for day in starts) else calendar().start_us(min(day for day in starts if day))
    rows = records.rows("deal", ended=True)
    return [row["entity"] for row in rows if since is None or row["last_effective_us"] >= since]


EXIT_CHECK = Table(
    "exit_check",
    _COLUMNS,
    reader=read_exit_checks,
    shape="signed",
    key="deal",
    objects=("deal",),
)
