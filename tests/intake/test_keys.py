"""Keys: a row that nothing tells apart is rejected or asked about; it is never counted as known."""

import csv
from pathlib import Path

import pytest

from hedef.intake.answer import IssueCount
from hedef.intake.run.report import sentences
from hedef.intake.services import run_import
from hedef.kernel.errors import NeedsDecision
from hedef.records.models import Deal, ExternalKey
from tests.intake.support import PIPELINE, assert_adds_up, counts, import_files, write_csv

pytestmark = pytest.mark.django_db

STAGE_DATES = "crm_exports/hubspot/deals_export_stage_dates.csv"
# a file for each reader of rows that are records, and its key column
KEYED = {
    STAGE_DATES: "Record ID",
    "crm_exports/hubspot/dummy_hubspot_companies.csv": "Company ID",
    "crm_exports/salesforce/dataloader_Account.csv": "Id",
    "maven_crm/sales_pipeline.csv": "opportunity_id",
    "adventureworks_sales/sales_territory_history.csv": "BusinessEntityID",
}


def read(path: Path, rows: int = 40) -> tuple[list[str], list[list[str]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *found = csv.reader(file)
    return header, found[:rows]


def test_deals_with_stage_dates_and_no_id_column_ask_for_a_key_and_are_all_taken_with_one(
    home: Path, samples: Path, tmp_path: Path
) -> None:
    header, rows = read(samples / STAGE_DATES)
    file = write_csv(tmp_path / "deals.csv", header[1:], [row[1:] for row in rows])
    with pytest.raises(NeedsDecision) as asked:
        run_import(files=[file], actor="ada", yes=True)
    assert [one["column"] for one in asked.value.as_json()["decisions"]] == ["key"]
    answers = run_import(files=[file], actor="ada", yes=True, decide={"key": "Deal Name"}).files
    assert counts(answers[0]) == (30, 0, 0, 0)
    assert Deal.objects.count() == 30


@pytest.mark.parametrize("name", KEYED)
def test_a_file_whose_key_column_is_left_out_is_never_counted_as_known(
    home: Path, samples: Path, tmp_path: Path, name: str
) -> None:
    header, rows = read(samples / name)
    at = header.index(KEYED[name])
    bare = [row[:at] + row[at + 1 :] for row in rows]
    file = write_csv(tmp_path / Path(name).name, header[:at] + header[at + 1 :], bare)
    try:
        answers = import_files(file)
    except NeedsDecision:
        assert not ExternalKey.objects.exists()
    else:
        assert_adds_up(answers)
        assert answers[0].counts.unchanged == 0


@pytest.mark.parametrize("name", [one for one in KEYED if "territory" not in one])
def test_unchanged_are_only_rows_whose_key_is_known(home: Path, samples: Path, tmp_path: Path, name: str) -> None:
    header, rows = read(samples / name)
    at = header.index(KEYED[name])
    blanked = [[*row[:at], "", *row[at + 1 :]] if place % 3 == 0 else row for place, row in enumerate(rows)]
    file = write_csv(tmp_path / Path(name).name, header, blanked)
    lost = sum(not row[at] for row in blanked)
    first, again = import_files(file)[0], import_files(file)[0]
    assert (first.counts.unchanged, first.counts.rejected) == (0, lost)
    assert (again.counts.unchanged, again.counts.rejected) == (len(rows) - lost, lost)
    assert {"key_missing"} <= {one.code for one in first.issues if one.level == "error"}


def test_an_example_without_a_value_is_told_by_its_row_alone() -> None:
    empty = IssueCount("key_missing", "error", 1, "key", {"row": 12, "line": 13, "column": None, "value": None}, None)
    assert sentences([empty]) == ["error key_missing (1 rows), for example row 12."]
    filled = IssueCount("bad_date", "error", 2, "on", {"row": 3, "line": 4, "column": "On", "value": "x"}, "Mend it.")
    assert sentences([filled]) == ['error bad_date (2 rows) column "On", for example row 3: "x". Mend it.']


def test_a_rejected_row_is_not_told_for_the_account_it_names_too(home: Path, tmp_path: Path) -> None:
    rows = [
        ("A1", "", "", "Nobody Ltd", "Engaging", "2016-10-20", "", ""),
        ("A2", "", "", "Noone Ltd", "Engaging", "not a day", "", ""),
    ]
    (answer,) = import_files(write_csv(tmp_path / "sales_pipeline.csv", PIPELINE, rows))
    assert counts(answer) == (1, 0, 0, 1)
    assert {(one.code, one.count) for one in answer.issues} == {("bad_date", 1), ("unknown_account", 1)}
