"""A value changes; every other character of the text stays."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.kernel.yaml_edit import GONE, pretty, put_value, put_values
from hedef.kernel.yaml_source import read_yaml

TEXT = """\
# what this metric is
kind: metric  # never another
id: won_value
name: {en: Won value, tr: Kazanılan tutar}   # both languages
says:
  en: "Amount of deals won."   # short
  # the Turkish text
  tr: Kazanılan tutar.
fact: {from: closing, value: sign * amount, when: "outcome = 'won'"}
dimensions:
  - person   # always
  - team
expect: null
rate: 0.10

# the end
"""


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (("id",), "won_amount", ["- id: won_value", "+ id: won_amount"]),
        (
            ("name", "tr"),
            "Tutar: ne kadar",
            [
                "- name: {en: Won value, tr: Kazanılan tutar}   # both languages",
                '+ name: {en: Won value, tr: "Tutar: ne kadar"}   # both languages',
            ],
        ),
        (("says", "en"), "Other", ['-   en: "Amount of deals won."   # short', '+   en: "Other"   # short']),
        (
            ("fact", "when"),
            GONE,
            [
                "- fact: {from: closing, value: sign * amount, when: \"outcome = 'won'\"}",
                "+ fact: {from: closing, value: sign * amount}",
            ],
        ),
        (
            ("fact", "time"),
            "close_on",
            [
                "- fact: {from: closing, value: sign * amount, when: \"outcome = 'won'\"}",
                "+ fact: {from: closing, value: sign * amount, when: \"outcome = 'won'\", time: close_on}",
            ],
        ),
        (
            ("dimensions",),
            ["team"],
            ["- dimensions:", "-   - person   # always", "-   - team", "+ dimensions: [team]"],
        ),
        (("expect",), "0.00", ["- expect: null", "+ expect: 0.00"]),
        (("rate",), GONE, ["- rate: 0.10"]),
        (("act", "en"), "Call.", ["+ act: {en: Call.}"]),
    ],
)
def test_only_the_lines_of_the_changed_value_differ(path, value, lines):
    assert sorted(changed_lines(TEXT, put_value(TEXT, path, value))) == sorted(lines)


def test_a_new_key_stands_where_the_order_wants_it():
    made = put_value(TEXT, ("unit",), "money", order=("kind", "id", "name", "says", "unit", "fact"))
    lines = made.splitlines()
    assert lines[lines.index("unit: money") - 1] == "  tr: Kazanılan tutar."


def test_a_mapping_that_loses_its_last_key_goes():
    made = put_values(TEXT, [(("says", "en"), GONE), (("says", "tr"), GONE)])
    assert "says" not in read_yaml(made)[0]
    assert "# the end" in made


def test_an_empty_text_becomes_a_document():
    assert read_yaml(put_value("", ("kind",), "metric"))[0] == {"kind": "metric"}


def test_the_same_value_changes_nothing():
    assert put_value(TEXT, ("rate",), "0.10") == TEXT


KEYS = st.sampled_from(["kind", "id", "name", "says", "fact", "dimensions", "expect", "rate", "new"])
VALUES = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30),
    st.integers(-5, 10**6),
    st.booleans(),
    st.none(),
    st.lists(st.sampled_from(["a", "b: c", "#", "- x", "1", ""]), max_size=3),
    st.dictionaries(st.sampled_from(["en", "tr"]), st.text("aç:# {}[]'\"", min_size=1, max_size=12), min_size=1),
)


@settings(max_examples=30, deadline=None)
@given(key=KEYS, value=VALUES)
def test_whatever_is_written_is_read_and_all_other_lines_stay(key, value):
    data = read_yaml(TEXT)[0]
    made = put_value(TEXT, (key,), value)
    assert read_yaml(made)[0] == {**data, key: value}
    others = [line for line in TEXT.splitlines() if line.startswith(("#", "  #"))]
    if key not in {"says"}:
        assert [line for line in made.splitlines() if line.strip().startswith("#")] == others


@settings(max_examples=25, deadline=None)
@given(first=KEYS, second=KEYS, value=VALUES)
def test_changes_of_two_keys_do_not_meet(first, second, value):
    data = read_yaml(TEXT)[0]
    made = put_values(TEXT, [((first,), value), ((second,), GONE)])
    wanted = {**data, first: value}
    wanted.pop(second, None)
    assert read_yaml(made)[0] == wanted


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_pretty_text_says_the_same_data(data):
    assert read_yaml(pretty(data))[0] == data


def test_pretty_text_keeps_short_mappings_on_one_line():
    data = {
        "name": {"en": "Won", "tr": "Kazanılan"},
        "cases": [{"name": "a" * 60, "rows": {"closing": []}, "x": 1}] * 2,
    }
    line = f"  - name: {'a' * 60}\n    rows: {{closing: []}}\n    x: 1\n"
    assert pretty(data) == "name: {en: Won, tr: Kazanılan}\ncases:\n" + line * 2
