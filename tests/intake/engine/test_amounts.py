"""Money, numbers and rates: every rule of data.md section 5 both ways, and against a naive twin."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine.evidence import prove_decimal_mark
from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values import mark_proof, parse_amount, read_money, read_number, read_percent
from hedef.intake.engine.values.amounts import Amount


def money(*texts: str, decimal: str | None = ".", currency: str | None = "USD", **options: object) -> Column:
    return read_money(pl.Series(list(texts), dtype=pl.String), decimal=decimal, currency=currency, **options)  # type: ignore[arg-type]


def codes(column: Column) -> list[tuple[int, str]]:
    return list(column.findings.select("row", "code").iter_rows())


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("42000", 4200000),
        ("42000.5", 4200050),
        ("-42000.55", -4200055),
        ("$42,000", 4200000),
        ("42,000", 4200000),
        ("42 000", 4200000),
        ("42\u00a0000", 4200000),
        ("42\u202f000.10", 4200010),
        ("42'000.00", 4200000),
        ("$22,700.00", 2270000),
        ("-$3", -300),
        ("$-3", -300),
        ("$ 3", 300),
        ("(1,234.50)", -123450),
        ("$(1,234.50)", -123450),
        ("($1,234.50)", -123450),
        ("12-", -1200),
        ("\u221212", -1200),
        ("USD 7", 700),
        ("7 USD", 700),
        ("7USD", 700),
        ("US$7", 700),
        ("+7", 700),
        (".5", 50),
        ("0012.00", 1200),
        ("12.5k", 1250000),
        ("12K", 1200000),
        ("3m", 300000000),
        ("3 mn", 300000000),
        ("1.2bn", 120000000000),
        ("$1.5M", 150000000),
        ("0", 0),
    ],
)
def test_amounts_are_read(text: str, minor: int) -> None:
    read = money(text)
    assert (read.values.to_list(), codes(read)) == ([minor], [])


@pytest.mark.parametrize(
    "text",
    [
        "2024 3", "42.000,00", "12,34", "1,23,456", "1,234,56", "1..2", "abc", "12 abc", "1.2.3", "--5", "(5", "5)",
        "5%", "$5 USD", "1e5", "4.88E+15", "12,345 678", "$", "12 months", "k", "5kk", "=1+1",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_an_error_with_a_cure(text: str) -> None:
    read = money(text)
    assert (read.values.to_list(), codes(read)) == ([None], [(1, "bad_money")])
    [finding] = read.findings.to_dicts()
    assert (finding["level"], finding["value"]) == ("error", text)
    assert finding["hint"].endswith((".", ")."))


@pytest.mark.parametrize(
    ("text", "minor"),
    [("42.000,00", 4200000), ("1.234", 123400), ("1,5", 150), ("1 234,56", 123456), ("€ 1.234.567,89", 123456789)],
)
def test_a_decimal_comma_turns_the_marks_around(text: str, minor: int) -> None:
    read = money(text, decimal=",", currency="EUR")
    assert (read.values.to_list(), codes(read)) == ([minor], [])


def test_without_a_decided_mark_only_clear_texts_are_read() -> None:
    read = money("1234", "1,234.50", "1.234", decimal=None)
    assert read.values.to_list() == [123400, 123450, None]
    assert codes(read) == [(3, "bad_money")]


def test_blank_is_null_and_never_zero() -> None:
    read = money("", "  ", "-", "--", "n/a", "NULL", "None", "(none)", "#N/A", "0")
    assert read.values.to_list() == [None] * 9 + [0]
    assert codes(read) == []


def test_hidden_nulls_that_people_typed_are_told() -> None:
    read = money("TBD", "Select", "5", more_nulls=("Select",))
    assert read.values.to_list() == [None, None, 500]
    assert codes(read) == [(1, "hidden_null"), (2, "hidden_null")]


def test_a_column_may_say_that_blank_is_zero() -> None:
    assert money("", "5", zero_when_blank=True).values.to_list() == [0, 500]


@pytest.mark.parametrize(
    ("text", "currency", "minor", "rounding"),
    [
        ("10.005", "USD", 1001, "0.005"),
        ("-10.005", "USD", -1001, "-0.005"),
        ("10.004", "USD", 1000, "-0.004"),
        ("20565.6206", "USD", 2056562, "-0.0006"),
        ("500.5", "JPY", 501, "0.5"),
        ("1.2345", "KWD", 1235, "0.0005"),
    ],
)
def test_decimals_beyond_the_currency_are_rounded_half_away_and_told(
    text: str, currency: str, minor: int, rounding: str
) -> None:
    read = money(text, currency=currency)
    assert (read.values.to_list(), codes(read)) == ([minor], [(1, "too_many_decimals")])
    assert {code: value.normalize() for code, value in read.rounding.items()} == {
        currency: Decimal(rounding).normalize()
    }


def test_zeros_beyond_the_currency_are_no_rounding() -> None:
    read = money("10.0000", "$1,000.500000")
    assert (read.values.to_list(), codes(read), read.rounding) == ([1000, 100050], [], {})


def test_the_unit_of_a_column_multiplies_exactly() -> None:
    assert money("1100.04", "0.000001", unit="m").values.to_list() == [110004000000, 100]
    assert money("1.5", unit="k").values.to_list() == [150000]


def test_amounts_beyond_the_limit_are_refused() -> None:
    read = money("90000000000000.00", "90000000000000.01", "123456789012345678901234567890")
    assert read.values.to_list() == [9_000_000_000_000_000, None, None]
    assert codes(read) == [(2, "out_of_range"), (3, "out_of_range")]


@pytest.mark.parametrize("digits", [30, 61, 5_000, 1_200_000])
def test_an_amount_of_any_length_is_refused_not_broken(digits):
    read = money("1.00", "9" * digits)
    assert codes(read) == [(2, "out_of_range")]


def test_the_currency_column_decides_and_contradicting_marks_are_told() -> None:
    read = money("€5", "$5", "5", "5", "kr 5", currencies=pl.Series(["EUR", "EUR", "JPY", "", "sek"]))
    assert read.values.to_list() == [500, 500, 5, 500, 500]
    assert read.currency is not None
    assert read.currency.to_list() == ["EUR", "EUR", "JPY", "USD", "SEK"]
    assert codes(read) == [(2, "currency_conflict")]


def test_a_mark_names_the_currency_where_no_column_does() -> None:
    read = money("€5", "$5", "5", "₺5", "5 TL", "A$5", currency="TRY")
    assert read.currency is not None
    assert read.currency.to_list() == ["EUR", "USD", "TRY", "TRY", "TRY", "AUD"]
    assert codes(read) == []


def test_a_dollar_of_a_dollar_company_is_its_own_dollar() -> None:
    read = money("$5", currency="CAD")
    assert read.currency is not None
    assert read.currency.to_list() == ["CAD"]


def test_an_unknown_currency_leaves_no_amount() -> None:
    read = money("5", "", currency=None)
    assert (read.values.to_list(), codes(read)) == ([None, None], [(1, "currency_missing")])
    strange = money("5", currencies=pl.Series(["XYZ"]))
    assert (strange.values.to_list(), codes(strange)) == ([None], [(1, "currency_missing")])


def test_numbers_take_no_money_words() -> None:
    texts = pl.Series(["1,234", "-5", "12.5", "5k", "$5", "5%", "1.23456", "x"])
    read = read_number(texts, decimal=".", places=4)
    assert read.values.to_list() == [12340000, -50000, 125000, None, None, None, 12346, None]
    assert codes(read) == [
        (4, "bad_number"), (5, "bad_number"), (6, "bad_number"), (7, "too_many_decimals"), (8, "bad_number"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scale", "values"),
    [("percent", [4500, 50, 10000, 750, None, 1]), ("fraction", [4500, 5000, None, None, None, 100])],
)
def test_rates_become_basis_points(scale: str, values: list[int | None]) -> None:
    read = read_percent(pl.Series(["45%", "0.5", "100", "7.5", "-1", "0.01"]), decimal=".", scale=scale)  # type: ignore[arg-type]
    assert read.values.to_list() == values
    assert {code for _, code in codes(read)} == {"out_of_range"}


def test_a_bad_rate_is_a_bad_rate() -> None:
    read = read_percent(pl.Series(["half", "12,5"]), decimal=",", scale="percent")
    assert (read.values.to_list(), codes(read)) == ([None, 1250], [(1, "bad_percent")])


# --- laws ----------------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4)
STYLES = st.sampled_from([(".", ","), (",", "."), (".", " "), (",", "'"), (".", ""), (",", "\u00a0")])


def written(amount: Decimal, decimal: str, group: str, *, mark: str, brackets: bool) -> str:
    whole, rest = f"{abs(amount):,.4f}".split(".")
    text = f"{mark}{whole.replace(',', group)}{decimal}{rest}"
    if amount >= 0:
        return text
    return f"({text})" if brackets else f"-{text}"


@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=8),
    style=STYLES,
    mark=st.sampled_from(["", "$", "USD "]),
    brackets=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_written_amounts_are_read_back_to_the_cent(
    amounts: list[Decimal], style: tuple[str, str], mark: str, brackets: bool
) -> None:
    decimal, group = style
    texts = [written(amount, decimal, group, mark=mark, brackets=brackets) for amount in amounts]
    read = money(*texts, decimal=decimal)
    cents = [int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP)) for amount in amounts]
    assert read.values.to_list() == cents
    lost = sum((Decimal(cent) / 100 - amount for cent, amount in zip(cents, amounts, strict=True)), Decimal(0))
    assert read.rounding.get("USD", Decimal(0)) == lost


@given(st.lists(st.text(st.sampled_from(list("0123456789.,$ €-()k%")), max_size=9), min_size=1, max_size=20))
@settings(max_examples=80, deadline=None)
def test_the_vectorised_reading_equals_the_careful_one(texts: list[str]) -> None:
    for decimal in (".", ",", None):
        read = money(*texts, decimal=decimal)
        for text, value in zip(texts, read.values.to_list(), strict=True):
            plain = text.strip()
            amount = None if plain.casefold() in ("", "-", "--") else parse_amount(plain, decimal, money=True)
            if not isinstance(amount, Amount):
                assert value is None, (text, decimal)
                continue
            cents = int((amount.number * 100).quantize(Decimal(1), ROUND_HALF_UP))
            assert value == (cents if abs(cents) <= 9 * 10**15 else None), (text, decimal)


@given(st.lists(st.text(st.sampled_from(list("0123456789.,$ ")), max_size=9), max_size=12))
@settings(max_examples=80, deadline=None)
def test_the_proof_of_a_column_counts_the_proofs_of_its_texts(texts: list[str]) -> None:
    proof = prove_decimal_mark(pl.Series(texts, dtype=pl.String))
    filled = [text.strip() for text in texts if text.strip() and any(letter.isdigit() for letter in text)]
    each = [mark_proof(text) for text in filled]
    assert proof.counts == {".": each.count("."), ",": each.count(",")}
    assert proof.open == each.count("either")


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("1234", None), ("1.234", "either"), ("1,234", "either"), ("1.234,5", ","), ("1,234.5", "."),
        ("1.234.567", ","),
        ("1,234,567", "."), ("12.5", "."), ("12,50", ","), ("1234.567", "."), ("0.123", "."), ("$42,000", "either"),
        ("1.2345", "."), ("500,000", "either"),
    ],
)  # fmt: skip
def test_what_one_text_proves_about_the_decimal_mark(text: str, proof: str | None) -> None:
    assert mark_proof(text) == proof
