"""The Performance page: the worked board as a person reads it, who sees what, what is said when there is nothing."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hedef.access.services import create_user
from hedef.kernel.calendar import Calendar
from hedef.metrics.page.shown import same_days
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
BOARD = "/targets/scoreboard?period=2017-Q3&as_of=2017-08-31"


def user(username: str, *roles: str, person: int | None = None) -> Client:
    """A signed-in visitor."""
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW, person=person)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(html: str) -> str:
    """The words of a piece of HTML, as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def table_of(html: str) -> dict[str, list[str]]:
    """Name of a row -> its cells as text; the bar and the line of weeks are left out."""
    found = {}
    for row in re.findall(r'<tr id="[^"]+" class="is-.*?</tr>', html, re.DOTALL):
        head = re.search(r'class="ink truncate"[^>]*>(.*?)<', row, re.DOTALL)
        assert head is not None
        cells = [text_of(cell) for cell in re.findall(r"<td class=\"num[^>]*>(.*?)</td>", row, re.DOTALL)]
        found[unescape(head[1])] = cells
    return found


def plan_of(plan: str = "sales-2017", total: str = "3300000.00", **more: str) -> None:
    order = SplitOrder(
        plan=plan,
        period="2017-Q3",
        total=total,
        weights=more.get("weights", "won_value@2017-Q2"),
        round_to="1000.00",
        options=PlanOptions(metric=more.get("metric", "won_value")),
    )
    split_plan(order, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan=plan, actor="local", may_approve=True)


@pytest.fixture
def worked(maven):
    plan_of()
    return maven


@pytest.fixture
def defne(worked):
    return user("defne", "operations")


# --- the worked board -------------------------------------------------------------------------------------------------


def test_the_worked_board_stands_in_the_page(defne):
    answer = defne.get(BOARD)

    assert answer.status_code == 200
    rows = table_of(answer.text)
    assert {name: rows[name][:4] for name in ("Company", "Central", "East", "West")} == {
        "Company": ["$3.30M", "$1.75M", "52.9%", "−15.3 pts , watch"],
        "Central": ["$1.02M", "$667k", "65.1%", "−3.2 pts , on pace"],
        "East": ["$1.09M", "$511k", "47.0%", "−21.3 pts , behind"],
        "West": ["$1.19M", "$570k", "47.9%", "−20.3 pts , watch"],
    }
    assert rows["Brinkmann"][0], rows["Marxen"][0] == ("$391k", "$633k")
    assert len(rows) == 1 + 3 + 6 + 35
    assert "$1.75M won, 52.9% of the target of $3.30M. That is $505k behind pace." in text_of(answer.text)
    assert "where this should be today, 68.3% (43 of 63 working days)" in text_of(answer.text)


def test_a_day_that_has_not_come_is_named_and_calls_nothing_missed(defne):
    answer = defne.get("/targets/scoreboard?period=2017-Q3&as_of=2099-12-31")

    assert "31 Dec 2099 has not come yet" in text_of(answer.text)
    assert "has not come yet" not in text_of(defne.get(BOARD).text)


def test_pages_about_a_metric_stand_in_the_section_of_metrics(defne):
    answer = defne.get("/metrics/won_value/?period=2017-Q3&as_of=2017-08-31&scope=company")

    assert re.search(r'<a href="/metrics/" aria-current="page">', answer.text)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("target", "= Target $3,300,000.00"),
        ("actual", "+ Central $666,638.00 + East $510,687.00 + West $569,666.00 = Actual $1,746,991.00"),
        ("expected", "Target $3,300,000.00 × Share that should be there 43 of 63 working days 68.3%"),
        ("gap", "+ Actual $1,746,991.00 − Expected today 43 of 63 working days $2,252,380.95"),
        ("needed_per_day", "÷ Working days left 20 = Needed per working day $77,650.45"),
        ("attainment", "÷ Target $3,300,000.00 = Attainment 52.9%"),
        ("pace", "÷ Expected today 43 of 63 working days $2,252,380.95 = Pace 77.6%"),
        ("points_to_pace", "− Share that should be there 43 of 63 working days 68.3% = Against pace −15.3 pts"),
        ("projection", "= Straight projection, not the forecast $2,559,544.95"),
    ],
)
def test_every_number_of_the_total_tells_how_it_came_about(defne, field, words):
    url = f"/targets/why?period=2017-Q3&as_of=2017-08-31&scope=company&field={field}"
    drawer = defne.get(url, headers={"HX-Request": "true"})
    assert words in text_of(drawer.text)
    assert "<html" not in drawer.text
    page = defne.get(url)
    assert "<html" in page.text
    assert words in text_of(page.text)


def test_an_opened_row_shows_its_deals_and_what_is_needed(worked, defne):
    darcel = f"person:P-{worked.people['Darcel Schlecht']}"
    answer = defne.get(f"{BOARD}&open={darcel}", headers={"HX-Request": "true", "HX-Target": "board"})

    words = text_of(answer.text)
    assert answer.text.strip().startswith('<section class="card" id="board"')
    assert re.search(r"Won, \d+ deals", words)
    assert "in 20 working days, which is" in words
    assert 'href="/process/deals/D-' in answer.text
    assert "Open, closing in Q3 2017: 0 deals" in words


def test_people_alone_stand_by_their_distance_to_pace(defne):
    rows = table_of(defne.get(f"{BOARD}&by=person").text)
    points = [float(cells[3].split(" pts")[0].replace("−", "-")) for cells in rows.values() if "pts" in cells[3]]
    assert len(rows) == 35
    assert points == sorted(points, reverse=True)


def test_the_board_as_a_file_has_the_numbers_of_its_json(defne):
    answer = defne.get(f"{BOARD}&format=csv")
    rows = {row["name"] or row["scope"]: row for row in csv.DictReader(answer.text.splitlines())}
    assert answer["Content-Type"].startswith("text/csv")
    assert (rows["Central"]["expected"], rows["Central"]["band"]) == ("698920.63", "on_pace")
    assert (rows["company"]["needed_per_day"], rows["company"]["plan"]) == ("77650.45", "sales-2017@1")


def test_turkish_words_and_numbers(defne):
    answer = defne.get(BOARD, headers={"Accept-Language": "tr"})
    words = text_of(answer.text)
    assert "$1,75 Mn kazanıldı: $3,30 Mn tutarındaki hedefin %52,9 kadarı." in words
    assert table_of(answer.text)["East"][2:4] == ["%47,0", "−21,3 puan , geride"]


def test_nothing_in_the_page_needs_more_than_a_strict_policy_gives(defne):
    html = defne.get(f"{BOARD}&open=company").text
    assert " style=" not in html
    assert "<style" not in html
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"\son[a-z]+=", html) == []
    assert 'class="l1"' in html  # the course is drawn


def test_another_plan_of_the_period_can_be_chosen(worked):
    plan_of("new-business", "5000000.00", metric="new_deals", weights="equal")
    defne = user("defne", "operations")
    page = defne.get(BOARD)
    assert '<option value="sales-2017" selected>' in page.text
    other = defne.get(f"{BOARD}&plan=new-business")
    assert other.status_code == 200
    assert "so far, 0.0% of the target of 5,000,000." in text_of(other.text)


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_a_signed_out_visitor_is_sent_to_the_door(worked):
    assert Client().get(BOARD).url.startswith("/sign-in/?next=")
    assert "HX-Redirect" in Client().get(BOARD, headers={"HX-Request": "true"})


def test_a_rep_sees_the_own_line_and_the_totals_above_and_no_colleague(worked):
    own, colleague = worked.people["Darcel Schlecht"], worked.people["Gladys Colclough"]
    darcel = user("darcel", "rep", person=own)

    page = darcel.get(BOARD)

    assert list(table_of(page.text)) == ["Company", "Central", "Marxen", "Darcel Schlecht"]
    assert "Gladys Colclough" not in page.text
    assert "80.0% of the target of $296k" in text_of(page.text)
    about = "period=2017-Q3&as_of=2017-08-31"
    assert darcel.get(f"/targets/why?{about}&scope=person:P-{own}&field=actual").status_code == 200
    assert darcel.get(f"/targets/why?{about}&scope=person:P-{colleague}&field=actual").status_code == 404
    total = text_of(darcel.get(f"/targets/why?{about}&scope=company&field=actual").text)
    assert "You see this total, not the deals behind it." in total
    assert darcel.get(f"{BOARD}&scope=person:P-{colleague}").status_code == 404
    opened = darcel.get(f"{BOARD}&open=person:P-{colleague},team:T-{worked.teams['Marxen']}")
    assert "You see this total, not the deals behind it." in opened.text
    assert "Gladys" not in opened.text
    file = darcel.get(f"{BOARD}&format=csv").text
    assert len(file.splitlines()) == 1 + 4


def test_a_manager_sees_the_own_team_whole_and_the_others_not(worked):
    from hedef.records.services import create

    melvin = worked.person("Melvin Marxen", ("Marxen", None, None), role="manager")
    for name in ("Darcel Schlecht", "Gladys Colclough"):
        fields = {"person": worked.people[name], "manager": melvin, "line": "solid"}
        create(kind="manager_line", fields=fields, effective_us=0, actor="test")
    page = user("melvin", "manager", person=melvin).get(BOARD)

    names = list(table_of(page.text))
    assert names[:3] == ["Company", "Central", "Marxen"]
    assert {"Darcel Schlecht", "Gladys Colclough"} <= set(names)
    assert "Anna Snelling" not in page.text
    assert "76.6% of the target of $633k" in text_of(page.text)


def test_who_has_no_person_sees_no_row_and_no_number(worked):
    page = user("ada", "rep").get(BOARD)
    assert page.status_code == 200
    assert table_of(page.text) == {}
    assert "You see no row of this board." in page.text
    assert "$1.75M" not in page.text


# --- what goes wrong is said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("period=2017-Q9", 400, "2017-Q9"),
        ("period=yesterday", 400, "yesterday"),
        ("period=2017-Q3&as_of=31.08.2017", 400, "31.08.2017"),
        ("period=2017-Q3&as_of=2017-08-31&plan=nobody", 404, "nobody"),
        ("period=2017-Q3&as_of=2017-08-31&scope=team:Nowhere", 404, "Nowhere"),
        ("period=2017-Q3&as_of=2017-08-31&known_at=999999", 400, "999999"),
    ],
)
def test_a_wrong_address_is_answered_with_a_sentence(defne, query, status, words):
    answer = defne.get(f"/targets/scoreboard?{query}")
    assert (answer.status_code, words in text_of(answer.text)) == (status, True)


def test_an_unknown_number_is_answered_with_the_known_ones(defne):
    answer = defne.get("/targets/why?period=2017-Q3&as_of=2017-08-31&field=luck")
    assert answer.status_code == 400
    assert "needed_per_day" in answer.text


def test_a_period_without_targets_says_where_there_are_some(defne):
    page = defne.get("/targets/scoreboard?period=2018-Q1&as_of=2018-01-31")
    words = text_of(page.text)
    assert "No targets for Q1 2018." in words
    assert "sales-2017 has targets for Q3 2017" in words
    assert defne.get("/targets/scoreboard?period=2018-Q1&format=csv").status_code == 404


def test_an_empty_home_shows_the_way_to_the_first_import(home):
    page = user("defne", "operations").get("/targets/scoreboard")
    assert page.status_code == 200
    assert "No deals yet" in page.text
    assert 'href="/intake/"' in page.text
    rep = user("deniz", "rep").get("/targets/scoreboard")
    assert "Sales operations imports the data." in rep.text
    assert 'href="/intake/"' not in rep.text


def test_before_its_first_day_a_period_has_targets_and_no_numbers(defne):
    page = defne.get("/targets/scoreboard?period=2017-Q3&as_of=2017-06-15")
    assert "The target is $3.30M. The period has not begun." in text_of(page.text)
    assert table_of(page.text)["Company"][:4] == ["$3.30M", "–", "–", "–"]


def test_after_its_last_day_attainment_is_judged(defne):
    page = defne.get("/targets/scoreboard?period=2017-Q3&as_of=2017-09-30")
    assert "The period is over and the target was missed." in text_of(page.text)
    assert table_of(page.text)["Central"][2] == "102.9%"


# --- the same work for few and for many -------------------------------------------------------------------------------


def test_three_people_cost_no_more_questions_than_one(company, settings):
    settings.HEDEF = replace(settings.HEDEF, today=date(2017, 8, 31))
    company.team("East")
    company.person("Ada Lovelace", ("East", None, None))
    company.won("Ada Lovelace", date(2017, 7, 14), 100_00)
    plan_of("sales-2017", "300000.00", weights="equal")
    client = user("defne", "operations")
    opened = f"&open=team:T-{company.teams['East']}"
    few = _questions(client, BOARD + opened)

    for name in ("Barış Özdil", "Çiğdem Işık"):
        company.person(name, ("East", None, None))
        company.won(name, date(2017, 8, 2), 250_00)
        company.won(name, date(2017, 8, 3), 150_00)

    assert _questions(client, BOARD + opened) == few
    assert len(table_of(client.get(BOARD).text)) == 4


def _questions(client: Client, url: str) -> int:
    client.get(url)  # absorbs what is new
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_names_cannot_bring_markup_or_formulas(company):
    company.team("East")
    company.person('=1+1 <script>alert("x")</script>', ("East", None, None))
    plan_of("sales-2017", "300000.00", weights="equal")
    client = user("defne", "operations")
    assert "<script>alert" not in client.get(BOARD).text
    assert "'=1+1" in client.get(f"{BOARD}&format=csv").text


# --- the same day of the period before --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2017, 6, 30), None),
        (date(2017, 7, 3), date(2017, 4, 3)),  # the first working days of both quarters
        (date(2017, 8, 31), date(2017, 6, 1)),  # 20 + 23 days here, 20 + 22 + 1 there (Memorial Day is off)
        (date(2017, 9, 30), date(2017, 6, 30)),
        (date(2018, 1, 1), date(2017, 6, 30)),
    ],
)
def test_the_same_day_is_the_one_with_as_many_working_days_gone(day, expected):
    calendar = Calendar()
    period = calendar.period("2017-Q3")
    assert same_days(period, calendar.previous(period), day, calendar) == expected
