"""The command line and the API say the same as the queries, with the exit codes of the contract."""

import json
from datetime import UTC, datetime

import pytest

from hedef import cli
from hedef.access.services import create_user, make_token


@pytest.fixture
def east(company):
    company.team("East")
    company.person("Ada", ("East", None, None))
    company.person("Bo", ("East", None, None))
    return company


@pytest.fixture
def hedef(capsys):
    """Runs a command; answers exit code and the JSON it printed (or its text)."""

    def run(*argv):
        code = cli.run([str(word) for word in argv])
        out = capsys.readouterr().out
        return code, json.loads(out) if "--json" in argv else out

    return run


SPLIT = ("targets", "split", "--plan", "sales", "--period", "2017-Q3", "--total", "300000.00", "--round-to", "1000.00")


def test_a_plan_in_three_commands(hedef, east):
    code, made = hedef(*SPLIT, "--json")
    assert (code, made["plan"], made["state"]) == (0, "sales@1", "draft")
    assert [line["value"] for line in made["lines"]] == ["300000.00", "300000.00", "150000.00", "150000.00"]

    code, published = hedef("targets", "publish", "--plan", "sales", "--json")
    assert (code, published["state"], published["self_approved"]) == (0, "effective", True)

    code, board = hedef("scoreboard", "--period", "2017-Q3", "--as-of", "2017-08-31", "--json")
    assert (code, board["schema"], board["total"]["target"]) == (0, "hedef.scoreboard/1", "300000.00")
    assert hedef("targets", "scoreboard", "--period", "2017-Q3", "--as-of", "2017-08-31", "--json")[1] == board


def test_the_board_as_a_table_names_teams_and_the_method(hedef, east):
    hedef(*SPLIT, "--publish")

    code, text = hedef("scoreboard", "--period", "Q3 2017", "--as-of", "2017-08-31")

    assert code == 0
    assert "43 of 63 (working days)" in text
    assert "East" in text
    assert "behind" in text


def test_why_as_a_table(hedef, east):
    hedef(*SPLIT, "--publish")

    code, trace = hedef(
        "scoreboard",
        "--period",
        "2017-Q3",
        "--as-of",
        "2017-08-31",
        "--why",
        "company",
        "--field",
        "expected",
        "--json",
    )

    assert code == 0
    assert [step["label"] for step in trace["steps"]] == ["lines", "target", "expected"]


def test_dry_run_of_a_split_writes_nothing(hedef, east):
    code, made = hedef(*SPLIT, "--dry-run", "--json")
    assert (code, made["plan"], made["dry_run"], len(made["lines"])) == (0, None, True, 4)
    assert hedef("targets", "show", "--json")[1]["plans"] == []


def test_an_import_is_published_where_nobody_else_could_approve_it(hedef, east, write):
    file = write("person,period,value\nAda,2017-Q3,1000\n")

    code, answer = hedef("targets", "import", file, "--plan", "quotas", "--json")

    assert (code, answer["schema"], answer["plan"], answer["plan_state"]) == (
        0,
        "hedef.import/1",
        "quotas@1",
        "effective",
    )
    code, again = hedef("targets", "import", file, "--plan", "quotas", "--json")
    assert (code, again["unchanged"], again["nothing_changed"], again["batch"]) == (0, 1, True, None)


def test_an_import_waits_where_somebody_else_may_approve(hedef, east, write):
    create_user(username="selin", name="Selin", roles=["operations"], now=datetime(2026, 11, 17, tzinfo=UTC))
    file = write("person,period,value\nAda,2017-Q3,1000\n")

    code, answer = hedef("targets", "import", file, "--plan", "quotas", "--json")
    assert (code, answer["plan_state"]) == (0, "draft")
    assert hedef("targets", "publish", "--plan", "quotas", "--json")[0] == 3
    code, done = hedef("targets", "publish", "--plan", "quotas", "--as", "selin", "--json")
    assert (code, done["state"], done["version"]["approver"]) == (0, "effective", "selin")


def test_rejects_give_exit_1_questions_exit_4_and_wrong_use_exit_2(hedef, east, write):
    wrong = write("person,period,value\nNobody,2017-Q3,1000\n", "wrong.csv")
    unclear = write("person,period,value\nAda,2017-Q3,1.000\n", "unclear.csv")

    assert hedef("targets", "import", wrong, "--plan", "q", "--json")[0] == 1
    code, asked = hedef("targets", "import", unclear, "--plan", "q", "--json")
    assert (code, asked["decisions"][0]["what"]) == (4, "decimal_mark")
    code, told = hedef("targets", "import", "nowhere.csv", "--plan", "q", "--json")
    assert (code, told["code"]) == (2, "not_found")
    code, told = hedef("scoreboard", "--period", "2017-Q3", "--json")
    assert (code, told["code"]) == (2, "no_effective_plan")


def test_show_lists_versions_and_lines(hedef, east):
    hedef(*SPLIT)

    assert "draft" in hedef("targets", "show")[1]
    code, told = hedef("targets", "show", "--plan", "sales", "--period", "Q3 2017", "--json")
    assert (code, told["schema"], len(told["lines"])) == (0, "hedef.targets/1", 4)


def test_phase_evenly_and_publish_at_once(hedef, east):
    hedef(*SPLIT)

    code, told = hedef(
        "targets", "phase", "--plan", "sales", "--period", "2017-Q3", "--by", "even", "--publish", "--json"
    )

    assert code == 0
    assert [line["value"] for line in told["lines"][:3]] == ["100000.00", "100000.00", "100000.00"]


# --- HTTP -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tokens(home):
    found = {}
    for username, roles in (("defne", ["operations"]), ("selin", ["finance"]), ("deniz", ["rep"])):
        create_user(username=username, name=username.title(), roles=roles, now=datetime(2026, 11, 17, tzinfo=UTC))
        _, plain = make_token(username=username, name="test", now=datetime.now(UTC))
        found[username] = {"Authorization": f"Bearer {plain}"}
    return found


def post(client, path, body, headers):
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_the_api_splits_publishes_and_shows_the_same_board(client, east, tokens, hedef):
    body = {"plan": "sales", "period": "2017-Q3", "total": "300000.00"}
    assert post(client, "/targets/split", body, tokens["defne"]).json()["state"] == "draft"
    assert post(client, "/targets/publish", {"plan": "sales"}, tokens["defne"]).json()["state"] == "simulated"
    assert post(client, "/targets/publish", {"plan": "sales"}, tokens["selin"]).json()["state"] == "effective"

    answer = client.get("/api/v1/targets/scoreboard?period=2017-Q3&as_of=2017-08-31", headers=tokens["defne"])

    assert answer.status_code == 200
    assert answer.json() == hedef("scoreboard", "--period", "2017-Q3", "--as-of", "2017-08-31", "--json")[1]
    plans = client.get("/api/v1/targets?plan=sales", headers=tokens["selin"]).json()
    assert (plans["plan"], plans["state"], len(plans["lines"])) == ("sales@1", "effective", 4)
    why = client.get(
        "/api/v1/targets/why?scope=company&period=2017-Q3&as_of=2017-08-31&field=gap", headers=tokens["defne"]
    )
    assert [step["label"] for step in why.json()["steps"]] == ["lines", "target", "actual", "expected", "gap"]


def test_a_rep_plans_nothing_and_sees_nobody_else(client, east, tokens):
    body = {"plan": "sales", "period": "2017-Q3", "total": "300000.00"}
    assert post(client, "/targets/split", body, tokens["deniz"]).status_code == 403
    post(client, "/targets/split", body, tokens["defne"])
    post(client, "/targets/publish", {"plan": "sales"}, tokens["selin"])

    answer = client.get(
        "/api/v1/targets/scoreboard?period=2017-Q3&as_of=2017-08-31&by=person", headers=tokens["deniz"]
    ).json()

    assert (answer["rows"], answer["total"]["target"]) == ([], None)  # the user stands for no person


def test_a_board_that_is_not_there_is_404_and_a_wrong_period_400(client, east, tokens):
    assert client.get("/api/v1/targets/scoreboard?period=2017-Q3", headers=tokens["defne"]).status_code == 404
    assert client.get("/api/v1/targets/scoreboard?period=soon", headers=tokens["defne"]).status_code == 400
    assert client.get("/api/v1/targets/scoreboard?period=2017-Q3").status_code == 401
