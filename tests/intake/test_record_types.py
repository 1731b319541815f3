"""Record types of Salesforce: a process each where their stage lists differ, else a code of one process."""

from pathlib import Path
from typing import Any

import pytest

from hedef.definitions.queries import list_in_force
from hedef.records.models import Deal
from tests.intake.support import counts, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("Id", "Name", "StageName", "RecordType.Name", "Amount", "CurrencyIsoCode", "CloseDate", "CreatedDate")
NEW = ("Qualification", "Proposal", "Closed Won")
RENEWAL = ("Terms Sent", "Closed Won")


def export(folder: Path, *lists: tuple[str, tuple[str, ...]], first: int = 1) -> Path:
    """One deal in every stage of every record type."""
    rows = [(kind, stage) for kind, stages in lists for stage in stages]
    told = [
        (f"006Aa{n:010d}", f"Deal {n}", stage, kind, "100", "EUR", "2017-03-01", "2017-01-05T10:00:00Z")
        for n, (kind, stage) in enumerate(rows, start=first)
    ]
    return write_csv(folder / f"Opportunity{first}.csv", HEADER, told)


def placed() -> list[tuple[Any, ...]]:
    return sorted(Deal.objects.values_list("process", "stage", "record_type"))


def processes() -> set[str]:
    return {one.id for one in list_in_force("process")}


def test_record_types_of_different_stage_lists_are_a_process_each(home: Path, tmp_path: Path) -> None:
    (told,) = import_files(export(tmp_path, ("New Business", NEW), ("Renewal", RENEWAL)), source="sf")
    assert counts(told) == (5, 0, 0, 0)
    assert processes() == {"new-business", "renewal"}
    assert [(process, stage) for process, stage, _code in placed()] == [
        ("new-business", "proposal"),
        ("new-business", "qualification"),
        ("new-business", "won"),
        ("renewal", "closed-won"),
        ("renewal", "terms-sent"),
    ]


def test_record_types_of_one_stage_list_are_codes_of_one_process(home: Path, tmp_path: Path) -> None:
    (told,) = import_files(export(tmp_path, ("Simple", NEW), ("Advanced", ("Negotiation", "Closed Won"))), source="sf")
    assert counts(told) == (5, 0, 0, 0)
    assert processes() == {"sales"}
    assert {(process, code) for process, _stage, code in placed()} == {("sales", "Simple"), ("sales", "Advanced")}


def test_a_later_file_of_few_rows_leaves_the_deals_in_their_processes(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path, ("New Business", NEW), ("Renewal", RENEWAL)), source="sf")
    (more,) = import_files(export(tmp_path, ("Renewal", ("Terms Sent",)), first=9), source="sf")
    assert (more.counts.rejected, processes()) == (0, {"new-business", "renewal"})
    assert Deal.objects.filter(process="renewal", stage="terms-sent").count() == 2


def test_a_history_follows_each_deal_into_the_process_of_its_record_type(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path, ("New Business", NEW), ("Renewal", RENEWAL)), source="sf")
    header = ("Id", "OpportunityId", "StageName", "Amount", "CloseDate", "CreatedDate", "CreatedById", "IsDeleted")
    rows = [
        (f"008Aa{n:010d}", f"006Aa{deal:010d}", stage, "100", "2017-03-01", f"2017-01-{day:02d}T10:00:00Z", "", "false")
        for n, (deal, stage, day) in enumerate(
            [(5, "Terms Sent", 6), (5, "Closed Won", 9), (3, "Proposal", 7), (3, "Closed Won", 8)], start=1
        )
    ]
    (told,) = import_files(write_csv(tmp_path / "OpportunityHistory.csv", header, rows), source="sf")
    assert told.counts.rejected == 0
    assert processes() == {"new-business", "renewal"}
    assert sorted(Deal.objects.filter(status="won").values_list("process", "stage")) == [
        ("new-business", "won"),
        ("renewal", "closed-won"),
    ]
