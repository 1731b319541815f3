"""`hedef facts` and `GET /facts/status`, `hedef publications` and its twin: shapes and exit codes of the contracts."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from hedef import cli
from hedef.access.services import create_user, make_token
from hedef.facts import services
from hedef.facts.queries import pin
from hedef.kernel.trust import Trust
from hedef.publications.services import publish
from hedef.records.services import create

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
KEYS = [
    "schema", "as_of", "known_at", "version", "watermark", "tables", "equal", "differences", "issues", "trust",
    "fingerprint",
]  # fmt: skip


@pytest.fixture
def deal(home) -> int:
    fields = {"stage": "first", "status": "open", "amount_minor": 100, "currency": "USD"}
    return create(kind="deal", fields=fields, effective_us=1_490_000_000_000_000, actor="test")


@pytest.fixture
def hedef(deal, capsys):
    def run(*argv: str) -> tuple[int, dict]:
        code = cli.run([*argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_status_says_version_and_tables_without_absorbing(hedef):
    code, told = hedef("facts", "status")
    assert (code, list(told), told["version"]) == (0, KEYS, 0)
    services.absorb()
    code, told = hedef("facts", "status")
    assert (told["version"], told["watermark"]) == (1, pin().watermark)
    assert {"deal_now", "calendar", "change_deal"} <= {one["name"] for one in told["tables"] if one["rows"]}


def test_verify_exits_1_and_names_what_differs(hedef, settings):
    assert hedef("facts", "verify")[0] == 0
    path = settings.HEDEF.facts_dir / services.current().of("stage_visit")[0].path
    pl.read_parquet(path).with_columns(stage=pl.lit("forged")).write_parquet(path)
    code, told = hedef("facts", "verify")
    assert (code, told["equal"], [one["table"] for one in told["differences"]]) == (1, False, ["stage_visit"])


def test_rebuild_cures_it(hedef, settings):
    path = settings.HEDEF.facts_dir / services.absorb().of("deal_now")[0].path
    path.unlink()
    assert hedef("facts", "rebuild")[0] == 0
    assert hedef("facts", "verify")[0] == 0


def test_a_table_for_people_can_be_printed(deal, capsys):
    assert cli.run(["facts", "status"]) == 0
    assert "knows the ledger up to seal" in capsys.readouterr().out
    assert cli.run(["facts", "verify"]) == 0
    assert "were built a second time and are equal; deals agree with the records." in capsys.readouterr().out


def test_publications_are_listed_and_shown(hedef):
    body = {"schema": "test", "rows": ["1.00"]}
    given = {"definitions": {}, "pin": pin(), "as_of_us": None, "trust": Trust("trusted"), "actor": "holly"}
    made = publish(kind="scoreboard", subject="2017-Q3", body=body, made_at=NOON, **given)
    code, told = hedef("publications", "list")
    assert (code, [one["no"] for one in told["publications"]]) == (0, [made.no])
    code, told = hedef("publications", "show", str(made.no))
    assert (code, told["schema"]) == (0, "hedef.publications/1")
    assert (told["publication"]["body"], told["publication"]["fingerprint"]) == (body, made.fingerprint)
    code, told = hedef("publications", "show", "99")
    assert (code, told["code"]) == (2, "not_found")


def test_the_status_is_for_who_reads_all_data(deal, client):
    services.absorb()
    answers = {}
    for username, roles in (("defne", ["operations"]), ("deniz", ["rep"])):
        create_user(username=username, name=username, roles=roles, now=NOON, password="bosporus-wind")
        _, plain = make_token(username=username, name="test", now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {plain}"}
        answers[username] = client.get("/api/v1/facts/status", headers=headers)
        answers[f"{username} publications"] = client.get("/api/v1/publications", headers=headers)
    assert list(answers["defne"].json()) == KEYS
    assert answers["defne publications"].json()["publications"] == []
    assert {answers["deniz"].status_code, answers["deniz publications"].status_code} == {403}
    assert client.get("/api/v1/facts/status").status_code == 401
