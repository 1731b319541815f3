"""The language of metric documents: what it reads, what it refuses and where, and that SQL and Python agree."""

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedef.metrics.engine.expressions import ExpressionError, columns_of, parse
from hedef.metrics.engine.interpret import value_of
from hedef.metrics.engine.render import sql_of
from hedef.metrics.engine.tables import TABLES
from hedef.metrics.engine.types import Typing, signed

CLOSING = TABLES["closing"]


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("sign * amount", "(t.sign * t.amount_minor)"),
        ("outcome = 'won' and amount > 0", "((t.outcome = 'won') and (t.amount_minor > 0))"),
        ("outcome in ('won', 'lo''st')", "(t.outcome in ('won', 'lo''st'))"),
        ("not reason is null", "(not (t.reason is null))"),
        ("reason is not null", "(not (t.reason is null))"),
        ("sign not between 1 and 2", "(not (t.sign between 1 and 2))"),
        ("1 + 2 * -3", "(1 + (2 * (- 3)))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("case when sign > 0 then 1 else 0 end", "(case when (t.sign > 0) then 1 else 0 end)"),
        ("close_on >= date '2017-08-31'", "(t.close_on >= date '2017-08-31')"),
        ("days_between(eff_day, close_on)", "days_between(t.eff_day, t.close_on)"),
        (
            "coalesce(amount, 0) <> 0 or outcome != 'won'",
            "((coalesce(t.amount_minor, 0) <> 0) or (t.outcome <> 'won'))",
        ),
    ],
)
def test_an_expression_becomes_portable_sql(text, sql):
    assert sql_of(parse(text), CLOSING, "t") == sql


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("amount / 2", 7, '"/" is not part of the language'),
        ("amount * 0.5", 9, "0.5 has a fraction; only whole numbers are exact here"),
        ("sum(amount)", 0, 'there is no function "sum"'),
        ("idiv(amount)", 0, '"idiv" takes 2 values, 1 are given'),
        ("outcome = 'won", 10, '"\'" is not part of the language'),
        ("outcome = 'won' ; drop table deal", 16, '";" is not part of the language'),
        ("amount +", 8, "a value is expected here, found the end"),
        ("amount amount", 7, "the end is expected here"),
        ("close_on = date '2017-02-30'", 16, "'2017-02-30' is no calendar date"),
        ("case end", 0, '"case" needs at least one "when"'),
        ("(select 1)", 8, '")" is expected here'),
        ("99999999999999999999", 0, "is larger than any value in the facts"),
        ("now()", 0, 'there is no function "now"'),
    ],
)
def test_what_is_outside_the_language_is_refused_with_its_place(text, at, message):
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert message in refused.value.message
    assert refused.value.at == at


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sign * amount", "money"),
        ("amount - amount", "money"),
        ("idiv(amount, 3)", "money"),
        ("idiv(amount, amount)", "int"),
        ("sign", "int"),
        ("days_between(eff_day, close_on)", "int"),
        ("amount > 0", "bool"),
        ("coalesce(amount, 0)", "money"),
        ("case when outcome = 'won' then amount end", "money"),
    ],
)
def test_every_expression_has_one_type(text, kind):
    typing = Typing(CLOSING)
    assert (typing.of(parse(text)), typing.findings) == (kind, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount * amount", "money times money has no meaning"),
        ("amount + sign", "an amount of money and a whole number cannot be added"),
        ("amount > 50000", "a whole number and an amount of money cannot be compared"),
        ("outcome + 1", "a number is needed, this is a code"),
        ("close_on = 'x'", "a code and a day cannot be compared"),
        ("outcome < 'x'", "a code has no order"),
        ("amount and sign > 0", "a condition is needed, this is an amount of money"),
        ("case when sign > 0 then amount else sign end", "all values must be of one type"),
        ("days_between(eff_day, amount)", "days_between counts between two days"),
        ("price", 'closing has no column "price"'),
    ],
)
def test_values_that_do_not_fit_together_are_found(text, message):
    typing = Typing(CLOSING)
    typing.of(parse(text))
    assert any(message in finding.message for finding in typing.findings), typing.findings


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("sign * amount", True),
        ("sign", True),
        ("amount", False),
        ("sign * sign * amount", False),
        ("sign * amount + sign * amount", True),
        ("sign * amount + amount", False),
        ("case when outcome = 'won' then sign * amount else 0 end", True),
        ("- sign", True),
    ],
)
def test_a_value_takes_the_sign_of_its_row_exactly_once(text, right):
    assert signed(parse(text), CLOSING) is right


def test_the_columns_of_an_expression_are_known():
    assert columns_of(parse("case when outcome = 'won' then sign * amount end")) == {"outcome", "sign", "amount"}


NUMBERS = st.sampled_from(["sign", "n", "2", "0", "-3", "null"])
CODES = st.sampled_from(["outcome", "reason", "'won'", "'lost'", "null"])


def numbers(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(conditions(inner), inner, inner).map(
            lambda parts: f"case when {parts[0]} then {parts[1]} else {parts[2]} end"
        ),
        st.tuples(inner, inner).map(lambda parts: f"coalesce({parts[0]}, {parts[1]})"),
        inner.map(lambda part: f"idiv({part}, 2)"),
    )


def conditions(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner).map(" ".join),
        st.tuples(CODES, st.sampled_from(["=", "<>"]), CODES).map(" ".join),
        st.tuples(CODES, CODES, CODES).map(lambda parts: f"{parts[0]} in ({parts[1]}, {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} not between {parts[1]} and {parts[2]}"),
        inner.map(lambda part: f"not ({part} is null or {part} > 1)"),
    )


ROW = st.fixed_dictionaries(
    {
        "sign": st.sampled_from([1, -1, None]),
        "n": st.sampled_from([0, 7, -5, None]),
        "outcome": st.sampled_from(["won", "lost", None]),
        "reason": st.sampled_from(["price", "won", None]),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.recursive(NUMBERS, numbers, max_leaves=8), ROW)
def test_sql_and_python_give_the_same_value(text, row):
    tree = parse(text)
    columns = {name: TABLES["closing"].columns["sign"].__class__("int", name) for name in row}
    table = type(CLOSING)("closing", "flow", columns)
    sql = sql_of(tree, table, "t")
    with duckdb.connect(":memory:") as connection:
        connection.execute("create macro idiv(a, b) as (a // b)")
        cells = ", ".join(
            f"cast({'null' if value is None else repr(value)} as {'bigint' if name in {'sign', 'n'} else 'varchar'})"
            for name, value in row.items()
        )
        (found,) = connection.execute(
            f"select cast({sql} as bigint) from (values ({cells})) as t({', '.join(row)})"
        ).fetchall()
    assert found[0] == value_of(tree, row)


def test_days_are_counted_from_the_first_to_the_second():
    tree = parse("days_between(eff_day, close_on)")
    assert value_of(tree, {"eff_day": date(2017, 7, 1), "close_on": date(2017, 7, 31)}) == 30
    assert value_of(tree, {"eff_day": None, "close_on": date(2017, 7, 31)}) is None
