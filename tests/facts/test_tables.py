"""Tables of leads, money and recurring revenue, with rows worked out by hand."""

from datetime import date

import pytest

from hedef.facts import services
from hedef.facts.queries import Question, ask, pin
from hedef.records.services import change, create, end, revive

pytestmark = pytest.mark.django_db
DAY = 86_400_000_000
START = 1_490_000_000_000_000 // DAY * DAY  # 2017-03-20T00:00:00Z


def day(text: str) -> date:
    return date.fromisoformat(text)


def us(text: str, hour: int = 12) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * DAY + hour * DAY // 24


def make(kind: str, at: int = START, /, **fields) -> int:
    return create(kind=kind, fields=fields, effective_us=at, actor="test")


def tell(kind: str, entity: int, at: int, **fields) -> None:
    change(kind=kind, entity=entity, fields=fields, effective_us=at, actor="test")


def rows(columns: str, table: str, known_no: int | None = None) -> list[tuple]:
    asked = Question("test/rows", f"SELECT {columns} FROM {table} ORDER BY {columns}")
    return [tuple(row.values()) for row in ask(asked, pin=pin(known_no=known_no)).as_dicts()]


# --- leads


def test_a_lead_tells_its_way_as_events(home):
    at = us("2017-03-20")
    rep, other = make("person", name="Rep"), make("person", name="Other")
    lead = make("lead", at, source="web", status="new", owner=rep, touch_due_us=at + DAY)
    tell("lead", lead, at + 2, rejected_us=at + 1, reject_reason="no budget", status="rejected")
    tell("lead", lead, at + 3, rejected_us=None, owner=other, status="new")
    tell("lead", lead, at + 5, accepted_us=at + 4, first_touch_us=at + 5, rating="A", score=80, status="working")
    tell("lead", lead, at + 9, converted_us=at + 8, status="converted")
    found = rows("eff_us, event, stage, owner, source, due_us, code, value", "lead_event")
    due = at + DAY
    assert [(row[0] - at, *row[1:]) for row in found] == [
        (0, "assigned", "new", rep, "web", due, None, None),
        (0, "created", "new", rep, "web", due, None, None),
        (0, "stage", "new", rep, "web", due, None, None),
        (1, "rejected", "rejected", rep, "web", due, "no budget", None),
        (2, "stage", "rejected", rep, "web", due, None, None),
        (3, "assigned", "new", other, "web", due, None, None),
        (3, "recycled", "new", other, "web", due, None, None),
        (3, "stage", "new", other, "web", due, None, None),
        (4, "accepted", "working", other, "web", due, None, None),
        (5, "rated", "working", other, "web", due, "A", 80),
        (5, "stage", "working", other, "web", due, None, None),
        (5, "touched", "working", other, "web", due, None, None),
        (8, "converted", "converted", other, "web", due, None, None),
        (9, "stage", "converted", other, "web", due, None, None),
    ]
    assert services.verify()[1] == []


def test_a_lead_that_is_revived_is_recycled_and_one_that_ended_stands_in_no_list(home):
    lead, gone = make("lead", status="new"), make("lead", status="new")
    for one in (lead, gone):
        end(kind="lead", entity=one, effective_us=START + 5, actor="test")
    revive(kind="lead", entity=lead, effective_us=START + 7, actor="test")
    assert [row for row in rows("lead, event, eff_us", "lead_event") if row[1] == "recycled"] == [
        (lead, "recycled", START + 7)
    ]
    assert rows("lead, status", "lead_now") == [(lead, "new")]


def test_a_creation_that_the_record_dates_is_told_on_its_own_day(home):
    lead = make("lead", us("2017-05-01"), created_us=us("2017-04-01"), assigned_us=us("2017-04-02"), owner=7)
    assert rows("event, eff_day", "lead_event") == [
        ("assigned", day("2017-04-02")),
        ("created", day("2017-04-01")),
    ]
    assert rows("lead, created_day, assigned_day", "lead_now") == [(lead, day("2017-04-01"), day("2017-04-02"))]


def test_a_corrected_lead_is_known_as_it_was_then(home):
    lead = make("lead", status="new", rating="A")
    then = pin().watermark
    tell("lead", lead, START, rating="B")
    rated = "lead, code, event"
    assert [row for row in rows(rated, "lead_event", then) if row[2] == "rated"] == [(lead, "A", "rated")]
    assert [row for row in rows(rated, "lead_event") if row[2] == "rated"] == [(lead, "B", "rated")]


# --- lines and money


def test_lines_of_a_deal_are_facts_with_their_product(home):
    deal, product = make("deal", amount_minor=300, currency="EUR"), make("product", code="P1", name="One")
    first = make("deal_line", deal=deal, product=product, quantity_e4=20_000, amount_minor=300, currency="EUR")
    gone = make("deal_line", deal=deal, amount_minor=1, currency="EUR")
    end(kind="deal_line", entity=gone, effective_us=START + 1, actor="test")
    assert rows("deal_line, deal, product, quantity_e4, amount_minor, currency", "deal_line") == [
        (first, deal, product, 20_000, 300, "EUR")
    ]


def test_prices_of_a_product_are_facts_with_their_list_and_days(home):
    product = make("product", code="P1", name="One")
    said = {"product": product, "currency": "EUR"}
    old = make("price", list="standard", amount_minor=900, to_day=day("2017-04-01"), **said)
    new = make("price", list="standard", amount_minor=1000, from_day=day("2017-04-01"), **said)
    cost = make("price", list="cost", amount_minor=400, **said)
    assert rows("price, product, price_list, amount_minor, currency, from_day, to_day", "price") == [
        (old, product, "standard", 900, "EUR", None, day("2017-04-01")),
        (new, product, "standard", 1000, "EUR", day("2017-04-01"), None),
        (cost, product, "cost", 400, "EUR", None, None),
    ]
    assert services.verify()[1] == []


def test_an_invoice_without_lines_counts_as_one_line_of_its_owner(home):
    owner, order = make("person", name="Holly"), make("order", status="open")
    said = {"owner": owner, "order": order, "day": day("2017-04-01"), "due_on": day("2017-05-01"), "currency": "USD"}
    bare = make("invoice", amount_minor=500, **said)
    lined = make("invoice", amount_minor=900, document="credit_note", **said)
    line = make("invoice_line", invoice=lined, amount_minor=-200)
    columns = "invoice_no, invoice_line, order_no, person, due_on, document, amount_minor, currency"
    assert rows(columns, "invoice_line") == [
        (bare, None, order, owner, day("2017-05-01"), None, 500, "USD"),
        (lined, line, order, owner, day("2017-05-01"), "credit_note", -200, "USD"),
    ]


def test_payments_feedback_costs_skills_and_working_time_are_facts(home):
    person, account, invoice = make("person", name="Holly"), make("account", name="Acme"), make("invoice")
    paid = make("payment", invoice=invoice, owner=person, day=day("2017-04-01"), amount_minor=-5, document="refund")
    told = make("feedback", account=account, owner=person, day=day("2017-04-02"), answer=4, comment="fine")
    spent = make("cost", day=day("2017-04-03"), category="marketing", scope="company", amount_minor=7, currency="USD")
    skill = make("skill", person=person, kind="language", code="tr", level=3, from_day=day("2017-01-01"))
    half = make("working_time", person=person, pattern="1111100", share_bp=5000, from_day=day("2017-01-01"))
    assert rows("payment, invoice_no, person, day, amount_minor, document", "payment") == [
        (paid, invoice, person, day("2017-04-01"), -5, "refund")
    ]
    assert rows("feedback, account, person, day, answer", "feedback") == [(told, account, person, day("2017-04-02"), 4)]
    assert rows("cost, day, category, scope, amount_minor, currency", "cost") == [
        (spent, day("2017-04-03"), "marketing", "company", 7, "USD")
    ]
    assert rows("skill, person, kind, code, level, from_day, to_day", "skill") == [
        (skill, person, "language", "tr", 3, day("2017-01-01"), None)
    ]
    assert rows("working_time, person, pattern, share_bp", "working_time") == [(half, person, "1111100", 5000)]


# --- recurring revenue


def running() -> list[tuple]:
    """What begins (and ends) to be paid each day: a signed table is summed up."""
    by = "eff_day, account, contract, deal"
    sql = f"SELECT {by}, sum(monthly_minor) AS monthly FROM recurring_delta GROUP BY {by}"
    asked = Question("test/running", f"{sql} HAVING sum(monthly_minor) <> 0 ORDER BY {by}")
    return [tuple(row.values()) for row in ask(asked, pin=pin()).as_dicts()]


def test_a_contract_runs_from_its_first_to_its_last_day(home):
    account = make("account", name="Acme")
    contract = make(
        "contract",
        us("2017-02-10"),
        account=account,
        starts_on=day("2017-01-01"),
        ends_on=day("2017-12-31"),
        monthly_minor=100,
        currency="EUR",
    )
    tell("contract", contract, us("2017-06-01"), monthly_minor=120)
    tell("contract", contract, us("2017-07-01"), status="running")
    end(kind="contract", entity=contract, effective_us=us("2017-10-05"), actor="test")
    assert running() == [
        (day("2017-01-01"), account, contract, None, 100),
        (day("2017-06-01"), account, contract, None, 20),
        (day("2017-10-05"), account, contract, None, -120),
    ]
    assert services.verify()[1] == []


def test_a_won_deal_without_a_contract_recurs_for_its_months(home):
    account = make("account", name="Acme")
    said = {"account": account, "currency": "EUR", "recurring_minor": 50}
    deal = make("deal", us("2017-01-31"), status="open", recurring_months=1, **said)
    tell("deal", deal, us("2017-03-31"), status="won")
    endless = make("deal", us("2017-04-02"), status="won", **said)
    reopened = make("deal", us("2017-04-03"), status="won", **said)
    tell("deal", reopened, us("2017-04-05"), status="open")
    assert running() == [
        (day("2017-03-31"), account, None, deal, 50),
        (day("2017-04-02"), account, None, endless, 50),
        (day("2017-04-03"), account, None, reopened, 50),
        (day("2017-04-05"), account, None, reopened, -50),
        (day("2017-04-30"), account, None, deal, -50),
    ]
    make("contract", us("2017-04-02"), account=account, deal=endless, monthly_minor=50, starts_on=day("2017-04-02"))
    assert [row[3] for row in running() if row[2] is None] == [deal, reopened, reopened, deal]
    assert services.verify()[1] == []
