"""The HTTP API at `/api/v1`: collects what the rooms offer, lets callers in, keeps answers of repeated writes."""

import logging
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer, SessionAuth

from hedef.access.services import begin_call, finish_call
from hedef.api_support import caller, error_response
from hedef.kernel.errors import Forbidden, HedefError, NotFound, WrongUse
from hedef.kernel.issue import Issue

# room: what its part of the OpenAPI document is called; a room without an `api.py` offers nothing
ROOMS: dict[str, str] = {
    "access": "Users, roles and tokens",
    "jobs": "Work behind the pages",
    "ledger": "What changed, when, by whom",
    "definitions": "Dated documents",
    "records": "Records as of a date",
    "facts": "The ledger as columns",
    "publications": "Numbers that were shown",
    "intake": "Imports, mappings and trust",
    "process": "Sales processes",
    "metrics": "KPIs and the rows behind them",
    "targets": "Goals, pace and scoreboards",
}

_log = logging.getLogger("hedef.api")


class Token(HttpBearer):
    """`Authorization: Bearer hedef_...`"""

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:  # noqa: ARG002 - caller reads it
        return caller(request)


class Session(SessionAuth):
    """A signed-in page calls with its cookie; writes carry the CSRF token."""

    def __call__(self, request: HttpRequest) -> Any | None:
        if request.headers.get("Authorization") or not request.user.is_authenticated:
            return None
        super().__call__(request)  # checks the CSRF token
        return caller(request)


api = NinjaAPI(
    title="Hedef",
    version="1",
    description="Sales operations on true numbers. Money is a decimal string with its currency, ratios are fractions, "
    "instants are UTC. Every failure is `hedef.error/1`.",
    urls_namespace="api",
    docs_url=None,  # its page loads scripts of other machines; openapi.json is enough for every tool
    auth=[Token(), Session()],
)


def keep_answers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A write with an `Idempotency-Key` is done once; a repeated call gets the first answer again."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key", "")
        user = caller(request) if key and request.method not in {"GET", "HEAD", "OPTIONS"} else None
        if user is None:
            return view(request, *args, **values)
        try:
            return _once(request, user.username, key, lambda: view(request, *args, **values))
        except HedefError as fault:
            return error_response(fault)

    return run


def _once(request: HttpRequest, actor: str, key: str, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    from hedef.settings import now

    if len(key) > 200:
        raise WrongUse("The Idempotency-Key is longer than 200 characters.", hint="A UUID is a good key.")
    kept = begin_call(actor=actor, key=key, body_hash=_what_was_said(request), now=now())
    if kept is not None:
        return HttpResponse(bytes(kept.answer or b""), status=kept.status or 200, content_type=kept.content_type)
    answer = work()
    content = answer.content if isinstance(answer, HttpResponse) else b""
    kind = answer.headers.get("Content-Type", "application/json")
    finish_call(actor=actor, key=key, status=answer.status_code, answer=content, content_type=kind)
    return answer


def _what_was_said(request: HttpRequest) -> str:
    """Digest of method, address and body; of an upload its fields and files, which may be larger than memory."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    digest.update(repr(sorted(request.POST.lists())).encode())
    for field, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(f"\n{field} {file.name} {file.size}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def unknown(request: HttpRequest) -> HttpResponse:
    """The answer of every address below `/api/` that nobody offers."""
    return error_response(NotFound(f"There is no address {request.path}.", hint="/api/v1/openapi.json lists them all."))


@api.exception_handler(HedefError)
def _refused(request: HttpRequest, fault: HedefError) -> HttpResponse:  # noqa: ARG001
    return error_response(fault)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:  # noqa: ARG001
    issues = [
        Issue("wrong_value", "error", f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}.")
        for one in fault.errors
    ]
    return error_response(WrongUse("The call does not fit the endpoint.", issues=issues), status=422)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:  # noqa: ARG001
    hint = "Send a token (Authorization: Bearer hedef_...) or sign in. hedef access token make creates one."
    answer = error_response(Forbidden("Nobody is signed in, or the token has ended.", hint=hint), status=401)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def _http(request: HttpRequest, fault: HttpError) -> HttpResponse:  # noqa: ARG001
    kind = Forbidden if fault.status_code == 403 else WrongUse
    return error_response(kind(f"{fault.message}."), status=fault.status_code)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, fault: Http404) -> HttpResponse:  # noqa: ARG001
    return error_response(NotFound("Nothing lives at this address."))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, fault: Exception) -> HttpResponse:
    _log.error("fault at %s %s", request.method, request.path, exc_info=fault)
    return error_response(HedefError("Something broke inside Hedef.", hint="Please report it with the server's log."))


def _collect() -> None:
    api.add_decorator(keep_answers, mode="view")
    for room, title in ROOMS.items():
        if find_spec(f"hedef.{room}.api") is not None:
            api.add_router(f"/{room}", import_module(f"hedef.{room}.api").router, tags=[title])


_collect()
