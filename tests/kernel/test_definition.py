from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.definition import Document, Part, Reference, canonical, document_hash, reference, validate
from hedef.kernel.yaml_source import read_yaml


class Limit(Part):
    days: int
    clock: Literal["working", "calendar"] = "working"


class Ageing(Document):
    kind: Literal["ageing"]
    share: Decimal
    limits: list[Limit]


TEXT = """\
kind: ageing
id: new-business
version: 2
effective_from: 2017-08-14
name: {en: Ageing, tr: Bekleme}
owner: operations
share: 0.10
limits:
  - {days: 14}
notes: [written on a train]
"""


def test_a_right_document_becomes_its_model():
    data, locate = read_yaml(TEXT)
    document, issues = validate(Ageing, data, locate, "ageing.yaml")
    assert issues == []
    assert document.reference == "ageing:new-business@2"
    assert document.effective_from == date(2017, 8, 14)
    assert document.share == Decimal("0.10")
    assert document.limits == [Limit(days=14)]


def test_every_fault_comes_with_its_file_line_and_column():
    text = TEXT.replace("days: 14", "days: soon, clok: x").replace("id: new-business", "id: New Business")
    data, locate = read_yaml(text.replace(", tr: Bekleme", "").replace("owner", "ownr"))
    document, issues = validate(Ageing, data, locate, "ageing.yaml")
    assert document is None
    assert [(issue.code, issue.object, issue.source.row, issue.source.column) for issue in issues] == [
        ("invalid_value", "id", 2, "5"),
        ("required_missing", "name.tr", 5, "7"),
        ("required_missing", "owner", 1, "1"),
        ("invalid_value", "limits[0].days", 9, "12"),
        ("unknown_field", "limits[0].clok", 9, "18"),
        ("unknown_field", "ownr", 6, "1"),
    ]
    assert issues[0].message == (
        'ageing.yaml line 2, column 5: id: an id is written in small letters, digits and - (found: "New Business")'
    )
    assert issues[1].message == 'ageing.yaml line 5, column 7: name.tr: "tr" is missing'
    assert issues[-1].hint == 'Did you mean "owner"?'


def test_a_list_is_no_document():
    document, issues = validate(Ageing, *read_yaml("- 1"))
    assert document is None
    assert [issue.code for issue in issues] == ["invalid_value"]


def test_metric_ids_are_written_with_underscores():
    envelope = {"kind": "metric", "version": 1, "name": {"en": "Won", "tr": "Kazanılan"}, "owner": "operations"}
    assert validate(Document, {**envelope, "id": "won_value"})[1] == []
    assert [issue.object for issue in validate(Document, {**envelope, "id": "won-value"})[1]] == ["id"]


def test_notes_and_the_order_of_keys_never_change_the_hash():
    one = {"kind": "ageing", "id": "x", "limits": [{"days": 14, "clock": "working"}], "notes": "first"}
    other = {"notes": "second", "limits": [{"clock": "working", "days": 14}], "id": "x", "kind": "ageing"}
    assert canonical(one) == b'{"id":"x","kind":"ageing","limits":[{"clock":"working","days":14}]}'
    assert document_hash(one) == document_hash(other)
    assert document_hash(one).startswith("sha256:")
    assert document_hash({**one, "id": "y"}) != document_hash(one)


def test_dates_and_decimals_made_in_code_hash_like_written_ones():
    made = {"from": date(2017, 8, 14), "share": Decimal("0.10"), "name": "Ölçüt"}
    assert canonical(made) == '{"from":"2017-08-14","name":"Ölçüt","share":"0.10"}'.encode()


def test_a_float_has_no_canonical_bytes():
    with pytest.raises(TypeError, match="is a float"):
        canonical({"limits": [{"share": 0.1}]})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("process:new-business@4#qualification", Reference("process", "new-business", 4, "qualification")),
        ("won_value@1", Reference(None, "won_value", 1)),
        ("won_value", Reference(None, "won_value")),
        ("target-plan:sales-2017", Reference("target-plan", "sales-2017")),
    ],
)
def test_references_are_read_and_spelled(text, meant):
    assert reference(text) == meant
    assert str(meant) == text


@pytest.mark.parametrize("text", ["", "Won Value", "a@0", "a@b", "a:b:c", "#x"])
def test_what_names_no_document_is_refused(text):
    with pytest.raises(ValueError, match="names no document"):
        reference(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_canonical_bytes_read_back_to_the_same_document(document):
    import json

    assert json.loads(canonical(document)) == {key: value for key, value in document.items() if key != "notes"}
