"""The cases of the data model and of time (data section 11), from records through facts to a number."""

import json
from datetime import date
from fractions import Fraction

import pytest

from hedef.definitions.services import add, approve
from hedef.facts.queries import Question, ask, calendar, pin
from hedef.kernel.calendar import Calendar
from hedef.metrics.queries import evaluate
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from tests.metrics.conftest import noon

SAID = {"actor": "olga", "reason": "a case"}


def d(month: int, day: int, year: int = 2017) -> date:
    return date(year, month, day)


def numbers_of(company, metric="won_value", period="2017-Q3", by="team", as_of=None, **more):
    found = evaluate(metric, periods=[period], as_of=as_of or d(12, 31), by=by, **more)
    names = {f"team:T-{number}": name for name, number in company.teams.items()}
    names |= {f"person:P-{number}": name for name, number in company.people.items()}
    return {names.get(cell.scope, cell.scope): cell.value for cell in found}


def splits(company, *shares: tuple[str, int, str]) -> str:
    parts = [
        {"person": company.people[name], "role": "rep", "kind": kind, "share_bp": share} for name, share, kind in shares
    ]
    return json.dumps(parts)


# --- model ------------------------------------------------------------------------------------------------------------


def test_rep_moves_team_mid_month(company):
    ann = company.person("Ann", ("East", None, None))
    company.deal("Ann", (d(8, 14), "won"), amount=100_00)
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    before = numbers_of(company)
    services.move_person(person=ann, team=company.teams["West"], on=d(8, 15), **SAID)
    after = numbers_of(company)
    assert [before["East"], before["West"]] == [300_00, 0]
    assert [after["East"], after["West"], after["Sales"]] == [100_00, 200_00, 300_00]
    assert numbers_of(company, as_of=d(8, 14))["East"] == 100_00


def test_a_team_that_ended_and_one_that_moved_stand_on_a_board_of_the_past_as_they_were(company):
    company.person("Ann", ("West", None, None))
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    fields = {"parent": company.teams["East"]}
    services.change(kind="team", entity=company.teams["West"], fields=fields, effective_us=noon(d(9, 1)), actor="olga")
    assert [numbers_of(company, as_of=day)["East"] for day in (d(8, 31), d(9, 1))] == [0, 200_00]
    services.end_team(team=company.teams["West"], on=d(10, 1), **SAID)
    assert [numbers_of(company, as_of=day)["West"] for day in (d(9, 30), d(10, 1))] == [200_00, 200_00]
    assert company.teams["West"] not in dict(queries.teams_on(d(10, 1)))


def test_two_teams_count_for_the_main_one(company):
    ann = company.person("Ann", ("East", None, None))
    services.join_team(person=ann, team=company.teams["West"], from_day=d(7, 1), share_bp=4_000, primary=False, **SAID)
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    found = numbers_of(company)
    assert [found["East"], found["West"], found["Sales"]] == [200_00, 0, 200_00]


def test_manager_without_team_sees_who_is_led(company):
    mia, ann = company.person("Mia"), company.person("Ann", ("East", None, None))
    services.set_manager(person=ann, manager=mia, on=None, **SAID)
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    tree = queries.team_tree(d(8, 15))
    assert (tree.team_of(mia), tree.led_by(mia).people) == (None, {ann})
    assert numbers_of(company, by="person")["Ann"] == 200_00


def test_manager_cycle_in_an_import_is_cut_and_told_and_numbers_stand(company):
    ann, bob = company.person("Ann", ("East", None, None)), company.person("Bob", ("East", None, None))
    for person, manager in ((ann, bob), (bob, ann)):
        fields = {"person": person, "manager": manager, "line": "solid"}
        services.create(kind="manager_line", fields=fields, effective_us=ALWAYS_US, actor="import")
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    (issue,) = queries.team_tree(d(8, 15)).issues
    assert (issue.code, numbers_of(company)["East"]) == ("manager_cycle", 200_00)


def test_overlapping_ranges_of_an_import_are_told_and_counted_once(company):
    company.person("Ann", ("East", None, None), ("East", d(8, 1), None))
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    issues = queries.roster_issues(queries.team_tree(d(8, 15)))
    assert {(issue.code, issue.level) for issue in issues} == {
        ("overlap_membership", "error"),
        ("overlap_membership", "warning"),
    }
    assert [numbers_of(company)["East"], numbers_of(company)["Sales"]] == [200_00, 200_00]


def test_split_33_33_33_33_33_34_gives_every_cent_to_somebody(company):
    for name in ("Ann", "Bob", "Cem"):
        company.person(name, ("East", None, None))
    shares = splits(company, ("Ann", 3_333, "revenue"), ("Bob", 3_333, "revenue"), ("Cem", 3_334, "revenue"))
    company.deal("Ann", (d(8, 15), "won"), amount=100_01, splits=shares)
    found = numbers_of(company, by="person")
    assert [found[name] for name in ("Ann", "Bob", "Cem")] == [33_33, 33_33, 33_35]
    assert numbers_of(company)["East"] == 100_01


def test_overlay_250_percent_adds_no_revenue(company):
    for name in ("Ann", "Bob"):
        company.person(name, ("East", None, None))
    shares = splits(company, ("Ann", 10_000, "revenue"), ("Bob", 25_000, "overlay"))
    company.deal("Ann", (d(8, 15), "won"), amount=100_00, splits=shares)
    assert numbers_of(company, by="person") == {"Ann": 100_00, "Bob": 0}
    credit = Question(
        "test/credit",
        "SELECT c.kind, SUM(c.sign * c.amount_minor) AS total FROM closing_credit c GROUP BY c.kind ORDER BY c.kind",
        tables=("closing_credit",),
    )
    told = {row["kind"]: row["total"] for row in ask(credit, pin=pin()).as_dicts()}
    assert told == {"overlay": 250_00, "revenue": 100_00}


def test_jpy_kwd_and_an_unknown_currency(company):
    """500 yen have no cents, 1.500 dinar have three decimals; what has no rate is none, never 0."""
    from hedef.records.engine.rates import read_lines

    company.person("Ann", ("East", None, None))
    company.deal("Ann", (d(8, 1), "won"), amount=500, currency="JPY")
    company.deal("Ann", (d(8, 2), "won"), amount=1_500, currency="KWD")
    lines = read_lines("2017-01-01 JPY USD 0.01\n2017-01-01 KWD USD 3,25")[0]
    services.set_rates(lines=lines, rate_set="budget", **SAID)
    assert numbers_of(company)["East"] == Fraction(2 * 5_00 + 9_75, 2)  # 500 * 0.01 and 1.500 * 3.25 dollars
    company.deal("Ann", (d(8, 3), "won"), amount=7_00, currency="XXL")
    found = evaluate("won_value", periods=["2017-Q3"], as_of=d(12, 31), by="company")
    issues = [issue.code for issue in (*found[0].issues, *found.issues)]
    assert (found[0].value, issues) == (None, ["rate_missing"])


def test_the_currency_of_a_deal_changes_and_the_day_before_keeps_the_former_one(company):
    company.person("Ann", ("East", None, None))
    deal = company.deal("Ann", (d(8, 1), "offer"), amount=100_00, currency="EUR")
    services.change(kind="deal", entity=deal, fields={"currency": "USD"}, effective_us=noon(d(8, 10)), actor="olga")
    assert numbers_of(company, "open_pipeline", by="company", as_of=d(8, 31), period="2017-08")["company"] == 100_00
    early = numbers_of(company, "open_pipeline", by="company", as_of=d(8, 9), period="2017-08", currency="EUR")
    assert early["company"] == 100_00


def test_a_deal_without_owner_is_unassigned(company):
    company.person("Ann", ("East", None, None))
    company.deal(None, (d(8, 15), "won"), amount=200_00)
    found = numbers_of(company, by=["company", "team"])
    assert [found["company"], found["unassigned"], found["Sales"]] == [200_00, 200_00, 0]


def test_an_owner_who_left_keeps_what_was_won_and_open_deals_are_unassigned_by_team(company):
    ann = company.person("Ann", ("East", None, None))
    company.deal("Ann", (d(8, 15), "won"), amount=200_00)
    company.deal("Ann", (d(8, 1), "offer"), amount=50_00)
    services.leave(person=ann, last_day=d(8, 31), **SAID)
    assert numbers_of(company)["East"] == 200_00
    late = numbers_of(company, "open_pipeline", period="2017-09", as_of=d(9, 30))
    assert [late["East"], late["unassigned"]] == [0, 50_00]
    assert numbers_of(company, "open_pipeline", period="2017-08", as_of=d(8, 31))["East"] == 50_00


def test_a_deal_reopened_after_won_counts_until_that_day(company):
    company.person("Ann", ("East", None, None))
    company.deal("Ann", (d(8, 1), "won"), (d(9, 1), "offer"), amount=200_00)
    assert numbers_of(company, as_of=d(8, 31))["East"] == 200_00
    assert numbers_of(company, as_of=d(9, 1))["East"] == 0


def test_a_deal_won_at_amount_0_is_a_deal_and_one_without_amount_too(company):
    company.person("Ann", ("East", None, None))
    company.deal("Ann", (d(8, 1), "won"), amount=0)
    company.deal("Ann", (d(8, 2), "won"), amount=None)
    assert numbers_of(company, "won_deals")["East"] == 2
    assert numbers_of(company)["East"] == 0


def test_lost_with_0_and_lost_with_blank_are_both_lost_and_stay_different(company):
    company.person("Ann", ("East", None, None))
    zero = company.deal("Ann", (d(8, 1), "lost"), amount=0)
    blank = company.deal("Ann", (d(8, 2), "lost"), amount=None)
    assert numbers_of(company, "lost_deals")["East"] == 2
    told = {row["entity"]: row["amount_minor"] for row in queries.rows("deal", entities=[zero, blank])}
    assert told == {zero: 0, blank: None}


def test_negative_lines_and_a_credit_note_larger_than_the_invoice_stay_below_zero(company):
    account = services.create(kind="account", fields={"name": "Acme"}, effective_us=ALWAYS_US, actor="test")

    def invoice(document: str, *amounts: int) -> None:
        fields = {"account": account, "day": d(8, 1), "document": document, "currency": "USD"}
        header = services.create(kind="invoice", fields=fields, effective_us=noon(d(8, 1)), actor="test")
        for place, amount in enumerate(amounts, 1):
            line = {"invoice": header, "line_no": place, "amount_minor": amount, "currency": "USD"}
            services.create(kind="invoice_line", fields=line, effective_us=noon(d(8, 1)), actor="test")

    invoice("normal", 100_00, -20_00)
    invoice("credit_note", -95_00)
    lines = Question(
        "test/lines",
        "SELECT l.document, SUM(l.sign * l.amount_minor) AS total FROM invoice_line l GROUP BY l.document "
        "ORDER BY l.document",
        tables=("invoice_line",),
    )
    told = {row["document"]: row["total"] for row in ask(lines, pin=pin()).as_dicts()}
    assert (told, sum(told.values())) == ({"credit_note": -95_00, "normal": 80_00}, -15_00)


# --- time -------------------------------------------------------------------------------------------------------------


def put_calendar(**said):
    body = {
        "kind": "calendar", "id": "company", "name": {"en": "Company calendar", "tr": "Şirket takvimi"},
        "owner": "operations", "country": "US", "time_zone": "UTC", "base_currency": "USD",
    }  # fmt: skip
    made = add(document=body | said, actor="test")
    approve(kind="calendar", id="company", version=made.version, actor="test")


DAYS = Question(
    "test/days",
    "SELECT x.deal, x.eff_day FROM deal_delta x WHERE x.n > 0 ORDER BY x.deal, x.eff_day",
    tables=("deal_delta",),
)


@pytest.mark.parametrize(("day", "hours"), [(d(3, 26), 23), (d(10, 29), 25)])
def test_days_of_23_and_25_hours_hold_what_happens_in_them(company, day, hours):
    put_calendar(country="DE", time_zone="Europe/Berlin")
    berlin = Calendar(time_zone="Europe/Berlin")
    start, end = berlin.start_us(day), berlin.end_us(day)
    assert end + 1 - start == hours * 3_600_000_000
    company.person("Ann", ("East", None, None))
    told = {"status": "open", "process": "sales", "stage": "offer", "amount_minor": 1, "currency": "USD"}
    made = [
        services.create(kind="deal", fields=told, effective_us=at, actor="test")
        for at in (start - 1, start, end, end + 1)
    ]
    days = {row["deal"]: row["eff_day"] for row in ask(DAYS, pin=pin()).as_dicts()}
    before, after = date.fromordinal(day.toordinal() - 1), date.fromordinal(day.toordinal() + 1)
    assert [days[one] for one in made] == [before, day, day, after]
    counts = [evaluate("open_deals", periods=[f"{day:%Y-%m}"], as_of=one)[0].value for one in (before, day, after)]
    assert counts == [1, 3, 4]


def test_day_precision_stays_on_its_day_at_midnight_in_the_company_zone(company):
    put_calendar(country="TR", time_zone="Europe/Istanbul")
    istanbul = Calendar(time_zone="Europe/Istanbul")
    told = {"status": "open", "process": "sales", "stage": "offer", "amount_minor": 1, "currency": "USD"}
    made = [
        services.create(kind="deal", fields=told, effective_us=at, precision="day", actor="test")
        for at in (istanbul.start_us(d(8, 31)), istanbul.end_us(d(8, 31)))
    ]
    days = {row["deal"]: row["eff_day"] for row in ask(DAYS, pin=pin()).as_dicts()}
    assert [days[one] for one in made] == [d(8, 31), d(8, 31)]
    assert evaluate("open_deals", periods=["2017-08"], as_of=d(8, 31))[0].value == 2
    assert evaluate("open_deals", periods=["2017-08"], as_of=d(8, 30))[0].value == 0


def test_a_fiscal_year_starting_in_february_with_29_february_in_it(company):
    put_calendar(effective_from="2019-02-01", fiscal_start=2)
    company.person("Ann", ("East", None, None))
    for day, amount in ((d(1, 31, 2020), 1_00), (d(2, 1, 2020), 2_00), (d(2, 29, 2020), 4_00), (d(5, 1, 2020), 8_00)):
        company.deal("Ann", (day, "won"), amount=amount)
    late = d(12, 31, 2020)
    assert numbers_of(company, period="2021-Q1", as_of=late)["East"] == 6_00
    assert numbers_of(company, period="2020", as_of=late)["East"] == 1_00
    assert numbers_of(company, period="FY2021-P01", as_of=late)["East"] == 6_00
    assert calendar().period("2018-Q4").end == d(12, 31, 2018)


def test_4_4_5_with_week_53(company):
    put_calendar(weeks="4-4-5")
    company.person("Ann", ("East", None, None))
    for day, amount in ((d(12, 27, 2015), 1_00), (d(12, 28, 2015), 2_00), (d(1, 3, 2016), 4_00), (d(1, 4, 2016), 8_00)):
        company.deal("Ann", (day, "won"), amount=amount)
    told = {
        period: numbers_of(company, period=period, as_of=d(12, 31, 2016))["East"]
        for period in ("2015-W53", "FY2015-P12", "2015-Q4", "2015", "2016-W01", "2016-Q1")
    }
    assert told == {
        "2015-W53": 6_00, "FY2015-P12": 7_00, "2015-Q4": 7_00, "2015": 7_00, "2016-W01": 8_00, "2016-Q1": 8_00,
    }  # fmt: skip


@pytest.mark.parametrize(("year", "day"), [(1900, d(1, 1, 1900)), (2099, d(12, 31, 2099)), (2024, d(2, 29, 2024))])
def test_the_years_1900_and_2099_and_29_february_are_days_like_others(company, year, day):
    company.person("Ann", ("East", None, None))
    company.deal("Ann", (day, "won"), amount=100_00)
    for period in (f"{year}", f"{day:%Y-%m}"):
        assert numbers_of(company, period=period, as_of=d(12, 31, 2099))["East"] == 100_00
