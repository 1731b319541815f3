"""The board of deals and the same deals as a list."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import parse, spell
from hedef.process.engine.board import Sums
from hedef.process.queries.board import (
    CLOSED_DAYS,
    Board,
    BoardDeal,
    ClosedDeal,
    Texts,
    Wanted,
    close_dates,
    narrowed,
    texts,
)
from hedef.process.queries.board import board as read_board
from hedef.process.schema import ProcessDocument
from hedef.process.views.deal import Way, move_choices
from hedef.process.views.doors import Editor, editor_of, is_live
from hedef.process.views.shown import (
    close_text,
    days_text,
    in_turkish_order,
    major,
    reason_name,
    stage_name,
    turkish_key,
    usual_text,
    word,
)
from hedef.records import queries as records
from hedef.web.numbers import hundredths
from hedef.web.pages import page, show

CARDS = 6  # of a lane, the rest is in the list
_OLDEST = 10
_PAGE = 40
_MOVED_OFTEN = 3
_SCALE = Fraction(11, 5)  # a bar is 2.2 usual stays long
ALL = "all"


@dataclass(frozen=True, slots=True)
class Bar:
    """Days in stage as a bar: widths in per cent; `pin` none where nothing is usual."""

    mark: str
    width: str
    pin: str | None


@dataclass(frozen=True)
class Card:
    """One open deal as board and list show it."""

    deal: int
    id: str
    name: str
    account: str
    owner: str
    first_name: str
    amount: Fraction | None
    currency: str
    close: str
    past: bool
    stage: str
    days: int | None
    age: str
    ratio: Fraction | None
    usual: str
    bar: Bar | None
    notes: tuple[str, ...]
    ways: tuple[Way, ...]  # empty where it may not be moved
    based_on: str


@dataclass(frozen=True)
class Lane:
    """One stage of the board. `more`: how many cards are not shown."""

    stage: str | None
    name: str
    deals: int
    total: Fraction | None
    parts: tuple[tuple[Fraction, str], ...]
    without_amount: int
    usual: str
    cards: tuple[Card, ...]
    more: int


@dataclass(frozen=True)
class ClosedLane:
    """Deals won or lost lately, folded."""

    outcome: str
    deals: int
    total: Fraction | None
    parts: tuple[tuple[Fraction, str], ...]
    rows: tuple[dict[str, Any], ...]
    more: int


@dataclass(frozen=True)
class Filters:
    """What was asked, and what may be asked: options are (value, label)."""

    wanted: Wanted
    process: str | None
    values: dict[str, str]
    teams: list[tuple[str, str]]
    active: bool


@require_safe
@page()
def board(request: HttpRequest, call: Call) -> HttpResponse:
    """Lanes of the open stages, and below them the deals that stay longest."""
    filters, whole, shown = _read(request, call)
    editor = _editor(call)
    oldest = sorted((one for one in shown.deals if one.older), key=lambda one: -(one.ratio or 0))[:_OLDEST]
    lanes = _lane_deals(shown)
    numbers = {one.standing.deal for _name, _stage, deals in lanes for one in deals[:CARDS]}
    cards = _cards(shown, numbers | {one.standing.deal for one in oldest}, editor)
    context = _context(request, call, filters, whole, shown) | {
        "view": "board",
        "lanes": [_lane(shown, name, stage, deals, cards) for name, stage, deals in lanes],
        "closed": _closed_lanes(shown),
        "closed_days": CLOSED_DAYS,
        "oldest": [cards[one.standing.deal] for one in oldest if one.standing.deal in cards],
        "may_open": editor.any,
    }
    return show(request, "process/board.html", context)


@require_safe
@page()
def list_deals(request: HttpRequest, call: Call) -> HttpResponse:
    """Open deals as a table that can be sorted, a page at a time."""
    filters, whole, shown = _read(request, call)
    sort, descending = _sort(request)
    pages = Paginator(_sorted(shown, sort, descending=descending), _PAGE)
    listed = pages.get_page(request.GET.get("page"))
    cards = _cards(shown, {one.standing.deal for one in listed}, Editor())
    context = _context(request, call, filters, whole, shown) | {
        "view": "list",
        "page": listed,
        "cards": [cards[one.standing.deal] for one in listed if one.standing.deal in cards],
        "columns": _columns(sort, descending=descending),
        "may_open": _editor(call).any,
    }
    return show(request, "process/list.html", context)


def _editor(call: Call) -> Editor:
    return editor_of(call) if is_live(call) else Editor()


# --- what was asked ---------------------------------------------------------------------------------------------------


def _read(request: HttpRequest, call: Call) -> tuple[Filters, Board, Board]:
    """The filters, the board of the process, and what of it is wanted."""
    values = {name: request.GET.get(name, "").strip() for name in ("process", "team", "owner", "q", "stage", "look")}
    values = {name: "" if value == ALL else value for name, value in values.items()}
    process = values["process"] or None
    whole = read_board(
        as_of=call.as_of,
        as_of_us=call.as_of_us,
        scope=call.scope,
        process="" if process == "-" else process,
        known_at=call.known_no,
        wait=False,
    )
    if process not in (None, "-") and process not in whole.processes:
        raise NotFound(f'There is no process "{process}".', hint="Choose one above the board.")
    if values["stage"] and whole.document is not None and whole.document.stage(values["stage"]) is None:
        raise NotFound(f'{whole.document.id} has no stage "{values["stage"]}".')
    teams, owners = _people(call, values)
    wanted = Wanted(owners=owners, search=values["q"], stage=values["stage"] or None, look=values["look"] or None)
    if wanted.look not in {None, "older", "twice", "past", "undated"}:
        raise WrongUse(f'"{wanted.look}" is nothing to look at.', hint="older, twice, past or undated.")
    active = any(values[name] for name in ("team", "owner", "q", "stage", "look"))
    return Filters(wanted, process, values, teams, active), whole, narrowed(whole, wanted)


def _people(call: Call, values: dict[str, str]) -> tuple[list[tuple[str, str]], frozenset[int] | None]:
    """Teams to choose from, and whose deals are wanted (none: everybody's)."""
    tree = records.team_tree(call.as_of)
    seen = [team for team in tree.teams_in_order() if call.scope.everything or team in call.scope.teams]
    names = records.names(seen, kind="team")
    wanted: frozenset[int] | None = None
    if values["team"]:
        team = _number("team", values["team"])
        if team not in seen:
            raise NotFound(f"There is no team {values['team']}.", hint="It may belong to somebody else.")
        wanted = frozenset(tree.members(team, deep=True))
    if values["owner"]:
        owner = _number("person", values["owner"])
        if not call.scope.sees_person(owner):
            raise NotFound(f"There is no person {values['owner']}.", hint="They may belong to another team.")
        wanted = frozenset({owner}) if wanted is None else wanted & {owner}
    return [(spell("team", team), names[team]) for team in seen], wanted


def _number(kind: str, text: str) -> int:
    try:
        of, number = parse(text)
    except ValueError as fault:
        raise WrongUse(str(fault), hint=f"Write an id such as {spell(kind, 17)}.") from fault
    if of != kind:
        raise WrongUse(f'"{text}" is no {kind}.', hint=f"Write an id such as {spell(kind, 17)}.")
    return number


# --- what both views show ---------------------------------------------------------------------------------------------


def _context(request: HttpRequest, call: Call, filters: Filters, whole: Board, shown: Board) -> dict[str, Any]:
    sums = shown.sums(shown.deals)
    documents = {name: _process_name(whole, name) for name in whole.processes}
    return {
        "filters": filters,
        "as_of": call.as_of,
        "live": is_live(call),
        "keep": [(name, request.GET[name]) for name in ("known_at", "sort", "dir") if request.GET.get(name)],
        "processes": [(name or "-", documents[name]) for name in whole.processes if whole.processes[name] or name],
        "process": shown.process or "-",
        "owners": _owners(whole),
        "stages": [(one.id, word(one.name)) for one in _open_stages(shown.document)],
        "currency": shown.currency,
        "sums": sums,
        "total": major(sums.value, shown.currency),
        "parts": _parts(sums),
        "open": len(shown.deals),
        "none_at_all": not any(whole.processes.values()) and not whole.closed,
        "older": sum(one.older for one in shown.deals),
        "past": sum(one.past for one in shown.deals),
        "trust": shown.trust,
        "behind": shown.point.pin.behind,
        "median_used": any(one.basis == "median" for one in shown.usual.values()),
        "limit_used": any(one.basis == "limit" for one in shown.usual.values()),
    }


def _process_name(whole: Board, name: str) -> str:
    document = whole.documents.get(name)
    return word(document.name) if document else name or _("In no process")


def _owners(whole: Board) -> list[tuple[str, str]]:
    """Everybody with an open deal that the viewer sees."""
    people = records.names({one.standing.owner for one in whole.deals}, kind="person")
    return [(spell("person", one), name) for one, name in in_turkish_order(people.items())]


def _open_stages(document: ProcessDocument | None) -> list[Any]:
    return [one for one in document.stages if one.category in {"open", "hold"}] if document else []


def _parts(sums: Sums) -> tuple[tuple[Fraction, str], ...]:
    """The sum of each currency, where there is more than one or no rate."""
    if len(sums.by_currency) < 2 and not sums.missing:
        return ()
    return tuple((major(minor, of) or Fraction(0), of) for of, minor in sums.by_currency)


def _cards(shown: Board, numbers: Collection[int], editor: Editor) -> dict[int, Card]:
    """Cards of these deals by number."""
    chosen = [one for one in shown.deals if one.standing.deal in numbers]
    told = texts([one.standing.deal for one in chosen])
    dates = close_dates(shown, [one.standing.deal for one in chosen])
    return {
        one.standing.deal: _card(shown, one, told[one.standing.deal], dates.get(one.standing.deal, 0), editor)
        for one in chosen
        if one.standing.deal in told
    }


def _card(shown: Board, one: BoardDeal, told: Texts, dates: int, editor: Editor) -> Card:
    deal = one.standing
    owner = told.owner_name if deal.owner else ""
    return Card(
        deal=deal.deal,
        id=spell("deal", deal.deal),
        name=told.name or told.account_name or spell("deal", deal.deal),
        account="" if told.name.startswith(told.account_name) else told.account_name,
        owner=owner,
        first_name=owner.split()[0] if owner.split() else "",
        amount=major(deal.amount_minor, deal.currency),
        currency=deal.currency or "",
        close=close_text(deal.close_on, shown.point.as_of),
        past=one.past,
        stage=stage_name(shown.document, deal.stage),
        days=one.days,
        age=one.age,
        ratio=one.ratio,
        usual=days_text(one.usual.days),
        bar=_bar(one),
        notes=_notes(one, dates),
        ways=tuple(move_choices(shown.document, deal.stage)) if editor.may_edit(deal.owner) else (),
        based_on=f"{told.based_on[0]}:{told.based_on[1]}",
    )


def _bar(one: BoardDeal) -> Bar | None:
    if one.ratio is None:
        return None
    width = min(one.ratio / _SCALE, Fraction(1)) * 100
    mark = {"older": "m4", "twice": "m3"}.get(one.age, "fill")
    return Bar(mark, hundredths(width), hundredths(100 / _SCALE))


def _notes(one: BoardDeal, dates: int) -> tuple[str, ...]:
    """What to look at, the most urgent first."""
    found = []
    if one.past:
        found.append(_("Close date passed"))
    if one.standing.close_on is None:
        found.append(_("No close date"))
    if one.standing.owner is None:
        found.append(_("Nobody owns it"))
    if one.standing.amount_minor is None:
        found.append(_("No amount"))
    if dates > _MOVED_OFTEN:
        moved = dates - 1
        found.append(ngettext("Close date moved %(n)s time", "Close date moved %(n)s times", moved) % {"n": moved})
    return tuple(found)


# --- the board --------------------------------------------------------------------------------------------------------


def _lane_deals(shown: Board) -> list[tuple[str, str | None, list[BoardDeal]]]:
    lanes: list[tuple[str, str | None, list[BoardDeal]]] = [
        (word(one.name), one.id, shown.in_stage(one.id)) for one in _open_stages(shown.document)
    ]
    stray = shown.stray()
    return [*lanes, (_("In no stage"), None, stray)] if stray else lanes


def _lane(shown: Board, name: str, stage: str | None, deals: Sequence[BoardDeal], cards: dict[int, Card]) -> Lane:
    sums = shown.sums(deals)
    first = [cards[one.standing.deal] for one in deals[:CARDS] if one.standing.deal in cards]
    return Lane(
        stage=stage,
        name=name,
        deals=len(deals),
        total=major(sums.value, shown.currency),
        parts=_parts(sums),
        without_amount=sums.without_amount,
        usual=usual_text(shown.usual.get(stage)) if stage else "",
        cards=tuple(first),
        more=max(len(deals) - CARDS, 0),
    )


def _closed_lanes(shown: Board) -> list[ClosedLane]:
    by_outcome = {name: [one for one in shown.closed if one.outcome == name] for name in ("won", "lost")}
    told = texts({one.deal for deals in by_outcome.values() for one in deals[:CARDS]})
    return [_closed_lane(shown, name, deals, told) for name, deals in by_outcome.items() if deals]


def _closed_lane(shown: Board, outcome: str, deals: Sequence[ClosedDeal], told: dict[int, Texts]) -> ClosedLane:
    sums = shown.sums(deals)
    rows = tuple(
        {
            "deal": one.deal,
            "name": told[one.deal].name or spell("deal", one.deal),
            "owner": told[one.deal].owner_name,
            "amount": major(one.amount_minor, one.currency),
            "currency": one.currency or "",
            "day": one.closed_day,
            "reason": reason_name(shown.document, one.reason),
        }
        for one in deals[:CARDS]
        if one.deal in told
    )
    total = major(sums.value, shown.currency)
    return ClosedLane(outcome, len(deals), total, _parts(sums), rows, max(len(deals) - CARDS, 0))


# --- the list ---------------------------------------------------------------------------------------------------------

type Key = Callable[[BoardDeal], Any]
SORTS = ("close", "name", "amount", "owner", "stage", "days")
_DESCENDING = {"amount", "days"}  # what the first click shows first


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be sorted: the parameters that its head leads to."""

    name: str
    sort: str
    direction: str
    aria: str


def _sort(request: HttpRequest) -> tuple[str, bool]:
    name = request.GET.get("sort") or "close"
    if name not in SORTS:
        raise WrongUse(f'The list cannot be sorted by "{name}".', hint=f"One of: {', '.join(SORTS)}.")
    direction = request.GET.get("dir") or ("desc" if name in _DESCENDING else "asc")
    return name, direction == "desc"


def _columns(sort: str, *, descending: bool) -> dict[str, Column]:
    found = {}
    for name in SORTS:
        turned = not descending if name == sort else name in _DESCENDING
        aria = ("descending" if descending else "ascending") if name == sort else ""
        found[name] = Column(name, name, "desc" if turned else "asc", aria)
    return found


def _sorted(shown: Board, sort: str, *, descending: bool) -> list[BoardDeal]:
    """Deals in the wanted order; those that say nothing come last either way."""
    key = _key(shown, sort)
    known = [one for one in shown.deals if key(one) is not None]
    known.sort(key=key, reverse=descending)
    return known + [one for one in shown.deals if key(one) is None]


def _key(shown: Board, sort: str) -> Key:
    orders = {one.id: one.order for one in shown.document.stages} if shown.document else {}
    if sort in {"name", "owner"}:
        told = texts([one.standing.deal for one in shown.deals])
        names = {
            deal: turkish_key((one.name or one.account_name) if sort == "name" else one.owner_name)
            for deal, one in told.items()
        }
        return lambda one: names.get(one.standing.deal) or None
    keys: dict[str, Key] = {
        "close": lambda one: one.standing.close_on,
        "amount": lambda one: shown.sums([one]).value if one.standing.amount_minor is not None else None,
        "stage": lambda one: orders.get(one.standing.stage or ""),
        "days": lambda one: one.days,
    }
    return keys[sort]
