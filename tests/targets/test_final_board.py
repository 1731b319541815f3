"""A board marked final is kept, refused on blocked data, and told again to the byte whatever happens later."""

import json
from datetime import date

import pytest

from hedef import cli
from hedef.intake.models import ImportJob, TrustState
from hedef.intake.trust.overrides import agree_override, ask_override
from hedef.ledger.queries import head
from hedef.settings import now

SPLIT = ("targets", "split", "--plan", "sales", "--period", "2017-Q3", "--total", "300000.00", "--round-to", "1000.00")
BOARD = ("scoreboard", "--period", "2017-Q3", "--as-of", "2017-08-31")


@pytest.fixture
def east(company):
    company.team("East")
    company.person("Ada", ("East", None, None))
    company.won("Ada", date(2017, 8, 1), 500_000)
    return company


@pytest.fixture
def hedef(capsys):
    def run(*argv):
        code = cli.run([str(word) for word in argv])
        caught = capsys.readouterr()
        return code, json.loads(caught.out) if "--json" in argv else caught.out + caught.err

    return run


def blocked():
    """The newest measurement of deals: one in ten rows was rejected."""
    job = {"source": "acme", "object": "deal", "file_name": "d.csv", "actor": "holly", "started_us": 1}
    ImportJob.objects.create(**job, state="done", exported_us=1)
    state = {"source": "acme", "object": "deal", "check_name": "domain", "level": "blocked", "measured": 1000}
    state |= {"bound": 300, "rows": 10, "judged": 100, "batch": 7, "seal_no": head().seal_no, "file_name": "d.csv"}
    TrustState.objects.create(**state)


def test_a_kept_board_is_told_again_to_the_byte_after_later_changes(hedef, east):
    hedef(*SPLIT, "--publish")
    code, made = hedef(*BOARD, "--final", "--json")
    assert (code, made["publication"]["kind"], made["publication"]["subject"]) == (0, "scoreboard", "sales/2017-Q3")
    assert made["total"]["actual"] == "5000.00"

    east.won("Ada", date(2017, 8, 2), 900_000)
    assert hedef(*BOARD, "--json")[1]["total"]["actual"] == "14000.00"
    code, told = hedef("publications", "replay", made["publication"]["no"], "--json")
    assert (code, told["replay"]["equal"], told["replay"]["head_equal"], told["issues"]) == (0, True, True, [])
    assert told["replay"]["replayed_digest"] == made["publication"]["body_digest"]


def test_a_final_board_on_blocked_data_is_refused_and_looking_is_not(hedef, east):
    hedef(*SPLIT, "--publish")
    blocked()
    code, board = hedef(*BOARD, "--json")
    assert (code, board["trust"]["level"]) == (0, "blocked")
    code, refused = hedef(*BOARD, "--final", "--json")
    assert (code, refused["code"]) == (3, "trust_blocked")
    assert "deal of acme: 10 of 100 rows were rejected" in refused["message"]
    assert refused["hint"] == "Mend the rejected rows: hedef import rejects-B-7.csv --fixes B-7."


def test_quotas_on_blocked_data_are_not_published_until_two_people_agree(hedef, east):
    hedef(*SPLIT)
    blocked()
    code, text = hedef("targets", "publish", "--plan", "sales")
    assert code == 3
    assert "Quotas of sales@1 rests on blocked data" in text

    today = now().date()
    when = {"today": today, "now_us": 1}
    asked = ask_override(source="acme", check="domain", reason="known", until=today, actor="local", **when)
    agree_override(asked.number, actor="local", **when)
    assert hedef("targets", "publish", "--plan", "sales", "--json")[1]["state"] == "effective"


def test_a_plan_that_comes_with_a_file_waits_as_a_draft_while_the_data_is_blocked(hedef, east, write):
    blocked()
    sheet = write("Team,Period,Target\nEast,2017-Q3,100000\n")
    code, made = hedef("targets", "import", sheet, "--plan", "quotas", "--metric", "won_value", "--json")
    assert code == 0, made
    shown = hedef("targets", "show", "--plan", "quotas", "--json")[1]
    assert shown["state"] in {"draft", "simulated"}


def test_the_page_keeps_a_board_and_says_what_blocks_it(hedef, east, client):
    from hedef.access.models import User
    from hedef.access.services import create_user
    from hedef.publications.models import Publication
    from hedef.publications.queries import publications

    hedef(*SPLIT, "--publish")
    create_user(username="frank", name="Frank", roles=["finance"], now=now())
    client.force_login(User.objects.get(username="frank"), backend="django.contrib.auth.backends.ModelBackend")
    board = "period=2017-Q3&as_of=2017-08-31"
    assert "Keep as final" in client.get(f"/targets/scoreboard?{board}").text
    kept = client.post(f"/targets/final?{board}", follow=True)
    number = Publication.objects.get().pk
    assert f"Kept as publication {number}." in kept.text
    assert hedef("publications", "replay", str(number), "--json")[1]["replay"]["equal"]
    blocked()
    refused = client.post(f"/targets/final?{board}")
    assert refused.status_code == 409
    assert "10 of 100 rows were rejected" in refused.text
    assert len(publications()) == 1


def test_each_row_of_a_board_carries_the_trust_of_its_own_people(hedef, east):
    east.team("West")
    east.person("Bo", ("West", None, None))
    east.won("Bo", date(2017, 8, 2), 100_000)
    hedef(*SPLIT, "--publish")
    blocked()
    rejected = [[east.people["Bo"], "2017-08", 10, 50], [east.people["Ada"], "2017-08", 0, 50]]
    TrustState.objects.update(slices=rejected)
    board = hedef(*BOARD, "--by", "person", "--json")[1]
    levels = {row["name"]: row["trust"]["level"] for row in board["rows"]}
    assert levels == {"Ada": "trusted", "Bo": "blocked"}
    assert board["total"]["trust"]["level"] == board["trust"]["level"] == "blocked"
    bo = next(row for row in board["rows"] if row["name"] == "Bo")
    assert "10 of 50 rows were rejected" in bo["trust"]["reasons"][0]


def test_a_period_without_rejected_rows_is_trusted(hedef, east):
    hedef(*SPLIT, "--publish")
    blocked()
    TrustState.objects.update(slices=[[east.people["Ada"], "2017-11", 10, 100]])
    assert hedef(*BOARD, "--json")[1]["trust"]["level"] == "trusted"
    blocked()
    TrustState.objects.filter(slices__isnull=True).update(slices=[[east.people["Ada"], "2017-09", 10, 100]])
    assert hedef(*BOARD, "--json")[1]["trust"]["level"] == "blocked"
