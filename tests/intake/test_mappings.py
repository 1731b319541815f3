"""Mappings that a person gives: used, kept for the source, and strict about their columns."""

from pathlib import Path

import pytest

from hedef.intake.services import run_import
from hedef.kernel.errors import HedefError, InvalidDocument, WrongUse
from hedef.records.models import Deal
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

HEADER = ("Nr", "Wert", "Stufe", "Abschluss", "Angelegt")
MAPPING = """
object: deal
key: Nr
fields:
  amount: {column: Wert, type: money, decimal: ",", currency_code: EUR}
  stage: {column: Stufe, type: stage, process: verkauf}
  close_on: {column: Abschluss, type: date, order: d/m}
  created_at: {column: Angelegt, type: instant, order: d/m}
process_start:
  verkauf: [[angebot, open], [gewonnen, won], [verloren, lost]]
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    file = tmp_path / "verkauf.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


def export(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Path:
    return write_csv(path, header, rows)


def test_a_file_of_no_vendor_is_read_by_its_mapping_and_the_next_one_without_it(
    home: Path, tmp_path: Path, mapping: Path
) -> None:
    first = export(tmp_path / "a.csv", ("1", "1.234,50", "Angebot", "", "3/4/2024"))
    (answer,) = import_files(first, source="haus", mapping=mapping)
    assert counts(answer) == (1, 0, 0, 0)
    assert (deal("1").amount_minor, deal("1").currency, deal("1").stage) == (123_450, "EUR", "angebot")
    second = export(tmp_path / "b.csv", ("2", "10,00", "Gewonnen", "5/6/2024", "3/4/2024"))
    (again,) = import_files(second, source="haus")
    assert counts(again) == (1, 0, 0, 0)
    assert (deal("2").status, deal("2").close_on.isoformat()) == ("won", "2024-06-05")


def test_a_kept_mapping_stops_when_one_of_its_columns_is_gone(home: Path, tmp_path: Path, mapping: Path) -> None:
    import_files(export(tmp_path / "a.csv", ("1", "1,00", "Angebot", "", "3/4/2024")), source="haus", mapping=mapping)
    shorter = export(tmp_path / "b.csv", ("2", "Angebot", "", "3/4/2024"), header=("Nr", *HEADER[2:]))
    with pytest.raises(WrongUse) as refused:
        run_import(files=[shorter], actor="ada", source="haus", yes=True)
    assert refused.value.error_code == "column_missing"
    assert "amount" in refused.value.message
    assert Deal.objects.count() == 1


def test_a_column_that_a_kept_mapping_does_not_read_is_named(home: Path, tmp_path: Path, mapping: Path) -> None:
    first = export(tmp_path / "a.csv", ("1", "1,00", "Angebot", "", "3/4/2024"))
    import_files(first, source="haus", mapping=mapping)
    wider = export(tmp_path / "b.csv", ("2", "1,00", "Angebot", "", "3/4/2024", "x"), header=(*HEADER, "Notiz"))
    (answer,) = import_files(wider, source="haus")
    told = next(one for one in answer.issues if one.code == "column_new")
    assert told.example is not None
    assert (told.level, told.example["column"]) == ("info", "Notiz")


def test_a_file_that_nobody_knows_is_refused_with_the_nearest_shape(home: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as refused:
        run_import(files=[export(tmp_path / "a.csv", ("1", "1", "x", "", ""))], actor="ada")
    assert refused.value.error_code == "unknown_object"


def test_a_mapping_with_a_mistake_is_refused_with_its_line(home: Path, tmp_path: Path, mapping: Path) -> None:
    mapping.write_text(MAPPING.replace("type: money", "type: mony"), encoding="utf-8")
    with pytest.raises(InvalidDocument) as refused:
        run_import(files=[export(tmp_path / "a.csv")], actor="ada", mapping=mapping)
    assert refused.value.issues[0].source is not None
    assert refused.value.issues[0].source.row == 5


def test_a_file_without_a_table_answers_what_it_is(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"")
    (answer,) = import_files(file)
    assert [one.code for one in answer.issues] == ["empty_file"]
    assert (answer.counts.rows_read, answer.object, answer.exit_code) == (0, None, 1)


def test_an_archive_that_is_none_is_refused(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"PK\x03\x04 not really a zip")
    with pytest.raises(WrongUse, match=r"x\.csv cannot be unpacked") as refused:
        import_files(file)
    assert refused.value.error_code == "not_data"


def test_the_order_of_unknown_stages_is_asked_and_can_be_told(home: Path, tmp_path: Path) -> None:
    header = ("Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Create Date", "Deal owner")
    rows = [
        (str(number), "x", stage, "Partners", "5", "2024-05-01", "2024-04-01", "")
        for number, stage in enumerate(("Hello", "Offer", "Signed", "Gone"))
    ]
    file = write_csv(tmp_path / "deals.csv", header, rows)
    with pytest.raises(HedefError) as asked:
        run_import(files=[file], actor="ada", yes=True)
    assert [one["what"] for one in asked.value.decisions] == ["process"]
    told = {"partners": "Hello > Offer > Signed (won) > Gone (lost)"}
    (answer,) = run_import(files=[file], actor="ada", yes=True, decide=told).files
    assert counts(answer) == (4, 0, 0, 0)
    assert sorted(Deal.objects.values_list("status", flat=True)) == ["lost", "open", "open", "won"]
