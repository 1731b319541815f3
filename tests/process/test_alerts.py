"""Ageing alerts, and the board of yesterday after a process has changed."""

from datetime import date

from hedef.definitions.services import add, approve
from hedef.ledger.queries import batches
from hedef.process.alerts import tell_ageing
from hedef.process.services import PROCESS_CHANGED
from hedef.records import queries as records
from tests.process.conftest import PROCESS, at, make
from tests.process.test_pages import standing


def told(day: int, month: int = 1) -> list[tuple[str, str]]:
    tell_ageing(actor="hedef", as_of=date(2026, month, day), at_us=at(month, day, 23))
    names = records.names({one.person for one in records.notices(room="process")}, kind="person")
    found = [(names[one.person].split()[0], one.text_en) for one in reversed(records.notices(room="process"))]
    return [(name, text.partition(":")[0]) for name, text in found]


def test_a_deal_over_its_limit_is_told_to_its_owner_once_and_later_to_the_manager(company):
    make("manager_line", person=company.ann, manager=company.mia, line="solid")
    # Harbour pumps came on Monday 5 January, 5 calendar days are allowed
    assert told(10) == []
    assert told(11) == [("Ann", "Harbour pumps")]
    assert told(12) == [("Ann", "Harbour pumps")]
    assert told(15) == [("Ann", "Harbour pumps")]  # over since 10 January: Monday to Thursday are 4 working days
    assert told(16) == [("Ann", "Harbour pumps"), ("Mia", "Harbour pumps")]
    assert told(17) == [("Ann", "Harbour pumps"), ("Mia", "Harbour pumps")]


SECOND = PROCESS.replace("version: 1", "version: 2\neffective_from: 2026-03-02\nmap: {call: talk}")
SECOND = SECOND.replace(
    "  - id: call\n    name: {en: Call, tr: Arama}", "  - id: talk\n    name: {en: Talk, tr: Görüşme}"
)


def test_after_a_stage_was_dropped_the_board_of_yesterday_is_equal_to_the_byte(browse, company):
    client = browse("olga")

    def yesterday() -> str:
        page = client.get("/process/deals?as_of=2026-03-01").text
        return page[page.index("<main") : page.index("</main>")]

    before = yesterday()
    add(actor="olga", text=SECOND)
    approve(kind="process", id="sales", actor="mia")
    assert standing(company.harbour)["stage"] == "talk"
    assert batches()[0].reason == PROCESS_CHANGED
    assert yesterday() == before
    assert "Talk" in client.get("/process/deals").text
