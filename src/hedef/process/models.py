"""The improvement log: a kind of record of this room, each entry with its whole history in the ledger."""

from typing import Any

from hedef.records.engine.kinds import Field, Kind
from hedef.records.models import record_model
from hedef.records.services import register_kind

IMPROVEMENT = Kind(
    "improvement",
    (
        Field("created_us", "instant"),
        Field("process", "code", index=True),
        Field("idea", "text", word=True),
        Field("evidence", "text"),  # a number in words: `win_rate 2026-Q3 24.1 %`
        Field("fingerprint", "code"),  # of that number
        Field("version", "int"),  # of the process that was written for it
        Field("trial", "code"),
        Field("verdict", "code"),
        Field("decision", "code"),  # keep, revert, repeat
        Field("owner", "ref", refers="person", index=True),
        Field("review_on", "day"),
    ),
)

register_kind(IMPROVEMENT)
Improvement: Any = record_model(IMPROVEMENT, app_label="process", module=__name__)
