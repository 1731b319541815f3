"""The place of a field in its kind is stored in the ledger for ever: this list may only grow at the ends."""

import pytest

from hedef.records.engine.kinds import KINDS, Kind

PINNED = {
    "person": ("created_us name handle other_names email employee_no hired_on left_on time_zone country currency"),
    "team": "created_us name handle kind parent",
    "membership": "created_us person team role share_bp primary from_day to_day",
    "manager_line": "created_us person manager line from_day to_day",
    "absence": "created_us person reason share_bp from_day to_day",
    "territory": "created_us name parent rule",
    "territory_hold": "created_us territory person team account share_bp from_day to_day",
    "account": (
        "created_us name domain parent owner industry country region segment employees revenue_minor "
        "revenue_currency customer_since extra"
    ),
    "contact": "created_us account name email phone job_title owner email_allowed left extra",
    "lead": (
        "created_us name company email phone owner source campaign status rating score industry country "
        "assigned_us first_touch_us accepted_us rejected_us touch_due_us reject_reason converted_us "
        "converted_deal converted_account converted_contact extra"
    ),
    "deal": (
        "created_us name account contact process stage status amount_minor currency recurring_minor "
        "recurring_months owner close_on category probability_bp deal_type source campaign lost_reason "
        "competitor next_step closed_us splits record_type won_reason extra "
        "exit_checks exit_words"
    ),
    "deal_line": (
        "created_us deal product quantity_e4 unit_price_minor discount_bp amount_minor cost_minor "
        "currency starts_on months"
    ),
    "order": (
        "created_us number account deal owner day due_on status amount_minor tax_minor currency document reverses rate "
        "extra"
    ),
    "order_line": (
        "created_us order line_no product quantity_e4 unit_price_minor discount_bp amount_minor cost_minor currency"
    ),
    "product": "created_us code name family",
    "price": "created_us product list amount_minor currency from_day to_day",
    "activity": ("created_us kind subject owner deal lead contact account due_us done_us seconds outcome direction"),
    "currency_rate": "created_us base quote day numerator denominator rate_set",
    "skill": "created_us person kind code level from_day to_day",
    "working_time": "created_us person pattern share_bp from_day to_day",
    "contract": "created_us number account deal starts_on ends_on monthly_minor currency status renews",
    "invoice": (
        "created_us number account deal order owner day due_on status amount_minor tax_minor currency document "
        "reverses extra"
    ),
    "invoice_line": (
        "created_us invoice line_no product quantity_e4 unit_price_minor discount_bp amount_minor cost_minor currency"
    ),
    "payment": "created_us number account deal order invoice owner day status amount_minor currency document reverses",
    "feedback": "created_us account deal owner day answer comment",
    "cost": "created_us day category scope campaign amount_minor currency",
    "campaign": "created_us name kind cost_minor currency",
    "quote": (
        "created_us number account contact deal owner day valid_until status amount_minor tax_minor currency extra"
    ),
    "acknowledgement": "created_us person document digest answer sentence",
    "notice": "created_us room code scope person text_en text_tr level period object value state",
}


def test_no_field_has_moved():
    for name, fields in PINNED.items():
        assert KINDS[name].names[: len(fields.split())] == tuple(fields.split()), name


def test_every_kind_is_pinned():
    pinned = {name: len(fields.split()) for name, fields in PINNED.items()}
    own = {name: len(kind.fields) for name, kind in KINDS.items() if name in pinned}
    assert own == pinned, "a new field is pinned here too"
    assert {name for name in KINDS if name not in pinned} <= {"improvement", "target_line"}, (
        "higher rooms pin their own"
    )


def test_a_mask_has_no_room_for_more_fields_than_bits():
    field = KINDS["deal"].fields[0]
    with pytest.raises(ValueError, match="more fields"):
        Kind("wide", (field,) * 63)
