"""Words that are kept no longer than a setting allows: leads, contacts, people who left. Numbers are kept for ever."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from hedef.kernel.instants import to_us
from hedef.ledger.acts import Retained
from hedef.records.engine.kinds import KINDS
from hedef.records.models import MODELS
from hedef.records.services.erase import erase_words

_AT_ONCE = 5_000  # records of one batch
_REASONS = {
    "lead": "kept for its time: never converted",
    "contact": "kept for its time: no deal",
    "person": "kept for its time: left the company",
}


def apply_retention(*, on: datetime, actor: str, dry_run: bool = False) -> Retained:
    """Blank the words whose time is over at `on`; answers how many records of each kind, and the batches.

    Leads that were never converted and contacts whose account has no deal: counted from their newest change. People:
    from the day they left; their number stands in place of the name. A kind with 0 months keeps its words for ever.
    """
    found = {kind: sorted(_over(kind, on)) for kind in _REASONS}
    batches: list[int] = []
    for kind, entities in found.items():
        for start in range(0, 0 if dry_run else len(entities), _AT_ONCE):
            part = entities[start : start + _AT_ONCE]
            done = erase_words(kind, part, actor=actor, reason=_REASONS[kind], asked=False)
            batches += [] if done.batch is None else [done.batch]
    return Retained({kind: len(entities) for kind, entities in found.items()}, tuple(batches))


def _over(kind: str, on: datetime) -> Iterator[int]:
    months: int = getattr(settings.HEDEF, f"{kind}_months")
    if not months:
        return
    before = _earlier(on, months)
    rows = MODELS[kind].objects.filter(_worded(kind))
    if kind == "person":
        rows = rows.filter(left_on__lt=before.date())
    else:
        rows = rows.filter(last_effective_us__lt=to_us(before))
    if kind == "lead":
        rows = rows.filter(converted_us__isnull=True, converted_deal__isnull=True)
    if kind == "contact":
        deals = MODELS["deal"].objects
        rows = rows.exclude(entity__in=deals.filter(contact__isnull=False).values("contact"))
        rows = rows.filter(
            Q(account__isnull=True) | ~Q(account__in=deals.filter(account__isnull=False).values("account"))
        )
    yield from rows.values_list("entity", flat=True)


def _worded(kind: str) -> Q:
    """Records that still have a word."""
    some = Q()
    for name in KINDS[kind].words:
        some |= Q(**{f"{name}__isnull": False})
    return some


def _earlier(on: datetime, months: int) -> datetime:
    place = on.year * 12 + on.month - 1 - months
    year, month = divmod(place, 12)
    return on.replace(year=year, month=month + 1, day=min(on.day, monthrange(year, month + 1)[1]))
