"""Reads of what was published, and the fingerprint of an answer."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from hedef.definitions.queries import Version
from hedef.facts.queries import Pin
from hedef.kernel.errors import NotFound
from hedef.kernel.instants import iso, to_us
from hedef.ledger import queries as ledger
from hedef.publications.engine import Basis, basis_of, fingerprint_of
from hedef.publications.models import Publication


@dataclass(frozen=True)
class Published:
    """One publication as it was made. `basis` are the parts of its fingerprint; instants are microseconds UTC."""

    no: int
    kind: str
    subject: str
    body: dict[str, Any]
    body_digest: str
    fingerprint: str
    basis: dict[str, Any]
    trust: str
    as_of_us: int | None
    known_no: int
    head_digest: str
    actor: str
    made_us: int
    said_trust: dict[str, Any]

    @property
    def overrides(self) -> list[str]:
        """Blocked checks that two people let pass when it was made."""
        return list(self.basis.get("overrides", ()))

    def as_json(self) -> dict[str, Any]:
        return {
            "no": self.no,
            "kind": self.kind,
            "subject": self.subject,
            "as_of": None if self.as_of_us is None else iso(self.as_of_us),
            "known_at": self.known_no,
            "trust": self.trust,
            "reasons": self.said_trust.get("reasons", []),
            "overrides": self.overrides,
            "fingerprint": self.fingerprint,
            "body_digest": self.body_digest,
            "head_digest": self.head_digest,
            "actor": self.actor,
            "made_at": iso(self.made_us),
        }


type Definitions = Mapping[str, str] | Iterable[Version]


def basis(
    *, definitions: Definitions, pin: Pin, as_of_us: int | None, overrides: Iterable[str] = (), code: str | None = None
) -> Basis:
    """What an answer at a pin rests on. `definitions`: the versions used, or their hashes by `kind:id@version`.
    `code`: the version of Hedef that computed it (none: this one)."""
    hashes = definitions if isinstance(definitions, Mapping) else {one.reference: one.hash for one in definitions}
    return basis_of(
        hashes,
        known_no=pin.known_no,
        head_digest=head_digest(pin),
        manifest=pin.digest,
        rates=pin.rates,
        as_of_us=as_of_us,
        code_version=code or code_version(),
        overrides=tuple(overrides),
    )


def fingerprint(*, definitions: Definitions, pin: Pin, as_of_us: int | None) -> str:
    """`sha256:...` over everything that an answer rests on; equal answers of equal homes have equal ones."""
    return fingerprint_of(basis(definitions=definitions, pin=pin, as_of_us=as_of_us))


def head_digest(pin: Pin) -> str:
    """Digest of the ledger at the pin's known seal."""
    if pin.known_no == pin.watermark:
        return pin.manifest.head
    found = ledger.batches(last=1, after=pin.known_no - 1, upto=pin.known_no)
    return found[0].digest if found else ""


@cache
def code_version() -> str:
    """The version of Hedef that computes."""
    return version("hedef")


def publication(no: int) -> Published:
    """The publication of that number; NotFound otherwise."""
    row = Publication.objects.filter(no=no).first()
    if row is None:
        raise NotFound(f"There is no publication {no}.", hint="hedef publications list shows them.")
    return _published(row)


def publications(*, kind: str | None = None, subject: str | None = None, last: int = 50) -> list[Published]:
    """The newest publications first, at most `last`."""
    rows = Publication.objects.order_by("-no")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if subject is not None:
        rows = rows.filter(subject=subject)
    return [_published(row) for row in rows[:last]]


def _published(row: Publication) -> Published:
    return Published(
        no=row.no,
        kind=row.kind,
        subject=row.subject,
        body=json.loads(row.body),
        body_digest=row.body_digest,
        fingerprint=row.fingerprint,
        basis=json.loads(row.basis),
        trust=row.trust,
        as_of_us=row.as_of_us,
        known_no=row.known_no,
        head_digest=row.head_digest,
        actor=row.actor,
        made_us=to_us(row.made_at),
        said_trust=json.loads(row.said_trust or "{}"),
    )
