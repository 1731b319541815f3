"""The HTTP twins of `hedef definitions`: owner, colleague, stranger, signed out."""

import json
from datetime import UTC, datetime

import pytest

from hedef.access.queries import approvers_of
from hedef.access.services import create_user, make_token
from hedef.definitions.services import register_approvers

pytestmark = pytest.mark.usefixtures("home")
PLAN = "/target-plan/sales-2017"


@pytest.fixture
def call(client):
    register_approvers(approvers_of)
    tokens = {}
    for username, role in (("defne", "operations"), ("selin", "operations"), ("deniz", "rep")):
        create_user(username=username, name=username, roles=[role], now=datetime.now(UTC))
        tokens[username] = make_token(username=username, name="test", now=datetime.now(UTC))[1]

    def go(who, method, path="", body=None):
        headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
        text = "" if body is None else json.dumps(body)
        address = f"/api/v1/definitions{path}"
        answer = client.generic(method, address, text, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    return go


def test_a_plan_is_written_by_one_and_approved_by_another(call, plan):
    status, made = call("defne", "POST", "", {"document": plan})
    assert (status, made["reference"], made["state"]) == (201, "target-plan:sales-2017@1", "draft")
    assert call("deniz", "POST", "", {"document": plan})[0] == 403
    assert call("deniz", "POST", f"{PLAN}/approve", {})[0] == 403
    status, refused = call("defne", "POST", f"{PLAN}/approve", {})
    assert (status, refused["code"]) == (409, "second_person_missing")
    assert call("selin", "POST", f"{PLAN}/simulate", {})[1]["result"] == {"total": 3_300_000}
    status, approved = call("selin", "POST", f"{PLAN}/approve", {"version": 1})
    assert (status, approved["state"], approved["approver"]) == (200, "effective", "selin")


def test_everybody_who_is_signed_in_reads_documents(call, plan):
    call("defne", "POST", "", {"document": plan})
    call("defne", "POST", "", {"document": {**plan, "version": 2, "total": 1}})
    assert [one["version"] for one in call("deniz", "GET")[1]["documents"]] == [2]
    assert call("deniz", "GET", PLAN + "?version=1")[1]["document"]["total"] == 3_300_000
    assert [one["version"] for one in call("deniz", "GET", PLAN + "/versions")[1]["versions"]] == [1, 2]
    assert call("deniz", "GET", PLAN + "/diff?before=1&after=2")[1]["differences"] == [
        {"path": "total", "before": 3_300_000, "after": 1}
    ]
    assert call(None, "GET")[0] == 401


def test_undo_withdraws_and_bad_input_gets_a_message(call, plan):
    call("defne", "POST", "", {"document": plan})
    assert call("defne", "POST", f"{PLAN}/undo", {})[1]["state"] == "retired"
    assert call("defne", "POST", f"{PLAN}/undo", {"on": "soon"})[0] == 400
    assert call("defne", "POST", "", {})[0] == 400
    status, answer = call("defne", "POST", "", {"text": "kind: ageing\nid: [1"})
    assert (status, answer["code"]) == (422, "invalid_document")
    assert call("defne", "GET", "/target-plan/nothing")[0] == 404
    assert call("defne", "GET", "?kind=riddle")[0] == 404


def test_a_document_is_checked_and_its_users_are_named_without_a_write(call, plan):
    status, found = call("defne", "POST", "/check", {"document": {**plan, "total": "much"}})
    assert (status, found["reference"], [one["code"] for one in found["issues"]]) == (200, None, ["invalid_value"])
    status, found = call("defne", "POST", "/check", {"document": plan})
    assert (status, found["reference"], found["issues"]) == (200, "target-plan:sales-2017@1", [])
    assert call("defne", "GET", PLAN)[0] == 404
    assert call("deniz", "POST", "/check", {"document": plan})[0] == 403
    call("defne", "POST", "", {"document": plan})
    assert call("deniz", "GET", f"{PLAN}/uses")[1]["used_by"] == []


def test_an_approved_version_is_marked_effective_when_its_day_has_come(call, plan):
    call("defne", "POST", "", {"document": {**plan, "effective_from": "2999-01-01"}})
    assert call("selin", "POST", f"{PLAN}/approve", {})[1]["state"] == "approved"
    status, refused = call("selin", "POST", f"{PLAN}/effective", {})
    assert (status, "that day has not come" in refused["message"]) == (409, True)
