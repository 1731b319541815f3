"""Batches and histories for programs, and what can be done to them."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from hedef.api_support import call_of, person_behind
from hedef.kernel.errors import WrongUse
from hedef.ledger import acting, answers

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


class Reason(Schema):
    """Why; kept with the change."""

    reason: str


class UndoBody(Reason):
    """`second_token`: an API token of the second person, where publications rest on the batch."""

    dry_run: bool = False
    after_publication: bool = False
    second_token: str | None = None


class CorrectBody(Reason):
    """`values`: field -> text; `change` as answers print it (`412:3`) and `at`, an instant, for a wrong moment."""

    values: dict[str, str] = Field(default_factory=dict)
    change: str | None = None
    at: str | None = None


class VoidBody(Reason):
    change: str


class MergeBody(Reason):
    """`into`: the record that stays; `take`: fields that it takes over."""

    into: str
    take: list[str] = Field(default_factory=list)


class EraseBody(Reason):
    dry_run: bool = False


@router.post("/batches/{batch}/undo", summary="Take a batch back, or rehearse it")
def undo(request: HttpRequest, batch: str, body: UndoBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("undo")
    return acting.undo(
        batch,
        actor=call.actor.name,
        reason=body.reason,
        dry_run=body.dry_run,
        after_publication=body.after_publication,
        second=None if body.second_token is None else person_behind(body.second_token),
    )


@router.post("/entities/{entity}/correct", summary="Right values or the right moment of what was recorded")
def correct(request: HttpRequest, entity: str, body: CorrectBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    return acting.correct(
        entity,
        scope=call.scope,
        actor=call.actor.name,
        reason=body.reason,
        texts=body.values,
        change=body.change,
        at=body.at,
    )


@router.post("/entities/{entity}/void", summary="Take one change of a record back")
def void(request: HttpRequest, entity: str, body: VoidBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    return acting.void(entity, scope=call.scope, actor=call.actor.name, reason=body.reason, change=body.change)


@router.post("/entities/{entity}/merge", summary="A record becomes part of another")
def merge(request: HttpRequest, entity: str, body: MergeBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    return acting.merge(entity, body.into, scope=call.scope, actor=call.actor.name, reason=body.reason, take=body.take)


@router.post("/entities/{entity}/split", summary="A merged record is one of its own again")
def split(request: HttpRequest, entity: str, body: Reason) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    return acting.split(entity, scope=call.scope, actor=call.actor.name, reason=body.reason)


@router.post("/entities/{entity}/erase", summary="Blank the words of a person, contact or lead")
def erase(request: HttpRequest, entity: str, body: EraseBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("erase")
    return acting.erase(entity, actor=call.actor.name, reason=body.reason, dry_run=body.dry_run)
