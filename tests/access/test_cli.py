"""`hedef access`: what a rehearsal leaves alone, and the keys of every answer."""

import json

import pytest

from hedef.access.queries import list_tokens, list_users
from hedef.access.services import create_user, get_user, make_token
from hedef.cli import run as run_hedef
from hedef.settings import now

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def access(capsys):
    def go(*argv: str) -> dict:
        code = run_hedef(["access", *argv, "--json"])
        assert code == 0
        return json.loads(capsys.readouterr().out)

    return go


@pytest.fixture
def defne(home):
    create_user(username="root", name="Root", roles=["admin"], now=now())
    made = create_user(username="defne", name="Defne", roles=["rep"], now=now())
    make_token(username="defne", name="nightly", now=now())
    return made


REHEARSALS = {
    "add": ("user", "add", "deniz", "--role", "rep", "--no-password"),
    "close": ("user", "close", "defne"),
    "roles": ("role", "set", "defne", "finance"),
    "make": ("token", "make", "defne", "laptop"),
    "revoke": ("token", "revoke", "defne", "nightly"),
}


@pytest.mark.parametrize("verb", REHEARSALS)
def test_a_rehearsal_shows_what_would_be_and_changes_nobody(verb, access, defne):
    told = access(*REHEARSALS[verb], "--dry-run")
    assert told["dry_run"] is True
    assert told.get("token") is None
    assert {one.username for one in list_users()} == {"root", "defne"}
    assert (get_user("defne").is_active, get_user("defne").roles) == (True, ["rep"])
    assert [one.name for one in list_tokens(get_user("defne"))] == ["nightly"]


@pytest.mark.parametrize("words", [("user", "list"), ("role", "list"), ("token", "list"), REHEARSALS["close"]])
def test_an_answer_carries_the_keys_of_every_answer(words, access, defne):
    told = access(*words)
    assert told["schema"] == "hedef.access/1"
    assert {"as_of", "known_at", "issues", "trust", "fingerprint"} <= set(told)
