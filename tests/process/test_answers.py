"""Answers, waivers and guided steps of a deal in the web app."""

import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.process.exits import answer_criterion
from hedef.process.services import move_deal
from hedef.records.services import create
from tests.process.conftest import at
from tests.process.test_pages import deal_url, seen, standing, toasts


def answered(browse, company, user="bob", **form):
    url = deal_url(company.mill, "/criteria")
    return browse(user).post(url, {"based_on": seen(company.mill), "criterion": "need", **form})


def test_a_yes_is_a_change_of_the_deal_and_shows_as_met(browse, company):
    assert answered(browse, company, result="yes").status_code == 302
    page = browse("bob").get(deal_url(company.mill)).text
    assert "Is the need written down?" in page
    assert "need: yes" in page  # in the history
    assert standing(company.mill)["exit_checks"] == '{"sales#offer.need":{"result":"yes"}}'


def test_a_waiver_needs_a_sentence_and_says_who_gave_it(browse, company):
    refused = answered(browse, company, result="waived", sentence=" ")
    assert (refused.status_code, "A waiver of need needs a sentence." in refused.text) == (400, True)
    assert answered(browse, company, "mia", result="waived", sentence="They sign today.").status_code == 302
    page = browse("bob").get(deal_url(company.mill)).text
    assert "Waived by Mia Test:" in page
    assert "They sign today." in page


def test_a_waived_block_lets_the_deal_go_on(browse, company):
    won = {"stage": "won", "amount": "500", "currency": "EUR", "day": "2026-03-02"}
    assert browse("bob").post(deal_url(company.mill, "/move"), won).status_code == 422
    step = {"criterion": "step", "result": "waived", "sentence": "Signed at the fair."}
    assert answered(browse, company, **step).status_code == 302
    answer = browse("bob").post(deal_url(company.mill, "/move"), won, follow=True)
    assert toasts(answer)[0].startswith("Won: Mill filters")


def test_who_may_not_change_the_deal_answers_nothing(browse, company):
    assert answered(browse, company, "fin", result="yes").status_code == 403
    assert answered(browse, company, "ann", result="yes").status_code == 404
    assert standing(company.mill)["exit_checks"] is None


def test_two_people_who_answer_at_once_are_told_of_each_other(browse, company):
    based_on = seen(company.mill)
    assert answered(browse, company, result="yes").status_code == 302
    late = browse("mia").post(
        deal_url(company.mill, "/criteria"), {"based_on": based_on, "criterion": "need", "result": "no"}
    )
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("criterion", "result", "error", "message"),
    [
        ("gone", "yes", NotFound, 'has no criterion "gone"'),
        ("step", "yes", Refused, "is met by the field next_step"),
    ],
)
def test_what_cannot_be_answered_says_why(company, criterion, result, error, message):
    with pytest.raises(error, match=message):
        answer_criterion(deal=company.mill, criterion=criterion, result=result, actor="bob", at_us=at(3, 1))


def test_evidence_that_is_asked_for_must_be_a_link(company, home):
    from hedef.definitions.services import add, approve
    from tests.process.conftest import PROCESS

    text = PROCESS.replace("tr: İhtiyaç yazılı mı?}, level", "tr: İhtiyaç yazılı mı?}, evidence: link, level")
    add(actor="olga", text=text.replace("version: 1", "version: 2\neffective_from: 2026-02-01"))
    approve(kind="process", id="sales", actor="mia")
    given = {"deal": company.mill, "criterion": "need", "result": "yes", "actor": "bob", "at_us": at(3, 1)}
    with pytest.raises(WrongUse, match="need needs a link as evidence"):
        answer_criterion(**given, evidence="in my mail")
    answer_criterion(**given, evidence="https://mail.example/1")
    with pytest.raises(Refused, match="needs no waiver: it is met"):
        answer_criterion(**{**given, "result": "waived"}, sentence="Not needed.")


def test_steps_of_a_stage_are_ticked_by_activities_since_the_deal_came_there(browse, company):
    from hedef.definitions.services import add, approve
    from tests.process.conftest import PROCESS

    steps = (
        "    order: 20\n    category: open\n    steps:\n      - {id: visit, do: {en: Visit them, tr: Ziyaret et}, "
        "done_by: {activity: meeting, count: 1}, asset: playbook/visit}\n"
        "      - {id: calls, do: {en: Call twice, tr: İki kez ara}, done_by: {activity: call, count: 2}}\n"
    )
    text = PROCESS.replace("    order: 20\n    category: open\n", steps)
    add(actor="olga", text=text.replace("version: 1", "version: 2\neffective_from: 2026-02-01"))
    approve(kind="process", id="sales", actor="mia")
    for kind, done in (("meeting", at(2, 1)), ("call", at(2, 1)), ("call", at(1, 2))):  # the last before it came
        told = {"kind": kind, "owner": company.bob, "deal": company.mill, "done_us": done}
        create(kind="activity", fields=told, effective_us=done, actor="bob")
    page = " ".join(browse("bob").get(deal_url(company.mill)).text.split())
    guide = page[page.index('id="guide"') :]
    guide = guide[: guide.index("</section>")]
    assert guide.count("done</span>") == 1
    assert "1/2" in guide
    assert "playbook/visit" in guide


def test_a_deal_over_the_limit_of_its_stage_says_so_on_the_board(browse, company):
    page = browse("ann").get("/process/deals").text
    assert "Over the limit of this stage" in page  # since 5 January, 5 calendar days allowed
    move_deal(deal=company.harbour, stage="offer", actor="ann", at_us=at(3, 1))
    assert "Over the limit of this stage" not in browse("ann").get("/process/deals").text
