"""Publications for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from hedef.api_support import call_of
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
