"""Pages of documents: who sees what, who may do what and why not, and the editor of a kind without a form."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from hedef.access.queries import approvers_of
from hedef.access.services import create_user
from hedef.definitions import services
from hedef.definitions.queries import get, versions
from hedef.definitions.services import register_approvers
from tests.metrics.test_pages import text_of

pytestmark = pytest.mark.usefixtures("home")
NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
PAGE = "/definitions/ageing/new-business"


@pytest.fixture
def people():
    register_approvers(approvers_of)
    found = {}
    for username, role in (("defne", "operations"), ("ayca", "manager"), ("deniz", "rep"), ("levent", "finance")):
        made = create_user(username=username, name=username, roles=[role], now=NOW)
        found[username] = Client()
        found[username].force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return found


def step(client, page, act, **more):
    return client.post(f"{page}/step", {"act": act, **more})


def test_signed_out_people_go_to_the_sign_in(client, ageing):
    services.add(text=ageing, actor="defne")
    for address in ("/definitions/", PAGE, f"{PAGE}/edit", "/definitions/ageing/new"):
        assert client.get(address).status_code == 302
    assert client.post(f"{PAGE}/step", {"act": "approve"}).status_code == 302


def test_a_rep_reads_what_is_approved_and_no_draft(people, ageing):
    services.add(text=ageing, actor="defne")
    assert people["deniz"].get(PAGE).status_code == 404
    assert "Ageing" not in text_of(people["deniz"].get("/definitions/").text)
    services.approve(kind="ageing", id="new-business", actor="defne")
    services.add(text=ageing.replace("14", "15"), actor="defne")
    words = text_of(people["deniz"].get(PAGE).text)
    assert "days: 14" in words
    assert "days: 15" not in words
    assert "Only operations write definitions." in words
    assert people["deniz"].get(f"{PAGE}/edit").status_code == 403
    assert people["deniz"].get(f"{PAGE}/simulation?version=2").status_code == 404


def test_the_list_says_what_waits_for_whom(people, plan):
    services.add(document=plan, actor="defne")
    services.simulate(kind="target-plan", id="sales-2017", actor="defne")
    assert "One document waits for you." in text_of(people["ayca"].get("/definitions/").text)
    assert "Nothing waits for you." in text_of(people["defne"].get("/definitions/").text)
    assert "sales-2017" in text_of(people["ayca"].get("/definitions/?kind=target-plan").text)
    assert "sales-2017" not in text_of(people["ayca"].get("/definitions/?kind=ageing").text)
    assert people["ayca"].get("/definitions/?kind=nothing").status_code == 404


def test_an_act_that_is_not_allowed_says_why(people, plan):
    services.add(document=plan, actor="defne")
    page = "/definitions/target-plan/sales-2017"
    assert "Simulate it first" in text_of(people["ayca"].get(page).text)
    step(people["defne"], page, "simulate", version=1)
    words = text_of(people["defne"].get(page).text)
    assert "You wrote at it: a second person approves it. These may: ayca, levent." in words
    step(people["defne"], page, "approve", version=1)
    assert get("target-plan", "sales-2017").state == "simulated"
    step(people["deniz"], page, "approve", version=1)
    assert get("target-plan", "sales-2017").state == "simulated"
    step(people["levent"], page, "approve", version=1, reason="as agreed")
    assert get("target-plan", "sales-2017").approver == "levent"
    assert "“as agreed”" in text_of(people["defne"].get(page).text)


def test_a_kind_without_a_form_is_written_as_text_with_the_same_checks(people, ageing):
    page = people["defne"].get("/definitions/ageing/new")
    assert 'id="form"' not in page.text
    wrong = ageing.replace("days: 14", "days: fourteen")
    answer = people["defne"].post("/definitions/ageing/new", {"text": wrong, "act": "save"})
    assert answer.status_code == 422
    assert "line 6, column 23" in text_of(answer.text)
    assert unescape(answer.text).count("fourteen") >= 2  # in the text, and quoted with its line
    made = people["defne"].post("/definitions/ageing/new", {"text": "# why\n" + ageing, "act": "save"})
    assert made.url == PAGE
    assert "# why" in people["defne"].get(PAGE).text
    assert "# why" in people["defne"].get(f"{PAGE}/edit").text
    again = people["defne"].post("/definitions/ageing/new", {"text": ageing, "act": "save"})
    assert "There is a document with this id already." in text_of(again.text)


def test_a_text_that_is_no_yaml_is_shown_again_with_its_place(people):
    answer = people["defne"].post("/definitions/ageing/new", {"text": "kind: [", "act": "save"})
    assert answer.status_code == 422
    assert "kind: [" in answer.text
    assert "This is no YAML" in text_of(answer.text)


def test_the_editor_answers_htmx_with_the_parts_that_changed(people, ageing):
    answer = people["defne"].post(
        "/definitions/ageing/new", {"text": ageing, "before": ageing}, headers={"HX-Request": "true"}
    )
    assert "<html" not in answer.text
    assert 'id="gutter"' in answer.text
    assert "<textarea" not in answer.text


def test_two_versions_are_compared_line_by_line_and_in_plain_words(people, ageing):
    services.add(text=ageing, actor="defne")
    services.approve(kind="ageing", id="new-business", actor="defne")
    services.add(text=ageing.replace("days: 14", "days: 10"), actor="defne")
    page = people["defne"].get(PAGE).text
    assert "<del>  - {id: needs, days: 14}</del><ins>  - {id: needs, days: 10}</ins>" in page
    assert "limits[needs].days 14 → 10" in text_of(page)
    assert people["defne"].get(f"{PAGE}?before=7").status_code == 404


def test_undo_needs_a_reason_and_keeps_it(people, ageing):
    services.add(text=ageing, actor="defne")
    step(people["defne"], PAGE, "undo", version=1)
    assert get("ageing", "new-business").state == "draft"
    step(people["defne"], PAGE, "undo", version=1, reason="too early")
    assert versions("ageing", "new-business")[0].state == "retired"
    assert "“too early”" in text_of(people["defne"].get(PAGE).text)
    assert step(people["defne"], PAGE, "approve", version=1).status_code == 400
