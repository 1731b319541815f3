"""Plans over time: versions, second persons, moves and changes; the past computes as it did."""

from datetime import UTC, date, datetime

import pytest

from hedef.access.services import create_user
from hedef.definitions import services as definitions
from hedef.kernel.errors import InvalidDocument, NotFound, Refused, WrongUse
from hedef.kernel.scope import Scope
from hedef.ledger.queries import head
from hedef.targets.queries import plan_json, scoreboard
from hedef.targets.services import (
    PhaseOrder,
    PlanOptions,
    SheetOrder,
    SplitOrder,
    import_lines,
    phase_plan,
    publish_plan,
    split_plan,
)
from hedef.targets.services.versions import newest

AUGUST = date(2017, 8, 31)


def split(plan="sales", total="300000.00", **more):
    options = more.pop("options", PlanOptions())
    order = SplitOrder(plan=plan, period="2017-Q3", total=total, options=options, **more)
    return split_plan(order, actor="local", as_of=AUGUST)


def publish(plan="sales"):
    return publish_plan(plan=plan, actor="local", may_approve=True)


def rows(board):
    told = board.as_json()
    return {row["name"]: row for row in told["rows"]} | {"company": told["total"]}


@pytest.fixture
def east(company):
    company.team("East")
    company.person("Ada", ("East", None, None))
    company.person("Bo", ("East", None, None))
    return company


def test_a_version_waits_for_the_second_person(east):
    create_user(username="selin", name="Selin", roles=["operations"], now=datetime(2026, 11, 17, tzinfo=UTC))
    split()
    waiting = publish()
    assert (waiting.version.state, "selin" in waiting.waits) == ("simulated", True)
    with pytest.raises(NotFound):
        scoreboard(period="2017-Q3", as_of=AUGUST)

    done = publish_plan(plan="sales", actor="selin", may_approve=True)

    assert (done.version.state, done.version.approver, done.version.self_approved) == ("effective", "selin", False)
    assert scoreboard(period="2017-Q3", as_of=AUGUST).as_json()["issues"] == []


def test_the_author_may_approve_where_nobody_else_can_and_the_board_says_so(east):
    split()
    assert publish().version.self_approved

    codes = [issue["code"] for issue in scoreboard(period="2017-Q3", as_of=AUGUST).as_json()["issues"]]
    assert codes == ["self_approved"]


def test_who_has_no_right_to_approve_only_simulates(east):
    split()

    done = publish_plan(plan="sales", actor="rep", may_approve=False)

    assert (done.version.state, done.simulation["result"]["lines"]) == ("simulated", 4)


def test_splitting_again_the_same_way_changes_nothing(east):
    first, again = split(), split()

    assert (first.saved.version.version, again.saved.version.version) == (1, 1)
    assert (again.saved.batch, again.saved.unchanged) == (None, 4)


def test_a_change_from_a_date_keeps_what_was_before_and_says_what_it_was(east):
    split()
    publish()
    options = PlanOptions(starts=date(2017, 8, 14), applies="from_date", reason="New product delayed")
    split(total="360000.00", options=options)
    publish()

    found = rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]
    assert (found["target"], found["original_target"]) == ("332380.95", "300000.00")
    before = rows(scoreboard(period="2017-Q3", as_of=date(2017, 8, 13)))["company"]
    assert (before["target"], before["original_target"]) == ("300000.00", "300000.00")


def test_a_change_of_the_whole_period_counts_from_its_day_on(east):
    split()
    publish()
    split(total="360000.00", options=PlanOptions(starts=date(2017, 8, 14)))
    publish()

    assert rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]["target"] == "360000.00"
    assert rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]["notes"] == ["changed"]
    assert rows(scoreboard(period="2017-Q3", as_of=date(2017, 8, 13)))["company"]["target"] == "300000.00"


def test_what_was_known_before_a_change_is_what_the_board_said_then(east):
    split()
    publish()
    known = head().seal_no
    east.won("Ada", date(2017, 7, 10), 1_000_000)
    split(total="360000.00")
    publish()

    then = rows(scoreboard(period="2017-Q3", as_of=AUGUST, known_at=known))["company"]
    now = rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]
    assert (then["target"], then["actual"]) == ("300000.00", "0.00")
    assert (now["target"], now["actual"]) == ("360000.00", "10000.00")


def test_a_closed_period_keeps_its_version(east):
    split()
    publish()
    split(total="999999.00", options=PlanOptions(starts=date(2017, 10, 2)))
    publish()

    assert rows(scoreboard(period="2017-Q3", as_of=date(2018, 1, 31)))["company"]["target"] == "300000.00"


def test_targets_given_afterwards_count_for_the_period_they_are_for(east, write):
    split()
    publish()
    import_lines(SheetOrder(file=write("scope,period,value\ncompany,2017-Q1,100\n"), plan="sales"), actor="local")
    publish()

    assert rows(scoreboard(period="2017-Q1", as_of=AUGUST))["company"]["target"] == "100.00"
    assert rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]["target"] == "300000.00"


def test_a_move_splits_the_line_between_the_teams(company, write):
    company.team("East")
    company.team("West")
    company.person("Ada", ("East", None, date(2017, 8, 26)), ("West", date(2017, 8, 26), None))
    company.won("Ada", date(2017, 8, 1), 100_000)
    company.won("Ada", date(2017, 9, 15), 50_000)
    take(write, "person,period,value\nAda,2017-Q3,300000\n")

    board = scoreboard(period="2017-Q3", as_of=date(2017, 9, 30))

    found = rows(board)
    assert (found["East"]["target"], found["West"]["target"]) == ("185714.29", "114285.71")
    assert (found["East"]["actual"], found["West"]["actual"]) == ("1000.00", "500.00")
    assert found["company"]["target"] == "300000.00"
    ada = scoreboard(period="2017-Q3", as_of=date(2017, 9, 30), by="person").as_json()["rows"][0]
    assert (ada["target"], ada["status"], ada["team"]) == ("300000.00", "moved", f"team:T-{company.teams['West']}")


def take(write, text, plan="sales", **more):
    import_lines(SheetOrder(file=write(text), plan=plan, options=PlanOptions(**more)), actor="local")
    publish(plan)


def test_a_joiner_on_a_ramp_carries_a_part_of_the_line(company, write):
    company.team("East")
    company.person("Ada", ("East", date(2017, 8, 14), None), hired=date(2017, 8, 14))
    take(write, "person,period,value\nAda,2017-Q3,300000\n", ramp=("0.50", "0.75", "1.00"))

    ada = scoreboard(period="2017-Q3", as_of=AUGUST, by="person").as_json()["rows"][0]

    assert (ada["target"], ada["status"], ada["notes"]) == ("95238.10", "ramp", ["joined", "ramp"])
    assert ada["expected"] == "33333.34"  # 7 of the 20 days' worth that the ramp leaves


def test_a_leaver_leaves_the_rest_of_the_line_with_the_team(company, write):
    company.team("East")
    company.person("Ada", ("East", None, None), left=date(2017, 8, 25))
    take(write, "person,period,value\nAda,2017-Q3,300000\n")

    found = rows(scoreboard(period="2017-Q3", as_of=AUGUST))["East"]
    ada = scoreboard(period="2017-Q3", as_of=AUGUST, by="person").as_json()["rows"][0]

    assert (ada["target"], ada["status"]) == ("185714.29", "left")
    assert (found["target"], found["assigned"], found["over_assignment"]) == ("300000.00", "185714.29", "-0.3810")


def test_people_and_team_are_compared_and_neither_overwrites_the_other(east, write):
    take(write, "scope,period,value\nEast,2017-Q3,100000\nAda,2017-Q3,80000\nBo,2017-Q3,60000\n")

    board = scoreboard(period="2017-Q3", as_of=AUGUST)

    found = rows(board)["East"]
    assert (found["target"], found["assigned"], found["over_assignment"]) == ("100000.00", "140000.00", "0.4000")
    warned = {issue.object for issue in board.issues if issue.code == "over_assignment"}
    assert warned == {"company", f"T-{east.teams['East']}"}


def test_a_person_without_a_team_still_has_a_target(company, write):
    company.team("East")
    company.person("Ada")
    take(write, "person,period,value\nAda,2017-Q3,1000\n")

    board = scoreboard(period="2017-Q3", as_of=AUGUST, by="person")

    assert [(row.scope, row.parent) for row in board.rows] == [(f"person:P-{company.people['Ada']}", "company")]
    assert board.total.standing.target == 100_000


def test_an_empty_team_stands_on_the_board_without_a_target(east):
    east.team("Empty")
    split()
    publish()

    found = rows(scoreboard(period="2017-Q3", as_of=AUGUST))["Empty"]
    assert (found["target"], found["people"]) == (None, 0)


def test_rows_without_an_owner_in_a_team_keep_the_sum_right(east):
    east.person("Stranger")
    east.won("Stranger", date(2017, 7, 3), 500_00)
    split()
    publish()

    board = scoreboard(period="2017-Q3", as_of=AUGUST)

    assert [(row.scope, row.standing.actual) for row in board.rows if row.scope == "unassigned"] == [
        ("unassigned", 50_000)
    ]
    assert sum(row.standing.actual or 0 for row in board.rows) == board.total.standing.actual


def test_a_level_target_is_repeated_and_never_split(east, write):
    take(write, "scope,period,value\ncompany,2017,0.60\n", plan="rate", metric="win_rate")
    east.won("Ada", date(2017, 7, 3), 100)

    found = rows(scoreboard(period="2017-Q3", as_of=AUGUST, plan="rate"))

    assert (found["East"]["target"], found["East"]["actual"]) == ("0.6000", "1.0000")
    assert (found["company"]["target"], found["company"]["expected"], found["company"]["pace"]) == (
        "0.6000",
        None,
        None,
    )
    with pytest.raises(Refused) as refused:
        split(plan="rate", options=PlanOptions(metric="win_rate"))
    assert refused.value.error_code == "not_additive"


def test_phasing_writes_lines_that_sum_to_the_longer_one(east):
    split()
    done = phase_plan(PhaseOrder(plan="sales", period="2017-Q3"), actor="local", as_of=AUGUST)
    publish()

    company = [line.value for line in done.lines if line.scope == "company"]
    assert (company, sum(company)) == ([9_523_810, 10_952_381, 9_523_809], 30_000_000)
    found = rows(scoreboard(period="2017-08", as_of=AUGUST))["company"]
    assert (found["target"], found["notes"]) == ("109523.81", [])


def test_manual_phasing_that_does_not_sum_is_refused_with_the_difference(east):
    split()
    values = {"2017-07": "100000", "2017-08": "100000", "2017-09": "90000"}

    with pytest.raises(Refused) as refused:
        phase_plan(PhaseOrder(plan="sales", period="2017-Q3", values=values), actor="local", as_of=AUGUST)

    assert refused.value.issues[0].code == "manual_phasing_sum"


def test_a_rep_sees_the_own_line_and_the_totals_above(east):
    split()
    publish()
    ada, team = east.people["Ada"], east.teams["East"]
    scope = Scope(people=frozenset({ada}), totals=frozenset({team}), company_total=True)

    people = scoreboard(period="2017-Q3", as_of=AUGUST, by="person", scope=scope)
    teams = scoreboard(period="2017-Q3", as_of=AUGUST, by="team", scope=scope)

    assert [row.scope for row in people.rows] == [f"person:P-{ada}"]
    assert people.rows[0].team_attainment == teams.rows[0].standing.attainment
    assert teams.total.standing.target == 30_000_000


def test_wrong_words_are_told(east):
    split()
    publish()

    for options in (
        {"period": "2017-Q5"},
        {"period": "2017-Q3", "by": "planet"},
        {"period": "2017-Q3", "pace": "moon"},
    ):
        with pytest.raises(WrongUse):
            scoreboard(as_of=AUGUST, **options)
    with pytest.raises(NotFound):
        scoreboard(period="2017-Q3", as_of=AUGUST, plan="nothing")


def test_a_plan_shows_versions_lines_and_where_they_come_from(east):
    split()

    told = plan_json("sales")

    assert told["plans"][0]["versions"][0]["state"] == "draft"
    lines = {line["scope"]: line for line in told["lines"]}
    team = lines[f"team:T-{east.teams['East']}"]
    assert (team["value"], team["origin"], team["parent"]) == ("300000.00", "split", lines["company"]["line"])


def test_a_period_that_has_not_begun_has_a_target_and_no_pace(east):
    split()
    publish()

    found = rows(scoreboard(period="2017-Q3", as_of=date(2017, 6, 1)))["company"]

    assert (found["target"], found["actual"], found["pace"], found["band"]) == ("300000.00", None, None, None)


def test_equal_questions_have_equal_fingerprints(east):
    split()
    publish()

    first = scoreboard(period="2017-Q3", as_of=AUGUST).fingerprint
    assert first == scoreboard(period="2017-Q3", as_of=AUGUST).fingerprint
    assert first != scoreboard(period="2017-Q3", as_of=date(2017, 8, 30)).fingerprint
    assert first.startswith("sha256:")


PLAN = """
kind: target-plan
id: sales
name: {en: Sales 2017, tr: Satış 2017}
owner: operations
metric: {is: won_value, currency: USD}
period: {calendar: company, is: 2017-Q3}
phasing: {by: working, seasonal_from: [2017-Q2]}
split: {round_to: 1000.00, over_assign: 0.10, weights: headcount}
people: {joiner: prorate, leaver: team_keeps, ramp: [0.50, 0.75, 1.00]}
bands: [{below: 0.70, is: behind}, {below: 0.90, is: watch}, {below: 1.10, is: on_pace}, {is: ahead}]
change: {reason: {en: First plan, tr: İlk plan}, approved_by: [person:holly]}
"""


def test_a_plan_written_as_a_document_says_how_it_is_split(east):
    definitions.add(actor="local", text=PLAN)

    done = split()

    values = {line.scope.partition(":")[0]: line.value for line in done.lines}
    assert values == {"company": 30_000_000, "team": 30_000_000, "person": 16_500_000}
    assert (done.saved.version.version, done.saved.version.body["name"]["tr"]) == (1, "Satış 2017")


def test_a_changed_document_keeps_the_lines_of_the_version_before(east):
    split()
    publish()
    body = {key: value for key, value in newest("sales").body.items() if key not in {"version", "lines"}}
    definitions.add(actor="local", document={**body, "bands": [{"below": "0.99", "is": "behind"}, {"is": "ahead"}]})
    publish()

    board = scoreboard(period="2017-Q3", as_of=AUGUST)

    assert (board.version.version, board.total.standing.target, board.total.standing.band) == (2, 30_000_000, "behind")


def test_an_undone_change_brings_back_the_lines_it_names(east):
    split()
    publish()
    split(total="400000.00", options=PlanOptions(starts=date(2017, 8, 1)))
    publish()
    definitions.undo(kind="target-plan", id="sales", actor="local", on=date(2017, 8, 20))
    publish()

    assert rows(scoreboard(period="2017-Q3", as_of=date(2017, 8, 10)))["company"]["target"] == "400000.00"
    assert rows(scoreboard(period="2017-Q3", as_of=AUGUST))["company"]["target"] == "300000.00"


@pytest.mark.parametrize(
    ("line", "instead", "code"),
    [
        ("metric: {is: won_value, currency: USD}", "metric: {is: nothing_known}", "unknown_metric"),
        ("metric: {is: won_value, currency: USD}", "metric: {is: won_value}", "currency_missing"),
        ("bands: [{below: 0.70, is: behind}, {below: 0.90", "bands: [{below: 0.95, is: behind}, {below: 0.90", None),
        ("is: 2017-Q3}", "is: 2017-Q9}", None),
        ("round_to: 1000.00", "round_to: 0", None),
        ("by: working", "by: moon", None),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(east, line, instead, code):
    with pytest.raises(InvalidDocument) as refused:
        definitions.add(actor="local", text=PLAN.replace(line, instead), file="plan.yaml")

    issue = refused.value.issues[0]
    assert issue.source.file == "plan.yaml"
    assert issue.source.row == PLAN[: PLAN.index(line)].count("\n") + 1
    assert code in (None, issue.code)
