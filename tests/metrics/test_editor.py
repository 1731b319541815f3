"""The editor of metrics: form and text in step, mistakes at their place, cases, a second person, and the way back."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from hedef.access.services import create_user
from hedef.definitions import services
from hedef.definitions.queries import get, versions
from hedef.metrics.editor import blank
from tests.metrics.test_pages import text_of

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
PAGE = "/definitions/metric/won_value"


def user(username: str, *roles: str) -> Client:
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sold(company):
    company.person("Ada Lovelace", ("East", None, None))
    company.person("Barış Özdil", ("West", None, None))
    for owner, stage, amount, closed in (
        ("Ada Lovelace", "won", 100_000_00, date(2026, 10, 10)),
        ("Ada Lovelace", "lost", 70_000_00, date(2026, 10, 11)),
        ("Barış Özdil", "won", 30_000_00, date(2026, 11, 1)),
    ):
        company.deal(owner, (date(2026, 9, 3), "offer"), (closed, stage), amount=amount, name=f"Deal of {closed}")
    return company


@pytest.fixture
def defne(sold):
    return user("defne", "operations")


@pytest.fixture
def selin(defne):
    return user("selin", "operations")


def written(client, path=f"{PAGE}/edit"):
    """The text that stands in the editor."""
    from html import unescape

    return unescape(re.search(r"<textarea[^>]*id=\"text\"[^>]*>\n(.*?)</textarea>", client.get(path).text, re.S)[1])


def test_the_next_version_begins_with_the_cases_of_the_library(defne):
    text = written(defne)
    assert "version: 2" in text
    assert "amounts won in the quarter are added" in text
    page = text_of(defne.get(f"{PAGE}/edit").text)
    assert "No mistake" in page
    assert re.search(r"(\d+) of \1 passed", page)


def test_a_mistake_is_shown_at_its_line_and_column(defne):
    text = blank().replace("value: sign, when", "value: sign * amont, when")
    page = defne.post("/definitions/metric/new", {"text": text, "act": "check"})
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "amont" in one)
    column = text.splitlines()[line - 1].index("amont") + 1
    words = text_of(page.text)
    assert f"line {line}, column {column}" in words
    assert 'Closing has no column "amont".' in words
    assert f'<li class="bad">{line}</li>' in page.text
    assert defne.post("/definitions/metric/new", {"text": text, "act": "save"}).status_code == 422
    assert versions("metric", "new_metric") == []


def test_a_field_of_the_form_changes_its_line_and_leaves_the_comments(defne):
    text = blank()
    page = defne.post(
        "/definitions/metric/new", {"text": text, "before": text, "f.owner": "finance", "f.name.en": "New metric"}
    )
    assert "owner: finance" in page.text
    assert "# what proves it" in page.text
    assert page.text.count("owner: operations") == 0


def test_another_way_of_counting_takes_the_fields_it_has_no_use_for_out_of_the_text(defne):
    text = blank()
    page = defne.post("/definitions/metric/new", {"text": text, "before": text, "f.calc": "ratio"}).text
    shown = re.search(r"<textarea[^>]*id=\"text\"[^>]*>\n(.*?)</textarea>", page, re.S)[1]
    assert "calc: ratio" in shown
    assert "fact:" not in shown
    assert 'name="f.numerator"' in page


def test_a_new_metric_is_written_simulated_approved_by_another_and_shown(defne, selin):
    made = defne.post("/definitions/metric/new", {"text": blank(), "act": "save", "reason": "we need it"})
    assert made.url == "/definitions/metric/new_metric"
    step = "/definitions/metric/new_metric/step"
    assert "Simulate it first" in text_of(selin.get("/definitions/metric/new_metric").text)
    defne.post(step, {"act": "simulate", "version": 1})
    assert get("metric", "new_metric").state == "simulated"
    assert "a second person approves it" in text_of(defne.get("/definitions/metric/new_metric").text)
    defne.post(step, {"act": "approve", "version": 1})
    assert get("metric", "new_metric").state == "simulated"
    ahead = text_of(selin.get("/definitions/metric/new_metric/simulation").text)
    assert "3 of 3 cases passed" in ahead
    assert "0 rows before, 2 after" in ahead
    selin.post(step, {"act": "approve", "version": 1, "reason": "fits"})
    assert get("metric", "new_metric").state == "effective"
    shown = text_of(defne.get("/metrics/new_metric/?period=2026-Q4&as_of=2026-11-17").text)
    assert "New metric" in shown
    assert "2 Company, Q4 2026" in shown


def test_a_failing_case_keeps_a_version_from_being_simulated(defne):
    text = blank().replace("expect: 1", "expect: 2")
    page = defne.post("/definitions/metric/new", {"text": text, "act": "check"})
    assert "2 is expected, 1 comes out." in text_of(page.text)
    defne.post("/definitions/metric/new", {"text": text, "act": "save"})
    defne.post("/definitions/metric/new_metric/step", {"act": "simulate", "version": 1})
    assert get("metric", "new_metric").state == "draft"
    assert "2 is expected, 1 comes out." in text_of(defne.get("/definitions/metric/new_metric/simulation").text)


def test_a_part_of_a_ratio_that_would_break_its_cases_is_not_simulated(defne):
    text = written(defne, "/definitions/metric/won_deals/edit")
    lost = text.replace("outcome = 'won'", "outcome = 'lost'")
    services.add(text=re.sub(r"cases:.*", "", lost, flags=re.S), actor="defne")
    found = services.simulate(kind="metric", id="won_deals", actor="defne")
    assert found.stopped
    assert any(proof.of.startswith("metric:win_rate@") and not proof.passed for proof in found.proofs)


def test_who_uses_a_metric_is_named(defne):
    words = text_of(defne.get("/definitions/metric/won_deals").text)
    assert "metric:win_rate@1" in words
    assert "metric:average_deal@1" in words


def test_undo_takes_the_former_text_back(defne, selin):
    text = written(defne).replace("outcome = 'won'", "outcome = 'won' or outcome = 'lost'")
    services.add(text=re.sub(r"\ncases:.*", "\n", text, flags=re.S), actor="defne")
    page = f"{PAGE}/step"
    words = text_of(defne.get(PAGE).text)
    assert "Only rows where" in words
    defne.post(page, {"act": "undo", "version": 2})
    assert get("metric", "won_value").state == "draft"  # without a reason nothing is taken back
    defne.post(page, {"act": "undo", "version": 2, "reason": "not like this"})
    assert get("metric", "won_value").state == "retired"
    assert "not like this" in text_of(defne.get(PAGE).text)


def test_cases_in_a_file_that_is_not_kept_prove_nothing(defne):
    text = re.sub(r"# what proves it.*", "cases: somewhere.cases.yaml\n", blank(), flags=re.S)
    services.add(text=text, actor="defne")
    found = services.simulate(kind="metric", id="new_metric", actor="defne")
    assert found.stopped
    assert found.version.state == "draft"
