"""The facts tables a metric may read: their columns as documents name them, and how their rows count.

A *flow* table holds events (rows carry a sign, so that a withdrawn event sums to nothing); a *stock* table holds
signed changes of a state, so that its sum over everything up to an instant is the state at that instant. A *state*
table is a question that answers for one period: its rows are those of its end, or (`opening`) of its beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

type ColumnType = Literal["int", "money", "bp", "day", "instant", "code", "ref"]
type Via = Literal["deal", "account"]


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column as documents write it; `sql` is its name in the facts (money: with `_minor`)."""

    type: ColumnType
    sql: str
    signed: bool = False  # its sum is right only because withdrawn rows carry it negative
    via: Via | None = None  # the table of living records that says it: the deal's or the account's


@dataclass(frozen=True, eq=False)  # there is one of each, so tables are equal when they are the same
class FactTable:
    """What the compiler must know: `weight` counts rows, `subject` is what one row is about."""

    name: str
    kind: Literal["flow", "stock", "state"]
    columns: Mapping[str, FactColumn]
    weight: str = "sign"
    subject: str = "deal"
    effective: str | None = "eff_us"  # instant from which a row counts; none where its day alone decides
    owner: str = "owner"
    undated: str | None = None  # the day of a row whose time column is null, so that no row is lost in silence
    file: bool = False  # a question of `metrics/sql/<name>.sql` instead of a facts table
    reads: tuple[str, ...] = ()  # facts tables behind such a file
    opening: bool = False  # of a state: who is counted stood there when the period began
    account: bool = False  # a row belongs to the owner of its account
    published_by: str | None = None  # the room without which there is no such table

    def sees_deal(self) -> bool:
        return "deal" in self.columns

    def dimensions(self) -> frozenset[str]:
        """What its rows can be grouped by, besides people and teams."""
        found = {name for name in ("process", "source", "product") if name in self.columns}
        if self.sees_deal():
            found |= {"process", "source", "product", "segment", "region"}
        if "account" in self.columns or self.account:
            found |= {"segment", "region"}
        return frozenset(found)


def _columns(text: str, signed: frozenset[str] = frozenset()) -> dict[str, FactColumn]:
    """`"amount:money close_on:day account:ref@deal"` as columns; only money is spelled differently in the facts."""
    found: dict[str, FactColumn] = {}
    for part in text.split():
        name, _, rest = part.partition(":")
        kind, _, via = rest.partition("@")
        sql = f"{name}_minor" if kind == "money" else name
        found[name] = FactColumn(kind, sql, signed=name in signed, via=via or None)  # type: ignore[arg-type]  # below
    return found


_SIGN = frozenset({"sign"})
_DEAL = "deal:ref owner:ref currency:code"
_NOW = "account:ref@deal deal_type:code@deal lost_reason:code@deal"
_OF_LINES = "person:ref account:ref product:ref deal:ref currency:code day:day status:code document:code"


def _flow(name: str, columns: str, **more: Any) -> FactTable:
    return FactTable(name, "flow", _columns(f"{columns} sign:int", _SIGN), **more)


def _question(name: str, columns: str, *reads: str, **more: Any) -> FactTable:
    """A file of `metrics/sql` whose rows lie in the period by a day of their own."""
    return _flow(name, columns, file=True, reads=reads, **more)


def _state(name: str, columns: str, *reads: str, **more: Any) -> FactTable:
    """A file of `metrics/sql` that answers for one period."""
    return FactTable(name, "state", _columns(f"{columns} sign:int", _SIGN), file=True, reads=reads, **more)


_OF_DEALS = (
    _flow(
        "closing",
        f"{_DEAL} outcome:code process:code close_on:day eff_day:day amount:money reason:code {_NOW}",
        undated="eff_day",
    ),
    FactTable(
        "deal_delta",
        "stock",
        _columns(
            f"{_DEAL} process:code stage:code status:code category:code close_on:day eff_day:day n:int amount:money"
            f" {_NOW}",
            frozenset({"n", "amount"}),
        ),
        weight="n",
    ),
    _question(
        "pipeline_entry", f"{_DEAL} process:code stage:code entered_day:day amount:money", "stage_visit", "stage"
    ),
    _question("won_cycle", f"{_DEAL} process:code close_on:day opened_on:day", "closing", "stage_visit", "stage"),
    _question(
        "first_win", f"{_DEAL} account:ref close_on:day first_on:day amount:money monthly:money", "closing", "deal_now"
    ),
    _question(
        "won_line",
        f"{_DEAL} product:ref close_on:day amount:money list:money cost:money",
        "closing",
        "deal_line",
        "price",
    ),
    _question(
        "stage_stay",
        f"{_DEAL} process:code stage:code entered_day:day left_day:day left_to:code seconds:int",
        "stage_visit",
    ),
    _question(
        "stage_step",
        f"{_DEAL} process:code stage:code reached_day:day next_day:day",
        "stage_visit",
        "stage",
        "closing",
    ),
    _question("close_move", f"{_DEAL} close_on:day moved_day:day before:day months:int", "deal_delta", "calendar"),
    _question("decided_activity", f"{_DEAL} activity:ref kind:code close_on:day outcome:code", "closing", "activity"),
    _state(
        "open_deal",
        f"{_DEAL} process:code stage:code close_on:day opened_on:day at_day:day from_day:day until_day:day"
        " entered_day:day last_done:day over_limit:int amount:money",
        "deal_delta",
        "stage_visit",
        "stage",
        "activity",
    ),
    _state(
        "weighted_deal",
        f"{_DEAL} process:code stage:code amount:money chance:bp weighted:money",
        "deal_delta",
        "stage",
        "stage_rate",
    ),
    _state(
        "expected_deal",
        f"{_DEAL} process:code close_on:day slipped:int amount:money",
        "deal_delta",
        "closing",
        opening=True,
    ),
    _flow(
        "exit_check", "deal:ref owner:ref process:code stage:code criterion:code result:code left_day:day eff_day:day"
    ),
)
_OF_LEADS = (
    _question(
        "lead_way",
        "lead:ref owner:ref source:code created_day:day qualified_day:day mql_day:day sql_day:day opportunity_day:day"
        " won_day:day rejected_day:day reject_reason:code",
        "lead_now",
        "lead_event",
        "closing",
        subject="lead",
    ),
    _question(
        "lead_response",
        "lead:ref owner:ref source:code assigned_day:day touched_day:day due:int answered:int in_time:int minutes:int",
        "lead_now",
        "activity",
        subject="lead",
    ),
)
_OF_CUSTOMERS = (
    _flow(
        "activity",
        "person:ref deal:ref account:ref kind:code outcome:code direction:code done_day:day seconds:int",
        subject="activity",
        effective=None,
        owner="person",
    ),
    _flow("order_line", f"{_OF_LINES} amount:money cost:money", subject="order_no", effective=None, owner="person"),
    _flow("invoice_line", f"{_OF_LINES} amount:money cost:money", subject="invoice_no", effective=None, owner="person"),
    _flow(
        "payment",
        "person:ref account:ref deal:ref currency:code day:day status:code document:code amount:money",
        subject="payment",
        effective=None,
        owner="person",
    ),
    _flow(
        "feedback",
        "account:ref deal:ref person:ref day:day answer:int",
        subject="feedback",
        effective=None,
        owner="person",
    ),
    _flow(
        "cost",
        "day:day category:code scope:code campaign:ref currency:code amount:money",
        subject="cost",
        effective=None,
        owner="",
    ),
    FactTable(
        "recurring_delta",
        "stock",
        _columns(
            "account:ref contract:ref deal:ref currency:code eff_day:day monthly:money sign:int",
            frozenset({"sign", "monthly"}),
        ),
        subject="account",
        account=True,
        owner="owner",
    ),
    _state(
        "retention",
        "account:ref owner:ref currency:code opening:money kept:money closing:money gone:int",
        "recurring_delta",
        "account_now",
        subject="account",
        opening=True,
    ),
    _question(
        "contract_end",
        "contract:ref account:ref owner:ref currency:code ends_on:day renewed:int decided:int monthly:money",
        "contract_now",
        "account_now",
        subject="contract",
    ),
    _state(
        "risk_account",
        "account:ref owner:ref currency:code monthly:money health:code",
        "recurring_delta",
        "account_now",
        "customer_risk",
        subject="account",
        published_by="playbook",
    ),
)
_OF_PEOPLE = (
    _state(
        "person_target",
        "owner:ref currency:code target:money actual:money reached:int",
        "target_effective",
        "closing_credit",
        subject="person",
        published_by="targets",
    ),
    _question(
        "ramp",
        "owner:ref hired_on:day reached_on:day days:int",
        "target_effective",
        "closing_credit",
        "person_now",
        subject="person",
        published_by="targets",
    ),
    _state(
        "forecast_locked",
        "owner:ref currency:code horizon:int amount:money",
        "forecast_value",
        subject="forecast",
        published_by="forecasting",
    ),
    _state(
        "variable_pay",
        "owner:ref currency:code amount:money kind:code",
        "pay_entry",
        subject="person",
        published_by="compensation",
    ),
)

TABLES: dict[str, FactTable] = {table.name: table for table in (*_OF_DEALS, *_OF_LEADS, *_OF_CUSTOMERS, *_OF_PEOPLE)}

CREDIT_TABLES = {"closing": "closing_credit", "deal_delta": "credit_delta"}
"""Where the rows of a table stand per credited person (`credit: split`)."""
