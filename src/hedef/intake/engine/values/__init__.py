"""Readers of one column each: text -> typed values and findings (data.md section 5, table of value rules)."""

from hedef.intake.engine.values.amounts import Amount, currencies_of, mark_proof, parse_amount
from hedef.intake.engine.values.clean import COMMON_NULLS, Trouble, together, trim, without_nulls
from hedef.intake.engine.values.moments import Moment, parse_moment
from hedef.intake.engine.values.numbers import read_money, read_number, read_percent
from hedef.intake.engine.values.times import read_date, read_instant
from hedef.intake.engine.values.words import (
    read_boolean,
    read_code,
    read_duration,
    read_id,
    read_text,
    widen_id,
)

__all__ = [
    "COMMON_NULLS", "Amount", "Moment", "Trouble", "currencies_of", "mark_proof", "parse_amount", "parse_moment",
    "read_boolean", "read_code", "read_date", "read_duration", "read_id", "read_instant", "read_money", "read_number",
    "read_percent", "read_text", "together", "trim", "widen_id", "without_nulls",
]  # fmt: skip
