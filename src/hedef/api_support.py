"""What every endpoint has in common: who calls, as of when, and the shape of a refusal.

A room's `api.py` looks like this:

    router = Router()

    @router.get("/batches/{number}")
    def show(request: HttpRequest, number: int, as_of: str | None = None, known_at: str | None = None):
        call = call_of(request, as_of=as_of, known_at=known_at)
        call.actor.must("read_data")
        return answer_json(...)  # a dict in the shape of docs/contracts.md section 4
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from hedef.access.queries import actor_of
from hedef.access.services import use_token
from hedef.call import Call
from hedef.kernel.errors import Forbidden, HedefError


def caller(request: HttpRequest) -> Any | None:
    """The user behind the Bearer token, else the signed-in one, else none. A wrong token is nobody."""
    from hedef.settings import now

    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return use_token(token.strip(), now=now()) if scheme.lower() == "bearer" else None
    return request.user if request.user.is_authenticated and request.user.is_active else None


def call_of(request: HttpRequest, *, as_of: str | None = None, known_at: str | None = None) -> Call:
    """The call of a request that was let in; Forbidden when nobody is behind it."""
    from hedef.settings import now

    user = getattr(request, "auth", None) or caller(request)
    if user is None:
        raise Forbidden("Nobody is signed in.", hint="Send a token: Authorization: Bearer hedef_...")
    call = Call(now=now(), username=user.username, as_of_text=as_of, known_at_text=known_at)
    call.actor = actor_of(user)  # already looked up: no second query
    return call


def person_behind(token: str) -> str:
    """The username behind the API token of a second person; Forbidden when nobody is."""
    from hedef.settings import now

    user = use_token(token.strip(), now=now())
    if user is None:
        raise Forbidden("Nobody is behind the token of the second person.", hint="hedef access token make creates one.")
    return str(user.username)


def error_response(fault: HedefError, *, status: int | None = None) -> HttpResponse:
    """`hedef.error/1` with the HTTP twin of its exit code."""
    body = json.dumps(fault.as_json(), ensure_ascii=False)
    return HttpResponse(body, status=status or fault.http_status, content_type="application/json")
