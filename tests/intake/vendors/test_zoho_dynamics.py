"""Shapes of Zoho and Dynamics 365 that no public sample holds, in the forms of their documentation."""

from pathlib import Path
from typing import Any

import pytest

from hedef.records.models import MODELS
from tests.intake.support import counts, deal, import_files, write_csv

pytestmark = pytest.mark.django_db

ORDER = ("Record Id", "Sales Order Owner", "SO Number", "Subject", "Status", "Account Name", "Due Date", "Sub Total")
ORDER += ("Discount", "Tax", "Adjustment", "Grand Total", "Created Time")


def codes(answer: Any) -> dict[tuple[str, str | None], int]:
    return {(one.code, one.field): one.count for one in answer.issues if not one.code.startswith("unknown_")}


def test_sales_orders_of_zoho_add_up_to_their_total_or_say_so(home: Path, tmp_path: Path) -> None:
    row = ("Ann", "7", "Van", "Approved", "Acme", "2024-03-01", "$1,000.00", "100", "90", "10")
    right = ("11", *row, "1,000.00", "2024-02-01 10:00:00")
    wrong = ("12", *row, "1,090.00", "2024-02-01 10:00:00")
    (answer,) = import_files(write_csv(tmp_path / "SalesOrders_001.csv", ORDER, [right, wrong]))
    assert (answer.object, counts(answer)) == ("order", (2, 0, 0, 0))
    assert codes(answer) == {("check_conflict", "total"): 1}
    assert {one.amount_minor for one in MODELS["order"].objects.all()} == {100_000}


def test_invoices_of_zoho_are_invoices(home: Path, tmp_path: Path) -> None:
    header = (
        "Record Id",
        "Invoice Owner",
        "Invoice Number",
        "Invoice Date",
        "Status",
        "Sub Total",
        "Tax",
        "Grand Total",
    )
    rows = [("21", "Ann", "I-1", "2024-03-31", "Sent", "100.00", "20.00", "120.00")]
    (answer,) = import_files(write_csv(tmp_path / "Invoices_001.csv", header, rows))
    assert (answer.object, counts(answer), codes(answer)) == ("invoice", (1, 0, 0, 0), {})
    assert str(MODELS["invoice"].objects.get().day) == "2024-03-31"


def test_seconds_of_a_zoho_call_count_before_its_minutes(home: Path, tmp_path: Path) -> None:
    header = ("Record Id", "Call Owner", "Subject", "Call Type", "Call Start Time", "Call Duration")
    header += ("Call Duration (in seconds)", "Call Result", "Related To.id", "Created Time")
    rows = [
        ("31", "Ann", "Hello", "Outbound", "2024-03-01 09:00:00", "2", "95", "Interested", "", "2024-03-01 09:05:00")
    ]
    (answer,) = import_files(write_csv(tmp_path / "Calls_001.csv", header, rows))
    assert (answer.object, counts(answer)) == ("activity", (1, 0, 0, 0))
    call = MODELS["activity"].objects.get()
    assert (call.kind, call.seconds, call.direction) == ("call", 95, "outbound")


def test_tasks_and_events_of_zoho_are_activities(home: Path, tmp_path: Path) -> None:
    task = ("Record Id", "Task Owner", "Subject", "Due Date", "Related To.id", "Status", "Priority", "Created Time")
    event = ("Record Id", "Event Owner", "Title", "From", "To", "Related To", "Related To.id", "Created Time")
    made = "2024-03-01 09:05:00"
    tasks = write_csv(
        tmp_path / "Tasks_001.csv", task, [("41", "Ann", "Write", "2024-03-02", "", "Open", "High", made)]
    )
    events = write_csv(
        tmp_path / "Events_001.csv",
        event,
        [("51", "Ann", "Lunch", "2024-03-03 12:00", "2024-03-03 13:00", "", "", made)],
    )
    told = import_files(tasks, events)
    assert [(one.object, counts(one)) for one in told] == [("activity", (1, 0, 0, 0))] * 2
    assert {one.kind for one in MODELS["activity"].objects.all()} == {"task", "meeting"}


def test_a_lead_that_zoho_turned_down_and_converted_is_told(home: Path, tmp_path: Path) -> None:
    header = ("LEADID", "Last Name", "First Name", "Company", "Lead Owner", "Email", "Lead Status", "CONVERTED")
    rows = [("1", "Ay", "Su", "", "Ann", "", "Junk Lead", "Yes"), ("2", "Ak", "Can", "", "Ann", "", "Contacted", "Yes")]
    (answer,) = import_files(write_csv(tmp_path / "Leads.csv", header, rows))
    assert codes(answer) == {("status_conflict", "converted"): 1}


DYNAMICS = ("(Do Not Modify) Opportunity", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On", "Topic")
DYNAMICS += ("Potential Customer", "Owner", "Est. Revenue", "Actual Revenue", "Currency", "Est. Close Date")
DYNAMICS += ("Actual Close Date", "Status", "Status Reason", "Pipeline Phase", "Created On")


def test_opportunities_of_dynamics_are_open_at_their_estimate_and_won_at_what_came(home: Path, tmp_path: Path) -> None:
    first, second, third = (f"{at}f1e2d3c-0000-0000-0000-00000000000{at}" for at in (1, 2, 3))
    made, changed = "2024-01-02 09:00", "2024-03-01 10:00"
    due = ("EUR", "2024-05-01")
    rows = [
        (first, "x", changed, "A", "", "", "1000", "", *due, "", "Open", "In Progress", "2-Develop", made),
        (second, "x", changed, "B", "", "", "1000", "900", *due, "2024-02-20", "Won", "Won", "4-Close", made),
        (third, "x", changed, "C", "", "", "1000", "", *due, "2024-02-21", "Lost", "Price", "3-Propose", made),
    ]
    (answer,) = import_files(write_csv(tmp_path / "opportunities.csv", DYNAMICS, rows))
    assert (answer.vendor["name"], answer.object, counts(answer)) == ("dynamics", "deal", (3, 0, 0, 0))
    assert [(deal(key).stage, deal(key).status, deal(key).amount_minor) for key in (first, second, third)] == [
        ("develop", "open", 100_000),
        ("won", "won", 90_000),
        ("lost", "lost", 100_000),
    ]
    assert (deal(third).lost_reason, str(deal(second).close_on)) == ("Price", "2024-02-20")
