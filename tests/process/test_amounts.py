"""Amounts as people type them in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.kernel.amounts import read_amount
from hedef.kernel.money import format_minor
from hedef.web import numbers


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12000", "EUR", 12_000_00),
        ("12,000", "EUR", 12_000_00),
        ("12.000", "EUR", 12_000_00),
        ("12.000,50", "TRY", 12_000_50),
        ("12,000.5", "TRY", 12_000_50),
        ("1.234.567", "EUR", 1_234_567_00),
        ("12 000", "EUR", 12_000_00),
        ("€ 1,234,567.89", "EUR", 1_234_567_89),
        ("500 TL", "TRY", 500_00),
        ("0,5", "EUR", 50),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1_234),
    ],
)
def test_an_amount_is_read_with_the_marks_of_either_language(text, currency, minor):
    assert read_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "cause"),
    [
        ("12.000.00", "EUR", "number"),
        ("1,2,3", "EUR", "number"),
        ("12.34.567,8", "EUR", "number"),
        ("five", "EUR", "number"),
        ("1e5", "EUR", "number"),
        ("", "EUR", "number"),
        ("12,", "EUR", "number"),
        ("-5", "EUR", "negative"),
        ("−5", "EUR", "negative"),
        ("1.2345", "EUR", "decimals"),
        ("5.5", "JPY", "decimals"),
        ("99999999999999999", "EUR", "large"),
        ("5", "XYZ", "currency"),
    ],
)
def test_what_is_no_amount_says_why(text, currency, cause):
    with pytest.raises(ValueError, match=f"^{cause}$"):
        read_amount(text, currency)


@given(st.integers(0, 10**14), st.sampled_from(["EUR", "JPY", "TRY"]), st.sampled_from(["en", "tr"]))
def test_what_a_page_shows_can_be_typed_again(minor, currency, language):
    shown = numbers.money(format_minor(minor, currency), currency, language)
    assert read_amount(shown, currency) == minor
