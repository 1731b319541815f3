"""What can be done to what was recorded, on the command line and over HTTP: rights, refusals, the answer."""

import json
from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user, make_token
from hedef.cli import run as run_hedef
from hedef.ledger.queries import batches, head, history, verify
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.usefixtures("home")

DAY_US = 86_400_000_000
MAY_1 = 20_574 * DAY_US  # 2026-05-01


@pytest.fixture
def run(capsys):
    def go(*argv):
        capsys.readouterr()
        code = run_hedef(["ledger", *argv, "--json"])
        shown = capsys.readouterr()
        return code, json.loads(shown.out or shown.err)

    return go


@pytest.fixture
def deal():
    """A deal of Holly, open, 1,000.00 EUR; raised to 2,000.00 in June."""
    holly = services.create(kind="person", fields={"name": "Holly"}, effective_us=ALWAYS_US, actor="local")
    fields = {"stage": "proposal", "status": "open", "currency": "EUR", "amount_minor": 100_000, "owner": holly}
    made = services.create(kind="deal", fields=fields, effective_us=MAY_1, actor="local")
    raised = {"amount_minor": 200_000}
    services.change(kind="deal", entity=made, fields=raised, effective_us=MAY_1 + 31 * DAY_US, actor="zeynep")
    return made


def newest():
    return batches(last=1)[0]


def amount(deal):
    return queries.rows("deal", entities=[deal])[0]["amount_minor"]


def test_a_rehearsed_undo_lists_records_and_numbers_and_writes_nothing(run, deal):
    before, batch = head(), newest().number
    code, answer = run("undo", batch, "--dry-run")
    assert (code, head()) == (0, before)
    act = answer["act"]
    assert (act["verb"], act["undoes"], act["batch"], act["refused"]) == ("undo", batch, None, None)
    assert act["entities"] == [{"kind": "deal", "count": 1, "first": [f"D-{deal}"]}]
    told = [(one["number"], one["of"], one["count"], one["amount"]) for one in act["moves"]]
    assert ("open_pipeline", "EUR", 0, "-1000.00") in told


def test_an_undo_needs_a_reason_and_an_undo_of_it_brings_the_batch_back(run, deal):
    batch = newest().number
    code, answer = run("undo", batch)
    assert (code, answer["code"]) == (2, "wrong_use")
    code, answer = run("undo", batch, "--reason", "typed twice")
    assert (code, amount(deal)) == (0, 100_000)
    assert answer["batches"][0]["undoes"] == batch
    code, again = run("undo", batch, "--reason", "typed twice")
    assert (code, again["code"]) == (3, "refused")
    code, _ = run("undo", answer["act"]["batch"], "--reason", "it was right")
    assert (code, amount(deal)) == (0, 200_000)


def test_a_correction_reads_texts_and_amounts_in_major_units(run, deal):
    code, answer = run("correct", f"D-{deal}", "--set", "amount=1500.50", "--set", "stage=demo", "--reason", "typo")
    assert (code, answer["act"]["changes"], amount(deal)) == (0, 2, 150_050)
    for text in ("amount=1.234", "amount=much", "colour=red", "amount"):
        code, answer = run("correct", f"D-{deal}", "--set", text, "--reason", "typo")
        assert (code, answer["schema"]) == (2, "hedef.error/1"), text


def test_a_wrong_moment_is_named_by_its_change(run, deal):
    last = history(deal)[-1]
    code, _ = run(
        "correct",
        f"D-{deal}",
        "--change",
        f"{last.seal_no}:{last.ord}",
        "--at",
        "2026-07-01T00:00:00Z",
        "--reason",
        "x",
    )
    assert code == 0
    assert queries.state(deal, as_of_us=MAY_1 + 60 * DAY_US)["amount_minor"] == 100_000
    code, _ = run("void", f"D-{deal}", "--change", f"B-{newest().pk}:1", "--reason", "x")
    assert (code, amount(deal)) == (0, 100_000)


def test_two_records_are_merged_and_split(run):
    one, two = (
        services.create(kind="account", fields={"name": name}, effective_us=ALWAYS_US, actor="local")
        for name in ("Acme", "ACME")
    )
    code, answer = run("merge", f"A-{two}", "--into", f"A-{one}", "--take", "name", "--reason", "the same")
    assert (code, answer["batches"][0]["kind"]) == (0, "merge")
    assert queries.rows("account", entities=[one])[0]["name"] == "ACME"
    code, _ = run("split", f"A-{two}", "--reason", "no")
    assert (code, queries.survivor(two)) == (0, two)


def test_an_erasure_is_counted_then_done_and_verified(run):
    made = services.create(kind="contact", fields={"name": "Gül"}, effective_us=1, actor="local")
    code, answer = run("erase", f"C-{made}", "--dry-run")
    assert (code, answer["act"]["changes"], answer["act"]["batch"]) == (0, 1, None)
    code, answer = run("erase", f"C-{made}", "--reason", "she asked")
    assert (code, answer["act"]["changes"]) == (0, 1)
    code, answer = run("verify")
    assert (code, answer["verified"], [one["code"] for one in answer["issues"]]) == (0, True, ["words_erased"])
    assert run("erase", "--again")[1]["act"]["erased"] == []
    assert run("erase")[0] == 2


def test_a_record_that_is_not_what_the_ledger_says_is_found_by_verify(run, deal):
    from hedef.records.models import MODELS

    MODELS["deal"].objects.filter(entity=deal).update(amount_minor=1)
    code, answer = run("verify")
    assert (code, [one["code"] for one in answer["issues"]]) == (1, ["record_differs"])
    assert f"D-{deal}" in answer["issues"][0]["message"]


def test_words_whose_time_is_over_are_counted_then_blanked(run):
    lead = services.create(kind="lead", fields={"name": "Old"}, effective_us=1, actor="a")
    code, answer = run("retention", "--dry-run")
    assert (code, answer["act"]["records"]["lead"], answer["act"]["batches"]) == (0, 1, [])
    assert run("retention")[1]["act"]["batches"] == [newest().number]
    assert queries.rows("lead", entities=[lead])[0]["name"] is None


def test_who_has_not_the_right_is_refused(run, deal):
    create_user(username="rep", name="Rep", roles=["rep"], now=datetime(2026, 5, 1, tzinfo=UTC))
    before = head()
    for words in (
        ("undo", newest().number, "--reason", "x"),
        ("correct", f"D-{deal}", "--set", "stage=won", "--reason", "x"),
        ("erase", f"P-{deal - 1}", "--reason", "x"),
        ("merge", f"D-{deal}", "--into", f"D-{deal}", "--reason", "x"),
    ):
        code, answer = run(*words, "--as", "rep")
        assert (code, answer["code"]) == (3, "forbidden"), words
    assert head() == before


@pytest.fixture
def post(client):
    """A call of an operations user with a token."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    create_user(username="ops", name="Ops", roles=["operations"], now=now)
    token = make_token(username="ops", name="test", now=now, days=None)[1]

    def go(path, **body):
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.post(
            f"/api/v1/ledger/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        return answer.status_code, answer.json()

    return go


def test_the_same_verbs_over_http(post, deal):
    batch = newest().number
    status, answer = post(f"batches/{batch}/undo", reason="", dry_run=True)
    assert (status, answer["act"]["batch"]) == (200, None)
    status, answer = post(f"batches/{batch}/undo", reason="typed twice")
    assert (status, amount(deal), answer["batches"][0]["actor"]) == (200, 100_000, "ops")
    status, _ = post(f"entities/D-{deal}/correct", reason="typo", values={"amount": "7.00"})
    assert (status, amount(deal)) == (200, 700)
    last = history(deal)[-1]
    status, _ = post(f"entities/D-{deal}/void", reason="x", change=f"{last.seal_no}:{last.ord}")
    assert (status, amount(deal)) == (200, 100_000)
    assert post(f"batches/{batch}/undo", reason="again")[0] == 409
    assert post("batches/B-999/undo", reason="x")[0] == 404
    assert post(f"entities/D-{deal}/erase", reason="x")[0] == 409
    assert verify() == []


def test_over_http_merge_split_erase(post):
    one, two = (
        services.create(kind="lead", fields={"name": name, "email": "a@b.c"}, effective_us=5, actor="local")
        for name in ("Ali", "ALI")
    )
    assert post(f"entities/L-{two}/merge", reason="same", into=f"L-{one}")[0] == 200
    assert post(f"entities/L-{two}/split", reason="no")[0] == 200
    assert post(f"entities/L-{two}/erase", reason="asked")[1]["act"]["changes"] == 1
    assert queries.rows("lead", entities=[two])[0]["name"] is None


def test_signed_out_nobody_undoes(client, deal):
    answer = client.post(f"/api/v1/ledger/batches/{newest().number}/undo", "{}", content_type="application/json")
    assert answer.status_code == 401


def test_a_rehearsed_correction_and_merge_say_what_they_would_write_and_write_nothing(run, deal):
    told = {"effective_us": ALWAYS_US, "actor": "local"}
    one = services.create(kind="account", fields={"name": "Acme", "domain": "acme.test"}, **told)
    two = services.create(kind="account", fields={"name": "ACME Inc"}, **told)
    services.change(kind="deal", entity=deal, fields={"account": one}, effective_us=MAY_1, actor="local")
    before = head()
    code, answer = run("correct", f"D-{deal}", "--set", "amount=1500.50", "--dry-run")
    assert (code, head(), amount(deal)) == (0, before, 200_000)
    assert (answer["act"]["batch"], answer["act"]["changes"], answer["batches"]) == (None, 1, [])
    assert [(one["field"], one["before"], one["after"]) for one in answer["changes"][0]["fields"]] == [
        ("amount_minor", 200_000, 150_050)
    ]
    code, answer = run("merge", f"A-{one}", "--into", f"A-{two}", "--take", "domain", "--dry-run")
    assert (code, head()) == (0, before)
    assert {one["entity"] for one in answer["changes"]} == {f"A-{one}", f"A-{two}", f"D-{deal}"}
    assert queries.rows("deal", entities=[deal])[0]["account"] == one
    assert list(verify()) == []
    code, answer = run("merge", f"A-{one}", "--into", f"A-{two}", "--reason", "the same")
    assert (code, answer["act"]["seal_no"]) == (0, before.seal_no + 1)
    assert queries.rows("deal", entities=[deal])[0]["account"] == two
