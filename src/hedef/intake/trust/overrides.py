"""A blocked check that may be passed until a day: asked for by one person, agreed to by another, listed, ended."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from hedef.access.queries import approvers
from hedef.intake.checks import CHECKS
from hedef.intake.models import ImportJob, TrustOverride
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.trust import Reason

LONGEST_DAYS = 92  # what must hold longer is mended, not passed


@dataclass(frozen=True, slots=True)
class Override:
    """An override as it stands. `state` is `asked, living, over, ended`."""

    number: int
    source: str
    object: str | None
    check: str | None
    reason: str
    until: date
    asked_by: str
    agreed_by: str | None
    self_agreed: bool
    state: str

    def covers(self, reason: Reason) -> bool:
        """True where it lets a blocked check pass."""
        named = self.source == reason.source and self.object in (None, reason.object)
        return self.state == "living" and named and self.check in (None, reason.code)

    def as_json(self) -> dict[str, Any]:
        return {
            "override": self.number,
            "source": self.source,
            "object": self.object,
            "check": self.check,
            "reason": self.reason,
            "until": self.until.isoformat(),
            "asked_by": self.asked_by,
            "agreed_by": self.agreed_by,
            "self_agreed": self.self_agreed,
            "state": self.state,
        }


def _read(row: TrustOverride, today: date) -> Override:
    state = "asked" if row.agreed_us is None else "living"
    state = "over" if today > row.until else state
    state = "ended" if row.ended_us is not None else state
    agreed = row.agreed_by or None
    scope = (row.source, row.object or None, row.check_name or None)
    return Override(row.pk, *scope, row.reason, row.until, row.asked_by, agreed, row.self_agreed, state)


def overrides(*, today: date, living: bool = False, source: str | None = None) -> list[Override]:
    """Every override, the newest first; `living`: only those that let a check pass today."""
    rows = TrustOverride.objects.all() if source is None else TrustOverride.objects.filter(source=source)
    found = [_read(row, today) for row in rows.order_by("-pk")]
    return [one for one in found if one.state == "living"] if living else found


def ask_override(
    *,
    source: str,
    object_: str | None = None,
    check: str | None = None,
    reason: str,
    until: date,
    actor: str,
    today: date,
    now_us: int,
) -> Override:
    """Ask that a blocked check of a source may be passed until a day. It counts once another person agrees."""
    if check is not None and check not in CHECKS:
        raise WrongUse(f'"{check}" is no check of the trust gate.', hint=f"Known: {', '.join(CHECKS)}.")
    if not ImportJob.objects.filter(source=source).exists():
        raise NotFound(f'There is no source "{source}".', hint="hedef check shows every source.")
    if not reason.strip():
        raise WrongUse("An override needs a reason.", hint="Say why the number may go out although a check blocks.")
    if not today <= until or (until - today).days > LONGEST_DAYS:
        message = f"An override ends between today and {LONGEST_DAYS} days from now, not on {until}."
        raise WrongUse(message, hint="What blocks for longer is mended at its source.")
    row = TrustOverride.objects.create(
        source=source,
        object=object_ or "",
        check_name=check or "",
        reason=reason.strip()[:500],
        until=until,
        asked_by=actor,
        asked_us=now_us,
    )
    return _read(row, today)


def agree_override(number: int, *, actor: str, today: date, now_us: int) -> Override:
    """A second person agrees. Where nobody else of this home may, the asker may, and the override says so."""
    with transaction.atomic():
        row = _locked(number)
        found = _read(row, today)
        if found.state != "asked":
            raise Refused(f"Override {number} is {found.state}: nothing is left to agree to.", code="wrong_state")
        others = sorted(set(approvers()) - {row.asked_by})
        if actor == row.asked_by and others:
            raise Refused(
                f"Override {number} was asked for by {row.asked_by}: a second person agrees to it.",
                hint=f"These may: {', '.join(others[:5])}.",
                code="second_person_missing",
            )
        row.agreed_by, row.agreed_us, row.self_agreed = actor, now_us, actor == row.asked_by
        row.save(update_fields=["agreed_by", "agreed_us", "self_agreed"])
    return _read(row, today)


def end_override(number: int, *, actor: str, today: date, now_us: int) -> Override:
    """Take an override back: from now on the check blocks again."""
    with transaction.atomic():
        row = _locked(number)
        if row.ended_us is None:
            row.ended_by, row.ended_us = actor, now_us
            row.save(update_fields=["ended_by", "ended_us"])
    return _read(row, today)


def _locked(number: int) -> TrustOverride:
    row = TrustOverride.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound(f"There is no override {number}.", hint="hedef publications overrides lists them.")
    return row
