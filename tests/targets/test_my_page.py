"""Everybody's own page: the own goals beside the team's, what waits, and nobody else's."""

import pytest

from hedef.records.services import notify
from tests.targets.pages import make_plan, visitor, words_of

ASKED = "as_of=2017-08-31"


@pytest.fixture
def worked(maven):
    make_plan()
    return maven


@pytest.fixture
def darcel(worked):
    return visitor("darcel", "rep", person=worked.people["Darcel Schlecht"])


def test_my_page_shows_my_goals_from_year_to_week_beside_my_team(darcel):
    page = words_of(darcel.get(f"/targets/me?{ASKED}").text)
    assert "80.0% of the target of $296k" in page
    for name in ("Q3 2017", "August 2017", "Week 35, 2017", "Marxen"):
        assert name in page
    assert "Gladys Colclough" not in page


def test_a_colleagues_page_is_not_there(worked, darcel):
    assert darcel.get(f"/targets/me?{ASKED}&person=P-{worked.people['Gladys Colclough']}").status_code == 404
    assert darcel.get(f"/targets/me?{ASKED}&person=nobody").status_code == 404


def test_a_leaders_page_shows_the_team_and_opens_its_people(worked):
    from hedef.records.services import create

    melvin = worked.person("Melvin Marxen", ("Marxen", None, None), role="manager")
    own = worked.people["Darcel Schlecht"]
    create(
        kind="manager_line",
        fields={"person": own, "manager": melvin, "line": "solid"},
        effective_us=0,
        actor="test",
    )
    client = visitor("melvin", "manager", person=melvin)

    page = words_of(client.get(f"/targets/me?{ASKED}").text)
    assert "76.6% of the target of $633k" in page
    assert "Goals of my team" in page
    assert "Darcel Schlecht" in page
    assert "80.0% of the target of $296k" in words_of(client.get(f"/targets/me?{ASKED}&person=P-{own}").text)


def test_a_letter_asks_until_its_periods_are_over(darcel):
    assert "waits for your answer" in words_of(darcel.get(f"/targets/me?{ASKED}").text)
    assert "waits for your answer" not in words_of(darcel.get("/targets/me?as_of=2017-10-01").text)


def test_a_notice_stands_on_my_page_until_i_have_read_it(worked, darcel):
    own = worked.people["Darcel Schlecht"]
    entity = notify(
        room="targets",
        code="band",
        scope=f"person:P-{own}",
        person=own,
        text={"en": "You fell behind pace.", "tr": "Temponun gerisine düştünüz."},
        actor="test",
    )
    assert "You fell behind pace." in words_of(darcel.get(f"/targets/me?{ASKED}").text)
    other = visitor("gladys", "rep", person=worked.people["Gladys Colclough"])
    assert "You fell behind pace." not in words_of(other.get(f"/targets/me?{ASKED}").text)
    other.post("/targets/me/read", {"notice": entity})
    assert "You fell behind pace." in words_of(darcel.get(f"/targets/me?{ASKED}").text)
    darcel.post("/targets/me/read", {"notice": entity})
    assert "You fell behind pace." not in words_of(darcel.get(f"/targets/me?{ASKED}").text)


def test_a_user_who_stands_for_nobody_is_told_so(worked):
    page = visitor("ada", "operations").get("/targets/me")
    assert page.status_code == 200
    assert "Your user stands for no person" in words_of(page.text)


def test_a_home_without_plans_has_a_page_all_the_same(maven):
    page = visitor("darcel", "rep", person=maven.people["Darcel Schlecht"]).get(f"/targets/me?{ASKED}")
    assert page.status_code == 200
    assert "There are no targets for you in this period." in words_of(page.text)
