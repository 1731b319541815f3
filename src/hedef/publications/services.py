"""The one write verb: publish."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from hedef.facts.queries import Pin
from hedef.kernel.errors import Refused
from hedef.kernel.trust import Trust
from hedef.publications.engine import canonical, digest, fingerprint_of
from hedef.publications.models import Publication
from hedef.publications.queries import Definitions, Published, basis, publication


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
    """Keep a result as it is shown, with everything it rests on. `body` is JSON without floats
    (TypeError for one).

    Refused on data that the trust gate has blocked, and at a pin that does not know the newest seals yet.
    """
    if trust.level == "blocked":
        raise Refused(
            f"{kind} of {subject} rests on blocked data and cannot be published: {'; '.join(trust.reasons)}.",
            hint="hedef check names the rows.",
            code="trust_blocked",
        )
    if pin.behind:
        raise Refused("The newest changes are still being read into the facts.", hint="Try again in a moment.")
    rests_on = basis(definitions=definitions, pin=pin, as_of_us=as_of_us)
    text = canonical(body)
    with transaction.atomic():
        row = Publication.objects.create(
            kind=kind,
            subject=subject,
            body=text,
            body_digest=digest(text),
            fingerprint=fingerprint_of(rests_on),
            basis=canonical(asdict(rests_on)),
            trust=trust.level,
            as_of_us=as_of_us,
            known_no=pin.known_no,
            head_digest=rests_on.head_digest,
            actor=actor,
            made_at=made_at,
        )
    return publication(row.no)
