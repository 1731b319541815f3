"""Records that a vendor deletes, that come back, and that a full export no longer holds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.records.models import Deal
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("Id", "IsDeleted", "Name", "StageName", "Amount", "CloseDate", "CreatedDate", "OwnerId", "IsClosed", "IsWon")
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
    import_files(export(tmp_path / "c.csv", ("1", ""), ("2", "")), exported_at=month(12))
    assert living() == 2
    assert deal("006000000000002AAA").stage == "prospecting"


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
