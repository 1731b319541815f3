"""The board's JSON has every agreed key, and command, API and page show the same figures for every kind of period."""

import json
import re
from datetime import date

import pytest

from hedef import cli
from hedef.targets.queries import scoreboard
from tests.targets.pages import make_plan, visitor, words_of

TOP = "schema plan metric unit currency period as_of known_at by pace rows total issues trust fingerprint".split()
ROW = (
    "scope name parent target original_target actual attainment expected pace points_to_pace gap needed_per_day band "
    "assigned over_assignment people acknowledged notes"
).split()
PERSON = ["team", "team_attainment", "team_pace", "status"]


@pytest.fixture
def worked(maven):
    make_plan()
    return maven


def told_by_command(capsys, period: str, by: str) -> dict:
    words = ["targets", "scoreboard", "--period", period, "--as-of", "2017-08-31", "--by", by, "--json"]
    assert cli.run(words) == 0
    return json.loads(capsys.readouterr().out)


def test_every_agreed_key_is_there_for_teams_and_people(worked, capsys):
    team, person = told_by_command(capsys, "2017-Q3", "team"), told_by_command(capsys, "2017-Q3", "person")
    assert set(TOP) <= set(team)
    assert set(ROW) <= set(team["rows"][0])
    assert set(ROW) <= set(team["total"])
    assert set(PERSON) <= set(person["rows"][0])
    assert set(PERSON) & set(team["rows"][0]) == set()


@pytest.mark.parametrize("period", ["2017-Q3", "2017-08", "2017-W35", "2017"])
def test_command_api_and_page_show_the_same_figures(worked, capsys, period):
    told = told_by_command(capsys, period, "team")
    defne = visitor("defne", "operations")
    api = defne.get(f"/api/v1/targets/scoreboard?period={period}&as_of=2017-08-31&by=team").json()
    assert (api["rows"], api["total"], api["fingerprint"]) == (told["rows"], told["total"], told["fingerprint"])
    for row in (told["total"], *told["rows"][:3]):
        drawer = defne.get(f"/targets/why?period={period}&as_of=2017-08-31&scope={row['scope']}&field=actual")
        shown = re.search(r'class="big">\s*([^<]+)<', drawer.text)
        assert shown is not None
        assert shown[1].strip().replace(",", "").lstrip("$") == row["actual"]


def test_an_empty_team_a_team_of_one_and_a_deal_without_team_stand_on_the_board(company):
    company.team("East")
    company.team("Empty")
    company.person("Ada Lovelace", ("East", None, None))
    company.person("Bo Stray")
    company.won("Ada Lovelace", date(2017, 7, 14), 100_00)
    company.won("Bo Stray", date(2017, 7, 14), 40_00)
    make_plan("sales-2017", "300000.00", weights="headcount")
    rows = {row.scope: row for row in scoreboard(period="2017-Q3", as_of=date(2017, 8, 31), by="tree").rows}
    empty, alone = rows[f"team:T-{company.teams['Empty']}"], rows[f"team:T-{company.teams['East']}"]
    assert (empty.people, empty.standing.actual or 0) == (0, 0)
    assert alone.standing.actual == 100_00
    page = visitor("defne", "operations").get("/targets/scoreboard?period=2017-Q3&as_of=2017-08-31&by=metrics")
    assert page.status_code == 200
    assert "$140" in words_of(page.text)


@pytest.mark.parametrize("period", ["2020-W53", "2021-W01", "2020-02", "2021"])
def test_week_53_and_its_neighbours_are_pages_beside_any_period(worked, period):
    defne = visitor("defne", "operations")
    for beside in ("", "&with=year_before"):
        assert defne.get(f"/targets/scoreboard?period={period}&as_of=2021-01-02{beside}").status_code == 200
