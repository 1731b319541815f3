"""Tables that leave Hedef: the same rows in every format, nothing that runs, and what they rest on."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from hedef.exports import FORMATS, Column, Head, Sheet, harmless, unharmed, written
from hedef.exports.safe import clean
from hedef.exports.sheet import decimal_of, sheet_of
from hedef.exports.xlsx import number_format

DANGER = ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(1+1)", "\t=1", "\r=1", "＝1+1"]
HEAD = Head(
    as_of="2026-11-17",
    known_at=412,
    level="caution",
    reasons=("deal of acme: 5 of 100 rows were rejected",),
    fingerprint="sha256:abc",
    definition="metric:won_value@1",
    overrides=("3: domain of deal of acme",),
)
COLUMNS = [
    Column("name", title="Ad"), Column("amount", "money", currency_of="currency"), Column("currency"),
    Column("day", "day"), Column("n", "integer"), Column("share", "ratio"),
]  # fmt: skip
ROWS = [
    ["=HYPERLINK(1)", Decimal("1234567.89"), "TRY", date(2026, 11, 17), 3, Fraction(1, 4)],
    ["İğdır Çelik", Decimal(500), "JPY", None, 0, None],
    ["-12.5", Decimal("-7.250"), "KWD", date(2024, 2, 29), None, Fraction(-1, 8)],
]


def sheet(**more):
    return Sheet("deals", "Fırsatlar", COLUMNS, ROWS, more.pop("head", HEAD))


@pytest.mark.parametrize("text", DANGER)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"
    assert unharmed(harmless(text)) == text


@pytest.mark.parametrize(
    "text", ["-12.5", "+90 212 555 44 33", "-1.234,50", "-3%", "+4.88E+15", "", "a=b", "'quoted'", "O'Brien"]
)
def test_numbers_and_plain_texts_stay_as_they_are(text):
    assert harmless(text) == text
    assert unharmed(text) == text


@given(st.text())
def test_what_was_made_harmless_comes_back_as_it_was_but_for_control_characters(text):
    assert unharmed(harmless(text)) == clean(text)


def test_control_characters_are_dropped_and_turkish_letters_stay():
    assert harmless("A\x00B\x1b[31m\x9fç ğ ı İ ö ş ü") == "AB[31mç ğ ı İ ö ş ü"


def test_csv_holds_exact_values_and_what_they_rest_on_behind_every_row():
    rows = list(csv.reader(io.StringIO(written(sheet(), "csv").decode())))
    names = ["definition", "as_of", "known_at", "trust", "trust_reasons", "overrides", "fingerprint"]
    told = ["metric:won_value@1", "2026-11-17", "412", "caution", "deal of acme: 5 of 100 rows were rejected"]
    told += ["3: domain of deal of acme", "sha256:abc"]
    assert rows == [
        ["name", "amount", "currency", "day", "n", "share", *names],
        ["'=HYPERLINK(1)", "1234567.89", "TRY", "2026-11-17", "3", "0.25", *told],
        ["İğdır Çelik", "500", "JPY", "", "0", "", *told],
        ["-12.5", "-7.250", "KWD", "2024-02-29", "", "-0.125", *told],
    ]


def test_an_xlsx_file_opened_again_holds_numbers_and_days_and_runs_nothing():
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(sheet(), "xlsx")))
    assert book.get_sheet_by_name("Data").to_python() == [
        ["Ad", "amount", "currency", "day", "n", "share"],
        ["'=HYPERLINK(1)", 1234567.89, "TRY", date(2026, 11, 17), 3, 0.25],
        ["İğdır Çelik", 500, "JPY", "", 0, ""],
        ["-12.5", -7.25, "KWD", date(2024, 2, 29), "", -0.125],
    ]
    about = {row[0]: row[1] for row in book.get_sheet_by_name("About").to_python()}
    assert (about["trust"], about["fingerprint"], about["as_of"]) == ("caution", "sha256:abc", "2026-11-17")


def test_money_is_shown_with_the_decimals_of_its_currency():
    column = Column("amount", "money")
    told = [number_format(column, code) for code in ("TRY", "JPY", "KWD")]
    assert told == ["#,##0.00", "#,##0", "#,##0.000"]


def test_a_number_that_a_spreadsheet_would_round_stays_text():
    long = Sheet("x", "x", [Column("amount", "money", currency="EUR")], [[Decimal("90071992547409.93")]])
    longer = Sheet("x", "x", [Column("amount", "money", currency="EUR")], [[Decimal("9007199254740993.17")]])
    opened = [
        CalamineWorkbook.from_filelike(io.BytesIO(written(one, "xlsx"))).get_sheet_by_index(0).to_python()[1][0]
        for one in (long, longer)
    ]
    assert opened == ["90071992547409.93", "9007199254740993.17"]


def test_json_and_markdown_say_the_same():
    told = json.loads(written(sheet(), "json"))
    assert told["trust"] == {"level": "caution", "reasons": ["deal of acme: 5 of 100 rows were rejected"]}
    assert told["rows"][0] == {
        "name": "=HYPERLINK(1)", "amount": "1234567.89", "currency": "TRY", "day": "2026-11-17", "n": 3,
        "share": "0.25",
    }  # fmt: skip
    text = written(sheet(), "md").decode()
    assert "| İğdır Çelik | 500 | JPY | – | 0 | – |" in text
    assert "- trust: caution" in text


def test_a_pdf_takes_every_cell_as_text_never_as_a_command():
    wild = [['#import "x.typ"', "$ x $", "*b* _i_ `r`", "\\", "[", "</"]]
    columns = [Column(name) for name in "abcdef"]
    made = written(Sheet("x", "#panic(1)", columns, wild * 120, HEAD), "pdf")
    assert made.startswith(b"%PDF-")
    assert written(Sheet("x", "#panic(1)", columns, wild * 120, HEAD), "pdf") == made


def test_too_many_rows_are_refused_in_a_sentence():
    rows = [[1]] * 20_001
    with pytest.raises(ValueError, match="too many for a PDF"):
        written(Sheet("x", "x", [Column("n", "integer")], rows), "pdf")


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_table_is_a_file_too(format_):
    assert written(Sheet("x", "x", [Column("n", "integer")], []), format_)


def test_columns_of_texts_become_numbers_and_days_where_all_of_them_are():
    made = sheet_of(
        "x", ["id", "value", "day", "n", "mixed"], [["007", "1.50", "2026-11-17", 1, "1.5"], ["8", "", None, 2, "a"]]
    )
    assert [one.kind for one in made.columns] == ["text", "decimal", "day", "integer", "text"]
    assert made.rows == [["007", Decimal("1.50"), date(2026, 11, 17), 1, "1.5"], ["8", None, None, 2, "a"]]


def test_an_instant_is_utc_and_a_third_is_cut_half_away_from_zero():
    assert decimal_of(Fraction(-2, 3)) == Decimal("-0.666666667")
    one = Sheet("x", "x", [Column("at", "instant")], [[datetime(2026, 11, 17, 12, tzinfo=UTC)]])
    assert written(one, "csv").decode() == "at\n2026-11-17T12:00:00Z\n"
