"""Jobs for programs: the newest ones, one, again, stop."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from hedef.api_support import call_of
from hedef.jobs import queries, services

router = Router()


@router.get("/", summary="The newest jobs, the workers, the schedules")
def list_jobs(request: HttpRequest, state: str | None = None, last: int = 50) -> dict[str, Any]:
    call_of(request).actor.must("read_data")
    found = queries.runs(last=min(max(last, 1), 1000), states=[state] if state else [])
    return queries.answer(found)


@router.get("/{id}", summary="One job: state, step, how far, what stopped it")
def show(request: HttpRequest, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the path
    call_of(request).actor.must("read_data")
    return queries.answer([queries.run(id)])


@router.post("/{id}/retry", summary="Begin a failed job again")
def retry(request: HttpRequest, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the path
    call_of(request).actor.must("import")
    return queries.answer([services.retry(id)])


@router.post("/{id}/stop", summary="Stop a job")
def stop(request: HttpRequest, id: str) -> dict[str, Any]:  # noqa: A002 - the word of the path
    call_of(request).actor.must("import")
    return queries.answer([services.stop(id)])
