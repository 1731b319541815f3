"""The rejects file: what the person wrote, where it stands, why it stayed out; safe to open, good to import."""

import csv
from pathlib import Path

import pytest

from hedef.records.models import Deal
from tests.intake.support import PIPELINE, counts, import_files, write_csv

pytestmark = pytest.mark.django_db


def rejects(home: Path, name: str | None) -> list[dict[str, str]]:
    assert name is not None
    with (home / "rejects" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_rejected_row_keeps_its_text_and_says_where_it_stood(home: Path, tmp_path: Path) -> None:
    rows = [
        ("D1", "", "", "Acme\nand Sons", "Won", "2017-03-01", "2017-03-20", "1000"),
        ("D2", "", "", "", "Won", "2017-03-01", "2017-02-30", "1000"),
        ("", "", "", "", "Won", "2017-03-01", "2017-03-20", "x"),
    ]
    (answer,) = import_files(write_csv(tmp_path / "deals.csv", PIPELINE, rows))
    assert counts(answer) == (1, 0, 0, 2)
    second, third = rejects(home, answer.rejects_file)
    assert [
        second[name] for name in ("opportunity_id", "close_date", "_row", "_line", "_code", "_field", "_value")
    ] == [
        "D2",
        "2017-02-30",
        "2",
        "4",
        "bad_date",
        "close_date",
        "2017-02-30",
    ]
    assert set(third["_code"].split("; ")) == {"key_missing", "bad_money"}
    bad = next(one for one in answer.issues if one.code == "bad_date")
    assert bad.example is not None
    assert (bad.example["row"], bad.example["line"], bad.example["value"]) == (2, 4, "2017-02-30")


def test_cells_that_a_spreadsheet_would_run_are_guarded_and_come_back_as_they_were(home: Path, tmp_path: Path) -> None:
    bad = ("=1+1", "", "", "", "Nowhere", "2017-03-01", "2017-03-20", "-5")
    (first,) = import_files(
        write_csv(tmp_path / "deals.csv", PIPELINE, [("D1", "", "", "", "Won", "2017-03-01", "2017-03-02", "1"), bad])
    )
    (row,) = rejects(home, first.rejects_file)
    assert (row["opportunity_id"], row["close_value"]) == ("'=1+1", "-5")
    fixed = tmp_path / "fixed.csv"
    told = (home / "rejects" / str(first.rejects_file)).read_text(encoding="utf-8")
    fixed.write_text(told.replace("Nowhere", "Won"), encoding="utf-8")
    (second,) = import_files(fixed, fixes=first.batch)
    assert counts(second) == (1, 0, 0, 0)
    whole = write_csv(tmp_path / "whole.csv", PIPELINE, [(*bad[:4], "Won", *bad[5:])])
    (again,) = import_files(whole)
    assert counts(again) == (0, 0, 1, 0)
    assert Deal.objects.count() == 2


def test_a_file_without_rejects_leaves_no_rejects_file(home: Path, tmp_path: Path) -> None:
    rows = [("D1", "", "", "", "Won", "2017-03-01", "2017-03-02", "1")]
    (answer,) = import_files(write_csv(tmp_path / "deals.csv", PIPELINE, rows))
    assert answer.rejects_file is None
    assert not (home / "rejects").exists()
