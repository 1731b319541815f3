"""Two ids of one source mean one record after a merge: what each of them said is compared with its own row alone."""

import csv
from pathlib import Path
from typing import Any

import pytest

from hedef.intake.exporting import export
from hedef.ledger.models import LedgerBatch
from hedef.records import services
from hedef.records.models import MODELS, ExternalKey
from tests.intake.support import counts, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
LEFT = ("Acme", "technology", "1999", "12.5", "10", "United States", "")
RIGHT = ("Acme Retail", "retail", "2005", "7.5", "20", "Germany", "")


@pytest.fixture
def merged(home: Path, tmp_path: Path) -> int:
    """Both accounts as one record; its number."""
    send(tmp_path, LEFT, RIGHT)
    survivor, loser = (ExternalKey.objects.get(object="account", ext_id=one[0]).entity for one in (LEFT, RIGHT))
    services.merge(kind="account", loser=loser, survivor=survivor, actor="ops", reason="one company")
    return survivor


def send(folder: Path, *rows: tuple[str, ...]) -> Any:
    (answer,) = import_files(write_csv(folder / "accounts.csv", HEADER, rows))
    return answer


def holds(entity: int) -> tuple[Any, ...]:
    one = MODELS["account"].objects.get(entity=entity)
    return one.name, one.industry, one.employees, one.country


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, cell) for name, cell in zip(HEADER, row, strict=True))


def test_an_unchanged_row_of_the_second_key_changes_nothing(merged: int, tmp_path: Path) -> None:
    before = holds(merged)
    assert counts(send(tmp_path, RIGHT, LEFT)) == (0, 0, 2, 0)
    assert holds(merged) == before


def test_a_changed_row_of_the_second_key_changes_only_the_field_that_it_changed(merged: int, tmp_path: Path) -> None:
    name, industry, _, country = holds(merged)
    assert counts(send(tmp_path, LEFT, changed(RIGHT, employees="25"))) == (0, 1, 1, 0)
    assert holds(merged) == (name, industry, 25, country)
    assert counts(send(tmp_path, LEFT, changed(RIGHT, employees="25", sector="medical"))) == (0, 1, 1, 0)
    assert holds(merged) == (name, "medical", 25, country)


def test_a_changed_row_of_the_first_key_is_compared_with_the_first_key(merged: int, tmp_path: Path) -> None:
    send(tmp_path, LEFT, changed(RIGHT, employees="25"))
    name, industry, _, country = holds(merged)
    assert counts(send(tmp_path, changed(LEFT, sector="finance"), changed(RIGHT, employees="25"))) == (0, 1, 1, 0)
    assert holds(merged) == (name, "finance", 25, country)
    assert industry != "finance"


def test_a_key_that_moved_twice_is_still_compared_with_what_it_said(merged: int, tmp_path: Path) -> None:
    third = ("Acme Holding", "finance", "1990", "100", "500", "Japan", "")
    second = changed(RIGHT, employees="25")
    send(tmp_path, LEFT, second, third)
    last = ExternalKey.objects.get(object="account", ext_id="Acme Holding").entity
    services.merge(kind="account", loser=merged, survivor=last, actor="ops", reason="one company")
    before = holds(last)
    again = changed(second, employees="26")
    assert counts(send(tmp_path, LEFT, again, third)) == (0, 1, 2, 0)
    assert holds(last) == (*before[:2], 26, before[3])


def test_an_undone_merge_compares_each_key_with_its_own_record_again(merged: int, tmp_path: Path) -> None:
    merge = LedgerBatch.objects.filter(kind="merge").latest("pk")
    services.undo_batch(merge.pk, actor="ops", reason="two companies")
    assert counts(send(tmp_path, LEFT, changed(RIGHT, employees="25"))) == (0, 1, 1, 0)
    assert holds(merged)[2] == 10


def test_an_export_writes_one_row_a_key_and_changes_nothing_when_it_comes_back(merged: int, tmp_path: Path) -> None:
    told = export("account", source="files")
    columns = [one.name for one in told.sheet.columns]
    assert "revenue" not in columns  # read in millions: its text here would not read back to the same sum
    assert [row[0] for row in told.sheet.rows] == ["Acme", "Acme Retail"]
    with (tmp_path / "back.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *told.sheet.rows])
    (answer,) = import_files(tmp_path / "back.csv")
    assert (answer.changes, counts(answer)) == (0, (0, 0, 2, 0))
