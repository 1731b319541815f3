"""The list of all metrics and what the page of one says besides its number."""

import re
from datetime import date
from pathlib import Path

import pytest

import hedef.metrics
from hedef.kernel.calendar import Calendar
from hedef.metrics.engine.show import week_issues
from hedef.metrics.page.groups import GROUPS, group_of
from hedef.metrics.page.listing import tone_of
from hedef.metrics.page.reasons import _TOLD
from hedef.metrics.queries.documents import metrics_in_force, recipes
from tests.metrics.test_pages import defne, sold, text_of, user  # noqa: F401 - fixtures

ABOUT = "period=2017-Q3&as_of=2017-09-30"


def test_the_list_shows_every_metric_once_with_its_number_and_its_document(defne):  # noqa: F811
    page = defne.get(f"/metrics/?{ABOUT}")

    assert page.status_code == 200
    assert "Company, Q3 2017, as of 30 Sep 2017" in text_of(page.text)
    assert "$185k" in text_of(page.text)
    shown = re.findall(r'href="/definitions/metric/(\w+)"', page.text)
    assert sorted(shown) == sorted(one.id for one in metrics_in_force())


def test_what_is_not_measured_names_the_facts_and_the_room(defne):  # noqa: F811
    words = text_of(defne.get(f"/metrics/?{ABOUT}").text)
    assert "Not measured yet" in words
    assert "needs forecast_locked" in words or "needs forecast_value" in words


def test_a_change_says_whether_it_is_wanted(defne):  # noqa: F811
    assert tone_of(date.resolution.days * 1, "up") == "better"
    assert tone_of(1, "down") == "worse"
    assert tone_of(-1, "down") == "better"
    assert tone_of(0, "up") == "same"
    assert tone_of(1, "band") == ""
    assert tone_of(None, "up") == ""


def test_a_rep_without_the_companys_total_starts_on_the_own_line(sold):  # noqa: F811
    rep = user("ada", "rep", person=sold.people["Ada Lovelace"])
    page = rep.get(f"/metrics/?{ABOUT}")
    assert page.status_code == 200
    assert "Barış" not in page.text


def test_every_shipped_metric_has_a_group_of_its_own(sold):  # noqa: F811
    known = {one.id for one in GROUPS} - {"other"}
    period = Calendar().period("2017-Q3")
    for one in metrics_in_force():
        (made,) = recipes(one.id, [period], as_of=period.end)
        assert group_of(made) in known, one.id


def test_every_code_that_a_number_can_carry_has_a_sentence():
    room = Path(hedef.metrics.__file__).parent
    text = "".join(path.read_text() for part in ("engine", "queries") for path in (room / part).glob("*.py"))
    said = set(re.findall(r'Issue\(\s*"(\w+)"', text))
    assert said - {"case_differs"} <= set(_TOLD)
    assert {"cohort_open", "facts_not_published", "owner_now", "no_target"} <= said


@pytest.mark.parametrize(
    ("calendar", "week", "other"),
    [(Calendar(), "2020-W53", "2019-W52")],
)
def test_week_53_beside_week_52_of_the_year_before_says_so(calendar, week, other):
    period = calendar.period(week)
    before = calendar.year_before(period)
    assert before.id == other
    (issue,) = week_issues(period, before)
    assert (issue.code, issue.level, issue.object) == ("week_53", "warning", other)
    assert week_issues(period, calendar.previous(period)) == ()


def test_the_page_tells_why_the_number_changed_and_it_adds_up(defne):  # noqa: F811
    words = text_of(defne.get(f"/metrics/won_value/?{ABOUT}&because=person").text)
    assert "Why did it change?" in words
    assert re.search(r"Ada Lovelace \+\$150k", words)
    assert re.search(r"Barış Özdil \+\$30", words), words[-1500:]
    assert re.search(r"Difference to the period before \+\$185k", words)


def test_a_rate_on_few_rows_is_grey(defne):  # noqa: F811
    page = defne.get(f"/metrics/win_rate/?{ABOUT}").text
    assert "kpi-value muted" in page
    assert "few: not ranked" in page


def test_a_running_period_stands_beside_its_same_days(defne):  # noqa: F811
    words = text_of(defne.get("/metrics/won_value/?period=2017-Q3&as_of=2017-08-31").text)
    assert "Same days of the period before" in words


def test_a_list_of_a_running_period_stands_beside_its_same_days_not_the_whole_period_before(defne):  # noqa: F811
    about = "period=2017-09&as_of=2017-09-13"
    page = defne.get(f"/metrics/?{about}").text
    assert "Against the same days before" in text_of(page)
    assert "Against the period before" in text_of(defne.get(f"/metrics/?{ABOUT}").text)
    number = text_of(defne.get(f"/metrics/won_value/?{about}").text)
    assert "Same days of the period before $50.0k Difference −$15.0k (−30.0%)" in number
    row = text_of(next(one for one in page.split("<tr>") if 'href="/metrics/won_value/' in one))
    assert row.startswith("Won value $35.0k −30.0% worse")


def test_a_team_stands_beside_the_team_above(defne, sold):  # noqa: F811
    team = f"team:T-{sold.teams['East']}"
    words = text_of(defne.get(f"/metrics/won_value/?{ABOUT}&scope={team}").text)
    assert "Team above $180k" in words
