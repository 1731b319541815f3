"""Histories of deals: they beat the snapshot, may grow, and may come in pieces."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hedef.kernel.instants import to_us
from hedef.ledger.engine import fold
from hedef.ledger.queries import history, living
from hedef.records.models import Deal
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

SNAPSHOT = ("Id", "IsDeleted", "Name", "StageName", "Amount", "CloseDate", "CreatedDate", "SystemModstamp", "NextStep")
ROWS = ("Id", "OpportunityId", "CreatedDate", "StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
LOG = ("deal_id", "change_time", "changed_field_key", "new_value")
STAGE_DATES = (
    "Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date",
    'Date entered "Demo (Sales)"', 'Date entered "Offer (Sales)"', 'Date entered "Closed Won (Sales)"',
    'Date entered "Closed Lost (Sales)"',
)  # fmt: skip
ID = "006000000000001AAA"


def day(number: int, hour: int = 12) -> int:
    return to_us(datetime(2017, 1, number, hour, tzinfo=UTC))


def stages(key: str) -> list[tuple[int, str | None, str | None]]:
    """(day of January 2017, stage, status) after each change that moved the deal."""
    entity = deal(key).entity
    changes, alive = history(entity), living()
    told: list[tuple[int, str | None, str | None]] = []
    for us in sorted({one.effective_us for one in changes}):
        state = fold(changes, effective_us=us, living=alive)
        assert state is not None
        now = (state.fields.get("stage"), state.fields.get("status"))
        if not told or told[-1][1:] != now:
            told.append((datetime.fromtimestamp(us / 1e6, UTC).day, *now))  # type: ignore[arg-type]
    return told


def snapshot(path: Path, stage: str, amount: str, closes: str = "2017-01-20", step: str = "Call") -> Path:
    row = (ID, "", "Deal", stage, amount, closes, "2017-01-02T12:00:00.000+0000", "2017-01-09T12:00:00.000+0000", step)
    return write_csv(path, SNAPSHOT, [row])


def rows(path: Path, *told: tuple[str, int, str, str]) -> Path:
    """(row id, day, stage, amount)"""
    return write_csv(
        path,
        ROWS,
        [
            (f"008{number}", ID, f"2017-01-{at:02d}T12:00:00.000+0000", stage, amount, "2017-01-20", "", "")
            for number, at, stage, amount in told
        ],
    )


FIRST = ("1", 2, "Prospecting", "10")
SECOND = ("2", 5, "Qualification", "10")
THIRD = ("3", 8, "Negotiation", "30")


def test_without_a_history_the_stage_is_known_from_the_last_change_on(home: Path, tmp_path: Path) -> None:
    import_files(snapshot(tmp_path / "a.csv", "Negotiation", "30"))
    assert stages(ID) == [(2, None, "open"), (9, "negotiation", "open")]


def test_a_history_takes_back_what_the_snapshot_assumed_and_leaves_the_rest(home: Path, tmp_path: Path) -> None:
    import_files(snapshot(tmp_path / "a.csv", "Negotiation", "30"))
    (told,) = import_files(rows(tmp_path / "h.csv", FIRST, SECOND, THIRD))
    assert counts(told) == (0, 3, 0, 0)
    assert stages(ID) == [
        (2, "prospecting", "open"),
        (5, "qualification", "open"),
        (8, "negotiation", "open"),
    ]
    assert (deal(ID).amount_minor, deal(ID).next_step) == (3000, "Call")


def test_the_snapshot_only_speaks_of_what_the_history_does_not_hold(home: Path, tmp_path: Path) -> None:
    import_files(snapshot(tmp_path / "a.csv", "Negotiation", "30"), rows(tmp_path / "h.csv", FIRST, SECOND, THIRD))
    (told,) = import_files(snapshot(tmp_path / "b.csv", "Closed Won", "99", step="Sign"))
    assert [one.code for one in told.issues if one.level == "warning"] == ["history_disagrees"]
    assert (deal(ID).stage, deal(ID).amount_minor, deal(ID).next_step) == ("negotiation", 3000, "Sign")


def test_a_longer_history_adds_only_its_new_rows(home: Path, tmp_path: Path) -> None:
    import_files(snapshot(tmp_path / "a.csv", "Negotiation", "30"), rows(tmp_path / "h.csv", FIRST, SECOND))
    (told,) = import_files(rows(tmp_path / "h2.csv", FIRST, SECOND, THIRD))
    assert counts(told) == (0, 1, 2, 0)
    assert stages(ID)[-1] == (8, "negotiation", "open")


def test_a_row_that_was_missing_in_the_middle_is_put_in_its_place(home: Path, tmp_path: Path) -> None:
    import_files(rows(tmp_path / "h.csv", FIRST, THIRD))
    import_files(rows(tmp_path / "h2.csv", FIRST, ("2", 5, "Qualification", "77"), THIRD))
    assert stages(ID) == [
        (2, "prospecting", "open"),
        (5, "qualification", "open"),
        (8, "negotiation", "open"),
    ]
    assert deal(ID).amount_minor == 3000


def test_rows_that_only_repeat_the_deal_are_unchanged(home: Path, tmp_path: Path) -> None:
    (told,) = import_files(rows(tmp_path / "h.csv", FIRST, ("2", 3, *FIRST[2:]), SECOND))
    assert counts(told) == (1, 1, 1, 0)


def test_an_unknown_stage_in_a_history_is_rejected_with_the_nearest_three(home: Path, tmp_path: Path) -> None:
    (told,) = import_files(rows(tmp_path / "h.csv", FIRST, ("2", 3, "Negociation", "10")))
    assert counts(told) == (1, 0, 0, 1)
    hint = next(one.hint for one in told.issues if one.code == "unknown_stage")
    assert hint is not None
    assert '"Negotiation"' in hint


def log(path: Path, *told: tuple[int, str, str]) -> Path:
    return write_csv(path, LOG, [("7", f"2017-01-{at:02d} 12:00:00", key, value) for at, key, value in told])


def test_a_log_with_a_status_closes_deals_by_it_and_asks_nothing(home: Path, tmp_path: Path) -> None:
    file = log(
        tmp_path / "log.csv",
        (2, "add_time", "2017-01-02 12:00:00"),
        (2, "stage_id", "1"),
        (4, "stage_id", "2"),
        (6, "status", "won"),
        (6, "value", "500"),
    )
    import_files(file, yes=False)
    assert stages("7") == [(2, "1", "open"), (4, "2", "open"), (6, "won", "won")]
    assert (deal("7").amount_minor, deal("7").close_on.isoformat()) == (50_000, "2017-01-06")


def test_an_unknown_stage_in_a_key_value_log_rejects_its_row_and_names_the_column_of_values(
    home: Path, tmp_path: Path
) -> None:
    first = ((2, "add_time", "2017-01-02 12:00:00"), (2, "stage_id", "1"), (4, "value", "100"))
    import_files(log(tmp_path / "log.csv", *first))
    (told,) = import_files(log(tmp_path / "more.csv", *first, (6, "stage_id", "999"), (7, "value", "500")))
    assert counts(told) == (0, 1, 3, 1)
    (found,) = [one for one in told.issues if one.code == "unknown_stage"]
    assert (found.example or {}) | {"line": 5} == {"row": 4, "line": 5, "column": "new_value", "value": "999"}
    assert (deal("7").stage, deal("7").amount_minor) == ("1", 50_000)


def test_a_second_creation_begins_the_deal_anew(home: Path, tmp_path: Path) -> None:
    file = log(
        tmp_path / "log.csv",
        (2, "add_time", "2017-01-02 12:00:00"),
        (3, "stage_id", "2"),
        (5, "lost_reason", "Too dear"),
        (9, "add_time", "2017-01-09 12:00:00"),
        (10, "stage_id", "1"),
    )
    (told,) = import_files(file)
    assert counts(told) == (1, 4, 0, 0)
    assert stages("7") == [
        (2, None, "open"),
        (3, "2", "open"),
        (5, "lost", "lost"),
        (9, None, "open"),
        (10, "1", "open"),
    ]
    assert (deal("7").lost_reason, deal("7").closed_us, Deal.objects.count()) == (None, None, 1)


def dated(path: Path, stage: str, *dates: str) -> Path:
    cells = [*dates, *[""] * (4 - len(dates))]
    close = dates[2] if len(dates) > 2 else "2017-02-01 12:00"
    return write_csv(path, STAGE_DATES, [("9", "Deal", "Sales", stage, "50", "2017-01-02 12:00", close, *cells)])


def test_stage_dates_tell_when_each_stage_began_and_grow_with_the_next_export(home: Path, tmp_path: Path) -> None:
    import_files(dated(tmp_path / "a.csv", "Demo", "2017-01-03 12:00"))
    assert stages("9") == [(2, None, "open"), (3, "demo", "open")]
    (told,) = import_files(
        dated(tmp_path / "b.csv", "Closed Won", "2017-01-03 12:00", "2017-01-05 12:00", "2017-01-08 12:00"),
        exported_at=datetime(2017, 11, 1, tzinfo=UTC),
    )
    assert counts(told) == (0, 1, 0, 0)
    assert stages("9") == [(2, None, "open"), (3, "demo", "open"), (5, "offer", "open"), (8, "closed-won", "won")]
    assert deal("9").status == "won"
