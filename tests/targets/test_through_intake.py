"""From the CRM's own files to the board: nothing between them but Hedef."""

from datetime import date

import pytest

from hedef.intake.services import run_import
from hedef.targets.queries import plan_lines, scoreboard
from hedef.targets.services import PlanOptions, SheetOrder, SplitOrder, import_lines, publish_plan, split_plan

WAVE = ("User", "Manager", "Account", "Opportunity", "OpportunityHistory")


@pytest.fixture
def wave(home, samples):
    folder = samples / "salesforce_wave_sales"
    run_import(files=[folder / f"{name}.csv" for name in WAVE], actor="local", yes=True)
    return folder


def total(period, as_of):
    return scoreboard(period=period, as_of=as_of, by="company").total.standing


def test_wave_quotas_and_the_board_of_may(wave):
    done = import_lines(SheetOrder(file=wave / "Quota.csv", plan="wave-2017"), actor="local")
    assert (done.answer.counts.created, done.answer.counts.rejected) == (264, 0)
    publish_plan(plan="wave-2017", actor="local", may_approve=True)

    board = scoreboard(period="2017-Q2", as_of=date(2017, 5, 15)).as_json()

    rows = {row["name"]: (row["actual"], row["target"], row["pace"], row["people"]) for row in board["rows"]}
    assert rows == {
        "Central": ("1487195.00", "7750000.00", "0.4407", 5),
        "East": ("466534.00", "9300000.00", "0.1152", 6),
    }
    assert {key: board["total"][key] for key in ("actual", "target", "expected", "pace")} == {
        "actual": "1953729.00",
        "target": "17050000.00",
        "expected": "7425000.00",
        "pace": "0.2631",
    }
    assert total("2017-Q2", date(2017, 6, 1)).actual == 371_979_100
    assert total("2017-Q1", date(2017, 5, 15)).actual == total("2017-Q1", date(2017, 6, 1)).actual == 788_303_600


def test_wave_quotas_through_the_common_import(wave):
    first = run_import(files=[wave / "Quota.csv"], actor="local", yes=True).files[0]
    assert (first.counts.rejected, first.issues[0].code) == (264, "plan_missing")

    second = run_import(files=[wave / "Quota.csv"], actor="local", yes=True, plan="wave-2017").files[0]

    assert (second.counts.created, second.counts.rejected) == (264, 0)
    version, lines = plan_lines("wave-2017")
    assert (version.state, len(lines), lines[0]["value"]) == ("effective", 264, "300000.00")


def test_maven_from_files_to_every_figure_of_the_board(home, samples):
    files = sorted((samples / "maven_crm").glob("*.csv"))
    run_import(files=files, actor="local", yes=True)
    order = SplitOrder(
        plan="sales-2017",
        period="2017-Q3",
        total="3300000.00",
        weights="won_value@2017-Q2",
        round_to="1000.00",
        options=PlanOptions(metric="won_value"),
    )
    split_plan(order, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)

    board = scoreboard(period="2017-Q3", as_of=date(2017, 8, 31)).as_json()

    keys = ("target", "actual", "attainment", "expected", "pace", "needed_per_day", "band")
    rows = {row["name"]: tuple(row[key] for key in keys) for row in (*board["rows"], {**board["total"], "name": "all"})}
    assert {name: rows[name] for name in ("Central", "East", "West", "all")} == {
        "Central": ("1024000.00", "666638.00", "0.6510", "698920.63", "0.9538", "17868.10", "on_pace"),
        "East": ("1087000.00", "510687.00", "0.4698", "741920.63", "0.6883", "28815.65", "behind"),
        "West": ("1189000.00", "569666.00", "0.4791", "811539.68", "0.7020", "30966.70", "watch"),
        "all": ("3300000.00", "1746991.00", "0.5294", "2252380.95", "0.7756", "77650.45", "watch"),
    }
    assert {name: rows[name][0] for name in ("Brinkmann", "Marxen", "Losch", "Neubert", "Rouche", "Sewald")} == {
        "Brinkmann": "391000.00",
        "Marxen": "633000.00",
        "Losch": "396000.00",
        "Neubert": "691000.00",
        "Rouche": "546000.00",
        "Sewald": "643000.00",
    }
