"""Lines of target plans: a kind of record of this room, each line a change in the ledger."""

from typing import Any

from hedef.records.engine.kinds import Field, Kind
from hedef.records.models import record_model
from hedef.records.services import register_kind
from hedef.targets.mailing import DigestChoice, DigestMail  # Django looks for models here

TARGET_LINE = Kind(
    "target_line",
    (
        Field("created_us", "instant"),
        Field("plan", "code", tracked=True, index=True),
        Field("plan_version", "int", tracked=True),
        Field("scope_kind", "code", tracked=True),  # company, team, person
        Field("team", "ref", tracked=True, refers="team"),
        Field("person", "ref", tracked=True, refers="person", index=True),
        Field("metric", "code", tracked=True),
        Field("period", "code", tracked=True),
        Field("value", "int", tracked=True),  # the unit's smallest step
        Field("unit", "code", tracked=True),
        Field("currency", "code", tracked=True),
        Field("origin", "code", tracked=True),  # manual, import, split, phased, rolled_up, prorated
        Field("parent", "ref", tracked=True, refers="target_line"),
        Field("floor", "int"),
        Field("stretch", "int"),
    ),
)

register_kind(TARGET_LINE)
TargetLine: Any = record_model(TARGET_LINE, app_label="targets", module=__name__)

__all__ = ["TARGET_LINE", "DigestChoice", "DigestMail", "TargetLine"]
