"""Metrics for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from hedef.api_support import call_of
from hedef.call import Call
from hedef.metrics import queries

router = Router()


@router.get("", summary="Metrics in force")
def show_list(request: HttpRequest, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    return call.framed("hedef.metrics/1", {"metrics": queries.documents_json(call.as_of, known_no=call.known_no)})


@router.get("/{str:metric}", summary="One number, or with `by` the numbers of a level")
def show(
    request: HttpRequest,
    metric: str,
    period: str | None = None,
    scope: str = "company",
    by: str | None = None,
    compare: str = "previous,year_before",
    definition: str = "own",
    currency: str | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    asked = period or _quarter(call)
    if by is not None:
        cells = queries.evaluate(
            metric,
            periods=[asked],
            as_of=call.as_of_us,
            by=_listed(by),
            known_at=call.known_no,
            scope=call.scope,
            currency=currency,
        )
        return queries.cells_json(cells)
    return queries.show(
        metric,
        scope=queries.resolve_scope(scope),
        period=asked,
        as_of=call.as_of_us,
        known_at=call.known_no,
        viewer=call.scope,
        currency=currency,
        compare=_listed(compare),
        definition=definition,
    )


@router.get("/{str:metric}/rows", summary="The rows behind a number")
def rows(
    request: HttpRequest,
    metric: str,
    period: str | None = None,
    scope: str = "company",
    by: str | None = None,
    first: int = 0,
    count: int = 200,
    currency: str | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = _drill(call, metric, period, scope, by, currency)
    start = max(first, 0)
    return queries.rows_json(found, first=start, last=start + max(1, min(count, 5000)))


@router.get("/{str:metric}/why", summary="How a number came about")
def why(
    request: HttpRequest,
    metric: str,
    period: str | None = None,
    scope: str = "company",
    by: str | None = None,
    currency: str | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    return queries.why_json(_drill(call, metric, period, scope, by, currency))


@router.get("/{str:metric}/change", summary="What each part contributed to a change")
def change(
    request: HttpRequest,
    metric: str,
    period: str | None = None,
    by: str = "team",
    against: str = "previous",
    as_of: str | None = None,
    known_at: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = queries.change(
        metric,
        period=period or _quarter(call),
        by=by,
        against=against,
        as_of=call.as_of_us,
        known_at=call.known_no,
        viewer=call.scope,
    )
    return call.framed("hedef.metric/1", found)


def _drill(
    call: Call, metric: str, period: str | None, scope: str, by: str | None, currency: str | None
) -> queries.Drill:
    return queries.rows(
        metric,
        scope=queries.resolve_scope(scope),
        by=by,
        period=period or _quarter(call),
        as_of=call.as_of_us,
        known_at=call.known_no,
        viewer=call.scope,
        currency=currency,
    )


def _quarter(call: Call) -> str:
    return call.calendar.period_of(call.as_of, "quarter").id


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
