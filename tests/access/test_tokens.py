"""Tokens: shown once, kept as a digest, ended by time, by hand and with their user."""

from datetime import UTC, datetime, timedelta

import pytest

from hedef.access.models import KeptAnswer, Token
from hedef.access.services import (
    begin_call,
    create_user,
    finish_call,
    make_token,
    revoke_token,
    set_active,
    use_token,
)
from hedef.kernel.errors import NotFound, Refused, WrongUse

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)


@pytest.fixture
def defne(db):
    return create_user(username="defne", name="Defne Karaca", roles=["operations"], now=NOW)


def test_the_plain_token_opens_the_door_and_is_kept_nowhere(defne):
    token, plain = make_token(username="defne", name="nightly-import", now=NOW)
    assert plain.startswith("hedef_")
    assert plain not in str(Token.objects.values())
    assert use_token(plain, now=NOW) == defne
    assert use_token(plain + "x", now=NOW) is None
    assert Token.objects.get(pk=token.pk).last_used_at == NOW


def test_a_token_ends_on_its_last_moment(defne):
    _, plain = make_token(username="defne", name="week", now=NOW, days=7)
    assert use_token(plain, now=NOW + timedelta(days=7) - timedelta(seconds=1)) == defne
    assert use_token(plain, now=NOW + timedelta(days=7)) is None


def test_a_revoked_token_and_the_tokens_of_a_closed_user_end_at_once(defne):
    _, first = make_token(username="defne", name="first", now=NOW)
    _, second = make_token(username="defne", name="second", now=NOW, days=None)
    revoke_token(username="defne", name="first")
    assert use_token(first, now=NOW) is None
    assert use_token(second, now=NOW) == defne
    set_active(username="defne", active=False)
    assert use_token(second, now=NOW) is None
    with pytest.raises(NotFound):
        revoke_token(username="defne", name="first")


def test_a_token_needs_a_name_of_its_own_and_a_life(defne):
    make_token(username="defne", name="nightly", now=NOW)
    for wrong in ({"name": "nightly"}, {"name": " "}, {"name": "zero", "days": 0}):
        with pytest.raises(WrongUse):
            make_token(**{"username": "defne", "now": NOW} | wrong)


def test_the_same_call_gets_the_same_answer_and_another_body_is_refused(db):
    call = {"actor": "defne", "key": "k-1", "now": NOW}
    assert begin_call(**call, body_hash="a") is None
    with pytest.raises(Refused, match="still at work"):
        begin_call(**call, body_hash="a")
    finish_call(actor="defne", key="k-1", status=200, answer=b"{}", content_type="application/json")
    kept = begin_call(**call, body_hash="a")
    assert (kept.status, bytes(kept.answer)) == (200, b"{}")
    with pytest.raises(Refused, match="another call"):
        begin_call(**call, body_hash="b")
    assert begin_call(actor="ayca", key="k-1", body_hash="b", now=NOW) is None


def test_a_fault_of_ours_frees_the_key_so_that_the_call_can_be_repeated(db):
    call = {"actor": "defne", "key": "k-1", "body_hash": "a", "now": NOW}
    begin_call(**call)
    finish_call(actor="defne", key="k-1", status=500, answer=b"", content_type="text/plain")
    assert not KeptAnswer.objects.exists()
    assert begin_call(**call) is None
