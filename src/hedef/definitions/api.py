"""`/api/v1/definitions`: documents, their versions and the verbs of their life."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from hedef.api_support import call_of
from hedef.definitions import services
from hedef.definitions.answers import (
    SCHEMA,
    checked_json,
    diff_json,
    history_json,
    list_json,
    read_day,
    shown,
    uses_json,
    version_json,
)
from hedef.definitions.kinds import kind_named
from hedef.definitions.queries import get, list_documents
from hedef.kernel.definition import Reference, as_text

router = Router()


class NewVersion(Schema):
    """Either `text` (YAML) or `document` (the same as JSON)."""

    text: str | None = None
    document: dict[str, Any] | None = None
    reason: str = ""


class Step(Schema):
    """Which version moves on; none is the newest that can."""

    version: int | None = None
    reason: str = ""


class Back(Schema):
    """First day of the former text; none is today."""

    on: str | None = None
    reason: str = ""


@router.get("", summary="The newest version of every document")
def index(request: HttpRequest, kind: str | None = None) -> dict[str, Any]:
    call = call_of(request)
    if kind is not None:
        kind_named(kind)
    return call.framed(SCHEMA, list_json(list_documents(kind)))


@router.post("", summary="Add a draft", response={201: dict[str, Any]})
def add(request: HttpRequest, body: NewVersion) -> Status[dict[str, Any]]:
    call = call_of(request)
    call.actor.must("write_definition")
    made = services.add(text=body.text, document=body.document, actor=call.actor.name, reason=body.reason)
    return Status(201, call.framed(SCHEMA, version_json(made)))


@router.post("/check", summary="What is wrong with a document, and where; nothing is kept")
def check(request: HttpRequest, body: NewVersion) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("write_definition")
    return call.framed(SCHEMA, checked_json(body.text or as_text(body.document or {})))


@router.get("/{kind}/{doc_id}/uses", summary="The documents that rest on it")
def uses(request: HttpRequest, kind: str, doc_id: str) -> dict[str, Any]:
    call = call_of(request)
    return call.framed(SCHEMA, uses_json(kind, doc_id))


@router.post("/{kind}/{doc_id}/effective", summary="Mark an approved version whose first day has come")
def effective(request: HttpRequest, kind: str, doc_id: str, body: Step) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("write_definition")
    named: dict[str, Any] = {"kind": kind, "id": doc_id, "version": body.version, "reason": body.reason}
    return call.framed(SCHEMA, version_json(services.make_effective(**named, actor=call.actor.name)))


@router.get("/{kind}/{doc_id}", summary="A version; without number the one in force at as_of, else the newest")
def show(
    request: HttpRequest,
    kind: str,
    doc_id: str,
    version: int | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = shown(Reference(kind, doc_id, version), day=call.as_of, known_no=call.known_no)
    return call.framed(SCHEMA, version_json(found))


@router.get("/{kind}/{doc_id}/versions", summary="Every version")
def history(request: HttpRequest, kind: str, doc_id: str) -> dict[str, Any]:
    return call_of(request).framed(SCHEMA, history_json(kind, doc_id))


@router.get("/{kind}/{doc_id}/diff", summary="What two versions say differently")
def compare(request: HttpRequest, kind: str, doc_id: str, before: int, after: int) -> dict[str, Any]:
    call = call_of(request)
    return call.framed(SCHEMA, diff_json(get(kind, doc_id, before), get(kind, doc_id, after)))


@router.post("/{kind}/{doc_id}/simulate", summary="Try a draft; nothing of it happens yet")
def simulate(request: HttpRequest, kind: str, doc_id: str, body: Step) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("write_definition")
    found = services.simulate(kind=kind, id=doc_id, version=body.version, actor=call.actor.name, reason=body.reason)
    return call.framed(SCHEMA, found.as_json())


@router.post("/{kind}/{doc_id}/approve", summary="Approve a draft")
def approve(request: HttpRequest, kind: str, doc_id: str, body: Step) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must(kind_named(kind).approve_right)
    made = services.approve(kind=kind, id=doc_id, version=body.version, actor=call.actor.name, reason=body.reason)
    return call.framed(SCHEMA, version_json(made))


@router.post("/{kind}/{doc_id}/undo", summary="Take the newest version back")
def undo(request: HttpRequest, kind: str, doc_id: str, body: Back) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("write_definition")
    day = read_day(body.on, "on")
    made = services.undo(kind=kind, id=doc_id, actor=call.actor.name, on=day, reason=body.reason)
    return call.framed(SCHEMA, version_json(made))
