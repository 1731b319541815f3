import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.errors import InvalidDocument
from hedef.kernel.yaml_source import read_yaml, spell_path, write_yaml

PLAN = """\
id: sales-2017
split: {round_to: 1000.00, weights: won_value@2017-Q2}
effective_from: 2017-08-14
people:
  joiner: prorate
  ramp: [0.50, 1]
active: true
notes: ~
code: 007
"""


def faults(text: str) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(InvalidDocument) as caught:
        read_yaml(text, "plan.yaml")
    return [(issue.code, issue.source.row, issue.source.column) for issue in caught.value.issues]


def test_decimals_and_dates_stay_the_text_that_was_written():
    data, _ = read_yaml(PLAN)
    assert data == {
        "id": "sales-2017",
        "split": {"round_to": "1000.00", "weights": "won_value@2017-Q2"},
        "effective_from": "2017-08-14",
        "people": {"joiner": "prorate", "ramp": ["0.50", 1]},
        "active": True,
        "notes": None,
        "code": "007",
    }


def test_every_value_has_its_line_and_column():
    _, locate = read_yaml(PLAN)
    assert locate(("split", "round_to")) == (2, 19)
    assert locate(("people", "ramp", 1)) == (6, 16)
    assert locate(("people", "ramp"), key=True) == (6, 3)
    assert locate(("people", "leaver")) == locate(("people",)) == (5, 3)
    assert locate() == (1, 1)


def test_a_repeated_key_is_refused_and_names_the_first_one():
    with pytest.raises(InvalidDocument) as caught:
        read_yaml("id: a\nname:\n  en: A\n  en: B\n", "plan.yaml")
    (issue,) = caught.value.issues
    assert issue.message == (
        'plan.yaml line 4, column 3: name.en: the key "en" stands here twice; it was first written in line 3'
    )


def test_all_faults_are_collected():
    assert faults("a: 1\na: 2\nb: &x 1\nc: *x\n") == [
        ("repeated_key", 2, "1"),
        ("yaml_feature", 3, "4"),
        ("yaml_feature", 3, "4"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: [1", 1, "6"), ("a: 1\n b: 2", 2, "3"), ("a: 1\n---\nb: 2", 2, "1"), ("a: \x00", 1, "1"), ("a: @x", 1, "4")],
)
def test_what_is_no_yaml_is_told_with_its_place(text, line, column):
    assert faults(text) == [("bad_yaml", line, column)]


@pytest.mark.parametrize(
    "text", ["a: !!python/object:os.system x", "a: !secret x", "? [1]\n: 2", "<<: {a: 1}", "!!omap [a: 1]", "!!map [1]"]
)
def test_what_could_run_or_hide_something_is_refused(text):
    assert [code for code, _, _ in faults(text)] == ["yaml_feature"]


def test_a_document_nested_without_end_is_refused():
    assert faults("[" * 5_000)[0][0] == "bad_yaml"


def test_an_empty_text_is_nothing():
    assert read_yaml("# nothing yet\n")[0] is None


def test_paths_are_spelled_as_people_point():
    assert spell_path(("stages", 2, "limit", "days")) == "stages[2].limit.days"


def test_data_is_written_as_people_write_it():
    data = {"id": "sales-2017", "name": {"en": "Sales", "tr": "Satış"}, "round_to": "1000.00", "ramp": ["0.50", 1]}
    assert write_yaml(data) == (
        "id: sales-2017\nname:\n  en: Sales\n  tr: Satış\nround_to: '1000.00'\nramp:\n- '0.50'\n- 1\n"
    )


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.sampled_from(["0.10", "007", "2017-08-14", "true", "~", "<<"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_was_written_reads_back_the_same(data):
    assert read_yaml(write_yaml({"data": data}))[0] == {"data": data}
