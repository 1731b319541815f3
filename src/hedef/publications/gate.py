"""The door of everything that closes, locks or publishes: shut while a check blocks, unless two people agreed."""

from collections.abc import Iterable
from datetime import date

from hedef.intake.trust.overrides import Override, overrides
from hedef.intake.trust.steps import next_step
from hedef.kernel.errors import Refused
from hedef.kernel.issue import Issue, Source
from hedef.kernel.trust import Reason, Trust


def require_trust(trust: Trust, *, what: str, today: date) -> tuple[Override, ...]:
    """The overrides by which `what` may go out although checks block; none where nothing blocks.

    Refused with every blocked check that no living override covers: check, rows, file and next step. Looking is never
    refused: only closing, locking and publishing ask here.
    """
    if trust.level != "blocked":
        return ()
    blocked = [one for one in trust.reasons if isinstance(one, Reason) and one.level == "blocked"]
    living = overrides(today=today, living=True)
    used, open_ = _covered(blocked, living)
    if blocked and not open_:
        return used
    said = "; ".join(str(one) for one in open_) or "; ".join(str(one) for one in trust.reasons)
    raise Refused(
        f"{what} rests on blocked data: {said}.",
        hint=next_step(open_[0]) if open_ else "hedef check names the rows.",
        issues=[_issue(one) for one in open_],
        code="trust_blocked",
    )


def _covered(blocked: Iterable[Reason], living: Iterable[Override]) -> tuple[tuple[Override, ...], list[Reason]]:
    known = list(living)
    used: dict[int, Override] = {}
    left = []
    for reason in blocked:
        one = next((one for one in known if one.covers(reason)), None)
        if one is None:
            left.append(reason)
        else:
            used[one.number] = one
    return tuple(used[number] for number in sorted(used)), left


def override_line(one: Override) -> str:
    """An override as it is printed on a publication and hashed into its fingerprint."""
    scope = f"{one.object or 'everything'} of {one.source}"
    people = f"{one.asked_by} and {one.agreed_by}"
    return f"{one.number}: {one.check or 'every check'} of {scope} until {one.until}, {people}: {one.reason}"


def _issue(reason: Reason) -> Issue:
    place = Source(file=reason.file) if reason.file else None
    return Issue(f"{reason.code}_blocked", "error", f"{reason}.", place, reason.object, next_step(reason))
