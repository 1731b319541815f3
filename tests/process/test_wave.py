"""The published history of a CRM: stage table, last stages and reopenings as the design page states them."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from hedef.kernel.instants import to_us
from hedef.ledger.services import allocate, writing
from hedef.metrics.queries import evaluate, rows
from hedef.process.engine.history import Moment, StageInfo, journey, visits
from hedef.process.queries import check
from hedef.records import queries as records
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.services import apply_changes, create

STAGES = {
    "Qualification": "open",
    "Needs Analysis": "open",
    "Proposal/Quote": "open",
    "Negotiation": "open",
    "Closed Won": "won",
    "Closed Lost": "lost",
}


def code(stage: str) -> str:
    return stage.lower().replace("/", "-").replace(" ", "-")


PROCESS = "kind: process\nid: sales\nversion: 1\nname: {en: Sales, tr: Satış}\nowner: operations\nstages:\n" + "".join(
    f'  - {{id: {code(stage)}, name: {{en: "{stage}", tr: "{stage}"}}, order: {10 * place}, category: {category}}}\n'
    for place, (stage, category) in enumerate(STAGES.items(), 1)
)


def instant(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def wave(home, samples):
    """Deals of the sample with their whole history in file order; users in the team of their role."""
    from hedef.definitions.services import introduce

    folder = samples / "salesforce_wave_sales"

    def table(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    introduce(actor="test", text=PROCESS)
    teams: dict[str, int] = {}
    people: dict[str, int] = {}
    for user in table("User.csv"):
        role = user["UserRole.Name"].removesuffix(" Sales")
        if role not in teams:
            teams[role] = create(kind="team", fields={"name": role}, effective_us=ALWAYS_US, actor="test")
        who = create(kind="person", fields={"name": user["Name"]}, effective_us=ALWAYS_US, actor="test")
        people[user["External_Id__c"]] = who
        stay = {"person": who, "team": teams[role], "role": "rep", "share_bp": 10_000, "primary": True}
        create(kind="membership", fields=stay, effective_us=ALWAYS_US, actor="test")
    owners = {deal["External_Id__c"]: people[deal["Owner.External_Id__c"]] for deal in table("Opportunity.csv")}
    history = defaultdict(list)
    for row in table("OpportunityHistory.csv"):
        history[row["Opportunity.External_Id__c"]].append(row)
    first = allocate(len(history))
    numbers = {deal: first + place for place, deal in enumerate(history)}
    told = [
        (
            numbers[deal],
            instant(row["CreatedDate__c"]),
            owners[deal],
            code(row["StageName__c"]),
            STAGES[row["StageName__c"]],
            int(row["Amount__c"]) * 100,
            date.fromisoformat(row["CloseDate__c"]),
        )
        for deal, found in history.items()
        for row in sorted(found, key=lambda row: row["CreatedDate__c"])
    ]
    columns = list(zip(*told, strict=True))
    with writing(kind="import", actor="test") as batch:
        apply_changes(
            batch=batch,
            kind="deal",
            rows=pa.table(
                {
                    "entity": pa.array(columns[0], pa.int64()),
                    "effective_us": pa.array(columns[1], pa.int64()),
                    "owner": pa.array(columns[2], pa.int64()),
                    "stage": pa.array(columns[3], pa.string()),
                    "status": pa.array(columns[4], pa.string()),
                    "amount_minor": pa.array(columns[5], pa.int64()),
                    "close_on": pa.array(columns[6], pa.date32()),
                    "process": pa.array(["sales"] * len(told), pa.string()),
                    "currency": pa.array(["USD"] * len(told), pa.string()),
                }
            ),
        )
    return {"teams": teams, "deals": numbers, "history": history, "stages": table("Opportunity.csv")}


def naive_cohorts(history, as_of):
    """Reached in the 365 days to `as_of`, had 90 days, went on within them: deal by deal over the file."""
    names = [code(name) for name in STAGES][:5]  # the open ones, then won
    found = dict.fromkeys(names[:4], (0, 0, 0))
    for told in history.values():
        days = [
            (names.index(code(row["StageName__c"])), instant(row["CreatedDate__c"]) // 86_400_000_000)
            for row in told
            if code(row["StageName__c"]) in names and instant(row["CreatedDate__c"]) // 86_400_000_000 <= day_no(as_of)
        ]
        if not any(place < 4 for place, _ in days):
            continue
        for place, name in enumerate(names[:4]):
            reached = min((day for at, day in days if at >= place), default=None)
            after = min((day for at, day in days if at > place), default=None)
            if reached is None or not day_no(as_of) - 365 < reached <= day_no(as_of):
                continue
            had = day_no(as_of) - reached >= 90
            went = had and after is not None and after - reached <= 90
            n, matured, converted = found[name]
            found[name] = (n + 1, matured + had, converted + went)
    return found


def day_no(day):
    return (day - date(1970, 1, 1)).days


def test_the_stage_table_the_funnel_and_the_board_of_the_sample(wave):
    found = check("sales", as_of=date(2017, 6, 1))
    names = ("entered", "reached", "decided", "won", "conversion", "closed_visits", "median_days")
    table = {stage["stage"]: tuple(stage[name] for name in names) for stage in found.as_json()["stages"]}
    assert {name: table[name] for name in list(table)[:4]} == {
        "qualification": (3458, 3506, 3329, 789, "0.2370", 3416, "15.0"),
        "needs-analysis": (1006, 2724, 2604, 789, "0.3030", 998, "26.0"),
        "proposal-quote": (982, 2125, 2040, 789, "0.3868", 972, "26.0"),
        "negotiation": (878, 1482, 1426, 789, "0.5533", 844, "26.0"),
    }
    cohorts = {one.stage: (one.cohort.reached, one.cohort.matured, one.cohort.converted) for one in found.stages[:4]}
    assert cohorts == naive_cohorts(wave["history"], date(2017, 6, 1))
    # 12 months to 1 June 2017: decided deals of the stage are mixed with 20 of the company's own rate
    assert all(0 < one.chance.value < 1 and not one.chance.few for one in found.stages[:4])
    last = {row["External_Id__c"]: code(row["StageName"]) for row in wave["stages"]}
    now = {row["entity"]: row["stage"] for row in records.rows("deal")}
    assert sum(now[number] == last[deal] for deal, number in wave["deals"].items()) == 3553 == len(last)
    years = evaluate("win_rate", periods=["2014", "2015", "2016", "2017", "2018"], as_of=date(2018, 12, 31))
    assert (sum(cell.numerator for cell in years), sum(cell.denominator for cell in years)) == (806, 3376)
    early = evaluate("won_value", periods=["2017-Q1", "2017-Q2"], as_of=date(2017, 5, 15), by=["company", "team"])
    teams = {f"team:T-{number}": name for name, number in wave["teams"].items()}
    values = {(teams.get(scope, scope), period): cell.value for (scope, period), cell in early.by_scope().items()}
    assert values["company", "2017-Q2"] == 1_953_729_00
    assert values["Central", "2017-Q2"] == 1_487_195_00
    assert values["East", "2017-Q2"] == 466_534_00
    assert values["company", "2017-Q1"] == 7_883_036_00
    later = evaluate("won_value", periods=["2017-Q1", "2017-Q2"], as_of=date(2017, 6, 1))
    assert [cell.value for cell in later] == [7_883_036_00, 3_719_791_00]
    drill = rows("won_value", scope="company", period="2017-Q2", as_of=date(2017, 5, 15))
    assert drill.folded == sum(row.value or 0 for row in drill.rows) == 1_953_729_00


def test_the_rules_say_the_same_of_each_deal_as_the_facts_of_all(samples):
    """S1-S9 deal by deal over the file itself, without facts."""
    with (samples / "salesforce_wave_sales" / "OpportunityHistory.csv").open(encoding="utf-8-sig", newline="") as file:
        history = list(csv.DictReader(file))
    stages = {code(name): StageInfo(code(name), place, kind) for place, (name, kind) in enumerate(STAGES.items())}
    moments = defaultdict(list)
    for place, row in enumerate(history):
        stage = code(row["StageName__c"])
        moments[row["Opportunity.External_Id__c"]].append(
            Moment(instant(row["CreatedDate__c"]), 1, place, "sales", stage)
        )
    stays = [visits(one) for one in moments.values()]
    ways = [journey(one, lambda _process, _us: stages) for one in stays]
    assert sum(len(one) for one in stays) == 10_186
    assert sum(way.reopened for way in ways) == 403
    assert sum(way.reopened > 0 for way in ways) == 384
    born = [way.outcome for way in ways if way.born_closed]
    assert (born.count("lost"), born.count("won")) == (30, 17)
    assert sum("qualification" in way.reached for way in ways) == 3506
    passing = [one for stay in stays for one in stay if one.length_us == 0 and stages[one.stage].category == "open"]
    assert len(passing) == 47
