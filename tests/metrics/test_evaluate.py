"""Numbers of people, teams and periods over facts that were written through the ledger."""

from datetime import date
from fractions import Fraction

import pytest

from hedef.kernel.errors import NotFound
from hedef.kernel.scope import Scope
from hedef.metrics.queries import evaluate, rows, show, why

Q3 = date(2017, 7, 1)


def d(month: int, day: int) -> date:
    return date(2017, month, day)


@pytest.fixture
def board(company):
    """Ann moves from East to West on 15 August; Bob stays in East; Cem has no team; one deal has no owner."""
    company.person("Ann", ("East", None, d(8, 15)), ("West", d(8, 15), None))
    company.person("Bob", ("East", None, None))
    company.person("Cem")
    company.deal("Ann", (d(7, 1), "offer"), (d(8, 14), "won"), amount=100_00)
    company.deal("Ann", (d(7, 2), "offer"), (d(8, 15), "won"), amount=200_00)
    company.deal("Bob", (d(7, 3), "lead-in"), (d(7, 20), "lost"), amount=50_00)
    company.deal("Bob", (d(7, 3), "lead-in"), (d(7, 9), "offer"), (d(9, 1), "won"), (d(9, 20), "offer"), amount=70_00)
    company.deal("Cem", (d(7, 5), "offer"), (d(9, 30), "won"), amount=5_00)
    company.deal(None, (d(7, 5), "won"), amount=3_00)
    company.deal("Bob", (d(8, 1), "offer"), amount=None)
    company.deal("Bob", (d(8, 2), "offer"), (d(8, 3), "pause"), amount=900_00)
    return company


def values(found) -> dict[str, object]:
    return {cell.scope: cell.value for cell in found}


def scopes(company) -> dict[str, str]:
    teams = {f"team:T-{number}": name for name, number in company.teams.items()}
    return teams | {f"person:P-{number}": name for name, number in company.people.items()}


def named(company, found) -> dict[str, object]:
    names = scopes(company)
    return {names.get(scope, scope): value for scope, value in values(found).items()}


def test_won_value_by_team_follows_the_membership_on_the_day_of_each_deal(board):
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), by=["company", "team"])
    assert named(board, found) == {
        "company": 308_00,
        "Sales": 300_00,
        "East": 100_00,
        "West": 200_00,
        "unassigned": 8_00,
    }


def test_people_and_unassigned_add_up_to_the_company(board):
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), by="person")
    assert named(board, found) == {"Ann": 300_00, "Bob": 0, "Cem": 5_00, "unassigned": 3_00}


def test_before_the_reopening_the_deal_counts_as_won(board):
    found = evaluate("won_deals", periods=["2017-Q3"], as_of=d(9, 19))
    assert found[0].value == 4
    assert evaluate("won_deals", periods=["2017-Q3"], as_of=d(9, 20))[0].value == 3


def test_the_win_rate_of_a_level_is_made_of_its_own_deals(board):
    found = evaluate("win_rate", periods=["2017-Q3"], as_of=d(12, 31), by=["company", "team"])
    assert named(board, found) == {
        "company": Fraction(4, 5),
        "Sales": Fraction(2, 3),
        "East": Fraction(1, 2),
        "West": 1,
        "unassigned": 1,
    }
    company = found[0]
    assert (company.numerator, company.denominator, company.n) == (4, 5, 5)
    assert company.interval is not None
    assert company.interval.level == 95


def test_several_periods_come_from_one_scan(board):
    found = evaluate("won_value", periods=["2017-07", "2017-08", "2017-09", "2017-Q3", "2017"], as_of=d(12, 31))
    assert [cell.value for cell in found] == [3_00, 300_00, 5_00, 308_00, 308_00]


def test_a_running_period_is_not_complete_and_a_later_one_has_no_number(board):
    running, later = evaluate("won_value", periods=["2017-Q3", "2017-Q4"], as_of=d(8, 14))
    assert (running.value, running.complete) == (103_00, False)
    assert (later.value, later.complete, [issue.code for issue in later.issues]) == (
        None,
        False,
        ["period_not_started"],
    )


def test_open_pipeline_is_read_at_the_end_of_each_period_and_leaves_out_deals_on_hold(board):
    found = evaluate("open_pipeline", periods=["2017-07", "2017-08", "2017-Q3"], as_of=d(12, 31))
    assert [cell.value for cell in found] == [375_00, 75_00, 70_00]
    assert found[2].missing == 1
    assert [issue.code for issue in found[2].issues] == ["amount_missing"]
    assert [cell.value for cell in evaluate("open_deals", periods=["2017-07", "2017-Q3"], as_of=d(12, 31))] == [4, 2]


def test_new_deals_enter_with_the_first_stage_that_counts(board):
    found = evaluate(["new_deals", "new_pipeline"], periods=["2017-Q3"], as_of=d(12, 31), by=["company", "person"])
    deals = {scopes(board).get(cell.scope, cell.scope): cell.value for cell in found if cell.metric == "new_deals"}
    assert deals == {"company": 7, "Ann": 2, "Bob": 3, "Cem": 1, "unassigned": 1}
    value = next(cell for cell in found if cell.metric == "new_pipeline")
    assert (value.value, value.missing) == (1278_00, 1)


def test_cycle_time_is_the_median_from_the_first_open_stage_to_the_closing(board):
    found = evaluate("cycle_time", periods=["2017-Q3"], as_of=d(12, 31), by=["company", "person"])
    company = found[0]
    assert (company.value, company.numerator, company.denominator) == (44, 44 + 44 + 87, 3)
    assert named(board, found)["Cem"] == 87
    assert named(board, found)["unassigned"] is None


def test_average_deal_divides_by_split_credit(board):
    ann, bob = board.people["Ann"], board.people["Bob"]
    splits = [
        {"person": ann, "role": "rep", "kind": "revenue", "share_bp": 5000},
        {"person": bob, "role": "rep", "kind": "revenue", "share_bp": 5000},
    ]
    board.deal("Ann", (d(10, 2), "offer"), (d(10, 20), "won"), amount=101, splits=splits)
    found = evaluate("won_value", periods=["2017-Q4"], as_of=d(12, 31), by=["company", "person"])
    assert named(board, found) == {"company": 101, "Ann": 51, "Bob": 50}
    average = evaluate("average_deal", periods=["2017-Q4"], as_of=d(12, 31), by=["company", "person"])
    assert named(board, average) == {"company": 101, "Ann": 102, "Bob": 100}
    assert average[1].denominator == Fraction(1, 2)
    counted = evaluate("won_deals", periods=["2017-Q4"], as_of=d(12, 31), by=["company", "person"])
    assert named(board, counted) == {"company": 1, "Ann": 1, "Bob": 0}


def test_what_is_learned_later_does_not_change_what_was_known(board):
    from hedef.facts.queries import pin

    before = pin()
    board.deal("Bob", (d(7, 5), "won"), amount=1000_00)
    then = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), known_at=before.known_no)
    assert then[0].value == 308_00
    assert evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31))[0].value == 1308_00


def test_another_currency_needs_a_budget_rate(board):
    from hedef.records.engine.kinds import ALWAYS_US
    from hedef.records.services import create

    board.deal("Bob", (d(7, 5), "won"), amount=10_00, currency="EUR")
    without = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31))[0]
    assert (without.value, [issue.code for issue in without.issues]) == (None, ["rate_missing"])
    fields = {"base": "EUR", "quote": "USD", "day": d(1, 1), "numerator": 10, "denominator": 9, "rate_set": "budget"}
    create(kind="currency_rate", fields=fields, effective_us=ALWAYS_US, actor="test")
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31))[0]
    assert found.value == 308_00 + Fraction(10_00 * 10, 9)
    in_euro = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), currency="EUR")[0]
    assert in_euro.value == 10_00 + Fraction(308_00 * 9, 10)


@pytest.mark.parametrize(
    "metric", ["won_value", "win_rate", "open_pipeline", "new_pipeline", "cycle_time", "average_deal"]
)
@pytest.mark.parametrize("as_of", [d(8, 14), d(9, 19), d(12, 31)])
def test_rows_fold_back_to_every_number(board, metric, as_of):
    found = evaluate(metric, periods=["2017-08", "2017-Q3"], as_of=as_of, by=["company", "team", "person"])
    for cell in found:
        if cell.scope != "unassigned":
            drill = rows(metric, scope=cell.scope, period=cell.period, as_of=as_of)
            assert drill.folded == cell.value, cell
            assert drill.cell == cell


def test_rows_without_team_are_found_too(board):
    drill = rows("won_value", scope="unassigned", by="team", period="2017-Q3", as_of=d(12, 31))
    assert [(row.day, row.value, row.owner) for row in drill.rows] == [
        (d(7, 5), 3_00, None),
        (d(9, 30), 5_00, board.people["Cem"]),
    ]


def test_a_rep_sees_the_own_line_and_totals_but_not_the_rows_of_others(board):
    ann, bob, east = board.people["Ann"], board.people["Bob"], board.teams["East"]
    viewer = Scope(people=frozenset({ann}), totals=frozenset({east}), company_total=True)
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), by=["company", "team", "person"], scope=viewer)
    assert named(board, found) == {"company": 308_00, "East": 100_00, "Ann": 300_00}
    assert len(rows("won_value", scope=f"person:P-{ann}", period="2017-Q3", as_of=d(12, 31), viewer=viewer).rows) == 2
    for hidden in (f"person:P-{bob}", f"team:T-{east}", "company"):
        with pytest.raises(NotFound):
            rows("won_value", scope=hidden, period="2017-Q3", as_of=d(12, 31), viewer=viewer)


def test_show_compares_with_the_period_before_and_a_ratio_in_points(board):
    found = show("win_rate", period="2017-09", as_of=d(12, 31))
    assert found["schema"] == "hedef.metric/1"
    assert (found["value"], found["parts"]) == ("1.0000", {"numerator": 1, "denominator": 1})
    previous = found["comparisons"][0]
    assert (previous["with"], previous["value"], previous["difference"]) == ("previous", "1.0000", "0.0000")
    assert previous["relative"] is None
    money = show("won_value", period="2017-08", as_of=d(12, 31))
    assert money["value"] == "300.00"
    assert money["comparisons"][0]["difference"] == "297.00"
    assert money["comparisons"][0]["relative"] == "99.0000"
    assert money["fingerprint"].startswith("sha256:")


def test_why_names_version_rows_and_sums(board):
    drill = rows("won_value", period="2017-Q3", as_of=d(12, 31))
    trace = why(drill).as_json()
    assert trace["definition"] == "won_value@1"
    assert [step["label"] for step in trace["steps"]] == ["read", "sum of won_value", "value"]
    assert trace["steps"][1]["detail"]["sums"] == {"USD": "308.00"}
    assert len(trace["rows"]) == 4


def test_by_process_and_unknown_names(board):
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), by="process")
    assert values(found) == {"process:sales": 308_00}
    with pytest.raises(NotFound, match='no metric "nothing"'):
        evaluate("nothing", periods=["2017-Q3"], as_of=d(12, 31))
