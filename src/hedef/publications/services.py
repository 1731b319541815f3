"""Write verbs: publish what is shown, and who tells a kind of publication again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from hedef.facts.queries import Pin, calendar
from hedef.kernel.errors import Refused
from hedef.kernel.instants import to_us
from hedef.kernel.trust import Trust
from hedef.publications.engine import canonical, digest, fingerprint_of
from hedef.publications.gate import override_line, require_trust
from hedef.publications.models import Publication
from hedef.publications.queries import Definitions, Published, basis, publication
from hedef.publications.replaying import Teller, register_teller

__all__ = ["Teller", "publish", "register_teller", "require_trust"]

type Body = Callable[[], dict[str, Any]]


def publish(
    *,
    kind: str,
    subject: str,
    body: dict[str, Any],
    definitions: Definitions,
    pin: Pin,
    as_of_us: int | None,
    trust: Trust,
    actor: str,
    made_at: datetime,
) -> Published:
    """Keep a result as it is shown, with everything it rests on. `body` is JSON without floats (TypeError for one).

    Refused on data that the trust gate has blocked, unless two people let the check pass: then the overrides stand on
    the publication and in its fingerprint. Refused at a pin that does not know the newest seals yet.
    """
    used = require_trust(trust, what=f"{kind} of {subject}", today=calendar().day_of(to_us(made_at)))
    if pin.behind:
        raise Refused("The newest changes are still being read into the facts.", hint="Try again in a moment.")
    lines = [override_line(one) for one in used]
    rests_on = basis(definitions=definitions, pin=pin, as_of_us=as_of_us, overrides=lines)
    text = canonical(body)
    with transaction.atomic():
        row = Publication.objects.create(
            kind=kind,
            subject=subject,
            body=text,
            body_digest=digest(text),
            fingerprint=fingerprint_of(rests_on),
            basis=canonical(rests_on.as_json()),
            trust=trust.level,
            said_trust=canonical(trust.as_json()),
            as_of_us=as_of_us,
            known_no=pin.known_no,
            head_digest=rests_on.head_digest,
            actor=actor,
            made_at=made_at,
        )
    return publication(row.no)
