"""The improvement log: from an idea to a decision, and which processes are due for a review."""

import json
from datetime import date

import pytest

from hedef import cli
from hedef.definitions.queries import versions
from hedef.definitions.services import add, approve
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.process.improving import change_improvement, decide, log_idea
from hedef.process.queries.improving import improvement, improvements, review_due
from tests.process.conftest import PROCESS, at
from tests.process.test_trial_faces import TRIAL

WHO = {"actor": "olga", "at_us": at(3, 1)}
DAY = date(2026, 3, 2)


def test_an_idea_goes_on_to_evidence_version_and_trial(company):
    entry = log_idea(process="sales", idea=" Ask for the  need in writing ", **WHO)
    assert (improvement(entry).idea, improvement(entry).stage) == ("Ask for the need in writing", "idea")
    with pytest.raises(WrongUse, match="a number with its fingerprint"):
        change_improvement(entity=entry, fields={"evidence": "win rate 24 %"}, **WHO)
    told = {"evidence": "win rate 24 %", "fingerprint": "sha256:1", "owner": company.ann, "review_on": date(2026, 6, 1)}
    change_improvement(entity=entry, fields=told, **WHO)
    assert improvement(entry).stage == "evidence"
    with pytest.raises(NotFound, match="There is no sales@2"):
        change_improvement(entity=entry, fields={"version": 2}, **WHO)
    add(actor="olga", text=PROCESS.replace("version: 1", "version: 2"))
    add(actor="olga", text=TRIAL)
    change_improvement(entity=entry, fields={"version": 2, "trial": "written-need"}, **WHO)
    assert improvement(entry).stage == "trial"
    with pytest.raises(Refused, match="written-need is running: there is no verdict yet"):
        decide(entity=entry, decision="keep", as_of=date(2026, 1, 15), **WHO)
    decide(entity=entry, decision="repeat", as_of=DAY, **WHO)
    assert (improvement(entry).decision, improvement(entry).verdict) == ("repeat", "not_enough_data")


def test_a_revert_is_a_new_version_with_the_old_body(company):
    changed = PROCESS.replace("version: 1", "version: 2\neffective_from: 2026-02-01").replace("days: 5", "days: 9")
    add(actor="olga", text=changed)
    approve(kind="process", id="sales", actor="mia")
    entry = log_idea(process="sales", idea="Longer calls", fields={"version": 2}, **WHO)
    decide(entity=entry, decision="revert", as_of=DAY, **WHO)
    found = versions("process", "sales")
    assert [(one.version, one.state, one.document.stages[0].limit.days) for one in found] == [
        (1, "effective", 5),
        (2, "effective", 9),
        (3, "draft", 5),
    ]


def test_a_process_nobody_looked_at_for_180_days_is_due(company):
    assert review_due("sales", since=None, as_of=DAY)
    assert not review_due("sales", since=date(2026, 1, 1), as_of=DAY)
    entry = log_idea(process="sales", idea="Shorter calls", fields={"review_on": date(2026, 4, 1)}, **WHO)
    assert not review_due("sales", since=None, as_of=DAY)
    assert review_due("sales", since=None, as_of=date(2026, 4, 1))  # its review date has come
    decide(entity=entry, decision="keep", as_of=DAY, **WHO)
    assert not review_due("sales", since=None, as_of=date(2026, 8, 28))
    assert review_due("sales", since=None, as_of=date(2026, 8, 29))


def test_the_page_writes_for_who_may_and_shows_for_everybody(browse, company):
    url = "/process/sales/improvements"
    assert browse("olga").post(url, {"idea": "Ask earlier", "owner": f"P-{company.ann}"}).status_code == 302
    assert browse("ann").post(url, {"idea": "Mine"}).status_code == 403
    page = browse("ann").get(url).text
    assert "Ask earlier" in page
    assert "New idea" not in page
    bad = browse("olga").post(url, {"idea": "x", "version": "9"})
    assert (bad.status_code, "There is no sales@9." in bad.text) == (404, True)


def test_the_command_logs_lists_and_decides(company, capsys):
    assert cli.run(["process", "improve", "--idea", "Ask earlier", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["improvements"]
    assert (found["idea"], found["stage"]) == ("Ask earlier", "idea")
    assert cli.run(["process", "improve", "--entry", found["improvement"], "--decision", "keep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["improvements"][0]["decision"] == "keep"
    assert [one.decision for one in improvements("sales")] == ["keep"]
