"""What an address of a metric page asks for, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hedef.call import Call
from hedef.facts import queries as facts
from hedef.facts.queries import Pin
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import WrongUse
from hedef.kernel.ids import spell
from hedef.metrics.page.shown import cut
from hedef.metrics.queries import resolve_scope


@dataclass(frozen=True)
class Asked:
    """`period` may be cut at `until` (the same place of a period that is over)."""

    call: Call
    metric: str
    scope: str
    by: str | None
    period: Period
    whole: Period
    until: date | None
    currency: str | None
    pin: Pin
    query: dict[str, str]

    @property
    def calendar(self) -> Calendar:
        return self.call.calendar


def read(call: Call, metric: str, given: Mapping[str, str]) -> Asked:
    """The question of an address. WrongUse for a period or day that is none, NotFound for an unknown scope."""
    whole = read_period(call, given.get("period"))
    until = read_day(given.get("until"))
    return Asked(
        call=call,
        metric=metric,
        scope=resolve_scope(given.get("scope") or "company"),
        by=given.get("by") or None,
        period=cut(whole, until),
        whole=whole,
        until=until,
        currency=given.get("currency") or None,
        pin=facts.pin(wait=False, known_no=call.known_no),
        query={name: value for name in KEPT if (value := given.get(name))},
    )


KEPT = ("scope", "by", "period", "until", "as_of", "known_at", "currency")


def own_scope(call: Call) -> str:
    """What a reader looks at without asking: the company where its total is open, else a team, else the own line."""
    if call.scope.everything or call.scope.company_total:
        return "company"
    for kind, found in (("team", call.scope.teams | call.scope.totals), ("person", call.scope.people)):
        if found:
            return f"{kind}:{spell(kind, min(found))}"
    return "company"


def read_period(call: Call, text: str | None) -> Period:
    """The named period; without one the quarter of `as_of`."""
    if not text:
        return call.calendar.period_of(call.as_of, "quarter")
    try:
        return call.calendar.period(text)
    except ValueError as fault:
        said = _("“%(text)s” is no period of the calendar.") % {"text": text}
        raise WrongUse(said, hint=_("Write 2026-Q4, 2026-11, 2026-W47 or 2026.")) from fault


def read_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        said = _("“%(text)s” is no day of the calendar. Write it as 2026-11-17.") % {"text": text}
        raise WrongUse(said) from fault
