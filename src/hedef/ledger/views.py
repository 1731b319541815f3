"""Pages of the ledger: the newest batches, and one batch with what it changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from hedef.call import Call
from hedef.kernel.errors import WrongUse
from hedef.kernel.instants import from_iso, to_datetime
from hedef.ledger import answers
from hedef.web.pages import page, show

_LAST = 100
_CHANGES = 50


@page(right="read_data")
def batches(request: HttpRequest, call: Call) -> HttpResponse:
    """The newest batches: what one act wrote, by whom and why."""
    rows = [_row(one) for one in answers.newest_batches(last=_LAST, known_no=call.known_no)]
    return show(request, "ledger/batches.html", {"batches": rows})


@page(right="read_data")
def batch(request: HttpRequest, call: Call, number: str) -> HttpResponse:
    """One batch: its header in the chain, and its changes with the values before and after."""
    first = _first(request.GET.get("first", "0"))
    told = answers.batch_answer(answers.batch_number(number), scope=call.scope, first=first, limit=_CHANGES)
    found = _row(told["batches"][0])
    context = {
        "batch": found,
        "changes": told["changes"],
        "first": first + 1,
        "last": first + len(told["changes"]),
        "before": max(first - _CHANGES, 0) if first else None,
        "after": first + _CHANGES if first + _CHANGES < found["changes"] else None,
    }
    return show(request, "ledger/batch.html", context)


def _first(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise WrongUse(f'first: "{text}" is no number of a change.')
    return int(text)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    recorded = one["recorded_at"]
    return {**one, "recorded": None if recorded is None else to_datetime(from_iso(recorded))}
