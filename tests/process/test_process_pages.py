"""Pages of processes: the list, a process in words, its health, trials."""

from datetime import date

import pytest

from hedef.definitions.services import add
from hedef.kernel.errors import Forbidden
from hedef.kernel.scope import Scope
from hedef.process.queries import check
from hedef.process.services import move_deal
from tests.process.conftest import PROCESS, at
from tests.process.test_trial_faces import TRIAL

PAGES = ["/process/", "/process/sales", "/process/sales/health", "/process/sales/exits", "/process/trials"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_processes_need_a_sign_in(client, db, path):
    assert client.get(path).url.startswith("/sign-in/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_processes_open_in_both_languages(browse, company, path):
    client = browse("olga")
    assert client.get(path).status_code == 200
    client.post("/language/", {"language": "tr", "next": "/"})
    answer = client.get(path)
    assert (answer.status_code, 'lang="tr"' in answer.text) == (200, True)


def test_an_unknown_process_is_a_sentence(browse, company):
    answer = browse("olga").get("/process/gone/health")
    assert (answer.status_code, "There is no process" in answer.text) == (404, True)


def test_who_may_not_see_totals_sees_no_health(company):
    with pytest.raises(Forbidden, match="totals of the company"):
        check("sales", as_of=date(2026, 3, 2), viewer=Scope(people=frozenset({company.ann})))


def test_health_shows_stale_deals_conformance_and_what_to_look_at(browse, company):
    move_deal(deal=company.mill, stage="won", actor="bob", at_us=at(3, 1), fields={"next_step": "ship"})
    page = " ".join(browse("olga").get("/process/sales/health").text.split())
    assert "No bottleneck" in page
    assert page.index("Harbour pumps") > page.index('id="stale"')
    assert "50.0% of 2 applicable criteria were met or waived" in page
    exits = browse("olga").get("/process/sales/exits?stage=offer&criterion=need&result=skipped").text
    assert "Mill filters" in exits
    assert "1 criterion at a forward exit." in exits


def test_a_process_in_words_says_what_it_asks(browse, company):
    page = " ".join(browse("olga").get("/process/sales").text.split())
    for text in ("at most 5 days", "Next step is filled in", "Is the need written down?", "Price, Other"):
        assert text in page


def test_a_trial_page_says_what_it_needs_and_what_it_cannot_say_yet(browse, company):
    add(actor="olga", text=PROCESS.replace("version: 1", "version: 2"))
    add(actor="olga", text=TRIAL)
    running = browse("olga").get("/process/trials/written-need?as_of=2026-01-15").text
    assert "nothing to peek at" in running
    finished = browse("olga").get("/process/trials/written-need?as_of=2026-02-15").text
    assert "not enough data" in finished
    assert "old way" in finished
