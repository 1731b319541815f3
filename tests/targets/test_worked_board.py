"""The worked board of the design pages: 2017-Q3 of the public CRM sample, to the cent."""

from datetime import date

import pytest

from hedef.kernel.errors import WrongUse
from hedef.kernel.money import fraction_text
from hedef.targets.queries import scoreboard, why
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan

ORDER = SplitOrder(
    plan="sales-2017",
    period="2017-Q3",
    total="3300000.00",
    weights="won_value@2017-Q2",
    round_to="1000.00",
    options=PlanOptions(metric="won_value"),
)
AS_OF = date(2017, 8, 31)


@pytest.fixture
def plan(maven):
    split_plan(ORDER, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)
    return maven


SHOWN = ("target", "actual", "attainment", "expected", "pace", "points_to_pace", "gap", "needed_per_day", "band")
REGIONS = {
    "Central": (
        "1024000.00", "666638.00", "0.6510", "698920.63", "0.9538", "-0.0315", "-32282.63", "17868.10", "on_pace"
    ),
    "East": ("1087000.00", "510687.00", "0.4698", "741920.63", "0.6883", "-0.2127", "-231233.63", "28815.65", "behind"),
    "West": ("1189000.00", "569666.00", "0.4791", "811539.68", "0.7020", "-0.2034", "-241873.68", "30966.70", "watch"),
}  # fmt: skip


def test_every_figure_of_the_regions_and_the_company(plan):
    board = scoreboard(period="2017-Q3", as_of=AS_OF).as_json()

    rows = {row["name"]: row for row in board["rows"]}
    assert {name: tuple(rows[name][key] for key in SHOWN) for name in REGIONS} == REGIONS
    assert tuple(board["total"][key] for key in SHOWN) == (
        "3300000.00", "1746991.00", "0.5294", "2252380.95", "0.7756", "-0.1531", "-505389.95", "77650.45", "watch"
    )  # fmt: skip
    assert board["pace"] == {"method": "working", "elapsed": 43, "total": 63, "low": None, "high": None}


def test_the_envelope_and_the_keys_of_a_row(plan):
    board = scoreboard(period="2017-Q3", as_of=AS_OF).as_json()

    assert {key: board[key] for key in ("schema", "plan", "metric", "unit", "currency", "period", "as_of", "by")} == {
        "schema": "hedef.scoreboard/1",
        "plan": "sales-2017@1",
        "metric": "won_value@1",
        "unit": "money",
        "currency": "USD",
        "period": {"id": "2017-Q3", "start": "2017-07-01", "end": "2017-09-30"},
        "as_of": "2017-08-31",
        "by": "team",
    }
    assert board["known_at"] is None
    central = board["rows"][0]
    assert central == {
        "scope": f"team:T-{plan.teams['Central']}",
        "name": "Central",
        "parent": "company",
        "target": "1024000.00",
        "original_target": "1024000.00",
        "actual": "666638.00",
        "attainment": "0.6510",
        "expected": "698920.63",
        "pace": "0.9538",
        "points_to_pace": "-0.0315",
        "gap": "-32282.63",
        "needed_per_day": "17868.10",
        "projection": "976702.19",
        "band": "on_pace",
        "assigned": "1024000.00",
        "over_assignment": "0.0000",
        "people": 11,
        "acknowledged": 0,
        "trust": {"level": "unknown", "reasons": []},
        "notes": [],
        "values": {},
    }


def test_second_level_is_cut_from_the_regions(plan):
    board = scoreboard(period="2017-Q3", as_of=AS_OF).as_json()

    order = [(row["name"], row["target"]) for row in board["rows"]]
    assert order == [
        ("Central", "1024000.00"),
        ("Brinkmann", "391000.00"),
        ("Marxen", "633000.00"),
        ("East", "1087000.00"),
        ("Losch", "396000.00"),
        ("Neubert", "691000.00"),
        ("West", "1189000.00"),
        ("Rouche", "546000.00"),
        ("Sewald", "643000.00"),
    ]


def test_end_of_the_quarter(plan):
    board = scoreboard(period="2017-Q3", as_of=date(2017, 9, 30)).as_json()

    attained = {row["name"]: row["attainment"] for row in board["rows"] if row["name"] in REGIONS}
    assert attained == {"Central": "1.0285", "East": "0.8462", "West": "0.8489"}
    assert (board["total"]["attainment"], board["total"]["actual"]) == ("0.9037", "2982255.00")


def test_by_season_the_company_is_on_pace(maven):
    options = PlanOptions(metric="won_value", seasonal_from=("2017-Q2",))
    order = SplitOrder(
        plan="sales-2017", period="2017-Q3", total="3300000.00", weights="won_value@2017-Q2", options=options
    )
    split_plan(order, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)

    board = scoreboard(period="2017-Q3", as_of=AS_OF, pace="seasonal").as_json()

    total = board["total"]
    assert (total["expected"], total["pace"], total["band"], total["projection"]) == (
        "1868768.98",
        "0.9348",
        "on_pace",
        "3084956.12",
    )
    assert board["pace"] == {
        "method": "seasonal",
        "elapsed": "0.5663",
        "total": "1.0000",
        "low": "0.5663",
        "high": "0.5663",
    }
    by_days = scoreboard(period="2017-Q3", as_of=AS_OF).as_json()
    assert (by_days["pace"]["method"], by_days["total"]["projection"]) == ("working", "2559544.95")


def test_to_the_cent_without_rounding(maven):
    order = SplitOrder(
        plan="exact",
        period="2017-Q3",
        total="3300000.00",
        weights="won_value@2017-Q2",
        round_to="0.01",
        levels=("team",),
    )

    done = split_plan(order, actor="local", as_of=date(2017, 12, 31), dry_run=True)

    regions = {f"team:T-{maven.teams[name]}": name for name in REGIONS}
    assert {regions[line.scope]: line.value for line in done.lines if line.scope in regions} == {
        "Central": 102_367_002,
        "East": 108_729_592,
        "West": 118_903_406,
    }


def test_who_has_no_history_takes_the_median_of_the_team(maven):
    done = split_plan(ORDER, actor="local", as_of=date(2017, 12, 31), dry_run=True)

    value = {line.scope: line.value for line in done.lines}
    mei_mei = f"person:P-{maven.people['Mei-Mei Johns']}"
    assert [issue.code for issue in done.issues if issue.object == mei_mei] == ["no_history"]
    assert value[mei_mei] > 0


def test_people_stand_beside_their_team(plan):
    board = scoreboard(period="2017-Q3", as_of=AS_OF, by="person").as_json()

    assert len(board["rows"]) == 35
    darcel = next(row for row in board["rows"] if row["name"] == "Darcel Schlecht")
    assert darcel["team"] == darcel["parent"] == f"team:T-{plan.teams['Marxen']}"
    assert darcel["status"] == "normal"
    marxen = scoreboard(period="2017-Q3", as_of=AS_OF).row(darcel["team"])
    assert darcel["team_pace"] is not None
    assert darcel["team_attainment"] == fraction_text(marxen.standing.attainment)
    targets = [row["target"] for row in board["rows"]]
    assert sum(int(target[:-3]) for target in targets) == 3_300_000


def test_a_month_without_a_line_is_phased_and_says_so(plan):
    august = scoreboard(period="2017-08", as_of=AS_OF).as_json()

    assert august["total"]["target"] == "1204761.90"  # 23 of 63 working days, largest remainder
    assert august["total"]["notes"] == ["phased"]


def test_why_tells_lines_rows_and_formula(plan):
    scope = f"team:T-{plan.teams['Central']}"

    trace = why(scope, period="2017-Q3", as_of=AS_OF, field="pace")

    told = {step.label: step.value for step in trace.steps}
    assert told == {
        "lines": 1, "target": "1024000.00", "actual": "666638.00", "expected": "698920.63", "pace": "0.9538"
    }  # fmt: skip
    assert len(trace.rows) > 100


def test_a_season_without_reference_periods_is_refused_not_counted_in_working_days(plan):
    with pytest.raises(WrongUse, match="sales-2017 names no reference periods"):
        scoreboard(period="2017-Q3", as_of=AS_OF, pace="seasonal")
