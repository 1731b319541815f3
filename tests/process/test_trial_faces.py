"""A trial from the draft of a process to its verdict, on the command line and for programs."""

import json
from datetime import date

import pytest

from hedef import cli
from hedef.definitions.services import add, approve
from hedef.kernel.errors import InvalidDocument
from hedef.process.queries.trials import trial
from hedef.process.services import move_deal
from tests.process.conftest import PROCESS, at, make_deal

TRIAL = """
kind: process-trial
id: written-need
name: {en: Need in writing, tr: Yazılı ihtiyaç}
owner: operations
hypothesis: {en: It lifts conversion., tr: Dönüşümü artırır.}
change: sales@2
outcome: {convert: [call, offer], within_days: 10, better: up}
design: {kind: split, unit: deal, share: 0.5}
dates: [2026-01-04, 2026-01-10]
smallest_effect: 0.5
"""


@pytest.fixture
def tried(company):
    draft = PROCESS.replace("version: 1", "version: 2").replace("level: block", "level: warn")
    add(actor="olga", text=draft)
    add(actor="olga", text=TRIAL)
    for place in range(6):
        deal = make_deal(f"Deal {place}", company.ann, since=at(1, 5))
        if place % 2:
            move_deal(deal=deal, stage="offer", actor="ann", at_us=at(1, 8))
    return company


def test_a_trial_names_a_version_and_stages_that_are_there(company):
    with pytest.raises(InvalidDocument, match="line 7, column 9: change: there is no process version sales@2"):
        add(actor="olga", text=TRIAL)
    add(actor="olga", text=PROCESS.replace("version: 1", "version: 2"))
    with pytest.raises(InvalidDocument, match=r"line 8, column 27: outcome.convert\[1\]: sales@2 has no stage gone"):
        add(actor="olga", text=TRIAL.replace("[call, offer]", "[call, gone]"))
    with pytest.raises(InvalidDocument, match="leads from an earlier stage"):
        add(actor="olga", text=TRIAL.replace("[call, offer]", "[offer, call]"))


def test_a_running_trial_shows_its_plan_and_nothing_to_peek_at(tried):
    found = trial("written-need", as_of=date(2026, 1, 15)).as_json()
    assert (found["state"], found["verdict"], found["verdict_from"]) == ("running", "running", "2026-01-21")
    assert (found["old"], found["new"], found["difference"], found["cases"]) == (None, None, None, 8)
    assert [one["code"] for one in found["issues"]] == ["trial_without_base"]


def test_a_finished_trial_says_its_verdict_in_every_face(tried, capsys):
    found = trial("written-need", as_of=date(2026, 1, 21)).as_json()
    arms = found["old"], found["new"]
    # Harbour pumps and 3 deals stay in the first stage; Mill filters began in the second, which reaches it at once
    assert sum(arm["cases"] for arm in arms) == 8
    assert sum(arm["total"] for arm in arms) == 4
    assert (found["state"], found["verdict"]) == ("finished", "not_enough_data")
    assert cli.run(["process", "trial", "written-need", "--json", "--as-of", "2026-01-21"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {**told, "as_of": ""} == {**found, "as_of": ""}
    assert cli.run(["process", "trial"]) == 0
    assert "written-need" in capsys.readouterr().out


def test_the_owner_alone_approves_a_trial(tried):
    assert approve(kind="process-trial", id="written-need", actor="olga").state == "effective"
