"""The board of deals: what is open as of an instant, by stage, with the usual stay, for one viewer's scope."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hedef.facts.engine.questions import Question
from hedef.facts.queries import Answer, Pin, ask, calendar, pin
from hedef.kernel.rates import Rates, rates_of
from hedef.kernel.scope import Scope
from hedef.kernel.trust import Trust, worst_trust
from hedef.process.engine.board import (
    Age,
    Ageing,
    Standing,
    Sums,
    Usual,
    age_of,
    ageing,
    days_in_stage,
    ratio_of,
    sums_of,
    usual_stay,
)
from hedef.process.queries.processes import in_force
from hedef.process.schema import ProcessDocument
from hedef.records import queries as records
from hedef.records.engine.names import normalise

CLOSED_DAYS = 30
NO_PROCESS = ""

_RATES = Question(
    "process/budget_rates",
    "SELECT base, quote, day, numerator, denominator FROM rate WHERE rate_set = 'budget' "
    "ORDER BY base, quote, day, rate",
    tables=("rate",),
)
_NOBODY = [-1]


def rates_question() -> Question:
    """Budget rates, by which values of several currencies are put in one order."""
    return _RATES


@dataclass(frozen=True, slots=True)
class Point:
    """Where a board is read: a pin of the facts, the instant and day of `as_of`, and whose eyes look."""

    pin: Pin
    as_of: date
    as_of_us: int
    scope: Scope

    def ask(self, name: str, **params: Any) -> Answer:
        """A question of this room for what the scope sees."""
        given = {
            "as_of_us": self.as_of_us,
            "as_of_day": self.as_of,
            "everything": int(self.scope.everything),
            "owners": sorted(self.scope.people) or _NOBODY,
            **params,
        }
        return ask(f"process/{name}", pin=self.pin, params=given)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the board is wanted; none and empty mean all. `owners`: people of a team, or one person."""

    owners: frozenset[int] | None = None
    search: str = ""
    stage: str | None = None
    look: str | None = None  # older, twice, past, undated


@dataclass(frozen=True, slots=True)
class BoardDeal:
    """An open deal with its age. `days` are counted as its stage's usual stay is (calendar or working days)."""

    standing: Standing
    usual: Usual
    days: int | None
    ratio: Fraction | None
    age: Age
    ageing: Ageing  # against the limit of the stage
    past: bool

    @property
    def older(self) -> bool:
        """Older than usual, or even twice."""
        return self.age in {"older", "twice"}


@dataclass(frozen=True, slots=True)
class ClosedDeal:
    """A deal that was won or lost lately."""

    deal: int
    outcome: str
    owner: int | None
    currency: str | None
    amount_minor: int | None
    closed_day: date
    reason: str | None


@dataclass(frozen=True)
class Board:
    """Open deals of one process in the order of their close dates, and those that closed lately, newest first."""

    point: Point
    process: str
    documents: Mapping[str, ProcessDocument]  # of every process in force
    processes: Mapping[str, int]  # open deals of every process that the scope sees
    deals: tuple[BoardDeal, ...]
    closed: tuple[ClosedDeal, ...]
    usual: Mapping[str | None, Usual]
    currency: str
    rates: Rates
    trust: Trust

    @property
    def document(self) -> ProcessDocument | None:
        """The version in force of the process shown; none for deals in no process."""
        return self.documents.get(self.process)

    def sums(self, deals: Sequence[BoardDeal | ClosedDeal]) -> Sums:
        """What these deals add up to, in the company's currency and by currency."""
        plain = [one.standing if isinstance(one, BoardDeal) else one for one in deals]
        amounts = [(one.currency, one.amount_minor) for one in plain]
        return sums_of(amounts, self.currency, self.rates, self.point.as_of)

    def in_stage(self, stage: str | None) -> list[BoardDeal]:
        return [one for one in self.deals if one.standing.stage == stage]

    def stray(self) -> list[BoardDeal]:
        """Deals in no stage of the process version in force."""
        return [one for one in self.deals if self.document is None or not self.document.stage(one.standing.stage or "")]


def board(
    *,
    as_of: date,
    as_of_us: int,
    scope: Scope,
    process: str | None = None,
    known_at: int | None = None,
    wait: bool = True,
) -> Board:
    """The board of a process (none: the one with most open deals) as of an instant.

    Only deals whose owner `scope` sees. NotFound for an unknown process.
    """
    point = Point(pin(wait=wait, known_no=known_at), as_of, as_of_us, scope)
    documents = in_force(as_of, known_no=known_at)
    counts = {row["process"]: row["deals"] for row in point.ask("board_processes").as_dicts()}
    listed = {one: counts.get(one, 0) for one in [*documents, *sorted(counts.keys() - documents.keys())]}
    shown = process if process is not None else max(listed, key=lambda one: listed[one], default=NO_PROCESS)
    answers = [
        point.ask("board_open", process=shown),
        point.ask("board_closed", process=shown, from_day=as_of - timedelta(days=CLOSED_DAYS)),
    ]
    usual = usual_stays(point, documents.get(shown))
    deals = tuple(_aged(Standing(**row), usual, documents.get(shown), as_of) for row in answers[0].as_dicts())
    return Board(
        point=point,
        process=shown,
        documents=documents,
        processes=listed,
        deals=deals,
        closed=tuple(_closed(row) for row in reversed(answers[1].as_dicts())),
        usual=usual,
        currency=calendar(as_of).base_currency,
        rates=rates_of(tuple(row.values()) for row in ask(_RATES, pin=point.pin).as_dicts()),
        trust=worst_trust([one.trust for one in answers]),
    )


def usual_stays(point: Point, document: ProcessDocument | None) -> dict[str | None, Usual]:
    """The usual stay of every stage, of the whole company: a rep's own deals would be too few to say."""
    if document is None:
        return {}
    lengths: dict[str, Counter[int]] = defaultdict(Counter)
    for row in point.ask("stage_days", process=document.id).as_dicts():
        if not row["passing"]:
            lengths[row["stage"]][row["days"]] += row["n"]
    return {one.id: usual_stay(lengths[one.id], one.limit) for one in document.stages if one.category == "open"}


_UNKNOWN = Usual(None, "none")


def _aged(
    standing: Standing, usual: Mapping[str | None, Usual], document: ProcessDocument | None, as_of: date
) -> BoardDeal:
    stage = document.stage(standing.stage or "") if document else None
    limited = ageing(standing, stage.limit if stage else None)
    of = usual.get(standing.stage, _UNKNOWN)
    days = days_in_stage(standing, of)
    past = standing.close_on is not None and standing.close_on < as_of
    return BoardDeal(standing, of, days, ratio_of(days, of), age_of(days, of), limited, past)


def _closed(row: Mapping[str, Any]) -> ClosedDeal:
    return ClosedDeal(**{name: row[name] for name in ClosedDeal.__slots__})


def narrowed(shown: Board, wanted: Wanted) -> Board:
    """The board with only what is wanted. Search words must all stand in the deal's, account's or owner's name."""
    deals = [one for one in shown.deals if _is_wanted(one, wanted)]
    closed = [one for one in shown.closed if wanted.owners is None or one.owner in wanted.owners]
    words = normalise(wanted.search).split()
    if words:
        numbers = [one.standing.deal for one in deals] + [one.deal for one in closed]
        told = texts(numbers)
        found = {one for one in numbers if one in told and _says(told[one], words)}
        deals = [one for one in deals if one.standing.deal in found]
        closed = [one for one in closed if one.deal in found]
    return replace(shown, deals=tuple(deals), closed=tuple(closed))


def _is_wanted(one: BoardDeal, wanted: Wanted) -> bool:
    if wanted.owners is not None and one.standing.owner not in wanted.owners:
        return False
    if wanted.stage is not None and one.standing.stage != wanted.stage:
        return False
    match wanted.look:
        case "older":
            return one.older
        case "twice":
            return one.age == "twice"
        case "past":
            return one.past
        case "undated":
            return one.standing.close_on is None
    return True


@dataclass(frozen=True, slots=True)
class Texts:
    """Words of a deal as they are now, and its newest change: what an edit is based on."""

    name: str
    account: int | None
    account_name: str
    owner_name: str
    based_on: tuple[int, int]


def texts(deals: Collection[int]) -> dict[int, Texts]:
    """Names of deals, their accounts and owners; nothing for a deal that is no longer there."""
    rows = records.rows("deal", entities=deals)
    accounts = records.names({row["account"] for row in rows}, kind="account")
    owners = records.names({row["owner"] for row in rows}, kind="person")
    return {
        row["entity"]: Texts(
            name=row["name"] or "",
            account=row["account"],
            account_name=accounts.get(row["account"], ""),
            owner_name=owners.get(row["owner"], ""),
            based_on=(row["last_batch"], row["last_ord"]),
        )
        for row in rows
    }


def _says(told: Texts, words: Sequence[str]) -> bool:
    text = " ".join(normalise(one) for one in (told.name, told.account_name, told.owner_name))
    return all(word in text for word in words)


def close_dates(shown: Board, deals: Sequence[int]) -> dict[int, int]:
    """How many different close dates each of these deals has had."""
    if not deals:
        return {}
    return {row["deal"]: row["dates"] for row in shown.point.ask("board_close_dates", deals=list(deals)).as_dicts()}
