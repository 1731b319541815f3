"""A person says of two records that they are different; nobody is asked about them again."""

from datetime import datetime

from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.records.models import MODELS, NotDuplicate


def tell_apart(*, kind: str, entity: int, other: int, actor: str, said_at: datetime, reason: str = "") -> None:
    """Keep that two records of a kind are no duplicates. NotFound for unknown ones; saying it again changes nothing."""
    if entity == other:
        raise WrongUse(f"{spell(kind, entity)} is one record, not two.")
    one, two = sorted((entity, other))
    known = set(MODELS[kind].objects.filter(entity__in=(one, two)).values_list("entity", flat=True))
    for number in (one, two):
        if number not in known:
            raise NotFound(f"There is no {kind} {spell(kind, number)}.")
    answer = {"kind": kind, "actor": actor, "reason": reason, "said_at": said_at}
    NotDuplicate.objects.get_or_create(one=one, other=two, defaults=answer)


def suspect_again(*, entity: int, other: int) -> None:
    """Take back that two records are different."""
    one, two = sorted((entity, other))
    NotDuplicate.objects.filter(one=one, other=two).delete()
