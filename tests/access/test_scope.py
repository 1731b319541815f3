"""What people see by the org tree of a day: a manager the own teams, a rep the own person, both the totals above."""

from datetime import UTC, date, datetime

import pytest

from hedef.access.queries import scope_of
from hedef.access.services import create_user
from hedef.kernel.scope import Scope
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import create

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def org(home):
    """All: East (Ayça leads Deniz), West (Jonas leads Lena until June; Lena moves to East in July)."""

    def make(kind, **fields):
        return create(kind=kind, fields=fields, effective_us=ALWAYS_US, actor="test")

    def member(person, team, role="rep", start=None, end=None):
        fields = {"person": person, "team": team, "role": role, "share_bp": 10_000, "primary": True}
        make("membership", **fields, from_day=start, to_day=end)

    every = make("team", name="All")
    east, west = make("team", name="East", parent=every), make("team", name="West", parent=every)
    ayca, deniz, jonas, lena = (make("person", name=name) for name in ("Ayça", "Deniz", "Jonas", "Lena"))
    member(ayca, east, "manager")
    member(deniz, east)
    member(jonas, west, "manager")
    member(lena, west, end=AFTER)
    member(lena, east, start=AFTER)
    return {"all": every, "east": east, "west": west, "ayca": ayca, "deniz": deniz, "jonas": jonas, "lena": lena}


def user(name, org, *roles):
    return create_user(username=name, name=name.title(), roles=roles, person=org[name], now=NOW)


def scope(org, people, teams, totals):
    return Scope(
        people=frozenset(org[one] for one in people),
        teams=frozenset(org[one] for one in teams),
        totals=frozenset(org[one] for one in totals),
        company_total=True,
        may_read_pay=True,
    )


def test_a_manager_sees_the_own_teams_and_people_of_that_day(org):
    ayca = user("ayca", org, "manager")
    assert scope_of(ayca, BEFORE) == scope(org, ["ayca", "deniz"], ["east"], ["all"])
    assert scope_of(ayca, AFTER) == scope(org, ["ayca", "deniz", "lena"], ["east"], ["all"])


def test_a_rep_sees_the_own_person_and_the_totals_of_the_teams_above_on_that_day(org):
    lena = user("lena", org, "rep")
    assert scope_of(lena, BEFORE) == scope(org, ["lena"], [], ["west", "all"])
    assert scope_of(lena, AFTER) == scope(org, ["lena"], [], ["east", "all"])


def test_a_rep_leading_a_team_in_the_tree_but_not_by_role_still_sees_like_a_rep(org):
    jonas = user("jonas", org, "rep")
    assert scope_of(jonas, BEFORE) == scope(org, ["jonas"], [], ["west", "all"])


def test_a_colleague_is_not_in_the_scope_of_a_colleague(org):
    deniz, lena = user("deniz", org, "rep"), user("lena", org, "rep")
    assert not scope_of(deniz, AFTER).sees_person(org["lena"])
    assert not scope_of(lena, AFTER).sees_person(org["deniz"])
    assert not scope_of(deniz, AFTER).sees_person(None)
