"""One spelling of a name for search and joins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.records.engine.names import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GÜL IŞIK", "gul isik"),
        ("Gül Işık", "gul isik"),
        ("Işık, Gül", "gul isik"),
        ("  Gül \u00a0 Işık (inactive) ", "gul isik"),
        ("İZMİR", "izmir"),
        ("izmir", "izmir"),
        ("IĞDIR", "igdir"),
        ("Ağ & Oğulları A.Ş.", "ag & ogullari a s"),
        ("Acme, Inc.", "acme inc"),
        ("O'Neil-Smith", "o neil smith"),
        ("Jürgen Groß", "jurgen gross"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Ян", "ян"),
        ("", ""),
    ],
)
def test_spellings_of_one_name_meet(one, other):
    assert normalise(one) == other


def test_case_in_turkish_and_in_english_meet():
    assert len({normalise(one) for one in ("Işık", "IŞIK", "ışık", "İşik", "isik", "ISIK")}) == 1


@given(st.text(max_size=40))
def test_a_normalised_name_stays_as_it_is(name):
    once = normalise(name)
    assert normalise(once) == once
