"""Pages of metrics: the number with its definition, the rows behind it, why it is so; who may open what."""

import csv
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hedef.access.services import create_user

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
ABOUT = "period=2017-Q3&as_of=2017-09-30"


def user(username: str, *roles: str, person: int | None = None) -> Client:
    """A signed-in visitor."""
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW, person=person)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(html: str) -> str:
    """The words of a piece of HTML, as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def sold(company):
    """Ada in East wins two and loses one, Barış in West wins one; one deal has no owner."""
    company.person("Ada Lovelace", ("East", None, None))
    company.person("Barış Özdil", ("West", None, None))
    day = date(2017, 7, 3)
    for owner, stage, amount, closed in (
        ("Ada Lovelace", "won", 100_000_00, date(2017, 7, 10)),
        ("Ada Lovelace", "won", 50_000_00, date(2017, 8, 10)),
        ("Ada Lovelace", "lost", 70_000_00, date(2017, 8, 11)),
        ("Barış Özdil", "won", 30_000_00, date(2017, 9, 1)),
        (None, "won", 5_000_00, date(2017, 9, 2)),
    ):
        company.deal(owner, (day, "offer"), (closed, stage), amount=amount, name=f"Deal of {closed}")
    return company


@pytest.fixture
def defne(sold):
    return user("defne", "operations")


def test_a_metric_shows_its_number_its_teams_and_its_definition(defne):
    page = defne.get(f"/metrics/won_value/?{ABOUT}")

    words = text_of(page.text)
    assert page.status_code == 200
    assert "$185k Company, Q3 2017, as of 30 Sep 2017" in words
    assert re.search(r"East \$150k", words)
    assert re.search(r"No owner or team \$5k", words)
    assert "Amount of deals won, by close date." in words
    assert "won_value@1" in words
    people = text_of(defne.get(f"/metrics/won_value/?{ABOUT}&level=person").text)
    assert "Ada Lovelace $150k" in people


def test_a_rate_has_its_range_and_two_lists_of_rows(defne):
    words = text_of(defne.get(f"/metrics/win_rate/?{ABOUT}").text)
    assert "80.0% Company" in words
    assert "95% range" in words
    rows = defne.get(f"/metrics/win_rate/rows?{ABOUT}")
    assert rows.text.count('<td class="s">won_deals</td>') == 4
    assert rows.text.count('<td class="s">decided_deals</td>') == 5


def test_the_rows_fold_to_the_number_and_lead_to_the_deals(defne):
    page = defne.get(f"/metrics/won_value/rows?{ABOUT}")
    words = text_of(page.text)
    assert "$185,000.00 Company, Q3 2017, as of 30 Sep 2017" in words
    assert len(re.findall(r'href="/process/deals/D-\d+"', page.text)) == 4
    file = defne.get(f"/metrics/won_value/rows?{ABOUT}&format=csv")
    told = list(csv.DictReader(file.text.splitlines()))
    assert sum(float(row["value"]) for row in told) == 185_000
    assert {row["owner"] for row in told} == {"Ada Lovelace", "Barış Özdil", ""}


def test_why_names_the_rule_the_rows_and_what_to_do(defne):
    drawer = defne.get(f"/metrics/win_rate/why?{ABOUT}", headers={"HX-Request": "true"})
    words = text_of(drawer.text)
    assert "Won deals 4 ÷ Decided deals 5 = Win rate 80.0%" in words
    assert "won_deals / decided_deals" in words
    assert "What to do" in words
    assert "<html" not in drawer.text


def test_a_period_can_be_cut_at_a_day(defne):
    words = text_of(defne.get(f"/metrics/won_value/why?{ABOUT}&until=2017-08-31").text)
    assert "$150,000.00" in words
    assert "Q3 2017 up to 31 Aug 2017" in words


def test_a_rep_opens_the_own_rows_and_sees_of_the_company_the_number_alone(sold):
    ada = user("ada", "rep", person=sold.people["Ada Lovelace"])
    own = f"scope=person:P-{sold.people['Ada Lovelace']}"
    other = f"scope=person:P-{sold.people['Barış Özdil']}"
    assert "$150,000.00" in ada.get(f"/metrics/won_value/rows?{ABOUT}&{own}").text
    assert ada.get(f"/metrics/won_value/rows?{ABOUT}&{other}").status_code == 404
    assert ada.get(f"/metrics/won_value/why?{ABOUT}&{other}").status_code == 404
    closed = ada.get(f"/metrics/won_value/rows?{ABOUT}")
    assert closed.status_code == 404
    assert "open to who leads these people" in closed.content.decode()
    total = ada.get(f"/metrics/won_value/why?{ABOUT}")
    assert "$185,000.00" in total.text
    assert "You see this total, not the deals behind it." in total.text
    assert "Barış" not in ada.get(f"/metrics/won_value/?{ABOUT}&level=person").text


def test_a_signed_out_visitor_is_sent_to_the_door_and_a_stranger_sees_nothing(sold):
    for path in ("", "rows", "why"):
        assert Client().get(f"/metrics/won_value/{path}?{ABOUT}").url.startswith("/sign-in/")
    nobody = user("nobody", "rep")
    assert nobody.get(f"/metrics/won_value/?{ABOUT}").status_code == 404
    assert nobody.get(f"/metrics/won_value/why?{ABOUT}").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("luck/?period=2017-Q3", 404, "luck"),
        ("won_value/?period=2017-Q9", 400, "2017-Q9"),
        ("won_value/rows?period=2017-Q3&until=soon", 400, "soon"),
        ("won_value/why?period=2017-Q3&scope=team:Nowhere", 404, "Nowhere"),
        ("won_value/why?period=2017-Q3&scope=galaxy:far", 400, "galaxy"),
        ("won_value/why?period=2017-Q3&as_of=31.8.2017", 400, "31.8.2017"),
    ],
)
def test_a_wrong_address_is_answered_with_a_sentence(defne, path, status, words):
    answer = defne.get(f"/metrics/{path}")
    assert (answer.status_code, words in text_of(answer.text)) == (status, True)


def test_turkish_words_and_numbers(defne):
    words = text_of(defne.get(f"/metrics/win_rate/?{ABOUT}", headers={"Accept-Language": "tr"}).text)
    assert "Kazanma oranı" in words
    assert "%80,0 Şirket, 3Ç 2017, 30.09.2017 itibarıyla" in words


def test_three_rows_cost_no_more_questions_than_one(sold, defne):
    few = _questions(defne, f"/metrics/won_value/rows?{ABOUT}&scope=person:P-{sold.people['Barış Özdil']}")
    for number in (1, 2):
        sold.deal("Barış Özdil", (date(2017, 8, 1), "offer"), (date(2017, 8, number + 1), "won"), amount=number * 100)
    assert _questions(defne, f"/metrics/won_value/rows?{ABOUT}&scope=person:P-{sold.people['Barış Özdil']}") == few


def _questions(client: Client, url: str) -> int:
    client.get(url)  # absorbs what is new
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)
