"""`hedef targets publish`: a draft becomes simulated, approved by a second person, and effective."""

from dataclasses import dataclass
from typing import Any

from hedef.access.queries import LOCAL, approvers, resolve_actor
from hedef.definitions import queries as definitions
from hedef.definitions import services as documents
from hedef.definitions.engine import UNAPPROVED
from hedef.definitions.queries import Version
from hedef.kernel.errors import NotFound, Refused
from hedef.publications.services import require_trust
from hedef.targets.queries.plans import KIND
from hedef.targets.services.final import quota_trust
from hedef.targets.services.versions import newest


@dataclass(frozen=True)
class Published:
    """Where the version stands now, and what its trial said. `waits`: a second person must approve it."""

    version: Version
    simulation: dict[str, Any] | None
    waits: str | None = None


def publish_plan(
    *, plan: str, version: int | None = None, actor: str, may_approve: bool, reason: str = ""
) -> Published:
    """Take a version as far as the actor may: every draft is simulated; who may approve and is not its author (or has
    nobody else to ask) approves it, and from its first day on it is in force.

    NotFound for an unknown plan or version; Refused when the version is approved already, and while a check blocks the
    data that quotas rest on.
    """
    found = newest(plan) if version is None else definitions.get(KIND, plan, version)
    if found is None:
        raise NotFound(f'There is no target plan "{plan}".', hint="hedef targets split or import makes one.")
    if found.state not in UNAPPROVED:
        return Published(_effective(found, actor), None)
    said = None
    if found.state == "draft":
        said = documents.simulate(kind=KIND, id=plan, version=found.version, actor=actor, reason=reason).as_json()
    if not may_approve:
        simulated = definitions.get(KIND, plan, found.version)
        return Published(simulated, said, f"{actor} has not the right to approve; somebody who has it publishes it.")
    require_trust(quota_trust(), what=f"Quotas of {plan}@{found.version}", today=definitions.today())
    try:
        approved = documents.approve(kind=KIND, id=plan, version=found.version, actor=actor, reason=reason)
    except Refused as refused:
        if refused.error_code != "second_person_missing":
            raise
        return Published(definitions.get(KIND, plan, found.version), said, f"{refused.message} {refused.hint or ''}")
    return Published(approved, said)


def nobody_else_approves(actor: str) -> bool:
    """Whether no other living user could be the second person."""
    return not set(approvers()) - {actor}


def publish_alone(*, plan: str, actor: str, reason: str = "") -> Version:
    """Publish where nobody else could approve: a second command would only be ceremony. Else the version waits."""
    found = newest(plan)
    assert found is not None
    may = resolve_actor(None if actor == LOCAL.name else actor).can("approve")
    if not may or not nobody_else_approves(actor):
        return found
    try:
        return publish_plan(plan=plan, actor=actor, may_approve=True, reason=reason).version
    except Refused as refused:
        if refused.error_code != "trust_blocked":
            raise
        return definitions.get(KIND, plan, found.version)  # it waits; hedef targets publish says why


def _effective(version: Version, actor: str) -> Version:
    """An approved version whose day has come is marked effective; everything else stays."""
    if version.state != "approved":
        return version
    try:
        return documents.make_effective(kind=KIND, id=version.id, version=version.version, actor=actor)
    except Refused:  # its day has not come
        return version


def simulate_plan(version: Version) -> dict[str, Any]:
    """What a version would bring: how many lines, and their sums by level and period."""
    from hedef.targets.queries.lines import sums_by_level

    sums = sums_by_level(version.id, version.version)
    return {
        "lines": sum(count for *_, count in sums),
        "sums": [{"period": period, "level": level, "value": value} for period, level, value, _ in sums],
    }
