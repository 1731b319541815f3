"""Facts in an S3-compatible store: equal to those on a disk, exclusive creation, a copy of each file once."""

import urllib.request
from dataclasses import replace

import pytest

from hedef.facts import services
from hedef.facts.queries import Question, ask, pin
from hedef.facts.store import home_store
from hedef.kernel.errors import Refused
from hedef.records.services import change, create

pytest.importorskip("obstore")
pytest.importorskip("moto.server")

AT = 1_790_000_000_000_000
OPEN = Question("test/open", "SELECT deal, owner, amount_minor FROM deal_now ORDER BY deal")


@pytest.fixture(scope="module")
def bucket():
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/hedef-facts", method="PUT")).close()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def remote(home, settings, bucket, request):
    settings.HEDEF = replace(
        settings.HEDEF,
        facts_url=f"s3://hedef-facts/{request.node.name[:40]}",
        s3_endpoint=bucket,
        s3_key="test",
        s3_secret="test",
    )
    return settings.HEDEF


def _deal(cents: int) -> int:
    fields = {"stage": "first", "status": "open", "amount_minor": cents, "currency": "USD"}
    return create(kind="deal", fields=fields, effective_us=AT, actor="test")


def test_facts_in_the_store_are_those_of_a_disk(remote, settings):
    first, second = _deal(100), _deal(250)
    change(kind="deal", entity=first, fields={"amount_minor": 175}, effective_us=AT + 1, actor="test")
    there = ask(OPEN, pin=pin()).as_dicts()
    remote_digest = pin().digest
    settings.HEDEF = replace(remote, facts_url="")
    assert ask(OPEN, pin=pin()).as_dicts() == there
    assert [(row["deal"], row["amount_minor"]) for row in there] == [(first, 175), (second, 250)]
    assert pin().digest == remote_digest


def test_a_change_is_seen_by_a_process_that_only_has_the_store(remote, settings, tmp_path):
    deal = _deal(100)
    pin()
    change(kind="deal", entity=deal, fields={"amount_minor": 300}, effective_us=AT + 1, actor="test")
    services.absorb()
    settings.HEDEF = replace(remote, home=tmp_path / "another-machine")
    assert ask(OPEN, pin=pin()).as_dicts()[0]["amount_minor"] == 300


def test_a_name_is_created_once_and_a_missing_one_is_said(remote):
    store = home_store()
    store.put_new("manifest/x", b"one")
    with pytest.raises(FileExistsError):
        store.put_new("manifest/x", b"two")
    assert store.read("manifest/x") == b"one"
    with pytest.raises(FileNotFoundError):
        store.read("manifest/y")
    assert (store.has("manifest/x"), store.has("manifest/y")) == (True, False)
    assert [one.name for one in store.list("manifest")] == ["manifest/x"]
    store.delete("manifest/x")
    assert not store.has("manifest/x")


def test_a_rebuild_in_the_store_equals_what_was_there(remote):
    _deal(100)
    before = pin().digest
    services.rebuild()
    assert pin().digest == before
    assert services.verify()[1] == []


def test_a_store_that_does_not_answer_is_a_refusal_that_names_the_settings(remote, settings):
    settings.HEDEF = replace(remote, s3_endpoint="http://127.0.0.1:9", facts_url="s3://nobody/x")
    with pytest.raises(Refused) as caught:
        home_store().read("manifest/x")
    assert "HEDEF_S3_ENDPOINT" in (caught.value.hint or "")
