"""Workbooks, JSON, Parquet, gzip and zip are read as text tables, cent for cent (data.md sections 5 and 7)."""

import datetime as dt
import gzip
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from hedef.intake.engine.evidence import prove_decimal_mark
from hedef.intake.engine.formats.limits import Limits
from hedef.intake.engine.formats.unfold import unfold
from hedef.intake.engine.parts import Held
from hedef.intake.engine.read import line_numbers, read_table
from hedef.intake.engine.sniff import Made, sniff
from hedef.kernel.errors import NeedsDecision, WrongUse

RECORDS = [{"Id": "1", "Name": "Ann", "Amount": 1234.5}, {"Id": "2", "Name": 'Bob "B"\nof X', "Amount": 99.99}]


def tables(path: Path, answers: dict[str, str] | None = None, limits: Limits | None = None) -> list[Held]:
    """All text tables that a file becomes."""
    folder = path.parent / "unfolded"
    made = unfold(path, path.name, folder, limits or Limits(), answers or {})
    found = []
    for one in made:
        known = None if one.origin == "text" else Made(plain=one.plain)
        file = folder / one.file
        found.append(Held(read_table(file, sniff(file, file_name=one.name, made=known))))
    return found


def table(path: Path, answers: dict[str, str] | None = None) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    (only,) = tables(path, answers)
    return only.header, only.table.frame.rows()


def codes(path: Path) -> list[tuple[str, str]]:
    made = unfold(path, path.name, path.parent / "again", Limits(), {})
    return [(issue["code"], issue["message"]) for one in made for issue in one.issues]


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    with xlsxwriter.Workbook(path) as book:
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.datetime):
                        sheet.write_datetime(at, column, cell, moment)
                    elif isinstance(cell, dt.date):
                        sheet.write_datetime(at, column, cell, day)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(at, column, cell, None, "")
                    elif cell is not None:
                        sheet.write(at, column, cell)
    return path


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_read_as_a_person_sees_them(tmp_path: Path) -> None:
    rows = [
        ["Id", "Amount", "Close", "Seen", "Won", "Share", "Phone"],
        [1, 1234.56, dt.date(2026, 3, 4), dt.datetime(2026, 3, 4, 10, 30), True, 0.1 + 0.2, "007"],
        [2, 90_071_992_547.45, dt.date(2099, 12, 31), dt.datetime(1999, 1, 1, 23, 59), False, 1e-7, ""],
    ]
    header, cells = table(workbook(tmp_path / "deals.xlsx", {"Deals": rows}))
    assert header == tuple(rows[0])
    assert cells == [
        ("1", "1234.56", "2026-03-04", "2026-03-04 10:30:00", "true", "0.3", "007"),
        ("2", "90071992547.45", "2099-12-31", "1999-01-01 23:59:00", "false", "0.0000001", ""),
    ]


def test_xlsx_with_dates_as_serials_titles_and_a_total_line(tmp_path: Path) -> None:
    rows = [["Open deals"], [], ["Id", "Close", "Amount"], [1, 46085, 5], [2, 46086, 6], ["Grand Total", None, 11]]
    header, cells = table(workbook(tmp_path / "deals.xlsx", {"Deals": rows}))
    assert header == ("Id", "Close", "Amount")
    assert cells == [("1", "46085", "5"), ("2", "46086", "6")]


def test_lines_of_a_workbook_are_the_rows_of_its_sheet(tmp_path: Path) -> None:
    rows = [["Open deals\nof all"], [], ["Id", "Note\nlong", "X"], [1, "a\nb", 1], [], [2, "c", 2]]
    path = workbook(tmp_path / "deals.xlsx", {"Deals": rows})
    (only,) = tables(path)
    found = sniff(path.parent / "unfolded" / "000.csv", made=Made())
    assert found.header_line == 3
    assert line_numbers(path.parent / "unfolded" / "000.csv", found).to_list() == [4, 6]
    assert only.table.frame.rows() == [("1", "a\nb", "1"), ("2", "c", "2")]


def test_lines_of_json_lines_are_their_records(tmp_path: Path) -> None:
    path = tmp_path / "deals.jsonl"
    path.write_text('{"Id": 1, "N": "a\\nb"}\n{"Id": 2, "N": "c"}\n')
    tables(path)
    found = sniff(path.parent / "unfolded" / "000.csv", made=Made(plain=True))
    assert line_numbers(path.parent / "unfolded" / "000.csv", found).to_list() == [1, 2]


def test_a_hidden_sheet_is_not_read_and_told(tmp_path: Path) -> None:
    sheets = {"Deals": [["Id", "Name"], [1, "Ann"]], "Secret": [["Id", "Name"], [9, "Eve"]]}
    path = workbook(tmp_path / "deals.xlsx", sheets, hidden=("Secret",))
    assert table(path) == (("Id", "Name"), [("1", "Ann")])
    assert codes(path) == [("sheet_hidden", "deals.xlsx: hidden sheets are not read (Secret).")]
    assert table(path, {"sheet": "secret"}) == (("Id", "Name"), [("9", "Eve")])


def test_the_sheet_with_records_is_found_beside_one_of_notes(tmp_path: Path) -> None:
    sheets = {"Read me": [["Made by operations"]], "Deals": [["Id", "Name"], [1, "Ann"]], "Empty": []}
    assert table(workbook(tmp_path / "deals.xlsx", sheets)) == (("Id", "Name"), [("1", "Ann")])


def test_several_sheets_with_records_are_a_question(tmp_path: Path) -> None:
    sheets = {"North": [["Id", "Name"], [1, "Ann"]], "South": [["Id", "Name"], [2, "Bob"]]}
    path = workbook(tmp_path / "deals.xlsx", sheets)
    with pytest.raises(NeedsDecision, match="2 sheets with records") as asked:
        table(path)
    assert asked.value.decisions[0]["options"] == ["North", "South"]
    assert table(path, {"Sheet": "south"})[1] == [("2", "Bob")]
    with pytest.raises(WrongUse, match="no such sheet"):
        table(path, {"sheet": "West"})


def test_merged_header_cells_name_every_column_they_cover(tmp_path: Path) -> None:
    path = tmp_path / "deals.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Deals")
        sheet.write_row(0, 0, ["Id", "Owner"])
        sheet.merge_range(0, 2, 0, 3, "Amount")
        sheet.write_row(1, 0, ["1", "Ann", 5, 6])
    assert table(path) == (("Id", "Owner", "Amount", "Amount#2"), [("1", "Ann", "5", "6")])


def test_a_formula_without_value_is_blank_and_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "deals.xlsx", {"Deals": [["Id", "Amount"], [1, "=1+1"], [2, "=2+2"], [3, 4]]})
    assert table(path)[1] == [("1", ""), ("2", ""), ("3", "4")]
    assert codes(path) == [
        ("formula_without_value", "deals.xlsx, sheet Deals: 2 formulas were never computed (B2, B3); they are blank.")
    ]


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps({"count": 2, "data": RECORDS}),
        json.dumps({"answer": {"data": RECORDS}}, indent=2),
        "\n".join(map(json.dumps, RECORDS)),
        "\ufeff" + json.dumps(RECORDS),
    ],
)
def test_json_and_json_lines_hold_the_same_records(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deals.json"
    path.write_text(text, encoding="utf-8")
    assert table(path) == (("Id", "Name", "Amount"), [("1", "Ann", "1234.5"), ("2", 'Bob "B"\nof X', "99.99")])


def test_numbers_of_json_keep_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "deals.json"
    path.write_text(
        '[{"a": 0.1, "b": 1234567890123456789.10, "c": 1.5e3, "d": 1e400, "e": true, "f": null, "g": -0.0}]'
    )
    assert table(path)[1] == [("0.1", "1234567890123456789.10", "1500", "1e400", "true", "", "-0.0")]


def test_objects_inside_of_records_become_columns_and_late_keys_are_added(tmp_path: Path) -> None:
    path = tmp_path / "deals.json"
    records = [
        {"id": "1", "properties": {"amount": "5"}, "Owner": {"Name": "Ann"}, "tags": ["a", "b"]},
        {"id": "2", "late": 1, "lines": [{"x": 1}]},
    ]
    path.write_text(json.dumps(records))
    assert table(path) == (
        ("id", "amount", "Owner.Name", "tags", "late", "lines"),
        [("1", "5", "Ann", "a;b", "", ""), ("2", "", "", "", "1", '[{"x": "1"}]')],
    )


def test_keys_that_turn_up_after_thousands_of_records_widen_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "deals.jsonl"
    path.write_text("".join(f'{{"id": {n}{', "late": 7' if n == 6000 else ""}}}\n' for n in range(6_100)))
    (only,) = tables(path)
    assert only.header == ("id", "late")
    assert only.table.frame["late"].to_list().count("7") == 1
    assert only.table.row_findings.is_empty()
    assert only.rows == 6_100


def test_repeated_keys_of_json_are_told(tmp_path: Path) -> None:
    path = tmp_path / "deals.json"
    path.write_text('[{"id": 1, "id": 2, "n": 1}]')
    assert table(path)[1] == [("2", "1")]
    assert codes(path) == [
        (
            "key_repeated",
            'deals.json: 1 objects name a key more than once (first: "id"); the last value counts.',
        )
    ]


def test_several_lists_in_one_object_are_a_question(tmp_path: Path) -> None:
    path = tmp_path / "deals.json"
    path.write_text(json.dumps({"deals": [{"id": 1, "n": 1}], "people": [{"id": 2, "n": 2}]}))
    with pytest.raises(NeedsDecision, match="2 lists of records"):
        table(path)
    assert table(path, {"list": "people"})[1] == [("2", "2")]


@pytest.mark.parametrize("cut", [5, 20, 40, 70])
def test_json_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "deals.json"
    path.write_text(json.dumps(RECORDS)[:cut])
    with pytest.raises(WrongUse, match="no JSON that can be read"):
        table(path)


# --- Parquet ----------------------------------------------------------------------------------------------------------


def test_parquet_keeps_exact_numbers_days_and_times(tmp_path: Path) -> None:
    path = tmp_path / "deals.parquet"
    data = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "amount": pa.array([Decimal("1234567890123.45"), None], pa.decimal128(18, 2)),
            "float": pa.array([0.1, 1e22], pa.float64()),
            "small": pa.array([0.1, float("nan")], pa.float32()),
            "day": pa.array([dt.date(2026, 3, 4), None]),
            "at": pa.array([dt.datetime(2026, 3, 4, 10, 30), None], pa.timestamp("us", "UTC")),
            "won": pa.array([True, None]),
            "stage": pa.array(["Won", 'Lost, "5"\nx']).dictionary_encode(),
            "owner": pa.array([{"name": "Ann"}, {"name": None}]),
            "tags": pa.array([["a", "b"], None]),
        }
    )
    pq.write_table(data, path)
    header, rows = table(path)
    assert header == ("id", "amount", "float", "small", "day", "at", "won", "stage", "owner.name", "tags")
    assert rows[0] == (
        "1", "1234567890123.45", "0.1", "0.1", "2026-03-04", "2026-03-04 10:30:00.000000Z", "true", "Won", "Ann", "a;b",
    )  # fmt: skip
    assert rows[1] == ("2", "", "10000000000000000000000", "", "", "", "", 'Lost, "5"\nx', "", "")


def test_parquet_without_rows_has_its_header(tmp_path: Path) -> None:
    path = tmp_path / "deals.parquet"
    pq.write_table(pa.table({"Id": pa.array([], pa.int64()), "Name": pa.array([], pa.string())}), path)
    assert table(path) == (("Id", "Name"), [])


def test_numbers_of_typed_files_never_leave_their_decimal_mark_open(tmp_path: Path) -> None:
    """1.234 of a cell that holds a number is no thousand: nobody is asked."""
    (tmp_path / "a.json").write_text('[{"Id": 1, "Amount": 1.234}, {"Id": 2, "Amount": -12.500}]')
    pq.write_table(pa.table({"Id": [1, 2], "Amount": [1.234, -12.625]}), tmp_path / "b.parquet")
    decimals = pa.array([Decimal("1.234"), Decimal("-12.500")], pa.decimal128(9, 3))
    pq.write_table(pa.table({"Id": [1, 2], "Amount": decimals}), tmp_path / "c.parquet")
    workbook(tmp_path / "d.xlsx", {"Deals": [["Id", "Amount"], [1, 1.234], [2, -12.625]]})
    for name in ("a.json", "b.parquet", "c.parquet", "d.xlsx"):
        (only,) = tables(tmp_path / name)
        texts = only.table.frame["Amount"]
        assert [Decimal(text) for text in texts] in (
            [Decimal("1.234"), Decimal("-12.5")],
            [Decimal("1.234"), Decimal("-12.625")],
        )
        assert (prove_decimal_mark(texts).answers, prove_decimal_mark(texts).open) == (["."], 0), name


# --- archives ---------------------------------------------------------------------------------------------------------


def test_gzip_of_text_json_and_parquet_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"Id": ["1"], "Name": ["Ann"]}), tmp_path / "plain.parquet")
    for name, data in (
        ("a.csv.gz", b"Id,Name\n1,Ann\n"),
        ("b.json.gz", b'[{"Id": 1, "Name": "Ann"}]'),
        ("c.parquet.gz", (tmp_path / "plain.parquet").read_bytes()),
    ):
        (tmp_path / name).write_bytes(gzip.compress(data))
        assert table(tmp_path / name) == (("Id", "Name"), [("1", "Ann")])


def test_a_zip_with_several_files_joins_numbered_parts(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("data/deals_002.csv", "\ufeffId,Name\n3,Cy\n")
        file.writestr("data/deals_001.csv", "\ufeffId,Name\n1,Ann\n2,Bob")
        file.writestr("data/people_001.csv", "Id,Mail\n7,a@example.com\n")
        file.writestr("__MACOSX/data/._deals_001.csv", b"\x00\x05\x16\x07")
        file.writestr("logo.png", b"\x89PNG\r\n\x1a\n")
    found = tables(path)
    assert [one.table.frame.rows() for one in found] == [
        [("1", "Ann"), ("2", "Bob"), ("3", "Cy")], [("7", "a@example.com")],
    ]  # fmt: skip
    assert [one.sniffed.file_name for one in found] == [
        "export.zip: deals_001.csv and 1 more", "export.zip: people_001.csv",
    ]  # fmt: skip
    assert codes(path) == [("entry_left_out", "export.zip: files that hold no records are left out (logo.png).")]


def test_numbered_files_with_other_columns_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("deals_001.csv", "Id,Name\n1,Ann\n")
        file.writestr("deals_002.csv", "Id,Amount\n1,5\n")
    assert [one.header for one in tables(path)] == [("Id", "Name"), ("Id", "Amount")]


def test_a_workbook_and_json_inside_of_a_zip_are_read(tmp_path: Path) -> None:
    workbook(tmp_path / "deals.xlsx", {"Deals": [["Id", "Name"], [1, "Ann"]]})
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(tmp_path / "deals.xlsx", "deals.xlsx")
        file.writestr("people.json", '[{"Id": 7, "Mail": "x"}]')
    assert [one.table.frame.rows() for one in tables(path)] == [[("1", "Ann")], [("7", "x")]]
