"""Plain tables of one living record a row: ranges, events, entities with their codes; also for higher rooms."""

from collections.abc import Mapping

import polars as pl

from hedef.facts.engine.small import record_rows
from hedef.facts.engine.tables import Derive, SqlType, Table
from hedef.records.engine.kinds import KINDS


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
        small=record_rows(entity, fields),
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


_RANGE: dict[str, SqlType] = {"from_day": "DATE", "to_day": "DATE"}
LINE: dict[str, SqlType] = {
    "product": "BIGINT",
    "quantity_e4": "BIGINT",
    "unit_price_minor": "BIGINT",
    "discount_bp": "BIGINT",
    "amount_minor": "BIGINT",
    "cost_minor": "BIGINT",
    "currency": "VARCHAR",
}
HEADER: dict[str, SqlType] = {
    "account": "BIGINT",
    "deal": "BIGINT",
    "person": "BIGINT",
    "day": "DATE",
    "status": "VARCHAR",
    "document": "VARCHAR",
}


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
        "price",
        {"product": "BIGINT", "price_list": "VARCHAR", "amount_minor": "BIGINT", "currency": "VARCHAR", **_RANGE},
        renamed={"price_list": "list"},
    ),
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
            "contact": "BIGINT",
            "created_us": "BIGINT",
            "created_day": "DATE",
            "due_us": "BIGINT",
            "due_day": "DATE",
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
        {**HEADER, "amount_minor": "BIGINT", "currency": "VARCHAR"},
        name="order_header",
        key="order_no",
        renamed={"person": "owner"},
        hidden=True,
    ),
    record_table(
        "order_line", {"order_no": "BIGINT", **LINE}, name="order_part", renamed={"order_no": "order"}, hidden=True
    ),
    record_table("skill", {"person": "BIGINT", "kind": "VARCHAR", "code": "VARCHAR", "level": "BIGINT", **_RANGE}),
    record_table("working_time", {"person": "BIGINT", "pattern": "VARCHAR", "share_bp": "BIGINT", **_RANGE}),
    record_table(
        "lead",
        {
            "owner": "BIGINT",
            "source": "VARCHAR",
            "campaign": "VARCHAR",
            "status": "VARCHAR",
            "rating": "VARCHAR",
            "score": "BIGINT",
            "industry": "VARCHAR",
            "country": "VARCHAR",
            "created_us": "BIGINT",
            "created_day": "DATE",
            "assigned_us": "BIGINT",
            "assigned_day": "DATE",
            "first_touch_us": "BIGINT",
            "first_touch_day": "DATE",
            "touch_due_us": "BIGINT",
            "accepted_us": "BIGINT",
            "accepted_day": "DATE",
            "rejected_us": "BIGINT",
            "rejected_day": "DATE",
            "reject_reason": "VARCHAR",
            "converted_us": "BIGINT",
            "converted_day": "DATE",
            "converted_deal": "BIGINT",
            "converted_account": "BIGINT",
            "converted_contact": "BIGINT",
        },
        name="lead_now",
    ),
    record_table(
        "deal_line",
        {
            "deal": "BIGINT",
            **LINE,
            "starts_on": "DATE",
            "months": "BIGINT",
        },
    ),
    record_table(
        "contract",
        {
            "account": "BIGINT",
            "deal": "BIGINT",
            "starts_on": "DATE",
            "ends_on": "DATE",
            "monthly_minor": "BIGINT",
            "currency": "VARCHAR",
            "status": "VARCHAR",
            "renews": "BIGINT",
        },
        name="contract_now",
    ),
    record_table(
        "invoice",
        {**HEADER, "order_no": "BIGINT", "due_on": "DATE", "amount_minor": "BIGINT", "currency": "VARCHAR"},
        name="invoice_header",
        key="invoice_no",
        renamed={"person": "owner", "order_no": "order"},
        hidden=True,
    ),
    record_table(
        "invoice_line",
        {"invoice_no": "BIGINT", **LINE},
        name="invoice_part",
        renamed={"invoice_no": "invoice"},
        hidden=True,
    ),
    record_table(
        "payment",
        {
            **HEADER,
            "order_no": "BIGINT",
            "invoice_no": "BIGINT",
            "amount_minor": "BIGINT",
            "currency": "VARCHAR",
            "reverses": "BIGINT",
        },
        renamed={"person": "owner", "order_no": "order", "invoice_no": "invoice"},
    ),
    record_table(
        "feedback",
        {"account": "BIGINT", "deal": "BIGINT", "person": "BIGINT", "day": "DATE", "answer": "BIGINT"},
        renamed={"person": "owner"},
    ),
    record_table(
        "cost",
        {
            "day": "DATE",
            "category": "VARCHAR",
            "scope": "VARCHAR",
            "campaign": "BIGINT",
            "amount_minor": "BIGINT",
            "currency": "VARCHAR",
        },
    ),
)
