"""Target letters: one per person and published version, bound to its hash, asked again with the difference (T14)."""

from datetime import date

import pytest

from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.scope import Scope
from hedef.targets import queries
from hedef.targets.services import PlanOptions, SplitOrder, acknowledge_letter, publish_plan, split_plan

DAY = date(2017, 6, 30)


def plan(total="300000.00", reason="", **more):
    order = SplitOrder("sales-2017", "2017-Q3", total=total, options=PlanOptions(metric="won_value", reason=reason))
    split_plan(order, actor="local", as_of=DAY)
    return publish_plan(plan="sales-2017", actor="local", may_approve=True).version


@pytest.fixture
def two(company):
    company.team("North")
    company.person("Ayşe Yılmaz", ("North", None, None))
    company.person("Işık Demir", ("North", None, None))
    return company


def test_every_published_version_makes_a_letter_per_person(two):
    version = plan()
    found = queries.letters("sales-2017")
    assert [(one.name, one.state) for one in found] == [("Ayşe Yılmaz", "open"), ("Işık Demir", "open")]
    [line] = found[0].lines
    assert (line.period, line.value, line.origin, line.parent_value) == ("2017-Q3", 15_000_000, "split", 30_000_000)
    one = queries.letter("sales-2017", two.people["Ayşe Yılmaz"])
    assert one.lines[0].parts == (("2017-07", 4_761_905), ("2017-08", 5_476_190), ("2017-09", 4_761_905))
    assert sum(value for _, value in one.lines[0].parts) == line.value
    assert queries.letter_json(one)["hash"] == version.hash


def test_a_draft_makes_no_letter(two):
    split_plan(SplitOrder("sales-2017", "2017-Q3", total="10.00"), actor="local", as_of=DAY)
    with pytest.raises(NotFound, match="never published"):
        queries.letters("sales-2017")


def test_an_answer_is_bound_to_the_hash_and_a_new_version_asks_again_with_the_difference(two):
    first = plan()
    ayse = two.people["Ayşe Yılmaz"]
    done = acknowledge_letter(plan="sales-2017", person=ayse, digest=first.hash, answer="acknowledged", actor="ayse")
    assert done.state == "acknowledged"
    plan("360000.00", reason="New product delayed")
    with pytest.raises(Refused, match="newer version"):
        acknowledge_letter(plan="sales-2017", person=ayse, digest=first.hash, answer="acknowledged", actor="ayse")
    again = queries.letter("sales-2017", ayse)
    assert (again.state, again.changed, again.former.answer) == ("open", True, "acknowledged")
    assert (again.lines[0].before, again.lines[0].value) == (15_000_000, 18_000_000)


def test_a_disagreement_carries_a_sentence_and_blocks_nothing(two):
    version = plan()
    ayse = two.people["Ayşe Yılmaz"]
    with pytest.raises(WrongUse, match="sentence"):
        acknowledge_letter(plan="sales-2017", person=ayse, digest=version.hash, answer="disagreed", actor="ayse")
    done = acknowledge_letter(
        plan="sales-2017", person=ayse, digest=version.hash, answer="disagreed", sentence="Too high.", actor="ayse"
    )
    assert (done.state, done.answer.sentence) == ("disagreed", "Too high.")
    board = queries.scoreboard(period="2017-Q3", as_of=date(2017, 7, 31), by="person").as_json()
    assert [row["target"] for row in board["rows"]] == ["150000.00", "150000.00"]


def test_the_board_counts_who_has_acknowledged_the_version(two):
    version = plan()
    acknowledge_letter(
        plan="sales-2017",
        person=two.people["Işık Demir"],
        digest=version.hash,
        answer="acknowledged",
        actor="isik",
    )
    board = queries.scoreboard(period="2017-Q3", as_of=date(2017, 7, 31)).as_json()
    assert (board["total"]["people"], board["total"]["acknowledged"]) == (2, 1)
    assert [(row["people"], row["acknowledged"]) for row in board["rows"]] == [(2, 1)]
    people = queries.scoreboard(period="2017-Q3", as_of=date(2017, 7, 31), by="person").as_json()
    assert [row["acknowledged"] for row in people["rows"]] == [0, 1]


def test_a_letter_is_seen_by_its_person_and_those_above(two):
    plan()
    ayse = two.people["Ayşe Yılmaz"]
    assert [one.person for one in queries.letters("sales-2017", scope=Scope(people=frozenset({ayse})))] == [ayse]
    with pytest.raises(NotFound, match="no target letter"):
        queries.letter("sales-2017", two.people["Işık Demir"], scope=Scope(people=frozenset({ayse})))


def test_open_letters_stand_first(two):
    plan()
    assert [one.version.id for one in queries.letters_of(two.people["Ayşe Yılmaz"])] == ["sales-2017"]
