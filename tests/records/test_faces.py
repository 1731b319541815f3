"""`hedef records` and `/api/v1/records`: the same verbs, shapes and refusals of the contracts."""

import json
from datetime import date

import pytest
from django.test import Client

from hedef import cli
from hedef.access.services import make_token
from hedef.records import queries
from tests.records.conftest import NOW

HEAD = ["schema", "as_of", "known_at", "record", "last", "issues", "trust", "fingerprint"]


@pytest.fixture
def call(poyraz):
    """`call("olga", "get", "/person")` is status and JSON of `/api/v1/records/person`."""

    tokens: dict[str, str] = {}

    def ask(username: str, method: str, path: str, body=None):
        token = tokens.get(username) or make_token(username=username, name="test", now=NOW)[1]
        tokens[username] = token
        client = Client(headers={"authorization": f"Bearer {token}"})
        answer = client.generic(
            method.upper(), f"/api/v1/records{path}", json.dumps(body or {}), content_type="application/json"
        )
        return answer.status_code, json.loads(answer.content)

    return ask


@pytest.fixture
def hedef(poyraz, capsys):
    def run(*argv: str):
        code = cli.run(["records", *argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_record_has_every_field_under_its_outward_name(call, poyraz):
    status, told = call("olga", "get", f"/deal/D-{poyraz.deal}")
    assert (status, list(told)) == (200, HEAD)
    deal = told["record"]
    assert deal["id"] == f"D-{poyraz.deal}"
    assert [deal[name] for name in ("amount", "currency", "owner", "probability", "created_at")] == [
        "1200.50", "EUR", f"P-{poyraz.holly}", None, None,
    ]  # fmt: skip


def test_lists_are_cut_and_go_on_and_keep_the_scope(call, poyraz):
    status, told = call("olga", "get", "/person?limit=2")
    assert (status, len(told["records"]), told["next"]) == (200, 2, told["records"][-1]["id"])
    rest = call("olga", "get", f"/person?limit=2&after={told['next']}")[1]
    assert ([one["name"] for one in rest["records"]], rest["next"]) == (["Ali Isık"], None)
    assert [one["id"] for one in call("holly", "get", "/account")[1]["records"]] == [f"A-{poyraz.acme}"]
    assert [one["name"] for one in call("olga", "get", "/person?q=ISIK")[1]["records"]] == ["Holly Işık", "Ali Isık"]


def test_a_record_is_made_changed_and_ended_and_the_past_is_answered(call):
    status, made = call(
        "olga",
        "post",
        "/price",
        {"fields": {"amount": "12.5", "currency": "KWD", "from_day": "2026-01-01"}, "reason": "x"},
    )
    assert (status, made["record"]["amount"]) == (201, "12.500")
    price = made["record"]["id"]
    status, ended = call("olga", "post", f"/price/{price}/end", {"on": "2026-07-01", "reason": "over"})
    assert (status, ended["record"]["to_day"], ended["record"]["ended_at"]) == (200, "2026-07-01", None)
    status, team = call("olga", "post", "/team", {"fields": {"name": "North"}, "since": "2026-03-01", "reason": "new"})
    north = team["record"]["id"]
    change = {"fields": {"name": "Far North"}, "since": "2026-04-01", "reason": "renamed", "based_on": team["last"]}
    assert call("olga", "patch", f"/team/{north}", change)[1]["record"]["name"] == "Far North"
    assert call("olga", "get", f"/team/{north}?as_of=2026-03-15")[1]["record"]["name"] == "North"
    assert call("olga", "get", f"/team/{north}?as_of=2026-02-15")[0] == 404
    status, refused = call("olga", "patch", f"/team/{north}", change | {"fields": {"name": "Near"}})
    assert (status, refused["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "word"),
    [
        ("get", "/moon", None, 404, "no kind of record"),
        ("get", "/person/P-999999", None, 404, "There is no person"),
        ("get", "/person?limit=0", None, 400, "between 1 and 500"),
        ("post", "/person", {"fields": {"colour": "red"}, "reason": "x"}, 400, "has no field colour"),
        ("post", "/person", {"fields": {}, "reason": "x"}, 400, "at least one field"),
        ("post", "/deal", {"fields": {"amount": "1.5", "currency": "JPY"}, "reason": "x"}, 400, "more decimals"),
        ("post", "/deal", {"fields": {"amount": "1", "currency": "XXL"}, "reason": "x"}, 400, "currency"),
        ("post", "/membership", {"fields": {"share": 0.5}, "reason": "x"}, 400, "write 0.5 as text"),
    ],
)
def test_wrong_calls_get_a_sentence(call, method, path, body, status, word):
    got, told = call("olga", method, path, body)
    assert got == status
    assert word in told["message"]


def test_only_operations_write_and_strangers_see_nothing(call, poyraz):
    edit = {"fields": {"name": "X"}, "reason": "x"}
    assert call("mia", "patch", f"/person/P-{poyraz.holly}", edit)[0] == 403
    assert call("holly", "get", f"/person/P-{poyraz.mia}")[0] == 404
    assert Client().get("/api/v1/records/person").status_code == 401


def test_the_commands_say_the_same(hedef, poyraz):
    code, told = hedef("show", "person", "holly")
    assert (code, list(told), told["record"]["name"]) == (0, HEAD, "Holly Işık")
    code, told = hedef("list", "team")
    assert [one["name"] for one in told["records"]] == ["Sales", "East", "West"]
    code, made = hedef("create", "person", "name=Ece Bulut", "email=ece@poyraz.example", "--reason", "joins")
    assert (code, made["record"]["name"]) == (0, "Ece Bulut")
    code, told = hedef("change", "person", "ece@poyraz.example", "country=TR", "--reason", "moved")
    assert told["record"]["country"] == "TR"
    code, told = hedef("move", "holly", "--team", "West", "--on", "2026-06-15", "--reason", "grows")
    assert queries.team_tree(date(2026, 6, 15)).team_of(poyraz.holly) == poyraz.west
    code, told = hedef("end", "person", "ece@poyraz.example", "--reason", "never came")
    assert (code, told["record"]["ended_at"] is not None) == (0, True)
    code, told = hedef("change", "person", "holly", "name=X")
    assert (code, told["code"]) == (2, "wrong_use")
    code, told = hedef("show", "person", "nobody")
    assert (code, told["code"]) == (2, "not_found")
