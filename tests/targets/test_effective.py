"""The facts table of effective targets: the only ramp and proration, as each seal knew it (T15)."""

from datetime import date

import pyarrow as pa
import pytest

from hedef.facts import queries as facts
from hedef.facts.queries import Question, ask
from hedef.facts.services import verify
from hedef.targets.queries import scoreboard
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan
from tests.targets.conftest import _member

ROWS = Question(
    "test/effective",
    'SELECT person, team, period, scope_kind, "full" AS whole, prorated, effective FROM target_effective '
    "ORDER BY scope_kind, person, from_day, team",
    tables=("target_effective",),
)


def rows(known_no=None):
    return ask(ROWS, pin=facts.pin(known_no=known_no)).as_dicts()


def plan(total="300000.00", ramp=(), levels=("team", "person")):
    options = PlanOptions(metric="won_value", ramp=ramp)
    order = SplitOrder("sales-2017", "2017-Q3", total=total, options=options, levels=levels)
    split_plan(order, actor="local", as_of=date(2017, 6, 30))
    publish_plan(plan="sales-2017", actor="local", may_approve=True)


def test_a_joiners_months_sum_to_what_the_board_shows(company):
    company.team("North")
    ada = company.person("Ada", ("North", None, None), hired=date(2017, 8, 14))
    plan(ramp=("0.50", "0.75", "1.00"))
    mine = [row for row in rows() if row["person"] == ada]
    assert [row["period"] for row in mine] == ["2017-07", "2017-08", "2017-09"]
    assert sum(row["whole"] for row in mine) == 30_000_000
    assert sum(row["prorated"] for row in mine) == 16_190_476  # 34 of 63 working days
    assert sum(row["effective"] for row in mine) == 9_523_810  # 20 of 63
    board = scoreboard(period="2017-Q3", as_of=date(2017, 9, 30), by="person").as_json()
    assert [row["target"] for row in board["rows"]] == ["95238.10"]


def test_effective_targets_made_anew_are_the_same(company):
    company.team("North")
    company.team("South")
    ada = company.person("Ada", ("North", None, None))
    company.person("Bo", ("South", None, None))
    plan()
    first = rows()
    facts.pin()
    company.add(
        "absence",
        {
            "person": pa.array([ada], pa.int64()),
            "reason": pa.array(["parental"], pa.string()),
            "share_bp": pa.array([10_000], pa.int64()),
            "from_day": pa.array([date(2017, 8, 1)], pa.date32()),
            "to_day": pa.array([date(2017, 9, 1)], pa.date32()),
        },
    )
    plan("360000.00")
    assert sum(row["effective"] for row in first if row["scope_kind"] == "person") == 30_000_000
    assert sum(row["effective"] for row in rows() if row["scope_kind"] == "person") == 36_000_000
    assert verify()[1] == []


def test_a_move_ends_the_rows_of_one_team_and_begins_those_of_the_other(company):
    company.team("North")
    company.team("South")
    ada = company.person("Ada")
    company.add("membership", _member([ada], [company.teams["North"]], ["rep"], [None], [date(2017, 8, 26)]))
    company.add("membership", _member([ada], [company.teams["South"]], ["rep"], [date(2017, 8, 26)], [None]))
    plan()
    mine = [row for row in rows() if row["person"] == ada]
    by_team = {
        name: sum(row["effective"] for row in mine if row["team"] == company.teams[name]) for name in ("North", "South")
    }
    assert by_team == {"North": 18_571_429, "South": 11_428_571}  # 39 and 24 of 63 working days


def test_what_a_seal_knew_stays(company):
    company.team("North")
    company.person("Ada", ("North", None, None))
    plan()
    pin = facts.pin()
    plan("360000.00")
    assert sum(row["effective"] for row in rows(pin.known_no) if row["scope_kind"] == "person") == 30_000_000


def test_half_time_counts_as_its_share(company):
    company.team("North")
    ada = company.person("Ada", ("North", None, None))
    company.add(
        "working_time",
        {
            "person": pa.array([ada], pa.int64()),
            "share_bp": pa.array([5_000], pa.int64()),
            "from_day": pa.array([date(2017, 7, 1)], pa.date32()),
            "to_day": pa.array([None], pa.date32()),
        },
    )
    plan()
    assert sum(row["effective"] for row in rows() if row["person"] == ada) == 15_000_000
    board = scoreboard(period="2017-Q3", as_of=date(2017, 9, 30), by="person").as_json()
    assert [row["target"] for row in board["rows"]] == ["150000.00"]


@pytest.mark.parametrize("kind", ["company", "team"])
def test_lines_of_teams_and_the_company_are_told_too(company, kind):
    company.team("North")
    company.person("Ada", ("North", None, None))
    plan()
    assert sum(row["effective"] for row in rows() if row["scope_kind"] == kind) == 30_000_000
