"""What somebody may do with a version now, and where not, why not: the same sentences on every page."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hedef.definitions.engine import NEXT_STATES, UNAPPROVED
from hedef.definitions.kinds import kind_named
from hedef.definitions.queries import Version, today, versions
from hedef.definitions.services import authors_of, second_people

type Can = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Act:
    """One step; `why_not` is empty when it may be taken, `means` says what it does."""

    name: str
    label: str
    means: str
    why_not: str = ""
    primary: bool = False

    @property
    def allowed(self) -> bool:
        return not self.why_not


def acts_of(version: Version, *, actor: str, can: Can) -> list[Act]:
    """The steps that the newest living version may take, in their order; each with the reason why it may not."""
    steps = (step(version, actor, can) for step in (_simulate, _approve, _effective, _undo))
    return [act for act in steps if act is not None]


def may_write(can: Can) -> str:
    """Why somebody may not write definitions; empty when they may."""
    return "" if can("write_definition") else _("Only operations write definitions.")


def waits_for(version: Version, *, actor: str, can: Can) -> str:
    """What a version waits for from this person: `approve`, `simulate`, `effective`, or nothing."""
    acts = {act.name: act for act in acts_of(version, actor=actor, can=can)}
    for name in ("effective", "approve", "simulate"):
        act = acts.get(name)
        if act is None or not act.allowed:
            continue
        if name != "simulate" or (version.author == actor and version.state == "draft"):
            return name
    return ""


def _simulate(version: Version, _actor: str, can: Can) -> Act | None:
    if "simulated" not in NEXT_STATES[version.state]:
        return None
    again = version.state == "simulated"
    label = _("Simulate again") if again else _("Simulate")
    means = _("Runs its cases and shows what would change. Nothing happens yet.")
    return Act("simulate", label, means, may_write(can), primary=not again)


def _approve(version: Version, actor: str, can: Can) -> Act | None:
    if version.state not in UNAPPROVED:
        return None
    day = version.effective_from
    means = _("From then on it counts from its first day.") if day and day > today() else _("It counts at once.")
    return Act("approve", _("Approve"), means, _not_approved(version, actor, can), primary=version.state == "simulated")


def _not_approved(version: Version, actor: str, can: Can) -> str:
    kind = kind_named(version.kind)
    if not can(kind.approve_right):
        return _("Your role does not approve definitions of this kind.")
    if version.state == "draft":
        return _("Simulate it first: its cases run, and you see what would change.")
    authors = authors_of(version.entity)
    if kind.second_person and actor in authors and (others := second_people(version.kind, authors)):
        names = ", ".join(others[:5])
        return _("You wrote at it: a second person approves it. These may: %(names)s.") % {"names": names}
    return ""


def _effective(version: Version, _actor: str, can: Can) -> Act | None:
    if version.state != "approved":
        return None
    why = "" if can("write_definition") or can("approve") else may_write(can)
    if not why and version.effective_from is not None and version.effective_from > today():
        why = _("Its first day has not come.")
    return Act("effective", _("Make effective"), _("It counts from its first day on; this only marks it."), why)


def _undo(version: Version, _actor: str, can: Can) -> Act | None:
    if version.state == "retired":
        return None
    if version.state in UNAPPROVED:
        return Act("undo", _("Withdraw"), _("The draft goes; what is in force stays."), may_write(can))
    if version.effective_from is not None and version.effective_from > today():
        return Act("undo", _("Take back"), _("It is withdrawn before its first day."), may_write(can))
    former = [one for one in versions(version.kind, version.id) if one.approver and one.version < version.version]
    why = may_write(can)
    if not why and not former:
        why = _("There is no version before it.")
    means = _("Writes a new draft that says what the version before it said; a second person approves it.")
    return Act("undo", _("Take back"), means, why)
