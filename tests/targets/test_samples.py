"""Quota files of the public samples, with people known by the ids of their systems."""

import csv
from datetime import date

import polars as pl
import pyarrow as pa
import pytest

from hedef.definitions.queries import versions
from hedef.ledger.services import source, writing
from hedef.records.services import save_keys
from hedef.targets.queries import scoreboard
from hedef.targets.services import PlanOptions, SheetOrder, import_lines, publish_plan


def know(company, ids: list[str], teams: list[str], system: str) -> None:
    """People without names under the ids of a system, each in a team."""
    numbers = company.add("person", {"name": pa.array(ids, pa.string())})
    told = [company.teams[team] for team in teams]
    count = len(ids)
    company.add(
        "membership",
        {
            "person": pa.array(numbers, pa.int64()),
            "team": pa.array(told, pa.int64()),
            "role": pa.array(["rep"] * count, pa.string()),
            "share_bp": pa.array([10_000] * count, pa.int64()),
            "primary": pa.array([True] * count, pa.bool_()),
        },
    )
    keys = pl.DataFrame({"ext_id": ids, "entity": numbers, "row_hash": [0] * count})
    with writing(kind="import", actor="test") as batch:
        save_keys(source=source(system), object="person", keys=keys.to_arrow(), batch=batch)
    company.people |= dict(zip(ids, numbers, strict=True))


@pytest.fixture
def wave(company, samples):
    company.team("Central")
    company.team("East")
    with (samples / "salesforce_wave_sales" / "User.csv").open(encoding="utf-8") as file:
        users = [row for row in csv.DictReader(file) if row["UserRole.Name"].endswith(" Sales")]
    ids = [user["External_Id__c"] for user in users]
    know(company, ids, [user["UserRole.Name"].removesuffix(" Sales") for user in users], "salesforce")
    return company


@pytest.fixture
def quota(samples):
    return samples / "salesforce_wave_sales" / "Quota.csv"


def test_all_264_quotas_are_taken_by_id(wave, quota):
    done = import_lines(SheetOrder(file=quota, plan="wave"), actor="local")

    counts = done.answer.counts
    assert (counts.rows_read, counts.created, counts.rejected, done.answer.changes) == (264, 264, 0, 264)
    assert done.answer.totals == ({
        "currency": "USD", "rows": 264, "file": "136400000.00", "sealed": "136400000.00", "rejected": "0.00"
    },)  # fmt: skip
    assert done.answer.exit_code == 0


def test_none_of_them_by_the_name_beside_the_id(wave, quota):
    order = SheetOrder(file=quota, plan="wave", columns={"person": "OwnerName__c"})

    done = import_lines(order, actor="local")

    assert (done.answer.counts.created, done.answer.counts.rejected, done.answer.batch) == (0, 264, None)
    assert done.answer.exit_code == 1
    assert done.answer.issues[0].code == "unknown_person"


def test_a_quarter_is_the_sum_of_its_months_and_expects_half_of_may(wave, quota):
    import_lines(SheetOrder(file=quota, plan="wave"), actor="local")
    publish_plan(plan="wave", actor="local", may_approve=True)

    board = scoreboard(period="2017-Q2", as_of=date(2017, 5, 15)).as_json()

    rows = {row["name"]: (row["target"], row["expected"], row["notes"]) for row in board["rows"]}
    assert rows == {
        "Central": ("7750000.00", "3375000.00", ["rolled_up"]),
        "East": ("9300000.00", "4050000.00", ["rolled_up"]),
    }
    assert (board["total"]["target"], board["total"]["expected"]) == ("17050000.00", "7425000.00")
    one = scoreboard(period="2017-Q2", as_of=date(2017, 5, 15), by="person").as_json()["rows"][0]
    assert (one["target"], one["expected"], one["notes"]) == ("1550000.00", "675000.00", ["summed"])


def test_drifting_dates_are_rejected_never_snapped(company, samples):
    file = samples / "adventureworks_sales" / "sales_person_quota_history.csv"
    with file.open(encoding="utf-8") as opened:
        ids = sorted({row["BusinessEntityID"] for row in csv.DictReader(opened)})
    company.team("All")
    know(company, ids, ["All"] * len(ids), "files")

    done = import_lines(SheetOrder(file=file, plan="aw", options=PlanOptions(currency="USD")), actor="local")

    assert (done.answer.counts.rows_read, done.answer.counts.rejected, done.answer.batch) == (163, 163, None)
    issue = done.answer.issues[0]
    assert (issue.code, issue.count, issue.field) == ("date_not_a_period_start", 163, "QuotaDate")
    assert issue.hint == (
        "No quarter starts on 2011-05-31; the nearest start is 2011-07-01, 31 days later. "
        "Dates are never moved: correct the cell, or name the period."
    )
    assert (done.answer.totals[0]["file"], done.answer.totals[0]["sealed"]) == ("95714000.00", "0.00")


def test_a_calendar_of_the_files_own_dates_takes_all_163_and_moves_none(company, samples):
    file = samples / "adventureworks_sales" / "sales_person_quota_history.csv"
    with file.open(encoding="utf-8") as opened:
        ids = sorted({row["BusinessEntityID"] for row in csv.DictReader(opened)})
    company.team("All")
    know(company, ids, ["All"] * len(ids), "files")
    order = SheetOrder(
        file=file,
        plan="aw",
        calendar_from_dates=True,
        last_end=date(2014, 6, 1),
        options=PlanOptions(currency="USD"),
    )
    done = import_lines(order, actor="local")
    assert [one.hint for one in done.answer.issues] == []
    assert (done.answer.counts.rows_read, done.answer.counts.created, done.answer.counts.rejected) == (163, 163, 0)
    assert done.answer.totals[0]["sealed"] == "95714000.00"
    publish_plan(plan="aw", actor="local", may_approve=True)
    board = scoreboard(period="2011-05-31", as_of=date(2011, 8, 30)).as_json()
    assert (board["period"]["start"], board["period"]["end"]) == ("2011-05-31", "2011-08-30")


def test_a_calendar_is_not_kept_where_the_lines_were_not(company, samples):
    file = samples / "adventureworks_sales" / "sales_person_quota_history.csv"
    order = SheetOrder(file=file, plan="aw", calendar_from_dates=True, last_end=date(2014, 6, 1))
    done = import_lines(order, actor="local")
    assert (done.answer.counts.created, done.saved) == (0, None)
    assert len(versions("calendar", "company")) == 1
