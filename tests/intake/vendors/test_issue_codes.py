"""Codes of what contradicts itself in a file: each raised once, and silent where all is well."""

from pathlib import Path
from typing import Any

import pytest

from hedef.records.models import MODELS
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

OPPORTUNITY = ("Id", "Name", "StageName", "Amount", "CloseDate", "CreatedDate", "IsClosed", "IsWon", "Probability")
OPPORTUNITY += ("ExpectedRevenue", "SystemModstamp")
MADE = "2017-01-05T10:00:00.000+0000"


def opportunities(path: Path, *rows: tuple[str, ...]) -> Path:
    """Rows of stage, amount, IsClosed, IsWon, probability and expected revenue."""
    told = [
        (f"006{at:0>12}AAA", f"Deal {at}", stage, amount, "2017-03-01", MADE, closed, won, share, expected, MADE)
        for at, (stage, amount, closed, won, share, expected) in enumerate(rows, 1)
    ]
    return write_csv(path, OPPORTUNITY, told)


def codes(answer: Any) -> dict[tuple[str, str | None], int]:
    return {(one.code, one.field): one.count for one in answer.issues}


def test_flags_probability_and_expected_amount_that_contradict_the_stage_are_told(home: Path, tmp_path: Path) -> None:
    wrong = opportunities(
        tmp_path / "a.csv",
        ("Closed Won", "100", "false", "true", "100", "100"),
        ("Closed Lost", "100", "true", "true", "40", "0"),
        ("Qualification", "100", "false", "false", "20", "120"),
    )
    (answer,) = import_files(wrong)
    assert counts(answer) == (3, 0, 0, 0)
    assert codes(answer) == {
        ("status_conflict", "closed"): 1,
        ("status_conflict", "won"): 1,
        ("probability_conflict", "probability"): 1,
        ("check_conflict", "expected_amount"): 1,
    }
    assert deal("006000000000001AAA").status == "won"


def test_flags_probability_and_expected_amount_that_agree_are_not_mentioned(home: Path, tmp_path: Path) -> None:
    right = opportunities(
        tmp_path / "a.csv",
        ("Closed Won", "100", "true", "true", "100", "100"),
        ("Closed Lost", "100", "true", "false", "0", "0"),
        ("Qualification", "100", "false", "false", "20", "20"),
    )
    (answer,) = import_files(right)
    assert codes(answer) == {}


HUBSPOT = ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date")
HUBSPOT += tuple(f'Date entered "{one} (Sales Pipeline)"' for one in ("Discovery", "Demo", "Closed Won"))


def test_stage_dates_that_lead_back_are_told_and_others_are_not(home: Path, tmp_path: Path) -> None:
    same = ("Sales Pipeline", "Demo", "10", "2024-01-01 08:00", "")
    back = write_csv(tmp_path / "a.csv", HUBSPOT, [
        ("1", "A", "Sales Pipeline", "Discovery", "10", same[3], "", "2024-01-05 10:00", "2024-01-02 10:00", ""),
        ("2", "B", *same, "2024-01-02 10:00", "2024-01-05 10:00", ""),
    ])  # fmt: skip
    (answer,) = import_files(back)
    assert codes(answer) == {("stage_order", "stage"): 1}
    forth = write_csv(tmp_path / "b.csv", HUBSPOT, [("3", "C", *same, "2024-01-02 10:00", "2024-01-05 10:00", "")])
    (answer,) = import_files(forth)
    assert codes(answer) == {}


USERS = ("Id", "Username", "Name", "Email", "IsActive")


def users(path: Path, *names: str) -> Path:
    rows = [(f"005{at:0>12}AAA", one, one, f"{one}@example.com", "true") for at, one in enumerate(names, 1)]
    return write_csv(path, USERS, rows)


def user(at: int) -> str:
    return f"005{at:0>12}AAA"


def test_a_circle_of_managers_loses_the_line_that_closes_it(home: Path, tmp_path: Path) -> None:
    import_files(users(tmp_path / "users.csv", "ann", "bo", "cem"))
    lines = [(user(1), user(2)), (user(2), user(3)), (user(3), user(1))]
    (answer,) = import_files(write_csv(tmp_path / "managers.csv", ("Id", "ManagerId"), lines))
    assert codes(answer) == {("manager_cycle", "manager"): 1}
    assert (counts(answer), MODELS["manager_line"].objects.count()) == ((2, 0, 0, 1), 2)


def test_managers_without_a_circle_are_all_taken(home: Path, tmp_path: Path) -> None:
    import_files(users(tmp_path / "users.csv", "ann", "bo", "cem"))
    lines = [(user(1), user(2)), (user(2), user(3))]
    (answer,) = import_files(write_csv(tmp_path / "managers.csv", ("Id", "ManagerId"), lines))
    assert (codes(answer), counts(answer)) == ({}, (2, 0, 0, 0))


SPLITS = ("Id", "OpportunityId", "SplitOwnerId", "SplitPercentage", "SplitType.DeveloperName")


def test_shares_that_are_not_the_whole_deal_are_rejected_and_the_others_are_kept(home: Path, tmp_path: Path) -> None:
    import_files(users(tmp_path / "users.csv", "ann", "bo", "cem"))
    open_ = ("Qualification", "100", "false", "false", "20", "20")
    import_files(opportunities(tmp_path / "deals.csv", open_, open_))
    first, second = "006000000000001AAA", "006000000000002AAA"
    rows = [
        ("S1", first, user(1), "33.33", "Revenue"),
        ("S2", first, user(2), "33.33", "Revenue"),
        ("S3", first, user(3), "33.34", "Revenue"),
        ("S4", first, user(3), "250", "Overlay"),
        ("S5", second, user(1), "50", "Revenue"),
        ("S6", second, user(2), "49.99", "Revenue"),
    ]
    file = write_csv(tmp_path / "splits.csv", SPLITS, rows)
    (answer,) = import_files(file)
    assert counts(answer) == (4, 0, 0, 2)
    assert {one.code: one.count for one in answer.issues} == {"split_sum": 2}
    assert deal(first).splits.count("share_bp") == 4
    assert deal(second).splits is None
    (again,) = import_files(write_csv(tmp_path / "same.csv", SPLITS, rows[:4]))
    assert (counts(again), again.changes) == ((0, 0, 4, 0), 0)
