"""The version of the facts for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from hedef.api_support import call_of
from hedef.facts.queries import status as ask_status

router = Router()


@router.get("/status", summary="Version of the facts, its tables and how far it knows the ledger")
def status(request: HttpRequest) -> dict[str, Any]:
    call_of(request).actor.must("read_data")
    return ask_status()
