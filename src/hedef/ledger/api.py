"""Batches and histories for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from hedef.api_support import call_of
from hedef.kernel.errors import WrongUse
from hedef.ledger import answers

router = Router()


@router.get("/batches", summary="The newest sealed batches")
def list_batches(request: HttpRequest, last: int = 20, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, known_at=known_at)
    call.actor.must("read_data")
    if not 1 <= last <= 1000:
        raise WrongUse(f"last: {last} is not between 1 and 1000.")
    rows = answers.newest_batches(last=last, known_no=call.known_no)
    return answers.answer(known_no=call.known_no, batches=rows)


@router.get("/batches/{batch}", summary="One batch with its changes, before and after")
def show_batch(request: HttpRequest, batch: str, first: int = 0, limit: int = 50) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    if not (first >= 0 and 1 <= limit <= 1000):
        raise WrongUse("first is 0 or more, limit between 1 and 1000.")
    return answers.batch_answer(answers.batch_number(batch), scope=call.scope, first=first, limit=limit)


@router.get("/entities/{entity}", summary="The history of one entity up to an as-of and a known-at")
def show_entity(
    request: HttpRequest, entity: str, as_of: str | None = None, known_at: str | None = None
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    day = call.as_of if as_of else None
    at = call.as_of_us if as_of else None
    return answers.entity_answer(
        answers.entity_of(entity), scope=call.scope, as_of_us=at, as_of=day, known_no=call.known_no
    )
