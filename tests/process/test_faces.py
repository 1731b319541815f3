"""Processes on the command line and for programs."""

import json
from datetime import UTC, datetime

import pytest

from hedef import cli
from hedef.access.services import create_user, make_token
from hedef.definitions.services import introduce

SALES = """
kind: process
id: {id}
version: 1
name: {{en: Sales, tr: Satış}}
owner: operations
stages:
  - {{id: call, name: {{en: Call, tr: Arama}}, order: 10, category: open}}
  - {{id: won, name: {{en: Won, tr: Kazanıldı}}, order: 30, category: won}}
  - {{id: lost, name: {{en: Lost, tr: Kaybedildi}}, order: 40, category: lost}}
"""


@pytest.fixture
def hedef(home, capsys):
    def run(*argv: str):
        code = cli.run([*argv, "--json", "--as-of", "2017-12-31"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_without_a_process_the_command_says_how_one_is_made(hedef):
    code, found = hedef("process", "show")
    assert (code, found["message"], found["hint"]) == (
        2,
        "There is no process yet.",
        "The first import of deals makes one.",
    )


def test_the_only_process_needs_no_name_and_several_need_one(hedef):
    introduce(actor="olga", text=SALES.format(id="sales"))
    code, found = hedef("process", "show")
    assert (code, found["process"]["reference"], len(found["versions"])) == (0, "process:sales@1", 1)
    introduce(actor="olga", text=SALES.format(id="renewals"))
    code, found = hedef("process", "check")
    assert (code, found["hint"]) == (2, "They are: renewals, sales.")


def test_check_has_every_key_of_the_contract(hedef):
    introduce(actor="olga", text=SALES.format(id="sales"))
    code, found = hedef("process", "check", "sales")
    assert code == 0
    assert list(found) == [
        "schema",
        "process",
        "version",
        "as_of",
        "known_at",
        "stages",
        "within_days",
        "conformance",
        "bottleneck",
        "compared_with",
        "findings",
        "issues",
        "trust",
        "fingerprint",
    ]
    assert [stage["stage"] for stage in found["stages"]] == ["call", "won", "lost"]
    assert found["stages"][0]["conversion"] is None
    assert [finding["code"] for finding in found["findings"]] == ["lost_reasons_missing"]


def test_programs_read_processes_and_their_health(home, client):
    introduce(actor="olga", text=SALES.format(id="sales"))
    create_user(username="olga", name="Olga", roles=["operations"], now=datetime(2026, 11, 17, tzinfo=UTC))
    _, token = make_token(username="olga", name="test", now=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/process", headers=headers).json()["processes"][0]["process"] == "sales"
    assert client.get("/api/v1/process/sales", headers=headers).json()["document"]["id"] == "sales"
    health = client.get("/api/v1/process/sales/health", headers=headers)
    assert (health.status_code, health.json()["schema"]) == (200, "hedef.process_check/1")
    assert client.get("/api/v1/process/nothing/health", headers=headers).status_code == 404
    assert client.get("/api/v1/process/sales/health").status_code == 401
