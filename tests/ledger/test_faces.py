"""`hedef ledger` and its HTTP twin: owner, stranger, signed out; before and after of every change."""

import json
from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user, make_token
from hedef.cli import run as run_hedef
from hedef.ledger.models import LedgerBlock
from hedef.ledger.queries import head
from hedef.ledger.services import writing
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.usefixtures("home")

DAY_US = 86_400_000_000
MAY_1 = 20_574 * DAY_US  # 2026-05-01


@pytest.fixture
def run(capsys):
    def go(*argv):
        code = run_hedef(["ledger", *argv])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return go


@pytest.fixture
def deal():
    """A deal of Holly: proposal for 1,000 in May, in June 2,000, a late note that its stage was another, ended."""
    with writing(kind="import", actor="local", source="crm", object="deal", file_name="deals.csv") as batch:
        holly = services.create(
            kind="person", fields={"name": "Holly"}, effective_us=ALWAYS_US, actor="local", batch=batch
        )
        fields = {"stage": "proposal", "amount_minor": 1000, "owner": holly}
        made = services.create(kind="deal", fields=fields, effective_us=MAY_1, actor="local", batch=batch)
    change = {"kind": "deal", "entity": made, "actor": "zeynep"}
    services.change(**change, fields={"amount_minor": 2000}, effective_us=MAY_1 + 31 * DAY_US, reason="they want two")
    services.change(**change, fields={"stage": "demo"}, effective_us=MAY_1 + DAY_US)
    return {"deal": made, "holly": holly, "batch": batch.pk}


def told(run, *argv):
    code, out, _ = run(*argv, "--json")
    return code, json.loads(out)


def test_the_newest_batches_are_listed(run, deal):
    code, answer = told(run, "show", "--last", "3")
    assert code == 0
    assert set(answer) == {
        *("schema", "as_of", "known_at", "issues", "trust", "fingerprint"),
        *("seal_no", "entity", "verified", "act", "batches", "changes"),
    }
    assert (answer["schema"], answer["fingerprint"]) == ("hedef.ledger/1", f"sha256:{head().digest}")
    shown = [(one["kind"], one["actor"], one["source"], one["changes"], one["reason"]) for one in answer["batches"]]
    assert shown == [
        ("edit", "zeynep", None, 1, ""),
        ("edit", "zeynep", None, 1, "they want two"),
        ("import", "local", "crm", 2, ""),
    ]
    assert answer["batches"][2]["file"] == {"name": "deals.csv", "sha256": None}


def test_the_history_of_an_entity_says_before_and_after_in_the_order_things_became_true(run, deal):
    code, answer = told(run, "show", "--entity", f"D-{deal['deal']}")
    assert (code, answer["entity"]) == (0, f"D-{deal['deal']}")
    fields = [[(one["field"], one["before"], one["after"]) for one in change["fields"]] for change in answer["changes"]]
    assert fields == [
        [("stage", None, "proposal"), ("amount_minor", None, 1000), ("owner", None, deal["holly"])],
        [("stage", "proposal", "demo")],
        [("amount_minor", 1000, 2000)],
    ]
    assert [one["effective_at"] for one in answer["changes"]] == [
        "2026-05-01T00:00:00Z",
        "2026-05-02T00:00:00Z",
        "2026-06-01T00:00:00Z",
    ]
    assert all(one["counts"] for one in answer["changes"])


@pytest.mark.parametrize("before_us", [0, 7_200_000_000, DAY_US])
def test_what_is_true_since_always_has_no_moment_however_early_it_was_written(run, home, before_us):
    told_at = ALWAYS_US - before_us
    kim = services.create(kind="person", fields={"name": "Kim"}, effective_us=told_at, actor="local")
    code, answer = told(run, "show", "--entity", f"P-{kim}")
    assert code == 0
    assert [(one["effective_at"], one["precision"]) for one in answer["changes"]] == [(None, "always")]
    assert told(run, "show", answer["changes"][0]["batch"])[0] == 0


def test_a_history_stops_at_as_of_and_at_known_at(run, deal):
    name = f"D-{deal['deal']}"
    assert len(told(run, "show", "--entity", name, "--as-of", "2026-05-01")[1]["changes"]) == 1
    seal = head().seal_no
    known = told(run, "show", "--entity", name, "--known-at", str(seal - 1))[1]
    assert [one["change"] for one in known["changes"]] == [f"{seal - 2}:1", f"{seal - 1}:0"]


def test_a_batch_is_shown_with_its_changes(run, deal):
    code, answer = told(run, "show", f"B-{deal['batch']}", "--rows", "1", "--from", "1")
    assert code == 0
    assert [one["batch"] for one in answer["batches"]] == [f"B-{deal['batch']}"]
    assert [one["entity"] for one in answer["changes"]] == [f"D-{deal['deal']}"]
    code, out, _ = run("show", str(deal["batch"]))
    assert code == 0
    assert "proposal" in out


def test_a_voided_change_is_shown_as_one_that_counts_no_more(run, deal):
    columns = {"entity": [deal["deal"]], "effective_us": [MAY_1], "act": ["void"]}
    import pyarrow as pa

    with writing(kind="correct", actor="ops", reason="wrong deal") as batch:
        rows = pa.table(columns | {"void_batch": [deal["batch"]], "void_ord": [1]})
        services.apply_changes(batch=batch, kind="deal", rows=rows)
    changes = told(run, "show", "--entity", f"D-{deal['deal']}")[1]["changes"]
    assert [(one["act"], one["counts"]) for one in changes] == [
        ("set", False),
        ("void", True),
        ("set", True),
        ("set", True),
    ]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["show", "B-999999"], 2),
        (["show", "seven"], 2),
        (["show", "--entity", "D-999999"], 2),
        (["show", "--entity", "deal seven"], 2),
        (["show", "B-1", "--entity", "D-1"], 2),
        (["show", "--entity", "D-9999999999999999999"], 2),
    ],
)
def test_wrong_use_is_a_sentence(run, argv, code):
    shown = run(*argv)
    assert shown[0] == code
    assert "Traceback" not in shown[2]


def test_verify_says_yes_and_names_a_flipped_byte(run, deal):
    code, answer = told(run, "verify")
    assert (code, answer["verified"], answer["issues"]) == (0, True, [])
    block = LedgerBlock.objects.get(batch_id=deal["batch"], kind="deal")
    LedgerBlock.objects.filter(batch_id=deal["batch"], seq=block.seq).update(
        numbers=bytes(block.numbers).replace(b"1000", b"9000")
    )
    code, answer = told(run, "verify")
    assert (code, answer["verified"]) == (1, False)
    assert [(one["code"], one["object"]) for one in answer["issues"]] == [
        ("numbers_changed", f"B-{deal['batch']}/{block.seq}")
    ]
    assert run("verify")[0] == 1


# --- HTTP -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def get(client, deal):
    tokens = {}
    for username, role, person in (
        ("defne", "operations", None),
        ("holly", "rep", deal["holly"]),
        ("ali", "rep", None),
    ):
        create_user(username=username, name=username, roles=[role], person=person, now=datetime.now(UTC))
        tokens[username] = make_token(username=username, name="test", now=datetime.now(UTC))[1]

    def go(who, path):
        headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
        answer = client.get(f"/api/v1/ledger{path}", headers=headers)
        return answer.status_code, answer.json()

    return go


def test_operations_read_batches_and_histories_over_http(get, deal):
    assert get("defne", "/batches?last=2")[1]["batches"][0]["actor"] == "zeynep"
    assert len(get("defne", f"/batches/B-{deal['batch']}")[1]["changes"]) == 2
    status, answer = get("defne", f"/entities/D-{deal['deal']}?as_of=2026-05-02")
    assert (status, answer["as_of"], len(answer["changes"])) == (200, "2026-05-02", 2)


def test_an_owner_reads_the_own_deal_a_colleague_and_the_signed_out_do_not(get, deal):
    path = f"/entities/D-{deal['deal']}"
    assert get("holly", path)[0] == 200
    assert get("ali", path)[0] == 404
    assert get(None, path)[0] == 401
    assert get("holly", "/batches")[0] == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/batches?last=0", 400),
        ("/batches/seven", 404),
        ("/batches/B-999999", 404),
        ("/entities/deal", 404),
        ("/entities/99999999999999999999", 404),
        ("/entities/D-1?as_of=someday", 400),
    ],
)
def test_bad_input_gets_a_message(get, path, status):
    shown, answer = get("defne", path)
    assert (shown, answer["schema"]) == (status, "hedef.error/1")
