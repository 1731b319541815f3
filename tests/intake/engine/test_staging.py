"""A large text is read block by block into parts: the same rows, findings and lines as one that fits in memory."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine import parts, sniff, staging, stream
from hedef.intake.engine.careful import TooLong
from hedef.intake.engine.read import line_numbers, read_table
from hedef.intake.engine.shapes import Sniffed, TextTable


def small_pieces(patch: pytest.MonkeyPatch) -> None:
    """Everything is large: blocks of some bytes, parts of three rows."""
    patch.setattr(sniff, "IN_MEMORY", 0)
    patch.setattr(stream, "BLOCK", 7)
    patch.setattr(staging, "_BLOCK", 40)
    patch.setattr(parts, "PART_ROWS", 3)


def staged(path: Path, folder: Path) -> tuple[TextTable, Sniffed]:
    """The file through parts, put together again."""
    with pytest.MonkeyPatch.context() as patch:
        small_pieces(patch)
        found = sniff.sniff(path)
        assert found.large is not None
        assert staging.stage(path, found, folder, row_limit=10_000) >= 0
        rows = parts.open_staged(folder, found, path)
        assert rows is not None
        assert all(one["rows"] <= 3 for one in rows.told["parts"])
        return rows.whole(), found


def assert_equal(path: Path, folder: Path) -> TextTable:
    plain = sniff.sniff(path)
    whole = read_table(path, plain)
    table, found = staged(path, folder)
    assert (found.encoding, found.separator, found.header, found.start, found.end) == (
        plain.encoding, plain.separator, plain.header, plain.start, plain.end,
    )  # fmt: skip
    assert [(one.code, one.message) for one in found.issues] == [(one.code, one.message) for one in plain.issues]
    assert table.frame.rows() == whole.frame.rows()
    assert table.row_findings.rows() == whole.row_findings.rows()
    assert [(one.code, one.message) for one in table.issues] == [(one.code, one.message) for one in whole.issues]
    assert [(one.line, one.text) for one in table.skipped if table.careful == whole.careful] == [
        (one.line, one.text) for one in whole.skipped if table.careful == whole.careful
    ]
    with pytest.MonkeyPatch.context() as patch:
        small_pieces(patch)
        assert line_numbers(path, found).to_list() == line_numbers(path, plain).to_list()
    return table


CELL = st.sampled_from(
    ["1", "Ann", "", '"a,b"', '"two\nlines"', '"say ""hi"""', '5" pipe', '"open', "x\ry", "Çağrı", " ", '"a\r\nb"']
)
ROW = st.lists(CELL, min_size=1, max_size=4).map(",".join)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(st.one_of(ROW, st.sampled_from(["Id,Name,Note", "", "Grand Totals,,9"])), max_size=14),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1254"]),
)
def test_parts_hold_what_the_whole_file_holds_whatever_the_damage(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], end: str, encoding: str
) -> None:
    folder = tmp_path_factory.mktemp("staging")
    path = folder / "deals.csv"
    text = end.join(["Id,Name,Note", *rows]) + end
    path.write_bytes(text.encode(encoding))
    assert_equal(path, folder / "parts")


def test_lines_that_end_with_cr_alone_are_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"Id,Name\r" + b"\r".join(b"%d,Ann" % n for n in range(10)) + b"\r")
    assert assert_equal(path, tmp_path / "parts").rows == 10


def test_headers_that_come_again_are_no_rows_and_the_numbers_run_on(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("Id,Name\n1,A\n2,B\nId,Name\n3,C\n4,D\n5,E,F\n", encoding="utf-8")
    table = assert_equal(path, tmp_path / "parts")
    assert table.row_findings.select("row", "code").rows() == [(5, "ragged_row")]


def test_more_rows_than_allowed_stop_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("Id,Name\n" + "1,A\n" * 50, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        small_pieces(patch)
        with pytest.raises(staging.TooManyRows, match="more than 20 rows"):
            staging.stage(path, sniff.sniff(path), tmp_path / "parts", row_limit=20)


def test_a_line_without_an_end_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    path.write_bytes(b'Id,Name\n1,"A\n' + b"x" * 5_000)
    with pytest.MonkeyPatch.context() as patch:
        small_pieces(patch)
        patch.setattr("hedef.intake.engine.careful.LINE_LIMIT", 1_000)
        with pytest.raises(TooLong, match="longer than 1,000 bytes"):
            staging.stage(path, sniff.sniff(path), tmp_path / "parts", row_limit=20)


def test_parts_that_were_not_written_to_the_end_count_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("Id,Name\n1,A\n", encoding="utf-8")
    staged(path, tmp_path / "parts")
    (tmp_path / "parts" / parts.MANIFEST).unlink()
    assert parts.open_staged(tmp_path / "parts", sniff.sniff(path), path) is None


def test_some_columns_of_a_part_can_be_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("Id,Name\n" + "".join(f"{n},A\n" for n in range(7)), encoding="utf-8")
    staged(path, tmp_path / "parts")
    rows = parts.open_staged(tmp_path / "parts", sniff.sniff(path), path)
    assert rows is not None
    assert [part.frame.rows() for part in parts.parts_of(rows, ["Id"])][-1] == [("6",)]
    assert isinstance(rows.part(2).row_numbers, pl.Series)
    assert rows.part(2).row_numbers.to_list() == [7]
