"""Who am I; users, roles and tokens for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from hedef.access.answers import SCHEMA, read_json, token_json, user_json
from hedef.access.queries import list_tokens, list_users, reads
from hedef.access.services import create_user, make_token, revoke_token, set_active, set_roles
from hedef.api_support import call_of

router = Router()


class NewUser(Schema):
    username: str
    name: str = ""
    roles: list[str]
    email: str | None = None
    person: int | None = None
    password: str | None = None


class Roles(Schema):
    roles: list[str]


class Active(Schema):
    active: bool


class NewToken(Schema):
    name: str
    days: int | None = 365


@router.get("/me", summary="Who the token or session belongs to, and the rights")
def me(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    assert call.actor.user is not None
    return call.framed(SCHEMA, {**user_json(call.actor.user), "rights": sorted(call.actor.rights)})


@router.get("/users", summary="Every user")
def users(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("manage_users")
    return call.framed(SCHEMA, {"users": [user_json(one) for one in list_users()]})


@router.post("/users", summary="Make a user", response={201: dict[str, Any]})
def add_user(request: HttpRequest, body: NewUser) -> Status[dict[str, Any]]:
    call = call_of(request)
    call.actor.must("manage_users")
    return Status(201, call.framed(SCHEMA, user_json(create_user(**body.dict(), now=call.now))))


@router.put("/users/{username}/roles", summary="The roles a user has from now on")
def put_roles(request: HttpRequest, username: str, body: Roles) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("manage_users")
    return call.framed(SCHEMA, user_json(set_roles(username=username, roles=body.roles)))


@router.put("/users/{username}/active", summary="Let a user in or shut it out")
def put_active(request: HttpRequest, username: str, body: Active) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("manage_users")
    return call.framed(SCHEMA, user_json(set_active(username=username, active=body.active)))


@router.get("/tokens", summary="The own tokens, never their text")
def tokens(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    return call.framed(SCHEMA, {"tokens": [token_json(one) for one in list_tokens(call.actor.user)]})


@router.post("/tokens", summary="Make an own token; its text is shown this one time", response={201: dict[str, Any]})
def add_token(request: HttpRequest, body: NewToken) -> Status[dict[str, Any]]:
    call = call_of(request)
    token, plain = make_token(username=call.actor.name, name=body.name, now=call.now, days=body.days)
    return Status(201, call.framed(SCHEMA, {**token_json(token), "token": plain}))


@router.delete("/tokens/{name}", summary="End an own token at once")
def delete_token(request: HttpRequest, name: str) -> dict[str, Any]:
    call = call_of(request)
    revoke_token(username=call.actor.name, name=name)
    return call.framed(SCHEMA, {"revoked": name})


@router.get("/reads", summary="Who took words out of Hedef")
def list_reads(request: HttpRequest, user: str | None = None, last: int = 100) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_log")
    found = reads(last=max(1, min(last, 1000)), actor=user)
    return call.framed(SCHEMA, {"reads": [read_json(one) for one in found]})
