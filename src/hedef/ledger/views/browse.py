"""Looking through the ledger: batches with filters, one batch, the history of one record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_datetime
from hedef.ledger import answers, browsing
from hedef.ledger.acts import ERASABLE
from hedef.ledger.telling import batch_link, kind_words, names_seen
from hedef.ledger.views import listing
from hedef.ledger.views.shown import record_url, shown, standing, with_moment
from hedef.web.files import file_answer, file_format
from hedef.web.pages import Call, page, show

_BATCHES = 50
_CHANGES = 50
_FILTERS = ("actor", "source", "kind", "object", "since", "until")


@page(right="read_data")
def batches(request: HttpRequest, call: Call) -> HttpResponse:
    """All batches, newest first: who wrote what, from where and why; filters and pages stay in the address."""
    wanted = _wanted(call, request.GET)
    if (format_ := file_format(request)) is not None:
        told = answers.found_batches(wanted, last=listing.MOST)
        return file_answer(call, listing.sheet(call, told), format_, what="batches of the ledger")
    below = _number(request.GET.get("below", ""), _("“%(text)s” is no seal."))
    rows = answers.found_batches(wanted, below=below, last=_BATCHES + 1)
    shown_rows = [with_moment(one) for one in rows[:_BATCHES]]
    first = None if below is None or not shown_rows else browsing.above(wanted, shown_rows[0]["seal_no"], last=_BATCHES)
    context = {
        "batches": shown_rows,
        "older": shown_rows[-1]["seal_no"] if len(rows) > _BATCHES else None,
        "newer": first,
        "filters": {name: request.GET.get(name, "") for name in _FILTERS},
        "filtered": any(request.GET.get(name) for name in _FILTERS),
        "choices": _choices(),
        "address": request.get_full_path(),
    }
    return show(request, "ledger/batches.html", context)


def _choices() -> dict[str, list[tuple[str, Any]]]:
    return {
        "actor": [(one, one) for one in browsing.choices("actor")],
        "source": [(one, one) for one in browsing.choices("source__name")],
        "kind": [(one, one) for one in browsing.choices("kind")],
        "object": [(one, kind_words(one)) for one in browsing.choices("object")],
    }


def _wanted(call: Call, query: Mapping[str, str]) -> browsing.Wanted:
    since, until = (_day(query.get(name, "")) for name in ("since", "until"))
    return browsing.Wanted(
        actor=query.get("actor", ""),
        source=query.get("source", ""),
        kind=query.get("kind", ""),
        object=query.get("object", ""),
        since=None if since is None else to_datetime(call.calendar.start_us(since)),
        before=None if until is None else to_datetime(call.calendar.end_us(until) + 1),
        upto=call.known_no,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as fault:
        raise WrongUse(_("“%(text)s” is no day.") % {"text": text}) from fault
    if not 1900 <= found.year <= 9000:
        raise WrongUse(_("“%(text)s” is no day.") % {"text": text})
    return found


def _number(text: str, wrong: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise WrongUse(wrong % {"text": text})
    return int(text)


@page(right="read_data")
def batch(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """One batch: its header in the chain, and its changes with the values before and after."""
    first = _number(request.GET.get("first", "0"), _("“%(text)s” is no place in a batch.")) or 0
    no = answers.batch_number(number)
    found = with_moment(answers.one_batch(no))
    told = answers.batch_changes(no, scope=call.scope, first=first, limit=_CHANGES)
    context = {
        "batch": found,
        "changes": shown(told, call.scope),
        "first": first + 1,
        "last": min(first + _CHANGES, found["changes"]),
        "before": max(first - _CHANGES, 0) if first else None,
        "after": first + _CHANGES if first + _CHANGES < found["changes"] else None,
        "link": batch_link(no),
        "may_undo": call.actor.can("undo") and found["undone_by"] is None and found["kind"] in _UNDONE,
    }
    return show(request, "ledger/batch.html", context)


_UNDONE = {"import", "edit", "undo", "correct", "merge"}


@page()
def entity(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """One record: how it stands and everything that was ever said of it, with who said it and from which file row."""
    told = answers.entity_told(
        answers.entity_of(number),
        scope=call.scope,
        as_of_us=call.as_of_us if call.as_of_text else None,
        known_no=call.known_no,
    )
    first = _number(request.GET.get("first", "0"), _("“%(text)s” is no place in a history.")) or 0
    some = told.changes[first : first + _CHANGES]
    name = spell(told.kind, told.entity)
    batches = {number: with_moment(one) for number, one in told.batches(some).items()}
    lines = shown([(one.json, one.beside) for one in told.told(some)], call.scope, together=False)
    context = {
        "entity": name,
        "kind_words": kind_words(told.kind),
        "name": names_seen(told.kind, [told.entity], call.scope).get(told.entity, ""),
        "url": record_url(told.kind, name) if told.kind == "deal" else None,
        "ended": told.ended,
        "into": None if told.into is None else spell(told.kind, told.into),
        "fields": standing(told.kind, told.fields, told.currency, call.scope),
        "changes": [{**line, "by": batches[line["batch"]]} for line in lines],
        "first": first + 1,
        "last": min(first + _CHANGES, len(told.changes)),
        "all": len(told.changes),
        "before": max(first - _CHANGES, 0) if first else None,
        "after": first + _CHANGES if first + _CHANGES < len(told.changes) else None,
        "may_correct": call.actor.can("edit_record"),
        "may_erase": call.actor.can("erase") and told.kind in ERASABLE,
        "may_look": call.actor.can("read_data"),
    }
    return show(request, "ledger/entity.html", context)
