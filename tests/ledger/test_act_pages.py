"""The ledger browser: filters, a record's history, and the pages that undo, correct, split and erase."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hedef.kernel.trust import UNKNOWN
from hedef.ledger.queries import batches, head, history
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from tests.ledger.test_pages import MAY_2, NOW, deals, edit, text_of, user

OPS = "operations"


@pytest.fixture
def defne(home):
    return user("defne", OPS)


def amount(deal):
    return queries.rows("deal", entities=[deal])[0]["amount_minor"]


# --- looking through --------------------------------------------------------------------------------------------------


def test_batches_are_filtered_by_actor_source_kind_object_and_days(defne):
    (deal,), batch = deals(1)
    later = edit(deal, amount_minor=5)
    for query, found in (
        ({"actor": "zeynep"}, (False, True)),
        ({"source": "crm"}, (True, False)),
        ({"kind": "edit"}, (False, True)),
        ({"object": "deal"}, (True, False)),
        ({"since": "2999-01-01"}, (False, False)),
        ({"until": "2999-01-01"}, (True, True)),
        ({"actor": "nobody"}, (False, False)),
    ):
        page = defne.get("/ledger/", query)
        assert tuple(f">B-{one}</a>" in page.text for one in (batch, later)) == found, query


@pytest.mark.parametrize("query", [{"since": "soon"}, {"below": "x"}, {"until": "0001-01-01"}, {"below": "9" * 13}])
def test_a_made_up_filter_is_no_fault_of_the_house(defne, query):
    assert defne.get("/ledger/", query).status_code == 400


def test_pages_are_walked_by_seals_and_keep_the_filter(defne):
    (deal,), _ = deals(1)
    made = [edit(deal, amount_minor=n) for n in range(60)]
    first = defne.get("/ledger/", {"kind": "edit"})
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = defne.get(older)
    assert f">B-{made[-1]}</a>" in first.text
    assert [f">B-{one}</a>" in second.text for one in (made[0], made[9], made[10])] == [True, True, False]
    back = re.search(r'rel="prev" href="([^"]+)"', second.text)[1].replace("&amp;", "&")
    assert f">B-{made[-1]}</a>" in defne.get(back).text


# --- a record ---------------------------------------------------------------------------------------------------------


def test_a_record_shows_how_it_stands_and_who_said_what_from_which_row(defne):
    (deal,), _ = deals(1)
    edit(deal, amount_minor=900_00)
    told = text_of(defne.get(f"/ledger/entities/D-{deal}/"))
    for line in ("Pumps 0", "Amount €900.00", "zeynep", "the buyer called", "deals.csv", "€1,200.50 becomes €900.00"):
        assert line in told, line


def test_a_rep_sees_the_history_of_own_records_only(home):
    holly = services.create(kind="person", fields={"name": "Holly"}, effective_us=ALWAYS_US, actor="local")
    other = services.create(kind="person", fields={"name": "Nil"}, effective_us=ALWAYS_US, actor="local")
    own, foreign = (
        services.create(kind="deal", fields={"owner": one}, effective_us=MAY_2, actor="local") for one in (holly, other)
    )
    rep = user("rep", "rep")
    from hedef.access.services import set_person

    set_person(username="rep", person=holly)
    assert rep.get(f"/ledger/entities/D-{own}/").status_code == 200
    assert rep.get(f"/ledger/entities/D-{foreign}/").status_code == 404
    for path in (f"entities/D-{own}/change/", f"entities/D-{own}/erase/", "batches/B-1/undo/"):
        assert rep.get(f"/ledger/{path}").status_code == 403, path


@pytest.mark.parametrize(
    "path", ["", "entities/D-1/", "entities/D-1/change/", "entities/C-1/erase/", "batches/B-1/undo/"]
)
def test_a_signed_out_visitor_is_asked_to_sign_in(client, db, path):
    assert client.get(f"/ledger/{path}").url.startswith("/sign-in/")


@pytest.mark.parametrize("number", ["D-999999", "x", "²"])
def test_a_record_that_is_not_there_is_a_page_that_says_so(defne, number):
    assert defne.get(f"/ledger/entities/{number}/").status_code == 404


def test_a_history_asks_as_often_for_three_changes_as_for_one(defne):
    (deal,), _ = deals(1)
    edit(deal, amount_minor=1)

    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert defne.get(f"/ledger/entities/D-{deal}/").status_code == 200
        return [one["sql"] for one in asked if "ledger_block" not in one["sql"]]

    questions()  # what a process keeps of the chain is read once, then what is new in it
    edit(deal, amount_minor=2)
    before = len(questions())
    edit(deal, amount_minor=3)
    edit(deal, amount_minor=4)
    assert len(questions()) == before


# --- undo -------------------------------------------------------------------------------------------------------------


def test_the_undo_page_lists_records_and_numbers_and_only_its_form_undoes(defne):
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    before = head()
    page = defne.get(f"/ledger/batches/B-{number}/undo/")
    told = text_of(page)
    for line in ("Take B-", "1 record", "Pumps 0", "Open pipeline", "EUR", "+€300.50"):
        assert line in told, line
    assert head() == before
    answer = defne.post(f"/ledger/batches/B-{number}/undo/", {"reason": "the buyer called again"})
    assert answer.url == f"/ledger/batches/B-{number}/"
    assert amount(deal) == 1_200_50
    assert (batches(last=1)[0].actor, batches(last=1)[0].reason) == ("defne", "the buyer called again")
    assert "was taken back by" in defne.get(answer.url).text


def test_an_undo_without_a_reason_or_a_second_time_is_answered_on_the_page(defne):
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    assert defne.post(f"/ledger/batches/B-{number}/undo/", {"reason": " "}).status_code == 400
    defne.post(f"/ledger/batches/B-{number}/undo/", {"reason": "x"})
    answer = defne.post(f"/ledger/batches/B-{number}/undo/", {"reason": "x"})
    assert (answer.status_code, "already" in text_of(answer)) == (409, True)


def test_a_large_undo_goes_on_behind_its_page_and_says_what_became_of_it(defne, monkeypatch):
    monkeypatch.setattr("hedef.ledger.views.later.LARGE", 0)
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    begun = defne.post(f"/ledger/batches/B-{number}/undo/", {"reason": "wrong file"})
    assert begun.url.startswith(f"/ledger/batches/B-{number}/undo/?job=")
    ended = defne.get(begun.url)
    assert (ended.status_code, ended.url) == (302, f"/ledger/batches/B-{number}/")
    assert "was taken back by" in defne.get(ended.url).text
    assert (amount(deal), batches(last=1)[0].actor) == (1_200_50, "defne")


def test_a_large_undo_on_its_way_shows_how_far_it_is_and_is_not_begun_twice(defne):
    from hedef.jobs.models import JobRun

    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    told = {"task": "hedef.ledger.tasks.undo", "arguments": {"batch": f"B-{number}"}, "created_at": NOW}
    JobRun.objects.create(id="j" * 32, state="running", step="undo", done=5, total=60_000, **told)
    path, before = f"/ledger/batches/B-{number}/undo/", head()
    for page in (defne.get(path), defne.post(path, {"reason": "again"})):
        assert "Putting records back" in page.text
        assert "5 of 60,000" in page.text
    assert head() == before
    JobRun.objects.update(state="failed", error={"code": "refused", "message": "No.", "hint": "Look."})
    assert "No. Look." in defne.get(f"{path}?job={'j' * 32}").text


def test_the_job_of_an_undo_that_was_sealed_and_killed_ends_as_if_nothing_had_been(defne):
    from hedef import jobs
    from hedef.ledger.tasks import undo

    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    given = {"batch": f"B-{number}", "by": "defne", "reason": "x", "after_publication": False, "second": None}
    first, second = (jobs.progress(jobs.enqueue(undo, **given)) for _ in range(2))
    assert first.result == second.result == {"batch": batches(last=1)[0].number}
    assert amount(deal) == 1_200_50


def test_where_published_results_rest_a_second_person_signs_with_name_and_password(defne):
    from hedef.access.services import create_user
    from hedef.facts.queries import pin
    from hedef.publications.services import publish

    create_user(username="nil", name="Nil", roles=[OPS], now=NOW, password="a long password")
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    told = {"kind": "scoreboard", "subject": "2026-Q2", "body": {}, "definitions": {}, "trust": UNKNOWN}
    publish(**told, pin=pin(), as_of_us=None, actor="defne", made_at=NOW)
    path = f"/ledger/batches/B-{number}/undo/"
    assert "scoreboard 2026-Q2" in text_of(defne.get(path))
    form = {"reason": "x", "after_publication": "1"}
    assert defne.post(path, {"reason": "x"}).status_code == 409
    assert defne.post(path, form).status_code == 409
    assert defne.post(path, {**form, "second": "nil", "second_password": "guess"}).status_code == 403
    assert defne.post(path, {**form, "second": "nil", "second_password": "a long password"}).status_code == 302
    assert amount(deal) == 1_200_50


# --- correct, split, erase --------------------------------------------------------------------------------------------


def test_a_change_is_corrected_in_major_units_or_taken_back(defne):
    (deal,), _ = deals(1)
    edit(deal, amount_minor=900_00)
    last = history(deal)[-1]
    path = f"/ledger/entities/D-{deal}/change/?change={last.seal_no}:{last.ord}"
    assert 'name="amount" value="900.00"' in defne.get(path).text
    same = {"amount": "900.00", "at": "2026-05-02T00:00:00Z", "reason": "typo"}
    assert defne.post(path, same).status_code == 400
    assert defne.post(path, {**same, "amount": "950.00"}).status_code == 302
    assert amount(deal) == 950_00
    last = history(deal)[-1]
    path = f"/ledger/entities/D-{deal}/change/?change={last.seal_no}:{last.ord}"
    assert defne.post(path, {**same, "amount": "950.00", "do": "void"}).status_code == 302
    assert amount(deal) == 900_00
    assert defne.get(f"/ledger/entities/D-{deal}/change/?change=9:9").status_code == 404


def test_a_merged_record_says_what_it_is_part_of_and_is_split_on_its_page(defne):
    one, two = (
        services.create(kind="account", fields={"name": name}, effective_us=ALWAYS_US, actor="a") for name in ("A", "B")
    )
    services.merge(kind="account", loser=two, survivor=one, actor="a", reason="same")
    assert f"part of A-{one}" in text_of(defne.get(f"/ledger/entities/A-{two}/"))
    assert defne.get(f"/ledger/entities/A-{two}/split/").status_code == 200
    assert defne.post(f"/ledger/entities/A-{two}/split/", {"reason": "no"}).status_code == 302
    assert queries.survivor(two) == two
    assert defne.get(f"/ledger/entities/A-{two}/split/").status_code == 404


def test_erasing_says_how_much_goes_and_needs_the_form(defne):
    made = services.create(kind="contact", fields={"name": "Gülizar"}, effective_us=1, actor="a")
    told = text_of(defne.get(f"/ledger/entities/C-{made}/erase/"))
    assert "1 change loses its names" in told
    assert "cannot be taken back" in told
    assert queries.rows("contact", entities=[made])[0]["name"] == "Gülizar"
    assert defne.post(f"/ledger/entities/C-{made}/erase/", {"reason": "she asked"}).status_code == 302
    assert "Gülizar" not in defne.get(f"/ledger/entities/C-{made}/").text


def test_pages_speak_turkish_too(defne):
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    defne.cookies["django_language"] = "tr"
    for path in ("", f"batches/B-{number}/undo/", f"entities/D-{deal}/"):
        page = defne.get(f"/ledger/{path}", headers={"Accept-Language": "tr"})
        assert page.status_code == 200
