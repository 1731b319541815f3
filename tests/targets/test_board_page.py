"""The board of several metrics: chosen by role or address, beside another period, open or scoped."""

import re
from dataclasses import replace

import pytest

from hedef.metrics.queries import evaluate
from tests.targets.pages import make_plan, visitor, words_of

ASKED = "period=2017-Q3&as_of=2017-08-31"
BOARD = f"/targets/scoreboard?{ASKED}"


@pytest.fixture
def worked(maven):
    make_plan()
    return maven


@pytest.fixture
def defne(worked):
    return visitor("defne", "operations")


def rows_of(html: str) -> dict[str, list[str]]:
    """Name of a row -> the first figure of each cell in the table of all metrics."""
    found = {}
    for row in re.findall(r'<tr id="[^"]+" class="is-.*?</tr>', html, re.DOTALL):
        name = re.search(r'class="ink truncate"[^>]*>(.*?)<', row, re.DOTALL)
        assert name is not None
        cells = re.findall(r'<td class="num[^>]*>(.*?)<span class="sub">', row, re.DOTALL)
        found[name[1]] = [words_of(cell) for cell in cells]
    return found


def test_the_board_of_all_metrics_has_a_column_each_and_the_address_keeps_the_choice(defne):
    page = defne.get(f"{BOARD}&by=metrics&metrics=won_deals&metrics=win_rate&metrics=won_value")

    rows = rows_of(page.text)
    assert rows["Central"] == [rows["Central"][0], rows["Central"][1], "$667k"]
    assert len(rows) == 1 + 3 + 6 + 35
    found = evaluate(
        ["won_deals", "win_rate"], periods=["2017-Q3"], as_of=_day(), by="company", scopes=["company"]
    ).by_scope("won_deals")
    assert rows["Company"][0] == str(found["company", "2017-Q3"].value)
    assert "metrics=won_deals%2Cwin_rate%2Cwon_value" in page.text
    assert "65.1%" in words_of(page.text)  # the plan's metric shows its attainment


def _day():
    from datetime import date

    return date(2017, 8, 31)


def test_chosen_metrics_are_the_cards_in_their_order(defne):
    page = defne.get(f"{BOARD}&metrics=win_rate,won_deals,won_value")
    assert re.findall(r'class="kpi-name"><a[^>]*>(.*?)<', page.text) == ["Win rate", "Won deals", "Won value"]


def test_without_a_choice_the_role_decides_and_four_cards_are_shown(defne):
    page = defne.get(BOARD)
    names = re.findall(r'class="kpi-name"><a[^>]*>(.*?)<', page.text)
    assert names == ["Won value", "New pipeline", "Win rate", "Open pipeline"]


def test_a_ninth_metric_is_refused_in_a_sentence(defne):
    ids = "won_value,won_deals,lost_deals,decided_deals,win_rate,average_deal,new_deals,open_deals,open_pipeline"
    page = defne.get(f"{BOARD}&metrics={ids}")
    assert page.status_code == 400
    assert "9 metrics are chosen; a board holds 8." in words_of(page.text)


def test_an_unknown_metric_is_answered_with_the_known_ones(defne):
    page = defne.get(f"{BOARD}&metrics=luck")
    assert page.status_code == 404
    assert "won_value" in words_of(page.text)


def test_a_person_stands_beside_the_own_team(worked, defne):
    page = words_of(defne.get(f"{BOARD}&by=person").text)
    assert re.search(r"Darcel Schlecht \$\d+k \$\d+k .*?Marxen \d+\.\d%", page)


def test_numbers_stand_beside_the_year_before_where_it_is_asked_for(defne):
    page = words_of(defne.get(f"{BOARD}&with=year_before").text)
    assert "Q3 2016, same day" in page
    assert "Q2 2017, same day" not in page


def test_the_worst_row_says_what_to_do_about_it(defne):
    page = words_of(defne.get(BOARD).text)
    assert "Below pace: open the gap list of this scope" in page


def test_another_plans_metric_shows_its_target_and_pace_on_its_card(worked):
    make_plan("deals-2017", "3000", metric="won_deals", weights="equal")
    page = visitor("defne", "operations").get(f"{BOARD}&metrics=won_value,won_deals")
    card = page.text.partition('">Won deals</a>')[2].partition("</article>")[0]
    assert "of 3,000" in words_of(card)
    assert 'class="bar' in card


def test_open_boards_show_every_line_and_no_deal_of_others(worked, settings):
    own, colleague = worked.people["Darcel Schlecht"], worked.people["Gladys Colclough"]
    darcel = visitor("darcel", "rep", person=own)
    assert "Gladys Colclough" not in darcel.get(BOARD).text
    settings.HEDEF = replace(settings.HEDEF, boards="open")

    page = darcel.get(BOARD)
    assert "Gladys Colclough" in page.text
    why = darcel.get(f"/targets/why?{ASKED}&scope=person:P-{colleague}&field=actual")
    assert "You see this total, not the deals behind it." in words_of(why.text)
    wide = darcel.get(f"{BOARD}&by=metrics")
    assert f"scope=person%3AP-{colleague}" not in wide.text  # the number stands there without a way to its rows


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=2017-Q3&as_of=2017-06-30", "The period has not begun."),
        ("period=2017-Q3&as_of=2017-07-04", "of the target of $3.30M"),  # a holiday
        ("period=2017-Q3&as_of=2017-09-30", "The period is over"),
        ("period=2017-W35&as_of=2017-08-31", "of the target of"),
        ("period=2017&as_of=2017-08-31", "The lines cover only a part of the period."),
    ],
)
def test_days_at_the_edges_of_a_period_are_pages_not_faults(defne, query, words):
    page = defne.get(f"/targets/scoreboard?{query}&by=metrics")
    assert page.status_code == 200
    assert words in words_of(page.text)
