"""Records that a vendor deletes, that come back, and that a full export no longer holds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hedef.intake.queries import states_after
from hedef.intake.run.foreseen import Foreseen, totals
from hedef.intake.services import run_import
from hedef.records.models import Deal
from hedef.records.queries import state
from hedef.records.services import differences
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("Id", "IsDeleted", "Name", "StageName", "Amount", "CloseDate", "CreatedDate", "OwnerId", "IsClosed", "IsWon")
LATER = "2017-11-10T10:00:00.000+0000"
DAY_US = 86_400_000_000
OPEN = ("", "Prospecting", "10", "2017-12-01", "2017-01-05T10:00:00.000+0000", "", "", "")


def export(path: Path, *rows: tuple[str, str]) -> Path:
    """Deals by number; the second word is "" or "true" for deleted."""
    told = [(f"006{number:0>12}AAA", deleted, f"Deal {number}", *OPEN[1:]) for number, deleted in rows]
    return write_csv(path, HEADER, told)


def living() -> int:
    return Deal.objects.filter(ended_us__isnull=True).count()


def test_a_deleted_deal_ends_at_once_and_lives_again_when_it_comes_back(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", ("1", ""), ("2", "")))
    (second,) = import_files(export(tmp_path / "b.csv", ("1", ""), ("2", "true")), exported_at=month(11))
    assert (counts(second), second.ended, living()) == ((0, 1, 1, 0), 1, 1)
    (third,) = import_files(export(tmp_path / "b2.csv", ("1", ""), ("2", "true")), exported_at=month(11))
    assert (third.batch, third.ended) == (None, 0)
    (back,) = import_files(export(tmp_path / "c.csv", ("1", ""), ("2", "")), exported_at=month(12))
    assert (counts(back), living()) == ((0, 1, 1, 0), 2)
    assert deal("006000000000002AAA").stage == "prospecting"


def test_an_id_that_the_source_gives_to_a_new_deal_is_a_second_life_of_the_record(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", ("1", ""), ("2", "")), exported_at=month(10))
    import_files(export(tmp_path / "b.csv", ("1", ""), ("2", "true")), exported_at=month(11))
    first, second = "006000000000001AAA", "006000000000002AAA"
    told = [(first, "", "Deal 1", *OPEN[1:]), (second, "", "Another", "Prospecting", "", "", LATER, "", "", "")]
    (answer,) = import_files(write_csv(tmp_path / "c.csv", HEADER, told), exported_at=month(12))
    assert counts(answer) == (0, 1, 1, 0)
    assert [(one.code, one.count) for one in answer.issues if one.code == "id_reused"] == [("id_reused", 1)]
    now = deal(second)
    assert (now.name, now.amount_minor, now.close_on, now.ended_us) == ("Another", None, None, None)
    made = int(datetime(2017, 11, 10, 10, tzinfo=UTC).timestamp() * 1_000_000)
    before, between, after = (state(now.entity, as_of_us=made + days * DAY_US) for days in (-20, -3, 1))
    assert (before["name"], before["amount_minor"], before["ended_us"]) == ("Deal 2", 1000, None)
    assert (between["name"], between["ended_us"] is None) == ("Deal 2", False)
    assert (after["name"], after["amount_minor"], after["created_us"]) == ("Another", None, made)
    assert differences() == []
    (same,) = import_files(write_csv(tmp_path / "d.csv", HEADER, told), exported_at=month(12))
    assert same.batch is None


def test_a_dry_run_foresees_the_totals_that_the_import_brings_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", ("1", ""), ("2", ""), ("3", "")), exported_at=month(10))
    won = (f"006{4:0>12}AAA", "", "Deal 4", "Closed Won", "25.50", "2017-10-01", OPEN[4], "", "true", "true")
    raised = (f"006{1:0>12}AAA", "", "Deal 1", "Prospecting", "70", *OPEN[3:])
    path = write_csv(tmp_path / "b.csv", HEADER, [(f"006{2:0>12}AAA", "true", "Deal 2", *OPEN[1:]), raised, won])
    told: list[Foreseen] = []
    with CaptureQueriesContext(connection) as asked:
        answers = run_import(files=[path], actor="a", yes=True, dry_run=True, look=told.append, exported_at=month(11))
    assert [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE", "BEGIN"))] == []
    (foreseen,) = told
    assert foreseen.before == totals()
    (answer,) = import_files(path, exported_at=month(11))
    assert counts(answers.files[0]) == counts(answer)
    assert {place: one for place, one in foreseen.after.items() if one != (0, 0)} == totals()
    assert {one.check_name: one.level for one in foreseen.checks} == {
        one.check_name: one.level for one in states_after(0) if f"B-{one.batch}" == answer.batch
    }


def test_a_deal_that_was_deleted_before_we_knew_it_makes_no_record(home: Path, tmp_path: Path) -> None:
    (answer,) = import_files(export(tmp_path / "a.csv", ("1", ""), ("2", "true")))
    assert (counts(answer), Deal.objects.count()) == ((1, 0, 1, 0), 1)


def month(number: int) -> datetime:
    return datetime(2017, number, 1, tzinfo=UTC)


def test_a_full_export_ends_what_it_misses_twice(home: Path, tmp_path: Path) -> None:
    everything = [(str(number), "") for number in range(1, 61)]
    import_files(export(tmp_path / "a.csv", *everything), scope="full")
    (first,) = import_files(export(tmp_path / "b.csv", *everything[1:]), scope="full", exported_at=month(11))
    assert (first.gone, first.ended, living()) == (1, 0, 60)
    (second,) = import_files(export(tmp_path / "c.csv", *everything[1:59]), scope="full", exported_at=month(12))
    assert (second.gone, second.ended, living()) == (2, 1, 59)


def test_a_full_export_says_what_it_ended_and_what_the_next_one_will_end(home: Path, tmp_path: Path) -> None:
    everything = [(str(number), "") for number in range(1, 61)]
    import_files(export(tmp_path / "a.csv", *everything), scope="full")
    import_files(export(tmp_path / "b.csv", *everything[1:]), scope="full", exported_at=month(11))
    (third,) = import_files(export(tmp_path / "c.csv", *everything[2:]), scope="full", exported_at=month(12))
    (told,) = [one.hint for one in third.issues if one.code == "gone"]
    assert told == (
        "1 known records are not in this full export; the next one that misses them ends them. "
        "1 known records were ended."
    )


def test_too_many_gone_are_counted_against_the_records_that_live(home: Path, tmp_path: Path) -> None:
    everything = [(str(number), "") for number in range(1, 61)]
    import_files(export(tmp_path / "a.csv", *everything), scope="full")
    few = everything[:30]
    for at in (10, 11):
        import_files(
            export(tmp_path / f"{at}.csv", *few), scope="full", exported_at=month(at), confirm_gone=True, object="deal"
        )
    assert living() == 30
    (held,) = import_files(export(tmp_path / "c.csv", *few[2:]), scope="full", exported_at=month(12))
    assert [(one.code, (one.hint or "").split(":")[0]) for one in held.issues] == [
        ("gone_too_many", "2 of 30 known records are not in this full export")
    ]


def test_a_full_export_that_misses_too_many_ends_nothing_and_blocks(home: Path, tmp_path: Path) -> None:
    everything = [(str(number), "") for number in range(1, 11)]
    import_files(export(tmp_path / "a.csv", *everything), scope="full")
    (answer,) = import_files(
        export(tmp_path / "b.csv", *everything[:5], ("77", "")), scope="full", exported_at=month(11)
    )
    assert (answer.gone, answer.ended, living()) == (5, 0, 11)
    assert answer.trust.level == "blocked"
    assert "gone_too_many" in {one.code for one in answer.issues}


def test_a_partial_export_never_ends_anything(home: Path, tmp_path: Path) -> None:
    import_files(export(tmp_path / "a.csv", ("1", ""), ("2", "")))
    (answer,) = import_files(export(tmp_path / "b.csv", ("1", "")), exported_at=month(11))
    assert (answer.gone, answer.ended, living()) == (0, 0, 2)
