"""One deal: how it stands, its stays, and everything that was ever said about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hedef.facts.queries import pin
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.kernel.scope import Scope
from hedef.kernel.trust import Trust
from hedef.ledger import queries as ledger
from hedef.ledger.answers import change_json
from hedef.ledger.engine import Change, fold
from hedef.process.engine.board import Age, Usual, age_of
from hedef.process.queries.board import Point, usual_stays
from hedef.process.queries.processes import in_force
from hedef.process.schema import ProcessDocument
from hedef.records import queries as records
from hedef.records.engine.kinds import KINDS

type Number = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stay:
    """One visit of a stage; `left_day` none: it stands there. `days` are counted as the usual stay is."""

    visit_no: int
    entry_no: int
    process: str | None
    stage: str
    entered_day: date
    left_day: date | None
    days: int
    usual: Usual
    age: Age


@dataclass(frozen=True, slots=True)
class Said:
    """One change: what it set, before and after, since when it is true, and who said it when.

    `known_at` none: its batch is still open. `counts` false: it was taken back since.
    """

    effective_us: int
    not_before_us: int | None
    precision: str
    act: str
    counts: bool
    batch: int
    known_at: datetime | None
    actor: str
    reason: str
    source: str | None
    file_name: str | None
    file_row: int | None
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class DealPage:
    """A deal as of a point. `fields` are those of the record; `based_on` its newest change, for edits."""

    deal: int
    fields: Mapping[str, Any]
    document: ProcessDocument | None
    stays: tuple[Stay, ...]
    done: Mapping[str, int]  # activities by kind since it entered its stage
    history: tuple[Said, ...]  # newest truth first
    based_on: Number
    last_effective_us: int
    trust: Trust
    behind: bool


def visible_deal(deal: int, scope: Scope) -> dict[str, Any]:
    """The current row of a deal. NotFound when there is none, and alike when the scope does not see it."""
    found = records.rows("deal", entities=[deal], scope=scope)
    if not found:
        raise NotFound(
            f"There is no deal {spell('deal', deal)}.", hint="It may have been merged, or belong to another team."
        )
    return found[0]


def deal_page(
    row: Mapping[str, Any],
    *,
    as_of: date,
    as_of_us: int,
    scope: Scope,
    known_at: int | None = None,
    past: bool = False,
    wait: bool = True,
) -> DealPage:
    """A deal of `visible_deal`; with `past` as it stood at (as_of, known_at), else as it stands now.

    NotFound when nothing was known of it then.
    """
    deal = row["entity"]
    changes = ledger.history(deal, last=ledger.Last("deal", row["last_batch"], row["last_ord"]))
    fields = _fields_then(changes, deal, as_of_us, known_at) if past else row
    point = Point(pin(wait=wait, known_no=known_at), as_of, as_of_us, scope)
    document = in_force(as_of, known_no=known_at).get(fields["process"] or "")
    stays, trust, since_us = _stays(point, deal, document)
    guided = document is not None and (stage := document.stage(fields["stage"] or "")) is not None and stage.steps
    done = point.ask("deal_activities", deal=deal, since_us=since_us).as_dicts() if guided else []
    return DealPage(
        deal=deal,
        fields=fields,
        document=document,
        stays=stays,
        done={row["kind"]: row["n"] for row in done},
        history=_said(changes, as_of_us if past else None, known_at),
        based_on=(row["last_batch"], row["last_ord"]),
        last_effective_us=row["last_effective_us"],
        trust=trust,
        behind=point.pin.behind,
    )


def _fields_then(changes: list[Change], deal: int, as_of_us: int, known_no: int | None) -> dict[str, Any]:
    found = fold(changes, effective_us=as_of_us, known_no=known_no, living=ledger.living(known_no))
    if found is None:
        raise NotFound(f"Nothing was known of {spell('deal', deal)} then.", hint="Ask as of a later day.")
    return dict.fromkeys(KINDS["deal"].names) | dict(found.fields)


def _stays(point: Point, deal: int, document: ProcessDocument | None) -> tuple[tuple[Stay, ...], Trust, int]:
    """The stays, their trust, and the instant at which the last one began."""
    usual, unknown = usual_stays(point, document), Usual(None, "none")
    answer = point.ask("deal_visits", deal=deal)
    found = []
    for row in answer.as_dicts():
        of = usual.get(row["stage"], unknown)
        days = row["working_days"] if of.working else row["days"]
        told = {name: row[name] for name in ("visit_no", "entry_no", "process", "stage", "entered_day", "left_day")}
        found.append(Stay(**told, days=days, usual=of, age=age_of(days, of)))
    rows = answer.as_dicts()
    return tuple(found), answer.trust, rows[-1]["entered_us"] if rows else point.as_of_us


def _said(changes: list[Change], as_of_us: int | None, known_no: int | None) -> tuple[Said, ...]:
    known = [one for one in changes if known_no is None or one.seal_no <= known_no]
    shown = [one for one in known if as_of_us is None or one.effective_us <= as_of_us]
    shown.sort(key=lambda one: (one.effective_us, one.seal_no, one.ord), reverse=True)
    living = ledger.living(known_no)
    batches = ledger.batches_numbered({one.batch for one in shown if one.batch is not None})
    return tuple(_line(one, change_json(one, known, living=living), batches[one.batch or 0]) for one in shown)


def _line(one: Change, told: Mapping[str, Any], batch: Any) -> Said:
    return Said(
        effective_us=one.effective_us,
        not_before_us=one.not_before_us,
        precision=one.precision,
        act=one.act,
        counts=told["counts"],
        batch=batch.pk,
        known_at=batch.recorded_at,
        actor=batch.actor,
        reason=batch.reason,
        source=None if batch.source is None else batch.source.name,
        file_name=batch.file_name,
        file_row=one.file_row,
        fields=tuple((field["field"], field["before"], field["after"]) for field in told["fields"]),
    )


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else said since the editor looked: the value seen, theirs, and the last who changed one."""

    was: Mapping[str, Any]
    theirs: Mapping[str, Any]
    actor: str
    known_at: datetime | None


def meanwhile(deal: int, *, names: list[str], based_on: Number) -> Meanwhile:
    """How these fields of a deal stood at the change `based_on`, and how they stand now."""
    changes = ledger.history(deal)
    numbers = [(one.batch, one.ord) for one in changes]
    seen = numbers.index(based_on) + 1 if based_on in numbers else 0
    was, now = fold(changes[:seen]), fold(changes)
    touching = [one for one in changes[seen:] if set(one.fields) & set(names)]
    batch = ledger.batch(touching[-1].batch or 0) if touching else None
    return Meanwhile(
        was={name: was.fields.get(name) if was else None for name in names},
        theirs={name: now.fields.get(name) if now else None for name in names},
        actor="" if batch is None else batch.actor,
        known_at=None if batch is None else batch.recorded_at,
    )
