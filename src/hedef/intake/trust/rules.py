"""Limits of a source as a dated document: kind `trust-rules`, approved by a second person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hedef.definitions.kinds import DocumentKind
from hedef.intake.checks import Bound
from hedef.intake.trust.measures import Limits
from hedef.kernel.definition import Document
from hedef.kernel.issue import Issue
from hedef.kernel.yaml_source import Locate, document_issue

KIND = "trust-rules"
type MeasureName = Literal[
    "freshness", "completeness", "completeness.filled", "completeness.rows", "uniqueness", "uniqueness.suspect",
    "referential", "domain", "domain.impossible", "reconciliation", "history", "drift",
]  # fmt: skip


class Rhythm(BaseModel):
    """How often a source comes: every so many days, or working days of the company's calendar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int | None = Field(default=None, ge=1, le=400)
    working_days: int | None = Field(default=None, ge=1, le=300)

    @model_validator(mode="after")
    def _one(self) -> "Rhythm":
        if (self.days is None) == (self.working_days is None):
            raise ValueError("give either days or working_days")
        return self


class Limit(BaseModel):
    """Basis points of the measure (freshness: of the rhythm; drift: ten-thousandths of the index)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    caution: int = Field(ge=0, le=10_000_000)
    blocked: int | None = Field(default=None, ge=0, le=10_000_000)

    @model_validator(mode="after")
    def _in_order(self) -> "Limit":
        if self.blocked is not None and self.blocked < self.caution:
            raise ValueError("blocked lies below caution")
        return self


class ObjectRules(BaseModel):
    """What differs for one object (`deal`), or under `any` for all objects of the source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rhythm: Rhythm | None = None
    needed: tuple[str, ...] | None = None
    limits: dict[MeasureName, Limit] = {}


class TrustRules(Document):
    """Kind `trust-rules`: rhythm, needed fields and limits of a source; `source: any` speaks for all others."""

    kind: Literal["trust-rules"]
    source: str
    objects: dict[str, ObjectRules] = Field(default_factory=dict)


def id_of(source: str) -> str:
    """The id of the rules of a source: `acme-salesforce`."""
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")


def check(document: TrustRules, locate: Locate, file: str | None) -> list[Issue]:
    """Rules that nobody would find again, and a reconciliation that would let a difference pass."""
    issues = []
    if document.id != id_of(document.source):
        message = f'the rules of "{document.source}" have the id {id_of(document.source)}, not {document.id}'
        place = locate(("id",))
        issues.append(document_issue("id_of_source", message, file=file, place=place, hint="Write that id."))
    for name, rules in document.objects.items():
        limit = rules.limits.get("reconciliation")
        if limit is not None and (limit.caution, limit.blocked) != (0, 0):
            path = ("objects", name, "limits", "reconciliation")
            message = "any difference of a reconciliation blocks; it has no other limit"
            place = locate(path)
            issues.append(
                document_issue(
                    "reconciliation_is_exact", message, file=file, place=place, path=path, hint="Leave it out."
                )
            )
    return issues


def words(document: TrustRules) -> Mapping[str, str]:
    """The rules in one sentence a language."""
    en, tr = [], []
    for name, rules in document.objects.items():
        if rules.rhythm is not None:
            number = rules.rhythm.days or rules.rhythm.working_days
            en.append(f"{name} is expected every {number} {'days' if rules.rhythm.days else 'working days'}")
            tr.append(f"{name} her {number} {'günde' if rules.rhythm.days else 'iş gününde'} bir beklenir")
        for measure, limit in rules.limits.items():
            en.append(f"{name}, {measure}: caution above {limit.caution}, blocked above {limit.blocked}")
            tr.append(f"{name}, {measure}: {limit.caution} üstü dikkat, {limit.blocked} üstü durdurulur")
    return {"en": "; ".join(en) or "The shipped limits.", "tr": "; ".join(tr) or "Hazır sınırlar geçerlidir."}


# --- what is in force -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RulesOf:
    """The rules of one source and object: its own, then those of `any`."""

    limits: Limits
    rhythm: Rhythm | None


NO_RULES = RulesOf(Limits(), None)


def rules_of(source: str, object_: str, *, day: date | None = None, known_no: int | None = None) -> RulesOf:
    """What is in force for an object of a source on a day (none: today)."""
    from hedef.definitions.queries import in_force

    told: list[ObjectRules] = []
    for name in (id_of(source), "any"):
        version = in_force(KIND, name, day=day, known_no=known_no)
        if version is not None and isinstance(version.document, TrustRules):
            objects = version.document.objects
            told += [objects[one] for one in (object_, "any") if one in objects]
    return together(told)


def any_rules(*, known_no: int | None = None) -> bool:
    """Whether this home has limits of its own at all."""
    from hedef.definitions.queries import list_in_force

    return bool(list_in_force(KIND, known_no=known_no))


def together(told: Sequence[ObjectRules]) -> RulesOf:
    """Rules one behind the other: the first that speaks of something counts."""
    bounds: dict[str, Bound] = {}
    for rules in reversed(told):
        bounds |= {name: Bound(limit.caution, limit.blocked) for name, limit in rules.limits.items()}
    needed = next((rules.needed for rules in told if rules.needed is not None), None)
    rhythm = next((rules.rhythm for rules in told if rules.rhythm is not None), None)
    return RulesOf(Limits(bounds, needed), rhythm)


def limits_of(source: str, object_: str) -> Limits:
    """The limits in force today."""
    return rules_of(source, object_).limits


def simulate(version: Any) -> Mapping[str, Any]:
    """Which newest states would have another level under these rules."""
    from hedef.intake.trust.states import judged_again, newest_states

    document = version.document
    sources = None if document.source == "any" else [document.source]
    changed = []
    for state in newest_states(sources=sources):
        told = [document.objects[one] for one in (state.object, "any") if one in document.objects]
        level = judged_again(state, together(told).limits)
        if level != state.level:
            changed.append(
                {
                    "source": state.source,
                    "object": state.object,
                    "check": state.check_name,
                    "level": state.level,
                    "would_be": level,
                    "measured": state.measured,
                }
            )
    return {"changed": changed}


TRUST_RULES = DocumentKind(
    name=KIND,
    model=TrustRules,
    check=check,
    words=words,
    simulate=simulate,
)
