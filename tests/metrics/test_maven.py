"""The published pipeline of a dealer: won value by quarter and region, the one win rate, cycles, open pipeline."""

import csv
from collections import defaultdict
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pytest

from hedef.kernel.calendar import Calendar
from hedef.ledger.services import allocate, writing
from hedef.metrics.queries import evaluate, rows
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import apply_changes, create

END = date(2017, 12, 31)
PROCESS = """
kind: process
id: sales
version: 1
name: {en: Sales, tr: Satış}
owner: operations
stages:
  - {id: engaging, name: {en: Engaging, tr: Görüşme}, order: 10, category: open}
  - {id: won, name: {en: Won, tr: Kazanıldı}, order: 20, category: won}
  - {id: lost, name: {en: Lost, tr: Kaybedildi}, order: 30, category: lost}
"""


def table(samples, name: str) -> list[dict[str, str]]:
    with (samples / "maven_crm" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def maven(home, samples):
    """Engaged deals with their closings; open deals carry the list price, as the design page counts them."""
    from hedef.definitions.services import introduce

    introduce(actor="test", text=PROCESS)
    teams: dict[str, int] = {}
    people: dict[str, int] = {}
    for row in table(samples, "sales_teams.csv"):
        region, manager = row["regional_office"], row["manager"]
        if region not in teams:
            teams[region] = create(kind="team", fields={"name": region}, effective_us=ALWAYS_US, actor="test")
        if manager not in teams:
            fields = {"name": manager, "parent": teams[region]}
            teams[manager] = create(kind="team", fields=fields, effective_us=ALWAYS_US, actor="test")
        who = create(kind="person", fields={"name": row["sales_agent"]}, effective_us=ALWAYS_US, actor="test")
        people[row["sales_agent"]] = who
        stay = {"person": who, "team": teams[manager], "role": "rep", "share_bp": 10_000, "primary": True}
        create(kind="membership", fields=stay, effective_us=ALWAYS_US, actor="test")
    prices = {row["product"].replace(" ", ""): int(row["sales_price"]) for row in table(samples, "products.csv")}
    calendar = Calendar()
    told = []
    for row in table(samples, "sales_pipeline.csv"):
        if not row["engage_date"]:
            continue
        owner, price = people[row["sales_agent"]], prices[row["product"].replace(" ", "")] * 100
        opened = date.fromisoformat(row["engage_date"])
        start = (allocate(1), calendar.start_us(opened), owner, "engaging", "open", price, None)
        told.append(start)
        if row["close_date"]:
            closed, stage = date.fromisoformat(row["close_date"]), row["deal_stage"].lower()
            value = int(row["close_value"]) * 100 or None
            told.append((start[0], calendar.end_us(closed), owner, stage, stage, value, closed))
    columns = list(zip(*told, strict=True))
    types = {
        "entity": pa.int64(),
        "effective_us": pa.int64(),
        "owner": pa.int64(),
        "stage": pa.string(),
        "status": pa.string(),
        "amount_minor": pa.int64(),
        "close_on": pa.date32(),
    }
    arrays = {name: pa.array(column, kind) for (name, kind), column in zip(types.items(), columns, strict=True)}
    always = {name: pa.array([value] * len(told)) for name, value in (("process", "sales"), ("currency", "USD"))}
    with writing(kind="import", actor="test") as batch:
        apply_changes(batch=batch, kind="deal", rows=pa.table(arrays | always))
    return {name: f"team:T-{number}" for name, number in teams.items()}


def test_the_figures_of_the_sample(maven, samples):
    quarters = ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    won = evaluate("won_value", periods=[*quarters, "2017"], as_of=END, by=["company", "team"]).by_scope()
    assert [won["company", period].value for period in (*quarters, "2017")] == [
        1_134_672_00,
        3_086_111_00,
        2_982_255_00,
        2_802_496_00,
        10_005_534_00,
    ]
    regions = {
        "Central": [347_988, 957_321, 1_053_202, 987_782],
        "East": [329_151, 1_016_823, 919_767, 824_853],
        "West": [457_533, 1_111_967, 1_009_286, 989_861],
    }
    for region, values in regions.items():
        assert [won[maven[region], period].value for period in quarters] == [value * 100 for value in values]
    august = evaluate("won_value", periods=["2017-Q3"], as_of=date(2017, 8, 31), by=["company", "team"]).by_scope()
    shown = [august[maven[region], "2017-Q3"].value for region in ("Central", "East", "West")]
    assert shown == [666_638_00, 510_687_00, 569_666_00]
    assert august["company", "2017-Q3"].value == 1_746_991_00

    rates = evaluate("win_rate", periods=["2017"], as_of=END, by=["company", "team", "person"])
    company = rates[0]
    assert (company.numerator, company.denominator) == (4238, 6711)
    assert [str(round(float(bound), 4)) for bound in (company.interval.low, company.interval.high)] == [
        "0.6199",
        "0.643",
    ]
    managers = set(maven) - set(regions)
    of_managers = [cell.value for cell in rates if cell.scope in {maven[name] for name in managers}]
    of_people = [cell.value for cell in rates if cell.scope.startswith("person:") and cell.value is not None]
    assert (len(of_managers), len(of_people)) == (6, 30)
    assert percent(company.value) == "63.15"
    assert percent(sum(of_managers) / 6) == "63.24"
    assert percent(sum(of_people) / 30) == "63.51"
    parts = evaluate("win_rate", periods=["2017-Q1", "2017-Q2", "2017-Q3"], as_of=END)
    assert [(cell.numerator, cell.denominator) for cell in parts] == [(531, 647), (1254, 2032), (1257, 2047)]

    cycle = evaluate("cycle_time", periods=["2017-Q3"], as_of=END)[0]
    assert (cycle.numerator, cycle.denominator) == (61_363, 1_257)
    stock = evaluate(["open_pipeline", "open_deals"], periods=["2017-07", "2017-08", "2017-09", "2017-Q2"], as_of=END)
    pipeline = [cell.value for cell in stock if cell.metric == "open_pipeline"]
    assert pipeline[2] == 5_763_490_00
    assert sum(pipeline[:3]) == 16_651_929_00
    assert stock.by_scope("open_deals")["company", "2017-Q2"].value == 1_686
    assert evaluate("new_deals", periods=["2017-Q3"], as_of=END)[0].value == 2_770

    drill = rows("won_value", scope=maven["Central"], period="2017-Q3", as_of=date(2017, 8, 31))
    assert sum(row.value for row in drill.rows) == drill.folded == 666_638_00
    by_hand = naive_won(samples, date(2017, 7, 1), date(2017, 8, 31))
    assert by_hand == {region: august[maven[region], "2017-Q3"].value for region in regions}


def percent(value: Fraction) -> str:
    return f"{float(value * 100):.2f}"


def naive_won(samples, first: date, last: date) -> dict[str, int]:
    """Won value by region straight from the file."""
    region = {row["sales_agent"]: row["regional_office"] for row in table(samples, "sales_teams.csv")}
    found: dict[str, int] = defaultdict(int)
    for row in table(samples, "sales_pipeline.csv"):
        if row["deal_stage"] == "Won" and first <= date.fromisoformat(row["close_date"]) <= last:
            found[region[row["sales_agent"]]] += int(row["close_value"]) * 100
    return dict(found)
