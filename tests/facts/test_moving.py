"""The list of numbers that move is what the tables say before and after, to the cent."""

from collections import Counter
from datetime import date

import pytest

from hedef.facts.engine.questions import Question
from hedef.facts.moving import moved
from hedef.facts.queries import ask, pin
from hedef.ledger.acts import Moved
from hedef.ledger.queries import batch, batches
from hedef.ledger.services import writing
from hedef.records import services
from hedef.records.engine.kinds import ALWAYS_US

pytestmark = pytest.mark.usefixtures("home")

DAY_US = 86_400_000_000
MAY_1 = 20_574 * DAY_US  # 2026-05-01, the second quarter
LATER = 60_000 * DAY_US

PIPELINE = (
    "SELECT process, stage, owner, currency, n, amount_minor FROM deal_delta WHERE eff_us <= :now AND status = 'open'"
)
CLOSED = "SELECT outcome, eff_day, currency, sign, amount_minor FROM closing"


def board():
    """The numbers of a board, summed up by hand from what a question reads."""
    at, found = pin(), Counter()
    for row in _rows(at, PIPELINE, now=30_000 * DAY_US):
        found["open_pipeline", row["currency"], "n"] += row["n"]
        found["open_pipeline", row["currency"], "amount"] += row["amount_minor"] or 0
        found["deals_in_stage", f"{row['process'] or ''}/{row['stage'] or ''}", "n"] += row["n"]
        found["pipeline_of", f"P-{row['owner']}" if row["owner"] else "", "n"] += row["n"]
        found["pipeline_of", f"P-{row['owner']}" if row["owner"] else "", "amount"] += row["amount_minor"] or 0
    for row in _rows(at, CLOSED):
        quarter = f"{row['eff_day'].year}-Q{(row['eff_day'].month + 2) // 3}"
        found[row["outcome"], quarter, "n"] += row["sign"]
        found[row["outcome"], quarter, "amount"] += row["sign"] * (row["amount_minor"] or 0)
    return found


def _rows(at, sql, **params):
    return ask(
        Question("tests/board", sql, tables=(sql.split("FROM ")[1].split()[0],)), pin=at, params=params
    ).as_dicts()


def told(lines):
    found = Counter()
    for one in lines:
        if one.number != "rows":
            found[one.number, one.of, "n"] += one.count or 0
            found[one.number, one.of, "amount"] += one.amount_minor or 0
    return +found, -found


def moves(before, after):
    change = Counter(after)
    change.subtract(before)
    return +change, -change


@pytest.fixture
def story():
    """Two people, three deals; one import moves an owner, wins a deal, raises an amount and opens a fourth."""
    with writing(kind="import", actor="local", source="crm") as first:
        made = {"actor": "local", "batch": first}
        holly, nil = (
            services.create(kind="person", fields={"name": name}, effective_us=ALWAYS_US, **made)
            for name in ("Holly", "Nil")
        )
        deals = [
            services.create(
                kind="deal",
                fields={"process": "p", "stage": "proposal", "status": "open", "owner": holly, "currency": "EUR"}
                | {"amount_minor": amount},
                effective_us=MAY_1,
                **made,
            )
            for amount in (100, 200, 300)
        ]
    with writing(kind="import", actor="local", source="crm") as second:
        told = {"kind": "deal", "actor": "local", "batch": second, "effective_us": MAY_1 + 9 * DAY_US}
        services.change(entity=deals[0], fields={"owner": nil}, **told)
        services.change(entity=deals[1], fields={"status": "won", "stage": "won", "amount_minor": 250}, **told)
        services.change(entity=deals[2], fields={"amount_minor": 999}, **(told | {"effective_us": LATER}))
        services.create(fields={"status": "open", "currency": "USD", "amount_minor": 7}, **told)
    return {"first": first.pk, "second": second.pk, "holly": holly, "nil": nil, "deals": deals}


def test_the_numbers_that_move_are_named_with_how_far(story):
    holly, nil = f"P-{story['holly']}", f"P-{story['nil']}"
    lines = [one for one in moved(batch(story["second"])) if one.number != "rows"]
    assert lines == [
        Moved("deals_in_stage", "/", -1),
        Moved("deals_in_stage", "p/proposal", 1),
        Moved("open_pipeline", "EUR", 1, 200, "EUR"),
        Moved("open_pipeline", "USD", -1, -7, "USD"),
        Moved("pipeline_of", "", -1, -7, "USD"),
        Moved("pipeline_of", holly, 2, 300, "EUR"),
        Moved("pipeline_of", nil, -1, -100, "EUR"),
        Moved("won", "2026-Q2", -1, -250, "EUR"),
    ]


@pytest.mark.parametrize("which", ["first", "second"])
def test_they_equal_the_board_before_and_after_an_undo_and_its_undo(story, which):
    number = story[which]
    for _ in range(3):
        before, lines = board(), moved(batch(number))
        number = services.undo_batch(number, actor="ops", reason="test").batch
        assert told(lines) == moves(before, board())
        assert any(lines)


def test_an_undo_that_changes_no_number_moves_none(story):
    services.change(
        kind="person", entity=story["holly"], fields={"name": "Holly L."}, effective_us=MAY_1, actor="local"
    )
    assert moved(batches(last=1)[0]) == ()


def test_orders_move_in_their_quarter():
    order = {"day": date(2026, 2, 3), "amount_minor": 500, "currency": "EUR", "document": "normal"}
    services.create(kind="order", fields=order, effective_us=MAY_1, actor="local")
    assert Moved("orders", "2026-Q1", -1, -500, "EUR") in moved(batches(last=1)[0])
