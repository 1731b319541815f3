"""Publications for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from hedef.api_support import call_of
from hedef.intake.trust.overrides import agree_override, ask_override, end_override, overrides
from hedef.publications.queries import publication, publications
from hedef.publications.replaying import replay as tell_again

SCHEMA = "hedef.publications/1"
router = Router()


@router.get("", summary="The newest publications")
def show_list(request: HttpRequest, kind: str | None = None, last: int = 50) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    found = publications(kind=kind, last=max(1, min(last, 500)))
    return call.framed(SCHEMA, {"publications": [one.as_json() for one in found]})


@router.get("/{int:number}", summary="One publication with its body and what it rests on")
def show(request: HttpRequest, number: int) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    found = publication(number)
    return call.framed(SCHEMA, {"publication": {**found.as_json(), "basis": found.basis, "body": found.body}})


@router.get("/{int:number}/replay", summary="A publication computed anew, compared to the byte")
def replay(request: HttpRequest, number: int) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    found = tell_again(number)
    return call.framed(SCHEMA, {"replay": found.as_json(), "issues": [one.as_json() for one in found.issues]})


class OverrideBody(Schema):
    """A blocked check that may be passed until its last day."""

    source: str
    object: str | None = None
    check: str | None = None
    reason: str
    until: date


@router.get("/overrides", summary="Blocked checks that two people let pass")
def list_overrides(request: HttpRequest, source: str | None = None) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    found = overrides(today=call.calendar.day_of(call.now_us), source=source)
    return call.framed(SCHEMA, {"overrides": [one.as_json() for one in found]})


@router.post("/overrides", summary="Ask that a blocked check may be passed until a day")
def ask(request: HttpRequest, body: OverrideBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("import")
    made = ask_override(
        source=body.source,
        object_=body.object,
        check=body.check,
        reason=body.reason,
        until=body.until,
        actor=call.actor.name,
        today=call.calendar.day_of(call.now_us),
        now_us=call.now_us,
    )
    return call.framed(SCHEMA, {"overrides": [made.as_json()]})


@router.post("/overrides/{int:number}/agree", summary="Agree to an override that somebody else asked for")
def agree(request: HttpRequest, number: int) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("approve")
    today = call.calendar.day_of(call.now_us)
    made = agree_override(number, actor=call.actor.name, today=today, now_us=call.now_us)
    return call.framed(SCHEMA, {"overrides": [made.as_json()]})


@router.post("/overrides/{int:number}/end", summary="Take an override back")
def end(request: HttpRequest, number: int) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("approve")
    today = call.calendar.day_of(call.now_us)
    made = end_override(number, actor=call.actor.name, today=today, now_us=call.now_us)
    return call.framed(SCHEMA, {"overrides": [made.as_json()]})
