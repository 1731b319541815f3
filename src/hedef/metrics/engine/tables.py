"""The facts tables a metric may read: their columns as documents name them, and how their rows count.

A *flow* table holds events (rows carry a sign, so that a withdrawn event sums to nothing); a *stock* table holds
signed changes of a state, so that its sum over everything up to an instant is the state at that instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type ColumnType = Literal["int", "money", "bp", "day", "instant", "code", "ref"]


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column as documents write it; `sql` is its name in the facts (money: with `_minor`)."""

    type: ColumnType
    sql: str
    signed: bool = False  # its sum is right only because withdrawn rows carry it negative


@dataclass(frozen=True, eq=False)  # there is one of each, so tables are equal when they are the same
class FactTable:
    """What the compiler must know: `weight` counts rows, `subject` is what one row is about."""

    name: str
    kind: Literal["flow", "stock"]
    columns: Mapping[str, FactColumn]
    weight: str = "sign"
    subject: str = "deal"
    effective: str | None = "eff_us"  # instant from which a row counts; none where its day alone decides
    owner: str = "owner"
    undated: str | None = None  # the day of a row whose time column is null, so that no row is lost in silence
    file: bool = False  # a question of `metrics/sql/<name>.sql` instead of a facts table
    reads: tuple[str, ...] = ()  # facts tables behind such a file


def _columns(text: str, signed: frozenset[str] = frozenset()) -> dict[str, FactColumn]:
    """`"amount:money close_on:day"` as columns; only money is spelled differently in the facts."""
    found: dict[str, FactColumn] = {}
    for part in text.split():
        name, _, kind = part.partition(":")
        sql = f"{name}_minor" if kind == "money" else name
        found[name] = FactColumn(kind, sql, signed=name in signed)  # type: ignore[arg-type]  # written below
    return found


_SIGN = frozenset({"sign"})
_DEAL = "deal:ref owner:ref currency:code"

TABLES: dict[str, FactTable] = {
    table.name: table
    for table in (
        FactTable(
            "closing",
            "flow",
            _columns(
                f"{_DEAL} outcome:code process:code close_on:day eff_day:day amount:money reason:code sign:int", _SIGN
            ),
            undated="eff_day",
        ),
        FactTable(
            "deal_delta",
            "stock",
            _columns(
                f"{_DEAL} process:code stage:code status:code category:code close_on:day eff_day:day n:int"
                " amount:money",
                frozenset({"n", "amount"}),
            ),
            weight="n",
        ),
        FactTable(
            "pipeline_entry",
            "flow",
            _columns(f"{_DEAL} process:code stage:code entered_day:day amount:money sign:int", _SIGN),
            file=True,
            reads=("stage_visit", "stage"),
        ),
        FactTable(
            "won_cycle",
            "flow",
            _columns(f"{_DEAL} process:code close_on:day opened_on:day sign:int", _SIGN),
            file=True,
            reads=("closing", "stage_visit", "stage"),
        ),
        FactTable(
            "activity",
            "flow",
            _columns(
                "person:ref deal:ref kind:code outcome:code direction:code done_day:day seconds:int sign:int", _SIGN
            ),
            subject="activity",
            effective=None,
            owner="person",
        ),
        FactTable(
            "order_line",
            "flow",
            _columns(
                "person:ref account:ref product:ref deal:ref currency:code day:day status:code document:code"
                " amount:money cost:money sign:int",
                _SIGN,
            ),
            subject="order_no",
            effective=None,
            owner="person",
        ),
    )
}

CREDIT_TABLES = {"closing": "closing_credit", "deal_delta": "credit_delta"}
"""Where the rows of a table stand per credited person (`credit: split`)."""
