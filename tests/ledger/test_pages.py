"""Pages of batches: what one act wrote in words and numbers a person reads, who sees it, at a steady cost."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hedef.access.services import create_user
from hedef.kernel.calendar import Calendar
from hedef.ledger.services import writing
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAY_1 = Calendar().start_us(date(2026, 5, 1))
MAY_2 = Calendar().start_us(date(2026, 5, 2))


def user(username: str, *roles: str) -> Client:
    """A signed-in visitor."""
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def defne(home):
    return user("defne", "operations")


def deals(count: int) -> tuple[list[int], int]:
    """Deals of one batch and its number."""
    with writing(kind="import", actor="ada", source="crm", object="deal", file_name="deals.csv") as batch:
        holly = services.create(
            kind="person", fields={"name": "Holly Ray"}, effective_us=ALWAYS_US, actor="ada", batch=batch
        )
        made = [services.allocate(1) for _ in range(count)]
        services.apply_changes(batch=batch, kind="deal", rows=rows(made, holly))
    return made, batch.pk


def rows(made: list[int], owner: int) -> pa.Table:
    count = len(made)
    columns = {
        "entity": made,
        "act": ["set"] * count,
        "effective_us": [MAY_1] * count,
        "name": [f"Pumps {number}" for number in range(count)],
        "owner": [owner] * count,
        "amount_minor": [1_200_50] * count,
        "currency": ["EUR"] * count,
        "close_on": [date(2026, 6, 30)] * count,
        "probability_bp": [2_500] * count,
        "status": ["open"] * count,
        "file_row": list(range(1, count + 1)),
    }
    return pa.table(columns)


def edit(deal: int, **fields) -> int:
    with writing(kind="edit", actor="zeynep", reason="the buyer called") as batch:
        services.change(kind="deal", entity=deal, fields=fields, effective_us=MAY_2, actor="zeynep", batch=batch)
    return batch.pk


def text_of(answer):
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def url(batch):
    return f"/ledger/batches/B-{batch}/"


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ledger/batches/", "/ledger/batches/B-1/"])
def test_a_signed_out_visitor_is_asked_to_sign_in(client, db, path):
    assert client.get(path).url.startswith("/sign-in/")


@pytest.mark.parametrize(("role", "status"), [("finance", 200), ("rep", 403), ("manager", 403)])
def test_who_reads_everything_reads_batches(home, role, status):
    _, batch = deals(1)
    client = user("someone", role)
    assert [client.get(path).status_code for path in ("/ledger/batches/", url(batch))] == [status, status]


# --- what -------------------------------------------------------------------------------------------------------------


def test_the_list_says_who_wrote_what_and_why(defne):
    (deal,), batch = deals(1)
    later = edit(deal, amount_minor=900_00)
    told = text_of(defne.get("/ledger/batches/"))
    assert f"B-{later}" in told
    assert "the buyer called" in told
    assert told.index(f"B-{later}") < told.index(f"B-{batch}")
    assert "deals.csv 2 ada" in told


def test_values_are_written_as_people_read_them(defne):
    _, batch = deals(1)
    told = text_of(defne.get(url(batch)))
    for line in (
        "Owner Holly Ray",
        "Amount €1,200.50",
        "Close date 30 Jun 2026",
        "Probability 25.0%",
        "Person P-",
        "Name Pumps 0",
    ):
        assert line in told


def test_a_change_shows_before_and_after_in_the_currency_that_stood(defne):
    (deal,), _ = deals(1)
    batch = edit(deal, amount_minor=900_00, close_on=date(2026, 7, 1), name="Pumps 0")
    page = defne.get(url(batch))
    assert "Amount €1,200.50 becomes €900.00" in text_of(page)
    assert "Close date 30 Jun 2026 becomes 1 Jul 2026" in text_of(page)
    assert f'href="/process/deals/D-{deal}"' in page.text


def test_what_was_only_said_again_steps_back(defne):
    (deal,), _ = deals(1)
    with writing(kind="import", actor="ada") as batch:
        said = {"amount_minor": [900_00], "currency": ["EUR"], "status": ["open"]}
        again = {"entity": [deal], "act": ["set"], "effective_us": [MAY_2], **said}
        services.apply_changes(batch=batch, kind="deal", rows=pa.table(again))
    told = text_of(defne.get(url(batch.pk)))
    assert "Amount €1,200.50 becomes €900.00 2 values said again" in told
    assert "Currency" not in told


def test_a_long_batch_is_paged_by_fifty(defne):
    _, batch = deals(60)
    page = defne.get(url(batch))
    assert "1 to 50 of 61" in text_of(page)
    assert 'rel="next" href="?first=50"' in page.text
    rest = defne.get(f"{url(batch)}?first=50")
    assert "51 to 61 of 61" in text_of(rest)
    assert 'rel="prev" href="?first=0"' in rest.text
    assert 'rel="next"' not in rest.text


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["B-99", "x", "²", "9" * 30, "B-"])
def test_a_batch_that_is_not_there_is_a_page_that_says_so(defne, number):
    assert defne.get(f"/ledger/batches/{number}/").status_code == 404


@pytest.mark.parametrize(("first", "status"), [("x", 400), ("-1", 400), ("²", 400), ("9" * 13, 400), ("900", 200)])
def test_a_made_up_place_in_a_batch_is_no_fault_of_the_house(defne, first, status):
    _, batch = deals(1)
    assert defne.get(url(batch), {"first": first}).status_code == status


def test_an_old_seal_shows_the_batches_known_then(defne):
    (deal,), batch = deals(1)
    later = edit(deal, amount_minor=1)
    seal = int(re.search(r'class="num p3">(\d+)</td>', defne.get("/ledger/batches/").text)[1]) - 1
    told = text_of(defne.get("/ledger/batches/", {"known_at": str(seal)}))
    assert (f"B-{batch}" in told, f"B-{later}" in told) == (True, False)


# --- cost -------------------------------------------------------------------------------------------------------------


def questions(client, path):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    own = ("FROM ledger_head", '"ledger_block"')  # one row, asked to know what is new; blocks are read as they are met
    return sum(not any(name in one["sql"] for name in own) for one in asked)


def test_pages_ask_as_often_for_three_rows_as_for_one(defne):
    _, one = deals(1)
    for address in ("/ledger/batches/", url(one)):
        questions(defne, address)  # what a process keeps of the chain is read once, then what is new in it
    _, one = deals(1)
    listed = questions(defne, "/ledger/batches/")
    single = questions(defne, url(one))
    _, three = deals(3)
    assert (questions(defne, "/ledger/batches/"), questions(defne, url(three))) == (listed, single)
