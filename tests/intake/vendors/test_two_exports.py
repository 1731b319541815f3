"""Two exports make a history: when a change became true, and which of two words counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.kernel.instants import to_us
from hedef.ledger.queries import blocks_after
from hedef.ledger.services import source
from hedef.records import queries
from hedef.records import services as records
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("Id", "Name", "StageName", "Amount", "CloseDate", "CreatedDate", "IsClosed", "IsWon", "LeadSource", "Type")
KEY = "006000000000001AAA"
FIRST, SECOND = datetime(2017, 10, 1, tzinfo=UTC), datetime(2017, 10, 8, tzinfo=UTC)


def export(path: Path, stage: str, amount: str, *times: str) -> Path:
    """One open deal; `times`: LastStageChangeDate and SystemModstamp, where the export has them."""
    header = (*HEADER, "LastStageChangeDate", "SystemModstamp")[: len(HEADER) + len(times)]
    row = (KEY, "Van", stage, amount, "2017-12-01", "2017-01-05 10:00:00", "false", "false", "Web", "Renewal", *times)
    return write_csv(path, header, [row])


def changes(field: str) -> list[tuple[object, ...]]:
    """Value, time, lower bound and precision of every change of a field, in the order of the ledger."""
    kind = records_kind()
    rows = [row for block in blocks_after(0, kinds={"deal"}) for row in block.table.to_pylist()]
    return [
        (row[field], row["effective_us"], row.get("not_before_us"), row["precision"])
        for row in rows
        if row["mask"] & kind.bit(field) and row[field] is not None
    ]


def records_kind() -> object:
    from hedef.records.engine.kinds import KINDS

    return KINDS["deal"]


def test_a_change_without_a_time_lies_between_the_two_exports(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", "Qualification", "100"), exported_at=FIRST)
    import_files(export(tmp_path / "b.csv", "Proposal", "150"), exported_at=SECOND)
    between = (to_us(SECOND), to_us(FIRST), "interval")
    assert changes("stage")[-1] == ("proposal", *between)
    assert changes("amount_minor")[-1] == (15_000, *between)


def test_the_time_of_the_stage_and_of_the_last_change_are_taken_where_the_export_has_them(
    home: Path, tmp_path: Path
) -> None:
    first = export(tmp_path / "a.csv", "Qualification", "100", "2017-02-01 10:00:00", "2017-09-01 10:00:00")
    second = export(tmp_path / "b.csv", "Proposal", "150", "2017-10-03 10:00:00", "2017-10-05 10:00:00")
    import_files(first, exported_at=FIRST)
    import_files(second, exported_at=SECOND)
    staged, modified = datetime(2017, 10, 3, 10, tzinfo=UTC), datetime(2017, 10, 5, 10, tzinfo=UTC)
    stage = queries.state(deal(KEY).entity, as_of_us=to_us(staged))
    assert stage is not None
    assert stage["stage"] == "proposal"
    assert {one[3] for one in changes("amount_minor")[-1:]} == {"instant"}
    assert changes("amount_minor")[-1][1] in (to_us(staged), to_us(modified))


def test_a_time_of_change_outside_the_two_exports_is_not_believed(home: Path, tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", "Qualification", "100", "2017-02-01 10:00:00", "2017-09-01 10:00:00")
    second = export(tmp_path / "b.csv", "Qualification", "150", "2017-02-01 10:00:00", "2017-08-01 10:00:00")
    import_files(first, exported_at=FIRST)
    import_files(second, exported_at=SECOND)
    assert changes("amount_minor")[-1] == (15_000, to_us(SECOND), to_us(FIRST), "interval")


def test_a_source_of_lower_precedence_leaves_what_was_set_here(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", "Qualification", "100"), exported_at=FIRST)
    lower = source("salesforce")
    lower.precedence = -1
    lower.save()
    records.change(
        kind="deal", entity=deal(KEY).entity, fields={"amount_minor": 99}, effective_us=to_us(FIRST) + 1, actor="bo"
    )
    (answer,) = import_files(export(tmp_path / "b.csv", "Qualification", "150"), exported_at=SECOND)
    assert [(one.code, one.field) for one in answer.issues] == [("kept_local_edit", "amount_minor")]
    assert deal(KEY).amount_minor == 99


def test_a_b_a_is_three_changes_and_ends_where_it_began(home: Path, tmp_path: Path) -> None:
    first, second = export(tmp_path / "a.csv", "Qualification", "100"), export(tmp_path / "b.csv", "Proposal", "100")
    told = [
        import_files(file, exported_at=datetime(2017, 10, day, tzinfo=UTC))[0]
        for file, day in ((first, 1), (second, 8), (first, 15))
    ]
    assert [counts(one)[:2] for one in told] == [(1, 0), (0, 1), (0, 1)]
    assert [one[0] for one in changes("stage")] == ["qualification", "proposal", "qualification"]
