"""People, teams, names and what a viewer may see."""

from datetime import date

import pytest

from hedef.kernel.errors import NotFound
from hedef.kernel.scope import Scope
from hedef.ledger.services import writing
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.django_db

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 15)


@pytest.fixture
def company():
    """East under Sales; Holly moves from East to West in mid June; Mert leads both, Ali's range has no dates."""
    made = {}
    with writing(kind="import", actor="local") as batch:

        def make(kind, **fields):
            return services.create(kind=kind, fields=fields, effective_us=ALWAYS_US, actor="local", batch=batch)

        for name, parent in (("Sales", None), ("East", "Sales"), ("West", "Sales")):
            made[name] = make("team", name=name, parent=made.get(parent), handle=name.lower())
        for name in ("Holly Berry", "Ali Işık", "Mert Ak"):
            made[name.split()[0]] = make("person", name=name, email=f"{name.split()[0].lower()}@poyraz.example")
        told = [("Holly", "East", None, JUNE), ("Holly", "West", JUNE, None), ("Ali", "East", None, None)]
        for person, team, start, end in told:
            range_ = {"from_day": start, "to_day": end, "primary": True}
            made[f"{person} in {team}"] = make("membership", person=made[person], team=made[team], role="rep", **range_)
        for person in ("Holly", "Ali"):
            make("manager_line", person=made[person], manager=made["Mert"], line="solid")
        make("manager_line", person=made["Ali"], manager=made["Holly"], line="dotted")
        made["deal"] = make("deal", name="Big one", owner=made["Holly"])
        made["other"] = make("deal", owner=made["Ali"])
        made["line"] = make("deal_line", deal=made["deal"])
    return made


def test_the_tree_of_a_day_shows_the_teams_of_that_day(company):
    may, june = queries.team_tree(MAY), queries.team_tree(JUNE)
    holly, ali, east, west = (company[name] for name in ("Holly", "Ali", "East", "West"))
    assert (may.team_of(holly), june.team_of(holly), may.team_of(ali)) == (east, west, east)
    assert queries.members_on(east, date(2026, 6, 14)) == [holly, ali]
    assert queries.members_on(company["Sales"], JUNE, deep=True) == [ali, holly]
    assert may.children(company["Sales"]) == [east, west]
    assert may.issues == ()


def test_an_ended_membership_counts_no_more(company):
    services.end(kind="membership", entity=company["Ali in East"], effective_us=0, actor="local")
    assert queries.team_tree(MAY).team_of(company["Ali"]) is None


def test_the_manager_is_the_solid_line(company):
    assert queries.manager_of(company["Ali"], MAY) == company["Mert"]
    assert queries.manager_of(company["Mert"], MAY) is None


def test_names_of_any_kind_are_answered_and_the_nameless_by_their_number(company):
    asked = [company["Holly"], company["East"], company["deal"], company["other"], company["line"], None, 10**9]
    assert list(queries.names(asked).values()) == [
        "East",
        "Holly Berry",
        "Big one",
        f"D-{company['other']}",
        f"E-{company['line']}",
        f"E-{10**9}",
    ]
    assert queries.names([company["Holly"]], kind="person") == {company["Holly"]: "Holly Berry"}


def test_a_person_is_found_by_number_handle_mail_and_name(company):
    holly, ali = company["Holly"], company["Ali"]
    for text in (f"P-{holly}", str(holly), "holly@poyraz.example", "HOLLY BERRY", "Berry, Holly"):
        assert queries.resolve("person", text) == holly
    assert queries.resolve("person", "ALİ ISIK") == ali
    assert queries.resolve("team", "east") == company["East"]
    assert queries.people_by_key()["ali isik"] == [ali]


@pytest.mark.parametrize("text", ["nobody", "T-1", "P-999999", "", "D-1", "9" * 30, "P-9999999999999999999"])
def test_who_is_not_there_is_not_found(company, text):
    with pytest.raises(NotFound):
        queries.resolve("person", text)


def test_a_name_that_fits_two_is_not_guessed(company):
    services.create(kind="person", fields={"name": "Ali Isik"}, effective_us=0, actor="local")
    with pytest.raises(NotFound, match="fits several"):
        queries.resolve("person", "Ali Işık")


def test_a_scope_sees_what_its_people_own_and_the_lines_below(company):
    own = Scope(people=frozenset({company["Holly"]}), teams=frozenset(), totals=frozenset({company["East"]}))

    def seen(kind):
        return [row["entity"] for row in queries.rows(kind, scope=own)]

    assert seen("deal") == [company["deal"]]
    assert seen("deal_line") == [company["line"]]
    assert seen("person") == [company["Holly"]]
    assert seen("team") == [company["East"]]
    assert seen("membership") == [company["Holly in East"], company["Holly in West"]]
    assert queries.seen("deal", [company["deal"], company["other"]], own) == {company["deal"]}
    assert queries.rows("deal", scope=Scope()) == []


def test_rows_take_one_question_however_many_there_are(company, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.rows("person", entities=[company["Holly"]])
    with django_assert_num_queries(1):
        queries.rows("person")
    with django_assert_num_queries(3):
        queries.team_tree(MAY)
