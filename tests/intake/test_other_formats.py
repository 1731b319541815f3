"""Files of every format through a whole import: workbooks, JSON, Parquet, gzip, zip; and what is refused."""

import gzip
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from hedef.intake.run.sheet import receive, recognise, unfold
from hedef.kernel.errors import HedefError, Refused, WrongUse
from tests.intake.support import PIPELINE, ROSTER, assert_adds_up, counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

ROWS = [
    ("A1", "Ann", "GTX Pro", "Acme", "Won", "2016-10-20", "2017-03-01", "1054.5"),
    ("A2", "Bob", "GTX Pro", "Acme", "Engaging", "2016-10-25", "", ""),
]


def as_workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Pipeline")
        for at, row in enumerate([PIPELINE, *ROWS]):
            for column, text in enumerate(row):
                sheet.write(at, column, float(text) if text == "1054.5" else text)
    return path


def as_json(path: Path) -> Path:
    records = [dict(zip(PIPELINE, row, strict=True)) for row in ROWS]
    records[0]["close_value"] = 1054.5  # type: ignore[assignment]
    path.write_text(json.dumps({"deals": records}), encoding="utf-8")
    return path


def as_lines(path: Path) -> Path:
    path.write_text("".join(json.dumps(dict(zip(PIPELINE, row, strict=True))) + "\n" for row in ROWS), encoding="utf-8")
    return path


def as_parquet(path: Path) -> Path:
    frame = pl.DataFrame([dict(zip(PIPELINE, row, strict=True)) for row in ROWS])
    frame.with_columns(pl.col("close_value").cast(pl.Float64, strict=False)).write_parquet(path)
    return path


def as_gzip(path: Path) -> Path:
    plain = write_csv(path.with_suffix(".plain"), PIPELINE, ROWS)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def as_zip(path: Path) -> Path:
    plain = write_csv(path.with_suffix(".plain"), PIPELINE, ROWS)
    with zipfile.ZipFile(path, "w") as file:
        file.write(plain, "pipeline.csv")
    return path


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (as_workbook, "pipeline.xlsx"),
        (as_json, "pipeline.json"),
        (as_lines, "pipeline.jsonl"),
        (as_parquet, "pipeline.parquet"),
        (as_gzip, "pipeline.csv.gz"),
        (as_zip, "pipeline.zip"),
    ],
    ids=["workbook", "json", "json lines", "parquet", "gzip", "zip"],
)
def test_every_format_gives_the_same_deals_and_twice_changes_nothing(tmp_path: Path, make: object, name: str) -> None:
    path = make(tmp_path / name)  # type: ignore[operator]
    (first,) = import_files(path)
    assert counts(first) == (2, 0, 0, 0)
    assert (first.file["name"].split(":")[0], deal("A1").amount_minor, deal("A1").status) == (name, 105450, "won")
    plain = write_csv(tmp_path / "again.csv", PIPELINE, ROWS)
    (again,) = import_files(plain)
    assert counts(again) == (0, 0, 2, 0)
    (third,) = import_files(path)
    assert counts(third) == (0, 0, 2, 0)
    assert_adds_up([first, again, third])


def test_an_archive_of_several_files_is_one_call_in_the_order_they_need(tmp_path: Path) -> None:
    deals = write_csv(tmp_path / "pipeline.csv", PIPELINE, ROWS)
    roster = write_csv(tmp_path / "teams.csv", ROSTER, [("Ann", "Mia", "West"), ("Bob", "Mia", "West")])
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(deals, "a_pipeline.csv")
        file.write(roster, "b_teams.csv")
    told = import_files(path)
    assert [(one.file["name"], one.object) for one in told] == [
        ("export.zip: b_teams.csv", "person"),
        ("export.zip: a_pipeline.csv", "deal"),
    ]
    assert deal("A1").owner is not None
    assert not any(issue.code.startswith("unknown_person") for issue in told[1].issues)


def test_an_answer_to_a_column_that_no_file_has_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "pipeline.csv", PIPELINE, ROWS)
    with pytest.raises(WrongUse, match='no file has a column "Clsoe Date"') as refused:
        import_files(path, decide={"Clsoe Date": "m/d", "close_date": "d/m"})
    assert refused.value.exit_code == 2
    assert "close_date" in (refused.value.hint or "")
    (answer,) = import_files(path, decide={"CLOSE DATE": "m/d", "person:Ann": "none", "key": "opportunity_id"})
    assert answer.counts.rows_read == 2


def test_an_answer_about_somebody_whom_no_file_names_is_refused_with_the_near_names(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "pipeline.csv", PIPELINE, ROWS)
    named = ROWS[0][1]
    with pytest.raises(WrongUse, match=f'no file names a person "{named}e"') as refused:
        import_files(path, decide={f"person:{named}e": "none"})
    assert refused.value.exit_code == 2
    assert named in (refused.value.hint or "")
    with pytest.raises(WrongUse, match='no file names a team "East"'):
        import_files(path, decide={"team:East": "none"})
    (answer,) = import_files(path, decide={f"person:{named}": "none"})
    assert answer.counts.rows_read == 2


def test_a_program_under_the_name_of_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.csv"
    path.write_bytes(b"\x7fELF" + bytes(100))
    with pytest.raises(Refused, match="is a program") as refused:
        import_files(path)
    assert (refused.value.exit_code, refused.value.error_code) == (3, "unsafe_file")


def test_days_that_no_calendar_has_are_rejected_with_their_reason(tmp_path: Path) -> None:
    rows = [
        ("A1", "Ann", "", "", "Won", "20/10/2016", "31/11/2016", "5"),
        ("A2", "Ann", "", "", "Won", "21/10/2016", "", "5"),
    ]
    (answer,) = import_files(write_csv(tmp_path / "pipeline.csv", PIPELINE, rows))
    (issue,) = [one for one in answer.issues if one.code == "bad_date"]
    assert (issue.count, issue.field, issue.example["value"]) == (1, "close_on", "31/11/2016")
    assert "There is no such day" in (issue.hint or "")


def test_every_sample_file_of_every_format_gets_a_clear_answer(samples: Path) -> None:
    """Read as a table, or refused with a sentence that names the file; never anything else."""
    for path in sorted(one for one in samples.rglob("*") if one.is_file()):
        told = answer_of(path)
        assert told is None or (path.name in told.message and told.hint), path


def answer_of(path: Path) -> HedefError | None:
    """The refusal of a file; none where it is a table."""
    try:
        known = [recognise(one, object_=None, mapping=None) for one in unfold(receive(path, limit_bytes=1 << 31))]
    except HedefError as fault:
        return fault
    return None if all(one.sniffed.readable for one in known) else WrongUse(str(path))
