"""The same numbers on the command line and for programs, in the JSON of the contracts."""

import json
from datetime import UTC, date, datetime

import pytest

from hedef import cli
from hedef.access.services import create_user, make_token
from hedef.kernel.errors import WrongUse
from hedef.metrics import queries
from hedef.metrics.shipped import shipped_metrics

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)


def d(month: int, day: int) -> date:
    return date(2017, month, day)


@pytest.fixture
def board(company):
    ann = company.person("Ann", ("East", None, None))
    company.person("Bob", ("West", None, None))
    company.deal("Ann", (d(7, 1), "offer"), (d(8, 14), "won"), amount=100_00, name="Lathe")
    company.deal("Bob", (d(7, 3), "offer"), (d(7, 20), "lost"), amount=50_00)
    create_user(username="olga", name="Olga", roles=["operations"], now=NOW)
    create_user(username="ann", name="Ann", roles=["rep"], now=NOW, person=ann)
    return company


@pytest.fixture
def hedef(capsys, settings):
    """Runs a command on the open home and answers its exit code and JSON."""

    def run(*argv: str):
        code = cli.run([*argv, "--json", "--as-of", "2017-12-31"])
        return code, json.loads(capsys.readouterr().out)

    return run


KEYS = [
    "schema",
    "metric",
    "version",
    "name",
    "unit",
    "currency",
    "direction",
    "scope",
    "period",
    "as_of",
    "known_at",
    "value",
    "parts",
    "n",
    "interval",
    "complete",
    "matured",
    "open_members",
    "comparisons",
    "issues",
    "trust",
    "fingerprint",
]


def test_show_prints_every_key_of_the_contract(board, hedef):
    code, found = hedef("metrics", "show", "win_rate", "--period", "2017-Q3")
    assert (code, list(found)) == (0, KEYS)
    assert found["value"] == "0.5000"
    assert found["interval"] == {"level": 95, "low": "0.0945", "high": "0.9055"}
    assert [one["with"] for one in found["comparisons"]] == ["previous", "year_before"]


def test_a_ratio_of_nothing_is_none_and_says_why(board, hedef):
    code, found = hedef("metrics", "show", "win_rate", "--period", "2017-Q1")
    assert (code, found["value"], found["parts"]) == (0, None, {"numerator": 0, "denominator": 0})
    assert [(issue["code"], issue["level"]) for issue in found["issues"]] == [("nothing_counted", "info")]


def test_why_tells_the_steps_and_the_rows_of_a_number(board, hedef):
    code, found = hedef("metrics", "show", "win_rate", "--period", "2017-Q3", "--why")
    steps = {step["label"]: step["value"] for step in found["trace"]["steps"]}
    assert (code, found["value"], found["trace"]["definition"]) == (0, "0.5000", "win_rate@1")
    assert (steps["sum of won_deals"], steps["sum of decided_deals"]) == (1, 2)
    assert found["trace"]["rows"]


def test_show_by_team_lists_the_levels(board, hedef):
    code, found = hedef("metrics", "show", "won_value", "--period", "2017-Q3", "--by", "company,team")
    assert code == 0
    assert [(row["name"], row["value"]) for row in found["rows"]] == [
        ("company", "100.00"),
        ("Sales", "100.00"),
        ("East", "100.00"),
        ("West", "0.00"),
    ]


def test_rows_take_a_team_by_its_name_and_name_what_they_show(board, hedef):
    code, found = hedef("metrics", "rows", "won_value", "--period", "2017-Q3", "--scope", "team:East")
    assert code == 0
    assert (found["value"], found["total_rows"]) == ("100.00", 1)
    row = found["rows"][0]
    shown = {name: row[name] for name in ("name", "owner_name", "team_name", "day", "value", "currency", "n")}
    assert shown == {
        "name": "Lathe",
        "owner_name": "Ann",
        "team_name": "East",
        "day": "2017-08-14",
        "value": "100.00",
        "currency": "USD",
        "n": 1,
    }


def test_a_rep_on_the_command_line_sees_the_own_line_only(board, hedef):
    code, found = hedef("metrics", "show", "won_deals", "--period", "2017-Q3", "--by", "person", "--as", "ann")
    assert code == 0
    assert [row["name"] for row in found["rows"]] == ["Ann"]
    code, refused = hedef("metrics", "rows", "won_deals", "--period", "2017-Q3", "--scope", "person:Bob", "--as", "ann")
    assert (code, refused["code"]) == (2, "not_found")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("show", "nothing"), "not_found"),
        (("show", "won_value", "--period", "soon"), "wrong_use"),
        (("show", "activities", "--by", "product"), "wrong_use"),
        (("show", "won_value", "--scope", "team:Nord"), "not_found"),
        (("show", "won_value", "--compare", "yesterday"), "wrong_use"),
        (("rows", "won_value", "--scope", "planet:9"), "wrong_use"),
    ],
)
def test_what_cannot_be_asked_ends_with_exit_code_2(board, hedef, argv, code):
    ended, found = hedef("metrics", *argv)
    assert (ended, found["schema"], found["code"]) == (2, "hedef.error/1", code)


def test_compare_puts_every_team_beside_another_period(board, hedef):
    code, found = hedef("metrics", "compare", "won_value", "--period", "2017-08", "--with", "previous")
    assert code == 0
    rows = {row["name"]: (row["value"], row["comparisons"][0]["difference"]) for row in found["rows"]}
    assert rows == {
        "company": ("100.00", "100.00"),
        "Sales": ("100.00", "100.00"),
        "East": ("100.00", "100.00"),
        "West": ("0.00", "0.00"),
    }


def test_list_and_check_know_every_metric(home, hedef):
    code, found = hedef("metrics", "list")
    assert (code, len(found["metrics"])) == (0, len(shipped_metrics()))
    code, found = hedef("metrics", "check")
    assert (code, [one["issues"] for one in found["metrics"]]) == (0, [[]] * len(shipped_metrics()))


def test_check_of_a_file_runs_the_cases_beside_it(home, hedef, tmp_path):
    from hedef.metrics.shipped import LIBRARY

    text = (LIBRARY / "won_deals.yaml").read_text(encoding="utf-8")
    (tmp_path / "big_wins.yaml").write_text(text.replace("won_deals", "big_wins").replace("'won'", "'lost'"))
    (tmp_path / "big_wins.cases.yaml").write_text((LIBRARY / "won_deals.cases.yaml").read_text(encoding="utf-8"))
    code, found = hedef("metrics", "check", str(tmp_path / "big_wins.yaml"))
    assert code == 1
    assert {issue["code"] for issue in found["metrics"][0]["issues"]} == {"same_expression", "case_differs"}


@pytest.fixture
def tokens(board):
    made = {name: make_token(username=name, name="test", now=datetime.now(UTC))[1] for name in ("olga", "ann")}
    return {name: {"Authorization": f"Bearer {token}"} for name, token in made.items()}


def test_programs_get_the_same_answers(client, tokens, board):
    query = {"period": "2017-Q3", "as_of": "2017-12-31"}
    whole = client.get("/api/v1/metrics/won_value", query, headers=tokens["olga"]).json()
    assert (list(whole), whole["value"]) == (KEYS, "100.00")
    by_team = client.get("/api/v1/metrics/won_value", {**query, "by": "team"}, headers=tokens["olga"]).json()
    assert [row["value"] for row in by_team["rows"]] == ["100.00", "100.00", "0.00"]
    found = client.get("/api/v1/metrics/won_value/rows", query, headers=tokens["olga"]).json()
    assert [row["value"] for row in found["rows"]] == ["100.00"]
    trace = client.get("/api/v1/metrics/won_value/why", query, headers=tokens["olga"]).json()["trace"]
    assert trace["steps"][-1]["value"] == "100.00"
    known = client.get("/api/v1/metrics", headers=tokens["olga"]).json()["metrics"]
    assert "average_deal" in [one["metric"] for one in known]


def test_programs_of_a_stranger_or_a_rep_see_no_more_than_they_may(client, tokens, board):
    query = {"period": "2017-Q3", "as_of": "2017-12-31"}
    assert client.get("/api/v1/metrics/won_value", query).status_code == 401
    hidden = {**query, "scope": f"person:P-{board.people['Bob']}"}
    assert client.get("/api/v1/metrics/won_value", hidden, headers=tokens["ann"]).status_code == 404
    assert client.get("/api/v1/metrics/won_value/rows", hidden, headers=tokens["ann"]).status_code == 404
    own = {**query, "scope": f"person:P-{board.people['Ann']}"}
    assert client.get("/api/v1/metrics/won_value/rows", own, headers=tokens["ann"]).json()["value"] == "100.00"


def test_a_page_of_rows_costs_the_same_few_queries_for_one_row_and_for_three(
    client, tokens, board, django_assert_max_num_queries
):
    query = {"period": "2017-Q3", "as_of": "2017-12-31"}
    client.get("/api/v1/metrics/decided_deals/rows", query, headers=tokens["olga"])
    with django_assert_max_num_queries(25):
        client.get("/api/v1/metrics/decided_deals/rows", query, headers=tokens["olga"])
    for day in (1, 2, 3):
        board.deal("Bob", (d(9, day), "won"), amount=1)
    client.get("/api/v1/metrics/decided_deals/rows", query, headers=tokens["olga"])
    with django_assert_max_num_queries(25):
        client.get("/api/v1/metrics/decided_deals/rows", query, headers=tokens["olga"])


def test_a_currency_that_is_none_is_wrong_use(home):
    with pytest.raises(WrongUse, match="XXQ"):
        queries.setting(as_of=date(2017, 9, 30), currency="XXQ")
