"""Open deals as a table that can be sorted, a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hedef.call import Call
from hedef.kernel.errors import WrongUse
from hedef.process.queries.board import Board, BoardDeal, texts
from hedef.process.views.asked import read_asked
from hedef.process.views.cards import cards_of, context_of, mover
from hedef.process.views.doors import Editor
from hedef.process.views.sheet import sheet
from hedef.process.views.shown import turkish_key
from hedef.web.files import file_answer, file_format, head_of
from hedef.web.pages import page, show

type Key = Callable[[BoardDeal], Any]

_PAGE = 40

SORTS = ("close", "name", "amount", "owner", "stage", "days")
_DESCENDING = {"amount", "days"}  # what the first click shows first


@require_safe
@page()
def list_deals(request: HttpRequest, call: Call) -> HttpResponse:
    """Open deals as a table that can be sorted, a page at a time; all of them as a file with `format=xlsx|csv|pdf`."""
    filters, whole, shown = read_asked(request, call)
    sort, descending = _sort(request)
    ordered = _sorted(shown, sort, descending=descending)
    if (wanted := file_format(request)) is not None:
        head = head_of(call, shown.trust, known=shown.point.pin.known_no)
        return file_answer(call, sheet(shown, ordered, head), wanted, what=f"open deals of {shown.process or 'all'}")
    pages = Paginator(ordered, _PAGE)
    listed = pages.get_page(request.GET.get("page"))
    cards = cards_of(shown, {one.standing.deal for one in listed}, Editor())
    context = context_of(request, call, filters, whole, shown) | {
        "view": "list",
        "page": listed,
        "cards": [cards[one.standing.deal] for one in listed if one.standing.deal in cards],
        "columns": _columns(sort, descending=descending),
        "may_open": mover(call).any,
        "export": _export(request),
    }
    return show(request, "process/list.html", context)


def _export(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


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
