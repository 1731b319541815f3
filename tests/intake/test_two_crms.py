"""Two CRMs in one home: what the second one calls its stages is no fault of its rows."""

from pathlib import Path
from typing import Any

import pytest

from hedef.definitions.queries import list_in_force
from hedef.intake.services import run_import
from hedef.kernel.errors import NeedsDecision
from hedef.records.models import Deal
from tests.intake.support import PIPELINE, assert_adds_up, counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

WAVE = ("Opportunity", "Account", "User", "OpportunityHistory")
LOG = ("deal_id", "change_time", "changed_field_key", "new_value")
OWN = {"source": "maven"}


def first_source(folder: Path) -> None:
    row = ("A1", "", "", "", "Engaging", "2016-10-20", "", "")
    won = ("A2", "", "", "", "Won", "2016-10-20", "2017-03-01", "100")
    import_files(write_csv(folder / "sales_pipeline.csv", PIPELINE, [row, won]), **OWN)


def log(path: Path) -> Path:
    rows = [("2", "add_time", "2017-01-02 12:00:00"), ("3", "stage_id", "1"), ("4", "stage_id", "2")]
    return write_csv(path, LOG, [("7", f"2017-01-0{at} 12:00:00", key, value) for at, key, value in rows])


def processes() -> set[str]:
    return {one.id for one in list_in_force("process")}


def decided(answer: Any) -> dict[str, tuple[str | None, str | None]]:
    return {
        one["column"]: (one["value"], one["by"]) for one in answer.as_json()["decisions"] if one["what"] == "process"
    }


def test_a_key_value_log_in_a_home_whose_process_another_source_made_gets_its_own(home: Path, tmp_path: Path) -> None:
    first_source(tmp_path)
    (told,) = import_files(log(tmp_path / "deal_changes.csv"), source="pipedrive")
    assert counts(told) == (1, 2, 0, 0)
    assert decided(told)["process:sales"] == ("sales-pipedrive", "suggestion")
    assert (deal("7").process, deal("7").stage, deal("A1").process) == ("sales-pipedrive", "2", "sales")
    assert processes() == {"sales", "sales-pipedrive"}


def test_which_process_a_second_source_has_is_asked_before_anything_is_written(home: Path, tmp_path: Path) -> None:
    first_source(tmp_path)
    file = log(tmp_path / "deal_changes.csv")
    with pytest.raises(NeedsDecision) as asked:
        import_files(file, source="pipedrive", yes=False)
    (question,) = asked.value.as_json()["decisions"]
    assert (question["column"], question["options"]) == ("process:sales", ["sales-pipedrive", "sales"])
    assert (processes(), Deal.objects.count()) == ({"sales"}, 2)
    (told,) = import_files(file, source="pipedrive", yes=False, decide={"process:sales": "sales"})
    assert (told.counts.rejected, processes()) == (2, {"sales"})


def test_a_second_source_that_knows_half_of_the_stages_stands_in_the_process(home: Path, tmp_path: Path) -> None:
    first_source(tmp_path)
    rows = [("B1", "", "", "", "Engaging", "2016-10-20", "", ""), ("B2", "", "", "", "Talking", "2016-10-20", "", "")]
    (told,) = import_files(write_csv(tmp_path / "other.csv", PIPELINE, rows), source="other", yes=False)
    assert (counts(told), processes()) == ((1, 0, 0, 1), {"sales"})


def test_later_files_of_the_second_source_follow_and_twice_changes_nothing(home: Path, tmp_path: Path) -> None:
    first_source(tmp_path)
    import_files(log(tmp_path / "deal_changes.csv"), source="pipedrive")
    (again,) = import_files(log(tmp_path / "deal_changes.csv"), source="pipedrive", yes=False)
    assert (counts(again), again.changes) == ((0, 0, 3, 0), 0)
    (more,) = import_files(
        write_csv(tmp_path / "more.csv", LOG, [("8", "2017-01-05 12:00:00", "stage_id", "1")]), source="pipedrive"
    )
    assert (more.counts.rejected, deal("8").process) == (0, "sales-pipedrive")


def test_maven_and_then_salesforce_in_one_home_are_both_whole(home: Path, samples: Path) -> None:
    maven = run_import(files=sorted((samples / "maven_crm").glob("*.csv")), actor="ada", yes=True).files
    files = [next((samples / "salesforce_wave_sales").glob(f"{name}.csv*")) for name in WAVE]
    wave = run_import(files=sorted(files), actor="ada", yes=True).files
    assert_adds_up([*maven, *wave])
    assert {one.file["name"]: one.counts.rejected for one in (*maven, *wave)} == {
        one.file["name"]: 0 for one in (*maven, *wave)
    }
    assert {"sales", "sales-salesforce"} <= processes()
    assert Deal.objects.filter(process="sales").count() == 8800
    assert Deal.objects.exclude(process="sales").values("process").distinct().count() == 1
