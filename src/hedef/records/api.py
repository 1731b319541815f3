"""`/api/v1/records`: records of every kind as of a day, and their single edits."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from hedef.api_support import call_of
from hedef.records import answers

router = Router()
LIST, ONE = "hedef.records/1", "hedef.record/1"


class New(Schema):
    """`fields` by their outward names; `since` a day or instant."""

    fields: dict[str, Any]
    reason: str
    since: str | None = None


class Edit(Schema):
    """`based_on` is `last` of the record that the editor had seen."""

    fields: dict[str, Any]
    reason: str
    since: str | None = None
    based_on: str | None = None


class End(Schema):
    """From which day or instant on it counts no more."""

    reason: str
    on: str | None = None


@router.get("/{kind}", summary="Living records of a kind in your scope")
def index(request: HttpRequest, kind: str, q: str = "", limit: int = 100, after: str | None = None) -> dict[str, Any]:
    call = call_of(request)
    return call.framed(LIST, answers.list_json(kind, scope=call.scope, text=q, limit=limit, after=after))


@router.post("/{kind}", summary="A new record", response={201: dict[str, Any]})
def create(request: HttpRequest, kind: str, body: New) -> Status[dict[str, Any]]:
    call = call_of(request)
    call.actor.must("edit_record")
    made = answers.create_json(kind, body.fields, call, reason=body.reason, since=body.since)
    return Status(201, call.framed(ONE, made))


@router.get("/{kind}/{entity}", summary="One record, as of a day and as known at a seal")
def show(
    request: HttpRequest, kind: str, entity: str, as_of: str | None = None, known_at: str | None = None
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    return call.framed(ONE, answers.one_json(kind, answers.number_given(kind, entity, call.scope), call))


@router.patch("/{kind}/{entity}", summary="Change fields from a day on")
def change(request: HttpRequest, kind: str, entity: str, body: Edit) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    number = answers.number_given(kind, entity, call.scope)
    told = answers.change_json(
        kind, number, body.fields, call, reason=body.reason, since=body.since, based_on=body.based_on
    )
    return call.framed(ONE, told)


@router.post("/{kind}/{entity}/end", summary="End a record or a range")
def end(request: HttpRequest, kind: str, entity: str, body: End) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    number = answers.number_given(kind, entity, call.scope)
    return call.framed(ONE, answers.end_json(kind, number, call, reason=body.reason, on=body.on))
