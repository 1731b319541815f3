from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hedef.definitions.engine import Difference, choose, differences, starts_too_early


@dataclass(frozen=True)
class Row:
    version: int
    effective_from: date | None = None
    until: date | None = None
    approver: str = "selin"


AUGUST, OCTOBER = date(2017, 8, 14), date(2017, 10, 1)


def test_each_day_has_the_version_that_began_last():
    first, second = Row(1), Row(2, AUGUST)
    days = [date(2017, 1, 1), AUGUST - timedelta(days=1), AUGUST, date(2018, 1, 1)]
    assert [choose([first, second], day).version for day in days] == [1, 1, 2, 2]
    assert choose([second], date(2017, 1, 1)) is None


def test_a_draft_is_never_in_force_and_a_retired_version_only_before_its_end():
    assert choose([Row(1), Row(2, AUGUST, approver="")], OCTOBER) == Row(1)
    ended = Row(2, AUGUST, until=OCTOBER)
    assert choose([Row(1), ended], OCTOBER - timedelta(days=1)) == ended
    assert choose([Row(1), ended], OCTOBER) is None


def test_a_version_withdrawn_before_it_began_leaves_the_former_in_force():
    assert choose([Row(1), Row(2, AUGUST, until=AUGUST)], OCTOBER) == Row(1)


def test_of_two_that_begin_on_one_day_the_later_version_counts():
    assert choose([Row(1), Row(2)], OCTOBER) == Row(2)


def test_dates_of_later_versions_do_not_go_back():
    assert starts_too_early([Row(1), Row(2, AUGUST)], 3, date(2017, 8, 13)) == Row(2, AUGUST)
    assert starts_too_early([Row(1), Row(2, AUGUST)], 3, None) == Row(2, AUGUST)
    assert starts_too_early([Row(1), Row(2, AUGUST)], 3, AUGUST) is None
    assert starts_too_early([Row(1, AUGUST, approver="")], 2, None) is None


def test_differences_name_each_place_and_find_list_items_by_their_id():
    before = {"name": "Ageing", "limits": [{"id": "needs", "days": 14}, {"id": "offer", "days": 21}], "ramp": [1, 2]}
    after = {"limits": [{"id": "offer", "days": 30}, {"id": "won", "days": 1}], "ramp": [1, 3, 5], "owner": "x"}
    assert differences(before, after) == [
        Difference("name", "Ageing", None),
        Difference("limits[needs]", {"id": "needs", "days": 14}, None),
        Difference("limits[offer].days", 21, 30),
        Difference("limits[won]", None, {"id": "won", "days": 1}),
        Difference("ramp[1]", 2, 3),
        Difference("ramp[2]", None, 5),
        Difference("owner", None, "x"),
    ]


def test_true_is_not_one():
    assert differences({"a": 1}, {"a": True}) == [Difference("a", 1, True)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a", "b"]), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_equal_values_and_only_they_have_no_difference(one, other):
    assert differences(one, one) == []
    turned = [(one.path, one.before, one.after) for one in differences(other, one)]
    assert bool(turned) == bool(differences(one, other))
