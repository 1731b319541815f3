"""The pages of plans and letters: from a total to what is in force, by forms that post without script."""

import re
from datetime import date

import pytest

from hedef.targets import queries
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan
from tests.targets.test_pages import text_of, user

SPLIT = {
    "plan": "sales-2017",
    "period": "2017-Q3",
    "total": "300000.00",
    "weights": "equal",
    "round_to": "1000",
    "metric": "won_value",
    "reason": "Plan of the year",
}


@pytest.fixture
def two(company):
    company.team("North")
    company.person("Ayşe Yılmaz", ("North", None, None))
    company.person("Işık Demir", ("North", None, None))
    company.person("Mert Kaya", ("North", None, None), role="manager")
    for name in ("Ayşe Yılmaz", "Işık Demir"):
        company.add_manager(name, "Mert Kaya")
    company.won("Ayşe Yılmaz", date(2017, 5, 10), 4_000_000)
    return company


def test_a_split_is_tried_on_the_page_and_nothing_is_written_before_it_is_kept(two):
    ops = user("selin", "operations")
    tried = ops.get("/targets/split", SPLIT)
    assert tried.status_code == 200
    words = text_of(tried.content.decode())
    assert "$150,000.00" in words
    assert "$40.0k" in words  # what she won in the quarter before
    assert ops.get("/targets").status_code == 200
    assert "No plan yet" in text_of(ops.get("/targets").content.decode())

    kept = ops.post("/targets/split", SPLIT)
    assert (kept.status_code, kept.url) == (302, "/targets/plans/sales-2017?period=2017-Q3")
    words = text_of(ops.get(kept.url).content.decode())
    assert "Version 1: draft." in words
    assert "Plan of the year" in words


def test_a_wrong_total_is_a_sentence_not_an_error_page(two):
    ops = user("selin", "operations")
    answer = ops.get("/targets/split", SPLIT | {"total": "much"})
    assert answer.status_code == 400 or answer.status_code == 422
    assert "is no number" in text_of(answer.content.decode())


def test_a_manager_adjusts_within_the_own_teams_and_the_gap_is_shown(two):
    ops, boss = user("selin", "operations"), user("mert", "manager", person=two.people["Mert Kaya"])
    ops.post("/targets/split", SPLIT)
    ayse = f"person:P-{two.people['Ayşe Yılmaz']}"
    form = {"period": "2017-Q3", ayse: "170000", "reason": "New accounts"}
    tried = boss.post("/targets/plans/sales-2017/adjust", form | {"try": "yes"})
    assert tried.status_code == 200
    assert "+$20,000.00" in text_of(tried.content.decode())
    assert boss.post("/targets/plans/sales-2017/adjust", form | {"reason": ""}).status_code in (400, 422)

    assert boss.post("/targets/plans/sales-2017/adjust", form | {"keep_sum": "yes"}).status_code == 302
    values = {line["scope"]: line["value"] for line in queries.plan_json("sales-2017")["lines"]}
    assert (values[ayse], values[f"person:P-{two.people['Işık Demir']}"]) == ("170000.00", "130000.00")


def test_a_number_that_nobody_touched_is_typed_as_exactly_as_it_stands(two):
    options = PlanOptions(metric="won_value", currency="KWD")  # three decimals
    order = SplitOrder("gulf", "2017-Q3", total="1000.002", weights="equal", round_to="0.001", options=options)
    split_plan(order, actor="selin", as_of=date(2017, 6, 30))
    ops = user("selin", "operations")
    form = ops.get("/targets/plans/gulf/adjust?period=2017-Q3").content.decode()
    typed = dict(re.findall(r'name="(\w+:[PT]-\d+)" value="([^"]*)" inputmode', form))
    assert sorted(typed.values()) == ["1000.002", "500.001", "500.001"]


def test_a_sum_is_kept_by_the_own_people_alone(two):
    two.team("South")
    two.person("Zoe Bell", ("South", None, None))
    ops, boss = user("selin", "operations"), user("mert", "manager", person=two.people["Mert Kaya"])
    ops.post("/targets/split", SPLIT | {"levels": "company,person"})
    before = {line["scope"]: line["value"] for line in queries.plan_json("sales-2017")["lines"]}
    ayse, zoe = f"person:P-{two.people['Ayşe Yılmaz']}", f"person:P-{two.people['Zoe Bell']}"
    form = {"period": "2017-Q3", ayse: "90000", "reason": "New accounts", "keep_sum": "yes"}
    assert boss.post("/targets/plans/sales-2017/adjust", form).status_code == 302
    after = {line["scope"]: line["value"] for line in queries.plan_json("sales-2017")["lines"]}
    assert after[zoe] == before[zoe]


def test_a_second_person_approves_and_the_author_waits(two):
    ops, second = user("selin", "operations"), user("holly", "finance")
    ops.post("/targets/split", SPLIT)
    ops.post("/targets/plans/sales-2017/publish", {})
    assert "waits for approval" in text_of(ops.get("/targets").content.decode())
    assert second.post("/targets/plans/sales-2017/publish", {}).status_code == 302
    assert "in force" in text_of(second.get("/targets").content.decode())


def test_a_rep_reads_the_letter_and_answers_it(two):
    split_plan(SplitOrder("sales-2017", "2017-Q3", total="300000.00"), actor="local", as_of=date(2017, 6, 30))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)
    rep = user("ayse", "rep", person=two.people["Ayşe Yılmaz"])
    page = rep.get("/targets/letters/sales-2017").content.decode()
    assert "$150,000.00" in text_of(page)
    digest = page.split('name="hash" value="')[1].split('"')[0]
    empty = rep.post("/targets/letters/sales-2017", {"hash": digest, "answer": "disagreed", "sentence": ""})
    assert empty.status_code in (400, 422)
    assert rep.post("/targets/letters/sales-2017", {"hash": digest, "answer": "acknowledged"}).status_code == 302
    assert "acknowledged" in text_of(rep.get("/targets").content.decode())
    assert rep.get(f"/targets/letters/sales-2017?person=P-{two.people['Işık Demir']}").status_code == 404
    assert rep.get("/targets/plans/sales-2017").status_code == 403
