"""Cards of open deals, and what board and list say above them."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hedef.call import Call
from hedef.kernel.ids import spell
from hedef.process.engine.board import Sums
from hedef.process.queries.board import Board, BoardDeal, Texts, close_dates, texts
from hedef.process.schema import ProcessDocument
from hedef.process.views.asked import OUTSIDE, Filters
from hedef.process.views.deal import Way, move_choices
from hedef.process.views.doors import Editor, editor_of, is_live
from hedef.process.views.shown import close_text, days_text, in_turkish_order, major, stage_name, word
from hedef.records import queries as records
from hedef.web.numbers import hundredths

_MOVED_OFTEN = 3
_SCALE = Fraction(11, 5)  # a bar is 2.2 usual stays long


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


def mover(call: Call) -> Editor:
    return editor_of(call) if is_live(call) else Editor()


def context_of(request: HttpRequest, call: Call, filters: Filters, whole: Board, shown: Board) -> dict[str, Any]:
    sums = shown.sums(shown.deals)
    documents = {name: _process_name(whole, name) for name in whole.processes}
    return {
        "filters": filters,
        "as_of": call.as_of,
        "live": is_live(call),
        "keep": [(name, request.GET[name]) for name in ("known_at", "sort", "dir") if request.GET.get(name)],
        "processes": [(name or OUTSIDE, documents[name]) for name in whole.processes if whole.processes[name] or name],
        "process": shown.process or OUTSIDE,
        "owners": _owners(whole),
        "stages": [(one.id, word(one.name)) for one in open_stages(shown.document)],
        "currency": shown.currency,
        "sums": sums,
        "total": major(sums.value, shown.currency),
        "parts": parts_of(sums),
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


def open_stages(document: ProcessDocument | None) -> list[Any]:
    return [one for one in document.stages if one.category in {"open", "hold"}] if document else []


def parts_of(sums: Sums) -> tuple[tuple[Fraction, str], ...]:
    """The sum of each currency, where there is more than one or no rate."""
    if len(sums.by_currency) < 2 and not sums.missing:
        return ()
    return tuple((major(minor, of) or Fraction(0), of) for of, minor in sums.by_currency)


def cards_of(shown: Board, numbers: Collection[int], editor: Editor) -> dict[int, Card]:
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
    if one.ageing == "over":
        found.append(_("Over the limit of this stage"))
    elif one.ageing == "warn":
        found.append(_("Near the limit of this stage"))
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
