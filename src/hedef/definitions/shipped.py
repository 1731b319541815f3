"""Documents that ship with Hedef or that a new home begins with: effective from always, written by `hedef`."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from hedef.definitions.checks import Reading, numbered, read_document
from hedef.definitions.kinds import DocumentKind, all_kinds
from hedef.definitions.models import Definition
from hedef.definitions.store import approved_fields, draft_fields, recording
from hedef.kernel.definition import document_hash
from hedef.ledger.services import allocate

SHIPPER = "hedef"


def ensure_shipped(actor: str = SHIPPER) -> int:
    """Add what is missing of every kind's shipped and first documents; answers the number of versions written.

    Doing it again changes nothing. A shipped file that has changed becomes the next version, from always too. Where
    people have written a version of their own since, it waits for them as a draft.
    """
    with transaction.atomic():
        known = _known()
        missing = [one for kind in all_kinds().values() for one in _missing(kind, known, actor)]
        if missing:
            first = allocate(len(missing))
            with recording(actor=actor, reason="documents that ship with Hedef") as pen:
                for place, (reading, state) in enumerate(missing):
                    approved = approved_fields(reading, actor) if state == "effective" else {}
                    pen.write(first + place, **(draft_fields(reading, actor) | approved))
    return len(missing)


type Known = dict[tuple[str, str], list[Definition]]


def _known() -> Known:
    found: Known = {}
    for row in Definition.objects.order_by("version"):
        found.setdefault((row.doc_kind, row.doc_id), []).append(row)
    return found


def _missing(kind: DocumentKind, known: Known, actor: str) -> Iterator[tuple[Reading, str]]:
    """Readings with their version number and the state they get."""
    for reading in _of_folder(kind, kind.shipped) if kind.shipped else ():
        rows = known.get((kind.name, reading.id), [])
        ours = [row for row in rows if row.author == actor]
        if not ours or document_hash(reading.data) != _hash_without_version(ours[-1]):
            yield numbered(reading, rows[-1].version + 1 if rows else 1), "effective" if rows == ours else "draft"
    for data in kind.first() if kind.first else ():
        reading = read_document(text=None, document=data, file=None)
        if (kind.name, reading.id) not in known:
            yield numbered(reading, 1), "effective"


def _hash_without_version(row: Definition) -> str:
    return document_hash({key: value for key, value in json.loads(row.body).items() if key != "version"})


@lru_cache(maxsize=64)
def _of_folder(kind: DocumentKind, folder: Path) -> tuple[Reading, ...]:
    """The documents of a folder without their version numbers; `*.cases.yaml` files are no documents."""
    files = sorted(path for path in folder.rglob("*.yaml") if not path.name.endswith(".cases.yaml"))
    found = []
    for path in files:
        reading = read_document(text=path.read_text(encoding="utf-8"), document=None, file=path.name)
        data = {key: value for key, value in reading.data.items() if key != "version"}
        found.append(Reading(kind, data, reading.document, reading.locate, path.name))
    return tuple(found)
