"""Wrong rows: who sees one asks, operations correct it or refuse with a sentence, and the asker reads the answer."""

import json

import pytest

from hedef import cli
from hedef.access.models import User
from hedef.access.services import create_user
from hedef.intake.datafix import accept_fix, ask_fix, fix_json, fixes, refuse_fix
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.ledger.queries import batches
from hedef.records.queries import state
from hedef.records.services import create, erase
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


def test_erasing_somebody_blanks_what_requests_say_of_them(company):
    about = f"P-{company['ada']}"
    first = ask_fix(
        about=about, field="name", right="Ada Stone", sentence="Ada married.", actor="deniz", scope=EVERYTHING,
        now_us=START + 1,
    )  # fmt: skip
    done = accept_fix(first.pk, actor="defne", now_us=START + 2)
    assert batches(last=1)[0].reason == f"data fix {first.pk}, asked by deniz"
    waiting = ask_fix(
        about=about, field="name", right="Ada Stein", sentence="A typo.", actor="deniz", scope=EVERYTHING,
        now_us=START + 3,
    )  # fmt: skip
    other = asked(company)
    erase(company["ada"], actor="defne", reason="she asked for it")
    told = {one.pk: (one.was, one.right, one.sentence, one.answer, one.state) for one in fixes()}
    assert told[done.pk] == ("", "", "", "", "accepted")
    assert told[waiting.pk] == ("", "", "", "", "refused")
    assert told[other.pk][2] == "The order says so."


def test_requests_on_the_command_line(company, capsys):
    def hedef(*words):
        code = cli.run([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    deal = f"D-{company['deal']}"
    why = ("--field", "amount", "--right", "125.50", "--why", "The order says so.")
    code, made = hedef("intake", "fix", deal, *why)
    assert (code, made["fixes"][0]["state"], made["fixes"][0]["was"]) == (0, "open", "100.00")
    number = made["fixes"][0]["fix"]
    assert [one["fix"] for one in hedef("intake", "fixes", "--open")[1]["fixes"]] == [number]
    assert hedef("intake", "accept", number)[1]["fixes"][0]["state"] == "accepted"
    second = hedef("intake", "fix", deal, "--field", "amount", "--right", "1", "--why", "A joke.")[1]["fixes"][0]["fix"]
    told = hedef("intake", "refuse", second, "--answer", "The invoice says 125.50.")[1]["fixes"][0]
    assert (told["state"], told["answer"]) == ("refused", "The invoice says 125.50.")


@pytest.mark.parametrize("page", ["person", "record", "deal"])
def test_the_page_of_a_record_leads_to_the_request(company, client, page):
    made = create_user(username="olga", name="Olga", roles=["operations"], now=now())
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    account = create(kind="account", fields={"name": "Hat Ltd"}, effective_us=START, actor="x")
    urls = {
        "person": f"/records/person/P-{company['ada']}",
        "record": f"/records/account/A-{account}",
        "deal": f"/process/deals/D-{company['deal']}",
    }
    html = client.get(urls[page]).content.decode()
    assert f"/intake/fixes/new?about={urls[page].rpartition('/')[2]}" in html
