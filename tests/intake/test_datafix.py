"""Wrong rows: who sees one asks, operations correct it or refuse with a sentence, and the asker reads the answer."""

import pytest

from hedef.access.models import User
from hedef.access.services import create_user
from hedef.intake.datafix import accept_fix, ask_fix, fix_json, fixes, refuse_fix
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.ledger.queries import batches
from hedef.records.queries import state
from hedef.records.services import create
from hedef.settings import now

START = 1_490_000_000_000_000


@pytest.fixture
def company(home):
    ada = create(kind="person", fields={"name": "Ada"}, effective_us=START, actor="x")
    bo = create(kind="person", fields={"name": "Bo"}, effective_us=START, actor="x")
    fields = {"stage": "first", "status": "open", "amount_minor": 10_000, "currency": "EUR", "owner": ada}
    return {"ada": ada, "bo": bo, "deal": create(kind="deal", fields=fields, effective_us=START, actor="x")}


def asked(company, **given):
    values = {"about": f"D-{company['deal']}", "field": "amount", "right": "125.50", "sentence": "The order says so."}
    return ask_fix(**values | {"actor": "deniz", "scope": EVERYTHING, "now_us": START + 1} | given)


def test_an_accepted_request_corrects_the_record_at_the_same_moment(company):
    made = asked(company)
    assert (made.was, made.right, made.state) == ("100.00", "125.50", "open")
    done = accept_fix(made.pk, actor="defne", now_us=START + 2)
    found = state(company["deal"])
    assert (found["amount_minor"], found["last_effective_us"]) == (12_550, START)
    newest = batches(last=1)[0]
    assert (newest.kind, newest.pk) == ("correct", done.batch)
    assert newest.reason == f"data fix {made.pk}, asked by deniz: The order says so."
    assert fix_json(done)["answered_by"] == "defne"


def test_a_value_that_was_never_set_is_set(company):
    made = asked(company, field="close_on", right="2026-11-30")
    accept_fix(made.pk, actor="defne", now_us=START + 2)
    assert str(state(company["deal"])["close_on"]) == "2026-11-30"


def test_a_refusal_needs_a_sentence_and_the_asker_reads_it(company):
    made = asked(company)
    with pytest.raises(WrongUse, match="why it stays"):
        refuse_fix(made.pk, answer=" ", actor="defne", now_us=START + 2)
    refuse_fix(made.pk, answer="The invoice says 100.", actor="defne", now_us=START + 2)
    assert state(company["deal"])["amount_minor"] == 10_000
    assert [(one.state, one.answer) for one in fixes(actor="deniz")] == [("refused", "The invoice says 100.")]
    with pytest.raises(Refused, match="refused already"):
        accept_fix(made.pk, actor="defne", now_us=START + 3)


def test_a_request_is_about_a_record_that_the_asker_sees_a_field_it_has_and_a_value_that_can_be(company):
    with pytest.raises(NotFound):
        asked(company, scope=Scope(people=frozenset({company["bo"]})))
    with pytest.raises(NotFound):
        asked(company, about="D-999999")
    for wrong in ({"field": "beauty"}, {"right": "a lot"}, {"sentence": ""}, {"right": "100.00"}, {"about": "x"}):
        with pytest.raises(WrongUse):
            asked(company, **wrong)
    assert fixes() == []


def test_a_rep_asks_on_the_page_and_operations_answer_there(company, client):
    for name, roles, person in (("deniz", ["rep"], company["ada"]), ("defne", ["operations"], None)):
        create_user(username=name, name=name, roles=roles, now=now(), person=person)

    def enter(name):
        client.force_login(User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")

    enter("deniz")
    about = f"D-{company['deal']}"
    assert "What is right" in client.get(f"/intake/fixes/new?about={about}").text
    form = {"about": about, "field": "owner", "right": "Bo", "sentence": "Handed over."}
    assert "1 request waits." in client.post("/intake/fixes/new", form, follow=True).text
    number = fixes()[0].pk
    assert client.post(f"/intake/fixes/{number}/answer", {"accept": "1"}).status_code == 403
    enter("defne")
    page = client.post(f"/intake/fixes/{number}/answer", {"accept": "1"}, follow=True).text
    assert "corrected" in page
    assert state(company["deal"])["owner"] == company["bo"]
    enter("deniz")
    assert "corrected" in client.get("/intake/fixes/").text
