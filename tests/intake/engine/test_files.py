"""Every damaged file is either counted right or reported; no row is ever lost (data.md section 11, Files)."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine.read import line_numbers, read_table
from hedef.intake.engine.shapes import TextTable
from hedef.intake.engine.sniff import CELL_LIMIT, sniff

TWO_ROWS = [("1", "Ann"), ("2", "Bob")]


def read(data: bytes | str, **options: object) -> TextTable:
    raw = data.encode() if isinstance(data, str) else data
    return read_table(raw, sniff(raw, file_name="deals.csv"), **options)  # type: ignore[arg-type]


def codes(table: TextTable) -> list[str]:
    return [issue.code for issue in table.issues]


def found(table: TextTable) -> list[tuple[int, str, str]]:
    return list(table.row_findings.select("row", "code", "level").iter_rows())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"Id,Name\n1,Ann\n2,Bob\n", "utf-8"),
        (b"\xef\xbb\xbfId,Name\n1,Ann\n2,Bob\n", "utf-8-sig"),
        ("\ufeffId,Name\n1,Ann\n2,Bob\n".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffId,Name\n1,Ann\n2,Bob\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_byte_order_marks_tell_the_encoding_and_are_no_part_of_the_header(data: bytes, encoding: str) -> None:
    table = read(data)
    assert table.sniffed.encoding == encoding
    assert table.header == ("Id", "Name")
    assert table.frame.rows() == TWO_ROWS
    assert codes(table) == []


def test_excel_copies_in_utf_16_with_tabs_are_read() -> None:
    table = read("\ufeffRecord ID\tDeal Name\n1\tÇağrı\n".encode("utf-16-le"))
    assert table.sniffed.separator == "\t"
    assert table.frame.rows() == [("1", "Çağrı")]


def test_utf_16_without_a_mark_is_guessed_and_told() -> None:
    table = read("Id,Name\n1,Ann\n2,Bob\n".encode("utf-16-le"))
    assert (table.sniffed.encoding, codes(table)) == ("utf-16-le", ["encoding_guessed"])
    assert table.frame.rows() == TWO_ROWS


def test_bytes_that_are_no_utf_8_are_read_as_windows_1252_and_told_with_their_line() -> None:
    table = read("Id,Name\n1,Ann\n2,Jürgen €\n".encode("cp1252"))
    assert table.sniffed.encoding == "cp1252"
    assert table.frame["Name"].to_list() == ["Ann", "Jürgen €"]
    [issue] = table.issues
    assert issue.code == "encoding_guessed"
    assert "line 3" in issue.message


def test_a_bad_byte_far_behind_the_beginning_is_found() -> None:
    data = b"Id,Name\n" + b"1,Ann\n" * 900_000 + b"2,J\xfcrgen\n"
    sniffed = sniff(data)
    assert sniffed.encoding == "cp1252"
    assert "line 900002" in sniffed.issues[0].message


def test_the_encoding_can_be_named() -> None:
    data = "Id,Name\n1,Şule\n".encode("cp1254")
    assert read_table(data, sniff(data, encoding="cp1254")).frame.rows() == [("1", "Şule")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_seen(separator: str) -> None:
    table = read(separator.join(["Id", "Name", "Amount"]) + "\n" + separator.join(["1", "Ann", "5"]) + "\n")
    assert table.sniffed.separator == separator
    assert table.frame.rows() == [("1", "Ann", "5")]


def test_a_comma_in_the_cells_of_a_semicolon_file_does_not_win() -> None:
    table = read('Id;Name;Amount\n1;"Smith, Ann";1,50\n2;"Lee, Bob";2,75\n3;Cy, Ltd;3,00\n')
    assert table.sniffed.separator == ";"
    assert table.frame["Amount"].to_list() == ["1,50", "2,75", "3,00"]


def test_a_sep_line_declares_the_separator_and_is_no_row() -> None:
    table = read("sep=;\r\nId;Name\r\n1;Ann\r\n2;Bob\r\n")
    assert (table.sniffed.separator, table.header, table.frame.rows()) == (";", ("Id", "Name"), TWO_ROWS)
    assert [(one.line, one.why) for one in table.skipped] == [(1, "sep")]


def test_title_lines_and_the_footer_of_a_report_are_no_rows() -> None:
    table = read(
        "Opportunity report\n\nAs of 2026-01-31\n\nId,Name,Amount\n1,Ann,5\n2,Bob,7\n\n"
        '"Grand Totals (2 records)",,12\n\n'
        "Confidential Information - Do Not Distribute\n"
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
    )
    assert table.header == ("Id", "Name", "Amount")
    assert table.frame.rows() == [("1", "Ann", "5"), ("2", "Bob", "7")]
    assert [(one.line, one.why) for one in table.skipped] == [
        (1, "title"), (3, "title"), (9, "footer"), (11, "footer"), (12, "footer"),
    ]  # fmt: skip
    assert codes(table) == ["title_lines"]
    assert table.sniffed.skipped_lines == 5


def test_a_lone_cell_before_the_end_is_a_ragged_row_and_no_footer() -> None:
    table = read("Id,Name,Amount\n1,Ann,5\nlost\n2,Bob,7\n")
    assert table.rows == 3
    assert found(table) == [(2, "ragged_row", "error")]


def test_titles_padded_to_the_width_of_the_table_are_titles() -> None:
    table = read("Pipeline,,,,\nId,Name,Amount,Stage,Owner\n1,Ann,5,Won,Eve\n2,Bob,7,Lost,Eve\n")
    assert table.header == ("Id", "Name", "Amount", "Stage", "Owner")
    assert table.rows == 2


def test_blank_tails_are_no_rows() -> None:
    table = read("Id,Name\n1,Ann\n2,Bob\n,\n,\n\n   \n")
    assert table.frame.rows() == TWO_ROWS


def test_blank_lines_inside_are_no_rows_and_lines_stay_exact() -> None:
    data = b"Id,Name\n1,Ann\n\n   \n2,Bob\n"
    table = read(data)
    assert table.frame.rows() == TWO_ROWS
    assert line_numbers(data, sniff(data)).to_list() == [2, 5]


def test_line_numbers_count_cells_of_several_lines() -> None:
    data = b'Id,Name\n1,"Ann\nMary\n"\n2,Bob\n'
    assert line_numbers(data, sniff(data)).to_list() == [2, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(end: str) -> None:
    table = read(end.join(["Id,Name", "1,Ann", "2,Bob"]) + end)
    assert table.frame.rows() == TWO_ROWS


def test_the_last_line_needs_no_end() -> None:
    assert read("Id,Name\n1,Ann\n2,Bob").frame.rows() == TWO_ROWS


def test_a_carriage_return_inside_a_bare_cell_stays_in_its_row() -> None:
    table = read("Id,Name\n1,Ann\rMary\n2,Bob\n")
    assert table.frame.rows() == [("1", "Ann\rMary"), ("2", "Bob")]


def test_nul_characters_are_kept_for_the_values_to_drop() -> None:
    assert read("Id,Name\n1,An\x00n\n2,Bob\n").frame["Name"].to_list() == ["An\x00n", "Bob"]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n  \n", b"\x00\x00"])
def test_an_empty_file_is_told(data: bytes) -> None:
    sniffed = sniff(data, file_name="deals.csv")
    assert (sniffed.kind, [issue.code for issue in sniffed.issues], sniffed.readable) == (
        "empty",
        ["empty_file"],
        False,
    )
    with pytest.raises(ValueError, match=r"deals\.csv"):
        read_table(data, sniffed)


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_header_alone_is_a_table_of_no_rows(end: str) -> None:
    table = read("Id,Name,Amount" + end)
    assert (table.header, table.rows) == (("Id", "Name", "Amount"), 0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04rest of it", "zip"),
        (b"PK\x03\x04" + b"x" * 26 + b"[Content_Types].xml, xl/workbook.xml", "xlsx"),
        (b"PAR1....PAR1", "parquet"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"%PDF-1.7", "binary"),
        (b"MZ\x90\x00", "binary"),
        (b'{"records": []}', "json"),
        (b'[{"Id": 1}]', "json"),
        (bytes(range(1, 32)) * 20, "binary"),
    ],
)
def test_content_decides_what_a_file_is(data: bytes, kind: str) -> None:
    sniffed = sniff(data, file_name="deals.csv")
    assert (sniffed.kind, [(issue.code, issue.level) for issue in sniffed.issues]) == (kind, [("not_data", "error")])
    assert sniffed.issues[0].hint


def test_repeated_and_empty_headers_get_names_of_their_own() -> None:
    table = read("Name,Amount,Name,,Name#2,Amount\na,1,b,x,c,2\n")
    assert table.header == ("Name", "Amount", "Name#2", "column_4", "Name#2#2", "Amount#2")
    assert table.frame.rows() == [("a", "1", "b", "x", "c", "2")]
    assert codes(table) == ["header_repeated"]


def test_a_header_line_that_comes_again_is_skipped_and_told() -> None:
    table = read("Id,Name\n1,Ann\nId,Name\n2,Bob\nlost\n")
    assert table.frame["Id"].to_list() == ["1", "2", "lost"]
    assert found(table) == [(3, "ragged_row", "error")]
    assert codes(table) == ["header_repeated"]
    assert [(one.line, one.why) for one in table.skipped] == [(3, "header")]


def test_ragged_rows_stay_in_the_count() -> None:
    table = read("Id,Name,Amount\n1,Ann,5\n2,Bob\n3,Cy,7,8\n4,Di,9,,\n")
    assert table.frame.rows() == [("1", "Ann", "5"), ("2", "Bob", ""), ("3", "Cy", "7"), ("4", "Di", "9")]
    assert found(table) == [(2, "ragged_row", "error"), (3, "ragged_row", "error")]
    assert table.lines is not None
    assert table.lines.to_list() == [2, 3, 4, 5]


def test_rows_wider_than_the_header_by_blank_cells_are_read() -> None:
    table = read("Id,Name,Amount\n1,Ann,5,\n2,Bob,7,\n3,Cy,9,\n")
    assert table.frame.rows() == [("1", "Ann", "5"), ("2", "Bob", "7"), ("3", "Cy", "9")]
    assert found(table) == []


def test_a_quote_that_never_closes_is_told_at_its_own_line_and_swallows_nothing() -> None:
    table = read('Id,Name,Note\n1,Ann,fine\n2,Bob,"open\n3,Cy,x\n4,Di,y\n')
    assert table.frame.rows() == [
        ("1", "Ann", "fine"), ("2", "Bob", '"open'), ("3", "Cy", "x"), ("4", "Di", "y"),
    ]  # fmt: skip
    assert found(table) == [(2, "unclosed_quote", "warning")]
    [issue] = table.issues
    assert (issue.code, "line 3" in issue.message) == ("unclosed_quote", True)


def test_an_unclosed_quote_in_the_last_row_is_found() -> None:
    table = read('Id,Name\n1,"a ""b"" c"\n2,5" pipe\n3,"open\n')
    assert table.frame.rows() == [("1", 'a "b" c'), ("2", '5" pipe'), ("3", '"open')]
    assert found(table) == [(3, "unclosed_quote", "warning")]


def test_two_unclosed_quotes_do_not_close_each_other_over_a_thousand_lines() -> None:
    rows = [f"{number},x" for number in range(1500)]
    rows[10], rows[1400] = '10,"open', '1400,"open'
    table = read("Id,Name\n" + "\n".join(rows) + "\n")
    assert table.rows == 1500
    assert found(table) == [(11, "unclosed_quote", "warning"), (1401, "unclosed_quote", "warning")]


def test_inch_marks_inside_cells_are_text() -> None:
    table = read('Id,Product,Note\n1,5" pipe,a\n2,7" pipe,b\n3,9" pipe,c\n')
    assert table.frame["Product"].to_list() == ['5" pipe', '7" pipe', '9" pipe']


def test_separators_line_ends_and_quotes_inside_quotes_are_text() -> None:
    table = read('Id,Note\n1,"a,b\nc ""d"" e"\n2,x\n')
    assert table.frame.rows() == [("1", 'a,b\nc "d" e'), ("2", "x")]


def test_a_cell_of_three_megabytes_rejects_its_row_only() -> None:
    table = read("Id,Note\n1," + "x" * 3_000_000 + "\n2,y\n")
    assert table.rows == 2
    assert found(table) == [(1, "row_too_large", "error")]
    assert CELL_LIMIT == 1_000_000


def test_too_many_columns_are_refused() -> None:
    sniffed = sniff((",".join(f"c{number}" for number in range(2001)) + "\n").encode())
    assert ([issue.code for issue in sniffed.issues], sniffed.readable) == (["too_large"], False)


def test_long_notes_of_many_lines_are_read_the_fast_way() -> None:
    note = "\n".join(f"line {number} of a note that is long" for number in range(900))
    table = read(f'Id,Note\n1,"{note}"\n2,y\n')
    assert table.frame["Note"].to_list() == [note, "y"]
    assert not table.careful


CELLS = st.text(
    st.sampled_from(["a", "b", "1", " ", ",", ";", '"', "\n", "\r", "\t", "ç", "€", "'", "\u00a0"]), max_size=6
)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8), end=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=80, deadline=None)
def test_what_csv_writes_both_readers_read_back(rows: list[list[str]], end: str) -> None:
    """Round trip: the writer of the standard library, our two readers; blank tails are no rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["Alpha", "Beta", "Gamma"])
    writer.writerows(rows)
    while rows and not any(cell.strip() or "\n" in cell for cell in rows[-1]):
        rows.pop()
    data = text.getvalue().encode()
    careful = read(data, careful=True)
    quick = read(data)
    assert quick.frame.equals(careful.frame)
    assert [list(row) for row in careful.frame.rows()] == rows


@given(st.binary(max_size=200))
@settings(max_examples=80, deadline=None)
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    sniffed = sniff(data)
    if sniffed.readable:
        read_table(data, sniffed)
        read_table(data, sniffed, careful=True)
    else:
        assert sniffed.issues


@given(
    lines=st.lists(st.text(st.sampled_from(["a", ",", '"', " ", "1", ";"]), max_size=8), max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=80, deadline=None)
def test_both_readers_see_the_same_rows_in_damaged_text(lines: list[str], end: str) -> None:
    data = end.join(["Id,Name,Note", *lines, "9,z,z"]).encode()
    sniffed = sniff(data)
    assert read_table(data, sniffed).frame.equals(read_table(data, sniffed, careful=True).frame)


def test_every_sample_is_read_the_same_by_both_readers(samples: Path) -> None:
    files = sorted(samples.glob("*/*.csv")) + sorted(samples.glob("*/*/*.csv"))
    assert len(files) > 50
    for file in files:
        sniffed = sniff(file)
        quick, careful = read_table(file, sniffed), read_table(file, sniffed, careful=True)
        assert quick.frame.equals(careful.frame), file
        assert not quick.careful, file
        assert quick.row_findings.is_empty(), file
