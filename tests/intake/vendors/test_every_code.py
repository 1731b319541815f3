"""Each code of a row or a cell: one change of a good export raises it, and the good export itself raises none."""

from pathlib import Path
from typing import Any

import pytest

from hedef.kernel.errors import NeedsDecision
from tests.intake.support import import_files, write_csv

pytestmark = pytest.mark.django_db

USER, ACCOUNT = "005000000000001AAA", "001000000000001AAA"
HEADER = ("Id", "Name", "AccountId", "OwnerId", "StageName", "Amount", "CurrencyIsoCode", "CloseDate", "CreatedDate")
HEADER += ("Probability", "IsDeleted", "NextStep", "LastStageChangeDate")
GOOD = {
    "Id": "006000000000001AAA", "Name": "Van", "AccountId": ACCOUNT, "OwnerId": USER, "StageName": "Qualification",
    "Amount": "100.50", "CurrencyIsoCode": "USD", "CloseDate": "2017-03-01", "CreatedDate": "2017-01-05 10:00:00",
    "Probability": "20", "IsDeleted": "false", "NextStep": "Call", "LastStageChangeDate": "2017-01-06 10:00:00",
}  # fmt: skip
OTHER = {**GOOD, "Id": "006000000000002AAA", "Name": "Bus", "Probability": "40"}
CASES: list[tuple[str, dict[str, str]]] = [
    ("key_missing", {"Id": ""}),
    ("id_damaged", {"Id": "4.88E+15"}),
    ("bad_date", {"CloseDate": "2017-02-31"}),
    ("date_far", {"CloseDate": "1887-03-01"}),
    ("bad_money", {"Amount": "a lot"}),
    ("too_many_decimals", {"Amount": "100.5051"}),
    ("currency_conflict", {"Amount": "€100.50"}),
    ("currency_missing", {"CurrencyIsoCode": "QQQ"}),
    ("bad_percent", {"Probability": "likely"}),
    ("out_of_range", {"Amount": "99999999999999999.00"}),
    ("bad_boolean", {"IsDeleted": "perhaps"}),
    ("unknown_person", {"OwnerId": "005000000000099AAA"}),
    ("unknown_account", {"AccountId": "001000000000099AAA"}),
    ("unknown_stage", {"StageName": "Daydream"}),
    ("hidden_null", {"NextStep": "TBD"}),
    ("text_cut", {"NextStep": "x" * 5_000}),
    ("control_chars", {"NextStep": "a\x07b"}),
    ("close_before_create", {"StageName": "Closed Lost", "Probability": "0", "CloseDate": "2016-12-01"}),
    ("won_without_amount", {"StageName": "Closed Won", "Probability": "100", "Amount": ""}),
    ("probability_conflict", {"StageName": "Closed Won"}),
]


@pytest.fixture
def known(home: Path, tmp_path: Path) -> Path:
    """A folder, with the user and the account that the export names."""
    users = write_csv(tmp_path / "User.csv", ("Id", "Username", "Name", "IsActive"), [(USER, "ann", "Ann", "true")])
    names = ("Id", "Name", "Type", "BillingStreet", "BillingCity", "BillingCountry", "Industry", "OwnerId")
    rows = [(ACCOUNT, "Acme", "Customer", "Main St", "Ulm", "DE", "Banking", USER)]
    import_files(users, write_csv(tmp_path / "Account.csv", names, rows))
    return tmp_path


def export(path: Path, *rows: dict[str, str]) -> Path:
    return write_csv(path, HEADER, [[row[name] for name in HEADER] for row in rows])


def codes(answer: Any) -> set[str]:
    return {one.code for one in answer.issues}


def test_a_good_export_raises_nothing(known: Path) -> None:
    (answer,) = import_files(export(known / "a.csv", GOOD, OTHER))
    assert codes(answer) == set()


@pytest.mark.parametrize(("code", "change"), CASES, ids=[code for code, _ in CASES])
def test_one_wrong_cell_raises_its_code_alone(known: Path, code: str, change: dict[str, str]) -> None:
    (answer,) = import_files(export(known / "a.csv", {**GOOD, **change}, OTHER))
    assert codes(answer) == {code}


def test_the_same_key_twice_is_told_and_an_equal_copy_is_not(known: Path) -> None:
    (answer,) = import_files(export(known / "a.csv", GOOD, {**GOOD, "Name": "Truck"}))
    assert codes(answer) == {"duplicate_in_file"}
    (answer,) = import_files(export(known / "b.csv", OTHER, OTHER))
    assert codes(answer) == set()


def test_an_hour_that_exists_twice_is_told(known: Path) -> None:
    header = ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date")
    row = ("1", "Van", "Sales Pipeline", "Contract Sent", "10")
    from hedef.intake.engine.shipped import shipped_mapping

    berlin = shipped_mapping("hubspot", "deals").model_copy(update={"time_zone": "Europe/Berlin"})
    twice = write_csv(known / "a.csv", header, [(*row, "2017-10-29 02:30")])
    (answer,) = import_files(twice, mapping=berlin, exported_at=None)
    assert "ambiguous_hour" in codes(answer)
    once = write_csv(known / "b.csv", header, [("2", *row[1:], "2017-10-29 12:30")])
    (answer,) = import_files(once, mapping=berlin, exported_at=None)
    assert codes(answer) == set()


def test_dates_in_both_orders_are_asked_and_told(known: Path) -> None:
    first, second = {**GOOD, "CloseDate": "25/03/2017"}, {**OTHER, "CloseDate": "03/25/2017"}
    with pytest.raises(NeedsDecision):
        import_files(export(known / "a.csv", first, second))
    (answer,) = import_files(export(known / "a.csv", first, second), decide={"CloseDate": "d/m"})
    assert codes(answer) == {"mixed_date_order", "bad_date"}


def test_dates_that_decide_nothing_are_asked_and_provable_ones_are_not(known: Path) -> None:
    with pytest.raises(NeedsDecision) as asked:
        import_files(export(known / "b.csv", {**GOOD, "CloseDate": "03/04/2017"}))
    assert [one["what"] for one in asked.value.decisions] == ["date_order"]
    (answer,) = import_files(export(known / "c.csv", {**GOOD, "CloseDate": "25/04/2017"}))
    assert codes(answer) == set()


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("title_lines", lambda text: "Pipeline of March\n\n" + text),
        ("header_repeated", lambda text: text.replace("Name,", "Name,", 1).replace("NextStep", "Name", 1)),
        ("ragged_row", lambda text: text.rstrip("\r\n") + ",one more,and more\r\n"),
        ("encoding_guessed", lambda text: text.replace("Van", "Vän", 1)),
    ],
    ids=["title_lines", "header_repeated", "ragged_row", "encoding_guessed"],
)
def test_a_file_with_one_fault_says_so(known: Path, code: str, change: Any) -> None:
    file = export(known / "a.csv", GOOD, OTHER)
    file.write_bytes(change(file.read_bytes().decode()).encode("cp1252"))
    (answer,) = import_files(file)
    assert code in codes(answer)
