"""The tables that facts themselves derive, and plain tables of one record a row for higher rooms."""

from collections.abc import Mapping
from importlib.resources import files

import polars as pl

from hedef.facts.engine import deals
from hedef.facts.engine.tables import Derive, SqlType, Table
from hedef.records.engine.kinds import KINDS

_STEP: dict[str, SqlType] = {"eff_us": "BIGINT", "eff_day": "DATE", "deal": "BIGINT"}
_DIMS: dict[str, SqlType] = {
    "process": "VARCHAR",
    "stage": "VARCHAR",
    "status": "VARCHAR",
    "owner": "BIGINT",
    "category": "VARCHAR",
    "close_on": "DATE",
    "currency": "VARCHAR",
    "probability_bp": "BIGINT",
}
_MEMBER: dict[str, SqlType] = {"person": "BIGINT", "role": "VARCHAR", "kind": "VARCHAR", "share_bp": "BIGINT"}
_CLOSED: dict[str, SqlType] = {
    "outcome": "VARCHAR",
    "process": "VARCHAR",
    "owner": "BIGINT",
    "close_on": "DATE",
    "currency": "VARCHAR",
    "reason": "VARCHAR",
}
_AMOUNT: dict[str, SqlType] = {"amount_minor": "BIGINT"}


def record_table(
    kind: str,
    columns: Mapping[str, SqlType],
    *,
    name: str | None = None,
    key: str | None = None,
    objects: tuple[str, ...] | None = None,
    renamed: Mapping[str, str] | None = None,
    hidden: bool = False,
) -> Table:
    """A table of the living records of a kind, each as it stands after all its known changes.

    `columns` are the record's fields with their SQL types (`renamed`: column -> field); the record's own number is the
    column `key` (default: the kind's name). A column `done_day` beside a field `done_us` is the company day of it.
    """
    entity = key or kind
    fields = {column: (renamed or {}).get(column, column) for column in columns}
    have = KINDS[kind].names
    stored = {name if name in have else f"{name.removesuffix('_day')}_us" for name in fields.values()}
    return Table(
        name=name or kind,
        columns={entity: "BIGINT", **columns},
        kinds=(kind,),
        derive=_record_rows(entity, fields),
        key=entity,
        fields=tuple(sorted(stored)),
        objects=(kind,) if objects is None else objects,
        hidden=hidden,
    )


def _record_rows(entity: str, fields: Mapping[str, str]) -> Derive:
    def derive(states: pl.DataFrame) -> pl.DataFrame:
        rows = states.filter(pl.col("_last") & pl.col("living"))
        return rows.select(
            "_entity",
            "_epoch",
            pl.col("_entity").alias(entity),
            pl.lit(1, pl.Int32).alias("sign"),
            *(pl.col(field).alias(column) for column, field in fields.items()),
        )

    return derive


def _view(name: str) -> str:
    return (files("hedef.facts") / "sql" / f"view_{name}.sql").read_text(encoding="utf-8")


_RANGE: dict[str, SqlType] = {"from_day": "DATE", "to_day": "DATE"}
_LINE: dict[str, SqlType] = {
    "product": "BIGINT",
    "quantity_e4": "BIGINT",
    "unit_price_minor": "BIGINT",
    "discount_bp": "BIGINT",
    "amount_minor": "BIGINT",
    "cost_minor": "BIGINT",
    "currency": "VARCHAR",
}
_HEADER: dict[str, SqlType] = {
    "account": "BIGINT",
    "deal": "BIGINT",
    "person": "BIGINT",
    "day": "DATE",
    "status": "VARCHAR",
    "document": "VARCHAR",
}

DEAL_TABLES = (
    Table(
        "deal_delta",
        {**_STEP, **_DIMS, "split": "INTEGER", **_AMOUNT},
        kinds=("deal",),
        derive=deals.deal_delta,
        shape="signed",
        key="deal",
        sign="n",
        measures=("amount_minor",),
        objects=("deal",),
    ),
    Table(
        "credit_split",
        {**_STEP, **_DIMS, **_MEMBER, **_AMOUNT},
        kinds=("deal",),
        derive=deals.credit_split,
        shape="signed",
        key="deal",
        sign="n",
        measures=("amount_minor",),
        objects=("deal",),
        hidden=True,
    ),
    Table(
        "closing",
        {**_STEP, **_CLOSED, "split": "INTEGER", **_AMOUNT},
        kinds=("deal",),
        derive=deals.closing,
        shape="signed",
        key="deal",
        objects=("deal",),
    ),
    Table(
        "closing_split",
        {**_STEP, **_CLOSED, **_MEMBER, **_AMOUNT},
        kinds=("deal",),
        derive=deals.closing_split,
        shape="signed",
        key="deal",
        objects=("deal",),
        hidden=True,
    ),
    Table(
        "stage_visit",
        {
            "deal": "BIGINT",
            "process": "VARCHAR",
            "stage": "VARCHAR",
            "visit_no": "INTEGER",
            "entry_no": "INTEGER",
            "entered_us": "BIGINT",
            "entered_day": "DATE",
            "left_us": "BIGINT",
            "left_day": "DATE",
            "left_to": "VARCHAR",
            "status": "VARCHAR",
            "owner": "BIGINT",
            "currency": "VARCHAR",
            "amount_minor": "BIGINT",
        },
        kinds=("deal",),
        derive=deals.stage_visit,
        key="deal",
        objects=("deal",),
    ),
    Table(
        "deal_now",
        {
            "deal": "BIGINT",
            "account": "BIGINT",
            "process": "VARCHAR",
            "stage": "VARCHAR",
            "status": "VARCHAR",
            "amount_minor": "BIGINT",
            "currency": "VARCHAR",
            "recurring_minor": "BIGINT",
            "recurring_months": "BIGINT",
            "owner": "BIGINT",
            "close_on": "DATE",
            "category": "VARCHAR",
            "probability_bp": "BIGINT",
            "deal_type": "VARCHAR",
            "source": "VARCHAR",
            "lost_reason": "VARCHAR",
            "competitor": "VARCHAR",
            "created_us": "BIGINT",
            "created_day": "DATE",
            "closed_us": "BIGINT",
            "closed_day": "DATE",
            "split": "INTEGER",
        },
        kinds=("deal",),
        derive=deals.deal_now,
        key="deal",
        fields=("created_us", "closed_us"),
        objects=("deal",),
    ),
)

RECORD_TABLES = (
    record_table(
        "membership",
        {"person": "BIGINT", "team": "BIGINT", "role": "VARCHAR", "share_bp": "BIGINT", "primary": "INTEGER", **_RANGE},
    ),
    record_table("manager_line", {"person": "BIGINT", "manager": "BIGINT", "line": "VARCHAR", **_RANGE}),
    record_table(
        "territory_hold",
        {
            "territory": "BIGINT",
            "person": "BIGINT",
            "team": "BIGINT",
            "account": "BIGINT",
            "share_bp": "BIGINT",
            **_RANGE,
        },
    ),
    record_table("absence", {"person": "BIGINT", "reason": "VARCHAR", "share_bp": "BIGINT", **_RANGE}),
    record_table(
        "account",
        {
            "parent": "BIGINT",
            "owner": "BIGINT",
            "industry": "VARCHAR",
            "country": "VARCHAR",
            "region": "VARCHAR",
            "segment": "VARCHAR",
            "customer_since": "DATE",
        },
        name="account_now",
    ),
    record_table("product", {"code": "VARCHAR", "family": "VARCHAR"}, name="product_now"),
    record_table(
        "person",
        {"hired_on": "DATE", "left_on": "DATE", "country": "VARCHAR", "currency": "VARCHAR", "time_zone": "VARCHAR"},
        name="person_now",
    ),
    record_table("team", {"parent": "BIGINT", "kind": "VARCHAR"}, name="team_now"),
    record_table(
        "currency_rate",
        {
            "base": "VARCHAR",
            "quote": "VARCHAR",
            "day": "DATE",
            "numerator": "BIGINT",
            "denominator": "BIGINT",
            "rate_set": "VARCHAR",
        },
        name="rate",
        key="rate",
    ),
    record_table(
        "activity",
        {
            "kind": "VARCHAR",
            "person": "BIGINT",
            "deal": "BIGINT",
            "lead": "BIGINT",
            "account": "BIGINT",
            "done_us": "BIGINT",
            "done_day": "DATE",
            "seconds": "BIGINT",
            "outcome": "VARCHAR",
            "direction": "VARCHAR",
        },
        renamed={"person": "owner"},
    ),
    record_table(
        "order",
        {**_HEADER, "amount_minor": "BIGINT", "currency": "VARCHAR"},
        name="order_header",
        key="order_no",
        renamed={"person": "owner"},
        hidden=True,
    ),
    record_table(
        "order_line", {"order_no": "BIGINT", **_LINE}, name="order_part", renamed={"order_no": "order"}, hidden=True
    ),
)

VIEWS = (
    Table(
        "deal_change",
        {
            "known_no": "BIGINT",
            "sign": "INTEGER",
            "seal_no": "BIGINT",
            "ord": "BIGINT",
            **_STEP,
            "act": "VARCHAR",
            "mask": "BIGINT",
            "account": "BIGINT",
            **_DIMS,
            **_AMOUNT,
            "recurring_minor": "BIGINT",
            "recurring_months": "BIGINT",
            "deal_type": "VARCHAR",
            "source": "VARCHAR",
            "lost_reason": "VARCHAR",
            "competitor": "VARCHAR",
        },
        view=_view("deal_change"),
        objects=("deal",),
    ),
    Table(
        "credit_delta",
        {
            "known_no": "BIGINT",
            "n": "INTEGER",
            **_STEP,
            **{k: v for k, v in _DIMS.items() if k != "owner"},
            **_MEMBER,
            **_AMOUNT,
        },
        view=_view("credit_delta"),
        shape="signed",
        key="deal",
        sign="n",
        measures=("amount_minor",),
        objects=("deal",),
    ),
    Table(
        "closing_credit",
        {
            "known_no": "BIGINT",
            "sign": "INTEGER",
            **_STEP,
            **_CLOSED,
            **_MEMBER,
            **_AMOUNT,
        },
        view=_view("closing_credit"),
        shape="signed",
        key="deal",
        objects=("deal",),
    ),
    Table(
        "order_line",
        {"known_no": "BIGINT", "sign": "INTEGER", "order_no": "BIGINT", "order_line": "BIGINT", **_HEADER, **_LINE},
        view=_view("order_line"),
        objects=("order",),
    ),
)
OWN = (*DEAL_TABLES, *RECORD_TABLES, *VIEWS)
