"""A file read in parts says exactly what it says when it is read as one (data.md section 11, Files: large files)."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.intake.engine import parts
from hedef.intake.run.sheet import Sheet, open_sheet, receive, recognise
from hedef.intake.schema import Mapping

MAPPING = Mapping.model_validate(
    {
        "vendor": "files",
        "shape": "deals",
        "object": "deal",
        "key": "Id",
        "modified_at": {"column": "Changed", "type": "instant"},
        "fields": {
            "name": {"column": "Name", "type": "text"},
            "amount": {"column": "Amount", "type": "money"},
            "close_on": {"column": "Close", "type": "date"},
            "source": {"column": "Source", "type": "code"},
            "probability": {"column": "Chance", "type": "percent"},
            "hot": {"column": "Hot", "type": "boolean"},
            "owner": {"column": "Owner", "type": "person", "by": "external_key"},
        },
    }
)
HEADER = "Id,Name,Amount,Close,Source,Chance,Hot,Owner,Changed"


def open_lines(path: Path, lines: list[str]) -> Sheet:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    known = recognise(receive(path, limit_bytes=1 << 30), object_=None, mapping=MAPPING)
    sheet = open_sheet(
        known, decide={}, saved=(), zone="Europe/Istanbul", currency="EUR", far_after=date(2036, 1, 1), row_limit=10**6
    )
    assert isinstance(sheet, Sheet)
    return sheet


def open_both(folder: Path, lines: list[str], size: int) -> tuple[Sheet, Sheet]:
    """The file as one part, and in parts of `size` rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", 10**6)
        one = open_lines(folder / "one.csv", lines)
        assert one.part(0) is one
        assert one.typed is not None
        patch.setattr(parts, "PART_ROWS", size)
        many = open_lines(folder / "one.csv", lines)
        assert many.part_count == max(1, -(-len(lines) // size))
        assert [part.table.first_row for part in many.parts()] == list(range(1, len(lines) + 1, size)) or not lines
    return one, many


def read_in_parts(many: Sheet, size: int) -> tuple[dict[str, list[object]], list[tuple[object, ...]]]:
    values: dict[str, list[object]] = {}
    findings: list[tuple[object, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", size)
        for part in many.parts():
            for name, column in part.typed.fields.items():
                values.setdefault(name, []).extend(column.values.to_list())
            values.setdefault("key", []).extend(part.typed.key.to_list())
            values.setdefault("row", []).extend(part.table.row_numbers.to_list())
            values.setdefault("line", []).extend(part.lines.to_list())
            findings += part.typed.findings.rows()
    return values, findings


def read_as_one(one: Sheet) -> tuple[dict[str, list[object]], list[tuple[object, ...]]]:
    values = {name: column.values.to_list() for name, column in one.typed.fields.items()}
    more = {"key": one.typed.key.to_list(), "row": one.table.row_numbers.to_list(), "line": one.lines.to_list()}
    return {**values, **more}, one.typed.findings.rows()


CELLS = st.tuples(
    st.sampled_from(["1.0", "2.0", "7", "a1", "A1", "", "17.0"]),
    st.sampled_from(["Ann", "", '"Bob\nand more"', "TBD"]),
    st.sampled_from(["1.234", "1,5", "2.5", "", "12", "1.234.567", "x", '"1,234.50"']),
    st.sampled_from(["05/06/2026", "25/12/2026", "12/25/2026", "31/11/2026", "29/02/2026", "", "46000", "45001"]),
    st.sampled_from(["Web", "WEB", "web", "Event", ""]),
    st.sampled_from(["0.5", "1", "50%", "", "0"]),
    st.sampled_from(["x", "", "1", "yes"]),
    st.sampled_from(["1.0", "2.0", "u7", ""]),
    st.sampled_from(["2026-01-02 00:00:00", "2026-01-02 10:30:00", "01/02/2026 00:00", ""]),
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(CELLS, max_size=14), size=st.integers(1, 6))
def test_evidence_and_values_of_parts_equal_those_of_the_whole_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], size: int
) -> None:
    lines = [",".join(cell if cell.startswith('"') or "," not in cell else f'"{cell}"' for cell in row) for row in rows]
    one, many = open_both(tmp_path_factory.mktemp("parts"), lines, size)
    assert many.decided.decisions == one.decided.decisions
    assert many.issues == one.issues
    assert read_in_parts(many, size) == read_as_one(one)


def test_keys_and_distinct_values_are_those_of_the_whole_file(tmp_path: Path) -> None:
    lines = [f"{n % 7}.0,N,1,,Web,,,u{n % 3},2026-01-0{1 + n % 9}T00:00:00Z" for n in range(20)]
    one, many = open_both(tmp_path, lines, 6)
    assert many.keys().rows() == one.keys().rows()
    assert many.keys()["key"].to_list()[:8] == ["0", "1", "2", "3", "4", "5", "6", "0"]
    assert many.repeated().rows() == one.repeated().rows()
    assert many.repeated()["row"].to_list() == [n + 1 for k in range(7) for n in range(k, 20, 7)]
    assert many.key_hashes.to_list() == one.key_hashes.to_list()
    assert many.distinct("owner").to_list() == ["u0", "u1", "u2"]
    assert many.distinct("source").to_list() == ["Web"]


def test_a_part_that_is_not_there_is_refused(tmp_path: Path) -> None:
    sheet = open_lines(tmp_path / "one.csv", ["1,Ann,,,,,,,"])
    assert sheet.part(0) is sheet
    with pytest.raises(IndexError, match="1 parts"):
        sheet.part(1)


def test_findings_of_a_later_part_name_the_row_of_the_file(tmp_path: Path) -> None:
    lines = [f"{n},N,{'oops' if n == 9 else n},,,,,," for n in range(1, 13)]
    one, many = open_both(tmp_path, lines, 5)
    _, findings = read_in_parts(many, 5)
    assert [(row, code) for row, _, _, code, *_ in findings] == [(9, "bad_money")]
    assert isinstance(one.typed.findings, pl.DataFrame)


def test_rows_of_one_key_come_together_in_file_order_with_their_numbers(tmp_path: Path) -> None:
    lines = [f"{n % 9},N{n},{'oops' if n == 12 else n},,,,,," for n in range(50)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", 4)
        sheet = open_lines(tmp_path / "one.csv", [*lines, "3,N,1,,,,,,,x"])
        grouped = sheet.by_key()
        seen: dict[str, list[int]] = {}
        for part in grouped.parts():
            of_part = pl.DataFrame({"key": part.typed.key, "row": part.table.row_numbers}).drop_nulls()
            for (key,), rows in of_part.partition_by("key", as_dict=True, maintain_order=True).items():
                assert key not in seen
                seen[str(key)] = rows["row"].to_list()
        assert seen["3"] == [4, 13, 22, 31, 40, 49, 51]
        assert sum(map(len, seen.values())) == grouped.rows == 51
        findings = pl.concat([part.typed.findings for part in grouped.parts()])
        assert sorted(findings.select("row", "code").rows()) == [
            (13, "bad_money"),
            (51, "ragged_row"),
        ]
        assert {part.lines.to_list()[0] - part.table.row_numbers[0] for part in grouped.parts() if part.table.rows} == {
            1
        }
