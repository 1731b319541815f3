"""The facts table `target_effective`: which rows each seal that changed plans, people or the calendar made known.

Everything is read as the seal knew it, so that a table made anew from the ledger is the one that grew step by step.
A plan phased by season falls on its months by working days here, unless it has lines for them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import pyarrow as pa

from hedef.definitions import queries as definitions
from hedef.facts.calendars import company_versions, through
from hedef.facts.engine.tables import Table
from hedef.kernel.calendar import Calendar, Period
from hedef.ledger import queries as ledger
from hedef.ledger.browsing import seals_between
from hedef.ledger.engine import Change, changes_of, fold
from hedef.targets.engine.clock import Clock
from hedef.targets.engine.effective import effective_rows
from hedef.targets.engine.lines import Edition
from hedef.targets.engine.phasing import Phasing
from hedef.targets.engine.presence import Member, with_holidays
from hedef.targets.engine.rollup import entity_of
from hedef.targets.engine.units import to_steps
from hedef.targets.queries.lines import given_lines, kept_books, related_periods
from hedef.targets.queries.plans import KIND, in_force, metric_of, rules_of
from hedef.targets.schema import TargetPlan

PEOPLE = frozenset({"person", "membership", "absence", "working_time"})
_ASKED = PEOPLE | {"document"}

COLUMNS = {
    "plan": "VARCHAR",
    "plan_version": "BIGINT",
    "scope_kind": "VARCHAR",
    "person": "BIGINT",
    "team": "BIGINT",
    "metric": "VARCHAR",
    "currency": "VARCHAR",
    "unit": "VARCHAR",
    "period": "VARCHAR",
    "from_day": "DATE",
    "to_day": "DATE",
    "full": "BIGINT",
    "prorated": "BIGINT",
    "effective": "BIGINT",
}
_ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "DATE": pa.date32()}
_SCHEMA = pa.schema(
    [("known_no", pa.int64()), ("sign", pa.int32()), *((name, _ARROW[of]) for name, of in COLUMNS.items())]
)

type Row = tuple[Any, ...]


def read_effective(after: int, upto: int) -> pa.Table:
    """Signed rows that the seals after..upto made known; `to_day` is the day after the last one."""
    told: list[dict[str, Any]] = []
    touched = _touched(after, upto)
    if touched:
        world = _World()
        world.learn(0, after)
        before: dict[int | None, Counter[Row]] = {}
        known = after
        for seal_no, people in touched.items():
            world.learn(known, seal_no)
            known = seal_no
            for key in [*world.everybody(), None] if people is None else world.people_of(people):
                now = Counter(world.rows(key, seal_no))
                had = before[key] if key in before else Counter(_former(world, key, seal_no))
                before[key] = now
                told += [_named(seal_no, -1, row) for row in (had - now).elements()]
                told += [_named(seal_no, 1, row) for row in (now - had).elements()]
    return pa.Table.from_pylist(told, schema=_SCHEMA)


def _named(seal_no: int, sign: int, row: Row) -> dict[str, Any]:
    return {"known_no": seal_no, "sign": sign, **dict(zip(COLUMNS, row, strict=True))}


def _former(world: "_World", key: int | None, seal_no: int) -> Iterable[Row]:
    return world.rows(key, seal_no - 1) if seal_no > 1 else ()


def _touched(after: int, upto: int) -> dict[int, Collection[int] | None]:
    """Seals that move a row: the people that they touch, or none where everybody may be moved."""
    plans = {one.entity for kind in (KIND, "calendar") for one in definitions.versions_of_kind(kind)}
    found: dict[int, set[int] | None] = {}
    for block in ledger.blocks_after(after, upto, kinds=set(_ASKED)):
        entities = block.table.column("entity").to_pylist()
        if block.kind == "document":
            if plans & set(entities):
                found[block.seal_no] = None
        elif block.seal_no not in found or found[block.seal_no] is not None:
            of = found.setdefault(block.seal_no, set())
            assert of is not None
            of.update(entities)
    for seal_no, _digest, undoes in seals_between(after, upto):
        if undoes:
            found[seal_no] = None
    return dict(sorted(found.items()))


@dataclass
class _World:
    """People as each seal knew them, learned seal by seal: changes of an entity, and which ranges name a person."""

    changes: dict[int, list[Change]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[int, str] = field(default_factory=dict)
    ranges: dict[int, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )  # person -> memberships, absences, ...
    owners: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    plans: dict[int, list["_Plan"]] = field(default_factory=dict)  # by seal
    seals: Mapping[int, int] = field(default_factory=ledger.seals)

    def learn(self, after: int, upto: int) -> None:
        for block in ledger.blocks_after(after, upto, kinds=set(PEOPLE)):
            for one in changes_of(block.table, seal_no=block.seal_no, batch=block.batch, seals=self.seals):
                self.changes[one.entity].append(one)
                self.kinds[one.entity] = one.kind
                person = one.fields.get("person")
                if isinstance(person, int):
                    self.ranges[person].add(one.entity)
                    self.owners[one.entity].add(person)

    def everybody(self) -> list[int]:
        return sorted(one for one, kind in self.kinds.items() if kind == "person")

    def people_of(self, entities: Collection[int]) -> list[int]:
        """The people that these entities are or name."""
        found = {one for one in entities if self.kinds.get(one) == "person"}
        return sorted(found.union(*(self.owners.get(one, set()) for one in entities)))

    def rows(self, key: int | None, known_no: int) -> Iterator[Row]:
        """Rows of a person; none: those of the company and the teams."""
        if known_no <= 0:
            return
        if known_no not in self.plans:
            self.plans = {
                known_no: _plans(known_no),
                **{no: kept for no, kept in self.plans.items() if no == known_no - 1},
            }
        for plan in self.plans[known_no]:
            yield from plan.rows(key, None if key is None else self.member(key, known_no))

    def _state(self, entity: int, known_no: int) -> Mapping[str, Any] | None:
        found = fold(self.changes.get(entity, ()), known_no=known_no, living=ledger.living(known_no))
        return None if found is None or found.ended_us is not None else found.fields

    def member(self, person: int, known_no: int) -> Member:
        own = self._state(person, known_no) or {}
        teams, away, times = [], [], []
        for entity in sorted(self.ranges.get(person, ())):
            row = self._state(entity, known_no)
            if row is None or row.get("person") != person:
                continue
            days = (row.get("from_day"), row.get("to_day"))
            share = Fraction(row["share_bp"] if row.get("share_bp") is not None else 10_000, 10_000)
            if self.kinds[entity] == "membership" and row.get("primary") is not False and row.get("team") is not None:
                teams.append((row["team"], *days))
            elif self.kinds[entity] == "absence":
                away.append((*days, share))
            elif self.kinds[entity] == "working_time" and share < 1:
                times.append((*days, share))
        return Member(
            person,
            own.get("hired_on"),
            own.get("left_on"),
            tuple(teams),
            tuple(away),
            tuple(times),
            with_holidays(own.get("country")),
        )


@dataclass(frozen=True)
class _Part:
    """A line's period with the smallest periods inside it, and the versions that speak for it."""

    line: Period
    parts: tuple[Period, ...]
    editions: tuple[Edition, ...]
    version: int
    clock: Clock


@dataclass(frozen=True)
class _Plan:
    """A plan as a seal knew it: for every scope its lines and what speaks for them."""

    id: str
    document: TargetPlan
    parts: Mapping[str, tuple[_Part, ...]]  # scope -> its lines

    def rows(self, key: int | None, member: Member | None) -> Iterator[Row]:
        scopes = (
            [f"person:P-{key}"] if key is not None else [one for one in self.parts if not one.startswith("person:")]
        )
        metric = metric_of(self.document)
        rules = rules_of(self.document, metric)
        for scope in scopes:
            for part in self.parts.get(scope, ()):
                made = effective_rows(
                    scope=scope,
                    member=member,
                    line=part.line,
                    parts=part.parts,
                    editions=part.editions,
                    rules=rules.people,
                    clock=part.clock,
                    additive=rules.additive,
                )
                days = {one.id: one for one in part.parts}
                kind = scope.partition(":")[0]
                for one in made:
                    yield (
                        self.id,
                        part.version,
                        kind,
                        key,
                        entity_of(scope) if kind == "team" else one.team,
                        metric.id,
                        self.document.metric.currency,
                        metric.unit,
                        one.period,
                        days[one.period].start,
                        date.fromordinal(days[one.period].end.toordinal() + 1),
                        one.full,
                        one.prorated,
                        one.effective,
                    )


def _plans(known_no: int) -> list[_Plan]:
    calendar = through(company_versions(known_no))
    if calendar is None:
        return []
    found = []
    ids = sorted({one.id for one in definitions.versions_of_kind(KIND, known_no=known_no) if one.approver})
    for one in ids:
        plan = _plan(one, known_no, calendar)
        if plan is not None:
            found.append(plan)
    return found


def _plan(plan: str, known_no: int, calendar: Calendar) -> _Plan | None:
    """Each scope's lines, those of the shortest periods first; a month that one of them covers is told once."""
    approved = [one for one in definitions.versions(KIND, plan, known_no=known_no) if one.approver]
    if not approved:
        return None
    lines: dict[str, set[str]] = defaultdict(set)
    for version in approved:
        for line in given_lines(plan, version.version):
            lines[line.scope].add(line.period)
    document: TargetPlan = approved[-1].document
    parts: dict[str, _Part | None] = {}
    told: dict[str, tuple[_Part, ...]] = {}
    for scope, names in lines.items():
        periods = sorted((calendar.period(name) for name in names), key=lambda one: (one.end - one.start, one.start))
        found, covered = [], set[str]()
        for period in periods:
            if period.id not in parts:
                parts[period.id] = _part(plan, document, period, calendar, known_no)
            part = parts[period.id]
            new = () if part is None else tuple(one for one in part.parts if one.id not in covered)
            if part is not None and new:
                covered.update(one.id for one in new)
                found.append(part if len(new) == len(part.parts) else _narrowed(part, new))
        told[scope] = tuple(found)
    return _Plan(plan, document, told)


def _narrowed(part: _Part, parts: tuple[Period, ...]) -> _Part:
    """Only some months of a longer line: the others have lines of their own, and nothing sums to the longer one."""
    return _Part(part.line, parts, part.editions, part.version, part.clock)


def _part(plan: str, document: TargetPlan, period: Period, calendar: Calendar, known_no: int) -> _Part | None:
    force = in_force(plan, period, as_of=period.end, calendar=calendar, known_no=known_no)
    if force is None:
        return None
    related = tuple(related_periods(period, calendar))
    editions = tuple(
        Edition(version.version, kept_books(version, related)[0], start, end) for version, start, end in force.versions
    )
    smaller = calendar.months(period) if period.kind in {"quarter", "half", "year"} else [period]
    metric = metric_of(document)
    manual = {
        calendar.period(name).id: to_steps(Fraction(value), metric.unit, document.metric.currency)[0]
        for name, value in document.phasing.values.items()
    }
    by = document.phasing.by if document.phasing.by in {"even", "manual"} else "working"
    clock = Clock(calendar, period.end, Phasing(by, manual))
    return _Part(period, tuple(smaller), editions, force.version.version, clock)


TARGET_EFFECTIVE = Table(
    "target_effective",
    COLUMNS,  # type: ignore[arg-type]  # the names of SQL types
    kinds=tuple(sorted(_ASKED)),
    reader=read_effective,
    key="plan_version",
    objects=("target_line", "membership", "person"),
)
