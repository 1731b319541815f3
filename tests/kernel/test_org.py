from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.org import Led, OrgTree

SALES, CENTRAL, EAST, BRINKMANN = 1, 2, 3, 4
HOLLY, DUSTIN, ANNA, DARCEL, CELIA = 11, 12, 13, 14, 15

TREE = OrgTree.build(
    teams=[(SALES, None), (EAST, SALES), (CENTRAL, SALES), (BRINKMANN, CENTRAL)],
    memberships=[
        (HOLLY, SALES, "manager", 10_000, True),
        (DUSTIN, BRINKMANN, "manager", 10_000, True),
        (ANNA, BRINKMANN, "rep", 5_000, False),
        (ANNA, EAST, "rep", 5_000, True),
        (DARCEL, CENTRAL, "rep", 10_000, True),
    ],
    managers=[(DUSTIN, HOLLY), (CELIA, DUSTIN)],
)


def test_teams_stand_in_tree_order_and_know_their_way_up():
    assert TREE.teams_in_order() == [SALES, EAST, CENTRAL, BRINKMANN]
    assert TREE.children(SALES) == [EAST, CENTRAL]
    assert TREE.children(None) == [SALES]
    assert TREE.path(BRINKMANN) == [BRINKMANN, CENTRAL, SALES]
    assert TREE.issues == ()


def test_members_of_a_team_alone_and_with_the_teams_below():
    assert TREE.members(CENTRAL) == [DARCEL]
    assert TREE.members(CENTRAL, deep=True) == [DARCEL, DUSTIN, ANNA]
    assert TREE.members(SALES, deep=True) == [HOLLY, ANNA, DARCEL, DUSTIN]
    assert TREE.members(99) == []


def test_the_team_of_a_person_in_two_teams_is_the_primary_one():
    assert [TREE.team_of(person) for person in (ANNA, DARCEL, CELIA)] == [EAST, CENTRAL, None]


def test_leading_reaches_down_the_teams_and_down_the_managers():
    assert TREE.led_by(HOLLY) == Led(
        frozenset({SALES, EAST, CENTRAL, BRINKMANN}), frozenset({DUSTIN, ANNA, DARCEL, CELIA})
    )
    assert TREE.led_by(DUSTIN) == Led(frozenset({BRINKMANN}), frozenset({ANNA, CELIA}))
    assert TREE.led_by(ANNA) == Led()
    assert TREE.manager_of(CELIA) == DUSTIN


def test_teams_in_a_circle_are_cut_and_told():
    tree = OrgTree.build(teams=[(1, 2), (2, 3), (3, 2)])
    assert tree.teams_in_order() == [2, 1, 3]
    (issue,) = tree.issues
    assert (issue.code, issue.level, issue.object) == ("team_cycle", "error", "T-2")
    assert issue.message.startswith("T-2 -> T-3 -> T-2 is a circle")


def test_managers_in_a_circle_do_not_lead_for_ever():
    tree = OrgTree.build(teams=[], managers=[(1, 2), (2, 1), (3, 3)])
    assert [issue.object for issue in tree.issues] == ["P-1", "P-3"]
    assert tree.led_by(1) == Led(people=frozenset({2}))
    assert tree.led_by(3) == Led()


def test_a_parent_that_is_not_there_and_a_second_primary_team_are_told():
    tree = OrgTree.build(
        teams=[(1, 7), (2, None)], memberships=[(5, 1, "rep", 10_000, True), (5, 2, "rep", 10_000, True)]
    )
    assert [issue.code for issue in tree.issues] == ["unknown_parent", "two_primary_teams"]
    assert tree.children(None) == [1, 2]
    assert tree.team_of(5) == 1


@given(st.dictionaries(st.integers(1, 9), st.none() | st.integers(1, 9), max_size=9))
def test_any_lines_give_a_tree_that_holds_every_team_once(parents):
    tree = OrgTree.build(teams=parents.items())
    assert sorted(tree.teams_in_order()) == sorted(parents)
    assert all(tree.path(team)[-1] in tree.children(None) for team in parents)
