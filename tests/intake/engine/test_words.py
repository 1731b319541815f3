"""Text, codes, ids and yes/no words."""

import polars as pl
import pytest

from hedef.intake.engine.shapes import Column
from hedef.intake.engine.values import read_boolean, read_code, read_duration, read_id, read_text, widen_id


def column(*texts: str | None) -> pl.Series:
    return pl.Series(list(texts), dtype=pl.String)


def codes(read: Column) -> list[tuple[int, str, str]]:
    return list(read.findings.select("row", "code", "level").iter_rows())


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Closed Won ", "Closed Won"),
        ("Gopa\u00a0Trilochana", "Gopa Trilochana"),
        ("two  spaces\tand\nmore", "two spaces and more"),
        ("e\u0301t\u00e9", "été"),
        ("İstanbul", "İstanbul"),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+90 212", "+90 212"),
        ("'quoted'", "'quoted'"),
        ("", None),
        ("   ", None),
        ("n/a", None),
        ("None", None),
        (None, None),
    ],
)
def test_text_is_trimmed_and_keeps_its_case(text: str | None, clean: str | None) -> None:
    read = read_text(column(text))
    assert (read.values.to_list(), codes(read)) == ([clean], [])


def test_control_characters_and_direction_marks_are_dropped_and_told() -> None:
    read = read_text(column("a\x07b", "a\u202eb", "An\x00n", "plain"))
    assert read.values.to_list() == ["ab", "ab", "Ann", "plain"]
    assert codes(read) == [(row, "control_chars", "warning") for row in (1, 2, 3)]


def test_long_text_is_cut_and_told() -> None:
    read = read_text(column("x" * 11, "y"), limit=10)
    assert (read.values.to_list(), codes(read)) == (["x" * 10, "y"], [(1, "text_cut", "warning")])


def test_hidden_nulls_are_per_column() -> None:
    texts = column("Unknown", "Select", "TBD")
    assert read_code(texts).values.to_list() == ["Unknown", "Select", None]
    assert read_code(texts, more_nulls=("Select",)).values.to_list() == ["Unknown", None, None]
    assert read_code(texts, hidden=()).values.to_list() == ["Unknown", "Select", "TBD"]


def test_spellings_that_differ_by_case_are_one_code() -> None:
    assert read_code(column("Google", "google", "Bing", "GOOGLE")).values.to_list() == [
        "Google",
        "Google",
        "Bing",
        "Google",
    ]


def test_which_spelling_counts_does_not_depend_on_the_order_of_the_rows() -> None:
    texts = ["google", "GOOGLE", "Google", "bing"]
    for order in (texts, texts[::-1]):
        assert set(read_code(column(*order)).values) == {"Google", "bing"}


def test_labels_become_codes_without_regard_to_case() -> None:
    read = read_code(
        column("Best Case", "BESTCASE", "Commit", "other"), values={"Best Case": "best_case", "BestCase": "best_case"}
    )
    assert read.values.to_list() == ["best_case", "best_case", "Commit", "other"]


def test_ids_stay_text() -> None:
    read = read_id(column("0012", "123456789012345678", "zcrm_42", " a1 ", "DEAL-b2b1", "000000000000000AAA", ""))
    assert read.values.to_list() == ["0012", "123456789012345678", "zcrm_42", "a1", "DEAL-b2b1", None, None]
    assert codes(read) == []


def test_ids_that_a_spreadsheet_rounded_are_damaged() -> None:
    read = read_id(column("4.88E+15", "4,88E+15", "4E+15", "4E5"))
    assert read.values.to_list() == [None, None, None, "4E5"]
    assert codes(read) == [(row, "id_damaged", "error") for row in (1, 2, 3)]


def test_ids_that_passed_through_floats_lose_their_point_only_when_all_did() -> None:
    assert read_id(column("17850.0", "2.0", "")).values.to_list() == ["17850", "2", None]
    assert read_id(column("17850.0", "2")).values.to_list() == ["17850.0", "2"]


def test_salesforce_ids_are_widened_and_case_counts() -> None:
    assert widen_id("006Nq00000BGi8P") == "006Nq00000BGi8PIAT"
    read = read_id(column("006Nq00000BGi8P", "006Nq00000BGi8PIAT", "006nq00000bgi8p", "short"), widen=True)
    assert read.values.to_list() == ["006Nq00000BGi8PIAT", "006Nq00000BGi8PIAT", "006nq00000bgi8pAAA", "short"]


@pytest.mark.parametrize("word", ["true", "TRUE", "Yes", "y", "1", "x", "Done", "Evet", "doğru"])
def test_yes_has_many_words(word: str) -> None:
    assert read_boolean(column(word)).values.to_list() == [True]


@pytest.mark.parametrize("word", ["false", "No", "N", "0", "Undone", "hayır", "yanlış"])
def test_so_has_no(word: str) -> None:
    assert read_boolean(column(word)).values.to_list() == [False]


def test_other_words_are_neither() -> None:
    read = read_boolean(column("maybe", "", "2"))
    assert read.values.to_list() == [None, None, None]
    assert codes(read) == [(1, "bad_boolean", "error"), (3, "bad_boolean", "error")]


def test_blank_is_no_only_when_the_column_is_decided_so() -> None:
    assert read_boolean(column("x", "")).values.to_list() == [True, None]
    assert read_boolean(column("x", ""), blank_is_false=True).values.to_list() == [True, False]


def test_durations_may_pass_a_day_and_have_units() -> None:
    read = read_duration(column("30:00:01", "01:30", "-00:10", "5", "x"), unit_seconds=60)
    assert read.values.to_list() == [108_001, 5_400, -600, 300, None]
    assert codes(read) == [(5, "bad_number", "error")]
