"""T2: a split goes level by level, and parts always equal their whole."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hedef.targets.engine.split import Node, Part, Rules, split

# won value of 2017-Q2 of the six teams of the roster and their three regions, in cents
Q2 = {
    "team:T-1": 95732100,
    "team:T-2": 101682300,
    "team:T-3": 111196700,
}


def test_regions_of_the_worked_board_are_cut_in_thousands():
    tree = Node("company", (Node("team:T-1"), Node("team:T-2"), Node("team:T-3")))

    parts, issues = split(330_000_000, root=tree, weights=Q2, rules=Rules(round_to=100_000))

    assert issues == []
    assert [(part.scope, part.value, part.parent) for part in parts] == [
        ("company", 330_000_000, None),
        ("team:T-1", 102_400_000, "company"),
        ("team:T-2", 108_700_000, "company"),
        ("team:T-3", 118_900_000, "company"),
    ]


def test_regions_to_the_cent():
    tree = Node("company", (Node("team:T-1"), Node("team:T-2"), Node("team:T-3")))

    parts, _ = split(330_000_000, root=tree, weights=Q2, rules=Rules())

    assert [part.value for part in parts[1:]] == [102_367_002, 108_729_592, 118_903_406]


def test_each_level_is_cut_from_the_line_above_it_not_from_the_total():
    """A team's own weights decide inside the team; rounding upstairs is kept downstairs."""
    tree = Node(
        "company",
        (
            Node("team:T-1", (Node("person:P-1"), Node("person:P-2"))),
            Node("team:T-2", (Node("person:P-3"),)),
        ),
    )
    weights = {"team:T-1": 2, "team:T-2": 1, "person:P-1": 1, "person:P-2": 2, "person:P-3": 5}

    parts, issues = split(100, root=tree, weights=weights, rules=Rules(round_to=10))

    assert issues == []
    assert parts == [
        Part("company", 100),
        Part("team:T-1", 70, "company", Fraction(2)),
        Part("person:P-1", 20, "team:T-1", Fraction(1)),
        Part("person:P-2", 50, "team:T-1", Fraction(2)),
        Part("team:T-2", 30, "company", Fraction(1)),
        Part("person:P-3", 30, "team:T-2", Fraction(5)),
    ]


def test_what_the_rounding_leaves_over_goes_to_the_largest_weight():
    tree = Node("company", (Node("team:T-1"), Node("team:T-2")))

    parts, _ = split(1_050, root=tree, weights={"team:T-1": 1, "team:T-2": 3}, rules=Rules(round_to=100))

    assert [part.value for part in parts[1:]] == [200, 850]


def test_a_person_without_history_takes_the_median_and_is_named():
    tree = Node("team:T-1", tuple(Node(f"person:P-{number}") for number in (1, 2, 3, 4)))
    weights = {"person:P-1": 10, "person:P-2": 20, "person:P-3": 60, "person:P-4": None}

    parts, issues = split(110, root=tree, weights=weights, rules=Rules())

    assert [part.value for part in parts[1:]] == [10, 20, 60, 20]
    assert [(issue.code, issue.level, issue.object) for issue in issues] == [("no_history", "warning", "person:P-4")]


def test_a_plan_that_asks_gets_no_lines_for_people_without_history():
    tree = Node("team:T-1", (Node("person:P-1"), Node("person:P-2")))

    parts, issues = split(100, root=tree, weights={"person:P-1": 1}, rules=Rules(no_history="ask"))

    assert parts == []
    assert [(issue.code, issue.level) for issue in issues] == [("no_history", "error")]


def test_zero_for_who_has_no_history_only_if_the_plan_says_so():
    tree = Node("team:T-1", (Node("person:P-1"), Node("person:P-2")))

    parts, _ = split(100, root=tree, weights={"person:P-1": 1}, rules=Rules(no_history="zero"))

    assert [part.value for part in parts[1:]] == [100, 0]


def test_a_team_in_which_nobody_has_history_is_cut_equally_and_says_so():
    tree = Node("team:T-1", (Node("person:P-1"), Node("person:P-2")))

    parts, issues = split(101, root=tree, weights={}, rules=Rules())

    assert [part.value for part in parts[1:]] == [51, 50]
    assert [issue.code for issue in issues] == ["split_without_history"]


def test_people_carry_more_than_their_team_when_the_plan_over_assigns():
    tree = Node("company", (Node("team:T-1", (Node("person:P-1"), Node("person:P-2"))),))
    rules = Rules(over_assign=Fraction(10, 100))

    parts, _ = split(1000, root=tree, weights={"team:T-1": 1, "person:P-1": 1, "person:P-2": 1}, rules=rules)

    assert [(part.scope, part.value) for part in parts] == [
        ("company", 1000),
        ("team:T-1", 1000),
        ("person:P-1", 550),
        ("person:P-2", 550),
    ]


@given(
    total=st.integers(-(10**12), 10**12),
    unit=st.sampled_from([1, 100, 100_000]),
    weights=st.lists(st.integers(0, 10**9), min_size=6, max_size=6),
)
def test_parts_always_equal_their_whole_on_every_level(total, unit, weights):
    people = [tuple(Node(f"person:P-{team}{number}") for number in (1, 2)) for team in (1, 2)]
    tree = Node("company", (Node("team:T-1", people[0]), Node("team:T-2", people[1])))
    scopes = ["team:T-1", "team:T-2", *(node.scope for pair in people for node in pair)]

    parts, _ = split(total, root=tree, weights=dict(zip(scopes, weights, strict=True)), rules=Rules(round_to=unit))

    value = {part.scope: part.value for part in parts}
    for parent in ("company", "team:T-1", "team:T-2"):
        assert sum(part.value for part in parts if part.parent == parent) == value[parent]
