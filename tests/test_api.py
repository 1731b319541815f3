"""The API's front door: who is let in, how refusals look, and writes that are done once."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from hedef.access.models import KeptAnswer, User
from hedef.access.services import create_user, make_token, set_active
from hedef.settings import now

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
ERROR_KEYS = ["schema", "code", "message", "hint", "issues", "decisions"]


@pytest.fixture
def people(db):
    """Usernames with the header that a program of theirs sends."""
    found = {}
    for username, roles in (("defne", ["operations"]), ("root", ["admin"]), ("deniz", ["rep"])):
        create_user(username=username, name=username.title(), roles=roles, now=NOW, password="bosporus-wind")
        _, plain = make_token(username=username, name="test", now=datetime.now(UTC))
        found[username] = {"Authorization": f"Bearer {plain}"}
    return found


def post(client, path, body, **headers):
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_openapi_names_every_room_that_offers_something(client, db):
    document = client.get("/api/v1/openapi.json").json()
    assert document["info"]["title"] == "Hedef"
    assert "/api/v1/access/me" in document["paths"]
    assert client.get("/api/v1/docs").status_code == 404


def test_a_signed_out_call_and_a_wrong_token_get_401_with_a_hint(client, people):
    for headers in ({}, {"Authorization": "Bearer hedef_wrong"}, {"Authorization": "Basic eA=="}):
        answer = client.get("/api/v1/access/me", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert list(answer.json()) == ERROR_KEYS
        assert answer.json()["code"] == "forbidden"


def test_a_token_answers_who_it_is(client, people):
    answer = client.get("/api/v1/access/me", headers=people["deniz"])
    told = answer.json()
    assert (told.pop("as_of"), told.pop("schema")) == (now().date().isoformat(), "hedef.access/1")
    assert told == {
        "known_at": None,
        "username": "deniz",
        "name": "Deniz",
        "email": None,
        "roles": ["rep"],
        "person": None,
        "is_active": True,
        "rights": ["edit_deal"],
        "issues": [],
        "trust": {"level": "unknown", "reasons": []},
        "fingerprint": None,
    }


def test_a_token_of_a_closed_user_opens_nothing(client, people):
    set_active(username="deniz", active=False)
    assert client.get("/api/v1/access/me", headers=people["deniz"]).status_code == 401


def test_a_session_reads_and_writes_only_with_its_csrf_token(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="deniz"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/access/me").json()["username"] == "deniz"
    refused = post(client, "/access/tokens", {"name": "laptop"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_only_who_manages_users_sees_and_makes_them(client, people):
    new = {"username": "ayca", "name": "Ayça Tunalı", "roles": ["manager"]}
    for username, status in (("defne", 403), ("deniz", 403), ("root", 201)):
        assert post(client, "/access/users", new, **people[username]).status_code == status
        listed = client.get("/api/v1/access/users", headers=people[username])
        assert listed.status_code == (200 if username == "root" else 403)
    assert User.objects.get(username="ayca").roles == ["manager"]


def test_a_refusal_and_a_misfit_are_the_same_shape(client, people):
    taken = post(client, "/access/users", {"username": "defne", "roles": []}, **people["root"])
    assert (taken.status_code, list(taken.json())) == (400, ERROR_KEYS)
    misfit = post(client, "/access/users", {"roles": "rep"}, **people["root"])
    assert (misfit.status_code, list(misfit.json())) == (422, ERROR_KEYS)
    assert [issue["message"] for issue in misfit.json()["issues"]] == [
        "body.body.username: Field required.",
        "body.body.roles: Input should be a valid list.",
    ]
    gone = client.delete("/api/v1/access/tokens/none", headers=people["root"])
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    broken = client.post("/api/v1/access/users", "{", content_type="application/json", headers=people["root"])
    assert (broken.status_code, list(broken.json())) == (400, ERROR_KEYS)


def test_a_repeated_write_is_done_once_and_answers_the_same(client, people):
    headers = people["root"] | {"Idempotency-Key": "k-1"}
    new = {"username": "ayca", "name": "Ayça", "roles": ["manager"]}
    first = post(client, "/access/users", new, **headers)
    again = post(client, "/access/users", new, **headers)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    other = post(client, "/access/users", new | {"roles": ["rep"]}, **headers)
    assert (other.status_code, other.json()["code"]) == (409, "refused")
    assert User.objects.filter(username="ayca").count() == KeptAnswer.objects.count() == 1


def test_a_key_opens_nothing_for_who_is_not_let_in(client, people):
    headers = people["root"] | {"Idempotency-Key": "k-1"}
    new = {"username": "ayca", "roles": ["manager"]}
    post(client, "/access/users", new, **headers)
    stranger = post(client, "/access/users", new, **{"Idempotency-Key": "k-1"})
    assert stranger.status_code == 401
    set_active(username="deniz", active=False)
    assert post(client, "/access/users", new, **(people["deniz"] | {"Idempotency-Key": "k-1"})).status_code == 401


def test_a_token_made_over_http_works_until_it_is_revoked(client, people):
    made = post(client, "/access/tokens", {"name": "laptop", "days": 2}, **people["deniz"])
    assert made.status_code == 201
    fresh = {"Authorization": f"Bearer {made.json()['token']}"}
    names = [one["name"] for one in client.get("/api/v1/access/tokens", headers=fresh).json()["tokens"]]
    assert names == ["test", "laptop"]
    assert client.delete("/api/v1/access/tokens/laptop", headers=fresh).json()["revoked"] == "laptop"
    assert client.get("/api/v1/access/me", headers=fresh).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/metrics/won_value/nothing/here", "/api/v2/metrics"])
def test_an_unknown_address_answers_like_every_failure(path, client, people):
    answer = client.get(path, headers=people["deniz"])
    assert answer.status_code == 404
    assert list(answer.json()) == ERROR_KEYS
    assert path in answer.json()["message"]
